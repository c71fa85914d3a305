"""Figures of stretches of time that are over, added up once, and which of them are true no more.

A total is true if it has figures and no row of `outdated` touches it. Triggers write those rows (migration 0003) in
the transaction that changes a call, a case or a rating, only where there are totals of that time, and only by
inserting: writers never wait for each other because of them.

    begin    the total is there without figures: from now on changes to its time leave a row in `outdated`
    settled  who had changed something before that and could not know it has committed or gone
    finish   the figures counted since are written, if the total is still the same one

So a change before `begin` is counted, and one after it is noted, whatever happens at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import randbits

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, text, tuple_, update

from storage.database import Database, Tx
from storage.tables import calls, outdated, totals

#: What there are totals of: calls, ratings and waits of days and of hours, the waits by employee, cases.
CALLS, HOURS, PEOPLE, CASES = "calls", "hours", "people", "cases"
#: The same of ten days together, by what they are of days: a month is three of them.
TEN_DAYS = {CALLS: "calls10", PEOPLE: "people10", CASES: "cases10"}
OF_DAYS = {ten: one for one, ten in TEN_DAYS.items()}
#: Outdated rows looked through in one transaction.
PIECE = 500


@dataclass(frozen=True, slots=True)
class Stretch:
    """[start, end) of one PBX, and which part of its figures."""

    pbx_id: str
    part: str
    start: datetime
    end: datetime


def _touched() -> ColumnElement[bool]:
    """Whether a row of `outdated` is about the row of `totals` beside it."""
    of_cases = totals.c.part.in_((CASES, TEN_DAYS[CASES]))
    within = and_(outdated.c.first_at < totals.c.end_at, outdated.c.last_at >= totals.c.start_at)
    same = and_(outdated.c.pbx_id == totals.c.pbx_id, or_(outdated.c.what == CALLS, of_cases))
    return and_(within, same)


async def within(tx: Tx, wanted: Stretch) -> list[tuple[Stretch, str]]:
    """The true totals of that part that lie within a stretch, the earliest first, with their figures."""
    fits = (totals.c.end_at > wanted.start, totals.c.end_at <= wanted.end, totals.c.start_at >= wanted.start)
    mine = (totals.c.pbx_id == wanted.pbx_id, totals.c.part == wanted.part, totals.c.figures.isnot(None))
    query = select(totals).where(*mine, *fits, ~select(outdated.c.id).where(_touched()).exists())
    rows = await tx.execute(query.order_by(totals.c.start_at, totals.c.end_at))
    return [(Stretch(row.pbx_id, row.part, row.start_at, row.end_at), row.figures) for row in rows]


async def known(tx: Tx, pbx_id: str) -> set[Stretch]:
    """The stretches of a PBX that there are figures of, true or not."""
    keys = select(totals.c.pbx_id, totals.c.part, totals.c.start_at, totals.c.end_at)
    rows = await tx.execute(keys.where(totals.c.pbx_id == pbx_id, totals.c.figures.isnot(None)))
    return {Stretch(*row) for row in rows}


async def first_call(tx: Tx, pbx_id: str) -> datetime | None:
    """When the first call began that we still know."""
    query = select(calls.c.started_at).where(calls.c.pbx_id == pbx_id).order_by(calls.c.started_at).limit(1)
    return (await tx.execute(query)).scalar_one_or_none()


async def sweep(tx: Tx) -> int:
    """Drop a piece of the totals that are true no more; how many changes it was."""
    ids = list((await tx.execute(select(outdated.c.id).order_by(outdated.c.id).limit(PIECE))).scalars())
    if ids:
        changed = select(outdated.c.id).where(outdated.c.id.in_(ids), _touched())
        await tx.execute(delete(totals).where(changed.exists()))
        await tx.execute(delete(outdated).where(outdated.c.id.in_(ids)))
    return len(ids)


async def drop(tx: Tx, unwanted: Sequence[Stretch]) -> None:
    keys = tuple_(totals.c.pbx_id, totals.c.part, totals.c.start_at, totals.c.end_at)
    for start in range(0, len(unwanted), PIECE):
        piece = [(one.pbx_id, one.part, one.start, one.end) for one in unwanted[start : start + PIECE]]
        await tx.execute(delete(totals).where(keys.in_(piece)))


async def drop_before(tx: Tx, moment: datetime) -> None:
    """Those of what was before `moment`, whole or in part."""
    await tx.execute(delete(totals).where(totals.c.start_at < moment))
    await tx.execute(delete(outdated).where(outdated.c.last_at < moment))


async def begin(db: Database, tx: Tx, wanted: Sequence[Stretch]) -> int:
    """They are about to be counted; by this mark `finish` knows them."""
    mark = randbits(62)
    rows = [
        {"pbx_id": one.pbx_id, "part": one.part, "start_at": one.start, "end_at": one.end, "mark": mark}
        for one in wanted
    ]
    keys = ["pbx_id", "end_at", "start_at", "part"]
    fresh = {"mark": mark, "figures": None}
    await tx.execute(db.insert(totals).on_conflict_do_update(index_elements=keys, set_=fresh), rows)
    return mark


async def writing(db: Database, tx: Tx) -> int:
    """A mark for `settled`: after everybody who writes now. On SQLite that is nobody, once `begin` is committed."""
    return 0 if db.is_sqlite else int((await tx.execute(_NEXT)).scalar_one())


async def settled(db: Database, tx: Tx, mark: int) -> bool:
    """Whether everybody who wrote at `writing` is done."""
    return db.is_sqlite or int((await tx.execute(_OLDEST)).scalar_one()) >= mark


_NEXT = text("SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)")
_OLDEST = text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")


async def finish(tx: Tx, one: Stretch, mark: int, figures: str) -> bool:
    """Its figures; False if it is another total by now, or none."""
    mine = update(totals).where(
        totals.c.pbx_id == one.pbx_id,
        totals.c.part == one.part,
        totals.c.start_at == one.start,
        totals.c.end_at == one.end,
        totals.c.mark == mark,
    )
    return (await tx.execute(mine.values(figures=figures))).rowcount == 1


async def count(tx: Tx) -> int:
    """Totals with figures."""
    query = select(func.count()).select_from(totals).where(totals.c.figures.isnot(None))
    return (await tx.execute(query)).scalar_one()
