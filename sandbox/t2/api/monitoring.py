"""Calls under way and clients waiting in queues. Neither says whether a phone rings or somebody talks."""

from aiohttp import web

from sandbox.t2.office import Json, Line, LiveCall
from sandbox.t2.wire import Route, json_response, office_of


async def calls(request: web.Request) -> web.Response:
    office = office_of(request)
    for call in office.live:
        call.asked += 1
    flickers = office.quirks.flickering_calls
    return json_response([_live(call) for call in office.live if call.asked % 2 or not flickers])


def _live(call: LiveCall) -> Json:
    return {"callType": call.type, **_line("caller", call.caller), **_line("called", call.called)}


def _line(end: str, line: Line | None) -> Json:
    """Neither number of the called end is there before the call was directed to somebody."""
    if line is None:
        return {}
    short: Json = {f"{end}NumberShort": line.short} if line.short else {}
    return {**short, f"{end}NumberFull": line.full}


async def pending(request: web.Request) -> web.Response:
    queues: dict[str, list[str]] = {}
    for call in office_of(request).live:
        if call.queue:
            queues.setdefault(call.queue, []).append(call.client)
    return json_response([{"queueName": name, "calls": clients} for name, clients in queues.items()])


ROUTES = (
    Route("GET", "/monitoring/calls", calls),
    Route("GET", "/monitoring/calls/pending", pending),
)
