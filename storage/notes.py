"""Notes about clients. They are the office's, as contacts are, whatever PBX the client calls through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from storage.database import Database, Tx
from storage.tables import notes


@dataclass(frozen=True, slots=True)
class Note:
    """`user_id` wrote the message of that chat, `saved_by` made a note of it."""

    id: int
    client: str
    text: str
    user_id: int
    saved_by: int
    at: datetime
    pbx_id: str | None
    case_id: int | None
    chat_id: int
    message_id: int


async def add(db: Database, tx: Tx, **values: Any) -> bool:
    """False if that message is a note already."""
    statement = db.insert(notes).values(**values).on_conflict_do_nothing().returning(notes.c.id)
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def get(tx: Tx, note_id: int) -> Note | None:
    row = (await tx.execute(select(notes).where(notes.c.id == note_id))).one_or_none()
    return Note(**row._mapping) if row else None


async def of_message(tx: Tx, chat_id: int, message_id: int) -> Note | None:
    query = select(notes).where(notes.c.chat_id == chat_id, notes.c.message_id == message_id)
    row = (await tx.execute(query)).one_or_none()
    return Note(**row._mapping) if row else None


async def last(tx: Tx, client: str, limit: int) -> list[Note]:
    """The latest about a client, the oldest of them first."""
    query = select(notes).where(notes.c.client == client).order_by(notes.c.at.desc(), notes.c.id.desc())
    found = [Note(**row._mapping) for row in await tx.execute(query.limit(limit))]
    return found[::-1]


async def last_of_each(tx: Tx, clients: Sequence[str], limit: int) -> dict[str, list[Note]]:
    """The same of many clients."""
    newest_first = (notes.c.at.desc(), notes.c.id.desc())
    place = func.row_number().over(partition_by=notes.c.client, order_by=newest_first).label("place")
    each = select(notes, place).where(notes.c.client.in_(clients)).subquery()
    wanted = select(*(each.c[column.name] for column in notes.c)).where(each.c.place <= limit)
    found: dict[str, list[Note]] = {}
    for row in await tx.execute(wanted.order_by(each.c.at, each.c.id)):
        found.setdefault(row.client, []).append(Note(**row._mapping))
    return found


async def remove(tx: Tx, note_id: int) -> bool:
    """False if it is gone already."""
    return (await tx.execute(delete(notes).where(notes.c.id == note_id))).rowcount == 1
