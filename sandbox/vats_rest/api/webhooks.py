"""Section 18: who else wants to be told of events. The manual knows one event, `sipregs_error`."""

from typing import Literal

from aiohttp import web

from sandbox.vats_rest.office import NoSuch, Subscription
from sandbox.vats_rest.wire import Body, Route, body, invalid, no_content, office_of


class NewSubscription(Body):
    type: Literal["sipregs_error"]
    url: str


async def listed(request: web.Request) -> web.Response:
    found = office_of(request).subscriptions.values()
    return web.json_response([{"id": s.id, "type": s.type, "url": s.url} for s in found])


async def add(request: web.Request) -> web.Response:
    """Not marked as required, yet a subscription without type or url means nothing: both must be there."""
    office, new = office_of(request), await body(request, NewSubscription)
    if not new.url.startswith(("http://", "https://")):
        raise invalid("url")
    added = Subscription(office.new_id(), new.type, new.url)
    office.subscriptions[added.id] = added
    return no_content()


async def remove(request: web.Request) -> web.Response:
    id_ = request.match_info["id"]
    if office_of(request).subscriptions.pop(id_, None) is None:
        raise NoSuch(f"no subscription {id_!r}")
    return no_content()


ROUTES = (
    Route("GET", "/webhook", listed),
    Route("POST", "/webhook", add),
    Route("DELETE", "/webhook/{id}", remove),
)
