"""The PBX's HTTP side put together: who may ask what, how refusals look, and the recordings."""

import asyncio
import hmac
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime

from aiohttp import web

from sandbox.vats_rest.api import (
    blacklist,
    domain,
    groups,
    history,
    lines,
    makecall,
    outgoing,
    sims,
    telnums,
    users,
    webhooks,
)
from sandbox.vats_rest.office import NoSuch, Office, Taken
from sandbox.vats_rest.outages import Weather
from sandbox.vats_rest.recordings import recording
from sandbox.vats_rest.wire import OFFICE, Handler, Route, invalid, refusal

BASE = "/crmapi/v1"
SUBJECTS = (
    history,
    makecall,
    users,
    groups,
    telnums,
    sims,
    blacklist,
    domain,
    outgoing,
    lines,
    webhooks,
)
#: A key and its rights; `None` is every right.
Keys = Mapping[str, Collection[str] | None]


def routes() -> Iterator[Route]:
    for subject in SUBJECTS:
        yield from subject.ROUTES


class Server:
    def __init__(
        self,
        office: Office,
        calls: makecall.StartsCalls,
        keys: Keys,
        weather: Weather,
        now: Callable[[], datetime],
    ) -> None:
        self.office, self.keys, self.weather, self.now = office, keys, weather, now
        #: (method, path with its query) of every request that came, for tests and the demo's trace.
        self.requests: list[tuple[str, str]] = []
        #: Set by every request that comes; whoever waits clears it.
        self.arrived = asyncio.Event()
        self.app = web.Application(middlewares=[self._door])
        self.app[OFFICE], self.app[makecall.CALLS], self.app[history.NOW] = office, calls, now
        for route in routes():
            self.app.router.add_route(route.method, BASE + route.path, self._guarded(route))
        self.app.router.add_get("/records/{callid}.mp3", self._recording)

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs))
        self.arrived.set()
        await self.weather.pass_through(request)
        if request.path.startswith(BASE) or self.office.quirks.recording_needs_key:
            self._rights(request)
        try:
            return await handler(request)
        except (NoSuch, Taken) as error:
            raise invalid(str(error)) from None
        except web.HTTPMethodNotAllowed as error:
            allow = {"Allow": error.headers.get("Allow", "")}
            return web.json_response({"error": "Method Not Allowed"}, status=405, headers=allow)

    def _rights(self, request: web.Request) -> Collection[str] | None:
        given = request.headers.get("X-API-KEY", "").encode()
        for key, rights in self.keys.items():
            if hmac.compare_digest(given, key.encode()):
                return rights
        raise refusal(web.HTTPUnauthorized, "Invalid token")

    def _guarded(self, route: Route) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            rights = self._rights(request)
            if route.right is not None and rights is not None and route.right not in rights:
                raise refusal(web.HTTPForbidden, "Don't have permission to access")
            return await route.handler(request)

        return guarded

    async def _recording(self, request: web.Request) -> web.StreamResponse:
        return recording(self.office, request.match_info["callid"], self.now())
