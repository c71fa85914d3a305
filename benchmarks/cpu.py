"""Time on the processor per event: until it is safe, and until its call is written down and shown.

A call's five events and its history, against a bot that sends a message for each event. No chat is connected, as the
messages of ours are a few a minute by Telegram's own limits.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.frame import Pair, Row
from benchmarks.rig.load import load
from benchmarks.rig.processes import Process
from benchmarks.rig.ringdesk import Ringdesk, a_sqlite, configuration, running
from tests.ports import free_port

NAIVE = "a naive aiogram bot: a message for each event"
ROWS = (
    Row("CPU per event accepted", NAIVE, " ms", at_most=0.3),
    Row("CPU per event accepted and worked", NAIVE, " ms", at_most=1.5),
)
EVENTS, OF_THE_NAIVE_BOT = 12_000, 3_000
WARM = 600
#: Seconds until the program is under way with all that it does when it begins.
SETTLED = 6.0


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    api, port = free_port(), free_port()
    with ExitStack() as stack:
        telegram = stack.enter_context(Process(["benchmarks.rig.bot_api", str(api)]))
        telegram.until_it_listens(api)
        naive = stack.enter_context(Process(["benchmarks.rig.naive_bot", str(port), f"http://127.0.0.1:{api}", "1"]))
        naive.until_it_listens(port)
        load(f"http://127.0.0.1:{port}/pbx/main", WARM, kind="mixed")
        for _ in range(count):
            before = naive.cpu()
            load(f"http://127.0.0.1:{port}/pbx/main", OF_THE_NAIVE_BOT, kind="mixed")
            theirs = (naive.cpu() - before) / OF_THE_NAIVE_BOT
            accepted, worked = _ours(f"http://127.0.0.1:{api}")
            yield Pair(accepted * 1000, theirs * 1000), Pair(worked * 1000, theirs * 1000)


def _ours(telegram: str) -> tuple[float, float]:
    with a_sqlite() as url, running(configuration(url, telegram=telegram)) as program:
        load(program.url, WARM, first=10_000_000, kind="mixed")
        time.sleep(SETTLED)
        until_worked(url)
        before = program.cpu()
        load(program.url, EVENTS, kind="mixed")
        accepted = program.cpu()
        until_worked(url)
        return (accepted - before) / EVENTS, _rested(program, before) / EVENTS


def until_worked(url: str) -> None:
    """Looks into the file itself: asking the program would cost it something."""
    with sqlite3.connect(Path(url.partition("///")[2])) as file:
        while file.execute("SELECT count(*) FROM inbox WHERE state = 'new'").fetchone()[0]:
            time.sleep(0.2)
    file.close()


def _rested(program: Ringdesk, before: float) -> float:
    return program.cpu() - before
