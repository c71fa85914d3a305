"""The drivers' own connections: how one is opened, asked and let go, and what counts as an outage.

Apart from SQLAlchemy, which connects through here too: it takes longer to import than all that an event needs.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from storage import one_hop

#: Seconds until a question to a stuck database is given up.
CONNECT_TIMEOUT = 5
#: Seconds that PostgreSQL gets to say goodbye.
CLOSES_WITHIN = 2
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON", "cache_size=-8000")

#: Classes of SQLSTATE: connection, read-only, no right, no such database, deadlock, resources, shut down, system …
_PG_OUTAGES = frozenset({"08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX"})
#: What asyncpg says when the connection is gone.
_PG_GONE = ("InterfaceError", "InternalClientError")
#: SQLSTATE of a table that is not there.
_PG_NO_TABLE = "42P01"
#: What may stand in an address and is not asyncpg's.
_SQLALCHEMYS = frozenset({"async_fallback", "prepared_statement_cache_size", "prepared_statement_name_func"})
#: A wrong statement, a constraint, a value too big or of another type, misuse of the library.
_SQLITE_MISTAKES = frozenset({1, 18, 19, 20, 21, 25})


class DatabaseUnavailable(Exception):
    """The database can't be reached, is locked or full. Nothing was written; trying again may help."""


class Driver(Protocol):
    """One kind of database."""

    async def open(self) -> Any:
        """A new connection. Raises the driver's errors, and OSError."""

    async def value(self, connection: Any, question: str) -> Any:
        """The first value of what is answered; None if nothing is."""

    def is_open(self, connection: Any) -> bool: ...

    async def close(self, connection: Any) -> None: ...

    def drop(self, connection: Any) -> None:
        """Without waiting for anything."""


def of(url: str) -> Driver:
    """What `database.url` names."""
    return Sqlite(url) if url.startswith("sqlite") else Postgres(url)


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None for any other."""
    path = url.partition(":///")[2].partition("?")[0] if url.startswith("sqlite") else ""
    return Path(unquote(path)) if path and path != ":memory:" else None


class Sqlite:
    """A file. The driver must not begin transactions by itself, or it would begin deferred ones."""

    def __init__(self, url: str) -> None:
        file = file_of(url)
        self._path = str(file.absolute()) if file else ":memory:"

    async def open(self) -> one_hop.Connection:
        """One that can't be opened leaves no thread behind."""
        connection = one_hop.Connection(partial(_opened, self._path), iter_chunk_size=64)
        connection._thread.daemon = True  # it must not keep the program alive
        try:
            await connection
        except BaseException:
            await asyncio.to_thread(connection._thread.join)
            raise
        return connection

    async def value(self, connection: one_hop.Connection, question: str) -> Any:
        row = await connection.in_its_thread(lambda driver: driver.execute(question).fetchone())
        return row[0] if row else None

    def is_open(self, connection: one_hop.Connection) -> bool:
        return True

    async def close(self, connection: one_hop.Connection) -> None:
        await connection.close()

    def drop(self, connection: one_hop.Connection) -> None:
        connection.stop()


def _opened(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").close()
    except BaseException:
        connection.close()
        raise
    return connection


class Postgres:
    """A server."""

    def __init__(self, url: str) -> None:
        self._options = postgres_options(url) | {"timeout": CONNECT_TIMEOUT, "command_timeout": 60}

    async def open(self) -> Any:
        import asyncpg  # nobody else needs it

        return await asyncpg.connect(**self._options)

    async def value(self, connection: Any, question: str) -> Any:
        return await connection.fetchval(question)

    def is_open(self, connection: Any) -> bool:
        return not connection.is_closed()

    async def close(self, connection: Any) -> None:
        with suppress(Exception):
            await connection.close(timeout=CLOSES_WITHIN)

    def drop(self, connection: Any) -> None:
        connection.terminate()


def postgres_options(url: str) -> dict[str, Any]:
    """What asyncpg is to be told, as SQLAlchemy reads such an address.

    Several servers come as ``?host=one:5432&host=two:5432`` or ``?host=one,two&port=5432,5432``.
    """
    rest = url.partition("://")[2]
    credentials, at, place = rest.partition("@")
    user, _, password = credentials.partition(":")
    if not at or "/" in user:  # the "@" belongs to what comes later
        user, password, place = "", "", rest
    place, _, query = place.partition("?")
    address, _, database = place.partition("/")
    said = parse_qs(query)
    servers = [_server(one) for one in _listed(said.pop("host", []))] or [_server(address)]
    ports = _listed(said.pop("port", [])) or [port or _server(address)[1] for _, port in servers]
    named = {"user": unquote(user), "password": unquote(password), "database": unquote(database)}
    named |= {
        "host": _one_or_all([host for host, _ in servers]),
        "port": _one_or_all(list(map(int, filter(None, ports)))),
    }
    rest_of_it = {name: values[-1] for name, values in said.items() if name not in _SQLALCHEMYS}
    return {name: value for name, value in named.items() if value} | rest_of_it


def _listed(values: list[str]) -> list[str]:
    return [one for value in values for one in value.split(",")]


def _one_or_all(values: list[Any]) -> Any:
    return values if len(values) > 1 else next(iter(values), None)


def _server(text: str) -> tuple[str, str]:
    """Host and port. A host may be an address of IPv6 in brackets, or the folder of a socket."""
    if text.startswith("/"):
        return text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        return host, port.removeprefix(":")
    host, _, port = text.partition(":")
    return host, port


@contextmanager
def outages() -> Iterator[None]:
    """Raises `DatabaseUnavailable` for what a driver, or the way to it, says then."""
    try:
        yield
    except (OSError, TimeoutError) as broken:  # while connecting
        raise DatabaseUnavailable(type(broken).__name__) from broken
    except Exception as broken:
        if is_outage(broken):
            raise DatabaseUnavailable(reason(broken)) from broken
        raise


def is_outage(broken: BaseException | None) -> bool:
    """Whether the database is at fault and not the statement: then trying again may help."""
    if sqlstate := getattr(broken, "sqlstate", None):
        return sqlstate[:2] in _PG_OUTAGES
    code = getattr(broken, "sqlite_errorcode", None)
    if code is None:
        return type(broken).__name__ in _PG_GONE
    return code & 0xFF not in _SQLITE_MISTAKES


def lacks_table(broken: BaseException) -> bool:
    """Whether a question named a table that is not there."""
    return getattr(broken, "sqlstate", "") == _PG_NO_TABLE or "no such table" in str(broken)


def reason(broken: BaseException | None) -> str:
    """Without the statement's parameters, which may hold numbers."""
    return str(broken)[:200]
