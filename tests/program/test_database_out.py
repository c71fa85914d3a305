"""The database of the real program is locked, gone, or on a full disk: nothing is lost, and it goes on by itself."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.office import ANNA, WEBHOOK_TOKEN
from tests.program.process import Program, a_program
from tests.program.report import Stopwatch, note
from tests.program.test_nothing_is_lost import town_texts, written
from tests.program.town import Town
from tests.storage.outages import closed

#: Of the small disk. SQLite's log alone has four megabytes before it is written back.
DISK = 8 << 20
WAITS = "I can't write anything down right now"


@dataclass(frozen=True)
class Database:
    """Where it is, and what befalls it."""

    url: str
    out: Callable[[], AbstractAsyncContextManager[None]]
    name: str
    leads_on: bool = True
    """Without PostgreSQL nobody knows who leads, so the chats are silent."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "small", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk can't be mounted here: " + mounted.stderr.decode().strip())
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture(params=["a lock", "a server that is gone", "a full disk"])
def database(request: pytest.FixtureRequest) -> Database:
    if request.param == "a full disk":
        disk = request.getfixturevalue("small_disk")
        return Database(f"sqlite+aiosqlite:///{disk / 'ringdesk.db'}", lambda: full(disk), request.param)
    is_lock = request.param == "a lock"
    url = request.getfixturevalue("sqlite_url" if is_lock else "postgres_url")
    return Database(url, lambda: closed(url), request.param, leads_on=is_lock)


@asynccontextmanager
async def full(disk: Path) -> AsyncIterator[None]:
    """Not a byte is left, until the block ends."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    yield
    filler.unlink()


class Pbx:
    """Tells of missed calls, and repeats what was refused."""

    def __init__(self, program: Program, http: aiohttp.ClientSession) -> None:
        self._url = f"{program.url}/pbx/main"
        self._http = http
        self.numbers: list[str] = []

    async def tells(self, number: str) -> bool:
        body = {"cmd": "history", "crm_token": WEBHOOK_TOKEN, "type": "in", "status": "Missed", "phone": number}
        body |= {"callid": f"call-{number}", "duration": "15", "user": ""}
        self.numbers = list(dict.fromkeys([*self.numbers, number]))
        async with self._http.post(self._url, data=body) as answered:
            assert (answered.status, answered.headers.get("Retry-After")) in ((200, None), (503, "5"))
            return answered.status == 200

    async def tells_until_refused(self) -> None:
        """What the database's log has room for is still taken."""
        async with asyncio.timeout(60):
            for n in range(10_000):
                if not await self.tells(f"7910{n:07}"):
                    return

    async def repeats(self, number: str) -> None:
        async with asyncio.timeout(60):
            while not await self.tells(number):  # noqa: ASYNC110  # a PBX waits longer
                await asyncio.sleep(0.2)


async def test_nothing_is_lost_and_it_goes_on_by_itself(town: Town, database: Database, tmp_path: Path) -> None:
    world = town.tg.world
    async with a_program(tmp_path, town.configuration(database.url)) as program, aiohttp.ClientSession() as http:
        await town.connect()
        pbx = Pbx(program, http)
        assert await pbx.tells("79200000000")
        async with database.out():
            await pbx.tells_until_refused()
            world.say(ANNA, ANNA, "/help")
            if database.leads_on:
                await world.until(lambda: WAITS in town_texts(world, ANNA), timeout=60)
            async with http.get(f"{program.url}/healthz") as alive:
                assert alive.status == 200
            async with http.get(f"{program.url}/readyz") as ready:
                assert ready.status == 503
        since = Stopwatch()
        await pbx.repeats(pbx.numbers[-1])
        await world.until(lambda: "/missed" in town_texts(world, ANNA), timeout=60)
        await world.until(lambda: all(written(one) in town.shown() for one in pbx.numbers), timeout=120)
        note(
            f"database out: {database.name}",
            database.url,
            events_taken=len(pbx.numbers),
            all_shown_after_s=since.seconds,
        )
        assert await program.stop() == 0
    assert "Traceback" not in program.log
