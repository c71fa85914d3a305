"""How long the event loop was held at most, while events come at half the rate that is possible and are worked."""

import re
import time
from collections.abc import Iterator, Sequence

from benchmarks.cpu import until_worked
from benchmarks.frame import Pair, Row
from benchmarks.rig.load import load
from benchmarks.rig.processes import Process, a_folder
from benchmarks.rig.ringdesk import a_sqlite, configuration
from tests.ports import free_port
from tests.program.process import toml

ROWS = (Row("longest time the event loop was held, under load", "20 ms", " ms", at_most=1),)
ALLOWED = 20.0
EVENTS, WARM = 6_000, 600
#: Seconds until the program is under way with all that it does when it begins.
SETTLED = 8.0
_TOOK = re.compile(r"took ([\d.]+) seconds")


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    api = free_port()
    with Process(["benchmarks.rig.bot_api", str(api)]) as telegram:
        telegram.until_it_listens(api)
        for _ in range(count):
            yield (Pair(_longest(f"http://127.0.0.1:{api}"), ALLOWED),)


def _longest(telegram: str) -> float:
    """In milliseconds; 0 if nothing held it for as long as is allowed."""
    with a_sqlite() as url, a_folder() as folder:
        said = configuration(url, telegram=telegram)
        port: int = said["http"]["port"]
        config, log = folder / "ringdesk.toml", folder / "ringdesk.log"
        config.write_text(toml(said), encoding="utf-8")
        with Process(["benchmarks.rig.watched", str(config), str(ALLOWED)], log) as program:
            program.until_it_listens(port)
            to = f"http://127.0.0.1:{port}/pbx/main"
            rate = load(to, WARM, first=10_000_000, kind="mixed").rate / 2
            time.sleep(SETTLED)
            until_worked(url)
            before = len(log.read_text())
            load(to, EVENTS, rate=rate, kind="mixed")
            until_worked(url)
            took = _TOOK.findall(log.read_text()[before:])
    return max((float(one) * 1000 for one in took), default=0.0)
