"""Numbers that don't get through; every change is answered by a word."""

import re

from aiohttp import web

from sandbox.t2.office import Banned, Json
from sandbox.t2.wire import Route, json_response, office_of, text, word, wrong

SUCCESS, DUPLICATE = "SUCCESS", "DUPLICATE_BLACK_LIST_NUMBER"
#: 7XXXXXXXXXX
MSISDN = re.compile(r"7\d{10}", re.ASCII)


async def listed(request: web.Request) -> web.Response:
    return json_response([_banned(one) for one in office_of(request).blacklist.values()])


def _banned(one: Banned) -> Json:
    return {"id": one.id, "number": one.number, "sourceType": one.source_type}


async def add(request: web.Request) -> web.Response:
    """The table has a query parameter, the example posts the bare number as the body: both will do."""
    office = office_of(request)
    number = (await request.text()).strip() or text(request, "msisdn")
    if not MSISDN.fullmatch(number):
        raise wrong("msisdn")
    if number in office.blacklist:
        return word(request, DUPLICATE)
    office.blacklist[number] = Banned(next(office.ids), number)
    return word(request, SUCCESS)


async def remove(request: web.Request) -> web.Response:
    """The manual knows no other answer, not even for a number that was never listed."""
    office_of(request).blacklist.pop(request.match_info["msisdn"], None)
    return word(request, SUCCESS)


async def clear(request: web.Request) -> web.Response:
    office_of(request).blacklist.clear()
    return word(request, SUCCESS)


ROUTES = (
    Route("POST", "/blacklist", add),
    Route("DELETE", "/blacklist/by-msisdn/{msisdn}", remove),
    Route("DELETE", "/blacklist/all", clear),
    Route("GET", "/blacklist", listed),
)
