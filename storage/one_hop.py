"""SQLite's driver with one trip to its thread for a statement, or none.

aiosqlite goes there four times for a SELECT: for a cursor, to execute, to fetch, to close; each trip costs more than
a small statement. Here the whole statement is one trip. In a transaction whose statements are all quick even that is
saved: they are carried out on the event loop's own thread, which gets its turn every few milliseconds.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import aiosqlite

#: Seconds after which a transaction of quick statements lets others have the event loop.
TURN = 0.002
#: Seconds within which a quick disk has taken a commit: that is hardly worth a trip.
QUICK_DISK = 0.001

Rows = list[tuple[Any, ...]]
T = TypeVar("T")


class Connection(aiosqlite.Connection):
    """One that answers a statement as a whole."""

    is_quick = False
    """Set while each statement is so quick that it may be carried out on the event loop's thread."""
    _turn_ends = 0.0
    _is_away = False
    """Set while the thread is at work, and left so when nobody waits for it any more."""
    _is_disk_quick = False
    """By the last commit of a quick transaction."""

    def cursor(self) -> "Cursor":  # type: ignore[override]  # SQLAlchemy asks no more of it than this one can
        return Cursor(self)

    async def answer(self, statement: Callable[[sqlite3.Connection], "Answer"]) -> "Answer":
        """What the database says to a statement."""
        if not self.is_quick:
            return await self.in_its_thread(statement)
        if time.monotonic() > self._turn_ends:
            await asyncio.sleep(0)
            self._turn_ends = time.monotonic() + TURN
        return statement(self._conn)

    async def asked(self, sql: str, parameters: Sequence[Any]) -> "Answer":
        """What the database says to a statement in its own words."""
        return await self.answer(partial(_once, sql, parameters))

    @asynccontextmanager
    async def transaction(
        self, *, writes: bool, in_company: bool = False, replayable: bool = False
    ) -> AsyncIterator[None]:
        """One of quick statements. To wait for the lock, and for a disk that is slow, is the thread's.

        With `in_company`, others have the event loop while the disk is written to, be it quick. With `replayable`,
        the disk is not waited for: the next commit that waits for it has this one written as well.
        """
        if replayable:
            self._conn.execute("PRAGMA synchronous=NORMAL")
        try:
            if not writes:
                self._conn.execute("BEGIN")
            elif not self._takes_the_lock():
                await self.asked("BEGIN IMMEDIATE", ())
            self.is_quick = True
            yield
            if not writes or replayable:
                self._conn.commit()
            elif self._is_disk_quick and not in_company:
                self._to_disk(self._conn)
            else:
                await self.in_its_thread(self._to_disk)
        except BaseException:
            self.is_quick = False
            await self.rollback()
            raise
        finally:
            self.is_quick = False
            if replayable:
                self._conn.execute("PRAGMA synchronous=FULL")

    def _to_disk(self, connection: sqlite3.Connection) -> None:
        began = time.monotonic()
        connection.commit()
        self._is_disk_quick = time.monotonic() - began < QUICK_DISK

    def _takes_the_lock(self) -> bool:
        """Begin to write if nobody else does: then the thread needn't wait for it."""
        patience = f"busy_timeout={self._conn.execute('PRAGMA busy_timeout').fetchone()[0]}"
        self._conn.execute("PRAGMA busy_timeout=0")
        try:
            self._conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        finally:
            self._conn.execute(f"PRAGMA {patience}")
        return True

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """Of a transaction: what fails in it is taken back by itself, unless SQLite has taken back everything."""
        await self.asked("SAVEPOINT part", ())
        try:
            yield
        except BaseException:
            if self._conn.in_transaction:
                await self.asked("ROLLBACK TO part", ())
                await self.asked("RELEASE part", ())
            raise
        await self.asked("RELEASE part", ())

    def put(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Write `rows`, a few hundred at most, in a transaction that is open; how many of them are new."""
        return self._conn.executemany(sql, rows).rowcount

    async def commit(self) -> None:
        await self.in_its_thread(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        """Mostly there is nothing to take back: it is asked whenever a connection is given back."""
        if self._running and self._connection and (self._is_away or self._connection.in_transaction):
            await self.in_its_thread(sqlite3.Connection.rollback)

    async def in_its_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Several statements as one trip."""
        self._is_away = True
        try:
            done: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
        except Exception:
            self._is_away = False
            raise
        self._is_away = False
        return done


class Answer:
    """A statement's whole result."""

    __slots__ = ("description", "lastrowid", "rowcount", "rows")

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self.rows: Rows = cursor.fetchall() if cursor.description else []
        self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        cursor.close()


def _once(sql: str, parameters: Sequence[Any], connection: sqlite3.Connection) -> Answer:
    return Answer(connection.execute(sql, parameters))


def _many(sql: str, parameters: Iterable[Sequence[Any]], connection: sqlite3.Connection) -> Answer:
    return Answer(connection.executemany(sql, parameters))


class Cursor:
    """As much of a cursor as SQLAlchemy asks for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: Rows = []
        self.description: Any = None
        self.rowcount, self.arraysize = -1, 1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> "Cursor":
        return self._take(await self._connection.answer(partial(_once, sql, parameters)))

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> "Cursor":
        return self._take(await self._connection.answer(partial(_many, sql, parameters)))

    def _take(self, answer: Answer) -> "Cursor":
        self.description, self._rows = answer.description, answer.rows
        self.rowcount, self.lastrowid = answer.rowcount, answer.lastrowid
        return self

    async def fetchall(self) -> Rows:
        return self._rows

    async def close(self) -> None:
        """Nothing is left open."""
