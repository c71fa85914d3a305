"""Phonet's HTTP side put together: who is let in, and what answers where."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from pydantic import BaseModel

from sandbox.phonet.api import audio, contacts, people
from sandbox.phonet.api import calls as calls_api
from sandbox.phonet.calls import Calls
from sandbox.phonet.office import Office
from sandbox.phonet.outages import Weather
from sandbox.phonet.sessions import COOKIE, Sessions
from sandbox.phonet.wire import CALLS, NOW, OFFICE, Handler, Route, body

AUTHORIZE, PUBLIC = "/rest/security/authorize", "/rest/public/"


class Authorize(BaseModel):
    domain: str
    apiKey: str


class Server:
    def __init__(
        self, office: Office, calls: Calls, sessions: Sessions, weather: Weather, now: Callable[[], datetime]
    ) -> None:
        self.sessions, self.weather = sessions, weather
        #: (method, path with its query) of every request that came, for tests and the demo's trace.
        self.requests: list[tuple[str, str]] = []
        #: Set by every request that comes; whoever waits clears it.
        self.arrived = asyncio.Event()
        self.app = web.Application(middlewares=[self._door])
        self.app[OFFICE], self.app[CALLS], self.app[NOW] = office, calls, now
        for route in self.routes():
            self.app.router.add_route(route.method, route.path, route.handler)

    def routes(self) -> tuple[Route, ...]:
        authorize = Route("POST", AUTHORIZE, self._authorize)
        return (authorize, *calls_api.ROUTES, *people.ROUTES, *contacts.ROUTES, *audio.ROUTES)

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs))
        self.arrived.set()
        await self.weather.pass_through(request)
        is_open = request.path == AUTHORIZE or request.path.startswith(PUBLIC)
        if not is_open and not self.sessions.use(request.cookies.get(COOKIE, "")):
            raise web.HTTPForbidden(text="Forbidden")
        return await handler(request)

    async def _authorize(self, request: web.Request) -> web.Response:
        given = await body(request, Authorize)
        session = self.sessions.open(given.domain, given.apiKey, request.host)
        if session is None:
            raise web.HTTPUnauthorized(text="Wrong domain or apiKey")
        response = web.Response()
        response.set_cookie(COOKIE, session, path="/", httponly=True)
        return response
