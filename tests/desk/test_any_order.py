"""Whatever the order, the grouping and the repetition of news about calls, the stored cases are the same."""

import asyncio
import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from desk import ledger
from desk.office import Desk, Office, WorkingHours
from pbx.vocabulary import Call, Direction, Followup, Outcome
from storage.database import Database
from storage.tables import calls, cases
from tests.clocks import NOON, HandClock

OFFICE = Office(ZoneInfo("Europe/Moscow"), "RU", "en", WorkingHours.parse("Mon-Fri 09:00-18:00"), frozenset())
CLIENTS = itertools.count(79_100_000_000)
#: What one call may be reported as, again and again, the reports differing in what they leave out.
KINDS = st.sampled_from(
    [
        (Direction.IN, Outcome.MISSED),
        (Direction.IN, Outcome.HUNG_UP),
        (Direction.IN, Outcome.ANSWERED),
        (Direction.OUT, Outcome.ANSWERED),
        (Direction.OUT, Outcome.MISSED),
        (Direction.OUT, Outcome.BUSY),
        (Direction.OUT, Outcome.UNKNOWN),
    ]
)
MINUTES = st.integers(0, 60)


@st.composite
def reports(draw: st.DrawFn) -> list[tuple[str, Call]]:
    """What one or two PBXs say about one client's calls: each call in one to three reports."""
    said: list[tuple[str, Call]] = []
    for number in range(draw(st.integers(1, 7))):
        pbx_id = draw(st.sampled_from(["main", "main", "second"]))
        direction, outcome = draw(KINDS)
        started_at = NOON + timedelta(minutes=draw(MINUTES), seconds=draw(st.integers(0, 2)))
        first = a_call(f"call{number}", direction, outcome, started_at, draw(st.sampled_from([0, 15, 200])))
        said.append((pbx_id, first))
        for _ in range(draw(st.integers(0, 2))):
            said.append((pbx_id, draw(another_report(first))))
    return said


def a_call(call_id: str, direction: Direction, outcome: Outcome, started_at: datetime, wait: int) -> Call:
    reached = started_at + timedelta(seconds=wait)
    answered = outcome is Outcome.ANSWERED
    return Call(
        id=call_id,
        direction=direction,
        outcome=outcome,
        client=None,
        started_at=started_at,
        ended_at=reached + timedelta(seconds=90 if answered else 0),
        answered_at=reached if answered else None,
        wait=timedelta(seconds=wait),
    )


@st.composite
def another_report(draw: st.DrawFn, call: Call) -> Call:
    """The same call in other words: less said, more said, or better news."""
    changes: dict[str, Any] = draw(
        st.sampled_from(
            [
                {},
                {"wait": None, "answered_at": call.answered_at and call.started_at},
                {"status": "missed", "employee": "anna"},
                {"status": "Missed", "employee": "igor", "department": "Sales"},
                {"started_at": call.started_at + timedelta(milliseconds=400.4)},
                {"recording_url": "https://example.test/1", "rating": 4},
            ]
        )
    )
    if call.direction is Direction.IN and call.outcome is not Outcome.ANSWERED:
        changes = {
            **changes,
            **draw(st.sampled_from([{}, {"outcome": Outcome.ANSWERED}, {"outcome": Outcome.MISSED}])),
        }
        if changes.get("outcome") is Outcome.ANSWERED:
            changes["answered_at"] = call.ended_at
        else:
            changes["followup"] = draw(st.sampled_from([None, *Followup]))
    return replace(call, **changes)


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[tuple[str, Call]], list[list[tuple[str, Call]]]]:
    """The reports as they should come, and again: shuffled, some twice, several at a time."""
    said = draw(reports())
    again = draw(st.permutations([*said, *draw(st.lists(st.sampled_from(said), max_size=4))]))
    cuts = sorted(draw(st.lists(st.integers(0, len(again)), max_size=4)))
    return said, [again[i:j] for i, j in itertools.pairwise([0, *cuts, len(again)])]


def test_any_order_and_any_repetition_end_in_the_same_cases(database_url: str) -> None:
    with asyncio.Runner() as runner:
        desk = Desk(OFFICE, Database(database_url), HandClock(NOON + timedelta(hours=2)), {})

        @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
        @given(tellings())
        def holds(telling: tuple[list[tuple[str, Call]], list[list[tuple[str, Call]]]]) -> None:
            in_order, in_pieces = telling
            told = runner.run(told_one_by_one(desk, [[one] for one in in_order]))
            assert runner.run(told_one_by_one(desk, in_pieces)) == told

        try:
            holds()
        finally:
            runner.run(desk.db.aclose())


async def told_one_by_one(desk: Desk, pieces: list[list[tuple[str, Call]]]) -> list[Any]:
    """A client of its own, whose calls are told piece by piece; the cases it ends in."""
    client = f"+{next(CLIENTS)}"
    for piece in pieces:
        for pbx_id in ("main", "second"):
            news = [replace(call, id=f"{client} {call.id}", client=client) for one, call in piece if one == pbx_id]
            if news:
                async with desk.db.write() as tx:
                    await ledger.record_calls(desk, tx, pbx_id, news)
    return await told(desk, client)


async def told(desk: Desk, client: str) -> list[Any]:
    """The cases of a client and the calls in each, in words that do not depend on what came first."""
    async with desk.db.read() as tx:
        rows = (await tx.execute(select(cases).where(cases.c.client == client, cases.c.missed_count > 0))).all()
        theirs = (await tx.execute(select(calls).where(calls.c.client == client))).all()
    names = {row.id: row.call_id.split()[1] for row in theirs}
    # An attempt of ours that counts for a case at each of two PBXs is listed on one of the cards.
    listed = {"in", "out"} if len({row.pbx_id for row in rows}) == 1 else {"in"}
    found = [
        (
            row.pbx_id,
            row.opened_at,
            row.state,
            row.last_missed_at,
            row.missed_count,
            row.attempt_count,
            row.closed_at and str(row.closed_at),
            names.get(row.closing_call),
            row.employee,
            row.department,
            sorted(names[one.id] for one in theirs if one.case_id == row.id and one.direction in listed),
        )
        for row in rows
    ]
    return sorted(found, key=repr)  # two cases may differ in what one of them alone has
