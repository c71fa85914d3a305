"""One client taken out of every table. What chats still show becomes a notice that is to be taken away.

Of the client's calls only a fingerprint of their ids stays for a while, so that reading history back from the PBX
does not bring them in again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Table, delete, func, select, tuple_, update

from storage.database import Database, Tx
from storage.everything_about import Everything
from storage.prepared import Prepared, among
from storage.tables import (
    acts,
    call_aliases,
    call_backs,
    calls,
    cases,
    chats,
    contacts,
    deliveries,
    escalations,
    firings,
    inbox,
    kept,
    live_calls,
    notes,
    notices,
    ratings,
    recordings,
    timers,
    updates,
)

#: The kind of the notices that are left to be taken away.
KIND = "forgotten"
#: What stands in the log of acts where the number stood.
NOTHING = "—"
#: Telegram lets a bot delete its own message so long; later it can only be overwritten.
DELETABLE = timedelta(hours=48)
#: Rows named in one statement.
PIECE = 300

#: In this order: what points at another row goes before it.
_ROWS_GO = (
    escalations,
    recordings,
    ratings,
    call_backs,
    timers,
    kept,
    firings,
    live_calls,
    cases,
    call_aliases,
    calls,
    contacts,
    notes,
    inbox,
)


@dataclass(slots=True)
class Messages:
    """Of the client, in chats."""

    to_delete: int = 0
    to_overwrite: int = 0
    """Older than `DELETABLE`."""
    out_of_reach: int = 0
    """In chats that the bot was removed from."""


async def take_out(db: Database, tx: Tx, found: Everything, now: datetime) -> Messages:
    """Remove what was found; the messages are left to the delivery loop."""
    messages = await _take_from_chats(tx, found, now)
    for table in _ROWS_GO:
        await _drop(tx, table, found.of(table))
    for row in found.of(acts):
        await tx.execute(update(acts).where(acts.c.id == row["id"]).values(about=NOTHING))
    for row in found.of(updates):
        mine = update(updates).where(updates.c.update_id == row["update_id"])
        await tx.execute(mine.values(body=None, error=NOTHING))
    told = [(row["pbx_id"], row["call_id"]) for row in found.of(calls)]
    told += [(row["pbx_id"], row["alias"]) for row in found.of(call_aliases)]
    await _remember(db, tx, told, now)
    return messages


async def _drop(tx: Tx, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    key = list(table.primary_key.columns)
    for start in range(0, len(rows), PIECE):
        mine = [tuple(row[column.name] for column in key) for row in rows[start : start + PIECE]]
        await tx.execute(delete(table).where(tuple_(*key).in_(mine)))


# Messages


async def _take_from_chats(tx: Tx, found: Everything, now: datetime) -> Messages:
    messages = Messages()
    gone = set((await tx.execute(select(chats.c.chat_id).where(chats.c.gone.is_(True)))).scalars())
    rows = found.of(deliveries)
    for notice in found.of(notices):
        await _empty(tx, notice["id"], [row for row in rows if row["notice_id"] == notice["id"]], gone, now, messages)
    for roll_id in found.rolls:
        listed = select(func.count()).where(deliveries.c.roll_id == roll_id)
        own = await _rows(tx, roll_id)
        if (await tx.execute(listed)).scalar_one():
            await _show_again(tx, roll_id, now)
        else:
            await _empty(tx, roll_id, own, gone, now, messages)
    for notice_id in [*found.shared, *await _summaries_that_named(tx, found.of(cases))]:
        await _show_again(tx, notice_id, now)
    return messages


async def _rows(tx: Tx, notice_id: int) -> list[dict[str, Any]]:
    rows = await tx.execute(select(deliveries).where(deliveries.c.notice_id == notice_id))
    return [dict(row._mapping) for row in rows]


async def _empty(
    tx: Tx, notice_id: int, shown: Sequence[dict[str, Any]], gone: set[int], now: datetime, messages: Messages
) -> None:
    """The notice says nothing any more, and what shows it is due. What may be on its way just now is waited for."""
    left: list[dict[str, Any]] = []
    for row in shown:
        in_chat = row["message_id"] is not None
        on_its_way = row["due_at"] or row["sending_since"] or row["uncertain"]
        if row["chat_id"] in gone:
            messages.out_of_reach += in_chat
        elif in_chat or on_its_way:
            left.append(row)
    await _drop(tx, deliveries, [row for row in shown if row not in left])
    if not left:
        await tx.execute(delete(notices).where(notices.c.id == notice_id))
        return
    sent = [row["sent_at"] or now - DELETABLE for row in left if row["message_id"] is not None]
    until = min(sent) + DELETABLE if sent else None
    if until and until <= now:
        messages.to_overwrite += len(sent)
    else:
        messages.to_delete += len(sent)
    data = {"until": until.isoformat() if until else None}
    values = {"kind": KIND, "subject": str(notice_id), "data": data, "version": notices.c.version + 1}
    await tx.execute(update(notices).where(notices.c.id == notice_id).values(values))
    mine = update(deliveries).where(deliveries.c.notice_id == notice_id)
    await tx.execute(mine.values(due_at=now, held_until=None, roll_id=None, anew=False, attempts=0, error=None))


async def _show_again(tx: Tx, notice_id: int, now: datetime) -> None:
    """It listed the client among others: rendered anew it does not."""
    await tx.execute(update(notices).where(notices.c.id == notice_id).values(version=notices.c.version + 1))
    gone = select(chats.c.chat_id).where(chats.c.gone.is_(True))
    mine = update(deliveries).where(deliveries.c.notice_id == notice_id, deliveries.c.chat_id.not_in(gone))
    await tx.execute(mine.where(deliveries.c.message_id.isnot(None)).values(due_at=now))


async def _summaries_that_named(tx: Tx, owed: Sequence[dict[str, Any]]) -> set[int]:
    """Summaries list who waits for a call: those of the time when the client did."""
    found: set[int] = set()
    for case in owed:
        query = select(notices.c.id).where(notices.c.kind == "summary", notices.c.created_at >= case["opened_at"])
        if case["closed_at"] is not None:
            query = query.where(notices.c.created_at <= case["closed_at"])
        found.update((await tx.execute(query)).scalars())
    return found


# What must not come back


async def _remember(db: Database, tx: Tx, ids: Sequence[tuple[str, str]], now: datetime) -> None:
    rows = [{"what": _fingerprint(*one), "at": now} for one in sorted(set(ids))]
    if rows:
        await tx.execute(db.insert(firings).on_conflict_do_nothing(), rows)


_FIRED = Prepared(select(firings.c.what).where(among(firings.c.what, "whats")))


async def those_forgotten(tx: Tx, pbx_id: str, call_ids: Sequence[str]) -> set[str]:
    """Which of these calls were taken out, and are not to be written down again."""
    prints = {_fingerprint(pbx_id, call_id): call_id for call_id in call_ids}
    if not prints:
        return set()
    return {prints[what] for what in await _FIRED.column(tx, whats=list(prints))}


def _fingerprint(pbx_id: str, call_id: str) -> str:
    return f"forgotten {sha256(f'{pbx_id} {call_id}'.encode()).hexdigest()[:40]}"
