"""The whole simulated PBX, started and stopped in one `async with`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Self

from aiohttp import web

from sandbox.phonet.calls import Calls
from sandbox.phonet.office import Office
from sandbox.phonet.outages import Outage, Weather
from sandbox.phonet.quirks import Quirks
from sandbox.phonet.sender import RETRY_DELAYS, Sender
from sandbox.phonet.server import Server
from sandbox.phonet.sessions import Sessions

Sleep = Callable[[float], Awaitable[None]]


def utc_now() -> datetime:
    return datetime.now(UTC)


class PhonetOffice:
    """`speed` makes the calls' seconds shorter; what they report stays as if played in full.

    An empty `domain` stands for the host and port it is served at.
    """

    def __init__(
        self,
        office: Office,
        *,
        webhook_url: str,
        api_key: str,
        domain: str,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        sleep: Sleep | None = None,
        now: Callable[[], datetime] = utc_now,
        retry_sleep: Sleep = asyncio.sleep,
        retry_delays: Sequence[float] = RETRY_DELAYS,
        max_tries: int = 20,
        timeout: float = 10.0,
        settings_timeout: float = 1.5,
        connections: int = 50,
    ) -> None:
        async def played(seconds: float) -> None:
            await asyncio.sleep(seconds / speed)

        sleep = sleep or played
        self.office = office
        self.sender = Sender(
            webhook_url,
            now=now,
            retry_sleep=retry_sleep,
            retry_delays=retry_delays,
            max_tries=max_tries,
            timeout=timeout,
            settings_timeout=settings_timeout,
            connections=connections,
        )
        self.calls = Calls(office, self.sender, sleep=sleep, now=now)
        self.weather = Weather(sleep)
        self.sessions = Sessions(office, domain, api_key, now)
        self.server = Server(office, self.calls, self.sessions, self.weather, now)
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

    def expire_sessions(self) -> None:
        """Every session so far is answered 403 from now on."""
        self.sessions.expire()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.sender)
            runner = web.AppRunner(self.server.app, access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, self._host, self._port).start()
            host, port = runner.addresses[0][:2]
            self.office.base_url = f"http://{host}:{port}"
            self.office.domain = self.sessions.domain or f"{host}:{port}"
            stack.push_async_callback(self.calls.stop)
            stack.callback(self.weather.clear)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()
