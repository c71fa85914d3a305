"""A simulated PBX while it runs: its port, its outgoing post and its calls, in one `async with`."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Self

from aiohttp import web

from sandbox.vats_rest.calls import Calls
from sandbox.vats_rest.office import Office
from sandbox.vats_rest.outages import Outage, Weather
from sandbox.vats_rest.sender import Sender

Sleep = Callable[[float], Awaitable[None]]


def at_speed(speed: float) -> Sleep:
    """Seconds that pass `speed` times as fast."""

    async def played(seconds: float) -> None:
        await asyncio.sleep(seconds / speed)

    return played


class Served:
    """Whatever API its `app` speaks, the engine behind it is the same."""

    office: Office
    calls: Calls

    def __init__(self, sender: Sender, weather: Weather, app: web.Application, host: str, port: int) -> None:
        self.sender, self.weather = sender, weather
        self._app, self._host, self._port = app, host, port
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
        """Without the API's own path."""
        return self.office.base_url

    @property
    def outage(self) -> Outage:
        return self.weather.outage

    @outage.setter
    def outage(self, outage: Outage) -> None:
        self.weather.outage = outage

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.sender)
            runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, self._host, self._port).start()
            host, port = runner.addresses[0][:2]
            self.office.base_url = f"http://{host}:{port}"
            stack.push_async_callback(self.calls.stop)
            stack.callback(self.weather.clear)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()
