"""Two processes on one PostgreSQL: no slower than one, and an event costs no more."""

import asyncio
from collections.abc import Iterator, Sequence

from benchmarks.frame import Pair, Row
from benchmarks.rig.ringdesk import a_postgres
from benchmarks.rig.work import Worked, filled, works

ONE = "one process"
ROWS = (
    Row("events worked by two processes, PostgreSQL", ONE, "/s", at_least=1.0),
    Row("CPU for an event worked by two processes", ONE, " ms", at_most=1.2),
)
CALLS = 2000


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    """The same inbox for one and for two, each on a database of its own."""
    for _ in range(count):
        one, two = _worked(1), _worked(2)
        yield [Pair(_rate(two), _rate(one)), Pair(_cost(two), _cost(one))]


def _worked(processes: int) -> Sequence[Worked]:
    with a_postgres() as url:
        asyncio.run(filled(url, CALLS))
        return works(url, processes)


def _rate(worked: Sequence[Worked]) -> float:
    """Events a second, until the last process is done."""
    return sum(one.events for one in worked) / max(one.took for one in worked)


def _cost(worked: Sequence[Worked]) -> float:
    """Milliseconds on the processor."""
    return 1000 * sum(one.cpu for one in worked) / sum(one.events for one in worked)
