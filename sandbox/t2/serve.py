"""The whole simulated PBX, started and stopped in one `async with`."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Self

from aiohttp import web

from sandbox.t2.calls import Calls
from sandbox.t2.office import Office, utc_now
from sandbox.t2.outages import Outage, Weather
from sandbox.t2.quirks import Quirks
from sandbox.t2.server import Server
from sandbox.t2.tokens import Pair, Tokens

Sleep = Callable[[float], Awaitable[None]]


class T2Office:
    """`speed` makes the calls' seconds shorter; what they report stays as if played in full.

    With `older_host` the PBX also answers at `older_url`, by 308 to `url`: another origin, so that a client
    which follows may lose its `Authorization`.
    """

    def __init__(
        self,
        office: Office,
        *,
        access_token: str,
        refresh_token: str,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        sleep: Sleep | None = None,
        now: Callable[[], datetime] = utc_now,
        older_host: bool = False,
    ) -> None:
        async def played(seconds: float) -> None:
            await asyncio.sleep(seconds / speed)

        sleep = sleep or played
        self.office = office
        self.calls = Calls(office, sleep=sleep, now=now)
        self.tokens = Tokens(Pair(access_token, refresh_token), now=now, company_id=office.company_id)
        self.weather = Weather(sleep)
        self.server = Server(office, self.calls, self.tokens, self.weather, now)
        self.older_url = ""
        self._host, self._port, self._has_older = host, port, older_host
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

    @property
    def quirks(self) -> Quirks:
        return self.office.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self.office.quirks = quirks

    @property
    def lose_refresh_reply(self) -> bool:
        """While set, a refresh replaces the pair and its answer never arrives: the company is locked out."""
        return self.tokens.lose_refresh_reply

    @lose_refresh_reply.setter
    def lose_refresh_reply(self, lost: bool) -> None:
        self.tokens.lose_refresh_reply = lost

    def generate_tokens(self) -> Pair:
        """By hand in the cabinet: the pair before it is worthless."""
        return self.tokens.replace()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.office.base_url = await self._serve(stack, self.server.app, self._port)
            if self._has_older:
                self.older_url = await self._serve(stack, self.server.older, 0)
            stack.push_async_callback(self.calls.stop)
            stack.callback(self.weather.clear)
            self._stack = stack.pop_all()
        return self

    async def _serve(self, stack: AsyncExitStack, app: web.Application, port: int) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, self._host, port).start()
        host, taken = runner.addresses[0][:2]
        return f"http://{host}:{taken}"

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()
