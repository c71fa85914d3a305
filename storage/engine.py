"""SQLAlchemy over our own connections: the pool, how a transaction begins on SQLite, and what counts as an outage.

Nobody needs it before events are taken, and it takes a second to import.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.driver import CONNECT_TIMEOUT, DatabaseUnavailable, Driver, is_outage, reason

#: In the order of the array.
TURNS = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")


def made(url: str, driver: Driver) -> AsyncEngine:
    """For the database at `url`, each connection opened by `driver`."""

    async def opened(*_: object, **__: object) -> Any:
        return await driver.open()

    options: dict[str, Any] = {
        "connect_args": {"async_creator_fn": opened},
        "json_serializer": lambda value: json.dumps(value, ensure_ascii=False),
        "pool_timeout": CONNECT_TIMEOUT,
        "hide_parameters": True,  # they hold numbers and keys, and errors are logged
    }
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_size=10, pool_pre_ping=True, **options)
    options["pool_use_lifo"] = True  # each connection has a cache of its own: few of them are filled
    pool = AsyncAdaptedQueuePool
    engine = create_async_engine(url, poolclass=pool, pool_size=4, max_overflow=0, **options)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _begin_sqlite(connection: Connection) -> None:
    """Unless it has begun already."""
    driver: Any = connection.connection.driver_connection
    writes = connection.get_execution_options().get("ringdesk_writes", False)
    if not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def outages() -> Iterator[None]:
    """Raises `DatabaseUnavailable` for what SQLAlchemy says then."""
    try:
        yield
    except PoolTimeout as broken:
        raise DatabaseUnavailable("every connection is busy") from broken
    except DBAPIError as broken:
        if broken.connection_invalidated or is_outage(broken.orig):
            raise DatabaseUnavailable(reason(broken.orig)) from broken
        raise
