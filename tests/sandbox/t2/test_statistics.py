"""`statistics`: totals, one number's journal, and the missed calls of multichannel numbers."""

from datetime import timedelta

import pytest

from sandbox.t2 import Answered, HangsUp, NobodyAnswers, OutsideHours, Quirks, T2Office
from sandbox.t2.demo import SALES, SERVICE
from tests.sandbox.t2.program import MISSING, PERIOD, Api, Clock

CLIENT, PAVEL = "79000012345", "79000001101"


async def test_a_missed_row_is_the_manuals_own(pbx: T2Office, api: Api, clock: Clock) -> None:
    clock.at += timedelta(milliseconds=680)
    played = await pbx.calls.client_calls(CLIENT, SALES, HangsUp(1))
    assert await api("GET", MISSING) == [
        {
            "id": played.id,
            "startDate": "2026-03-12T15:00:00.68+03:00",
            "waitDuration": 1,
            "callerNumber": CLIENT,
            "destinationNumber": SALES,
            "calleeCompanyId": 559,
            "calleeNumber": SALES,
            "calleeName": " ",
        }
    ]


async def test_a_missed_row_may_follow_the_table(pbx: T2Office, api: Api) -> None:
    pbx.quirks = Quirks(missing_rows="table")
    await pbx.calls.client_calls(CLIENT, SALES, HangsUp(1))
    [row] = await api("GET", MISSING)
    assert (row["callerCompanyId"], row["calleeNumber"], row["calleeName"]) == (559, "", "")
    assert row["startDate"] == "2026-03-12T15:00:00+03:00"


async def test_a_missed_row_names_whose_phone_rang(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, SALES, NobodyAnswers(10))
    [row] = await api("GET", MISSING)
    assert (row["calleeNumber"], row["calleeName"]) == (PAVEL, "Павел Новиков")


async def test_who_was_answered_or_never_let_in_is_not_missing(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, SALES, Answered("101"))
    await pbx.calls.client_calls(CLIENT, SALES, OutsideHours())
    assert await api("GET", MISSING) == []


@pytest.mark.parametrize("name", ["mcn_numbers", "mcn_numbers[]", "mcn_numbers%5B%5D"])
async def test_missed_calls_are_chosen_by_number(pbx: T2Office, api: Api, name: str) -> None:
    await pbx.calls.client_calls("79000012301", SALES, HangsUp())
    await pbx.calls.client_calls("79000012302", SERVICE, HangsUp())

    async def asked(*numbers: str) -> list[str]:
        rows = await api("GET", MISSING + "".join(f"&{name}={number}" for number in numbers))
        return [row["callerNumber"] for row in rows]

    assert await asked(SERVICE) == ["79000012302"]
    assert await asked(SALES, SERVICE) == ["79000012301", "79000012302"]
    assert await asked() == ["79000012301", "79000012302"]


async def test_missed_calls_come_a_hundred_to_a_page(pbx: T2Office, api: Api) -> None:
    pbx.calls.flood(130)
    assert len(await api("GET", MISSING)) == 100
    assert len(await api("GET", f"{MISSING}&page=1")) == 30


async def test_a_bare_sort_may_mean_the_newest_first(pbx: T2Office, api: Api) -> None:
    pbx.quirks = Quirks(missing_newest_first=True)
    await pbx.calls.client_calls("79000012301", SALES, HangsUp())
    await pbx.calls.client_calls("79000012302", SALES, HangsUp())

    async def last_digits(more: str) -> list[str]:
        return [row["callerNumber"][-1] for row in await api("GET", MISSING + more)]

    assert await last_digits("") == await last_digits("&sort=startDate") == ["2", "1"]
    assert await last_digits("&sort=startDate,ASC") == ["1", "2"]


async def test_missed_rows_may_be_late_by_themselves(pbx: T2Office, api: Api, clock: Clock) -> None:
    pbx.quirks = Quirks(missing_late=45)
    row = await pbx.calls.client_calls(CLIENT, SALES, NobodyAnswers())
    assert await api("GET", MISSING) == []
    assert (await api("GET", f"/statistics/journal?{PERIOD}"))["numberOfCalls"] == 1
    clock.at = row.ended + timedelta(seconds=45)
    assert len(await api("GET", MISSING)) == 1


async def test_a_journal_counts_one_numbers_calls(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, PAVEL, Answered("101"))
    await pbx.calls.client_calls(CLIENT, PAVEL, HangsUp())
    await pbx.calls.client_calls(CLIENT, "102", HangsUp())
    assert await api("GET", f"/statistics/journal?{PERIOD}&number={PAVEL}") == {
        "number": PAVEL,
        "startTimestamp": 1773262800,
        "endTimestamp": 1773349200,
        "numberOfCalls": 2,
        "numberOfSuccessCalls": 1,
    }
    everybody = await api("GET", f"/statistics/journal?{PERIOD}")
    assert (everybody["numberOfCalls"], "number" in everybody) == (3, False)


async def test_totals_add_up_as_in_the_manuals_example(pbx: T2Office, api: Api) -> None:
    for _ in range(8):
        await pbx.calls.client_calls(CLIENT, SALES, Answered("101", talk=22.25))
    for _ in range(5):
        await pbx.calls.client_calls(CLIENT, SALES, HangsUp())
    for _ in range(9):
        await pbx.calls.inner_call("101", "102", talk=79)
    three_days = "start=2026-03-12T10:15:30%2B03:00&end=2026-03-14T10:15:30%2B03:00"
    totals = await api("GET", f"/statistics/common?{three_days}")
    assert (totals["allCallCount"], totals["successCallCount"], totals["lostCallCount"]) == (22, 8, 5)
    assert (totals["callCountPerDay"], totals["callCountPerHour"]) == (4.333333333333333, 0.18055555555555555)
    assert (totals["mnAvgCallDuration"], totals["internalCallCount"], totals["averageInternalCallDuration"]) == (
        22,
        9,
        79,
    )
    assert (totals["uniqueCallCount"], totals["redialCount"], totals["hangupACallCount"]) == (1, 7, 5)
    assert len(totals) == 22


async def test_totals_of_one_subscriber_leave_the_others_out(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, PAVEL, Answered("101"))
    await pbx.calls.client_calls(CLIENT, "102", HangsUp())
    assert (await api("GET", f"/statistics/common?{PERIOD}&subscriberNumber={PAVEL}"))["allCallCount"] == 1
    assert (await api("GET", f"/statistics/common?{PERIOD}&subscriberNumber=79000001199"))["allCallCount"] == 0
