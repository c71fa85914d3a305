"""The PBX's HTTP side put together: who may ask what, how refusals look, and the older host beside it."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from http import HTTPStatus

from aiohttp import web

from sandbox.t2.api import authorization, blacklist, employees, managers, monitoring, records, statistics
from sandbox.t2.office import Office
from sandbox.t2.outages import Weather
from sandbox.t2.tokens import TokenRefused, Tokens
from sandbox.t2.wire import NOW, OFFICE, Handler, Refused, Route, framework_refusal, refusal

BASE = "/crm/openapi"
SUBJECTS = (authorization, monitoring, employees, statistics, records, managers, blacklist)


def routes() -> Iterator[Route]:
    for subject in SUBJECTS:
        yield from subject.ROUTES


class Server:
    def __init__(
        self,
        office: Office,
        calls: employees.StartsCalls,
        tokens: Tokens,
        weather: Weather,
        now: Callable[[], datetime],
    ) -> None:
        self.office, self.tokens, self.weather = office, tokens, weather
        #: (method, path with its query as it was sent) of every request that came, for tests and the demo's trace.
        self.requests: list[tuple[str, str]] = []
        #: Set by every request that comes; whoever waits clears it.
        self.arrived = asyncio.Event()
        self.app = web.Application(middlewares=[self._door])
        self.app[OFFICE], self.app[NOW] = office, now
        self.app[employees.CALLS], self.app[authorization.TOKENS] = calls, tokens
        for route in routes():
            self.app.router.add_route(route.method, BASE + route.path, self._guarded(route))
        #: The same PBX under its older name: it only says where it moved.
        self.older = web.Application()
        self.older.router.add_route("*", "/{path:.*}", self._moved)

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests.append((request.method, request.raw_path))
        self.arrived.set()
        if self._refuses_agent(request):
            raise web.HTTPNotAcceptable
        try:
            await self.weather.pass_through(request)
            return await handler(request)
        except Refused as error:
            return refusal(request, error)
        except TokenRefused as error:
            return refusal(request, Refused(HTTPStatus.FORBIDDEN, "Forbidden", error.details))
        except ConnectionResetError:
            # `break_off` has hung up: this goes nowhere, and aiohttp logs no traceback.
            return web.Response()
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as error:
            return framework_refusal(request, error.status)

    def _refuses_agent(self, request: web.Request) -> bool:
        agent = request.headers.get("User-Agent", "").casefold()
        return any(refused.casefold() in agent for refused in self.office.quirks.refused_agents)

    def _guarded(self, route: Route) -> Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            self.tokens.check(request.headers.get("Authorization", ""), route.token)
            return await route.handler(request)

        return guarded

    async def _moved(self, request: web.Request) -> web.Response:
        """Written by hand: aiohttp's own redirect would encode the query anew."""
        location = self.office.base_url + request.raw_path
        return web.Response(status=HTTPStatus.PERMANENT_REDIRECT, headers={"Location": location})
