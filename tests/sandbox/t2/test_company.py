"""Employees, managers with their customers, and the blacklist."""

import pytest

from sandbox.t2 import Employee, Quirks, T2Office
from tests.sandbox.t2.program import Api

NEW = "79000012377"
LOST = {"details": "Object not found", "message": "Object not found"}


async def test_employees_are_listed_with_what_is_known_of_them(pbx: T2Office, api: Api) -> None:
    pbx.office.employees[5412] = Employee(5412)
    found = await api("GET", "/employees")
    assert found[0] == {
        "employeeId": 433,
        "name": "Павел",
        "surname": "Новиков",
        "fullNumber": "79000001101",
        "shortNumber": "101",
        "email": "pavel@vasilek.example",
    }
    assert found[-1] == {"employeeId": 5412}


def manager(**more: object) -> dict[str, object]:
    customer = {"realNumber": NEW, "companyName": "Ромашка", "isVip": True}
    return {"employeeId": 452, "name": "Никита", "customers": [customer], "handleAllCustomers": False, **more}


async def test_a_manager_is_added_read_changed_and_removed(pbx: T2Office, api: Api) -> None:
    assert await api("POST", "/managers", manager()) == "SUCCESS"
    added = (await api("GET", "/managers"))[-1]
    path = f"/managers/{added['id']}"
    customer = {"id": added["customers"][0]["id"], "realNumber": NEW, "companyName": "Ромашка", "isVip": True}
    assert added == {"id": added["id"], "companyId": 559, **manager(customers=[customer])}
    assert await api("PUT", "/managers", {**added, "name": "Никита Ф."}) == "SUCCESS"
    assert (await api("GET", path)) == {**added, "name": "Никита Ф."}
    assert await api("DELETE", path) == ""
    assert await api("GET", path, status=404) == LOST
    assert await api("DELETE", path, status=404) == LOST


async def test_a_customer_belongs_to_one_manager(pbx: T2Office, api: Api) -> None:
    taken = manager(customers=[{"realNumber": "79000001201"}])
    assert await api("POST", "/managers", taken) == "CUSTOMER_ALREADY_ASSIGNED"
    assert len(pbx.office.managers) == 1


async def test_only_one_manager_handles_all_customers(api: Api) -> None:
    assert await api("POST", "/managers", manager(handleAllCustomers=True)) == "SUCCESS"
    second = {"employeeId": 461, "handleAllCustomers": True}
    assert await api("POST", "/managers", second) == "MANAGER_HANDLING_ALL_CUSTOMERS_ALREADY_EXISTS"


async def test_a_changed_managers_404_comes_without_details(api: Api) -> None:
    bare = {"message": "Object not found"}
    assert await api("PUT", "/managers", manager(id=1), status=404) == bare
    assert await api("PUT", "/managers", manager(id=26, employeeId=1), status=404) == bare


@pytest.mark.parametrize(
    ("method", "body", "name"),
    [
        ("POST", manager(id=45), "id"),
        ("PUT", manager(), "id"),
        ("POST", {"name": "Никита"}, "employeeId"),
        ("POST", manager(employeeId="452"), "employeeId"),
        ("POST", manager(mood="good"), "mood"),
        ("POST", manager(customers=[{"name": "Ирина"}]), "customers.0.realNumber"),
        ("POST", "not json", "manager"),
    ],
)
async def test_a_manager_that_is_not_whole_is_refused(api: Api, method: str, body: object, name: str) -> None:
    refused = await api(method, "/managers", body, status=400)
    assert refused == {"details": "Bad request", "message": f"Wrong parameter {name}"}


async def test_the_blacklist_takes_a_bare_body_or_a_query_parameter(api: Api) -> None:
    assert await api("POST", "/blacklist", NEW, Content_Type="html/text") == "SUCCESS"
    assert await api("POST", f"/blacklist?msisdn={NEW}") == "DUPLICATE_BLACK_LIST_NUMBER"
    assert await api("POST", "/blacklist?msisdn=79000012378") == "SUCCESS"
    found = await api("GET", "/blacklist")
    assert found[0] == {"id": 10622, "number": "79000001299", "sourceType": "MANUAL"}
    assert [one["number"] for one in found[1:]] == [NEW, "79000012378"]


async def test_the_blacklist_is_shortened_by_one_or_emptied(api: Api) -> None:
    await api("POST", "/blacklist", NEW)
    assert await api("DELETE", "/blacklist/by-msisdn/79000001299") == "SUCCESS"
    assert [one["number"] for one in await api("GET", "/blacklist")] == [NEW]
    assert await api("DELETE", "/blacklist/all") == "SUCCESS"
    assert await api("GET", "/blacklist") == []


@pytest.mark.parametrize("number", ["+79000012377", "89000012377", "7900001237", '{"msisdn": "79000012377"}'])
async def test_the_blacklist_wants_its_own_spelling(pbx: T2Office, api: Api, number: str) -> None:
    assert (await api("POST", "/blacklist", number, status=400))["message"] == "Wrong parameter msisdn"
    assert len(pbx.office.blacklist) == 1


async def test_words_may_be_quoted(pbx: T2Office, api: Api) -> None:
    pbx.quirks = Quirks(quoted_words=True)
    async with api.session.delete(
        f"{pbx.url}/crm/openapi/blacklist/all", headers={"Authorization": api.token}
    ) as response:
        assert await response.text() == '"SUCCESS"'
