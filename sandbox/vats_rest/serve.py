"""The whole simulated PBX, started and stopped in one `async with`."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Self

from aiohttp import web

from sandbox.vats_rest.calls import Calls
from sandbox.vats_rest.encoding import Manner
from sandbox.vats_rest.office import Office, utc_now
from sandbox.vats_rest.outages import Outage, Weather
from sandbox.vats_rest.quirks import Quirks
from sandbox.vats_rest.sender import RETRY_DELAYS, Sender
from sandbox.vats_rest.server import Server

Sleep = Callable[[float], Awaitable[None]]


class VatsOffice:
    """`speed` makes the calls' seconds shorter; what they report stays as if played in full."""

    def __init__(
        self,
        office: Office,
        *,
        webhook_url: str,
        crm_token: str,
        api_key: str,
        limited_keys: Mapping[str, Collection[str]] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        sleep: Sleep | None = None,
        now: Callable[[], datetime] = utc_now,
        manner: Manner = Manner(),  # noqa: B008 - frozen
        retry_sleep: Sleep = asyncio.sleep,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        max_tries: int = 20,
        timeout: float = 10.0,
        contact_timeout: float = 1.5,
        connections: int = 50,
    ) -> None:
        async def played(seconds: float) -> None:
            await asyncio.sleep(seconds / speed)

        sleep = sleep or played
        self.office = office
        self.sender = Sender(
            webhook_url,
            crm_token,
            manner=manner,
            now=now,
            retry_sleep=retry_sleep,
            retry_delays=retry_delays,
            max_tries=max_tries,
            timeout=timeout,
            contact_timeout=contact_timeout,
            connections=connections,
        )
        self.calls = Calls(office, self.sender, sleep=sleep, now=now)
        self.weather = Weather(sleep)
        keys: dict[str, Collection[str] | None] = {**(limited_keys or {}), api_key: None}
        self.server = Server(office, self.calls, keys, self.weather, now)
        self._host, self._port = host, port
        self._stack = AsyncExitStack()

    @property
    def url(self) -> str:
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

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.sender)
            runner = web.AppRunner(self.server.app, access_log=None, shutdown_timeout=1.0)
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
