"""What the desk asks of a VATS."""

import json
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from pbx.errors import AuthFailed, BadPayload, Rejected
from pbx.vats_rest.phone_system import VatsRest
from pbx.vocabulary import (
    Blocked,
    Department,
    Employee,
    LineState,
    Member,
    OperatorLine,
    OurNumber,
    RecordingRules,
    Registration,
    Role,
    SimCard,
    StartedCall,
    Tried,
)
from tests.pbx.vats_rest.vats_account import KEY, NOW, Account, fixture


def said(name: str) -> Any:
    return json.loads(fixture(name))


async def test_employees_with_their_numbers_and_roles(account: Account, vats: VatsRest) -> None:
    account.will("GET /users", said("users_with_status.json"))
    admin, director, user = await vats.employees()
    assert account.asked == ["GET /users?with=status"]
    assert (admin.login, admin.role, director.role) == ("admin", Role.MANAGER, Role.MANAGER)
    assert user == Employee(
        login="user1",
        name="Пользователь",
        extension="702",
        numbers=("+79261904198",),
        registration=Registration.OFFLINE,
        aliases=("702",),
    )
    assert user.answers_to("702")


async def test_a_direct_number_and_an_e_mail_name_an_employee_too(account: Account, vats: VatsRest) -> None:
    one = {"login": "anna", "name": "", "telnum": "74951904198", "mobile": "8 (926) 190-41-98", "role": "group_head"}
    account.will("GET /users", {"items": [one | {"email": "anna@example.com", "ext": 701, "status": None}]})
    assert await vats.employees() == [
        Employee(
            login="anna",
            name="anna",
            extension="701",
            numbers=("+79261904198", "+74951904198"),
            email="anna@example.com",
            role=Role.MANAGER,
            aliases=("701", "anna@example.com"),
        )
    ]


async def test_a_role_of_the_company_s_own_is_an_employee_s(account: Account, vats: VatsRest) -> None:
    account.will("GET /users", [{"login": "1", "role": "custom_542e"}, {"login": "2", "role": "restricted_user"}])
    assert [employee.role for employee in await vats.employees()] == [Role.EMPLOYEE, Role.EMPLOYEE]


async def test_pages_are_followed_until_next_is_absent(account: Account, vats: VatsRest) -> None:
    pages = [
        {"items": [{"login": "a"}], "info": {"start": 0, "limit": 1, "total": 3, "next": 1}},
        {"items": [{"login": "b"}], "info": {"start": 1, "limit": 1, "total": 3, "next": "2"}},
        {"items": [{"login": "c"}], "info": {"start": 2, "limit": 1, "total": 3}},
    ]
    account.will("GET /users", *pages)
    assert [employee.login for employee in await vats.employees()] == ["a", "b", "c"]
    assert account.asked == [
        "GET /users?with=status",
        "GET /users?with=status&start=1",
        "GET /users?with=status&start=2",
    ]


@pytest.mark.parametrize("following", [0, -1, None, "", "soon", 1.5, True])
async def test_a_next_that_leads_nowhere_ends_the_list(account: Account, vats: VatsRest, following: Any) -> None:
    account.will("GET /users", {"items": [{"login": "a"}], "info": {"next": following}})
    assert [employee.login for employee in await vats.employees()][:1] == ["a"]
    assert len(account.asked) <= 2


async def test_empty_pages_without_end_are_an_end(account: Account, vats: VatsRest) -> None:
    account.will("GET /users", *({"items": [], "info": {"next": following}} for following in range(1, 100)))
    assert await vats.employees() == []
    assert len(account.requests) == 1


async def test_departments_with_who_takes_their_calls(account: Account, vats: VatsRest) -> None:
    account.will("GET /groups", said("groups.json"))
    supply, sales = await vats.departments()
    assert supply.members == (Member("admin", receives_calls=True), Member("ivan", receives_calls=False))
    assert (sales.id, sales.name, sales.extension, len(sales.members)) == ("sales", "Отдел продаж", "700", 3)


async def test_a_head_of_a_department(account: Account, vats: VatsRest) -> None:
    account.will("GET /groups", [{"id": "sales", "users": [{"login": "anna", "group_head": True}]}])
    assert await vats.departments() == [Department("sales", "sales", None, (Member("anna", None, is_head=True),))]


async def test_our_numbers_and_where_their_calls_go(account: Account, vats: VatsRest) -> None:
    account.will("GET /telnums", said("telnums_crm_false.json"))
    assert await vats.our_numbers() == [
        OurNumber("+79262005060", enabled=True, route="Администратор"),
        OurNumber("+79264010121", enabled=True, route="Отдел продаж"),
    ]


async def test_a_number_by_the_clock_names_both_routes(account: Account, vats: VatsRest) -> None:
    route = {
        "telnum": "79262005060",
        "name": "Главный",
        "disabled": True,
        "type": "scheduler",
        "work": {"type": "ivr", "ivr": {"name": "Меню"}},
        "other": {"subtype": "telnum", "telnum": "79261904198"},
    }
    account.will("GET /telnums", [route, {"telnum": "sip-line", "type": "fax"}])
    assert await vats.our_numbers() == [
        OurNumber("+79262005060", "Главный", enabled=False, route="Меню / 79261904198"),
        OurNumber("sip-line", enabled=None, route="fax"),
    ]


async def test_a_call_is_started_with_bare_digits(account: Account, vats: VatsRest) -> None:
    account.will("POST /makecall", said("makecall_with_clid.json"))
    assert await vats.make_call("701", "+74952005060") == StartedCall(id="2015948553", at=NOW)
    assert account.body() == {"phone": "74952005060", "user": "701"}


async def test_a_started_call_may_have_no_id(account: Account, vats: VatsRest) -> None:
    account.will("POST /makecall", {})
    assert (await vats.make_call("701", "+74952005060")).id is None


@pytest.mark.parametrize(
    ("meaning", "state", "receives"),
    [
        ("receiving", True, True),
        ("receiving", False, False),
        ("do_not_disturb", True, False),
        ("do_not_disturb", False, True),
    ],
)
async def test_do_not_disturb_by_either_meaning(account: Account, meaning: str, state: bool, receives: bool) -> None:
    vats = account.vats(dnd_state=meaning)
    account.will("GET /users/admin/dnd", {"state": state})
    assert await vats.receives_calls("admin") is receives
    await vats.set_receives_calls("admin", receives)
    assert account.asked[-1] == ("POST" if state else "DELETE") + " /users/admin/dnd"
    await vats.close()


async def test_the_literal_reading_of_do_not_disturb_is_the_default(account: Account, vats: VatsRest) -> None:
    account.will("GET /users/admin/dnd", said("dnd_state_true.json"))
    assert await vats.receives_calls("admin") is True


@pytest.mark.parametrize(
    ("department", "receives", "asked"),
    [
        ("sales", True, "POST /users/admin/subscription?group_id=sales"),
        ("sales", False, "DELETE /users/admin/subscription?group_id=sales"),
        (None, True, "POST /users/admin/subscription"),
        (None, False, "DELETE /users/admin/subscription"),
    ],
)
async def test_calls_of_a_department(
    account: Account, vats: VatsRest, department: str | None, receives: bool, asked: str
) -> None:
    await vats.set_receives_department_calls("admin", department, receives)
    assert account.asked == [asked]


async def test_a_number_is_switched(account: Account, vats: VatsRest) -> None:
    await vats.set_number_enabled("+79262005060", False)
    await vats.set_number_enabled("+79262005060", True)
    assert account.asked == ["DELETE /telnums/79262005060/enabled", "POST /telnums/79262005060/enabled"]


async def test_people_are_added_to_a_department_and_taken_out(account: Account, vats: VatsRest) -> None:
    await vats.add_to_department("ivan", "sales")
    assert account.body() == {"add": ["ivan"]}
    await vats.remove_from_department("ivan", "sales")
    assert account.body() == {"remove": ["ivan"]}
    assert account.asked == ["POST /groups/sales/users"] * 2


async def test_sim_cards_and_whose_they_are(account: Account, vats: VatsRest) -> None:
    account.will("GET /sims", said("sims.json"))
    assert await vats.sim_cards() == [
        SimCard("+79262005060", "Администратор", enabled=True),
        SimCard("+79264010121", None, is_shared=True, enabled=True),
    ]
    await vats.switch_sim_card_off("+79262005060")
    assert account.asked[-1] == "POST /sims/79262005060/disable"


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, LineState.UP),
        ({"status": "Error"}, LineState.DOWN),
        ({"status": "error", "active": False}, LineState.OFF),
        ({"status": "registering"}, LineState.UNKNOWN),
        ({"status": None}, LineState.UNKNOWN),
    ],
)
async def test_operator_lines(account: Account, vats: VatsRest, told: dict[str, Any], state: LineState) -> None:
    line = said("sip_registration.json") | told
    account.will("GET /sip-registrations", {"items": [line]})
    assert await vats.operator_lines() == [OperatorLine("+79262005060", "Тест", "regtest.com", state)]


async def test_whose_calls_are_not_recorded(account: Account, vats: VatsRest) -> None:
    account.will("GET /record", {"external": True, "users_exception": [{"login": "ivan", "name": "Иван"}]})
    assert await vats.recording_rules() == RecordingRules(clients=True, exceptions=("ivan",))
    await vats.set_recorded("anna", False)
    assert account.body() == ["anna"]
    await vats.set_recorded("ivan", True)
    assert account.asked[1:] == ["POST /record/users-exception", "DELETE /record/users-exception?user=ivan"]


async def test_the_blacklist_and_its_ranges(account: Account, vats: VatsRest) -> None:
    account.will("GET /blacklist/telnums", said("blacklist_with_a_range.json"))
    rows = await vats.blacklist()
    assert rows[0] == Blocked("+74951904198", "123")
    assert rows[-1] == Blocked("749512345*", "Спам")


async def test_a_range_that_looks_like_a_number_stays_a_range(account: Account, vats: VatsRest) -> None:
    account.will("GET /blacklist/telnums", [{"telnum": "7910123456*"}])
    assert await vats.blacklist() == [Blocked("7910123456*")]


async def test_numbers_are_blocked_as_the_pbx_wants_them(account: Account, vats: VatsRest) -> None:
    await vats.block("+79267616794", "Спам")
    assert account.body() == [{"telnum": "79267616794", "comment": "Спам"}]
    await vats.block("749512345*")
    assert account.body() == [{"telnum": "749512345*", "comment": ""}]


async def test_a_number_is_unblocked_as_the_pbx_has_it_written(account: Account, vats: VatsRest) -> None:
    account.will("GET /blacklist/telnums", [{"telnum": "89267616794"}, {"telnum": "749512345*"}])
    await vats.unblock("+79267616794")
    await vats.unblock("749512345*")
    await vats.unblock("+79261904198")
    assert [asked for asked in account.asked if asked.startswith("DELETE")] == [
        "DELETE /blacklist/telnums?telnum=89267616794",
        "DELETE /blacklist/telnums?telnum=749512345*",
        "DELETE /blacklist/telnums?telnum=79261904198",
    ]


async def test_anonymous_calls(account: Account, vats: VatsRest) -> None:
    account.will("GET /blacklist/block-anonymous", said("block_anonymous_on.json"))
    assert await vats.blocks_anonymous() is True
    await vats.set_blocks_anonymous(True)
    await vats.set_blocks_anonymous(False)
    assert account.asked[1:] == ["POST /blacklist/block-anonymous", "DELETE /blacklist/block-anonymous"]


async def test_check_shows_how_most_employees_read(account: Account, vats: VatsRest) -> None:
    account.will("GET /users", said("users_with_status.json"))
    account.will("GET /users/admin/dnd", {"state": True})
    account.will("GET /users/director/dnd", {"state": False})
    account.will("GET /users/user1/dnd", {"state": True})
    assert await vats.check() == Tried(3, asked=3, receiving=2)


async def test_check_makes_do_with_a_key_that_may_see_only_names(account: Account, vats: VatsRest) -> None:
    account.will("GET /users", said("users_with_status.json"))
    account.will("GET /users/admin/dnd", httpx.Response(403, text="Don't have permission to access"))
    assert await vats.check() == Tried(3, asked=3)


async def test_a_missing_right_is_named(account: Account, vats: VatsRest) -> None:
    account.will("POST /blacklist/telnums", httpx.Response(403, json={"error": "Don't have permission to access"}))
    with pytest.raises(AuthFailed) as refusal:
        await vats.block("+79267616794")
    assert refusal.value.missing_right == "Черный список → Создание"
    assert "Черный список → Создание" in str(refusal.value)


@pytest.mark.parametrize(
    ("told", "meaning"),
    [
        ("CRM disabled", "not available"),
        ("Invalid token", "the key is wrong"),
        ("CRM switched off", "switched off"),
        ("Go away", "refuses the key"),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "word"])
async def test_a_refused_key_says_why(account: Account, vats: VatsRest, told: str, meaning: str, form: str) -> None:
    replies = {
        "text": httpx.Response(401, text=told),
        "json": httpx.Response(401, json={"error": told}),
        "word": httpx.Response(401, json=told),
    }
    account.will("GET /users", replies[form])
    with pytest.raises(AuthFailed, match=meaning):
        await vats.employees()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "Validation error"}', "Validation error"),
        (b"Validation error", "Validation error"),
        (b'{"message": {"phone": "required"}}', "{'phone': 'required'}"),
        (b"<html>Bad request</html>", ""),
        (b"", ""),
        (f"the key {KEY} may not".encode(), "the key … may not"),
    ],
)
async def test_a_refusal_gives_the_pbx_s_own_words(
    account: Account, vats: VatsRest, body: bytes, reason: str
) -> None:
    account.will("POST /makecall", httpx.Response(400, content=body))
    with pytest.raises(Rejected) as refusal:
        await vats.make_call("admin", "+74952005060")
    assert refusal.value.reason == reason


@pytest.mark.parametrize("body", [b"<html>", b'{"items": 1}', b'"users"', b"[1]", b'[{"name": "no login"}]'])
async def test_an_unpromised_answer_is_a_bad_payload(account: Account, vats: VatsRest, body: bytes) -> None:
    account.will("GET /users", httpx.Response(200, content=body))
    with pytest.raises(BadPayload) as refusal:
        await vats.employees()
    assert refusal.value.body == body


async def test_a_field_of_another_type_costs_only_itself(account: Account, vats: VatsRest) -> None:
    odd = {"telnum": 79262005060, "disabled": "perhaps", "ivr": "menu", "custom_routes": {"id": "1"}, "schedule": []}
    account.will("GET /telnums", [odd | {"new_field": 1}])
    (number,) = await vats.our_numbers()
    assert number == OurNumber("+79262005060")
    account.will("GET /telnums", [odd | {"new_field": 1}])
    (telnum,) = [one async for one in vats.client.telnums()]
    assert telnum.model_extra == {"new_field": 1}
    assert telnum.custom_routes[0].id == "1"


async def test_names_are_escaped_in_paths(account: Account, vats: VatsRest) -> None:
    await vats.client.delete_user("a/b?c#d é")
    assert account.requests[0].url.raw_path == b"/crmapi/v1/users/a%2Fb%3Fc%23d%20%C3%A9"


async def test_switches_are_tried_again_and_additions_are_not(account: Account, vats: VatsRest) -> None:
    account.will("POST /users/admin/dnd", httpx.Response(502), httpx.Response(204))
    await vats.set_receives_calls("admin", True)
    assert len(account.requests) == 2


async def test_the_office_s_country_counts_unless_the_pbx_has_its_own(account: Account) -> None:
    assert account.vats().country == "RU"
    assert account.vats(country="by").country == "BY"


@pytest.mark.parametrize("missing", ["key", "webhook_token"])
def test_a_configuration_without_its_secrets_is_refused(account: Account, missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        account.config(**{missing: " "})


def test_the_api_s_own_path_may_end_the_url(account: Account) -> None:
    for url in ("https://vats.example.by/crmapi/v1", "https://vats.example.by/", "https://vats.example.by"):
        assert account.config(url=url).api_url == "https://vats.example.by/crmapi/v1"
