"""Several processes on one PostgreSQL, one of which leads; and two by mistake on one SQLite file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.program.process import Program, a_program
from tests.program.report import Stopwatch, note
from tests.program.test_nothing_is_lost import missed_call, written
from tests.program.town import PATIENCE, Town

#: What the contract allows until another process has taken over.
TAKEN_OVER = 30


@asynccontextmanager
async def processes(count: int, town: Town, url: str, folder: Path) -> AsyncIterator[list[Program]]:
    """The first leads; the chat is connected."""
    async with AsyncExitStack() as stack:
        started = []
        for n in range(count):
            (folder / str(n)).mkdir()
            one = a_program(folder / str(n), town.configuration(url))
            started.append(await stack.enter_async_context(one))
            if not n:
                await town.connect()
        yield started


async def until_shown(town: Town, *numbers: str) -> None:
    await town.tg.world.until(lambda: all(written(one) in town.shown() for one in numbers), timeout=PATIENCE)


def is_in_time(since: Stopwatch) -> bool:
    return since.seconds < TAKEN_OVER


def leaders(programs: list[Program]) -> list[int]:
    return [n for n, one in enumerate(programs) if "this process leads" in one.log]


async def test_every_process_takes_events_and_each_is_shown_once(
    town: Town, postgres_url: str, tmp_path: Path
) -> None:
    async with processes(3, town, postgres_url, tmp_path) as programs:
        numbers = [f"7910{n:07}" for n in range(12)]
        # Each event comes twice, to different processes, as a balancer sends a repetition.
        everywhere = [(programs[(n + more) % 3], one) for n, one in enumerate(numbers) for more in (0, 1)]
        assert await asyncio.gather(*(missed_call(*one) for one in everywhere)) == [200] * 24
        await until_shown(town, *numbers)
        assert [town.shown().count(written(one)) for one in numbers] == [1] * 12
        assert leaders(programs) == [0]
        assert [await one.stop() for one in programs] == [0, 0, 0]
        assert not any("Traceback" in one.log for one in programs)


async def test_what_another_process_worked_is_shown_at_once(town: Town, postgres_url: str, tmp_path: Path) -> None:
    """The leader is woken: it does not find the card at its next look, five seconds later."""
    async with processes(2, town, postgres_url, tmp_path) as programs:
        await missed_call(programs[1], "79100000001")
        await town.tg.world.until(lambda: written("79100000001") in town.shown(), timeout=3)
        assert leaders(programs) == [0]


async def test_a_killed_leader_is_followed(town: Town, postgres_url: str, tmp_path: Path) -> None:
    async with processes(2, town, postgres_url, tmp_path) as [first, second]:
        assert await missed_call(first, "79100000001") == 200
        await first.kill()
        since = Stopwatch()
        assert await missed_call(second, "79100000002") == 200
        await until_shown(town, "79100000001", "79100000002")
        assert is_in_time(since)
        note("leader killed", postgres_url, shown_by_the_next_after_s=since.seconds)
        assert leaders([first, second]) == [0, 1]


async def test_a_leader_that_hangs_is_followed_and_leads_no_more(
    town: Town, postgres_url: str, tmp_path: Path
) -> None:
    async with processes(2, town, postgres_url, tmp_path) as [first, second]:
        first.freeze()
        since = Stopwatch()
        assert await missed_call(second, "79100000001") == 200
        await until_shown(town, "79100000001")
        assert is_in_time(since)
        note("leader hangs", postgres_url, shown_by_the_next_after_s=since.seconds)
        first.thaw()
        assert await missed_call(first, "79100000002") == 200
        await until_shown(town, "79100000002")
        assert [town.shown().count(written(f"7910000000{n}")) for n in (1, 2)] == [1, 1]
        assert [await one.stop() for one in (first, second)] == [0, 0]


async def test_a_rolling_restart_drops_nothing(town: Town, postgres_url: str, tmp_path: Path) -> None:
    async with processes(2, town, postgres_url, tmp_path) as [first, second]:
        numbers = iter(f"7910{n:07}" for n in range(100))
        told = []
        for restarting, staying in ((first, second), (second, first)):
            stopping = asyncio.create_task(restarting.stop())
            while not stopping.done():
                told.append(next(numbers))
                assert await missed_call(staying, told[-1]) == 200
                await asyncio.wait({stopping}, timeout=0.2)
            assert await stopping == 0
            await restarting.start()
        await until_shown(town, *told)
        note("rolling restart of two", postgres_url, calls_meanwhile=len(told), calls_lost=0)


async def test_the_second_process_on_sqlite_refuses_and_says_why(town: Town, sqlite_url: str, tmp_path: Path) -> None:
    (second := tmp_path / "second").mkdir()
    async with a_program(tmp_path, town.configuration(sqlite_url)) as first:
        status, said = await Program(second, town.configuration(sqlite_url)).refuses()
        assert status == 1
        assert f"is in use by process {first.pid}. One SQLite database serves one Ringdesk" in said
        assert "Traceback" not in said
        await first.kill()
        await first.start()
