"""makeCall rings the employee, then the client, whose reception is scripted; a call can be hung up by the API."""

import pytest

from sandbox.phonet import (
    Answered,
    ClientAnswers,
    ClientIsBusy,
    ClientSilent,
    Congested,
    DialError,
    EmployeeSilent,
    PhonetOffice,
)
from sandbox.phonet.demo import MAIN
from sandbox.phonet.people import OFFLINE
from sandbox.phonet.stories import Reception
from tests.sandbox.phonet.program import CLIENT, Api, Clock, Program

CALL = {"legExt": "002", "otherLegNum": CLIENT}


async def test_an_answered_call_under_the_uuid_that_was_promised(
    pbx: PhonetOffice, program: Program, api: Api, clock: Clock
) -> None:
    uuid = (await api("POST", "/user/makeCall", CALL))["uuid"]
    await pbx.calls.settled()
    assert program.story() == ["dial 002", "bridge 002", "hangup 002"]
    assert {(one["uuid"], one["lgDirection"]) for one in program.got} == {(uuid, 2)}
    assert program.got[1]["bridgeAt"] == clock.ms(3 + 5)
    [row] = await api.calls()
    assert (row["uuid"], row["disposition"], row["billSecs"], row["duration"]) == (uuid, 0, 45, 53)
    assert (row["trunk"], row["transferHistory"]) == ("o=380440000001;", "002")
    assert row["audioRecUrl"] == f"{pbx.url}/rest/public/calls/{uuid}/audio"


@pytest.mark.parametrize(
    ("reception", "disposition", "duration", "trunk"),
    [
        (ClientIsBusy(after=2), 4, 5, "o=380440000001;"),
        (ClientSilent(ring=30), 1, 33, "o=380440000001;"),
        (Congested(after=6), 2, 9, "o=380440000001;o=380440000002;"),
        (DialError(after=1), 3, 4, "o=380440000001;"),
        (EmployeeSilent(ring=25), 1, 25, "o=380440000001;"),
    ],
)
async def test_a_client_who_is_not_reached(
    pbx: PhonetOffice, program: Program, api: Api, reception: Reception, disposition: int, duration: int, trunk: str
) -> None:
    pbx.calls.receptions[CLIENT] = reception
    await api("POST", "/user/makeCall", CALL)
    await pbx.calls.settled()
    assert program.story() == ["dial 002", "hangup 002"]
    [row] = await api.calls()
    assert (row["disposition"], row["duration"], row["billSecs"]) == (disposition, duration, 0)
    assert (row["trunk"], row["audioRecUrl"], row["transferHistory"]) == (trunk, None, None)
    assert await api.calls("missed") == []


async def test_from_a_desk_phone_nobody_has_to_pick_up_first(pbx: PhonetOffice) -> None:
    row = await pbx.calls.employee_dials("002", CLIENT, ClientAnswers(after=5, talk=10))
    assert (row.duration, row.bill_secs) == (15, 10)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"legExt": "999", "otherLegNum": CLIENT}, "999"),
        ({"legExt": "002", "otherLegNum": "call Marko"}, "Wrong number"),
        ({"legExt": "002"}, "otherLegNum"),
        ({"legExt": "003", "otherLegNum": CLIENT}, "offline"),
        ([], "body"),
    ],
)
async def test_a_call_that_cannot_be_made_says_why_in_plain_text(
    pbx: PhonetOffice, program: Program, api: Api, body: object, why: str
) -> None:
    pbx.office.employees["003"].status = OFFLINE
    assert why in await api("POST", "/user/makeCall", body, status=400)
    await pbx.calls.settled()
    assert program.got == []


async def test_an_extension_may_be_a_bare_number_as_in_the_manuals_curl(pbx: PhonetOffice, api: Api) -> None:
    pbx.office.employees["202"] = pbx.office.employees["002"]
    pbx.office.employees["202"].ext = "202"
    await api("POST", "/user/makeCall", {"legExt": 202, "otherLegNum": CLIENT})
    await pbx.calls.settled()
    assert len(pbx.office.history) == 1


async def test_an_active_call_looks_like_its_last_event(
    pbx: PhonetOffice, program: Program, api: Api, clock: Clock
) -> None:
    clock.stops_at = 0
    uuid = (await api("POST", "/user/makeCall", CALL))["uuid"]
    await clock.somebody_sleeps.wait()
    [active] = await api("GET", "/calls/active/v3")
    assert active == {
        "uuid": uuid,
        "parentUuid": None,
        "lastEvent": "call.dial",
        "dialAt": clock.ms(),
        "bridgeAt": None,
        "lgDirection": 2,
        "leg": {"id": 19, "ext": "002", "displayName": "Тарас Бондаренко"},
        "leg2": None,
        "otherLegs": [
            {"id": None, "name": None, "num": CLIENT, "companyName": None, "url": None, "priority": 1},
        ],
        "trunkNum": MAIN,
        "trunkName": "Реклама",
    }
    await api("GET", f"/calls/active/{uuid}/hangup")
    await pbx.calls.settled()
    assert await api("GET", "/calls/active/v3") == []
    assert program.story() == ["dial 002", "hangup 002"]


async def test_a_talk_is_hung_up_by_any_of_its_legs(
    pbx: PhonetOffice, program: Program, api: Api, clock: Clock
) -> None:
    watch = pbx.sender.watch()
    pbx.calls.start(pbx.calls.client_calls(CLIENT, "801", Answered("002", after=0, talk=600)))
    clock.stops_at = 0
    await clock.somebody_sleeps.wait()
    active = await api("GET", "/calls/active/v3")
    assert [(one["leg"]["ext"], one["lastEvent"]) for one in active] == [
        ("801", "call.bridge"),
        ("002", "call.bridge"),
    ]
    clock.at = clock.at.replace(second=40)
    await api("GET", f"/calls/active/{active[1]['uuid']}/hangup")
    await pbx.calls.settled()
    pbx.sender.unwatch(watch)
    assert program.story()[-2:] == [">hangup 002", "hangup 801"]
    assert [sent.what async for sent in watch][:2] == ["call.settings", "call.dial"]
    [row] = await api.calls()
    assert (row["disposition"], row["billSecs"]) == (0, 40)


async def test_what_is_not_active_cannot_be_hung_up(api: Api) -> None:
    assert "no active call" in await api("GET", "/calls/active/47a968893984475b8c20e29dec144ce3/hangup", status=404)


async def test_a_hangup_by_any_other_method_is_refused(api: Api) -> None:
    await api("POST", "/calls/active/47a968893984475b8c20e29dec144ce3/hangup", {}, status=405)
