"""Databases that go away for a while, for real."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from storage import driver


def without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite waits five seconds for a lock; here it doesn't. To be called before the first connection."""
    hurried = [pragma for pragma in driver.PRAGMAS if not pragma.startswith("busy_timeout")]
    monkeypatch.setattr(driver, "PRAGMAS", (*hurried, "busy_timeout=10"))


def name_of(url: str) -> str:
    """The name of a PostgreSQL test database."""
    found = re.search(r"/(test\d+)", url)
    assert found
    return found[1]


async def elsewhere(url: str) -> asyncpg.Connection:
    """A connection to the same server, to another database."""
    other = url.replace(f"/{name_of(url)}", "/postgres").replace("postgresql+asyncpg://", "postgresql://")
    return await asyncpg.connect(other)


async def cut_connections(url: str) -> None:
    """What a restart of the server does to whoever is connected."""
    admin = await elsewhere(url)
    try:
        await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name_of(url))
    finally:
        await admin.close()


@asynccontextmanager
async def closed(url: str) -> AsyncIterator[None]:
    """Nothing can be written until the block ends: a lock that stays, or a server that takes nobody in."""
    if url.startswith("sqlite"):
        locker = sqlite3.connect(url.partition(":///")[2], isolation_level=None)
        locker.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            locker.close()
        return
    admin = await elsewhere(url)
    try:
        await admin.execute(f"ALTER DATABASE {name_of(url)} WITH ALLOW_CONNECTIONS false")
        await cut_connections(url)
        yield
    finally:
        await admin.execute(f"ALTER DATABASE {name_of(url)} WITH ALLOW_CONNECTIONS true")
        await admin.close()
