"""The PBX's outgoing post: webhooks to the program under test, kept and repeated until it answers 200."""

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypedDict

import aiohttp

from sandbox.vats_rest.encoding import Encoding, Manner, TokenPlace, encode
from sandbox.vats_rest.office import Json, utc_now

__all__ = ["Encoding", "FloodReport", "Manner", "Sender", "Sending", "Sent", "TokenPlace", "Watch"]

RETRY_DELAYS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
LOG_LENGTH = 20_000


@dataclass(frozen=True)
class Sent:
    """One attempt; `body` as it was meant, without the key; `status` is None when nobody answered."""

    when: datetime
    cmd: str
    body: Json
    url: str
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


class Sending(TypedDict, total=False):
    """How a `Sender` sends, for whoever passes it on."""

    manner: Manner
    retry_sleep: Callable[[float], Awaitable[None]]
    retry_delays: Sequence[float]
    max_tries: int
    timeout: float
    contact_timeout: float
    connections: int


def _as_it_is(body: Json) -> Json:
    return body


class Sender:
    """`wording` makes of a body what this PBX's API would say of it."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        wording: Callable[[Json], Json] = _as_it_is,
        manner: Manner = Manner(),  # noqa: B008 - frozen
        now: Callable[[], datetime] = utc_now,
        retry_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        max_tries: int = 20,
        timeout: float = 10.0,
        contact_timeout: float = 1.5,
        connections: int = 50,
    ) -> None:
        self.url, self.token, self.manner = url, token, manner
        self.retry_delays, self.max_tries = retry_delays, max_tries
        self.log: deque[Sent] = deque(maxlen=LOG_LENGTH)
        #: What was let go after `max_tries`.
        self.given_up: list[Json] = []
        #: How many webhooks wait for their 200.
        self.undelivered = 0
        self._wording, self._now, self._retry_sleep = wording, now, retry_sleep
        self._timeout, self._contact_timeout = timeout, contact_timeout
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._under_way: set[asyncio.Task[bool]] = set()
        self._lanes: dict[str, asyncio.Event] = {}
        self._watches: list[Watch] = []

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=self._connections)
        self._session = aiohttp.ClientSession(connector=connector)
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

    def post(self, body: Json, *, url: str | None = None, lane: str = "") -> "asyncio.Task[bool]":
        """Send in the background; the task tells whether it was delivered in the end.

        The first attempts in one lane (a call's id) go out in order. A repetition holds nobody up, so after an outage
        a call's events may well arrive in another order, as they do in life.
        """
        body = self._wording(body)
        before, mine = self._lanes.get(lane), asyncio.Event()
        if lane:
            self._lanes[lane] = mine
        self.undelivered += 1
        task = asyncio.create_task(self._deliver(body, url or self.url, lane, before, mine))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def _deliver(
        self, body: Json, url: str, lane: str, before: asyncio.Event | None, mine: asyncio.Event
    ) -> bool:
        try:
            if before is not None:
                await before.wait()
            for attempt in range(1, self.max_tries + 1):
                sent = await self._attempt(body, url, attempt, self._timeout)
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

    async def ask(self, body: Json) -> Json:
        """`contact`: asked once while the phone is about to ring; no answer in time is an unknown client."""
        sent = await self._attempt(self._wording(body), self.url, 1, self._contact_timeout)
        try:
            answer = json.loads(sent.reply) if sent.status == 200 else {}
        except ValueError:
            return {}
        return answer if isinstance(answer, dict) else {}

    async def _attempt(self, body: Json, url: str, attempt: int, timeout: float) -> Sent:
        if self._session is None:
            raise RuntimeError("the sender is not open")
        data, headers = encode(body, self.token, self.manner)
        when, status = self._now(), None
        try:
            async with self._session.post(
                url,
                data=data,
                headers=headers,
                skip_auto_headers=("Content-Type",),
                timeout=aiohttp.ClientTimeout(total=timeout),
                allow_redirects=False,
            ) as response:
                reply, status = await response.text(), response.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reply = type(error).__name__
        sent = Sent(when, str(body.get("cmd")), dict(body), url, attempt, status, reply)
        self.log.append(sent)
        for watch in self._watches:
            watch.queue.put_nowait(sent)
        return sent

    async def drained(self) -> None:
        """Nothing waits any more: delivered, or given up."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def flood(self, bodies: Iterable[Json], per_second: float | None = None) -> FloodReport:
        """All at once, or evenly; as many at a time as there are connections."""
        began = time.monotonic()
        tasks: list[asyncio.Task[bool]] = []
        for n, body in enumerate(bodies):
            if per_second:
                await asyncio.sleep(max(0.0, began + n / per_second - time.monotonic()))
            tasks.append(self.post(body))
        delivered = sum(await asyncio.gather(*tasks))
        return FloodReport(len(tasks), delivered, time.monotonic() - began)
