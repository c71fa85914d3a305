"""From the start of the process to the first event accepted; the database is there, as after an update."""

import socket
import time
from collections.abc import Iterator, Sequence

from benchmarks.frame import Pair, Row
from benchmarks.rig.load import body, requests
from benchmarks.rig.processes import Process, a_folder
from benchmarks.rig.ringdesk import Ringdesk, a_sqlite, configuration, running
from tests.ports import free_port

ROWS = (Row("first event accepted after the process began", "a bare aiohttp process", " ms", at_most=2.5),)
#: Seconds between tries to connect.
TRY = 0.002
LISTENS_WITHIN = 30.0


def rounds(count: int) -> Iterator[Sequence[Pair]]:
    with a_sqlite() as url, a_folder() as folder:
        with running(configuration(url)):
            pass  # brings the database to the current schema
        for number in range(count):
            port = free_port()
            began = time.perf_counter()
            with Process(["benchmarks.rig.bare_route", str(port)]):
                theirs = _accepted(port, number) - began
            ours = configuration(url)
            began = time.perf_counter()
            with Ringdesk(folder, ours) as program:
                yield (Pair((_accepted(program.port, number) - began) * 1000, theirs * 1000),)


def _accepted(port: int, number: int) -> float:
    """When an event was answered with 200."""
    request = requests(f"http://127.0.0.1:{port}/pbx/main", [body(number, "missed")])[0]
    until = time.monotonic() + LISTENS_WITHIN
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(request)
                said = connection.recv(4096)
        except ConnectionRefusedError:
            time.sleep(TRY)
            continue
        if not said.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"it was not taken: {said[:100]!r}")
        return time.perf_counter()
    raise TimeoutError("nobody listens")
