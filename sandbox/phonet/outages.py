"""What may be wrong with Phonet's own API, switched on by a scene or a test."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum

from aiohttp import web


class Outage(StrEnum):
    NONE = "none"
    REFUSE = "refuse"
    HANG = "hang"
    ERROR_500 = "500"
    #: Every session is refused, a fresh one too.
    FORBIDDEN_403 = "403"
    SLOW = "slow"


class Weather:
    """The outage in force. Requests caught by `HANG` are let go when it ends."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]], slow_seconds: float = 5.0) -> None:
        self._outage = Outage.NONE
        self._over = asyncio.Event()
        self._sleep = sleep
        self.slow_seconds = slow_seconds

    @property
    def outage(self) -> Outage:
        return self._outage

    @outage.setter
    def outage(self, outage: Outage) -> None:
        self._outage = outage
        self._over.set()
        self._over = asyncio.Event()

    def clear(self) -> None:
        self.outage = Outage.NONE

    async def pass_through(self, request: web.Request) -> None:
        match self._outage:
            case Outage.REFUSE:
                if request.transport is not None:
                    request.transport.abort()
                raise ConnectionResetError
            case Outage.HANG:
                await self._over.wait()
            case Outage.SLOW:
                await self._sleep(self.slow_seconds)
            case Outage.ERROR_500:
                raise web.HTTPInternalServerError(text="<html>Internal Server Error</html>")
            case Outage.FORBIDDEN_403 if request.path != "/rest/security/authorize":
                raise web.HTTPForbidden(text="Forbidden")
            case _:
                pass
