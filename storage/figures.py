"""What a period amounts to, added up by the database: calls by who and how, cases, ratings."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Label, case, func, select, type_coerce

from pbx.vocabulary import Direction, Outcome
from storage.database import Tx
from storage.tables import calls, cases, ratings


@dataclass(frozen=True, slots=True)
class CallGroup:
    """Calls alike in all of these."""

    pbx_id: str
    direction: Direction
    outcome: Outcome
    employee: str | None
    department: str | None
    our_number: str | None
    our_number_name: str | None
    count: int
    talked: timedelta


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The clients who could not reach us: how many cases stand in each state, and how long the returned ones took."""

    states: dict[str, int]
    returned_after: tuple[timedelta, ...]
    """From the first missed call until we reached the client, shortest first."""


@dataclass(frozen=True, slots=True)
class RatingGroup:
    """What clients said of one employee, None where nobody knows whose call it was."""

    pbx_id: str
    employee: str | None
    count: int
    stars: int
    """All of them together."""


def _count() -> Label[int]:
    return func.count().label("n")


async def of_calls(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> list[CallGroup]:
    """Calls with clients that began in [start, end)."""
    whole = type_coerce(calls.c.ended_at, BigInteger) - type_coerce(calls.c.answered_at, BigInteger)
    answered = calls.c.outcome == Outcome.ANSWERED.value
    talked = case((answered, func.coalesce(calls.c.talk_s * 1000, whole, 0)), else_=0)
    alike = (
        calls.c.pbx_id,
        calls.c.direction,
        calls.c.outcome,
        calls.c.employee,
        calls.c.department,
        calls.c.our_number,
    )
    query = (
        select(*alike, func.max(calls.c.our_number_name).label("name"), _count(), func.sum(talked).label("talked"))
        .where(calls.c.pbx_id.in_(pbx_ids), calls.c.started_at >= start, calls.c.started_at < end)
        .where(calls.c.direction != Direction.INTERNAL.value)
        .group_by(*alike)
    )
    return [
        CallGroup(
            row.pbx_id,
            Direction(row.direction),
            Outcome(row.outcome),
            row.employee,
            row.department,
            row.our_number,
            row.name,
            row.n,
            timedelta(milliseconds=int(row.talked)),
        )
        for row in await tx.execute(query)
    ]


async def of_cases(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> CaseFigures:
    """Cases opened in [start, end), as they stand now. One whose calls were answered after all is none."""
    opened = (
        cases.c.pbx_id.in_(pbx_ids),
        cases.c.opened_at >= start,
        cases.c.opened_at < end,
        cases.c.missed_count > 0,
    )
    states = await tx.execute(select(cases.c.state, _count()).where(*opened).group_by(cases.c.state))
    after = type_coerce(cases.c.closed_at, BigInteger) - type_coerce(cases.c.opened_at, BigInteger)
    returned = (cases.c.state == "returned", cases.c.closing_call.isnot(None), cases.c.closed_at.isnot(None))
    spans = (await tx.execute(select(after.label("span")).where(*opened, *returned).order_by("span"))).scalars()
    return CaseFigures(
        {row.state: row.n for row in states}, tuple(timedelta(milliseconds=max(span, 0)) for span in spans)
    )


async def of_ratings(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> list[RatingGroup]:
    """Ratings told in [start, end), and those of calls then that only the history knows of."""
    told = select(ratings).where(ratings.c.pbx_id.in_(pbx_ids), ratings.c.at >= start)
    kept = select(calls.c.pbx_id, calls.c.call_id, calls.c.employee, calls.c.rating).where(
        calls.c.pbx_id.in_(pbx_ids),
        calls.c.started_at >= start,
        calls.c.started_at < end,
        calls.c.rating.isnot(None),
    )
    stars: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    known = set()
    for row in await tx.execute(told):
        known.add((row.pbx_id, row.call_id))
        if row.at < end:
            stars[row.pbx_id, row.employee].append(row.stars)
    for row in await tx.execute(kept):
        if (row.pbx_id, row.call_id) not in known:
            stars[row.pbx_id, row.employee].append(row.rating)
    return [RatingGroup(pbx_id, who, len(given), sum(given)) for (pbx_id, who), given in stars.items()]
