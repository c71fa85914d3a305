"""What clients thought of a call, 1 to 5 stars."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from storage.database import Database, Tx
from storage.prepared import Prepared, among
from storage.tables import ratings


@dataclass(frozen=True, slots=True)
class Rating:
    id: int
    pbx_id: str
    key: str
    call_id: str | None
    client: str | None
    employee: str | None
    stars: int
    at: datetime


async def add(
    db: Database,
    tx: Tx,
    pbx_id: str,
    key: str,
    call_id: str | None,
    client: str | None,
    employee: str | None,
    stars: int,
    at: datetime,
) -> int | None:
    """A new rating's id; None if it was known."""
    row = {
        "pbx_id": pbx_id,
        "key": key,
        "call_id": call_id,
        "client": client,
        "employee": employee,
        "stars": stars,
        "at": at,
    }
    statement = db.insert(ratings).values(row).on_conflict_do_nothing().returning(ratings.c.id)
    new_id: int | None = (await tx.execute(statement)).scalar_one_or_none()
    return new_id


async def change(tx: Tx, rating_id: int, **values: Any) -> None:
    await tx.execute(update(ratings).where(ratings.c.id == rating_id).values(**values))


_RATING = [ratings.c[field.name] for field in fields(Rating)]
_OF_CALLS = Prepared(
    select(*_RATING)
    .where(ratings.c.pbx_id == bindparam("pbx_id"), among(ratings.c.call_id, "call_ids"))
    .order_by(ratings.c.id.desc())
)


async def of_call(tx: Tx, pbx_id: str, call_id: str) -> Rating | None:
    return (await of_calls(tx, pbx_id, [call_id])).get(call_id)


async def of_calls(tx: Tx, pbx_id: str, call_ids: Sequence[str]) -> dict[str, Rating]:
    """By the ids of their calls; the first where there are several."""
    found = [Rating(*row) for row in await _OF_CALLS.rows(tx, pbx_id=pbx_id, call_ids=call_ids)]
    return {one.call_id: one for one in found if one.call_id is not None}


async def get(tx: Tx, rating_id: int) -> Rating | None:
    row = (await tx.execute(select(ratings).where(ratings.c.id == rating_id))).one_or_none()
    return Rating(**row._mapping) if row else None


async def between(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> list[Rating]:
    query = select(ratings).where(ratings.c.pbx_id.in_(pbx_ids), ratings.c.at >= start, ratings.c.at < end)
    return [Rating(**row._mapping) for row in await tx.execute(query.order_by(ratings.c.id))]
