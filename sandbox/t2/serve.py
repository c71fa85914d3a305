"""The whole simulated PBX, started and stopped in one `async with`."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime

from sandbox.served import Served, Sleep, at_speed, utc_now
from sandbox.t2.calls import Calls
from sandbox.t2.office import Office
from sandbox.t2.outages import Outage, Weather
from sandbox.t2.quirks import Quirks
from sandbox.t2.server import Server
from sandbox.t2.tokens import Pair, Tokens


class T2Office(Served[Outage]):
    """`speed` makes the calls' seconds shorter; what they report stays as if played in full.

    With `older_host` the PBX also answers at `older_url`, by 308 to `url`: another origin, so that a client
    which follows may lose its `Authorization`.
    """

    office: Office
    calls: Calls

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
        sleep = sleep or at_speed(speed)
        self.office = office
        self.calls = Calls(office, sleep=sleep, now=now)
        self.tokens = Tokens(Pair(access_token, refresh_token), now=now, company_id=office.company_id)
        weather = Weather(sleep)
        self.server = Server(office, self.calls, self.tokens, weather, now)
        self.older_url = ""
        self._has_older = older_host
        super().__init__(weather, self.server.app, host, port)

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

    async def _opened(self, stack: AsyncExitStack) -> None:
        if self._has_older:
            self.older_url = await self._serve(stack, self.server.older, 0)
