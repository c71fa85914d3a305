"""What may be wrong with any PBX's own API, switched on by a scene or a test. Each vendor adds what only it does."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Generic, TypeVar

from aiohttp import web

O = TypeVar("O", bound=StrEnum)  # noqa: E741 - a vendor's outages


class Usual(StrEnum):
    """What every vendor's outages have, by these values."""

    NONE = "none"
    REFUSE = "refuse"
    HANG = "hang"
    ERROR_500 = "500"
    SLOW = "slow"


class Weather(Generic[O]):
    """The outage in force. Requests caught by `HANG` are let go when it ends."""

    fair: O
    """None."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]], slow_seconds: float = 5.0) -> None:
        self._outage = self.fair
        self._over = asyncio.Event()
        self._sleep = sleep
        self.slow_seconds = slow_seconds

    @property
    def outage(self) -> O:
        return self._outage

    @outage.setter
    def outage(self, outage: O) -> None:
        self._outage = outage
        self._over.set()
        self._over = asyncio.Event()

    def clear(self) -> None:
        self.outage = self.fair

    async def pass_through(self, request: web.Request) -> None:
        match self._outage:
            case Usual.REFUSE:
                break_off(request)
            case Usual.HANG:
                await self._over.wait()
            case Usual.SLOW:
                await self._sleep(self.slow_seconds)
            case Usual.ERROR_500:
                raise web.HTTPInternalServerError(text="<html>Internal Server Error</html>")
            case _:
                self.refuse(request)

    def refuse(self, request: web.Request) -> None:
        """Raise what the vendor answers in an outage of its own."""


def break_off(request: web.Request) -> None:
    """The connection is gone without an answer."""
    if request.transport is not None:
        request.transport.abort()
    raise ConnectionResetError
