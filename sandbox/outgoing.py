"""A PBX's outgoing post: what it tells the program under test, kept and repeated until that answers 200."""

import asyncio
import json
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar

import aiohttp

RETRY_DELAYS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
LOG_LENGTH = 20_000

B = TypeVar("B")  # what a vendor sends


class Tried(Protocol):
    """What a vendor writes down of an attempt; `status` is None when nobody answered."""

    @property
    def status(self) -> int | None: ...

    @property
    def reply(self) -> str: ...


S = TypeVar("S", bound=Tried)


@dataclass(frozen=True)
class FloodReport:
    sent: int
    delivered: int
    seconds: float


class Watch(Generic[S]):
    """Every attempt from the moment this was made, until the sender is closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[S | None] = asyncio.Queue()

    def __aiter__(self) -> AsyncIterator[S]:
        return self

    async def __anext__(self) -> S:
        sent = await self.queue.get()
        if sent is None:
            raise StopAsyncIteration
        return sent


class Outgoing(ABC, Generic[B, S]):
    """Whatever is sent, this is how: in lanes, repeated, watched. `max_tries=1` is a PBX that repeats nothing."""

    def __init__(
        self,
        url: str,
        *,
        now: Callable[[], datetime],
        retry_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        max_tries: int = 20,
        connections: int = 50,
    ) -> None:
        self.url = url
        self.retry_delays, self.max_tries = retry_delays, max_tries
        self.log: deque[S] = deque(maxlen=LOG_LENGTH)
        #: What was let go after `max_tries`.
        self.given_up: list[B] = []
        #: How many bodies wait for their 200.
        self.undelivered = 0
        self._now, self._retry_sleep = now, retry_sleep
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[bool]] = set()
        self._lanes: dict[str, asyncio.Event] = {}
        self._watches: list[Watch[S]] = []

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=self._connections))
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
        for watch in self._watches:
            watch.queue.put_nowait(None)

    def watch(self) -> Watch[S]:
        watch: Watch[S] = Watch()
        self._watches.append(watch)
        return watch

    def unwatch(self, watch: Watch[S]) -> None:
        self._watches.remove(watch)
        watch.queue.put_nowait(None)

    def post(self, body: B, *, url: str | None = None, lane: str = "") -> "asyncio.Task[bool]":
        """Send in the background; the task tells whether it was delivered in the end.

        The first attempts in one lane (a call) go out in order. A repetition holds nobody up, so after an outage
        a call's events may well arrive in another order, as they do in life.
        """
        before, mine = self._lanes.get(lane), asyncio.Event()
        if lane:
            self._lanes[lane] = mine
        self.undelivered += 1
        task = asyncio.create_task(self._deliver(body, url or self.url, lane, before, mine))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _deliver(self, body: B, url: str, lane: str, before: asyncio.Event | None, mine: asyncio.Event) -> bool:
        try:
            if before is not None:
                await before.wait()
            for attempt in range(1, self.max_tries + 1):
                sent = await self.attempt(body, url, attempt)
                mine.set()
                if sent.status == 200:
                    return True
                if attempt < self.max_tries:
                    await self._retry_sleep(self.retry_delays[min(attempt, len(self.retry_delays)) - 1])
            self.given_up.append(body)
            return False
        finally:
            self.undelivered -= 1
            mine.set()
            if self._lanes.get(lane) is mine:
                del self._lanes[lane]

    @abstractmethod
    async def attempt(self, body: B, url: str, attempt: int) -> S:
        """Send it once, by `send`, and `note` how it went."""

    async def send(
        self, url: str, data: bytes, headers: Mapping[str, str], patience: aiohttp.ClientTimeout
    ) -> tuple[datetime, int | None, str]:
        """When it was sent, the status if anybody answered, and the reply or what kept it."""
        if self._session is None:
            raise RuntimeError("the sender is not open")
        when = self._now()
        try:
            async with self._session.post(
                url,
                data=data,
                headers=headers,
                skip_auto_headers=("Content-Type",),
                timeout=patience,
                allow_redirects=False,
            ) as response:
                return when, response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return when, None, type(error).__name__

    def note(self, sent: S) -> S:
        """Written down, and told to whoever watches."""
        self.log.append(sent)
        for watch in self._watches:
            watch.queue.put_nowait(sent)
        return sent

    async def drained(self) -> None:
        """Nothing waits any more: delivered, or given up."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def flood_in_lanes(
        self, calls: Iterable[tuple[str, Sequence[B]]], per_second: float | None = None
    ) -> FloodReport:
        """(lane, bodies) of each call, all at once or evenly; as many posts at a time as there are connections."""
        began = time.monotonic()
        tasks: list[asyncio.Task[bool]] = []
        for n, (lane, bodies) in enumerate(calls):
            if per_second:
                await asyncio.sleep(max(0.0, began + n / per_second - time.monotonic()))
            tasks += [self.post(body, lane=lane) for body in bodies]
        delivered = sum(await asyncio.gather(*tasks))
        return FloodReport(len(tasks), delivered, time.monotonic() - began)


def answer_of(sent: Tried) -> dict[str, Any] | None:
    """What a question was answered with; None: no answer in time, or no sense in it."""
    try:
        answer = json.loads(sent.reply) if sent.status == 200 else None
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
