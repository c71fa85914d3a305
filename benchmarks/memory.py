"""Memory of the process, idle and after a hundred thousand events have been accepted and worked."""

import time
from collections.abc import Iterator, Sequence

from benchmarks.cpu import until_worked
from benchmarks.frame import Pair, Row
from benchmarks.rig.load import load
from benchmarks.rig.processes import Process
from benchmarks.rig.ringdesk import a_sqlite, configuration, running
from tests.ports import free_port

IMPORTS = "the interpreter with aiogram, SQLAlchemy and aiohttp imported"
ROWS = (
    Row("memory, idle", IMPORTS, " MiB", at_most=1.25),
    Row("memory after 100 000 events", IMPORTS, " MiB", at_most=1.4),
)
EVENTS = 100_000
#: Seconds until the program is under way with all that it does when it begins.
SETTLED = 10.0


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    api, port = free_port(), free_port()
    with Process(["benchmarks.rig.bot_api", str(api)]) as telegram:
        telegram.until_it_listens(api)
        for _ in range(count):
            with Process(["benchmarks.rig.only_imports", str(port)]) as imports:
                imports.until_it_listens(port)
                theirs = imports.memory()
            with a_sqlite() as url, running(configuration(url, telegram=f"http://127.0.0.1:{api}")) as program:
                time.sleep(SETTLED)
                idle = program.memory()
                load(program.url, EVENTS, kind="mixed")
                until_worked(url)
                yield Pair(idle, theirs), Pair(program.memory(), theirs)
