"""Phonet's outgoing post: events to the program under test, repeated until it answers 200."""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import aiohttp

from sandbox.phonet.legs import Json

Body = Json | list[Json]
RETRY_DELAYS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
LOG_LENGTH = 20_000


@dataclass(frozen=True)
class Sent:
    """One attempt; `what` is the event, "call.settings" or "utm"; `status` is None when nobody answered."""

    when: datetime
    what: str
    body: Body
    attempt: int
    status: int | None
    reply: str


@dataclass(frozen=True)
class FloodReport:
    sent: int
    delivered: int
    seconds: float


class Watch:
    """Every attempt from the moment this was made, until the sender is closed."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Sent | None] = asyncio.Queue()

    def __aiter__(self) -> AsyncIterator[Sent]:
        return self

    async def __anext__(self) -> Sent:
        sent = await self.queue.get()
        if sent is None:
            raise StopAsyncIteration
        return sent


class Sender:
    """The manual does not say whether an event is repeated; `max_tries=1` is a Phonet that never does."""

    def __init__(
        self,
        url: str,
        *,
        now: Callable[[], datetime],
        retry_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        max_tries: int = 20,
        timeout: float = 10.0,
        settings_timeout: float = 1.5,
        connections: int = 50,
        content_type: str = "application/json",
    ) -> None:
        self.url, self.content_type = url, content_type
        self.retry_delays, self.max_tries = retry_delays, max_tries
        self.log: deque[Sent] = deque(maxlen=LOG_LENGTH)
        #: What was let go after `max_tries`.
        self.given_up: list[Body] = []
        #: How many bodies wait for their 200.
        self.undelivered = 0
        self._now, self._retry_sleep = now, retry_sleep
        #: Without the wait for a free connection, which a flood makes long.
        self._patience = aiohttp.ClientTimeout(sock_connect=timeout, sock_read=timeout)
        self._settings_patience = aiohttp.ClientTimeout(total=settings_timeout)
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[bool]] = set()
        self._lanes: dict[str, asyncio.Event] = {}
        self._watches: list[Watch] = []

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

    def watch(self) -> Watch:
        watch = Watch()
        self._watches.append(watch)
        return watch

    def unwatch(self, watch: Watch) -> None:
        self._watches.remove(watch)
        watch.queue.put_nowait(None)

    def post(self, body: Body, *, lane: str = "") -> "asyncio.Task[bool]":
        """Send in the background; the task tells whether it was delivered in the end.

        The first attempts in one lane (a call) go out in order. A repetition holds nobody up, so after an outage
        a call's events may well arrive in another order, as they do in life.
        """
        before, mine = self._lanes.get(lane), asyncio.Event()
        if lane:
            self._lanes[lane] = mine
        self.undelivered += 1
        task = asyncio.create_task(self._deliver(body, lane, before, mine))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _deliver(self, body: Body, lane: str, before: asyncio.Event | None, mine: asyncio.Event) -> bool:
        try:
            if before is not None:
                await before.wait()
            for attempt in range(1, self.max_tries + 1):
                sent = await self._attempt(body, attempt, self._patience)
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

    async def ask(self, body: Json) -> Json | None:
        """`call.settings`: asked once, before anything rings. None: no answer in time, or no sense in it."""
        sent = await self._attempt(body, 1, self._settings_patience)
        try:
            answer = json.loads(sent.reply) if sent.status == 200 else None
        except ValueError:
            return None
        return answer if isinstance(answer, dict) else None

    async def _attempt(self, body: Body, attempt: int, patience: aiohttp.ClientTimeout) -> Sent:
        if self._session is None:
            raise RuntimeError("the sender is not open")
        data = json.dumps(body, ensure_ascii=False).encode()
        when, status = self._now(), None
        try:
            async with self._session.post(
                self.url,
                data=data,
                headers={"Content-Type": self.content_type},
                timeout=patience,
                allow_redirects=False,
            ) as response:
                reply, status = await response.text(), response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reply = type(error).__name__
        sent = Sent(when, _what(body), body, attempt, status, reply)
        self.log.append(sent)
        for watch in self._watches:
            watch.queue.put_nowait(sent)
        return sent

    async def drained(self) -> None:
        """Nothing waits any more: delivered, or given up."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def flood(
        self, calls: Iterable[tuple[str, Sequence[Body]]], per_second: float | None = None
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


def _what(body: Body) -> str:
    if isinstance(body, list):
        return "utm"
    return str(body.get("event") or body.get("request"))
