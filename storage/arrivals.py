"""Events as they come, put into the inbox in group commits: writers that wait together commit together.

Without SQLAlchemy: an event that waits with others has a hundredth of a millisecond for all of this.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.database import Database, DatabaseUnavailable
from storage.one_hop import Connection

#: Seconds until an event counts as not stored; a PBX does not wait much longer either.
STORE_WITHIN = 8.0
#: Rows in one commit. One fsync is then shared by as many events.
BATCH = 256
#: Events a second: a crowd, not the day's work. Seconds over which they are counted, and until it has gone.
CROWD, COUNTED, GONE = 300, 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it came: authenticated, readable, not yet worked."""

    pbx_id: str
    key: str
    received_at: datetime
    body: bytes


#: Told of each commit: how many events of each PBX there were in it, and how many of them were new.
Stored = Callable[[Mapping[str, int], Mapping[str, int]], None]


class InboxWriter:
    """Stores arrivals in group commits. `put` returns once its event is committed."""

    def __init__(self, db: Database, told: Stored | None = None) -> None:
        self._db = db
        self._told = told
        self._waiting: list[_Waiter] = []
        self._batch: list[_Waiter] = []
        self._committing: asyncio.Task[None] | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._crowd = _Crowd()

    @property
    def presses(self) -> bool:
        """Whether somebody waits for the database now, with an event that is not safe yet."""
        return bool(self._waiting)

    @property
    def is_crowded(self) -> bool:
        """Whether events come in crowds."""
        return self._crowd.is_there(asyncio.get_running_loop().time())

    async def put(self, arrival: Arrival) -> None:
        """Store `arrival` durably; seen before is stored already. Raises `DatabaseUnavailable`.

        Stored after it was given up is no harm: the PBX says it again, and it is known by its key then.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append(_Waiter(arrival, done, loop.time()))
        if self._committing is None:
            self._committing = loop.create_task(self._commit_all())
        await done

    async def aclose(self) -> None:
        """Wait until what was put is committed."""
        if self._committing:
            await self._committing

    async def _commit_all(self) -> None:
        self._watch = asyncio.get_running_loop().call_later(STORE_WITHIN / 4, self._give_up)
        try:
            while self._waiting:
                await self._commit()
        finally:
            self._committing = None
            if self._watch:
                self._watch.cancel()

    def _give_up(self) -> None:
        """On those who have waited too long; one timer for all of them, as most never need it."""
        loop = asyncio.get_running_loop()
        for one in (*self._batch, *self._waiting):
            if loop.time() - one.since >= STORE_WITHIN:
                one.fails(DatabaseUnavailable("it takes too long to store an event"))
        if self._committing is not None:
            self._watch = loop.call_later(STORE_WITHIN / 4, self._give_up)

    async def _commit(self) -> None:
        """As many as wait when the database is free for them."""
        try:
            async with self._db.direct() as driver:
                self._batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                arrivals = [one.arrival for one in self._batch]
                fresh = await (_to_sqlite if self._db.is_sqlite else _to_postgres)(driver, arrivals)
        except Exception as broken:  # every waiter must hear of it, whatever it was
            if not self._batch:  # not even the database was there
                self._batch, self._waiting = self._waiting, []
            for one in self._batch:
                one.fails(broken)
        else:
            if self._told:
                self._told(Counter(one.pbx_id for one in arrivals), fresh)
            for one in self._batch:
                one.is_stored()
        self._crowd.grows(len(self._batch), asyncio.get_running_loop().time())
        self._batch = []


class _Crowd:
    """How fast events come."""

    def __init__(self) -> None:
        self._since, self._count, self._rate = 0.0, 0, 0.0

    def grows(self, by: int, now: float) -> None:
        passed = now - self._since
        if passed >= GONE:  # nothing came for a while: they are counted from here on
            self._since, self._count, self._rate = now, by, 0.0
            return
        self._count += by
        if passed >= COUNTED:
            self._rate = self._count / passed
            self._since, self._count = now, 0

    def is_there(self, now: float) -> bool:
        return self._rate >= CROWD and now - self._since < GONE


@dataclass(slots=True)
class _Waiter:
    """Somebody who put an arrival and waits."""

    arrival: Arrival
    done: asyncio.Future[None]
    since: float

    def is_stored(self) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def fails(self, broken: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(broken)


_INTO_SQLITE = """INSERT INTO inbox (pbx_id, key, received_at, body, state, "unknown", attempts)
VALUES (?, ?, ?, ?, 'new', 0, 0) ON CONFLICT DO NOTHING"""
_INTO_POSTGRES = """INSERT INTO inbox (pbx_id, key, received_at, body, state, "unknown", attempts)
SELECT *, 'new', false, 0 FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[])
ON CONFLICT DO NOTHING RETURNING pbx_id"""


async def _to_sqlite(driver: Connection, arrivals: Sequence[Arrival]) -> Mapping[str, int]:
    """How many were new, by PBX. Only the disk is waited for in the driver's thread: rows are quick."""
    by_pbx: dict[str, list[tuple[object, ...]]] = {}
    for one in arrivals:
        by_pbx.setdefault(one.pbx_id, []).append(_values(one))
    async with driver.transaction(writes=True, in_company=len(arrivals) > 1):
        return {id: driver.put(_INTO_SQLITE, rows) for id, rows in by_pbx.items()}


async def _to_postgres(driver: Any, arrivals: Sequence[Arrival]) -> Mapping[str, int]:
    """One statement, which commits by itself. How many were new, by PBX."""
    fresh = await driver.fetch(_INTO_POSTGRES, *map(list, zip(*map(_values, arrivals), strict=True)))
    return Counter(row[0] for row in fresh)


def _values(one: Arrival) -> tuple[str, str, int, bytes]:
    return one.pbx_id, one.key, round(one.received_at.timestamp() * 1000), one.body
