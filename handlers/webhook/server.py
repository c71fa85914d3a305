"""The HTTP routes of CONTRACT.md: verify, parse, store, answer. Refusals become the contract's bodies here.

PBXs' events are taken from the first moment; whoever asks for more waits until the desk is staffed.
"""

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

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
from pbx.phone_system import WebhookRequest
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
    """A PBX's webhook: 200 only once the event is stored."""
    door = request.app[DOOR]
    pbx = door.desk.pbxes.get(request.match_info["id"])
    if pbx is None or not pbx.capabilities.webhook:
        raise web.HTTPNotFound
    body = await _body(request, MOST_BODY)
    remote = _remote(request, door.trusted_proxies)
    try:
        pbx.verify(WebhookRequest(request.headers, body, request.match_info.get("secret"), str(remote)))
    except NotAuthentic:
        await door.strangers.refused(pbx.id, remote)
        raise
    answer = await door.intake.take(pbx, body)
    return web.json_response(answer) if answer else web.Response(body=b"{}", content_type="application/json")


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
    try:
        response = await handler(request)
    except NotAuthentic:
        response = web.json_response(INVALID_TOKEN, status=401)
    except Malformed as error:
        log.info("a webhook could not be read", reason=str(error), path=_route(request))
        response = web.json_response(INVALID_PARAMETERS, status=400)
    except DatabaseUnavailable as error:
        log.warning("a webhook could not be stored", reason=str(error))
        response = _later()
    except web.HTTPException as error:
        response = web.json_response({"error": error.reason}, status=error.status, headers=_kept(error))
    except Exception:  # whatever it was, it was not the caller's fault, and may be over the next time
        log.exception("a request could not be answered", path=_route(request))
        response = _later()
    _count(request, response.status)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _count(request: web.Request, status: int) -> None:
    desk, pbx_id = request.app[DOOR].desk, request.match_info.get("id")
    desk.meters.answered[_route(request), status] += 1
    if pbx_id and pbx_id in desk.pbxes and status in REFUSED:
        desk.meters.event(pbx_id, Event.REFUSED)


def _later() -> web.Response:
    return web.json_response({"error": "Try again later"}, status=503, headers={"Retry-After": RETRY_AFTER})


def _kept(error: web.HTTPException) -> dict[str, str]:
    return {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"


async def _body(request: web.Request, most: int) -> bytes:
    """The whole body, or 413, or 408."""
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=request.content_length or 0)
    parts: list[bytes] = []
    size = 0
    try:
        if request.content.is_eof() and request.content.total_bytes <= most:  # it came along with the headers
            return request.content.read_nowait()
        async with asyncio.timeout(BODY_WITHIN):
            async for part in request.content.iter_any():
                parts.append(part)
                size += len(part)
                if size > most:
                    raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=size)
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (web.RequestPayloadError, ConnectionError):
        raise Malformed("the body did not arrive whole") from None
    return b"".join(parts)


def _remote(request: web.Request, trusted: tuple[Network, ...]) -> IPv4Address | IPv6Address:
    """The caller's address: the last hop that is not one of our own proxies."""
    hop = _address(request.remote or "0.0.0.0")
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    for said in reversed([one.strip() for one in forwarded if one.strip()]):
        if not any(hop in network for network in trusted):
            break
        try:
            hop = _address(said)
        except ValueError:
            break
    return hop


@lru_cache(maxsize=256)
def _address(text: str) -> IPv4Address | IPv6Address:
    """A listener on ``::`` sees IPv4 callers as ``::ffff:192.0.2.1``."""
    address = ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


def _same(given: str, expected: str) -> bool:
    """Compared in constant time, whatever characters somebody sends."""
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), expected.encode())
