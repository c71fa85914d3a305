"""What a scene needs of a simulated PBX, whichever vendor's it is, and what their traces have in common."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Protocol, Self, runtime_checkable

from sandbox.page.trace import Trace

#: An aware UTC clock.
Now = Callable[[], datetime]


class Mood(Enum):
    """How a client takes our calls."""

    ANSWERS = auto()
    BUSY = auto()
    SILENT = auto()


class Phones(Protocol):
    """One simulated PBX, served while entered. Calls are played in real seconds; numbers are bare digits.

    Employees are named by their extension.
    """

    @property
    def id(self) -> str:
        """The PBX's in the bot's configuration."""

    @property
    def vendor(self) -> str:
        """The vendor's slug in the bot's configuration."""

    @property
    def title(self) -> str:
        """For the page's list of PBXs."""

    @property
    def country(self) -> str:
        """Where its clients' numbers are from."""

    @property
    def knows_numbers(self) -> bool:
        """Whether it tells its employees' own numbers, so that sharing one's number is enough to be linked."""

    @property
    def tells_at_once(self) -> bool:
        """Whether it tells of a call while it goes on, not only when it is over."""

    @property
    def waiting(self) -> int:
        """How many webhooks the bot has not taken yet; 0 for a PBX that has none."""

    @property
    def has_told(self) -> bool:
        """Whether the bot has taken, or asked for, all that there is to be told."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    def settings(self) -> Mapping[str, object]:
        """Its `[[pbx]]` section; only while it is served."""

    async def watch(self, trace: Trace, changed: Callable[[], None]) -> None:
        """Runs until cancelled: lines for the trace, and `changed` whenever `waiting` did."""

    def owes(self, client: str) -> bool:
        """Whether a missed call of the client is neither returned nor made good."""

    def in_call(self, client: str) -> bool:
        """Whether a call with the client is under way."""

    def takes_our_calls(self, client: str, mood: Mood) -> None:
        """From now on."""

    async def nobody_answers(self, client: str, *, ring: float) -> None:
        """The client calls the sales department, and gives up after `ring` seconds."""

    async def answers(self, employee: str, client: str, *, ring: float, talk: float) -> str:
        """The client calls the sales department and the employee takes it; the id of the finished call."""

    async def employee_dials(self, employee: str, client: str) -> None:
        """From a desk phone, to the call's end."""

    async def flood(self, number: int) -> None:
        """So many different clients whom nobody answered, all at once."""


@runtime_checkable
class RatedPhones(Phones, Protocol):
    """A PBX that tells what clients thought of a talk."""

    async def rate(self, call_id: str, stars: int) -> None:
        """The client rates a finished call."""


class Asked(Protocol):
    """A simulator's HTTP side: every request that came, and word of the next."""

    requests: list[tuple[str, str]]
    arrived: asyncio.Event


async def requests(server: Asked) -> AsyncIterator[tuple[str, str]]:
    """Method and path of each request. The server's list only grows; what was told is taken out of it."""
    while True:
        await server.arrived.wait()
        server.arrived.clear()
        fresh, server.requests[:] = list(server.requests), []
        for request in fresh:
            yield request
