"""The program's own memory: Telegram updates, timers, what has fired, and small kept values."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select, update

from storage.database import Database, Tx
from storage.prepared import Prepared, among
from storage.tables import firings, kept, timers, updates

# Telegram updates


@dataclass(frozen=True, slots=True)
class StoredUpdate:
    update_id: int
    body: bytes
    attempts: int


async def store_updates(db: Database, tx: Tx, arrived: Sequence[tuple[int, bytes]], at: datetime) -> None:
    """Keep updates until they are handled; those seen before are kept already."""
    rows = [{"update_id": update_id, "body": body, "received_at": at} for update_id, body in arrived]
    if rows:
        await tx.execute(db.insert(updates).on_conflict_do_nothing(), rows)


async def waiting_updates(tx: Tx, limit: int) -> list[StoredUpdate]:
    query = select(updates).where(updates.c.state == "new").order_by(updates.c.update_id).limit(limit)
    return [StoredUpdate(r.update_id, r.body or b"", r.attempts) for r in await tx.execute(query)]


async def begin_update(tx: Tx, update_id: int) -> None:
    """Count a try at handling it: what kills the process every time must not do so for ever."""
    mine = update(updates).where(updates.c.update_id == update_id)
    await tx.execute(mine.values(attempts=updates.c.attempts + 1))


async def forgive_update(tx: Tx, update_id: int) -> None:
    """Take the count back: it was something else that failed."""
    await tx.execute(update(updates).where(updates.c.update_id == update_id).values(attempts=0))


async def settle_update(tx: Tx, update_id: int, error: str | None = None) -> None:
    """Handled; or, with `error`, not to be tried again. The body of a handled one is not needed any more."""
    values: dict[str, Any] = {"state": "failed", "error": error[:500]} if error else {"state": "done", "body": None}
    await tx.execute(update(updates).where(updates.c.update_id == update_id).values(**values))


async def forget_updates_before(tx: Tx, moment: datetime) -> None:
    await tx.execute(delete(updates).where(updates.c.received_at < moment, updates.c.state == "done"))


# Timers


@dataclass(frozen=True, slots=True)
class Timer:
    """Something to be done at a time, whatever restarts until then."""

    kind: str
    subject: str
    due_at: datetime
    data: dict[str, Any]


def _set(insert: Any) -> Any:
    statement = insert(timers)
    fresh = {name: statement.excluded[name] for name in ("due_at", "data")}
    return statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=fresh)


_SET = Prepared(_set)
_NAMED = Prepared(
    select(timers.c.kind, timers.c.subject, timers.c.due_at, timers.c.data).where(
        timers.c.kind == bindparam("of_kind"), among(timers.c.subject, "subjects")
    )
)


async def set_timer(db: Database, tx: Tx, *set_now: Timer) -> None:
    """Set them, each anew if there is one of this kind and subject."""
    rows = [{"kind": t.kind, "subject": t.subject, "due_at": t.due_at, "data": t.data} for t in set_now]
    if rows:
        await _SET.each(tx, rows)


async def stop_timer(tx: Tx, kind: str, subject: str) -> bool:
    mine = delete(timers).where(timers.c.kind == kind, timers.c.subject == subject)
    return (await tx.execute(mine)).rowcount == 1


async def timer(tx: Tx, kind: str, subject: str) -> Timer | None:
    row = (await tx.execute(select(timers).where(timers.c.kind == kind, timers.c.subject == subject))).one_or_none()
    return Timer(**row._mapping) if row else None


async def timers_named(tx: Tx, kind: str, subjects: Sequence[str]) -> dict[str, Timer]:
    """Those that are set, by their subjects."""
    found = [Timer(*row) for row in await _NAMED.rows(tx, of_kind=kind, subjects=subjects)]
    return {one.subject: one for one in found}


async def timers_of(tx: Tx, kind: str) -> list[Timer]:
    rows = await tx.execute(select(timers).where(timers.c.kind == kind).order_by(timers.c.due_at))
    return [Timer(**row._mapping) for row in rows]


async def due_timers(
    tx: Tx, now: datetime, limit: int = 100, *, but: Collection[str] = (), only: Collection[str] | None = None
) -> list[Timer]:
    of_kind = timers.c.kind.not_in(but) if only is None else timers.c.kind.in_(only)
    query = select(timers).where(timers.c.due_at <= now, of_kind)
    return [Timer(**row._mapping) for row in await tx.execute(query.order_by(timers.c.due_at).limit(limit))]


async def count_due(tx: Tx, moment: datetime) -> int:
    """How many were due before `moment` and are not done."""
    return (await tx.execute(select(func.count()).where(timers.c.due_at < moment))).scalar_one()


async def finish_timer(tx: Tx, timer: Timer) -> bool:
    """It is done. False, and nothing changed, if it was stopped or set anew meanwhile."""
    return (await tx.execute(delete(timers).where(*_still(timer)))).rowcount == 1


async def put_off(tx: Tx, timer: Timer, due_at: datetime, **data: Any) -> bool:
    """Try it again later, with `data` added to its own. False if it was stopped or set anew meanwhile."""
    values = {"due_at": due_at, "data": {**timer.data, **data}}
    return (await tx.execute(update(timers).where(*_still(timer)).values(**values))).rowcount == 1


def _still(timer: Timer) -> tuple[ColumnElement[bool], ...]:
    return timers.c.kind == timer.kind, timers.c.subject == timer.subject, timers.c.due_at == timer.due_at


async def fire(db: Database, tx: Tx, what: str, at: datetime) -> bool:
    """Claim a thing that must happen once; False if it has happened."""
    statement = db.insert(firings).values(what=what, at=at).on_conflict_do_nothing().returning(firings.c.what)
    return (await tx.execute(statement)).scalar_one_or_none() is not None


async def fired_at(tx: Tx, what: str) -> datetime | None:
    """When it last happened, as far as remembered."""
    return (await tx.execute(select(firings.c.at).where(firings.c.what == what))).scalar_one_or_none()


async def note_firing(db: Database, tx: Tx, what: str, at: datetime) -> None:
    """It happened, for the first time or again."""
    statement = db.insert(firings).values(what=what, at=at)
    await tx.execute(statement.on_conflict_do_update(index_elements=["what"], set_={"at": at}))


async def forget_firings_before(tx: Tx, moment: datetime) -> None:
    await tx.execute(delete(firings).where(firings.c.at < moment))


# Kept values


async def keep(db: Database, tx: Tx, pbx_id: str, name: str, value: str, at: datetime) -> None:
    row = {"value": value, "at": at}
    statement = db.insert(kept).values(pbx_id=pbx_id, name=name, **row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["pbx_id", "name"], set_=row))


async def recall(tx: Tx, pbx_id: str, name: str) -> str | None:
    return (await recall_many(tx, pbx_id, [name])).get(name)


_RECALL = Prepared(
    select(kept.c.name, kept.c.value).where(kept.c.pbx_id == bindparam("pbx_id"), among(kept.c.name, "names"))
)


async def recall_many(tx: Tx, pbx_id: str, names: Sequence[str]) -> dict[str, str]:
    """Those that are kept, by their names."""
    return {row[0]: row[1] for row in await _RECALL.rows(tx, pbx_id=pbx_id, names=names)}


_RECALL_EACH = Prepared(
    select(kept.c.pbx_id, kept.c.value).where(among(kept.c.pbx_id, "pbx_ids"), kept.c.name == bindparam("called"))
)


async def recall_each(tx: Tx, pbx_ids: Sequence[str], name: str) -> dict[str, str]:
    """The values of one name, by PBX."""
    return {row[0]: row[1] for row in await _RECALL_EACH.rows(tx, pbx_ids=pbx_ids, called=name)}


async def kept_at(tx: Tx, name: str) -> dict[str, datetime]:
    """When a value of this name was kept last, by PBX."""
    rows = await tx.execute(select(kept.c.pbx_id, kept.c.at).where(kept.c.name == name))
    return {row.pbx_id: row.at for row in rows}


async def forget_kept_before(tx: Tx, prefix: str, moment: datetime) -> None:
    """Drop the values whose names begin so and that nobody has kept anew since."""
    await tx.execute(delete(kept).where(kept.c.name.startswith(prefix, autoescape=True), kept.c.at < moment))
