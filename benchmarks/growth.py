"""Whether it is felt that the data grows: a year of five million calls beside one of five thousand, in SQLite.

Questions go as raw updates to the real desk in this process, and their answers to the simulated Telegram; the picture
of a summary, which no data makes slower, is left out. Events go to the real program, on a copy. The databases are
filled once, in some minutes, and kept in the temporary folder; days that are over are added up, as the clock
would have done.
"""

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter
from typing import Any, Protocol
from unittest.mock import patch

from sqlalchemy import text

from benchmarks.frame import Pair, Row
from benchmarks.rig import year
from benchmarks.rig.load import load
from benchmarks.rig.ringdesk import configuration, running
from desk import totalling
from desk.client_names import who_is
from handlers.chat import summary_picture
from handlers.chat.updates import as_stored
from storage.database import Database
from tests.office import ANNA, Office, an_office

FOLDER = Path(gettempdir()) / "ringdesk-growth"
#: An evening late in a month of 31 days.
NOW = datetime(2026, 3, 30, 15, 0, tzinfo=UTC)
A_CLIENT = "+79100000777"
QUESTIONS = (f"/history {A_CLIENT}", "/missed", "/summary this_month")
THE_SAME, ENOUGH = "the same with 5 thousand calls", "the 300 ms that people wait"
#: The days lie where they lie: nothing of them is to be dropped for its age, or added up for another zone.
KEEPS_ALL = {"calls_days": 36_500, "raw_days": 36_500}
EVENTS, WARM, TIMES = 10_000, 500, 7
LIMIT = 300.0


def rows(where: str = "") -> tuple[Row, ...]:
    """What `compared` yields; `where` tells one database from another."""
    return (
        Row(f"events accepted, 5 million calls stored{where}", THE_SAME, "/s", at_least=0.9),
        *(Row(f"`{one}`, 5 million calls stored{where}", THE_SAME, " ms", at_most=2) for one in QUESTIONS),
        Row(f"who is calling, a million contacts stored{where}", THE_SAME, " ms", at_most=2),
        *(Row(f"`{one}`, 5 million calls stored{where}", ENOUGH, " ms", at_most=1) for one in QUESTIONS),
    )


class Years(Protocol):
    """Where the years are kept."""

    def filled(self, size: year.Size) -> str:
        """The URL of a database that holds such a year."""

    def copied(self, url: str) -> AbstractContextManager[str]:
        """The URL of another one with the same in it, until the block ends."""


class Files:
    """SQLite's, in the temporary folder."""

    def filled(self, size: year.Size) -> str:
        return _url(year.sqlite(FOLDER, size, NOW))

    @contextmanager
    def copied(self, url: str) -> Iterator[str]:
        with TemporaryDirectory(dir=FOLDER) as folder:
            copy = Path(shutil.copy(url.partition(":///")[2], folder))
            # Else the first checkpoint has gigabytes to write, and the events wait for it until they are given up.
            with copy.open("rb") as file:
                os.fsync(file.fileno())
            yield _url(copy)


def _url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


ROWS = rows()


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    return compared(Files(), count)


def compared(years: Years, count: int) -> Iterator[Sequence[Pair]]:
    urls = {size: years.filled(size) for size in (year.SMALL, year.LARGE)}
    for url in urls.values():
        asyncio.run(_add_up(url))
    for _ in range(count):
        rates = {size: _accepted(years, url) for size, url in urls.items()}
        took = {size: asyncio.run(_answers(url)) for size, url in urls.items()}
        ours, theirs = took[year.LARGE], took[year.SMALL]
        yield (
            Pair(rates[year.LARGE], rates[year.SMALL]),
            *(Pair(large, small) for large, small in zip(ours, theirs, strict=True)),
            *(Pair(large, LIMIT) for large in ours[: len(QUESTIONS)]),
        )


async def _add_up(url: str) -> None:
    async with _office(url) as office:
        while await totalling.keep_up(office.desk):
            pass


def _accepted(years: Years, url: str) -> float:
    """Per second. What is asked afterwards is asked of the data as it was."""
    with years.copied(url) as copy, running(_program(copy)) as program:
        load(program.url, WARM, first=10_000_000)
        program.until_it_rests()
        return load(program.url, EVENTS).rate


def _program(url: str) -> dict[str, Any]:
    return configuration(url, office={"timezone": "Europe/Moscow"}, retention=KEEPS_ALL)


async def _answers(url: str) -> list[float]:
    """How many milliseconds each question takes, and who is calling."""
    async with _office(url) as office:
        await office.connected()
        gc.collect()
        gc.freeze()  # as the program does
        questions = [await _usual(partial(_asked, office, one)) for one in QUESTIONS]
        return [*questions, await _usual(partial(_who_is, office))]


async def _usual(once: Callable[[], Awaitable[float]]) -> float:
    """The first time does not count: what is asked for often is in memory."""
    await once()
    return median([await once() for _ in range(TIMES)]) * 1000


async def _asked(office: Office, question: str) -> float:
    """Seconds from the update's coming to the answer's having gone."""
    assert office.app.chat is not None
    office.world.say(ANNA, office.team, question)
    updates = await office.app.chat.bot.get_updates(office._offset, timeout=0)
    office._offset = updates[-1].update_id + 1
    before = len(office.bot_messages(office.team))
    began = perf_counter()
    await office.app.updates.take_many([(one.update_id, as_stored(one)) for one in updates])
    await office.app.chat.worker.settle()
    took = perf_counter() - began
    assert len(office.bot_messages(office.team)) == before + 1
    return took


async def _who_is(office: Office) -> float:
    began = perf_counter()
    async with office.desk.db.read() as tx:
        assert (await who_is(office.desk, tx, A_CLIENT, "main")).name
    return perf_counter() - began


@asynccontextmanager
async def _office(url: str) -> AsyncIterator[Office]:
    """Its people and chats are new: the simulated Telegram begins anew each time."""
    db = Database(url)
    async with db.write() as tx:
        for table in ("updates", "firings", "timers", "bindings", "chats", "links", "people"):
            await tx.execute(text(f"DELETE FROM {table}"))
        await tx.execute(text(f"DELETE FROM deliveries WHERE chat_id <> {year.TEAM}"))
    await db.aclose()
    with patch.object(summary_picture, "of", _no_picture):
        async with an_office(url) as office:
            office.clock.set(NOW)
            yield office


async def _no_picture(*_: object) -> None:
    return None
