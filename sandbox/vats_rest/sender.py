"""VATS's outgoing post: webhooks to the program under test, and the question who a client is."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import aiohttp

from sandbox.outgoing import RETRY_DELAYS, FloodReport, Outgoing, answer_of
from sandbox.served import utc_now
from sandbox.vats_rest.encoding import Encoding, Manner, TokenPlace, encode
from sandbox.vats_rest.office import Json

__all__ = ["Encoding", "FloodReport", "Manner", "Sender", "Sending", "Sent", "TokenPlace"]


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


class Sender(Outgoing[Json, Sent]):
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
        super().__init__(
            url,
            now=now,
            retry_sleep=retry_sleep,
            retry_delays=retry_delays,
            max_tries=max_tries,
            connections=connections,
        )
        self.token, self.manner = token, manner
        self._wording = wording
        self._patience = aiohttp.ClientTimeout(total=timeout)
        self._contact_patience = aiohttp.ClientTimeout(total=contact_timeout)

    def post(self, body: Json, *, url: str | None = None, lane: str = "") -> "asyncio.Task[bool]":
        """A lane is a call's id."""
        return super().post(self._wording(body), url=url, lane=lane)

    async def attempt(self, body: Json, url: str, attempt: int) -> Sent:
        return await self._try(body, url, attempt, self._patience)

    async def ask(self, body: Json) -> Json:
        """`contact`: asked once while the phone is about to ring; no answer in time is an unknown client."""
        return answer_of(await self._try(self._wording(body), self.url, 1, self._contact_patience)) or {}

    async def _try(self, body: Json, url: str, attempt: int, patience: aiohttp.ClientTimeout) -> Sent:
        data, headers = encode(body, self.token, self.manner)
        when, status, reply = await self.send(url, data, headers, patience)
        return self.note(Sent(when, str(body.get("cmd")), dict(body), url, attempt, status, reply))

    async def flood(self, bodies: Iterable[Json], per_second: float | None = None) -> FloodReport:
        """All at once, or evenly; as many at a time as there are connections."""
        return await self.flood_in_lanes((("", [body]) for body in bodies), per_second)
