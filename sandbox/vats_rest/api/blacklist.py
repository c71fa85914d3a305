"""Section 11: callers who do not get through."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from sandbox.vats_rest.api.history import NOW
from sandbox.vats_rest.office import Banned, Json
from sandbox.vats_rest.wire import Body, Query, Route, body_list, invalid, no_content, office_of, query

NUMBER_OR_RANGE = re.compile(r"\d{1,15}\*?")


class NewBan(Body):
    telnum: str
    comment: str = ""


class With(Query):
    with_: Annotated[Literal["statistics"] | None, Field(alias="with")] = None


class Chosen(Query):
    telnum: list[str]


async def listed(request: web.Request) -> web.Response:
    statistics = bool(query(request, With).with_)
    return web.json_response([_wire(request, b, statistics) for b in office_of(request).blacklist.values()])


def _wire(request: web.Request, ban: Banned, statistics: bool) -> Json:
    found: Json = {"telnum": ban.telnum, "comment": ban.comment}
    if not statistics:
        return found
    now = request.app[NOW]()
    week, year = (sum(now - at <= timedelta(days=days) for at in ban.blocked) for days in (7, 365))
    return {**found, "week": week, "year": year}


async def add(request: web.Request) -> web.Response:
    bans = await body_list(request, NewBan)
    if not all(NUMBER_OR_RANGE.fullmatch(ban.telnum) for ban in bans):
        raise invalid("telnum")
    for ban in bans:
        known = office_of(request).blacklist.setdefault(ban.telnum, Banned(ban.telnum))
        known.comment = ban.comment
    return no_content()


async def remove(request: web.Request) -> web.Response:
    """A number that is not in the list is no error: it is out of it."""
    for telnum in query(request, Chosen).telnum:
        office_of(request).blacklist.pop(telnum, None)
    return no_content()


async def anonymous(request: web.Request) -> web.Response:
    return web.json_response({"state": office_of(request).block_anonymous})


async def set_anonymous(request: web.Request) -> web.Response:
    office_of(request).block_anonymous = request.method == "POST"
    return no_content()


ROUTES = (
    Route("GET", "/blacklist/telnums", listed, "blacklist.get"),
    Route("POST", "/blacklist/telnums", add, "blacklist.create"),
    Route("DELETE", "/blacklist/telnums", remove, "blacklist.delete"),
    Route("GET", "/blacklist/block-anonymous", anonymous, "blacklist.get"),
    Route("POST", "/blacklist/block-anonymous", set_anonymous, "blacklist.edit"),
    Route("DELETE", "/blacklist/block-anonymous", set_anonymous, "blacklist.edit"),
)
