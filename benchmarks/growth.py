"""Whether it is felt that the data grows: a year of five million calls beside one of five thousand.

Questions go as raw updates to the real desk in this process, and their answers to the simulated Telegram; the picture
of a summary, which no data makes slower, is left out. Events go to the real program, on a copy. The databases are
filled once, in some minutes, and kept in the temporary folder; days that are over are added up, as the clock
would have done.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter
from unittest.mock import patch

from benchmarks.frame import Pair, Row
from benchmarks.rig import year
from benchmarks.rig.load import load
from benchmarks.rig.ringdesk import configuration, running
from desk import totalling
from desk.client_names import who_is
from handlers.chat import summary_picture
from handlers.chat.updates import as_stored
from tests.office import ANNA, Office, an_office

FOLDER = Path(gettempdir()) / "ringdesk-growth"
#: An evening late in a month of 31 days.
NOW = datetime(2026, 3, 30, 15, 0, tzinfo=UTC)
A_CLIENT = "+79100000777"
QUESTIONS = (f"/history {A_CLIENT}", "/missed", "/summary this_month")
THE_SAME = "the same with 5 thousand calls"
ROWS = (
    Row("events accepted, 5 million calls stored", THE_SAME, "/s", at_least=0.9),
    *(Row(f"`{one}`, 5 million calls stored", THE_SAME, " ms", at_most=2) for one in QUESTIONS),
    Row("who is calling, a million contacts stored", THE_SAME, " ms", at_most=2),
    *(Row(f"`{one}`, 5 million calls stored", "the 300 ms that people wait", " ms", at_most=1) for one in QUESTIONS),
)
#: The days lie where they lie: nothing of them is to be dropped for its age, or added up for another zone.
KEEPS_ALL = {"calls_days": 36_500, "raw_days": 36_500}
EVENTS, WARM, TIMES = 10_000, 500, 7
LIMIT = 300.0


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    files = {size: _filled(size) for size in (year.SMALL, year.LARGE)}
    for _ in range(count):
        rates = {size: _accepted(file) for size, file in files.items()}
        took = {size: asyncio.run(_answers(file)) for size, file in files.items()}
        ours, theirs = took[year.LARGE], took[year.SMALL]
        yield (
            Pair(rates[year.LARGE], rates[year.SMALL]),
            *(Pair(large, small) for large, small in zip(ours, theirs, strict=True)),
            *(Pair(large, LIMIT) for large in ours[: len(QUESTIONS)]),
        )


def _filled(size: year.Size) -> Path:
    file = year.sqlite(FOLDER, size, NOW)
    asyncio.run(_add_up(file))
    return file


async def _add_up(file: Path) -> None:
    async with _office(file) as office:
        while await totalling.keep_up(office.desk):
            pass


def _accepted(file: Path) -> float:
    """Per second. What is asked afterwards is asked of the data as it was."""
    with TemporaryDirectory(dir=FOLDER) as folder:
        copy = Path(shutil.copy(file, folder))
        with running(configuration(_url(copy), office={"timezone": "Europe/Moscow"}, retention=KEEPS_ALL)) as program:
            load(program.url, WARM, first=10_000_000)
            return load(program.url, EVENTS).rate


async def _answers(file: Path) -> list[float]:
    """How many milliseconds each question takes, and who is calling."""
    async with _office(file) as office:
        await office.connected()
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
async def _office(file: Path) -> AsyncIterator[Office]:
    """Its people and chats are new: the simulated Telegram begins anew each time."""
    with closing(sqlite3.connect(file)) as connection:
        for table in ("updates", "firings", "timers", "bindings", "chats", "links", "people"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute(f"DELETE FROM deliveries WHERE chat_id <> {year.TEAM}")
        connection.commit()
    with patch.object(summary_picture, "of", _no_picture):
        async with an_office(_url(file)) as office:
            office.clock.set(NOW)
            yield office


async def _no_picture(*_: object) -> None:
    return None


def _url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"
