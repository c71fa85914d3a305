"""How long a PBX waits for its 200 while the program is half as busy as it can be."""

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.frame import Pair, Row
from benchmarks.rig.load import load
from benchmarks.rig.processes import Process
from benchmarks.rig.ringdesk import a_sqlite, configuration, running
from tests.ports import free_port

ROWS = (
    Row(
        "p99 of accepting at half the rate that is possible",
        "the bare aiohttp route at the same rate",
        " ms",
        at_most=4,
    ),
)
EVENTS, WARM = 5_000, 500
#: Loads of each in a round, in turn, of which the middle one counts.
TURNS = 3


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    port = free_port()
    with Process(["benchmarks.rig.bare_route", str(port)]) as bare:
        bare.until_it_listens(port)
        for _ in range(count):
            with a_sqlite() as url, running(configuration(url)) as program:
                yield (_in_turn(program.url, f"http://127.0.0.1:{port}/pbx/main"),)


def _in_turn(program: str, bare: str) -> Pair:
    load(program, WARM, first=10_000_000)
    ours, theirs = [], []
    for turn in range(TURNS):
        rate = load(program, EVENTS, first=20_000_000 + turn * EVENTS).rate / 2
        ours.append(load(program, EVENTS, first=turn * EVENTS, rate=rate).p99)
        theirs.append(load(bare, EVENTS, rate=rate).p99)
    return Pair(median(ours), median(theirs))
