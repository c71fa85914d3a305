"""The PBX's HTTP side: one address for all commands, its two refusals, and the recordings."""

import asyncio
import hmac
from urllib.parse import urlencode

from aiohttp import web
from pydantic import ValidationError

from sandbox.vats_form.commands import COMMANDS, Pbx, Said
from sandbox.vats_rest.office import NoSuch
from sandbox.vats_rest.outages import Weather
from sandbox.vats_rest.recordings import recording
from sandbox.vats_rest.wire import Handler, refusal

ENDPOINT = "/sys/crm_api.wcgp"
FORM = "application/x-www-form-urlencoded"


class Server:
    def __init__(self, pbx: Pbx, token: str, weather: Weather) -> None:
        self.pbx, self.token, self.weather = pbx, token, weather
        #: Method, and `cmd?user=…` without the key (or a recording's path), for tests and the demo's trace.
        self.requests: list[tuple[str, str]] = []
        #: Set by every request that comes; whoever waits clears it.
        self.arrived = asyncio.Event()
        self.app = web.Application(middlewares=[self._door])
        self.app.router.add_route("POST", ENDPOINT, self._command)
        self.app.router.add_route("GET", ENDPOINT, self._command)
        self.app.router.add_route("GET", "/records/{callid}.mp3", self._recording)

    @web.middleware
    async def _door(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        said = await _said(request)
        self.requests.append((request.method, _shown(request, said)))
        self.arrived.set()
        await self.weather.pass_through(request)
        if request.path == ENDPOINT:
            self._check_token(said)
        elif self.pbx.office.quirks.recording_needs_key:
            self._check_token(said if "token" in said else {"token": request.headers.get("X-API-KEY", "")})
        return await handler(request)

    def _check_token(self, said: Said) -> None:
        if not hmac.compare_digest(said.get("token", "").encode(), self.token.encode()):
            raise refusal(web.HTTPUnauthorized, "Invalid token")

    async def _command(self, request: web.Request) -> web.StreamResponse:
        said = await _said(request)
        command = COMMANDS.get(said.get("cmd", ""))
        if command is None or (request.method == "GET" and not command.by_get):
            raise refusal(web.HTTPBadRequest, "Invalid parameters: [cmd]")
        try:
            return command.answer(self.pbx, _parameters(said))
        except (ValidationError, NoSuch):
            raise refusal(web.HTTPBadRequest, "Invalid parameters") from None

    async def _recording(self, request: web.Request) -> web.StreamResponse:
        return recording(self.pbx.office, request.match_info["callid"], self.pbx.now())


async def _said(request: web.Request) -> Said:
    """A POST says everything in its form, a GET in its query; a body of another type says nothing."""
    if request.method == "GET":
        return dict(request.query)
    form = await request.post() if request.content_type == FORM else {}
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _parameters(said: Said) -> Said:
    return {name: value for name, value in said.items() if name not in ("cmd", "token")}


def _shown(request: web.Request, said: Said) -> str:
    what = said.get("cmd", "") if request.path == ENDPOINT else request.path
    parameters = urlencode(_parameters(said))
    return f"{what}?{parameters}" if parameters else what
