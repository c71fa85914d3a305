"""What may be wrong with t2's own API."""

from enum import StrEnum

from aiohttp import web

from sandbox import outages
from sandbox.t2.tokens import BAD, TokenRefused


class Outage(StrEnum):
    NONE = "none"
    REFUSE = "refuse"
    HANG = "hang"
    ERROR_500 = "500"
    BAD_GATEWAY_502 = "502"
    FORBIDDEN_403 = "403"
    SLOW = "slow"


class Weather(outages.Weather[Outage]):
    fair = Outage.NONE

    def refuse(self, request: web.Request) -> None:
        if self.outage is Outage.BAD_GATEWAY_502:
            raise web.HTTPBadGateway(text="<html>502 Bad Gateway</html>", content_type="text/html")
        if self.outage is Outage.FORBIDDEN_403:
            raise TokenRefused(BAD)
