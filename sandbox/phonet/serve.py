"""The whole simulated PBX, started and stopped in one `async with`."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime

from sandbox.phonet.calls import Calls
from sandbox.phonet.office import Office
from sandbox.phonet.outages import Outage, Weather
from sandbox.phonet.quirks import Quirks
from sandbox.phonet.sender import RETRY_DELAYS, Sender
from sandbox.phonet.server import Server
from sandbox.phonet.sessions import Sessions
from sandbox.served import Served, Sleep, at_speed, utc_now


class PhonetOffice(Served[Outage]):
    """`speed` makes the calls' seconds shorter; what they report stays as if played in full.

    An empty `domain` stands for the host and port it is served at.
    """

    office: Office
    calls: Calls

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
        sleep = sleep or at_speed(speed)
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
        weather = Weather(sleep)
        self.sessions = Sessions(office, domain, api_key, now)
        self.server = Server(office, self.calls, self.sessions, weather, now)
        super().__init__(weather, self.server.app, host, port, self.sender)

    @property
    def quirks(self) -> Quirks:
        return self.office.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self.office.quirks = quirks

    def expire_sessions(self) -> None:
        """Every session so far is answered 403 from now on."""
        self.sessions.expire()

    async def _opened(self, stack: AsyncExitStack) -> None:
        self.office.domain = self.sessions.domain or self.url.removeprefix("http://")
