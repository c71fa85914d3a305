"""What may be wrong with Phonet's own API."""

from enum import StrEnum

from aiohttp import web

from sandbox import outages


class Outage(StrEnum):
    NONE = "none"
    REFUSE = "refuse"
    HANG = "hang"
    ERROR_500 = "500"
    #: Every session is refused, a fresh one too.
    FORBIDDEN_403 = "403"
    SLOW = "slow"


class Weather(outages.Weather[Outage]):
    fair = Outage.NONE

    def refuse(self, request: web.Request) -> None:
        if self.outage is Outage.FORBIDDEN_403 and request.path != "/rest/security/authorize":
            raise web.HTTPForbidden(text="Forbidden")
