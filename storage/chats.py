"""Chats, their settings, and which PBX's notices each of them wants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from storage.database import Database, Tx
from storage.prepared import Prepared, among
from storage.tables import bindings, chats


@dataclass(frozen=True, slots=True)
class Chat:
    chat_id: int
    type: str
    title: str
    gone: bool
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Binding:
    """This chat (and topic, 0 for none) shows these kinds of notices of that PBX."""

    id: int
    chat_id: int
    thread_id: int
    pbx_id: str
    notices: list[str]
    filters: dict[str, Any]
    since: datetime


_CHAT = [chats.c[field.name] for field in fields(Chat)]
_BINDING = [bindings.c[field.name] for field in fields(Binding)]
_GET = Prepared(select(*_CHAT).where(among(chats.c.chat_id, "chat_ids")))
_OF_PBX = Prepared(
    select(*_BINDING)
    .join(chats, chats.c.chat_id == bindings.c.chat_id)
    .where(bindings.c.pbx_id == bindparam("pbx_id"), chats.c.gone.is_(False))
    .order_by(bindings.c.id)
)


async def meet(db: Database, tx: Tx, chat_id: int, type_: str, title: str) -> None:
    """Remember a chat as it is called now. We are in it again, if we had been away."""
    statement = db.insert(chats).values(chat_id=chat_id, type=type_, title=title, settings={})
    fresh = {"type": type_, "title": title, "gone": False}
    await tx.execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_=fresh))


async def get(tx: Tx, chat_id: int) -> Chat | None:
    return (await get_many(tx, [chat_id])).get(chat_id)


async def get_many(tx: Tx, chat_ids: Sequence[int]) -> dict[int, Chat]:
    found = [Chat(*row) for row in await _GET.rows(tx, chat_ids=chat_ids)]
    return {one.chat_id: one for one in found}


async def with_bindings(tx: Tx) -> list[Chat]:
    """Chats that any PBX is bound to and that we are still in."""
    bound = select(bindings.c.chat_id)
    rows = await tx.execute(select(chats).where(chats.c.chat_id.in_(bound), chats.c.gone.is_(False)))
    return [Chat(**row._mapping) for row in rows]


async def change_settings(tx: Tx, chat_id: int, settings: dict[str, Any]) -> None:
    await tx.execute(update(chats).where(chats.c.chat_id == chat_id).values(settings=settings))


async def set_gone(tx: Tx, chat_id: int) -> None:
    await tx.execute(update(chats).where(chats.c.chat_id == chat_id).values(gone=True))


async def bind(
    db: Database,
    tx: Tx,
    chat_id: int,
    thread_id: int,
    pbx_id: str,
    notices: Sequence[str],
    at: datetime,
    filters: Mapping[str, Any] | None = None,
) -> bool:
    """Tie a PBX to a chat and topic; False if it was tied already (its notices then stay as they are)."""
    row = {
        "chat_id": chat_id,
        "thread_id": thread_id,
        "pbx_id": pbx_id,
        "notices": list(notices),
        "filters": dict(filters or {}),
        "since": at,
    }
    statement = db.insert(bindings).values(row).on_conflict_do_nothing().returning(bindings.c.id)
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def unbind(tx: Tx, chat_id: int, thread_id: int | None = None, pbx_id: str | None = None) -> int:
    """Untie a chat, wholly or only one topic or PBX; how many ties there were."""
    statement = delete(bindings).where(bindings.c.chat_id == chat_id)
    if thread_id is not None:
        statement = statement.where(bindings.c.thread_id == thread_id)
    if pbx_id is not None:
        statement = statement.where(bindings.c.pbx_id == pbx_id)
    return (await tx.execute(statement)).rowcount


async def change_notices(tx: Tx, binding_id: int, notices: Sequence[str]) -> None:
    await tx.execute(update(bindings).where(bindings.c.id == binding_id).values(notices=list(notices)))


async def change_filters(tx: Tx, binding_id: int, filters: dict[str, Any]) -> None:
    await tx.execute(update(bindings).where(bindings.c.id == binding_id).values(filters=filters))


async def bindings_of_chat(tx: Tx, chat_id: int) -> list[Binding]:
    rows = await tx.execute(select(bindings).where(bindings.c.chat_id == chat_id).order_by(bindings.c.id))
    return [Binding(**row._mapping) for row in rows]


async def bindings_of_pbx(tx: Tx, pbx_id: str) -> list[Binding]:
    """Where this PBX's notices go, in chats that we are still in."""
    return [Binding(*row) for row in await _OF_PBX.rows(tx, pbx_id=pbx_id)]


async def move(db: Database, tx: Tx, old: int, new: int) -> None:
    """A group became a supergroup: its bindings and settings go with it."""
    before = await get(tx, old)
    if before:
        # The new chat may be known already, even by a transaction of this very moment: both chats tell of the move.
        row = {"chat_id": new, "type": "supergroup", "title": before.title, "settings": {}}
        await tx.execute(db.insert(chats).values(row).on_conflict_do_nothing())
        after = await get(tx, new)
        settings = {**(after.settings if after else {}), **before.settings}
        await tx.execute(update(chats).where(chats.c.chat_id == new).values(settings=settings))
        await tx.execute(delete(chats).where(chats.c.chat_id == old))
    taken = {(b.thread_id, b.pbx_id) for b in await bindings_of_chat(tx, new)}
    for binding in await bindings_of_chat(tx, old):
        if (binding.thread_id, binding.pbx_id) in taken:
            await tx.execute(delete(bindings).where(bindings.c.id == binding.id))
        else:
            await tx.execute(update(bindings).where(bindings.c.id == binding.id).values(chat_id=new))


async def move_topic(tx: Tx, chat_id: int, old: int, new: int) -> None:
    """Bindings of a topic that is closed or gone go to another (0: outside topics)."""
    taken = {one.pbx_id for one in await bindings_of_chat(tx, chat_id) if one.thread_id == new}
    for binding in await bindings_of_chat(tx, chat_id):
        if binding.thread_id == old and binding.pbx_id in taken:
            await tx.execute(delete(bindings).where(bindings.c.id == binding.id))
        elif binding.thread_id == old:
            await tx.execute(update(bindings).where(bindings.c.id == binding.id).values(thread_id=new))
