"""Programs as processes of their own, and what the system knows of them: time on the processor, and memory."""

import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

#: Seconds until a program must listen.
LISTENS_WITHIN = 60.0
#: Seconds on the processor in a second, of a program with nothing to do but its clock.
RESTS_BELOW = 0.1
HERE = Path(__file__).resolve().parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """`python -m …`, ended with the block. What it says goes to `log`."""

    def __init__(self, arguments: Sequence[str], log: Path | None = None, **environment: str) -> None:
        self._log = log
        with (log or Path(os.devnull)).open("ab") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=HERE,
                stdout=said,
                stderr=said,
                env={**os.environ, **environment},
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu(self) -> float:
        """Seconds on the processor since it began, all threads, user and system."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory(self) -> float:
        """MiB in memory now."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(found.split()[1]) / 1024

    def until_it_listens(self, port: int, pause: float = 0.05) -> None:
        """Raises what its log says if it ends before."""
        until = time.monotonic() + LISTENS_WITHIN
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise RuntimeError(f"it ended before it listened: {self.said()}")
            with socket.socket() as trying:
                if trying.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(pause)
        raise TimeoutError(f"it does not listen: {self.said()}")

    def until_it_rests(self) -> None:
        """What it does once after a start is done: overdue cases have expired, say. A minute at most."""
        for _ in range(60):
            before = self.cpu()
            time.sleep(1)
            if self.cpu() - before < RESTS_BELOW:
                return

    def said(self) -> str:
        return self._log.read_text(errors="replace")[-2000:] if self._log else ""

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextmanager
def a_folder() -> Iterator[Path]:
    """On the disk, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ringdesk-bench-") as folder:
        yield Path(folder)


def own_cpu() -> float:
    """Seconds on the processor of this process, for what is measured within it."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime
