"""Processes that work a filled inbox, all of them from the same moment on."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.rig.inbox import an_office, fill
from benchmarks.rig.processes import HERE


@dataclass(frozen=True, slots=True)
class Worked:
    """What one process did: seconds, and seconds on the processor."""

    events: int
    took: float
    cpu: float


async def filled(url: str, calls: int) -> int:
    """Bring the database to the current schema and put so many calls' events into the inbox."""
    async with an_office(url) as desk:
        return await fill(desk, calls)


def works(url: str, processes: int) -> Sequence[Worked]:
    """Until nothing waits any more."""
    workers = [_worker(url) for _ in range(processes)]
    for one in workers:
        assert one.stdout is not None
        if one.stdout.readline().strip() != "ready":
            raise RuntimeError("a worker did not begin")
    return [_result(one) for one in _told_to_begin(workers)]


def _worker(url: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.rig.worker", url]
    return subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _told_to_begin(workers: "Sequence[subprocess.Popen[str]]") -> "Sequence[subprocess.Popen[str]]":
    for one in workers:
        assert one.stdin is not None
        one.stdin.write("begin\n")
        one.stdin.flush()
    return workers


def _result(worker: "subprocess.Popen[str]") -> Worked:
    said, _ = worker.communicate()
    if worker.returncode:
        raise RuntimeError("a worker failed")
    events, took, cpu = said.split()
    return Worked(int(events), float(took), float(cpu))
