"""The page's HTTP server: the page itself, the state, the stream of changes, and what people and scenes do.

It is meant for one machine: other hosts' names and other sites' requests are refused, and the page may talk to
nobody but this server.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from sandbox.page import actions, board, stream, views
from sandbox.page.actions import SCENES_PLAYED, STAGE
from sandbox.page.stage import Stage
from sandbox.page.stream import STREAMS

STATIC = Path(__file__).with_name("static")
LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page_app(stage: Stage) -> web.Application:
    """The page over an entered stage."""
    app = web.Application(middlewares=[_door], client_max_size=64 * 1024)
    app[STAGE], app[SCENES_PLAYED], app[STREAMS] = stage, set(), set()
    app.router.add_get("/", _index)
    app.router.add_get("/api/state", views.state)
    app.router.add_get("/api/stream", stream.stream)
    app.router.add_get("/files/{id}", views.file)
    app.router.add_get("/board", board.opening)
    app.router.add_post("/api/say", actions.say)
    app.router.add_post("/api/press", actions.press)
    app.router.add_post("/api/contact", actions.contact)
    app.router.add_post("/api/language", actions.language)
    app.router.add_post("/api/start", actions.start_bot)
    app.router.add_post("/api/later", actions.later)
    app.router.add_post("/api/scene/{name}", actions.scene)
    app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(_with_headers)
    app.on_shutdown.append(_end)
    return app


async def _index(_: web.Request) -> web.StreamResponse:
    return web.FileResponse(STATIC / "index.html")


async def _with_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


@web.middleware
async def _door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A name that is not ours is another site's trick on the browser, and so is a foreign origin."""
    if request.host.rsplit(":", 1)[0] not in LOCAL:
        return _refused(403, "this page is for this machine only")
    if request.method == "POST":
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            return _refused(403, "this request comes from another site")
        if request.content_type != "application/json":
            return _refused(415, "JSON is expected")
    try:
        return await handler(request)
    except actions.Refused as refused:
        return _refused(refused.status, str(refused))
    except RuntimeError as broken:
        return _refused(500, str(broken))


def _refused(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)


async def _end(app: web.Application) -> None:
    """Streams and scenes would go on for ever."""
    for watcher in app[STREAMS]:
        watcher.close()
    played = app[SCENES_PLAYED]
    for task in played:
        task.cancel()
    await asyncio.gather(*played, return_exceptions=True)
