"""Totals of what is over: as true as the rows, whatever changes and whoever writes meanwhile. They spare the rows."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, event, func, select, text

from desk import ledger, periods, privacy, totalling, totals, views
from desk.office import Desk
from desk.periods import A_DAY, Days
from desk.summaries import Summary
from desk.views import SummaryView
from pbx.vocabulary import Direction, Outcome
from storage import ratings, tables
from storage import totals as stored
from storage.database import Database, Tx
from storage.people import employee_names as names
from storage.totals import CALLS, CASES, OF_DAYS, PEOPLE, TEN_DAYS, Stretch
from tests.desk.test_summaries import call
from tests.desk.test_summary_counts import EVENING, MOSCOW, TODAY, a_past, kept, seen, the_same_bars, the_same_figures
from tests.office import Office, an_office

TOMORROW = EVENING + timedelta(hours=12)
KYIV = ZoneInfo("Europe/Kyiv")
#: That day, which is over; a week ago, which it is compared with, has calls too.
THE_DAY = Days(TODAY, TODAY + A_DAY)


@pytest.fixture(autouse=True)
def _few_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Today's alone: adding up takes time."""
    monkeypatch.setattr(totalling, "HOURS_KEPT", 1)


async def all_added_up(office: Office, desk: Desk | None = None) -> int:
    done = 0
    while more := await totalling.keep_up(desk or office.desk):
        done += more
    return done


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def true(office: Office, days: Days = THE_DAY) -> SummaryView:
    """The summary, having been compared with a count by other statements."""
    view = await seen(office, days)
    await the_same_figures(office, view)
    return view


async def a_known_past(office: Office, now: datetime = TOMORROW) -> None:
    random = Random(3)
    await kept(office, a_past(random, 400), random)
    office.clock.set(now)
    await all_added_up(office)


async def test_days_that_are_over_are_not_counted_again(office: Office) -> None:
    await a_known_past(office)
    with statements(office.desk.db) as asked:
        view = await seen(office, THE_DAY)
    about_calls = [one for one in asked if "FROM calls" in one or "JOIN calls" in one]
    assert all("calls.case_id IN " in one or "calls.id IN " in one for one in about_calls)  # the cards of who waits
    await the_same_figures(office, view)
    await the_same_bars(office, view)


async def test_of_today_only_the_hour_that_goes_on_is_counted(office: Office) -> None:
    await a_known_past(office, EVENING)
    with statements(office.desk.db) as asked:
        view = await seen(office)
    assert sum("GROUP BY calls.pbx_id, calls.direction" in one for one in asked) == 2  # and that of a week ago
    await the_same_figures(office, view)
    await the_same_bars(office, view)


async def test_a_round_adds_up_what_has_come_to_be_over(office: Office) -> None:
    await a_known_past(office)
    assert await all_added_up(office) == 0
    office.clock.advance(hours=1)
    assert await all_added_up(office) == 1
    office.clock.advance(days=1)
    assert await all_added_up(office) == 12 + 3


Change = Callable[[Office, Tx], Awaitable[Any]]


async def a_late_call(office: Office, tx: Tx) -> None:
    late = call("late", Direction.IN, Outcome.MISSED, EVENING - timedelta(hours=9), client="+79990000001")
    await ledger.record_call(office.desk, tx, "main", late)


async def better_news(office: Office, tx: Tx) -> None:
    """A call of that day was answered after all, and so was the case."""
    query = select(tables.calls.c.call_id).where(tables.calls.c.outcome == "missed", tables.calls.c.direction == "in")
    call_id = (await tx.execute(query.order_by(tables.calls.c.started_at.desc()).limit(1))).scalar_one()
    known = call(call_id, Direction.IN, Outcome.ANSWERED, EVENING - timedelta(hours=3), employee="igor")
    await ledger.record_call(office.desk, tx, "main", known)


async def a_late_return(office: Office, tx: Tx) -> None:
    query = select(tables.cases.c.client).where(tables.is_open, tables.cases.c.client.isnot(None))
    client = (await tx.execute(query.order_by(tables.cases.c.opened_at.desc()).limit(1))).scalar_one()
    back = call("back", Direction.OUT, Outcome.ANSWERED, TOMORROW, client=client, employee="anna")
    await ledger.record_call(office.desk, tx, "main", back)


async def a_late_rating(office: Office, tx: Tx) -> None:
    at = EVENING - timedelta(hours=2)
    await ratings.add(office.desk.db, tx, "main", "late", None, None, "maria", 2, at)


async def stars_told_again(office: Office, tx: Tx) -> None:
    """The history knew them, and now a webhook has told them, of today: they count once, and today."""
    query = select(tables.calls.c.call_id).where(tables.calls.c.rating.isnot(None))
    untold = query.where(tables.calls.c.call_id.not_in(select(tables.ratings.c.call_id)))
    call_id = (await tx.execute(untold.limit(1))).scalar_one_or_none()
    await ratings.add(office.desk.db, tx, "main", "told", call_id or "c1", None, "anna", 5, TOMORROW)


async def gone_calls(office: Office, tx: Tx) -> None:
    await tx.execute(text("DELETE FROM calls WHERE id % 7 = 0"))


async def gone_cases(office: Office, tx: Tx) -> None:
    await tx.execute(text("DELETE FROM cases WHERE id % 3 = 0"))


async def gone_ratings(office: Office, tx: Tx) -> None:
    await tx.execute(text("DELETE FROM ratings WHERE id % 2 = 0"))


CHANGES = (
    *(a_late_call, better_news, a_late_return, a_late_rating, stars_told_again),
    *(gone_calls, gone_cases, gone_ratings),
)


async def test_a_change_of_a_day_that_is_over_is_told_at_once_and_added_up_anew(office: Office) -> None:
    await a_known_past(office)
    for change in CHANGES:
        before = (await true(office)).summary
        async with office.desk.db.write() as tx:
            await change(office, tx)
        after = (await true(office)).summary
        assert change is stars_told_again or after != before, change
        assert await all_added_up(office) > 0, change
        assert (await true(office)).summary == after, change
        async with office.desk.db.read() as tx:
            assert (await tx.execute(select(func.count()).select_from(tables.outdated))).scalar_one() == 0


async def test_what_happens_today_outdates_nothing(office: Office) -> None:
    await a_known_past(office)
    async with office.desk.db.write() as tx:
        today = call("new", Direction.IN, Outcome.MISSED, TOMORROW, client="+79990000002")
        await ledger.record_call(office.desk, tx, "main", today)
        await ratings.add(office.desk.db, tx, "main", "new", "new", None, "anna", 4, TOMORROW)
    async with office.desk.db.read() as tx:
        assert (await tx.execute(select(func.count()).select_from(tables.outdated))).scalar_one() == 0


async def test_a_client_who_is_forgotten_is_not_in_the_totals_either(office: Office) -> None:
    await a_known_past(office)
    before = (await true(office)).summary
    await privacy.forget(office.desk, "+79100000001")
    after = (await true(office)).summary
    assert after.calls.incoming + after.calls.outgoing < before.calls.incoming + before.calls.outgoing
    await all_added_up(office)
    assert (await true(office)).summary == after


async def test_what_is_written_while_it_is_added_up_is_not_lost(office: Office) -> None:
    """Between the count and its being written down: the total is there, and nobody believes it."""
    await a_known_past(office)
    db = office.desk.db
    day = Stretch("main", CALLS, periods.midnight(TODAY, MOSCOW), periods.midnight(TODAY + A_DAY, MOSCOW))
    async with db.write() as tx:
        mark = await stored.begin(db, tx, [day])
    async with db.read() as tx:
        counted = totals.written(await totals.counted(tx, day))
    async with db.write() as tx:
        await a_late_call(office, tx)
    async with db.write() as tx:
        assert await stored.finish(tx, day, mark, counted)
    await true(office)
    async with db.write() as tx:
        await stored.begin(db, tx, [day])
        assert not await stored.finish(tx, day, mark, counted)  # another has begun meanwhile
    await all_added_up(office)
    await true(office)


async def test_who_was_writing_before_is_waited_for(postgres_url: str) -> None:
    """Their change is neither in the count, nor could they know that it had begun."""
    async with an_office(postgres_url) as office:
        await kept(office, a_past(Random(3), 400), Random(3))
        office.clock.set(TOMORROW)
        async with office.desk.db.write() as tx:
            await a_late_call(office, tx)
            assert await totalling.keep_up(office.desk) == 0
        assert await all_added_up(office) > 0
        await true(office)


@pytest.mark.parametrize("changes", [date(2026, 3, 29), date(2026, 10, 25)])
async def test_the_day_of_a_clock_change_has_its_own_length(sqlite_url: str, changes: date) -> None:
    midnight = periods.midnight(changes, KYIV)
    async with an_office(sqlite_url, office={"timezone": "Europe/Kyiv"}) as office:
        random = Random(5)
        past = [replace(one, started_at=one.started_at) for one in a_past(random, 300, midnight)]
        await kept(office, past, random, midnight + timedelta(hours=36))
        days = Days(changes, changes + A_DAY)
        counted = await true(office, days)
        await all_added_up(office)
        added_up = await true(office, days)
        assert (added_up.summary, added_up.before, added_up.bars) == (counted.summary, counted.before, counted.bars)
        assert added_up.span.end - added_up.span.start != A_DAY


async def test_an_office_that_moves_has_its_days_added_up_anew(office: Office) -> None:
    await a_known_past(office)
    moved = replace(office.desk, office=replace(office.desk.office, timezone=ZoneInfo("Asia/Kathmandu")))
    assert await all_added_up(office, moved) > 0
    async with moved.db.read() as tx:
        view = await views.summary_view(moved, tx, ["main"], THE_DAY, TOMORROW, moved.office.timezone)
    await the_same_figures(office, view)
    await true(office)
    async with office.desk.db.read() as tx:
        starts = set((await tx.execute(select(tables.totals.c.start_at))).scalars())
    assert {one.minute for one in starts} == {15}


#: It is over in April, as are the days that it has of our past.
A_THIRD = Days(date(2026, 3, 11), date(2026, 3, 21))


async def test_the_third_of_a_month_is_made_of_its_days_and_spares_them(office: Office) -> None:
    await a_known_past(office, TOMORROW + timedelta(days=14))
    async with office.desk.db.write() as tx:
        await tx.execute(delete(tables.totals).where(tables.totals.c.part.in_(("calls", "cases", "people"))))
    with statements(office.desk.db) as asked:
        await the_same_as_recounted(office, A_THIRD)
    assert sum("FROM totals" in one for one in asked) == 3
    assert sum("GROUP BY calls.pbx_id, calls.direction" in one for one in asked) == 1  # the recount's


async def test_a_third_is_as_true_as_its_days(office: Office) -> None:
    await a_known_past(office, TOMORROW + timedelta(days=14))
    for change in CHANGES:
        async with office.desk.db.write() as tx:
            await change(office, tx)
        await the_same_as_recounted(office, A_THIRD)
        assert change is stars_told_again or await all_added_up(office) > 3, change
        await the_same_as_recounted(office, A_THIRD)


async def the_same_as_recounted(office: Office, days: Days) -> None:
    span = days.span(MOSCOW)
    async with office.desk.db.read() as tx:
        joined = await totals.of(tx, ["main"], span)
        recounted = Summary()
        for part in (CALLS, CASES, PEOPLE):
            recounted.join(await totals.counted(tx, Stretch("main", part, span.start, span.end)))
        recounted.put_in_order({("main", login): name for login, name in (await names(tx, "main")).items()})
    assert joined == recounted
    assert joined.calls.incoming > 50


def test_thirds_follow_one_another_through_the_months_of_a_year() -> None:
    first, after = date(2024, 1, 1), date(2025, 1, 1)
    thirds = [one for one in totalling._thirds("main", first, after, KYIV) if one.part == TEN_DAYS[CALLS]][::-1]
    assert len(thirds) == 36
    assert [one.end for one in thirds[:-1]] == [one.start for one in thirds[1:]]
    assert (thirds[0].start, thirds[-1].end) == (periods.midnight(first, KYIV), periods.midnight(after, KYIV))


def test_a_third_whose_cases_go_on_is_left_to_its_days() -> None:
    first = date(2026, 3, 11)
    parts = {
        day: {one.part for one in totalling._thirds("main", first, date(2026, 3, day), KYIV)} for day in (20, 27, 28)
    }
    assert parts == {20: set(), 27: {TEN_DAYS[CALLS], TEN_DAYS[PEOPLE]}, 28: set(OF_DAYS)}


async def test_two_pbxs_are_added_up_apart(office: Office) -> None:
    await a_known_past(office)
    async with office.desk.db.write() as tx:
        other = call("other", Direction.IN, Outcome.MISSED, EVENING - timedelta(hours=5))
        await ledger.record_call(office.desk, tx, "other", other)
    both = await summary_of(office, "main", "other")
    assert both.calls.missed == (await summary_of(office, "main")).calls.missed + 1


async def summary_of(office: Office, *pbx_ids: str) -> Summary:
    async with office.desk.db.read() as tx:
        return await totals.of(tx, pbx_ids, THE_DAY.span(MOSCOW))
