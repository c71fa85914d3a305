"""History, event and contact with this manual's fields, and no other callback."""

import re
import time

import pytest

from sandbox import vats_rest
from sandbox.vats_form import Quirks, VatsFormOffice, demo_office
from sandbox.vats_rest import Answered, ClientIsBusy, NobodyAnswers, Transfer
from tests.sandbox.vats_form.form import KEY
from tests.sandbox.vats_rest.program import TOKEN, Program

CLIENT = "79000012345"
EVENT = {"cmd", "type", "callid", "phone", "user", "direction", "diversion", "groupRealName", "ext", "crm_token"}
HISTORY = (EVENT - {"direction"}) | {"status", "start", "duration", "link"}


async def test_the_bodies_have_the_manuals_fields(pbx: VatsFormOffice, program: Program) -> None:
    await pbx.calls.client_calls(CLIENT, "delivery", Answered("sveta", after=15, talk=60))
    await pbx.calls.settled()
    assert program.story() == [
        "contact",
        "INCOMING artem",
        "CANCELLED artem",
        "INCOMING sveta",
        "ACCEPTED sveta",
        "COMPLETED sveta",
        "history Success",
    ]
    contact, event, history = program.last("contact"), program.last("event"), program.last("history")
    assert set(contact) == {"cmd", "phone", "callid", "crm_token"}
    assert set(event) == EVENT
    assert set(history) == HISTORY
    assert set(program.got[1]) == EVENT | {"telnum"}
    assert {one["crm_token"] for one in program.got} == {TOKEN}
    assert (history["type"], history["user"], history["ext"], history["groupRealName"]) == (
        "in", "sveta", "804", "Доставка",
    )  # fmt: skip
    assert (history["start"], history["duration"], history["diversion"]) == ("20260312T120000Z", "75", "74950000202")
    headers = {headers["Content-Type"] for headers, _ in program.raw}
    assert headers == {"application/x-www-form-urlencoded"}


async def test_a_callid_looks_as_in_the_example(pbx: VatsFormOffice, program: Program) -> None:
    for _ in range(2):
        await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await pbx.calls.settled()
    ids = {one["callid"] for one in program.got}
    assert len(ids) == 2
    assert all(re.fullmatch(r"[0-9A-F]{20}-\d{4}", callid) for callid in ids)


async def test_a_transfer_keeps_the_callid(pbx: VatsFormOffice, program: Program) -> None:
    await pbx.calls.client_calls(CLIENT, "orders", Answered("kirill", transfer=Transfer("sveta", blind=True)))
    await pbx.calls.settled()
    assert program.story()[-5:] == [
        "TRANSFERRED kirill",
        "INCOMING sveta",
        "ACCEPTED sveta",
        "COMPLETED sveta",
        "history Success",
    ]
    assert len({one["callid"] for one in program.got}) == 1
    assert not any("second_callid" in one for one in program.got)


async def test_the_answer_to_contact_leads_the_call(program: Program, pbx: VatsFormOffice) -> None:
    pbx.office.main_number.crm = "on"
    program.contact = {"contact_name": "Ольга", "responsible": "803"}
    await pbx.calls.client_calls(CLIENT, "orders", Answered("artem"))
    await pbx.calls.settled()
    assert program.story()[:3] == ["contact", "INCOMING artem", "ACCEPTED artem"]


async def test_fields_of_running_systems_come_when_asked_for(pbx: VatsFormOffice, program: Program) -> None:
    pbx.quirks = Quirks(field_extras=True)
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers(20))
    await pbx.calls.settled()
    await pbx.calls.employee_dials("kirill", CLIENT, ClientIsBusy())
    await pbx.calls.settled()
    missed, returned = [one for one in program.got if one["cmd"] == "history"]
    assert (missed["telnum_name"], missed["wait"]) == ("Витрина", "20")
    assert "missedStatus" not in missed
    assert returned["missedStatus"] == "2"


async def test_a_live_history_is_short(pbx: VatsFormOffice, program: Program) -> None:
    pbx.quirks = Quirks(minimal_history=True, status_case="lower")
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await pbx.calls.settled()
    told = program.last("history")
    assert set(told) == {"cmd", "status", "callid", "phone", "groupRealName", "wait", "duration", "crm_token"}
    assert told["status"] == "missed"
    assert "telnum_name" not in program.last("event")


async def test_what_is_not_taken_is_sent_again(pbx: VatsFormOffice, program: Program) -> None:
    program.replies = [503, 500]
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await pbx.calls.settled()
    assert program.last("history")["status"] == "Missed"
    assert (pbx.sender.undelivered, pbx.sender.given_up) == (0, [])


async def test_a_flood_is_worded_alike(pbx: VatsFormOffice, program: Program) -> None:
    report = await pbx.calls.flood(20)
    assert (report.sent, report.delivered) == (20, 20)
    assert set(program.last("history")) == HISTORY - {"ext", "link"}


async def test_speed_shortens_the_play_and_not_what_is_told(webhook_url: str, program: Program) -> None:
    began = time.monotonic()
    async with VatsFormOffice(demo_office(), webhook_url=webhook_url, crm_token=TOKEN, token=KEY, speed=1000) as pbx:
        await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers(60))
        await pbx.calls.settled()
    assert program.last("history")["duration"] == "60"
    assert time.monotonic() - began < 10


def test_the_company_is_its_own_and_nobodys_neighbour() -> None:
    first, other = demo_office(), vats_rest.demo_office()
    first.employees["kirill"].receives = False
    first.own_line_off.add("kirill")
    first.departments["orders"].members.clear()
    assert demo_office().employees["kirill"].receives
    assert not demo_office().own_line_off
    assert demo_office().departments["orders"].members
    for mine, theirs in ((first.numbers, other.numbers), (first.employees, other.employees)):
        assert not set(mine) & set(theirs)
    assert not {e.name for e in first.employees.values()} & {e.name for e in other.employees.values()}


@pytest.mark.parametrize("route", [False, True])
def test_the_demo_may_route_to_the_responsible(route: bool) -> None:
    assert bool(demo_office(route_to_responsible=route).main_number.crm) is route
