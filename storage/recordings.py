"""Recordings that Telegram has: by which file id it sends them again. The sound itself is never kept by us."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from storage.database import Database, Tx
from storage.tables import recordings


@dataclass(frozen=True, slots=True)
class Kept:
    """What Telegram made of an upload: `kind` is audio or document."""

    kind: str
    file_id: str


async def get(tx: Tx, pbx_id: str, call_id: str) -> Kept | None:
    query = select(recordings.c.kind, recordings.c.file_id).where(
        recordings.c.pbx_id == pbx_id, recordings.c.call_id == call_id
    )
    row = (await tx.execute(query)).one_or_none()
    return Kept(row.kind, row.file_id) if row else None


async def keep(db: Database, tx: Tx, pbx_id: str, call_id: str, kept: Kept, at: datetime) -> None:
    row = {"kind": kept.kind, "file_id": kept.file_id, "at": at}
    statement = db.insert(recordings).values(pbx_id=pbx_id, call_id=call_id, **row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["pbx_id", "call_id"], set_=row))


async def forget(tx: Tx, pbx_id: str, call_id: str) -> None:
    """Telegram knows that file no more."""
    await tx.execute(delete(recordings).where(recordings.c.pbx_id == pbx_id, recordings.c.call_id == call_id))
