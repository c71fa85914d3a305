"""What the board's routes answer: the page, and what it asks. Each question is signed by Telegram: no cookies."""

from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

from aiohttp import hdrs, web

from desk import board
from handlers.board import acts, visitor
from handlers.board.routes import DOOR
from handlers.board.visitor import Refused, Visitor

STATIC = Path(__file__).with_name("static")
TYPES = {".html": "text/html", ".svg": "image/svg+xml", ".css": "text/css", ".js": "text/javascript"}
#: `blob:` is for the day's picture, which is fetched with the signature like everything else.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self' https://web.telegram.org",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
#: Seconds for which two answers are the same if nothing has happened: ages are shown.
TICK = 10
#: Characters of a search.
LONGEST_SEARCH = 80
Answer = Callable[[web.Request, Visitor], Awaitable[web.Response]]


# The page


async def page(request: web.Request) -> web.Response:
    return _file("index.html")


async def static(request: web.Request) -> web.Response:
    return _file(request.match_info["file"])


def _file(name: str) -> web.Response:
    found = files().get(name)
    if found is None:
        raise web.HTTPNotFound
    response = web.Response(body=found, content_type=TYPES[Path(name).suffix], charset="utf-8", headers=HEADERS)
    response.headers[hdrs.CACHE_CONTROL] = "no-cache"
    response.enable_compression()
    return response


@cache
def files() -> dict[str, bytes]:
    """All that the page is made of."""
    return {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in TYPES}


def answered(answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Lets in whom Telegram and the desk know, and turns refusals into sentences."""

    async def handle(request: web.Request) -> web.Response:
        try:
            response = await answer(request, await visitor.of(request))
        except Refused as refused:
            response = web.json_response({"error": refused.words}, status=refused.status)
        response.headers.update(HEADERS)
        return response

    return handle


# What it shows


@answered
async def start(request: web.Request, visitor: Visitor) -> web.Response:
    return web.json_response(visitor.words.page())


@answered
async def now(request: web.Request, visitor: Visitor) -> web.Response:
    """304 as long as nothing has changed: the page asks every few seconds."""
    desk = request.app[DOOR].desk
    moment, who = desk.clock.now(), visitor.who
    async with desk.db.read() as tx:
        mark = await board.mark(tx, visitor.pbx_ids)
        seen = (mark, int(moment.timestamp()) // TICK, who, visitor.pbx_ids, visitor.words)
        tag = f'"{sha256(repr(seen).encode("utf-8", "replace")).hexdigest()[:24]}"'
        if request.headers.get(hdrs.IF_NONE_MATCH) == tag:
            return web.Response(status=304, headers={hdrs.ETAG: tag})
        shown = await board.gathered(desk, tx, visitor.pbx_ids)
    return web.json_response(visitor.words.board(shown, who, moment), headers={hdrs.ETAG: tag})


@answered
async def today(request: web.Request, visitor: Visitor) -> web.Response:
    desk = request.app[DOOR].desk
    async with desk.db.read() as tx:
        view = await board.today(desk, tx, visitor.pbx_ids)
    return web.json_response(visitor.words.today(view))


@answered
async def picture(request: web.Request, visitor: Visitor) -> web.Response:
    desk = request.app[DOOR].desk
    async with desk.db.read() as tx:
        view = await board.today(desk, tx, visitor.pbx_ids)
    drawn = await visitor.words.picture(view)
    return web.Response(body=drawn, content_type="image/png") if drawn else web.Response(status=204)


@answered
async def search(request: web.Request, visitor: Visitor) -> web.Response:
    desk = request.app[DOOR].desk
    text = request.query.get("q", "")[:LONGEST_SEARCH].replace("\0", "")
    async with desk.db.read() as tx:
        found = await board.search(desk, tx, visitor.pbx_ids, text)
    return web.json_response(visitor.words.found(found, desk.clock.now(), searched=bool(text.strip())))


act = answered(acts.act)
