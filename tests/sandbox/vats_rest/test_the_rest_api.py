"""The API over real HTTP: keys and refusals, paging, and that what is changed stays changed."""

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.vats_rest import Answered, NobodyAnswers, Outage, VatsOffice
from sandbox.vats_rest.server import routes
from tests.sandbox.vats_rest.program import Api, Clock

CLIENT = "79000012345"


@pytest.mark.parametrize("key", [None, "", "wrong"])
async def test_without_the_key_everything_is_refused(api: Api, key: str | None) -> None:
    for path in ("/users", "/history/json", "/nonsense"):
        assert await api("GET", path, key=key, status=401) == {"error": "Invalid token"}


async def test_a_weak_key_may_only_what_it_may(api: Api) -> None:
    assert (await api("GET", "/telnums", key="weak"))["info"]["total"] == 3
    assert len((await api("GET", "/users", key="weak"))["items"]) == 5
    refused = await api("GET", "/blacklist/telnums", key="weak", status=403)
    assert refused == {"error": "Don't have permission to access"}
    await api("POST", "/users", {"name": "Новый"}, key="weak", status=403)


async def test_a_wrong_method_is_405(api: Api) -> None:
    assert await api("PATCH", "/users", status=405) == {"error": "Method Not Allowed"}


async def test_every_operation_of_the_manual_is_there() -> None:
    """Sections 4 to 18; calls in one department and in all of them share a path."""
    assert len({(route.method, route.path) for route in routes()}) == 100


@pytest.mark.parametrize("path", ["/users", "/groups", "/telnums", "/sims"])
async def test_lists_page_until_next_is_absent(api: Api, path: str) -> None:
    whole = await api("GET", path)
    assert "next" not in whole["info"]
    found: list[Any] = []
    start: int | None = 0
    while start is not None:
        part = await api("GET", f"{path}?start={start}&limit=2")
        assert part["info"]["total"] == len(whole["items"])
        found += part["items"]
        start = part["info"].get("next")
    assert found == whole["items"]


async def test_a_list_can_be_searched(api: Api) -> None:
    found = await api("GET", "/users?search=волк&with=status")
    assert [(one["login"], one["status"]) for one in found["items"]] == [("igor", "online")]
    assert found["info"] == {"search": "волк", "start": 0, "limit": 50, "total": 1}


@pytest.mark.parametrize("path", ["/users?limit=0", "/users?start=x", "/users?colour=red", "/users/nobody"])
async def test_bad_parameters_are_a_validation_error(api: Api, path: str) -> None:
    assert (await api("GET", path, status=400))["error"] == "Validation error"


async def test_an_employee_is_added_edited_and_removed(api: Api) -> None:
    added = await api("POST", "/users", {"name": "Пётр"})
    assert (added["login"], added["role"], added["position"]) == (f"u{added['ext']}", "user", "Менеджер")
    edited = await api("PUT", f"/users/{added['ext']}", {"ext": "799", "role": "custom_1"})
    assert (edited["name"], edited["ext"], edited["role"]) == ("Пётр", "799", "custom_1")
    assert await api("GET", "/users/799") == edited
    await api("POST", "/groups/sales/users", {"add": [added["login"]], "position": 0}, status=204)
    assert (await api("GET", "/groups/sales"))["users"][0]["login"] == added["login"]
    await api("DELETE", "/users/799", status=204)
    await api("GET", "/users/799", status=400)
    assert added["login"] not in {m["login"] for m in (await api("GET", "/groups/sales"))["users"]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "П", "ext": "701"},
        {"name": "П", "login": "anna"},
        {"name": "П", "role": "king"},
        {"name": "П", "mobile_redirect": {"enabled": True}},
        {"name": "П", "mobile": "79000000099", "mobile_redirect": {"enabled": True, "delay": 16}},
    ],
)
async def test_an_employee_who_can_not_be_is_not_added(api: Api, body: object) -> None:
    await api("POST", "/users", body, status=400)
    assert (await api("GET", "/users"))["info"]["total"] == 5


@pytest.mark.parametrize(("polarity", "reads"), [("receiving", True), ("do_not_disturb", False)])
async def test_dnd_reads_as_the_company_means_it(pbx: VatsOffice, api: Api, polarity: Any, reads: bool) -> None:
    pbx.office.dnd_state = polarity
    assert await api("GET", "/users/anna/dnd") == {"state": reads}
    await api("DELETE" if reads else "POST", "/users/anna/dnd", status=204)
    assert await api("GET", "/users/701/dnd") == {"state": not reads}
    assert not pbx.office.employees["anna"].receives
    members = (await api("GET", "/groups/sales"))["users"]
    assert [m["login"] for m in members if m["is_absence_active"]] == ["anna"]


async def test_subscriptions_are_per_department_or_for_all(api: Api) -> None:
    async def states() -> list[bool]:
        paths = (f"/users/maria/subscription?group_id={group}" for group in ("sales", "service"))
        return [(await api("GET", path))["state"] for path in paths]

    await api("DELETE", "/users/maria/subscription?group_id=sales", status=204)
    assert await states() == [False, True]
    await api("DELETE", "/users/maria/subscription", status=204)
    assert await states() == [False, False]
    await api("POST", "/users/703/subscription", status=204)
    assert await states() == [True, True]
    assert [g["id"] for g in await api("GET", "/users/maria/groups")] == ["sales", "service"]
    await api("GET", "/users/maria/subscription", status=400)
    await api("GET", "/users/maria/subscription?group_id=accounts", status=400)


async def test_departments_live(api: Api) -> None:
    new = {
        "name": "Склад",
        "call_order": "EVENLY",
        "call_duration": 10,
        "timeout": {"time": 30, "target": "user", "user": "anna"},
        "users": [{"login": "oleg", "calls_enable": False}],
    }
    added = await api("POST", "/groups", new)
    assert added["id"].startswith("g_")
    assert added["timeout"] == {"time": 30, "target": "user", "user": "anna"}
    edited = await api("PUT", f"/groups/{added['id']}", {"call_order": "ALL"})
    assert (edited["call_duration"], edited["name"]) == (0, "Склад")
    assert edited["users"][0]["calls_enable"] is False
    await api("PUT", f"/groups/{added['id']}", {"timeout": {"target": "user", "user": "nobody"}}, status=400)
    await api("DELETE", f"/groups/{added['id']}", status=204)
    assert (await api("GET", "/groups"))["info"]["total"] == 3


async def test_staff_is_added_then_silenced_then_removed(api: Api) -> None:
    await api(
        "POST",
        "/groups/sales/users",
        {"add": ["oleg", "vera"], "calls_disable": ["vera", "anna"], "remove": ["maria"], "position": 1},
        status=204,
    )
    members = (await api("GET", "/groups/sales"))["users"]
    assert [(m["login"], m["calls_enable"]) for m in members] == [
        ("igor", True),
        ("oleg", True),
        ("vera", False),
        ("anna", False),
    ]
    assert members[0]["group_head"] is True


async def test_a_number_gets_a_new_route_and_special_hours(api: Api) -> None:
    path = "/telnums/74950000002"
    assert (await api("POST", path, {"type": "user", "user": "703", "greeting": True}))["user"] == "maria"
    await api("POST", path, {"type": "user", "greeting": True}, status=400)
    hours = {"monday": {"start": 32430, "end": 64800}}
    week = await api(
        "POST",
        path,
        {
            "type": "scheduler",
            "greeting": False,
            "work": {"type": "group", "group": "sales"},
            "schedule": hours,
        },
    )
    assert week["schedule"]["monday"] == {"start": 32400, "end": 64800, "holiday": False}
    assert week["schedule"]["sunday"]["holiday"] is True
    shift = {"route_name": "Вечер", "days": ["monday"], "start": 68400, "end": 82800}
    custom = await api("POST", f"{path}/interval-schedule", shift)
    id_ = custom["interval_schedule"][0]["id"]
    moved = {"route_id": custom["id"], "days": ["friday"], "start": 0, "end": 60}
    again = await api("PUT", f"{path}/interval-schedule/{id_}", moved)
    assert again["interval_schedule"] == [{"id": id_, "days": ["friday"], "start": 0, "end": 60}]
    day = {"route_id": custom["id"], "start": "2026-12-31T00:00:00", "end": "2027-01-08T23:59:00"}
    special = (await api("POST", f"{path}/calendar-schedule", day))["calendar_schedule"][0]["id"]
    await api("DELETE", f"{path}/calendar-schedule/{special}", status=204)
    await api("DELETE", f"{path}/interval-schedule/{id_}", status=204)
    await api("DELETE", f"{path}/interval-schedule/{id_}", status=400)
    await api("POST", f"{path}/calendar-schedule", {**day, "start": "soon"}, status=400)


async def test_sim_cards_change_hands(api: Api) -> None:
    first = (await api("GET", "/sims-available"))["items"][0]["telnum"]
    assert await api("POST", "/sims", {"telnum": first}) == {"status": "complete", "user": ""}
    assert (await api("GET", f"/sims/{first}"))["disabled"] is True
    await api("POST", f"/sims/{first}/user/702", status=204)
    assert (await api("GET", f"/sims/{first}"))["user_name"] == "Игорь Волков"
    await api("POST", f"/sims/{first}/company", status=204)
    await api("POST", f"/sims/{first}/disable", status=204)
    sim = await api("GET", f"/sims/{first}")
    assert (sim["user"], sim["company"], sim["disabled"]) == ("", True, True)
    await api("DELETE", f"/sims/{first}", status=204)
    await api("GET", f"/sims/{first}", status=400)


async def test_the_blacklist_takes_ranges_and_loses_several_at_once(api: Api) -> None:
    bans = [{"telnum": "749512345*"}, {"telnum": "79000000777", "comment": "Спам"}]
    await api("POST", "/blacklist/telnums", bans, status=204)
    assert await api("GET", "/blacklist/telnums") == [
        {"telnum": "79000009999", "comment": "Спам: окна"},
        {"telnum": "749512345*", "comment": ""},
        {"telnum": "79000000777", "comment": "Спам"},
    ]
    await api("DELETE", "/blacklist/telnums?telnum=749512345*&telnum=79000000777", status=204)
    assert len(await api("GET", "/blacklist/telnums")) == 1
    await api("POST", "/blacklist/telnums", {"telnum": "7"}, status=400)
    await api("POST", "/blacklist/telnums", [{"telnum": "+7 900"}], status=400)
    await api("DELETE", "/blacklist/telnums", status=400)


async def test_the_domain_counts_its_people(api: Api) -> None:
    domain = await api("GET", "/domain")
    assert domain["timezone"] == {"name": "Europe/Moscow", "offset": 180}
    assert domain["limits"]["users"] == {"used": 5, "total": 15}


#: What is set, where it is read, what it then says, what undoes it.
SETTINGS = {
    "music": ("POST", "/music/ringback", {"file": "music-1"}, "/music", "Утро.mp3", None),
    "record": (
        "POST",
        "/record/users-exception",
        ["vera"],
        "/record",
        "vera",
        "/record/users-exception?user=vera",
    ),
    "blf": ("POST", "/blf/users", ["vera"], "/blf/users", "vera", "/blf/users?user=vera"),
    "voicemail": ("POST", "/am/users", ["vera"], "/am", "vera", "/am/users?user=vera"),
    "voicemail group": ("POST", "/am/groups", ["service"], "/am", "service", "/am/groups?group=service"),
    "caller id": (
        "POST",
        "/caller-ids/users",
        {"login": "vera", "telnum": "74950000002"},
        "/caller-ids",
        "vera",
        "/caller-ids/users/vera",
    ),
    "caller id of a department": (
        "POST",
        "/caller-ids/groups",
        {"id": "sales", "telnum": "74950000002"},
        "/caller-ids",
        "sales",
        "/caller-ids/groups/sales",
    ),
    "caller id of a region": (
        "POST",
        "/caller-ids/regions",
        {"id": "2", "telnum": "74950000002", "mode": "mobile"},
        "/caller-ids",
        "Алтай",
        "/caller-ids/regions/2?mode=mobile",
    ),
    "main caller id": (
        "POST",
        "/caller-ids/main",
        {"telnum": "74950000002"},
        "/caller-ids",
        "'main': '74950000002'",
        None,
    ),
    "restriction": (
        "POST",
        "/calls-restrictions/main",
        {"allowed": ["CIS"]},
        "/calls-restrictions",
        "CIS",
        "/calls-restrictions/main?allowed=CIS",
    ),
    "restriction of one": (
        "POST",
        "/calls-restrictions/users",
        [{"login": "vera", "allowed": ["CIS", "RU"]}],
        "/calls-restrictions",
        "vera",
        "/calls-restrictions/users/vera?allowed=CIS&allowed=RU",
    ),
    "restriction of a department by id": (
        "POST",
        "/calls-restrictions/groups",
        [{"id": "sales", "allowed": ["CIS"]}],
        "/calls-restrictions",
        "sales",
        "/calls-restrictions/groups/sales?allowed=CIS",
    ),
    "restriction of a department by login": (
        "POST",
        "/calls-restrictions/groups",
        [{"login": "sales", "allowed": ["CIS"]}],
        "/calls-restrictions",
        "sales",
        "/calls-restrictions/groups/sales?allowed=CIS",
    ),
    "line": (
        "POST",
        "/sip-registrations",
        {
            "telnum": "74950000008",
            "name": "Линия",
            "domain": "sip.example",
            "login": "l",
            "password": "hush",
        },
        "/sip-registrations/74950000008",
        "Линия",
        "/sip-registrations/74950000008",
    ),
    "transfer": (
        "POST",
        "/sipuri-transfers",
        {"telnum": "74950000001"},
        "/sipuri-transfers",
        "74950000001",
        "/sipuri-transfers/74950000001",
    ),
    "branch": (
        "POST",
        "/branches",
        {"domain": "msk.example", "name": "Москва", "key": "hush"},
        "/branches",
        "Москва",
        "/branches/msk.example",
    ),
}


@pytest.mark.parametrize("name", SETTINGS)
async def test_what_is_set_is_read_back_and_can_be_undone(api: Api, name: str) -> None:
    method, path, body, read, says, undo = SETTINGS[name]
    before = await api("GET", read) if read != undo else {}
    assert says not in str(before)
    await api(method, path, body)
    after = str(await api("GET", read))
    assert says in after
    assert "hush" not in after
    if undo is not None:
        await api("DELETE", undo, status=204)
        if read != undo:
            assert await api("GET", read) == before


async def test_lines_and_branches_can_be_edited(api: Api) -> None:
    line = "/sip-registrations/74950000009"
    assert (await api("PUT", line, {"active": False}))["active"] is False
    assert (await api("PUT", "/sipuri-transfers/74950000003", {"active": False}))["active"] is False
    branch = "/branches/spb.example"
    sent = {"domain": "spb.example", "name": "Питер", "key": "k"}
    assert (await api("PUT", branch, sent))["name"] == "Питер"
    assert (await api("POST", f"{branch}/sync"))["status"] == "success"
    assert (await api("GET", branch))["name"] == "Питер"


async def test_periods_are_days_of_the_companys_zone(pbx: VatsOffice, api: Api, clock: Clock) -> None:
    clock.at -= timedelta(hours=15, minutes=30)  # 23:30 in Moscow, the day before
    await pbx.calls.client_calls(CLIENT, "sales", NobodyAnswers(20))
    clock.at += timedelta(hours=1)
    await pbx.calls.client_calls("79000054321", "sales", Answered("anna", talk=10))
    await pbx.calls.settled()

    async def clients(query: str) -> list[str]:
        return [row["client"] for row in await api("GET", f"/history/json?{query}") or []]

    new, old = "79000054321", CLIENT
    assert await clients("") == await clients("period=today") == [new]
    assert await clients("period=yesterday") == [old]
    assert await clients("period=this_week&limit=1") == [new]
    assert await clients("period=today&start=20200101T000000Z") == [new]
    assert await clients("start=20260311T203000Z&end=20260311T203000Z") == [old]
    assert await clients("end=20260311T210000Z") == [old]
    assert await clients("start=20260301T000000Z") == [new, old]
    assert await clients("period=last_month") == await clients("period=last_week") == []
    assert await clients("period=this_month&type=missed") == [old]
    assert await clients("period=this_month&user=701") == [new]
    assert await clients(f"period=this_month&client={old}&diversion=74950000001&groups=sales") == [old]
    await api("GET", "/history/json?period=week", status=400)
    lines = (await api("GET", "/history/csv?period=this_week")).splitlines()
    assert lines[1].split(",")[1:] == [
        "missed",
        old,
        "sales@romashka.example",
        "74950000001",
        "2026-03-11T20:30:00Z",
        "20",
        "0",
        "",
    ]
    assert lines[0].split(",")[1:4] == ["success", new, "anna@romashka.example"]


@pytest.mark.parametrize(
    ("outage", "status", "says"),
    [
        (Outage.ERROR_500, 500, "<html>"),
        (Outage.FORBIDDEN_403, 403, "permission"),
        (Outage.CRM_DISABLED, 401, "CRM disabled"),
        (Outage.SWITCHED_OFF, 401, "CRM switched off"),
    ],
)
async def test_outages_that_answer(pbx: VatsOffice, api: Api, outage: Outage, status: int, says: str) -> None:
    pbx.outage = outage
    assert says in str(await api("GET", "/users", status=status))
    pbx.outage = Outage.NONE
    await api("GET", "/users")


async def test_a_refusing_pbx_drops_the_connection(pbx: VatsOffice, api: Api) -> None:
    pbx.outage = Outage.REFUSE
    with pytest.raises(aiohttp.ClientConnectionError):
        await api("GET", "/users")


async def test_a_hanging_pbx_answers_when_it_is_over(pbx: VatsOffice, api: Api) -> None:
    pbx.outage = Outage.HANG
    asked = asyncio.create_task(api("GET", "/users"))
    await pbx.server.arrived.wait()
    assert not asked.done()
    pbx.outage = Outage.NONE
    assert (await asked)["info"]["total"] == 5


async def test_a_slow_pbx_takes_its_seconds(pbx: VatsOffice, api: Api, clock: Clock) -> None:
    began = clock.at
    pbx.outage = Outage.SLOW
    await api("GET", "/users")
    assert clock.at - began == timedelta(seconds=5)
