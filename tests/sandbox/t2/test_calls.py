"""Stories told by the lists: what a poller sees of each call, while it lasts and afterwards."""

import pytest

from sandbox.t2 import (
    Answered,
    CannotHappen,
    ClientAnswers,
    ClientIsBusy,
    ClientRefused,
    ClientSilent,
    HangsUp,
    LineIsBusy,
    NobodyAnswers,
    OutsideHours,
    Quirks,
    T2Office,
)
from sandbox.t2.demo import SALES
from sandbox.t2.stories import Ending, Reception
from tests.sandbox.t2.program import INFO, MISSING, Api, Clock

CLIENT, PAVEL, DARYA, NIKITA = "79000012345", "79000001101", "79000001102", "79000001103"


@pytest.mark.parametrize(
    ("to", "ending", "kind", "status", "callee"),
    [
        ("Продажи", NobodyAnswers(20), "MULTI_CHANNEL", "NOT_ANSWERED_COMMON", DARYA),
        (SALES, HangsUp(1), "MULTI_CHANNEL", "CANCELLED_BY_CALLER", SALES),
        (SALES, OutsideHours(), "MULTI_CHANNEL", "DENIED_DUE_TO_NOT_WORK_TIME", SALES),
        (SALES, Answered("103", after=4), "MULTI_CHANNEL", "ANSWERED_COMMON", NIKITA),
        ("101", NobodyAnswers(), "SINGLE_CHANNEL", "NOT_ANSWERED_COMMON", PAVEL),
        (PAVEL, HangsUp(), "SINGLE_CHANNEL", "CANCELLED_BY_CALLER", PAVEL),
        (PAVEL, LineIsBusy(), "SINGLE_CHANNEL", "DESTINATION_BUSY", PAVEL),
        (PAVEL, Answered(PAVEL), "SINGLE_CHANNEL", "ANSWERED_BY_ORIGINAL_CLIENT", PAVEL),
        ("433", Answered("102"), "SINGLE_CHANNEL", "ANSWERED_BY_NO_ANSWER_FORWARD_CLIENT", DARYA),
    ],
)
async def test_a_client_calls(
    pbx: T2Office, api: Api, to: str, ending: Ending, kind: str, status: str, callee: str
) -> None:
    await pbx.calls.client_calls(CLIENT, to, ending)
    [row] = await api("GET", INFO)
    assert (row["callType"], row["callStatus"]) == (kind, status)
    assert (row["callerNumber"], row["calleeNumber"]) == (CLIENT, callee)
    assert row["destinationNumber"] == (SALES if kind == "MULTI_CHANNEL" else PAVEL)
    assert bool(row["recordFileName"]) == ("conversationDuration" in row) == status.startswith("ANSWERED_")


async def test_a_missed_call_on_an_own_number_is_in_the_records_alone(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, PAVEL, NobodyAnswers())
    assert len(await api("GET", INFO)) == 1
    assert await api("GET", MISSING) == []


async def test_a_blacklisted_client_is_denied_and_missed_by_nobody(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls("79000001299", SALES, Answered("101"))
    [row] = await api("GET", INFO)
    assert (row["callStatus"], row["callDuration"]) == ("DENIED_DUE_TO_BLACK_LISTED", 0)
    assert await api("GET", MISSING) == []
    assert not pbx.office.owes("79000001299")


@pytest.mark.parametrize(("to", "ending"), [(SALES, Answered("sofya@vasilek.example")), (SALES, LineIsBusy())])
async def test_a_story_that_contradicts_the_company_is_refused(pbx: T2Office, to: str, ending: Ending) -> None:
    with pytest.raises(CannotHappen):
        await pbx.calls.client_calls(CLIENT, to, ending)
    assert not pbx.office.rows
    assert not pbx.office.live


async def test_a_call_under_way_goes_from_the_queue_to_one_employee_after_another(
    pbx: T2Office, api: Api, clock: Clock
) -> None:
    clock.held = True
    pbx.calls.start(pbx.calls.client_calls(CLIENT, SALES, Answered("103", after=15, talk=30)))
    await clock.let_pass(1)
    greeted = {"callType": "MULTI_CHANNEL", "callerNumberFull": CLIENT}
    waiting = [{"queueName": "Продажи", "calls": [CLIENT]}]
    assert await api("GET", "/monitoring/calls") == [greeted]
    assert await api("GET", "/monitoring/calls/pending") == waiting
    await clock.let_pass(2)
    pavel = {**greeted, "calledNumberShort": "101", "calledNumberFull": PAVEL}
    assert await api("GET", "/monitoring/calls") == [pavel]
    await clock.let_pass(10)
    [ringing] = await api("GET", "/monitoring/calls")
    assert ringing["calledNumberFull"] == DARYA
    assert await api("GET", "/monitoring/calls/pending") == waiting
    await clock.let_pass(5)
    [talking] = await api("GET", "/monitoring/calls")
    assert talking["calledNumberFull"] == NIKITA
    assert await api("GET", "/monitoring/calls/pending") == []
    assert pbx.office.in_call(CLIENT)
    assert await api("GET", INFO) == []
    await clock.let_pass(30)
    await pbx.calls.settled()
    assert await api("GET", "/monitoring/calls") == []
    [row] = await api("GET", INFO)
    assert (row["callDuration"], row["conversationDuration"]) == (45, 30)


async def test_a_flickering_call_is_left_out_of_every_other_answer(pbx: T2Office, api: Api, clock: Clock) -> None:
    pbx.quirks, clock.held = Quirks(flickering_calls=True), True
    pbx.calls.start(pbx.calls.client_calls(CLIENT, PAVEL, Answered("101")))
    await clock.let_pass(1)
    assert [len(await api("GET", "/monitoring/calls")) for _ in range(4)] == [1, 0, 1, 0]


async def test_the_clients_own_manager_rings_first(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls("79000001201", SALES, HangsUp(8))
    [row] = await api("GET", INFO)
    assert (row["callerName"], row["calleeName"]) == ("Ирина Котова", "Дарья Зайцева")


@pytest.mark.parametrize(
    ("reception", "status"),
    [
        (ClientAnswers(4, 30), "ANSWERED_COMMON"),
        (ClientIsBusy(), "DESTINATION_BUSY"),
        (ClientSilent(), "NOT_ANSWERED_COMMON"),
        (ClientRefused(), "DENIED_DUE_TO_UNKNOWN_NUMBER"),
    ],
)
async def test_click_to_call_goes_as_the_client_takes_it(
    pbx: T2Office, api: Api, reception: Reception, status: str
) -> None:
    pbx.calls.receptions[CLIENT] = reception
    assert await api("POST", f"/call/outgoing?destination={CLIENT}&source={PAVEL}") == ""
    await pbx.calls.settled()
    [row] = await api("GET", INFO)
    assert (row["callType"], row["callStatus"]) == ("CRM_OUTGOING", status)
    assert (row["callerNumber"], row["destinationNumber"], row["calleeNumber"]) == (PAVEL, CLIENT, CLIENT)
    assert row["callerName"] == "Павел Новиков"


async def test_click_to_call_rings_the_employee_before_the_client(pbx: T2Office, api: Api, clock: Clock) -> None:
    clock.held = True
    await api("POST", f"/call/outgoing?destination={CLIENT}&source={PAVEL}")
    await clock.let_pass(1)
    ours = {"callType": "SINGLE_CHANNEL", "callerNumberShort": "101", "callerNumberFull": PAVEL}
    assert await api("GET", "/monitoring/calls") == [ours]
    await clock.let_pass(3)
    assert await api("GET", "/monitoring/calls") == [{**ours, "calledNumberFull": CLIENT}]


async def test_an_employee_who_does_not_pick_up_keeps_the_clients_phone_silent(pbx: T2Office, api: Api) -> None:
    pbx.office.employee("101").picks_up = False
    await api("POST", f"/call/outgoing?destination={CLIENT}&source={PAVEL}")
    await pbx.calls.settled()
    [row] = await api("GET", INFO)
    assert (row["callStatus"], row["destinationNumber"], row["calleeNumber"]) == (
        "NOT_ANSWERED_COMMON",
        CLIENT,
        PAVEL,
    )


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ("destination=79000012345&source=79000001199", 404, "Employee not found by source number"),
        ("destination=79000012345&source=101", 404, "Employee not found by source number"),
        ("destination=%2B79000012345&source=79000001101", 400, "Bad request"),
        (
            "source=79000001101",
            400,
            "Required request parameter 'destination' for method parameter type String is not present",
        ),
        (
            "destination=79000012345&source=",
            400,
            "Required request parameter 'source' for method parameter type String is present but converted to null",
        ),
    ],
)
async def test_click_to_call_refuses_what_is_not_whole(
    pbx: T2Office, api: Api, asked: str, status: int, body: str
) -> None:
    assert (await api("POST", f"/call/outgoing?{asked}", status=status))["details"] == body
    assert pbx.office.live == []


async def test_what_is_owed_to_a_client_ends_with_an_answered_call(pbx: T2Office) -> None:
    await pbx.calls.client_calls(CLIENT, PAVEL, NobodyAnswers())
    await pbx.calls.employee_dials("102", CLIENT, ClientIsBusy())
    assert pbx.office.owes(CLIENT)
    await pbx.calls.employee_dials("102", CLIENT)
    assert not pbx.office.owes(CLIENT)


async def test_an_internal_call_stands_among_the_others_with_its_own_type(pbx: T2Office, api: Api) -> None:
    await pbx.calls.inner_call("101", "102", answered=False)
    [row] = await api("GET", INFO)
    assert (row["callType"], row["callStatus"]) == ("INTERNAL", "NOT_ANSWERED_COMMON")
    assert await api("GET", MISSING) == []


async def test_a_flood_is_many_clients_at_once(pbx: T2Office, api: Api) -> None:
    pbx.calls.flood(120)
    rows = await api("GET", f"{MISSING}&size=200")
    assert len({row["callerNumber"] for row in rows}) == len({row["id"] for row in rows}) == 120
