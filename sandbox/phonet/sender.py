"""Phonet's outgoing post: events to the program under test, and the question how a call should be treated."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from sandbox.outgoing import RETRY_DELAYS, FloodReport, Outgoing, answer_of
from sandbox.phonet.legs import Json

__all__ = ["RETRY_DELAYS", "Body", "FloodReport", "Sender", "Sent"]

Body = Json | list[Json]


@dataclass(frozen=True)
class Sent:
    """One attempt; `what` is the event, "call.settings" or "utm"; `status` is None when nobody answered."""

    when: datetime
    what: str
    body: Body
    attempt: int
    status: int | None
    reply: str


class Sender(Outgoing[Body, Sent]):
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
        super().__init__(
            url,
            now=now,
            retry_sleep=retry_sleep,
            retry_delays=retry_delays,
            max_tries=max_tries,
            connections=connections,
        )
        self.content_type = content_type
        #: Without the wait for a free connection, which a flood makes long.
        self._patience = aiohttp.ClientTimeout(sock_connect=timeout, sock_read=timeout)
        self._settings_patience = aiohttp.ClientTimeout(total=settings_timeout)

    async def attempt(self, body: Body, url: str, attempt: int) -> Sent:
        return await self._try(body, url, attempt, self._patience)

    async def ask(self, body: Json) -> Json | None:
        """`call.settings`: asked once, before anything rings. None: no answer in time, or no sense in it."""
        return answer_of(await self._try(body, self.url, 1, self._settings_patience))

    async def _try(self, body: Body, url: str, attempt: int, patience: aiohttp.ClientTimeout) -> Sent:
        data = json.dumps(body, ensure_ascii=False).encode()
        when, status, reply = await self.send(url, data, {"Content-Type": self.content_type}, patience)
        return self.note(Sent(when, _what(body), body, attempt, status, reply))

    async def flood(
        self, calls: Iterable[tuple[str, Sequence[Body]]], per_second: float | None = None
    ) -> FloodReport:
        """(lane, bodies) of each call, all at once or evenly."""
        return await self.flood_in_lanes(calls, per_second)


def _what(body: Body) -> str:
    if isinstance(body, list):
        return "utm"
    return str(body.get("event") or body.get("request"))
