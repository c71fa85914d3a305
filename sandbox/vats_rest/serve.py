"""The whole simulated PBX, started and stopped in one `async with`."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Unpack

from sandbox.served import Served, Sleep, at_speed, utc_now
from sandbox.vats_rest.calls import Calls
from sandbox.vats_rest.office import Office
from sandbox.vats_rest.outages import Outage, Weather
from sandbox.vats_rest.quirks import Quirks
from sandbox.vats_rest.sender import Sender, Sending
from sandbox.vats_rest.server import Server


class VatsOffice(Served[Outage]):
    """`speed` makes the calls' seconds shorter; what they report stays as if played in full."""

    office: Office
    calls: Calls

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
        **sending: Unpack[Sending],
    ) -> None:
        sleep = sleep or at_speed(speed)
        self.office = office
        self.sender = Sender(webhook_url, crm_token, now=now, **sending)
        self.calls = Calls(office, self.sender, sleep=sleep, now=now)
        weather = Weather(sleep)
        keys: dict[str, Collection[str] | None] = {**(limited_keys or {}), api_key: None}
        self.server = Server(office, self.calls, keys, weather, now)
        super().__init__(weather, self.server.app, host, port, self.sender)

    @property
    def quirks(self) -> Quirks:
        return self.office.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self.office.quirks = quirks
