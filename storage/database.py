"""The one database: engine, transactions, and the few things SQLite and PostgreSQL do differently."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

from sqlalchemy import Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

#: What the rest of the house hands to the query modules: an open transaction.
Tx = AsyncConnection

#: Seconds until a question to a stuck database is given up.
CONNECT_TIMEOUT = 5
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "cache_size=-16000")


class DatabaseUnavailable(Exception):
    """The database can't be reached, is locked or full. Nothing was written; trying again may help."""


class Database:
    """One pool of connections. `url` as in the configuration; close with `aclose`."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        self._writing = asyncio.Lock()
        options: dict[str, Any] = {"json_serializer": lambda value: json.dumps(value, ensure_ascii=False)}
        if self.is_sqlite:
            self.engine = create_async_engine(
                url, poolclass=AsyncAdaptedQueuePool, pool_size=5, max_overflow=0, **options
            )
            event.listen(self.engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
        else:
            connect = {"timeout": CONNECT_TIMEOUT, "command_timeout": 60}
            self.engine = create_async_engine(url, pool_size=10, pool_pre_ping=True, connect_args=connect, **options)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that may write; committed on leaving. Raises `DatabaseUnavailable`.

        On SQLite it takes the write lock at once: a deferred one would fail half-way when another was quicker.
        """
        if not self.is_sqlite:
            async with self._translated(), self.engine.begin() as tx:
                yield tx
            return
        async with self._writing, self._translated(), self.engine.connect() as connection:
            await connection.execution_options(ringdesk_writes=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that only looks. Raises `DatabaseUnavailable`."""
        async with self._translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT, in the database's own dialect."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    async def one_at_a_time(self, tx: Tx, *what: str) -> None:
        """Keep other transactions that name any of `what` waiting until this one ends.

        SQLite has one writer anyway; on PostgreSQL advisory locks do it, taken in one order by all.
        """
        if not self.is_sqlite:
            for key in sorted({crc32(one.encode()) for one in what}):
                await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    async def aclose(self) -> None:
        await self.engine.dispose()

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        try:
            yield
        except OperationalError as broken:
            raise DatabaseUnavailable(_reason(broken)) from broken
        except DBAPIError as broken:
            if broken.connection_invalidated:
                raise DatabaseUnavailable(_reason(broken)) from broken
            raise
        except (OSError, TimeoutError) as broken:
            raise DatabaseUnavailable(type(broken).__name__) from broken


def _reason(broken: DBAPIError) -> str:
    """Without the statement's parameters, which may hold numbers."""
    return str(broken.orig)[:200]


def _prepare_sqlite(connection: Any, _: object) -> None:
    # The driver must not begin transactions by itself, or it would begin deferred ones.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("ringdesk_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
