"""The one database: engine, transactions, and the few things SQLite and PostgreSQL do differently."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import Any
from zlib import crc32

from sqlalchemy import Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage import one_hop

#: What the rest of the house hands to the query modules: an open transaction.
Tx = AsyncConnection

#: Seconds until a question to a stuck database is given up.
CONNECT_TIMEOUT = 5
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "cache_size=-8000")

#: In the order of the array.
_TURNS = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")

#: Classes of SQLSTATE: connection, read-only, no right, no such database, deadlock, resources, shut down, system …
_PG_OUTAGES = frozenset({"08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX"})
#: A wrong statement, a constraint, a value too big or of another type, misuse of the library.
_SQLITE_MISTAKES = frozenset({1, 18, 19, 20, 21, 25})


class DatabaseUnavailable(Exception):
    """The database can't be reached, is locked or full. Nothing was written; trying again may help."""


class Database:
    """One pool of connections. `url` as in the configuration; close with `aclose`."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._writing = asyncio.Lock()
        self._kept: AsyncConnection | None = None
        options: dict[str, Any] = {
            "json_serializer": lambda value: json.dumps(value, ensure_ascii=False),
            "pool_timeout": CONNECT_TIMEOUT,
            "hide_parameters": True,  # they hold numbers and keys, and errors are logged
        }
        if self.is_sqlite:
            options["pool_use_lifo"] = True  # each connection has a cache of its own: few of them are filled
            connect = {"async_creator_fn": _open_sqlite}
            self.engine = create_async_engine(
                url, poolclass=AsyncAdaptedQueuePool, pool_size=5, max_overflow=0, connect_args=connect, **options
            )
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            patience = {"timeout": CONNECT_TIMEOUT, "command_timeout": 60}
            self.engine = create_async_engine(url, pool_size=10, pool_pre_ping=True, connect_args=patience, **options)

    @asynccontextmanager
    async def write(self, *, quick: bool = False) -> AsyncIterator[Tx]:
        """A transaction that may write; committed on leaving. Raises `DatabaseUnavailable`.

        On SQLite it takes the write lock at once: a deferred one would fail half-way when another was quicker. With
        `quick`, each of its statements is over in a millisecond or two: no other thread is bothered with it.
        """
        if not self.is_sqlite:
            async with self._translated(), self.engine.begin() as tx:
                yield tx
            return
        async with self._writing, self._translated(), self.engine.connect() as connection:
            await connection.execution_options(ringdesk_writes=True)
            async with connection.begin():
                with await self._at_once(connection, quick):
                    yield connection

    @asynccontextmanager
    async def direct(self) -> AsyncIterator[Any]:
        """The driver's own connection for what must be written soonest: kept open, for one at a time.

        Whoever has it leaves no transaction open. Raises `DatabaseUnavailable`.
        """
        async with self._writing, self._translated():
            if self._kept is None:
                self._kept = await self.engine.connect()
            driver: Any = (await self._kept.get_raw_connection()).driver_connection
            if not self.is_sqlite and driver.is_closed():  # by the server, while nothing was written
                await self._let_go()
                self._kept = await self.engine.connect()
                driver = (await self._kept.get_raw_connection()).driver_connection
            try:
                yield driver
            except BaseException:
                await self._let_go()
                raise

    async def _let_go(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            await kept.invalidate()
            await kept.close()

    @asynccontextmanager
    async def read(self, *, quick: bool = False) -> AsyncIterator[Tx]:
        """A transaction that only looks; `quick` as in `write`. Raises `DatabaseUnavailable`."""
        async with self._translated(), self.engine.connect() as connection:
            with await self._at_once(connection, quick):  # its beginning and its end are quick too
                async with connection.begin():
                    yield connection

    async def _at_once(self, connection: AsyncConnection, quick: bool) -> AbstractContextManager[None]:
        """While it is open, statements are carried out where they are asked."""
        if not (quick and self.is_sqlite):
            return nullcontext()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        return _quickly(driver)

    @asynccontextmanager
    async def savepoint(self, tx: Tx) -> AsyncIterator[None]:
        """A part of a transaction that may fail by itself. Raises `DatabaseUnavailable` where all of it fails."""
        with _outages():
            async with tx.begin_nested():
                yield

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT, in the database's own dialect."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def one_at_a_time(self, tx: Tx, *what: str) -> None:
        """Keep other transactions that name any of `what` waiting until this one ends.

        SQLite has one writer anyway; on PostgreSQL advisory locks do it, taken in one order by all.
        """
        if not self.is_sqlite and what:
            await tx.execute(_TURNS, {"keys": sorted({crc32(one.encode()) for one in what})})

    async def aclose(self) -> None:
        await self._let_go()
        await self.engine.dispose()

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            with _outages():
                yield
        except (OSError, TimeoutError) as broken:  # while connecting
            raise DatabaseUnavailable(type(broken).__name__) from broken


@contextmanager
def _outages() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as broken:
        raise DatabaseUnavailable("every connection is busy") from broken
    except DBAPIError as broken:
        if broken.connection_invalidated or is_outage(broken.orig):
            raise DatabaseUnavailable(_reason(broken.orig)) from broken
        raise
    except Exception as broken:  # of a driver that was used directly
        if is_outage(broken):
            raise DatabaseUnavailable(_reason(broken)) from broken
        raise


def is_outage(broken: BaseException | None) -> bool:
    """Whether the database is at fault and not the statement: then trying again may help."""
    sqlstate = getattr(broken, "sqlstate", None)
    if sqlstate:
        return sqlstate[:2] in _PG_OUTAGES
    code = getattr(broken, "sqlite_errorcode", None)
    if code is None:
        # What asyncpg says when the connection is gone.
        return type(broken).__name__ in (
            "InterfaceError",
            "InternalClientError",
        )  # the connection is gone, says asyncpg
    return code & 0xFF not in _SQLITE_MISTAKES


def _reason(broken: BaseException | None) -> str:
    """Without the statement's parameters, which may hold numbers."""
    return str(broken)[:200]


@contextmanager
def _quickly(driver: one_hop.Connection) -> Iterator[None]:
    driver.is_quick = True
    try:
        yield
    finally:
        driver.is_quick = False


async def _open_sqlite(*where: Any, **options: Any) -> one_hop.Connection:
    """One that can't be opened leaves no thread behind."""
    opened = partial(sqlite3.connect, *where, **options | {"check_same_thread": False})
    connection = one_hop.Connection(opened, iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does: it must not keep the program alive
    try:
        await connection
    except BaseException:
        await asyncio.to_thread(connection._thread.join)
        raise
    return connection


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver must not begin transactions by itself, or it would begin deferred ones.
    connection.isolation_level = None
    try:
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    except Exception:
        connection.close()  # else its thread stays
        raise


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("ringdesk_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
