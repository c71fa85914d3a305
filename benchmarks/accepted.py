"""Events accepted per second, durably, by one process: form bodies over 64 connections, on both databases."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from statistics import mean

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
#: Loads of each in a round, in turn: a machine that others share is faster in one second than in the next.
TURNS = 3


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    """A bare route for all rounds; our processes are new ones each time."""
    port = free_port()
    with Process(["benchmarks.rig.bare_route", str(port)]) as bare:
        bare.until_it_listens(port)
        url = f"http://127.0.0.1:{port}/pbx/main"
        load(url, WARM)
        for _ in range(count):
            yield _in_turn(url, postgres=False), _in_turn(url, postgres=True)


def _in_turn(bare: str, *, postgres: bool) -> Pair:
    ours, theirs = [], []
    with ExitStack() as stack:
        url = stack.enter_context(a_postgres() if postgres else a_sqlite())
        program = stack.enter_context(running(configuration(url)))
        load(program.url, WARM, first=10_000_000)
        for turn in range(TURNS):
            theirs.append(load(bare, EVENTS).rate)
            ours.append(load(program.url, EVENTS, first=turn * EVENTS).rate)
    return Pair(mean(ours), mean(theirs))
