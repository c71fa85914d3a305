"""The stand-in as one thing to start and stop: a world, its Bot API server, and the switches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from sandbox.telegram.journal import Journal
from sandbox.telegram.limits import Limits
from sandbox.telegram.server import bot_api
from sandbox.telegram.weather import Weather
from sandbox.telegram.world import World

#: A token of the right form that belongs to nobody.
TOKEN = "7000000001:AAStandInTokenThatBelongsToNobody00"


class TelegramStandIn:
    """`async with TelegramStandIn() as tg:` serves a world at `tg.url` until the block ends.

    `tg.url` is what a bot takes as its API address. Parts that are not handed in are made: a world with the
    real clock, limits that follow the world's clock. `port` 0 finds a free one.
    """

    def __init__(
        self,
        world: World | None = None,
        *,
        token: str = TOKEN,
        host: str = "127.0.0.1",
        port: int = 0,
        limits: Limits | None = None,
        retry_delays: Sequence[float] = (1, 2, 4, 8, 16, 32, 60),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.world = world or World()
        self.token = token
        self.limits = limits or Limits(self.world.clock)
        self.weather = Weather()
        self.journal = Journal()
        self._host, self._port = host, port
        self._retry_delays, self._sleep = retry_delays, sleep
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """`http://host:port`, without a slash at the end. Only while it runs."""
        if self._runner is None:
            raise RuntimeError("the stand-in has not been started")
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def start(self) -> None:
        """Begin to serve."""
        app = bot_api(
            self.world,
            token=self.token,
            limits=self.limits,
            weather=self.weather,
            journal=self.journal,
            retry_delays=self._retry_delays,
            sleep=self._sleep,
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, self._host, self._port).start()
        self._runner = runner
        self._port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop serving; the world stays as it is, and a later `start` serves it again at the same port."""
        if self._runner:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def __aenter__(self) -> TelegramStandIn:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
