"""What a period amounts to, added up by the database: calls by who, how and when, cases, ratings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Label,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
)

from pbx.vocabulary import Direction, Outcome
from storage.database import Tx
from storage.tables import Instant, calls, cases, is_open, is_unreturned, ratings

#: Calls are counted by quarters of an hour: every zone's hours and days are made of whole ones.
QUARTER = timedelta(minutes=15)
_QUARTER_MS = round(QUARTER.total_seconds() * 1000)


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
class Line:
    """What calls name that a chat may have chosen."""

    direction: Direction
    department: str | None
    our_number: str | None


#: The lines whose calls are counted alone, by PBX; of PBXs that are not in it all calls are.
Only = Mapping[str, Sequence[Line]]


@dataclass(frozen=True, slots=True)
class WaitGroup:
    """Incoming calls whose client waited equally long; `employee` is who answered."""

    pbx_id: str
    employee: str | None
    answered: bool
    waited: timedelta
    count: int


@dataclass(slots=True)
class Quarter:
    """Incoming calls that began in one quarter of an hour."""

    answered: int = 0
    missed: int = 0
    unreturned: int = 0
    """Of the missed ones: nobody has reached the client since."""

    def join(self, other: "Quarter") -> None:
        self.answered += other.answered
        self.missed += other.missed
        self.unreturned += other.unreturned


@dataclass(frozen=True, slots=True)
class Returned:
    """A case that was returned: by whom, and how long after the first missed call."""

    pbx_id: str
    employee: str | None
    after: timedelta


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """The clients who could not reach us: how many cases stand in each state, and the returned ones."""

    states: dict[str, int]
    returned: tuple[Returned, ...]


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


def _milliseconds(column: ColumnElement[datetime]) -> ColumnElement[int]:
    return type_coerce(column, BigInteger)


def _within(pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None) -> ColumnElement[bool]:
    """Calls that began in [start, end)."""
    began = calls.c.started_at >= start, calls.c.started_at < end
    return and_(calls.c.pbx_id.in_(pbx_ids), *began, _on(only))


def _on(only: Only | None) -> ColumnElement[bool]:
    if not only:
        return true()
    said = (func.coalesce(calls.c.department, ""), func.coalesce(calls.c.our_number, ""))
    wanted = [
        (pbx_id, one.direction.value, one.department or "", one.our_number or "")
        for pbx_id, lines in only.items()
        for one in lines
    ]
    return or_(calls.c.pbx_id.not_in(only), tuple_(calls.c.pbx_id, calls.c.direction, *said).in_(wanted))


async def lines(tx: Tx, pbx_id: str, start: datetime, end: datetime) -> list[Line]:
    """Those of the calls that began in [start, end)."""
    said = select(calls.c.direction, calls.c.department, calls.c.our_number).distinct()
    return [
        Line(Direction(way), *named) for way, *named in await tx.execute(said.where(_within([pbx_id], start, end)))
    ]


_ANSWERED = calls.c.outcome == Outcome.ANSWERED.value
#: Incoming calls whose end is known.
_SETTLED = and_(
    calls.c.direction == Direction.IN.value,
    calls.c.outcome.in_([Outcome.ANSWERED.value, Outcome.MISSED.value, Outcome.HUNG_UP.value]),
)


_MISSED = and_(_SETTLED, ~_ANSWERED)


async def of_calls(
    tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None
) -> list[CallGroup]:
    """Calls with clients that began in [start, end)."""
    whole = _milliseconds(calls.c.ended_at) - _milliseconds(calls.c.answered_at)
    talked = case((_ANSWERED, func.coalesce(calls.c.talk_s * 1000, whole, 0)), else_=0)
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
        .where(_within(pbx_ids, start, end, only), calls.c.direction != Direction.INTERNAL.value)
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


def _seconds(span: ColumnElement[int]) -> ColumnElement[int]:
    """Whole ones; -1 where nobody told it. SQLite's FLOOR, as SQLAlchemy gives it, fails on NULL."""
    return func.coalesce(func.nullif(span, 0), -1000) // 1000


async def of_waits(
    tx: Tx,
    pbx_ids: Sequence[str],
    start: datetime,
    end: datetime,
    only: Only | None = None,
    *,
    by_employee: bool = True,
) -> list[WaitGroup]:
    """How long clients waited, in whole seconds; calls of which nobody told it are left out.

    Where the PBX tells no wait: until the answer, or as long as a missed call rang.
    """
    rang = _milliseconds(calls.c.ended_at) - _milliseconds(calls.c.started_at)
    until_answer = _milliseconds(calls.c.answered_at) - _milliseconds(calls.c.started_at)
    waited = case(
        (_ANSWERED, func.coalesce(calls.c.wait_s, _seconds(until_answer))),
        else_=func.coalesce(func.nullif(calls.c.wait_s, 0), _seconds(rang)),
    ).label("waited")
    who = (case((_ANSWERED, calls.c.employee), else_=None) if by_employee else null()).label("who")
    each = select(calls.c.pbx_id, who, _ANSWERED.label("answered"), waited).where(
        _within(pbx_ids, start, end, only), _SETTLED
    )
    one = each.subquery()
    query = select(one, _count()).where(one.c.waited >= 0).group_by(*one.c)
    return [
        WaitGroup(row.pbx_id, row.who, bool(row.answered), timedelta(seconds=row.waited), row.n)
        for row in await tx.execute(query)
    ]


#: Incoming calls by the number of the quarter of an hour in which they began, counted since 1970.
Quarters = dict[int, Quarter]


async def of_quarters(
    tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None
) -> Quarters:
    """When clients called, and whether somebody answered."""
    each = select(_quarter(), _ANSWERED.label("answered")).where(_within(pbx_ids, start, end, only), _SETTLED)
    one = each.subquery()
    found: Quarters = {}
    for row in await tx.execute(select(one, _count()).group_by(*one.c).order_by(one.c.quarter)):
        quarter = found.setdefault(row.quarter, Quarter())
        if row.answered:
            quarter.answered += row.n
        else:
            quarter.missed += row.n
    return found


async def of_unreturned(
    tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None
) -> Quarters:
    """Of the missed calls those whose clients nobody has reached since.

    Found by their cases, of which there are few: in a term, the calls' own beginning can't lead a planner elsewhere.
    """
    began = _milliseconds(calls.c.started_at) + 0
    first, after = (literal(moment, Instant) for moment in (start, end))
    query = (
        select(_quarter(), _count())
        .select_from(cases.join(calls, calls.c.case_id == cases.c.id))
        .where(cases.c.pbx_id.in_(pbx_ids), is_unreturned, cases.c.last_missed_at >= start, cases.c.opened_at < end)
        .where(began >= first, began < after, _MISSED, _on(only))
        .group_by("quarter")
    )
    return {row.quarter: Quarter(unreturned=row.n) for row in await tx.execute(query)}


def _quarter() -> Label[int]:
    return (_milliseconds(calls.c.started_at) // _QUARTER_MS).label("quarter")


def _opened(pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None) -> ColumnElement[bool]:
    """Cases opened in [start, end). One whose calls were answered after all is none."""
    began = cases.c.opened_at >= start, cases.c.opened_at < end
    heard = select(calls.c.id).where(calls.c.case_id == cases.c.id, _MISSED, _on(only)).exists() if only else true()
    return and_(cases.c.pbx_id.in_(pbx_ids), *began, cases.c.missed_count > 0, heard)


async def of_cases(
    tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None
) -> CaseFigures:
    """Cases opened in [start, end), as they stand now."""
    opened = _opened(pbx_ids, start, end, only)
    states = await tx.execute(select(cases.c.state, _count()).where(opened).group_by(cases.c.state))
    after = _milliseconds(cases.c.closed_at) - _milliseconds(cases.c.opened_at)
    returned = (cases.c.state == "returned", cases.c.closing_call.isnot(None), cases.c.closed_at.isnot(None))
    spans = await tx.execute(select(cases.c.pbx_id, cases.c.employee, after.label("span")).where(opened, *returned))
    return CaseFigures(
        {row.state: row.n for row in states},
        tuple(Returned(row.pbx_id, row.employee, timedelta(milliseconds=max(row.span, 0))) for row in spans),
    )


async def still_open(
    tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, limit: int, only: Only | None = None
) -> list[int]:
    """Of the cases opened in [start, end) those that are open now, the one that waits longest first."""
    open_ = (_opened(pbx_ids, start, end, only), is_open)
    query = select(cases.c.id).where(*open_).order_by(cases.c.opened_at, cases.c.id).limit(limit)
    return list((await tx.execute(query)).scalars())


async def of_ratings(
    tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None
) -> list[RatingGroup]:
    """Ratings told in [start, end), and those of calls then that only the history knows of."""
    its_call = calls.c.pbx_id == ratings.c.pbx_id, calls.c.call_id == ratings.c.call_id
    elsewhere = select(calls.c.id).where(*its_call, ~_on(only)).exists() if only else false()
    told = select(ratings.c.pbx_id, ratings.c.employee, ratings.c.stars).where(
        ratings.c.pbx_id.in_(pbx_ids), ratings.c.at >= start, ratings.c.at < end, ~elsewhere
    )
    is_told = select(ratings.c.id).where(*its_call)
    kept = select(calls.c.pbx_id, calls.c.employee, calls.c.rating.label("stars")).where(
        _within(pbx_ids, start, end, only), calls.c.rating.isnot(None), ~is_told.exists()
    )
    one = told.union_all(kept).subquery()
    whose = (one.c.pbx_id, one.c.employee)
    query = select(*whose, _count(), func.sum(one.c.stars).label("stars")).group_by(*whose)
    return [RatingGroup(row.pbx_id, row.employee, row.n, int(row.stars)) for row in await tx.execute(query)]
