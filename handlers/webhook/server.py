"""The HTTP routes of CONTRACT.md: verify, parse, store, answer. Refusals become the contract's bodies here.

PBXs' events are taken from the first moment; whoever asks for more waits until the desk is staffed.
"""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, NamedTuple

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from desk.intake import Intake
from desk.meters import Event
from desk.office import Desk
from handlers.webhook.strangers import Strangers
from pbx.config import Network
from pbx.errors import Malformed, NotAuthentic
from pbx.later import later
from pbx.phone_system import PhoneSystem, WebhookRequest
from storage.database import DatabaseUnavailable

if TYPE_CHECKING:
    from desk import updates
    from desk.health import Health
    from desk.limits import Limits
    from desk.updates import UpdateIntake
    from handlers.webhook import metrics
else:
    updates, metrics = later("desk.updates"), later("handlers.webhook.metrics")

log = structlog.get_logger()

#: Bytes of a PBX's webhook; a real one has about one thousand.
MOST_BODY = 256 * 1024
#: Bytes of a Telegram update.
MOST_UPDATE = 1024 * 1024
#: Seconds for a whole body to arrive: a slow sender must not hold a connection.
BODY_WITHIN = 10.0
#: Seconds for the headers of a request to arrive, from the connection or from the request before. Proxies in front of
#: us let go of an idle connection by themselves after a minute.
HEADERS_WITHIN = 75.0
RETRY_AFTER = "5"
#: What a PBX is answered whose event is not taken.
REFUSED = frozenset({400, 401, 408, 413, 429})
#: Headers of every answer that does not say otherwise.
EVERYWHERE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
INVALID_PARAMETERS = {"error": "Invalid parameters"}
INVALID_TOKEN = {"error": "Invalid token"}
STARTING = [{"part": "telegram", "problem": "the chat door is still opening"}]


@dataclass(frozen=True, slots=True)
class TelegramRoute:
    """Where Telegram pushes updates in webhook mode: both words are made of the bot's token."""

    path_secret: str
    header_secret: str


@dataclass(frozen=True, slots=True)
class Staff:
    """Who is behind the door once the desk is staffed."""

    updates: "UpdateIntake"
    health: "Health"
    limits: "Limits"
    leads: bool
    """Whether this process is the one that has the chats and the clock."""


@dataclass(frozen=True, slots=True)
class Door:
    """What the routes need."""

    desk: Desk
    intake: Intake
    strangers: Strangers
    staffed: asyncio.Event
    staff: Callable[[], Staff]
    """To be called when `staffed` is set."""
    trusted_proxies: tuple[Network, ...] = ()
    telegram: TelegramRoute | None = None


DOOR = web.AppKey("door", Door)


def application(door: Door) -> web.Application:
    """The server's routes around `door`."""
    app = web.Application(client_max_size=MOST_BODY, middlewares=[refusals])
    app[DOOR] = door
    app.router.add_post("/pbx/{id}", receive)
    app.router.add_post("/pbx/{id}/{secret}", receive)
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    app.router.add_get("/metrics", exposition)
    if door.telegram:
        app.router.add_post("/telegram/{secret}", telegram)
    return app


async def receive(request: web.Request) -> web.Response:
    """A PBX's webhook: 200 only once the event is stored. Most come by `handlers.webhook.short_way` instead."""
    door = request.app[DOOR]
    pbx = door.desk.pbxes.get(request.match_info["id"])
    if pbx is None or not pbx.capabilities.webhook:
        raise web.HTTPNotFound
    return web.json_response(await take(door, pbx, request, request.match_info.get("secret")))


async def take(
    door: Door, pbx: PhoneSystem, request: web.BaseRequest, secret: str | None = None
) -> dict[str, object]:
    """Store what the PBX says; what to answer. Raises what `refused` knows an answer to."""
    body = await _body(request, MOST_BODY)
    caller = _caller(request, door.trusted_proxies)
    try:
        pbx.verify(WebhookRequest(request.headers, body, secret, caller.text))
    except NotAuthentic:
        await door.strangers.refused(pbx.id, caller.address)
        raise
    return await door.intake.take(pbx, body)


async def telegram(request: web.Request) -> web.Response:
    """An update that Telegram pushes: 200 only once it is stored."""
    door = request.app[DOOR]
    assert door.telegram is not None
    if not _same(request.match_info["secret"], door.telegram.path_secret):
        raise web.HTTPNotFound
    if not _same(request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), door.telegram.header_secret):
        raise NotAuthentic("not Telegram's secret")
    body = await _body(request, MOST_UPDATE)
    await door.staffed.wait()
    try:
        await door.staff().updates.take(body)
    except updates.BadUpdate:
        raise Malformed("no update") from None
    return web.Response()


async def alive(request: web.Request) -> web.Response:
    return web.json_response({"status": "alive"})


async def ready(request: web.Request) -> web.Response:
    """For alerts; a balancer asks `/healthz`, since webhooks are taken while Telegram is out.

    What needs somebody's attention but does not stop the desk comes as warnings with a 200.
    """
    door = request.app[DOOR]
    if not door.staffed.is_set():
        return web.json_response(STARTING, status=503)
    health = door.staff().health
    if wrong := await health.what_is_wrong():
        return web.json_response(wrong, status=503)
    warnings = await health.warnings()
    return web.json_response({"status": "ready", **({"warnings": warnings} if warnings else {})})


async def exposition(request: web.Request) -> web.Response:
    door = request.app[DOOR]
    await door.staffed.wait()
    staff = door.staff()
    text = await metrics.exposition(door.desk, staff.health, floods=staff.limits.floods, leads=staff.leads)
    return web.Response(body=text, headers={"Content-Type": metrics.CONTENT_TYPE})


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns every refusal into the contract's body, and counts what was answered."""
    route = request.match_info.route.resource
    name, door = route.canonical if route else "unknown", request.app[DOOR]
    try:
        response = await handler(request)
    except Exception as broken:
        response = refused(broken, name)
    return counted(response, door, name, request.match_info.get("id"))


def refused(broken: Exception, route: str) -> web.Response:
    """The contract's answer to a request that could not be served."""
    if isinstance(broken, NotAuthentic):
        return web.json_response(INVALID_TOKEN, status=401)
    if isinstance(broken, Malformed):
        log.info("a webhook could not be read", reason=str(broken), path=route)
        return web.json_response(INVALID_PARAMETERS, status=400)
    if isinstance(broken, DatabaseUnavailable):
        log.warning("a webhook could not be stored", reason=str(broken))
        return _later()
    if isinstance(broken, web.HTTPException):
        return web.json_response({"error": broken.reason}, status=broken.status, headers=_kept(broken))
    # Whatever it was, it was not the caller's fault, and may be over the next time.
    log.error("a request could not be answered", path=route, exc_info=broken)
    return _later()


def counted(response: web.StreamResponse, door: Door, route: str, pbx_id: str | None) -> web.StreamResponse:
    """With the headers that every answer has."""
    desk = door.desk
    desk.meters.answered[route, response.status] += 1
    if pbx_id and pbx_id in desk.pbxes and response.status in REFUSED:
        desk.meters.event(pbx_id, Event.REFUSED)
    for name, value in EVERYWHERE.items():
        response.headers.setdefault(name, value)
    return response


def _later() -> web.Response:
    return web.json_response({"error": "Try again later"}, status=503, headers={"Retry-After": RETRY_AFTER})


def _kept(error: web.HTTPException) -> dict[str, str]:
    return {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}


async def _body(request: web.BaseRequest, most: int) -> bytes:
    """The whole body, or 413, or 408."""
    content = request.content
    try:
        if content.is_eof() and content.total_bytes <= most:  # it came along with the headers
            return content.read_nowait()
        return await _slow_body(request, most)
    except (web.RequestPayloadError, ConnectionError):
        raise Malformed("the body did not arrive whole") from None


async def _slow_body(request: web.BaseRequest, most: int) -> bytes:
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=request.content_length or 0)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_WITHIN):
            async for part in request.content.iter_any():
                parts.append(part)
                size += len(part)
                if size > most:
                    raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=size)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return b"".join(parts)


class _Caller(NamedTuple):
    address: IPv4Address | IPv6Address
    text: str


def _caller(request: web.BaseRequest, trusted: tuple[Network, ...]) -> _Caller:
    """The last hop that is not one of our own proxies."""
    hop = _hop(request.remote or "0.0.0.0")
    if "X-Forwarded-For" not in request.headers:
        return hop
    forwarded = ",".join(request.headers.getall("X-Forwarded-For")).split(",")
    for said in reversed([one.strip() for one in forwarded if one.strip()]):
        if not any(hop.address in network for network in trusted):
            break
        try:
            hop = _hop(said)
        except ValueError:
            break
    return hop


@lru_cache(maxsize=256)
def _hop(text: str) -> _Caller:
    """A listener on ``::`` sees IPv4 callers as ``::ffff:192.0.2.1``."""
    address = ip_address(text)
    address = getattr(address, "ipv4_mapped", None) or address
    return _Caller(address, str(address))


def _same(given: str, expected: str) -> bool:
    """Compared in constant time, whatever characters somebody sends."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())
