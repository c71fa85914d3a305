"""A summary of a known day equals a count made by independent SQL, on both databases, and scans no whole table."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text

from desk import ledger, periods, views
from desk.cases import State
from desk.periods import Days
from desk.views import SummaryView
from pbx.vocabulary import Call, Direction, Outcome
from storage import ratings
from storage.database import Tx
from tests.clocks import NOON
from tests.office import Office

MOSCOW = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 3, 18)
MIDNIGHT = periods.midnight(TODAY, MOSCOW)
EVENING = MIDNIGHT + timedelta(hours=23, minutes=30)
IN_THE_DAY = "pbx_id = 'main' AND started_at >= :start AND started_at < :end"
EMPLOYEES = ("anna", "igor", "maria", None)


def a_past(random: Random, count: int, midnight: datetime = MIDNIGHT) -> list[Call]:
    """Calls of the day and of the one a week ago, from few clients, so that many are called back."""
    return [a_call(random, number, midnight) for number in range(count)]


def a_call(random: Random, number: int, midnight: datetime) -> Call:
    started = midnight - timedelta(days=random.choice((0, 0, 7))) + timedelta(seconds=random.randrange(-600, 86_000))
    direction = random.choices((Direction.IN, Direction.OUT, Direction.INTERNAL), (6, 3, 1))[0]
    outcome = random.choice(
        (Outcome.ANSWERED, Outcome.MISSED, Outcome.HUNG_UP)
        if direction is Direction.IN
        else (Outcome.ANSWERED, Outcome.MISSED, Outcome.BUSY)
    )
    answered = outcome is Outcome.ANSWERED
    wait, talk = timedelta(seconds=random.randrange(1, 90)), timedelta(seconds=random.randrange(5, 900) * answered)
    return Call(
        id=f"c{number}",
        direction=direction,
        outcome=outcome,
        client=f"+7910000{random.randrange(60):04}",
        started_at=started,
        answered_at=started + wait if answered else None,
        ended_at=started + wait + talk,
        wait=random.choice((wait, None)),
        talk=random.choice((talk, None)) if answered else None,
        our_number=random.choice(("+74950000001", "+74950000002")),
        employee=random.choice(EMPLOYEES) if answered or direction is Direction.OUT else None,
        department=random.choice(("Sales", "Service", None)),
        rating=random.choice((1, 3, 5)) if answered and random.random() < 0.2 else None,
    )


async def kept(office: Office, calls: Sequence[Call], random: Random, now: datetime = EVENING) -> None:
    """Recorded in no order at all, some ratings told by webhooks, some clients' cases closed by hand."""
    office.clock.set(now)
    async with office.desk.db.write() as tx:
        await ledger.record_calls(office.desk, tx, "main", random.sample(calls, len(calls)))
        for number in range(20):
            at, stars = MIDNIGHT + timedelta(hours=number), random.randrange(1, 6)
            await ratings.add(office.desk.db, tx, "main", f"r{number}", f"c{number}", None, "anna", stars, at)
        by_hand = text("UPDATE cases SET state = 'handled' WHERE state LIKE 'not_re%' AND id % 2 = 0")
        await tx.execute(by_hand)


async def seen(office: Office, days: Days | None = None) -> SummaryView:
    async with office.desk.db.read() as tx:
        asked = days or periods.named(periods.Period.TODAY, TODAY)
        zone = office.desk.office.timezone
        return await views.summary_view(office.desk, tx, ["main"], asked, office.clock.now(), zone)


class Counter:
    """Counts by SQL of its own within [start, end)."""

    def __init__(self, tx: Tx, start: datetime, end: datetime) -> None:
        self._tx = tx
        self._span = {name: round(at.timestamp() * 1000) for name, at in (("start", start), ("end", end))}

    async def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self._tx.execute(text(sql), self._span)]

    async def one(self, what: str, where: str = "TRUE") -> Any:
        [(found,)] = await self.rows(f"SELECT {what} FROM calls WHERE {IN_THE_DAY} AND {where}")
        return found

    async def by(self, column: str, where: str) -> dict[str, int]:
        return dict(
            await self.rows(
                f"SELECT {column}, count(*) FROM calls WHERE {IN_THE_DAY} AND {column} IS NOT NULL AND {where} "
                f"GROUP BY {column}"
            )
        )

    async def median_and_longest(self, spans: str) -> tuple[float, int]:
        """Of the numbers that `spans` selects as `s`: the middle one, or the mean of the two in the middle."""
        ranked = (
            f"SELECT s, row_number() OVER (ORDER BY s) AS place, count(*) OVER () AS many FROM ({spans}) AS spans"
        )
        [(median, longest)] = await self.rows(
            f"SELECT (SELECT avg(s * 1.0) FROM ({ranked}) AS r WHERE place * 2 BETWEEN many AND many + 2), max(s) "
            f"FROM ({spans}) AS all_of_them"
        )
        return float(median), int(longest)


MISSED = "outcome IN ('missed', 'hung_up')"
WAITED = """CASE WHEN outcome = 'answered' THEN coalesce(wait_s, (answered_at - started_at) / 1000)
            ELSE coalesce(wait_s, (ended_at - started_at) / 1000) END"""


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_summary_of_a_known_day_equals_an_independent_count(office: Office, seed: int) -> None:
    random = Random(seed)
    await kept(office, a_past(random, 400), random)
    view = await seen(office)
    await the_same_figures(office, view)
    assert view.summary.lost[State.HANDLED]
    await the_same_bars(office, view)


async def the_same_figures(office: Office, view: SummaryView) -> None:
    for summary, span in ((view.summary, view.span), (view.before, view.span_before)):
        async with office.desk.db.read() as tx:
            count = Counter(tx, span.start, span.end)
            calls = summary.calls
            assert calls.incoming == await count.one("count(*)", "direction = 'in'") > 50
            assert calls.answered == await count.one("count(*)", "direction = 'in' AND outcome = 'answered'")
            assert calls.missed == await count.one("count(*)", f"direction = 'in' AND {MISSED}")
            assert calls.outgoing == await count.one("count(*)", "direction = 'out'")
            assert calls.reached == await count.one("count(*)", "direction = 'out' AND outcome = 'answered'")
            talked = await count.one(
                "sum(coalesce(talk_s, (ended_at - answered_at) / 1000))",
                "outcome = 'answered' AND direction <> 'internal'",
            )
            assert calls.talked == timedelta(seconds=int(talked))
            await the_same_people(count, view=summary)
            await the_same_waits(count, view=summary)
            await the_same_cases(count, view=summary)
            assert (summary.ratings.count, summary.ratings.stars) == await rated(count)


async def the_same_people(count: Counter, view: Any) -> None:
    answered = await count.by("employee", "direction = 'in' AND outcome = 'answered'")
    made = await count.by("employee", "direction = 'out'")
    assert {who[1]: one.calls.answered for who, one in view.people.items() if one.calls.answered} == answered
    assert {who[1]: one.calls.outgoing for who, one in view.people.items() if one.calls.outgoing} == made
    departments = {name: one.incoming for name, one in view.departments.items()}
    assert departments == await count.by("department", "direction = 'in'")
    ours = {number: one.calls.missed for number, one in view.numbers.items()}
    assert ours == await count.by("our_number", f"direction = 'in' AND {MISSED}")


async def the_same_waits(count: Counter, view: Any) -> None:
    for spread, outcomes in ((view.waits, "outcome = 'answered'"), (view.waits_missed, MISSED)):
        spans = f"SELECT {WAITED} AS s FROM calls WHERE {IN_THE_DAY} AND direction = 'in' AND {outcomes}"
        median, longest = await count.median_and_longest(spans)
        assert spread.median == timedelta(seconds=median)
        assert spread.longest == timedelta(seconds=longest)


async def the_same_cases(count: Counter, view: Any) -> None:
    opened = "pbx_id = 'main' AND opened_at >= :start AND opened_at < :end AND missed_count > 0"
    states = await count.rows(f"SELECT state, count(*) FROM cases WHERE {opened} GROUP BY state")
    assert {state.value: number for state, number in view.lost.items()} == dict(states)
    assert State.RETURNED in view.lost
    returned = f"{opened} AND state = 'returned' AND closing_call IS NOT NULL"
    median, longest = await count.median_and_longest(f"SELECT closed_at - opened_at AS s FROM cases WHERE {returned}")
    assert view.returns.median == timedelta(milliseconds=median)
    assert view.returns.longest == timedelta(milliseconds=longest)


async def rated(count: Counter) -> tuple[int, int]:
    [(number, stars)] = await count.rows(
        f"""SELECT count(*), sum(stars) FROM (
        SELECT stars FROM ratings WHERE pbx_id = 'main' AND at >= :start AND at < :end
        UNION ALL
        SELECT rating FROM calls WHERE {IN_THE_DAY} AND rating IS NOT NULL
        AND call_id NOT IN (SELECT call_id FROM ratings WHERE call_id IS NOT NULL)) AS given"""
    )
    return int(number), int(stars)


async def the_same_bars(office: Office, view: SummaryView) -> None:
    """Hour by hour; Moscow has no clock changes, so that its hours are plain numbers."""
    hour = "(started_at - :start) / 3600000"
    unreturned = "case_id IN (SELECT id FROM cases WHERE state IN ('not_returned', 'not_reached', 'expired'))"
    async with office.desk.db.read() as tx:
        count = Counter(tx, view.span.start, view.span.end)
        answered = await count.by(hour, "direction = 'in' AND outcome = 'answered'")
        missed = await count.by(hour, f"direction = 'in' AND {MISSED}")
        left = await count.by(hour, f"direction = 'in' AND {MISSED} AND {unreturned}")
    assert left
    told = {(bar.hour, bar.answered, bar.missed, bar.unreturned) for bar in view.bars}
    hours: list[Any] = list(range(24))
    assert told == {(one, answered.get(one, 0), missed.get(one, 0), left.get(one, 0)) for one in hours}


# Query plans

A_YEAR_OF_CALLS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29999) {insert} FROM n",
    "postgresql": "{insert} FROM generate_series(0, 29999) AS n(i)",
}
INSERT = """INSERT INTO calls (pbx_id, call_id, direction, outcome, client, started_at, ended_at, status, via)
SELECT 'main', 'x' || i, 'in', 'missed', '+7910' || i, CAST(:first AS BIGINT) + i * CAST(1051200 AS BIGINT),
CAST(:first AS BIGINT) + i * CAST(1051200 AS BIGINT) + 20000, '', 'event'"""


@pytest.mark.parametrize("days", [1, 7, 30])
async def test_a_period_is_found_by_an_index(office: Office, days: int) -> None:
    """Of a year of calls, as often as an office of eighty calls a day has them."""
    db = office.desk.db
    async with db.write() as tx:
        first = round((NOON - timedelta(days=365)).timestamp() * 1000)
        await tx.execute(text(A_YEAR_OF_CALLS[tx.dialect.name].format(insert=INSERT)), {"first": first})
        await tx.execute(text("ANALYZE"))
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, statement: str, parameters: Any, *___: object) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    office.clock.set(EVENING)
    view = await seen(office, Days(TODAY - timedelta(days=days), TODAY))
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)
    assert view.summary.calls.missed > days * 70
    about_calls = [one for one in asked if "FROM calls" in one[0]]
    assert len(about_calls) == 8
    async with db.read() as tx:
        for statement, parameters in about_calls:
            plan = await explained(tx, statement, parameters)
            assert "ix_calls_started_at" in plan, plan
            assert "Seq Scan on calls" not in plan, plan
            assert "SCAN calls" not in plan, plan


async def explained(tx: Tx, statement: str, parameters: Any) -> str:
    how = "EXPLAIN QUERY PLAN" if tx.dialect.name == "sqlite" else "EXPLAIN"
    rows = await tx.exec_driver_sql(f"{how} {statement}", parameters)
    return "\n".join(str(row[-1]) for row in rows)


def test_the_generated_day_has_every_kind_of_call() -> None:
    """Else the comparison would compare nothing."""
    calls = a_past(Random(1), 400)
    kinds = {(one.direction, one.outcome) for one in calls if one.started_at >= MIDNIGHT}
    assert len(kinds) == 9
    assert all(one.started_at.tzinfo is UTC for one in calls)
