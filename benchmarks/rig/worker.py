"""A process that works an inbox until nothing waits in it: `python -m benchmarks.rig.worker URL`.

It says when it is ready, begins when it is told a line, and says how long that took and cost. For a closer look at
one process, `--calls 1000 [--live] [--profile] [--statements]` instead of the URL fills a database first.
"""

import argparse
import asyncio
import cProfile
import gc
import pstats
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import event

from benchmarks.rig.inbox import an_office, fill
from desk.inbox_worker import InboxWorker
from desk.office import Desk


async def work(url: str) -> None:
    """For another process that measures."""
    async with an_office(url) as desk:
        async with desk.db.read():
            pass  # a connection is open
        gc.freeze()  # as the program does
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        began, cpu = time.perf_counter(), time.process_time()
        await InboxWorker(desk).settle()
        worked = sum(count for (_, what), count in desk.meters.events.items() if what == "worked")
        print(worked, time.perf_counter() - began, time.process_time() - cpu, flush=True)


class Stalls:
    """How long the event loop worked at a time without looking round: its own time, whatever the machine does."""

    def __init__(self) -> None:
        self.longest: list[float] = []
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            asked = time.thread_time()
            await asyncio.sleep(0)
            self.longest = sorted([*self.longest, time.thread_time() - asked])[-5:]
            await asyncio.sleep(0.001)

    def stop(self) -> str:
        self._watching.cancel()
        return " ".join(f"{one * 1000:.0f}" for one in reversed(self.longest))


async def look(url: str, chosen: argparse.Namespace) -> None:
    """What the time is spent on, for whoever wants to know."""
    async with an_office(url, live=chosen.live) as desk, _statements(desk, chosen):
        events = await fill(desk, chosen.calls)
        gc.freeze()
        stalls, profile = Stalls(), cProfile.Profile()
        await asyncio.sleep(0.01)
        began, cpu = time.perf_counter(), time.process_time()
        if chosen.profile:
            profile.enable()
        await InboxWorker(desk).settle()
        profile.disable()
        took, spent = time.perf_counter() - began, time.process_time() - cpu
        print(
            f"{events / took:.0f} events/s, {spent / events * 1000:.3f} ms of CPU each; stalls, ms: {stalls.stop()}"
        )
        if chosen.profile:
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)


@asynccontextmanager
async def _statements(desk: Desk, chosen: argparse.Namespace) -> AsyncIterator[None]:
    said: Counter[str] = Counter()
    if chosen.statements:
        engine = desk.db.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *about: said.update([about[2][:100]]))
    yield
    for statement, count in said.most_common(60):
        print(f"{count / chosen.calls:8.2f} a call  {' '.join(statement.split())}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--calls", type=int, default=0)
    for switch in ("live", "profile", "statements"):
        parser.add_argument(f"--{switch}", action="store_true")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ringdesk-bench-") as folder:
        url = said.url or f"sqlite+aiosqlite:///{Path(folder) / 'work.db'}"
        asyncio.run(look(url, said) if said.calls else work(url))
