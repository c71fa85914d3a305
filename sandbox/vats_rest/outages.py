"""What may be wrong with VATS's own API."""

from enum import StrEnum

from aiohttp import web

from sandbox import outages
from sandbox.vats_rest.wire import refusal


class Outage(StrEnum):
    NONE = "none"
    REFUSE = "refuse"
    HANG = "hang"
    ERROR_500 = "500"
    FORBIDDEN_403 = "403"
    SLOW = "slow"
    CRM_DISABLED = "crm disabled"
    SWITCHED_OFF = "crm switched off"


class Weather(outages.Weather[Outage]):
    fair = Outage.NONE

    def refuse(self, request: web.Request) -> None:
        match self.outage:
            case Outage.FORBIDDEN_403:
                raise refusal(web.HTTPForbidden, "Don't have permission to access")
            case Outage.CRM_DISABLED:
                raise refusal(web.HTTPUnauthorized, "CRM disabled")
            case Outage.SWITCHED_OFF:
                raise refusal(web.HTTPUnauthorized, "CRM switched off")
