"""Calls: started, active, hung up, and the three lists of what was."""

import re
from collections.abc import Callable

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from sandbox.phonet import history, messages
from sandbox.phonet.legs import INCOMING, INTERNAL, OUTGOING, PAUSE, UNPAUSE, HistoryRow
from sandbox.phonet.office import NoSuch, Office
from sandbox.phonet.people import OFFLINE
from sandbox.phonet.wire import (
    CALLS,
    CALLS_LIMIT,
    NOW,
    OFFICE,
    Handler,
    Route,
    body,
    integer,
    invalid,
    not_found,
    page,
    parameter,
)

NUMBER = re.compile(r"\+?\d{5,15}")
TALKS = INTERNAL | OUTGOING | INCOMING
PAUSES = PAUSE | UNPAUSE


class MakeCall(BaseModel):
    #: The manual's curl has a bare number here.
    model_config = ConfigDict(coerce_numbers_to_str=True)

    legExt: str
    otherLegNum: str


async def make_call(request: web.Request) -> web.Response:
    asked = await body(request, MakeCall)
    try:
        employee = request.app[OFFICE].employees[asked.legExt]
    except KeyError:
        raise invalid(f"User with ext {asked.legExt} is not found") from None
    if not NUMBER.fullmatch(asked.otherLegNum):
        raise invalid(f"Wrong number {asked.otherLegNum}")
    if employee.status == OFFLINE:
        raise invalid(f"User {asked.legExt} is offline")
    return web.json_response({"uuid": request.app[CALLS].make_call(asked.legExt, asked.otherLegNum)})


async def active(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    told = (leg for leg in office.active.values() if messages.is_told(office, leg, "call.dial"))
    return web.json_response([messages.active(office, leg) for leg in told])


async def hang_up(request: web.Request) -> web.Response:
    try:
        request.app[CALLS].hang_up(request.match_info["uuid"])
    except NoSuch as error:
        raise not_found(str(error)) from None
    return web.Response()


def listing(rows: Callable[[Office], list[HistoryRow]], *, allowed: int = 0, default: int = 0) -> Handler:
    """`allowed` directions make a mask; 0: the list takes no such parameter."""

    async def answer(request: web.Request) -> web.Response:
        office = request.app[OFFICE]
        first, last = parameter(request, "timeFrom"), parameter(request, "timeTo")
        wanted = directions(request, allowed) or default
        found = history.window(office, rows(office), first, last, request.app[NOW]())
        chosen = [row for row in found if not allowed or row.direction & wanted]
        shown = page(request, chosen, CALLS_LIMIT, CALLS_LIMIT)
        return web.json_response([history.row_json(office, row) for row in shown])

    return answer


def directions(request: web.Request, allowed: int) -> int:
    """Repeated, or summed in one value; 0 without any."""
    mask = 0
    for text in request.query.getall("directions", []) if allowed else ():
        value = integer(text, "directions", 1)
        if value & ~allowed:
            raise invalid("directions is out of range")
        mask |= value
    return mask


ROUTES = (
    Route("POST", "/rest/user/makeCall", make_call),
    Route("GET", "/rest/calls/active/v3", active),
    Route("GET", "/rest/calls/active/{uuid}/hangup", hang_up),
    Route("GET", "/rest/calls/company.api", listing(history.company, allowed=TALKS, default=TALKS)),
    Route("GET", "/rest/calls/missed.api", listing(history.missed)),
    Route("GET", "/rest/calls/users.api", listing(history.users, allowed=TALKS | PAUSES, default=TALKS)),
)
