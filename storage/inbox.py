"""Events stored and not yet worked. Writers that wait together commit together."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from storage.database import Database, Tx
from storage.tables import inbox

#: Rows in one commit. One fsync is then shared by as many events.
BATCH = 256
#: As many events in one commit come faster than they can be worked.
CROWD = 16
#: Seconds after such a commit in which the next of them must be expected.
CROWDED = 0.02


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it came: authenticated, readable, not yet worked."""

    pbx_id: str
    key: str
    received_at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A stored event."""

    id: int
    pbx_id: str
    received_at: datetime
    body: bytes
    attempts: int


#: Told of each commit: how many events of each PBX there were in it, and how many of them were new.
Stored = Callable[[Mapping[str, int], Mapping[str, int]], None]


class InboxWriter:
    """Stores arrivals in group commits. `put` returns once its event is committed."""

    def __init__(self, db: Database, told: Stored | None = None) -> None:
        self._db = db
        self._told = told
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._crowded_until = 0.0

    @property
    def presses(self) -> bool:
        """Whether somebody waits for the database now, with an event that is not safe yet."""
        return bool(self._waiting)

    @property
    def is_crowded(self) -> bool:
        """Whether events come in crowds."""
        return asyncio.get_running_loop().time() < self._crowded_until

    async def put(self, arrival: Arrival) -> None:
        """Store `arrival` durably; seen before is stored already. Raises `DatabaseUnavailable`."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        await done

    async def aclose(self) -> None:
        """Wait until what was put is committed."""
        if self._committing:
            await self._committing

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._commit(batch)
                crowd = len(batch) >= CROWD
                self._crowded_until = asyncio.get_running_loop().time() + CROWDED if crowd else 0.0
        finally:
            self._committing = None

    async def _commit(self, batch: Sequence[tuple[Arrival, asyncio.Future[None]]]) -> None:
        rows = [
            {"pbx_id": one.pbx_id, "key": one.key, "received_at": one.received_at, "body": one.body}
            for one, _ in batch
        ]
        try:
            async with self._db.write() as tx:
                fresh = await tx.execute(
                    self._db.insert(inbox).on_conflict_do_nothing().returning(inbox.c.pbx_id), rows
                )
                new = Counter(fresh.scalars())
        except Exception as broken:  # every waiter must hear of it, whatever it was
            for _, done in batch:
                if not done.done():
                    done.set_exception(broken)
            return
        if self._told:
            self._told(Counter(one.pbx_id for one, _ in batch), new)
        for _, done in batch:
            if not done.done():
                done.set_result(None)


async def waiting(tx: Tx, limit: int) -> list[Row]:
    """The oldest rows to be worked, kept from other workers until the transaction ends."""
    query = (
        select(inbox)
        .where(inbox.c.state == "new")
        .order_by(inbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Row(r.id, r.pbx_id, r.received_at, r.body or b"", r.attempts) for r in await tx.execute(query)]


async def done(tx: Tx, ids: Sequence[int], *, unknown: Sequence[int] = ()) -> None:
    """Worked; `unknown` are those among them that we have no meaning for."""
    if ids:
        await tx.execute(update(inbox).where(inbox.c.id.in_(ids)).values(state="done", error=None))
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
    query = select(func.max(inbox.c.received_at)).where(inbox.c.pbx_id == pbx_id, inbox.c.received_at >= since)
    found: datetime | None = (await tx.execute(query)).scalar_one_or_none()
    return found
