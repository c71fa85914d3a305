"""The one database: transactions, and the few things SQLite and PostgreSQL do differently.

What must be written soonest goes to the driver directly. SQLAlchemy is imported for the first transaction.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zlib import crc32

from storage import driver, one_hop
from storage.driver import DatabaseUnavailable, is_outage

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    #: What the rest of the house hands to the query modules: an open transaction.
    Tx = AsyncConnection
else:
    Tx = object  # signatures are read without SQLAlchemy

__all__ = ["Database", "DatabaseUnavailable", "Tx", "is_outage"]


class Database:
    """One pool of connections. `url` as in the configuration; close with `aclose`."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._url = url
        self._driver = driver.of(url)
        self._writing = asyncio.Lock()
        self._kept: Any = None
        self._at_hand: AsyncConnection | None = None

    @cached_property
    def engine(self) -> "AsyncEngine":
        from storage import engine

        return engine.made(self._url, self._driver)

    @asynccontextmanager
    async def write(self, *, quick: bool = False, replayable: bool = False) -> AsyncIterator[Tx]:
        """A transaction that may write; committed on leaving. Raises `DatabaseUnavailable`.

        On SQLite it takes the write lock at once: a deferred one would fail half-way when another was quicker. With
        `quick`, each of its statements is over in a millisecond or two: no other thread is bothered with it. A quick
        one that is `replayable`, because what is on disk leads to it again if the power fails, waits for no disk.
        """
        if not self.is_sqlite:
            async with self._translated(), self.engine.begin() as tx:
                yield tx
            return
        async with self._writing, self._translated():
            if quick:
                async with self._at_once(writes=True, replayable=replayable) as tx:
                    yield tx
                return
            async with self.engine.connect() as connection:
                await connection.execution_options(ringdesk_writes=True)
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def direct(self) -> AsyncIterator[Any]:
        """The driver's own connection for what must be written soonest: kept open, for one at a time.

        Whoever has it leaves no transaction open. Raises `DatabaseUnavailable`.
        """
        async with self._writing:
            with driver.outages():
                if self._kept is not None and not self._driver.is_open(self._kept):
                    self._let_go()  # the server has closed it while nothing was written
                if self._kept is None:
                    self._kept = await self._driver.open()
                try:
                    yield self._kept
                except BaseException:
                    self._let_go()
                    raise

    def _let_go(self) -> None:
        kept, self._kept = self._kept, None
        self._driver.drop(kept)

    async def value(self, question: str) -> Any:
        """The first value of the answer to a plain question. Raises `DatabaseUnavailable`."""
        async with self.direct() as connection:
            return await self._driver.value(connection, question)

    @asynccontextmanager
    async def read(self, *, quick: bool = False) -> AsyncIterator[Tx]:
        """A transaction that only looks; `quick` as in `write`. Raises `DatabaseUnavailable`."""
        async with self._translated():
            if quick and self.is_sqlite:
                async with self._at_once(writes=False) as tx:
                    yield tx
                return
            async with self.engine.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def _at_once(self, *, writes: bool, replayable: bool = False) -> AsyncIterator[Tx]:
        """On SQLite: statements are carried out where they are asked, on a connection that is at hand."""
        connection, self._at_hand = self._at_hand, None
        if connection is None:
            connection = await self.engine.connect()
        try:
            async with sqlite_driver(connection).transaction(writes=writes, replayable=replayable):
                yield connection
            if self._at_hand is None and not connection.in_transaction():  # SQLAlchemy had no part in it
                self._at_hand, connection = connection, None
        finally:
            if connection is not None:
                await asyncio.shield(connection.close())

    @asynccontextmanager
    async def savepoint(self, tx: Tx) -> AsyncIterator[None]:
        """A part of a transaction that may fail by itself. Raises `DatabaseUnavailable` where all of it fails."""
        async with self._translated(), sqlite_driver(tx).part() if self.is_sqlite else tx.begin_nested():
            yield

    def insert(self, table: "Table") -> "sqlite.Insert | postgresql.Insert":
        """An INSERT that knows ON CONFLICT, in the database's own dialect."""
        from sqlalchemy.dialects import postgresql, sqlite

        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def one_at_a_time(self, tx: Tx, *what: str) -> None:
        """Keep other transactions that name any of `what` waiting until this one ends.

        SQLite has one writer anyway; on PostgreSQL advisory locks do it, taken in one order by all.
        """
        if not self.is_sqlite and what:
            from storage import engine

            await tx.execute(engine.TURNS, {"keys": sorted({crc32(one.encode()) for one in what})})

    async def aclose(self) -> None:
        if self._kept is not None:
            kept, self._kept = self._kept, None
            await self._driver.close(kept)
        if self._at_hand is not None:
            at_hand, self._at_hand = self._at_hand, None
            await at_hand.close()
        if "engine" in self.__dict__:
            await self.engine.dispose()

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        from storage import engine

        with driver.outages(), engine.outages():
            yield


def sqlite_driver(tx: Tx) -> one_hop.Connection:
    """What SQLAlchemy asks on SQLite."""
    connection: Any = tx.sync_connection
    found: one_hop.Connection = connection.connection.driver_connection
    return found
