"""From a missed call's event to the message in the chat, while nothing else happens.

Ours is safe on disk before it is answered, and worked before it is shown; the other calls the Bot API in the handler.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from benchmarks.frame import Pair, Row
from benchmarks.rig.load import body, requests
from benchmarks.rig.processes import Process
from benchmarks.rig.ringdesk import ADMIN, BOT_TOKEN, a_sqlite, configuration, running
from sandbox.telegram import TelegramStandIn, World
from sandbox.telegram.journal import Journal, Request
from tests.ports import free_port

NAIVE = "a handler that calls the Bot API before it answers"
ROWS = (
    Row("event sent until sendMessage arrives, idle, p50", NAIVE, " ms", at_most=2),
    Row("event sent until sendMessage arrives, idle, p99", NAIVE, " ms", at_most=2),
)
EVENTS = 100
#: Before anything counts.
WARM = 10
#: Seconds between events, and chats that take turns: Telegram allows a group twenty messages a minute.
PACE, GROUPS = 0.25, 12
#: Seconds in which everything must have happened.
PATIENCE = 60.0


class Noted(Journal):
    """Tells of each message to one of the groups as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.groups: set[int] = set()
        self.came: asyncio.Queue[float] = asyncio.Queue()

    def note(self, request: Request) -> None:
        super().note(request)
        if request.method.lower() == "sendmessage" and int(request.params.get("chat_id", 0)) in self.groups:
            self.came.put_nowait(time.perf_counter())


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    for _ in range(count):
        theirs, ours = asyncio.run(_naive()), asyncio.run(_ours())
        yield tuple(Pair(one, other) for one, other in zip(ours, theirs, strict=True))


async def _naive() -> Sequence[float]:
    async with _telegram() as tg:
        chats, port = _chats(tg), free_port()
        with Process(["benchmarks.rig.naive_bot", str(port), tg.url, *map(str, chats)]) as naive:
            await asyncio.to_thread(naive.until_it_listens, port)
            return await _asked(tg, chats, port)


async def _ours() -> Sequence[float]:
    async with _telegram() as tg:
        chats = _chats(tg)
        with ExitStack() as stack:
            said = configuration(stack.enter_context(a_sqlite()), telegram=tg.url)
            one: dict[str, Any] = said["pbx"][0]
            said["pbx"] = [{**one, "id": str(number)} for number in range(GROUPS)]
            program = await asyncio.to_thread(stack.enter_context, running(said))
            for number, chat in enumerate(chats):
                tg.world.say(ADMIN, chat, f"/connect {number}")
            await tg.world.until(lambda: all(tg.world.from_bot(chat) for chat in chats), timeout=PATIENCE)
            return await _asked(tg, chats, program.port)


def _telegram() -> TelegramStandIn:
    tg = TelegramStandIn(World(), token=BOT_TOKEN)
    tg.journal = Noted()
    return tg


def _chats(tg: TelegramStandIn) -> list[int]:
    tg.world.add_user("Anna", id=ADMIN, username="anna", language_code="en", phone="79000000001")
    return [tg.world.add_group(f"Team {number}", [ADMIN]).id for number in range(GROUPS)]


async def _asked(tg: TelegramStandIn, chats: Sequence[int], port: int) -> Sequence[float]:
    """p50 and p99 in milliseconds."""
    journal = tg.journal
    assert isinstance(journal, Noted)
    await asyncio.sleep(PACE * 20)  # it is under way with all that it does when it begins
    journal.groups, journal.came = set(chats), asyncio.Queue()
    took = [await _one(journal, port, number) for number in range(WARM + EVENTS)]
    of_all = sorted(took[WARM:])
    return of_all[EVENTS // 2] * 1000, of_all[EVENTS * 99 // 100 - 1] * 1000


async def _one(journal: Noted, port: int, number: int) -> float:
    await asyncio.sleep(PACE)
    url = f"http://127.0.0.1:{port}/pbx/{number % GROUPS}"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        sent = time.perf_counter()
        writer.write(requests(url, [body(number, "missed")])[0])
        async with asyncio.timeout(PATIENCE):
            came = await journal.came.get()
            answered = await reader.readuntil(b"\r\n")
    finally:
        writer.close()
    if b" 200 " not in answered:
        raise RuntimeError(json.dumps(answered.decode()))
    return came - sent
