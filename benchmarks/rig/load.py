"""The load: form bodies over kept connections, as fast as they are answered or at a rate. A program of its own.

`python -m benchmarks.rig.load URL COUNT …` prints one line of JSON: `seconds` from the first byte to the last answer,
latencies in milliseconds, and how many answers were not 200. Requests are made before the clock runs, and an answer
is only looked at as far as it must be: the load shares the machine with what it measures.
"""

import argparse
import asyncio
import gc
import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter
from urllib.parse import urlencode, urlsplit

from benchmarks.rig.processes import HERE

CONNECTIONS = 64
#: How often a load at a rate looks at the clock, in seconds.
TICK = 0.001


@dataclass(frozen=True, slots=True)
class Answered:
    """What a load found."""

    count: int
    refused: int
    seconds: float
    p50: float
    p99: float
    worst: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds


def load(url: str, count: int, *, first: int = 0, rate: float = 0.0, kind: str = "missed") -> Answered:
    """Run it as a process of its own, and wait for it. Raises if anything was answered by other than 200."""
    command = [sys.executable, "-m", "benchmarks.rig.load", url, str(count), "--first", str(first), "--kind", kind]
    ran = subprocess.run(
        [*command, "--rate", str(rate)], cwd=HERE, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    answered = Answered(**json.loads(ran.stdout))
    if answered.refused:
        raise RuntimeError(f"{answered.refused} of {answered.count} were not taken")
    return answered


# Events


#: The events of an incoming call before its history: it rings here and there, and somebody answers.
STEPS = (
    ("INCOMING", "anna"),
    ("INCOMING", "igor"),
    ("ACCEPTED", "igor"),
    ("CANCELLED", "anna"),
    ("COMPLETED", "igor"),
)


def body(number: int, kind: str) -> bytes:
    """An event of its own. `kind`: `missed` or `answered` is a whole call; `mixed` is one of the six of a call."""
    if kind == "mixed":
        number, step = divmod(number, 6)
    call = {"crm_token": "bench-webhook-token", "callid": f"bench-{number}-B10D0EB124F4E64AF4EA"}
    call |= {"phone": f"79{number % 1_000_000_000:09}", "diversion": "74951234567", "groupRealName": "Отдел продаж"}
    if kind == "mixed" and step < 5:
        stage, user = STEPS[step]
        return urlencode({"cmd": "event", "type": stage, "direction": "in", "user": user, **call}).encode()
    said = {"cmd": "history", "type": "in", "start": "20261120T120000Z", "wait": "14", **call}
    if kind == "missed" or (kind == "mixed" and number % 3 == 0):
        return urlencode({**said, "status": "missed", "duration": "14", "user": ""}).encode()
    link = "https://records.example.com/2026/11/20/B10D0EB124F4E64AF4EA.mp3"
    return urlencode({**said, "status": "Success", "duration": "124", "user": "anna", "link": link}).encode()


def requests(url: str, bodies: Iterable[bytes]) -> list[bytes]:
    """Whole requests, as they go over the wire."""
    to = urlsplit(url)
    head = (
        f"POST {to.path} HTTP/1.1\r\nHost: {to.netloc}\r\nUser-Agent: bench\r\nAccept: */*\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
    ).encode()
    return [b"%b%d\r\n\r\n%b" % (head, len(one), one) for one in bodies]


# Connections


class Connection(asyncio.Protocol):
    """Sends one request at a time; says when it is free again."""

    def __init__(self, free: Callable[["Connection"], None]) -> None:
        self._free = free
        self._transport: asyncio.Transport | None = None
        self._read = b""
        self.due = 0.0
        self.latencies: list[float] = []
        self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, request: bytes, due: float) -> None:
        """`due`: when it should have been sent, from which its latency counts."""
        assert self._transport is not None
        self.due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        if whole(self._read):
            self.latencies.append(perf_counter() - self.due)
            self.refused += not self._read.startswith(b"HTTP/1.1 200")
            self._read = b""
            self._free(self)

    def connection_lost(self, broken: Exception | None) -> None:
        if self._read or broken:
            print(f"a connection was lost: {broken!r}", file=sys.stderr)

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


def whole(answer: bytes) -> bool:
    """Whether a message of HTTP has come to its end, by its length."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end:
        return False
    at = head.lower().find(b"content-length:")
    return at < 0 or len(body) >= int(head[at + 15 :].split(b"\r\n", 1)[0])


class Load:
    """Hands the requests to the connections that are free."""

    def __init__(self, requests: Sequence[bytes], rate: float) -> None:
        self._requests = deque(requests)
        self._left = len(requests)
        self._rate = rate
        self._due: deque[float] = deque()
        self._idle: deque[Connection] = deque()
        self._done = asyncio.Event()

    async def run(self, host: str, port: int) -> Answered:
        count = self._left
        connections = [await self._connected(host, port) for _ in range(CONNECTIONS)]
        gc.collect()
        gc.disable()
        began = perf_counter()
        if self._rate:
            await self._at_the_rate(count, began)
        else:
            self._due.extend([0.0] * count)
            self._hand_out()
        await self._done.wait()
        seconds = perf_counter() - began
        for one in connections:
            one.close()
        latencies = sorted(taken * 1000 for one in connections for taken in one.latencies)
        refused = sum(one.refused for one in connections)
        p50, p99 = latencies[count // 2], latencies[min(count - 1, count * 99 // 100)]
        return Answered(count, refused, seconds, p50, p99, latencies[-1])

    async def _connected(self, host: str, port: int) -> Connection:
        loop = asyncio.get_running_loop()
        _, one = await loop.create_connection(lambda: Connection(self._free), host, port)
        self._idle.append(one)
        return one

    async def _at_the_rate(self, count: int, began: float) -> None:
        """An event is due when its turn has come, however busy the connections are."""
        sent = 0
        while sent < count:
            turn = min(count, int((perf_counter() - began) * self._rate) + 1)
            if turn > sent:
                self._due.extend([perf_counter()] * (turn - sent))
                sent = turn
                self._hand_out()
            await asyncio.sleep(TICK)

    def _hand_out(self) -> None:
        while self._due and self._idle:
            self._idle.popleft().send(self._requests.popleft(), self._due.popleft() or perf_counter())

    def _free(self, one: Connection) -> None:
        self._left -= 1
        if not self._left:
            self._done.set()
        self._idle.append(one)
        self._hand_out()


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("url")
    asked.add_argument("count", type=int)
    asked.add_argument("--first", type=int, default=0, help="the number of the first event: numbers make it unique")
    asked.add_argument("--rate", type=float, default=0.0, help="events a second; as fast as possible if 0")
    asked.add_argument("--kind", default="missed", choices=("missed", "answered", "mixed"))
    said = asked.parse_args()
    to = urlsplit(said.url)
    made = requests(said.url, (body(said.first + n, said.kind) for n in range(said.count)))
    answered = asyncio.run(Load(made, said.rate).run(to.hostname or "127.0.0.1", to.port or 80))
    print(json.dumps(asdict(answered)))


if __name__ == "__main__":
    main()
