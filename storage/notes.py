"""Notes about clients. They are the office's, as contacts are, whatever PBX the client calls through."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select

from storage.database import Database, Tx
from storage.prepared import Prepared, among
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


_NEWEST_FIRST = (notes.c.at.desc(), notes.c.id.desc())
_PLACE = func.row_number().over(partition_by=notes.c.client, order_by=_NEWEST_FIRST).label("place")
_EACH = select(notes, _PLACE).where(among(notes.c.client, "clients")).subquery()
_LAST = Prepared(
    select(*(_EACH.c[field.name] for field in fields(Note)))
    .where(_EACH.c.place <= bindparam("most"))
    .order_by(_EACH.c.at, _EACH.c.id)
)


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
    found: dict[str, list[Note]] = {}
    for note in [Note(*row) for row in await _LAST.rows(tx, clients=clients, most=limit)]:
        found.setdefault(note.client, []).append(note)
    return found


async def remove(tx: Tx, note_id: int) -> bool:
    """False if it is gone already."""
    return (await tx.execute(delete(notes).where(notes.c.id == note_id))).rowcount == 1
