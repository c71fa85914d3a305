"""Steps of escalations that were taken: about which case, in which chat, and whom they called upon."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from storage.database import Database, Tx
from storage.prepared import Prepared, Row, among
from storage.tables import escalations


@dataclass(frozen=True, slots=True)
class Taken:
    """One step: `users` are the Telegram users it mentions, `notices` those that tell it. Both may be empty."""

    id: int
    case_id: int
    chat_id: int
    thread_id: int
    step: int
    whom: str
    users: list[int]
    notices: list[int]
    at: datetime


def _taken(row: Row) -> Taken:
    return Taken(*row)


_TAKEN = [escalations.c[field.name] for field in fields(Taken)]
_PLACE = escalations.c.case_id, escalations.c.chat_id, escalations.c.thread_id
_OF_CASE = Prepared(select(*_TAKEN).where(among(escalations.c.case_id, "case_ids")).order_by(escalations.c.id))
_LAST_STEPS = Prepared(
    select(*_PLACE, func.max(escalations.c.step)).where(among(escalations.c.case_id, "case_ids")).group_by(*_PLACE)
)


async def take(db: Database, tx: Tx, **values: Any) -> int | None:
    """A step's id; None if it was taken before."""
    statement = db.insert(escalations).values(**values).on_conflict_do_nothing().returning(escalations.c.id)
    new_id: int | None = (await tx.execute(statement)).scalar_one_or_none()
    return new_id


async def set_notices(tx: Tx, taken_id: int, notice_ids: Sequence[int]) -> None:
    mine = escalations.update().where(escalations.c.id == taken_id)
    await tx.execute(mine.values(notices=list(notice_ids)))


async def of_case(tx: Tx, *case_ids: int) -> list[Taken]:
    """Of one case or of several, in the order in which they were taken."""
    return [_taken(row) for row in await _OF_CASE.rows(tx, case_ids=case_ids)]


async def by_ids(tx: Tx, ids: Sequence[int]) -> list[Taken]:
    rows = await tx.execute(select(*_TAKEN).where(escalations.c.id.in_(ids)).order_by(escalations.c.id))
    return [_taken(row) for row in rows]


async def last_steps(tx: Tx, case_ids: Collection[int]) -> dict[tuple[int, int, int], int]:
    """The last step that was taken of these cases in each (case, chat, topic)."""
    rows = await _LAST_STEPS.rows(tx, case_ids=list(case_ids))
    return {(case, chat, thread): step for case, chat, thread, step in rows}
