"""`company.api` has the last word: which calls were missed, who talked and how long, where the recording is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from pbx.phone_system import PhoneSystem
from pbx.phonet.records import trunks
from pbx.vocabulary import Call, CallOver, Destination, Direction, Outcome
from tests.pbx.phonet.phonet_account import NOW, Account, fixture, said

COMPANY, MISSED, ACTIVE = "GET /rest/calls/company.api", "GET /rest/calls/missed.api", "GET /rest/calls/active/v3"
ENDED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


@pytest.fixture
def ended(account: Account, phonet: PhoneSystem) -> Callable[..., Any]:
    """The final word on `call_id` when `company.api` lists `rows`."""

    async def final_word(rows: str | list[object], call_id: str, active: object = ()) -> Call | None:
        account.will(COMPANY, said(fixture(rows) if isinstance(rows, str) else rows))
        account.will(ACTIVE, said(list(active)))  # type: ignore[call-overload]
        return next(iter(await phonet.final_words([CallOver(call_id, None)])), None)

    return final_word


async def test_a_department_that_nobody_answered_is_a_missed_call(ended: Callable[..., Any]) -> None:
    assert await ended("rows_missed_by_a_department", "p1") == Call(
        id="p1",
        direction=Direction.IN,
        outcome=Outcome.MISSED,
        client="+380671234567",
        started_at=ENDED - seconds(40),
        ended_at=ENDED,
        wait=seconds(40),
        our_number="+380442249895",
        department="Продажи",
        destination=Destination.DEPARTMENT,
        status="1",
    )


async def test_one_leg_missed_while_its_sibling_answered_is_an_answered_call(ended: Callable[..., Any]) -> None:
    call = await ended("rows_one_leg_missed_while_its_sibling_answered", "p1")
    assert (call.outcome, call.employee, call.talk) == (Outcome.ANSWERED, "002", seconds(75))
    assert call.started_at == ENDED - seconds(20)
    assert call.answered_at == ENDED - seconds(15)
    assert call.wait == seconds(5)


async def test_a_recording_s_address_that_ends_in_a_space_is_trimmed(ended: Callable[..., Any]) -> None:
    call = await ended("rows_one_leg_missed_while_its_sibling_answered", "p1")
    assert call.recording_url == "https://qwerty.phonet.com.ua/rest/public/calls/c2/audio"


async def test_legs_that_nobody_answered_name_nobody(ended: Callable[..., Any]) -> None:
    call = await ended("rows_unanswered_legs_of_a_department", "p1")
    assert (call.outcome, call.employee, call.destination) == (Outcome.MISSED, None, Destination.DEPARTMENT)
    assert (call.started_at, call.ended_at) == (ENDED - seconds(40), ENDED)


async def test_the_last_in_the_history_of_transfers_talked(ended: Callable[..., Any]) -> None:
    call = await ended("rows_taken_from_a_department_by_one", "p1")
    assert (call.employee, call.department, call.outcome) == ("019", "Продажи", Outcome.ANSWERED)
    assert (call.answered_at, call.wait, call.talk) == (ENDED - seconds(30), seconds(12), seconds(30))


async def test_the_person_talked_and_not_the_menu_before_however_long_it_spoke(ended: Callable[..., Any]) -> None:
    menu = {**fixture("rows_answered_by_a_menu")[0], "uuid": "p1", "billSecs": 300, "duration": 300}
    call = await ended([menu, *fixture("rows_one_leg_missed_while_its_sibling_answered")], "p1")
    assert (call.employee, call.talk, call.wait) == ("002", seconds(75), seconds(285))


async def test_an_outgoing_call_over_several_lines(ended: Callable[..., Any]) -> None:
    call = await ended("rows_outgoing_over_several_trunks", "o1")
    assert (call.direction, call.outcome, call.employee) == (Direction.OUT, Outcome.BUSY, "001")
    assert (call.our_number, call.destination) == ("+380442246595", None)


@pytest.mark.parametrize(
    ("way", "disposition", "outcome"),
    [
        (4, 0, Outcome.ANSWERED),
        (4, 1, Outcome.MISSED),
        (4, 2, Outcome.MISSED),
        (4, 3, Outcome.MISSED),
        (4, 4, Outcome.MISSED),
        (2, 0, Outcome.ANSWERED),
        (2, 1, Outcome.MISSED),
        (2, 2, Outcome.UNAVAILABLE),
        (2, 3, Outcome.UNAVAILABLE),
        (2, 4, Outcome.BUSY),
        (2, 9, Outcome.UNKNOWN),
        (2, None, Outcome.UNKNOWN),
    ],
)
async def test_a_disposition_means_one_outcome_per_direction(
    ended: Callable[..., Any], way: int, disposition: int | None, outcome: Outcome
) -> None:
    row = {**fixture("rows_outgoing_over_several_trunks")[0], "lgDirection": way, "disposition": disposition}
    call = await ended([row], "o1")
    assert call.outcome is outcome
    assert call.status == ("" if disposition is None else str(disposition))
    assert call.is_missed == (way == 4 and outcome is Outcome.MISSED)


async def test_an_incoming_call_of_unknown_disposition_is_not_missed_by_that(
    account: Account, ended: Callable[..., Any]
) -> None:
    account.will(MISSED, said([]))
    row = {**fixture("rows_missed_by_a_department")[0], "disposition": 9}
    assert (await ended([row], "p1")).outcome is Outcome.UNKNOWN


async def test_a_call_that_is_not_listed_yet_has_no_last_word(ended: Callable[..., Any]) -> None:
    assert await ended("rows_missed_by_a_department", "another") is None


@pytest.mark.parametrize("going_on", [{"uuid": "p1"}, {"uuid": "c3", "parentUuid": "p1"}])
async def test_while_any_leg_goes_on_there_is_no_last_word(
    ended: Callable[..., Any], going_on: dict[str, str]
) -> None:
    active = [{**going_on, "lgDirection": 4, "lastEvent": "call.dial"}]
    assert await ended("rows_unanswered_legs_of_a_department", "p1", active) is None


async def test_a_call_still_listed_as_active_after_its_hangup_is_over(ended: Callable[..., Any]) -> None:
    active = [{"uuid": "p1", "lgDirection": 4, "lastEvent": "call.hangup"}]
    assert await ended("rows_missed_by_a_department", "p1", active) is not None


async def test_unanswered_legs_alone_wait_for_the_next_employee_to_ring(
    account: Account, ended: Callable[..., Any]
) -> None:
    account.now = ENDED + seconds(4)
    assert await ended("rows_unanswered_legs_of_a_department", "p1") is None
    account.now = ENDED + seconds(5)
    assert (await ended("rows_unanswered_legs_of_a_department", "p1")).is_missed


async def test_a_menu_that_answered_is_confirmed_as_missed_by_missed_api(
    account: Account, ended: Callable[..., Any]
) -> None:
    account.will(MISSED, said([{"uuid": "m1"}]))
    call = await ended("rows_answered_by_a_menu", "m1")
    assert (call.outcome, call.destination) == (Outcome.MISSED, Destination.MENU)
    assert (call.answered_at, call.talk, call.wait) == (None, None, seconds(25))


async def test_being_absent_from_missed_api_proves_nothing(account: Account, ended: Callable[..., Any]) -> None:
    account.will(MISSED, said([]))
    assert (await ended("rows_answered_by_a_menu", "m1")).outcome is Outcome.ANSWERED
    assert (await ended("rows_missed_by_a_department", "p1")).outcome is Outcome.MISSED
    assert len(account.requests("/rest/calls/missed.api")) == 1


async def test_a_call_that_a_person_answered_stays_answered_whatever_missed_api_lists(
    account: Account, ended: Callable[..., Any]
) -> None:
    account.will(MISSED, said([{"uuid": "c2", "parentUuid": "p1"}]))
    assert (await ended("rows_one_leg_missed_while_its_sibling_answered", "p1")).outcome is Outcome.ANSWERED


async def test_an_employee_who_asked_a_colleague_meanwhile_is_no_answer_to_the_client(
    ended: Callable[..., Any],
) -> None:
    aside = {
        **fixture("company_calls")[0],
        "parentUuid": "p1",
        "endAt": fixture("rows_missed_by_a_department")[0]["endAt"],
    }
    call = await ended([*fixture("rows_missed_by_a_department"), aside], "p1")
    assert (call.direction, call.outcome) == (Direction.IN, Outcome.MISSED)


async def test_a_call_is_looked_for_around_its_own_times(account: Account, phonet: PhoneSystem) -> None:
    account.will(COMPANY, said([]))
    await phonet.final_words([CallOver("p1", None, at=ENDED, began=ENDED - seconds(3600))])
    asked = account.requests("/rest/calls/company.api")[0].url.params
    assert datetime.fromtimestamp(int(asked["timeFrom"]) / 1000, UTC) == ENDED - seconds(3600 + 600)
    assert datetime.fromtimestamp(int(asked["timeTo"]) / 1000, UTC) == ENDED + seconds(600)


async def test_without_its_times_a_call_is_looked_for_lately(account: Account, phonet: PhoneSystem) -> None:
    account.will(COMPANY, said([]))
    await phonet.final_words([CallOver("p1", None)])
    asked = account.requests("/rest/calls/company.api")[0].url.params
    assert datetime.fromtimestamp(int(asked["timeFrom"]) / 1000, UTC) == NOW - timedelta(hours=2)


async def history(phonet: PhoneSystem, start: datetime, end: datetime) -> list[Call]:
    return [call async for call in phonet.history(start, end)]


async def test_history_turns_the_manual_s_rows_into_calls_with_clients(account: Account, phonet: PhoneSystem) -> None:
    account.will(COMPANY, said(fixture("company_calls")))
    start = datetime(2015, 6, 26, 11, 0, tzinfo=UTC)
    (call,) = await history(phonet, start, start + timedelta(hours=1))
    assert call == Call(
        id="d38f07d9-3b59-47aa-c711-94c6bebe1621",
        direction=Direction.OUT,
        outcome=Outcome.ANSWERED,
        client="+380993034330",
        started_at=datetime(2015, 6, 26, 11, 24, 33, 511_000, tzinfo=UTC),
        ended_at=datetime(2015, 6, 26, 11, 24, 48, 511_000, tzinfo=UTC),
        answered_at=datetime(2015, 6, 26, 11, 24, 44, 511_000, tzinfo=UTC),
        wait=seconds(11),
        talk=seconds(4),
        our_number="+380442249895",
        employee="001",
        recording_url="https://podium.betell.com.ua/rest/public/calls/d38f07d9-3b59-47aa-c711-94c6bebe1621/audio",
        status="0",
    )


async def test_history_asks_for_all_directions_at_once(account: Account, phonet: PhoneSystem) -> None:
    account.will(COMPANY, said([]))
    await history(phonet, ENDED - timedelta(hours=2), ENDED)
    assert "directions" not in account.requests("/rest/calls/company.api")[0].url.params


async def test_history_leaves_pauses_out(account: Account, phonet: PhoneSystem) -> None:
    account.will(COMPANY, said(fixture("rows_pause")))
    assert await history(phonet, ENDED - timedelta(hours=2), NOW) == []


async def test_history_is_oldest_first_though_the_pbx_gives_the_newest_first(
    account: Account, phonet: PhoneSystem
) -> None:
    rows = fixture("rows_missed_by_a_department") + fixture("rows_outgoing_over_several_trunks")
    account.will(COMPANY, said(rows))
    account.will(ACTIVE, said([]))
    assert [call.id for call in await history(phonet, ENDED - timedelta(hours=2), NOW)] == ["p1", "o1"]


async def test_history_does_not_take_a_call_that_goes_on_for_missed(account: Account, phonet: PhoneSystem) -> None:
    account.will(COMPANY, said(fixture("rows_unanswered_legs_of_a_department")))
    account.will(ACTIVE, said([{"uuid": "c3", "parentUuid": "p1", "lgDirection": 4, "lastEvent": "call.bridge"}]))
    assert await history(phonet, ENDED - timedelta(hours=2), NOW) == []


@pytest.mark.parametrize(("start", "found"), [(0, 1), (-1, 1), (1, 0)])
async def test_history_holds_the_calls_that_began_in_its_period(
    account: Account, phonet: PhoneSystem, start: int, found: int
) -> None:
    account.will(COMPANY, said(fixture("rows_missed_by_a_department")))
    account.will(ACTIVE, said([]))
    began = ENDED - seconds(40)
    assert len(await history(phonet, began + seconds(start), NOW)) == found


async def test_a_call_is_told_once_however_the_period_is_cut(account: Account, phonet: PhoneSystem) -> None:
    """The manual does not say whether a period means starts or ends: here it means ends."""
    rows = fixture("rows_one_leg_missed_while_its_sibling_answered")

    def by_end(request: httpx.Request) -> httpx.Response:
        first, last = int(request.url.params["timeFrom"]), int(request.url.params["timeTo"])
        return said([row for row in rows if first <= row["endAt"] < last])

    account.will(COMPANY, by_end)
    account.will(ACTIVE, said([]))
    for cut in (-30, -20, 0, 30, 60):
        start = ENDED + seconds(cut) - timedelta(days=1)
        calls = await history(phonet, start, start + timedelta(days=2))
        assert [(call.id, call.outcome) for call in calls] == [("p1", Outcome.ANSWERED)]


async def test_old_history_does_not_ask_what_goes_on_now(account: Account, phonet: PhoneSystem) -> None:
    account.now = ENDED + timedelta(days=30)
    account.will(COMPANY, said(fixture("rows_missed_by_a_department")))
    assert len(await history(phonet, ENDED - timedelta(hours=1), ENDED + timedelta(hours=1))) == 1
    assert account.requests("/rest/calls/active/v3") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("o=380442249895;", ("380442249895",)),
        ("o=380442249895; o=380442246595;", ("380442249895", "380442246595")),
        ("+380442246595", ("+380442246595",)),
        ("", ()),
        (None, ()),
        (";", ()),
    ],
)
def test_a_trunk_may_hold_several_numbers(text: str | None, found: tuple[str, ...]) -> None:
    assert trunks(text) == found
