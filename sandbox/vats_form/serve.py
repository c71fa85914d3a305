"""The whole simulated PBX with the form API, started and stopped in one `async with`."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Unpack

from sandbox.served import Served, Sleep, at_speed, utc_now
from sandbox.vats_form.calls import Calls
from sandbox.vats_form.commands import Pbx
from sandbox.vats_form.office import Office
from sandbox.vats_form.quirks import Quirks
from sandbox.vats_form.server import Server
from sandbox.vats_form.wording import worded
from sandbox.vats_rest.outages import Outage, Weather
from sandbox.vats_rest.sender import Sender, Sending


class VatsFormOffice(Served[Outage]):
    """`crm_token` is the key it shows us, `token` the key it wants from us.

    `speed` makes the calls' seconds shorter; what they report stays as if played in full.
    """

    office: Office
    calls: Calls

    def __init__(
        self,
        office: Office,
        *,
        webhook_url: str,
        crm_token: str,
        token: str,
        host: str = "127.0.0.1",
        port: int = 0,
        speed: float = 1.0,
        sleep: Sleep | None = None,
        now: Callable[[], datetime] = utc_now,
        **sending: Unpack[Sending],
    ) -> None:
        sleep = sleep or at_speed(speed)
        self.office = office
        self.sender = Sender(webhook_url, crm_token, now=now, wording=partial(worded, office), **sending)
        self.calls = Calls(office, self.sender, sleep=sleep, now=now)
        weather = Weather(sleep)
        self.server = Server(Pbx(office, self.calls, now), token, weather)
        super().__init__(weather, self.server.app, host, port, self.sender)

    @property
    def quirks(self) -> Quirks:
        return self.office.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self.office.quirks = quirks
