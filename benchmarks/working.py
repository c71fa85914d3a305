"""Events worked per second from a filled inbox, beside what the disk does for one commit an event."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import aiosqlite

from benchmarks.frame import Pair, Row
from benchmarks.rig.inbox import bodies
from benchmarks.rig.processes import a_folder
from benchmarks.rig.work import filled, works

ROWS = (
    Row(
        "events worked from a filled inbox, SQLite with synchronous=FULL",
        "one commit an event, raw aiosqlite",
        "/s",
        at_least=0.3,
    ),
)
CALLS = 2000


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    """A new database each time, filled by one process and worked by another."""
    for _ in range(count):
        with a_folder() as folder:
            theirs = asyncio.run(_one_commit_each(folder))
            url = f"sqlite+aiosqlite:///{folder / 'work.db'}"
            asyncio.run(filled(url, CALLS))
            [worked] = works(url, 1)
            yield [Pair(worked.events / worked.took, theirs)]


async def _one_commit_each(folder: Path) -> float:
    """Events a second, with the journal and the flush that we have."""
    told = list(bodies(CALLS // 4, datetime.now(UTC)))
    async with aiosqlite.connect(folder / "raw.db", isolation_level=None) as raw:
        await raw.execute("PRAGMA journal_mode=WAL")
        await raw.execute("PRAGMA synchronous=FULL")
        await raw.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, body BLOB)")
        began = time.perf_counter()
        for body in told:
            await raw.execute("BEGIN IMMEDIATE")
            await raw.execute("INSERT INTO inbox (body) VALUES (?)", (body,))
            await raw.commit()
        return len(told) / (time.perf_counter() - began)
