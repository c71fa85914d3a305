"""Events accepted per second, durably, by one process: form bodies over 64 connections, on both databases."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from benchmarks.frame import Pair, Row
from benchmarks.rig.load import load
from benchmarks.rig.processes import Process
from benchmarks.rig.ringdesk import a_postgres, a_sqlite, configuration, running
from tests.ports import free_port

BARE = "a bare aiohttp route that reads the form"
ROWS = (
    Row("events accepted, SQLite with synchronous=FULL", BARE, "/s", at_least=0.5),
    Row("events accepted, PostgreSQL", BARE, "/s", at_least=0.4),
)
EVENTS = 10_000
#: Before anything counts: connections of the database are opened, code is warm.
WARM = 500


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    """A bare route for all rounds; our processes are new ones each time."""
    port = free_port()
    with Process(["benchmarks.rig.bare_route", str(port)]) as bare:
        bare.until_it_listens(port)
        url = f"http://127.0.0.1:{port}/pbx/main"
        load(url, WARM)
        for _ in range(count):
            theirs = load(url, EVENTS).rate
            sqlite = _ours(postgres=False)
            between = load(url, EVENTS).rate
            yield Pair(sqlite, (theirs + between) / 2), Pair(_ours(postgres=True), between)


def _ours(*, postgres: bool) -> float:
    with ExitStack() as stack:
        url = stack.enter_context(a_postgres() if postgres else a_sqlite())
        program = stack.enter_context(running(configuration(url)))
        load(program.url, WARM, first=10_000_000)
        return load(program.url, EVENTS).rate
