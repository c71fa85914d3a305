"""SQLite's driver with one trip to its thread for a statement, or none.

aiosqlite goes there four times for a SELECT: for a cursor, to execute, to fetch, to close; each trip costs more than
a small statement. Here the whole statement is one trip. In a transaction whose statements are all quick even that is
saved: they are carried out on the event loop's own thread, which gets its turn every few milliseconds.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

import aiosqlite

#: Seconds after which a transaction of quick statements lets others have the event loop.
TURN = 0.002

Rows = list[tuple[Any, ...]]
T = TypeVar("T")


class Connection(aiosqlite.Connection):
    """One that answers a statement as a whole."""

    is_quick = False
    """Set while each statement is so quick that it may be carried out on the event loop's thread."""
    _turn_ends = 0.0

    def cursor(self) -> "Cursor":  # type: ignore[override]  # SQLAlchemy asks no more of it than this one can
        return Cursor(self)

    async def answer(self, statement: Callable[[sqlite3.Connection], "Answer"]) -> "Answer":
        """What the database says to a statement."""
        if not self.is_quick:
            answered: Answer = await self._execute(statement, self._conn)  # type: ignore[no-untyped-call]
            return answered
        if time.monotonic() > self._turn_ends:
            await asyncio.sleep(0)
            self._turn_ends = time.monotonic() + TURN
        return statement(self._conn)

    async def asked(self, sql: str, parameters: Sequence[Any]) -> "Answer":
        """What the database says to a statement in its own words."""
        return await self.answer(partial(_once, sql, parameters))

    async def commit(self) -> None:
        """What was only looked at is over at once."""
        if self.is_quick:
            self._conn.commit()
        else:
            await super().commit()

    async def rollback(self) -> None:
        """Mostly there is nothing to take back: it is asked whenever a connection is given back."""
        if self._conn.in_transaction:
            await super().rollback()

    async def in_its_thread(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Several statements as one trip."""
        done: T = await self._execute(work, self._conn)  # type: ignore[no-untyped-call]
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
