"""The Bot API server: routes, the token, the weather, the log. What methods do is in the `methods_…` modules."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from aiohttp import web

from sandbox.telegram import methods_bot, methods_chats, methods_messages, params
from sandbox.telegram.api import Api, Method
from sandbox.telegram.errors import Refused, too_many_requests
from sandbox.telegram.journal import Journal, Request
from sandbox.telegram.limits import Limits
from sandbox.telegram.params import Params
from sandbox.telegram.polling import Polling
from sandbox.telegram.weather import Kind, Storm, Weather
from sandbox.telegram.webhook import Deliverer
from sandbox.telegram.world import World

API: web.AppKey[Api] = web.AppKey("api", Api)

METHODS: dict[str, tuple[str, Method]] = (
    methods_bot.method.table | methods_chats.method.table | methods_messages.method.table
)

ERROR_PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body><center><h1>{0}</h1></center></body>\r\n</html>\r\n"


Answer = tuple[int, str]


class _Cut(Exception):
    """The connection is to be closed without an answer."""


def bot_api(
    world: World,
    *,
    token: str,
    limits: Limits | None = None,
    weather: Weather | None = None,
    journal: Journal | None = None,
    retry_delays: Sequence[float] = (1, 2, 4, 8, 16, 32, 60),
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> web.Application:
    """The Bot API of the world's bot as an aiohttp application, also fit for `add_subapp`.

    `retry_delays` and `sleep` are for webhook deliveries that failed. `limits` are on by default and follow
    the world's clock.
    """
    weather = weather or Weather()
    app = web.Application(client_max_size=2 * params.MOST_BYTES)
    app[API] = Api(
        world,
        token,
        limits or Limits(world.clock),
        weather,
        journal or Journal(),
        Polling(world.updates, world.webhook, weather),
        Deliverer(world, delays=retry_delays, sleep=sleep),
    )
    app.router.add_route("*", "/bot{token}/{method}", _call)
    app.router.add_get("/file/bot{token}/{path:.+}", _download)
    app.on_startup.append(_start)
    app.on_shutdown.append(_stop)
    return app


async def _start(app: web.Application) -> None:
    api = app[API]

    async def carry_out(call: Params) -> None:
        name = str(call.values["method"])
        await _log(api, name, call, _answer(api, name, call))

    api.deliverer.start(carry_out)


async def _stop(app: web.Application) -> None:
    api = app[API]
    api.polling.close()
    api.weather.release()
    await api.deliverer.stop()


async def _call(request: web.Request) -> web.StreamResponse:
    api, name = request.app[API], request.match_info["method"]
    if request.match_info["token"] != api.token:
        return _error(Refused(401, "Unauthorized"))
    try:
        given = await params.read(request)
    except Refused as refused:
        return _error(refused)
    try:
        status, body = await _log(api, name, given, _weathered(api, name, given))
    except _Cut:
        if request.transport:
            request.transport.abort()
        return web.Response(status=502)
    kind = "application/json" if body.startswith("{") else "text/html"
    return web.Response(status=status, text=body, content_type=kind)


def _error(refused: Refused) -> web.Response:
    return web.json_response(refused.body(), status=refused.status)


async def _answer(api: Api, name: str, given: Params) -> Answer:
    """Carry out a method: the status and the JSON of the Bot API's answer."""
    found = METHODS.get(name.lower())
    try:
        if found is None:
            raise Refused(404, "Not Found")
        return 200, json.dumps({"ok": True, "result": await found[1](api, given)}, ensure_ascii=False)
    except Refused as refused:
        return refused.status, json.dumps(refused.body(), ensure_ascii=False)


async def _weathered(api: Api, name: str, given: Params) -> Answer:
    """The answer as it comes through the weather. A long poll meets the outage that begins while it waits."""
    storm = api.weather.strike(name)
    if storm is None:
        answer = await _answer(api, name, given)
        storm = api.weather.strike(name) if name.lower() == "getupdates" else None
        return await _struck(api, storm, answer) if storm else answer
    answer = await _answer(api, name, given) if storm.kind in (Kind.TRUNCATED, Kind.LOST) else (0, "")
    return await _struck(api, storm, answer)


async def _struck(api: Api, storm: Storm, answer: Answer) -> Answer:
    match storm.kind:
        case Kind.FLOOD:
            return 429, json.dumps(too_many_requests(storm.number).body())
        case Kind.STATUS:
            return storm.number, ERROR_PAGE.format(f"{storm.number} {HTTPStatus(storm.number).phrase}")
        case Kind.TRUNCATED:
            return answer[0], answer[1][: len(answer[1]) // 2]
        case Kind.HANG:
            await api.weather.cleared()
    raise _Cut


async def _log(api: Api, name: str, given: Params, answer: Awaitable[Answer]) -> Answer:
    found = METHODS.get(name.lower())
    entry = Request(found[0] if found else name, given.loggable(), api.world.clock())
    api.journal.note(entry)
    api.world.feed.stir()
    try:
        entry.status, body = await answer
        if entry.status >= 400 and body.startswith("{"):
            entry.description = json.loads(body)["description"]
        return entry.status, body
    finally:
        entry.done = True
        api.world.feed.stir()


async def _download(request: web.Request) -> web.Response:
    api, path = request.app[API], request.match_info["path"]
    if request.match_info["token"] != api.token:
        return _error(Refused(401, "Unauthorized"))
    file = next((one for one in api.world.files.values() if one.path == path), None)
    if file is None:
        return _error(Refused(404, "Not Found"))
    return web.Response(body=file.content, content_type=file.mime.split(";")[0])
