"""Section "Обновление токена"."""

from aiohttp import web

from sandbox.outages import break_off
from sandbox.t2.tokens import Kind, Tokens
from sandbox.t2.wire import Route, json_response

TOKENS = web.AppKey("tokens", Tokens)


async def refresh(request: web.Request) -> web.Response:
    tokens = request.app[TOKENS]
    pair = tokens.replace()
    if tokens.lose_refresh_reply:
        break_off(request)
    return json_response({"accessToken": pair.access, "refreshToken": pair.refresh})


ROUTES = (Route("PUT", "/authorization/refresh/token", refresh, Kind.REFRESH),)
