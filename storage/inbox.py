"""Events stored and not yet worked; `storage.arrivals` puts them here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, select, update

from storage.database import Tx
from storage.prepared import Prepared, among
from storage.tables import inbox


@dataclass(frozen=True, slots=True)
class Row:
    """A stored event."""

    id: int
    pbx_id: str
    received_at: datetime
    body: bytes
    attempts: int


_WAITING = Prepared(
    select(inbox.c.id, inbox.c.pbx_id, inbox.c.received_at, inbox.c.body, inbox.c.attempts)
    .where(inbox.c.state == literal_column("'new'"))
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DONE = Prepared(update(inbox).where(among(inbox.c.id, "ids")).values(state="done", error=None))


async def waiting(tx: Tx, limit: int) -> list[Row]:
    """The oldest rows to be worked, kept from other workers until the transaction ends."""
    rows = await _WAITING.rows(tx, most=limit)
    return [Row(id, pbx_id, at, body or b"", attempts) for id, pbx_id, at, body, attempts in rows]


async def done(tx: Tx, ids: Sequence[int], *, unknown: Sequence[int] = ()) -> None:
    """Worked; `unknown` are those among them that we have no meaning for."""
    if ids:
        await _DONE.count(tx, ids=ids)
    if unknown:
        await tx.execute(update(inbox).where(inbox.c.id.in_(unknown)).values(unknown=True))


async def failed(tx: Tx, row_id: int, error: str) -> None:
    """Kept for `retry`, out of the way of the next."""
    values = {"state": "failed", "attempts": inbox.c.attempts + 1, "error": error[:500]}
    await tx.execute(update(inbox).where(inbox.c.id == row_id).values(values))


async def retry(tx: Tx, ids: Sequence[int] | None = None) -> int:
    """Put failed rows back to be worked, all of them or those of `ids`; how many there were."""
    mine = update(inbox).where(inbox.c.state == "failed")
    result = await tx.execute((mine if ids is None else mine.where(inbox.c.id.in_(ids))).values(state="new"))
    return result.rowcount


@dataclass(frozen=True, slots=True)
class FailedRow:
    """An event that could not be worked, and why."""

    id: int
    pbx_id: str
    received_at: datetime
    error: str | None
    body: bytes


async def failed_rows(tx: Tx, limit: int) -> list[FailedRow]:
    """The oldest come first."""
    query = select(inbox).where(inbox.c.state == "failed").order_by(inbox.c.id).limit(limit)
    return [FailedRow(r.id, r.pbx_id, r.received_at, r.error, r.body or b"") for r in await tx.execute(query)]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is in the inbox."""

    waiting: int
    oldest: datetime | None
    failed: int


async def standing(tx: Tx) -> Standing:
    new = (await tx.execute(select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.state == "new"))).one()
    bad = (await tx.execute(select(func.count()).where(inbox.c.state == "failed"))).scalar_one()
    return Standing(new[0], new[1], bad)


async def last_received(tx: Tx, pbx_id: str, since: datetime) -> datetime | None:
    """When this PBX last told us anything, looking back to `since`."""
    # From the latest backwards: in a term, the PBX is no way to begin, or all of its events would be looked through.
    its_own = inbox.c.pbx_id.concat("") == pbx_id
    query = select(inbox.c.received_at).where(its_own, inbox.c.received_at >= since)
    latest = query.order_by(inbox.c.received_at.desc()).limit(1)
    found: datetime | None = (await tx.execute(latest)).scalar_one_or_none()
    return found
