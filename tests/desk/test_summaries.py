"""What a period amounts to."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from desk import ledger, rated, totals
from desk.cases import State
from desk.periods import Days, Span
from desk.summaries import Bar, Spread, Summary, add_quarters, bars, of_calls, of_cases, of_people
from pbx.vocabulary import Call, Direction, Outcome, Rated
from storage import people, ratings
from storage.figures import QUARTER, CallGroup, CaseFigures, Quarter, Quarters, RatingGroup, Returned, WaitGroup
from tests.clocks import NOON
from tests.office import ANNA, Office

NOTHING = CaseFigures({}, ())
A_DAY = timedelta(days=1)
KYIV = ZoneInfo("Europe/Kyiv")


def group(
    direction: Direction,
    outcome: Outcome,
    count: int = 1,
    *,
    employee: str | None = None,
    department: str | None = None,
    number: str | None = None,
    minutes: int = 0,
    pbx_id: str = "main",
) -> CallGroup:
    return CallGroup(
        pbx_id, direction, outcome, employee, department, number, None, count, timedelta(minutes=minutes)
    )


IN, OUT = Direction.IN, Direction.OUT


def summarise(
    calls: list[CallGroup],
    cases: CaseFigures,
    ratings: list[RatingGroup],
    waits: list[WaitGroup],
    names: dict[tuple[str, str], str],
) -> Summary:
    """All parts of one time."""
    summary = of_calls(calls, ratings, waits, {})
    for part in (of_cases(cases, {}), of_people(waits)):
        summary.join(part)
    summary.put_in_order(names)
    return summary


def test_nothing_amounts_to_nothing() -> None:
    summary = summarise([], NOTHING, [], [], {})
    assert summary.is_empty
    assert (summary.calls.share_answered, summary.returns.median, summary.ratings.average) == (None, None, None)


def test_calls_are_counted_by_direction_and_outcome() -> None:
    calls = [
        group(IN, Outcome.ANSWERED, 6, minutes=30),
        group(IN, Outcome.MISSED, 2),
        group(IN, Outcome.HUNG_UP, 1),
        group(IN, Outcome.UNKNOWN, 1),
        group(OUT, Outcome.ANSWERED, 3, minutes=10),
        group(OUT, Outcome.MISSED, 2),
        group(OUT, Outcome.BUSY, 1),
    ]
    whole = summarise(calls, NOTHING, [], [], {}).calls
    assert (whole.incoming, whole.answered, whole.missed) == (10, 6, 3)
    assert (whole.outgoing, whole.reached) == (6, 3)
    assert whole.talked == timedelta(minutes=40)
    assert whole.share_answered == 6 / 9


def test_a_missed_call_is_nobodys_fault_but_the_departments() -> None:
    calls = [
        group(IN, Outcome.ANSWERED, 2, employee="anna", department="Sales"),
        group(IN, Outcome.MISSED, 5, employee="anna", department="Sales"),
        group(OUT, Outcome.BUSY, 1, employee="anna", department="Sales"),
        group(IN, Outcome.ANSWERED, 9, employee="igor", department="Service"),
    ]
    summary = summarise(calls, NOTHING, [], [], {("main", "anna"): "Anna"})
    assert [
        (one.name, one.calls.answered, one.calls.missed, one.calls.outgoing) for one in summary.people.values()
    ] == [
        ("igor", 9, 0, 0),
        ("Anna", 2, 0, 1),
    ]
    assert [(name, tally.incoming, tally.missed) for name, tally in summary.departments.items()] == [
        ("Service", 9, 0),
        ("Sales", 7, 5),
    ]


def test_the_same_login_at_two_pbxs_is_two_people() -> None:
    calls = [group(IN, Outcome.ANSWERED, employee="701", pbx_id=pbx_id) for pbx_id in ("main", "spb")]
    names = {("main", "701"): "Anna", ("spb", "701"): "Boris"}
    assert [one.name for one in summarise(calls, NOTHING, [], [], names).people.values()] == ["Anna", "Boris"]


def test_our_numbers_are_told_by_what_came_in() -> None:
    calls = [
        replace(group(IN, Outcome.ANSWERED, 3, number="+74950000001"), our_number_name="Ads"),
        group(IN, Outcome.MISSED, 1, number="+74950000001"),
        group(OUT, Outcome.ANSWERED, 8, number="+74950000001"),
    ]
    [number] = summarise(calls, NOTHING, [], [], {}).numbers.values()
    assert (number.number, number.name, number.calls.incoming, number.calls.missed) == ("+74950000001", "Ads", 4, 1)


def test_the_median_of_an_even_number_lies_between() -> None:
    returned = tuple(Returned("main", "anna", timedelta(minutes=one)) for one in (5, 60, 1, 3))
    summary = summarise([], CaseFigures({"returned": 4, "not_reached": 1}, returned), [], [], {})
    assert (summary.returns.median, summary.returns.longest) == (timedelta(minutes=4), timedelta(minutes=60))
    assert summary.people["main", "anna"].returns.total == 4
    assert (summary.lost, summary.still_open) == ({State.RETURNED: 4, State.NOT_REACHED: 1}, 1)


def test_ratings_are_averaged_as_a_whole_and_for_each_employee() -> None:
    given = [RatingGroup("main", "anna", 3, 14), RatingGroup("main", None, 1, 1)]
    summary = summarise([], NOTHING, given, [], {})
    assert (summary.ratings.count, summary.ratings.average) == (4, 3.75)
    assert [(one.name, one.ratings.average) for one in summary.people.values()] == [("anna", 14 / 3)]


def call(call_id: str, direction: Direction, outcome: Outcome, at: datetime, **more: object) -> Call:
    answered = outcome is Outcome.ANSWERED
    made = Call(
        id=call_id,
        direction=direction,
        outcome=outcome,
        client="+79100000001",
        started_at=at,
        ended_at=at + timedelta(seconds=100),
        answered_at=at + timedelta(seconds=10) if answered else None,
    )
    return replace(made, **more)  # type: ignore[arg-type]


async def summary_of(office: Office, start: datetime, end: datetime) -> Summary:
    async with office.desk.db.read() as tx:
        return await totals.of(tx, ["main"], Span(start, end))


async def test_the_database_adds_it_up(office: Office) -> None:
    calls = [
        call("a", IN, Outcome.MISSED, NOON, department="Sales", our_number="+74950000001"),
        call("b", OUT, Outcome.BUSY, NOON + timedelta(minutes=5), employee="anna"),
        call("c", OUT, Outcome.ANSWERED, NOON + timedelta(minutes=20), employee="anna", talk=timedelta(seconds=61)),
        call("d", IN, Outcome.ANSWERED, NOON + timedelta(minutes=40), employee="igor", rating=5),
        call("e", IN, Outcome.ANSWERED, NOON + timedelta(minutes=50), employee="igor", rating=3),
        call("f", Direction.INTERNAL, Outcome.ANSWERED, NOON + timedelta(minutes=50), employee="igor"),
        call("g", IN, Outcome.MISSED, NOON + A_DAY),
    ]
    async with office.desk.db.write() as tx:
        await people.save_employees(office.desk.db, tx, "main", [])
        await ledger.record_calls(office.desk, tx, "main", calls)
        # Told by a webhook, and known from the history too: one rating.
        at = NOON + timedelta(hours=1)
        await rated.happened(office.desk, tx, "main", "k", Rated(3, "e", None, "igor"), at)
        await ratings.add(office.desk.db, tx, "main", "l", None, None, None, 1, at)
    summary = await summary_of(office, NOON, NOON + A_DAY)
    assert (summary.calls.incoming, summary.calls.answered, summary.calls.missed) == (3, 2, 1)
    assert (summary.calls.outgoing, summary.calls.reached) == (2, 1)
    assert summary.calls.talked == timedelta(seconds=61 + 90 + 90)
    assert summary.lost == {State.RETURNED: 1}
    assert summary.returns.median == timedelta(minutes=20, seconds=10)
    assert (summary.ratings.count, summary.ratings.average) == (3, 3)
    assert [
        (one.name, one.calls.answered, one.calls.outgoing, one.ratings.average) for one in summary.people.values()
    ] == [
        ("anna", 0, 2, None),
        ("igor", 2, 0, 4),
    ]
    tomorrow = await summary_of(office, NOON + A_DAY, NOON + 2 * A_DAY)
    assert (tomorrow.calls.incoming, tomorrow.lost) == (1, {State.NOT_RETURNED: 1})


async def test_who_did_not_wait_at_all_is_in_the_summary(office: Office) -> None:
    """A PBX that tells no wait, and a beginning, an answer and an end in one second."""
    await office.connected()
    at = office.clock.now()
    office.clock.advance(minutes=10)
    calls = [
        call("a", IN, Outcome.ANSWERED, at, answered_at=at, employee="anna"),
        call("b", IN, Outcome.HUNG_UP, at, ended_at=at, client="+79100000002"),
        call("c", IN, Outcome.ANSWERED, at, answered_at=None, ended_at=at, client="+79100000003"),
    ]
    async with office.desk.db.write() as tx:
        await ledger.record_calls(office.desk, tx, "main", calls)
    await office.settle()
    [told] = await office.says(ANNA, office.team, "/summary today")
    assert "3 incoming calls" in told.text
    assert "2 answered" in told.text
    [told] = await office.says(ANNA, office.team, "/summary me today")
    assert "Clients waited" not in told.text


async def test_a_call_answered_after_all_lost_nobody(office: Office) -> None:
    for outcome in (Outcome.MISSED, Outcome.ANSWERED):
        async with office.desk.db.write() as tx:
            await ledger.record_call(office.desk, tx, "main", call("a", IN, outcome, NOON))
    summary = await summary_of(office, NOON, NOON + A_DAY)
    assert (summary.calls.answered, summary.calls.missed, summary.lost) == (1, 0, {})


def test_waits_are_told_of_whole_and_of_who_answered() -> None:
    seconds = [timedelta(seconds=one) for one in (5, 7, 30)]
    waits = [
        WaitGroup("main", "anna", True, seconds[0], 3),
        WaitGroup("main", None, True, seconds[1], 1),
        WaitGroup("main", None, False, seconds[2], 2),
    ]
    summary = summarise([], NOTHING, [], waits, {})
    assert (summary.waits.median, summary.waits.longest) == (seconds[0], seconds[1])
    assert (summary.waits_missed.total, summary.waits_missed.longest) == (2, seconds[2])
    assert summary.people["main", "anna"].waits.total == 3


@given(st.lists(st.integers(0, 50), min_size=1))
def test_the_median_is_that_of_the_whole_list(seconds: list[int]) -> None:
    spread = Spread()
    for one in seconds:
        spread.add(timedelta(seconds=one))
    assert spread.median == timedelta(seconds=median(seconds))
    assert (spread.total, spread.longest) == (len(seconds), timedelta(seconds=max(seconds)))


def quarters(*at: datetime, **counts: int) -> Quarters:
    found: Quarters = {}
    for one in at:
        add_quarters(found, {int(one.timestamp() // QUARTER.total_seconds()): Quarter(**(counts or {"answered": 1}))})
    return found


def test_the_hour_that_a_clock_change_repeats_is_one_bar_and_a_skipped_one_is_empty() -> None:
    back, forward = date(2026, 10, 25), date(2026, 3, 29)
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    [bar] = [one for one in bars(quarters(*twice), Days(back, back + A_DAY), KYIV) if one.answered]
    assert (bar.hour, bar.answered) == (3, 2)
    hours = bars(quarters(datetime(2026, 3, 29, 1, tzinfo=UTC)), Days(forward, forward + A_DAY), KYIV)
    assert [(one.hour, one.answered) for one in hours][2:5] == [(2, 0), (3, 0), (4, 1)]


def test_longer_periods_are_told_by_day_and_very_long_ones_by_week() -> None:
    first = date(2026, 3, 1)
    told = quarters(datetime(2026, 3, 9, 23, 45, tzinfo=KYIV), answered=2, missed=4, unreturned=1)
    month = bars(told, Days(first, date(2026, 4, 1)), KYIV)
    assert (len(month), month[8]) == (31, Bar(date(2026, 3, 9), None, 2, 4, 1))
    year = bars(told, Days(first, date(2027, 3, 1)), KYIV)
    assert (len(year), year[1]) == (53, Bar(date(2026, 3, 8), None, 2, 4, 1))
