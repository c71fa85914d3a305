"""A simulated PBX while it runs: its port, its outgoing post if it has one, and its calls, in one `async with`."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, Self

from aiohttp import web

from sandbox.outages import O, Weather

Sleep = Callable[[float], Awaitable[None]]


def utc_now() -> datetime:
    return datetime.now(UTC)


def at_speed(speed: float) -> Sleep:
    """Seconds that pass `speed` times as fast."""

    async def played(seconds: float) -> None:
        await asyncio.sleep(seconds / speed)

    return played


class Addressed(Protocol):
    """An office, which is told where it is served."""

    base_url: str


class Stops(Protocol):
    """The calls of an office."""

    async def stop(self) -> None: ...


class Served(Generic[O]):
    """Whatever API the vendor speaks, it is served alike."""

    office: Addressed
    calls: Stops

    def __init__(
        self,
        weather: Weather[O],
        app: web.Application,
        host: str,
        port: int,
        outgoing: AbstractAsyncContextManager[Any] | None = None,
    ) -> None:
        self.weather = weather
        self._app, self._host, self._port, self._outgoing = app, host, port, outgoing
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """Without the API's own path."""
        return self.office.base_url

    @property
    def outage(self) -> O:
        return self.weather.outage

    @outage.setter
    def outage(self, outage: O) -> None:
        self.weather.outage = outage

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if self._outgoing is not None:
                await stack.enter_async_context(self._outgoing)
            self.office.base_url = await self._serve(stack, self._app, self._port)
            await self._opened(stack)
            stack.push_async_callback(self.calls.stop)
            stack.callback(self.weather.clear)
            self._stack = stack.pop_all()
        return self

    async def _serve(self, stack: AsyncExitStack, app: web.Application, port: int) -> str:
        """The address."""
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, self._host, port).start()
        host, taken = runner.addresses[0][:2]
        return f"http://{host}:{taken}"

    async def _opened(self, stack: AsyncExitStack) -> None:
        """What a vendor does beside, once the address is known."""

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()
