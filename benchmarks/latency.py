"""How long a PBX waits for its 200 while the program is half as busy as it can be."""

from collections.abc import Iterator, Sequence

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


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    port = free_port()
    with Process(["benchmarks.rig.bare_route", str(port)]) as bare:
        bare.until_it_listens(port)
        for _ in range(count):
            with a_sqlite() as url, running(configuration(url)) as program:
                load(program.url, WARM, first=10_000_000)
                rate = load(program.url, EVENTS, first=20_000_000).rate / 2
                ours = load(program.url, EVENTS, rate=rate).p99
            yield (Pair(ours, load(f"http://127.0.0.1:{port}/pbx/main", EVENTS, rate=rate).p99),)
