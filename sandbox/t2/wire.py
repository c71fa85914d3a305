"""How every operation reads its parameters, pages its rows, answers in words and refuses."""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from aiohttp import web

from sandbox.t2.office import Office
from sandbox.t2.tokens import Kind

OFFICE = web.AppKey("office", Office)
NOW: web.AppKey[Callable[[], datetime]] = web.AppKey("now")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
#: ISO OFFSET DATE TIME: neither a bare date nor a time without an offset will do.
ISO_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)")
R = TypeVar("R")


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    handler: Handler
    token: Kind = Kind.ACCESS


class Refused(Exception):
    """An error of the manual's list of answer codes. `details` may be missing: PUT /managers leaves it out."""

    def __init__(self, status: HTTPStatus, message: str, details: str | None) -> None:
        super().__init__(message)
        self.status, self.message, self.details = status, message, details


def wrong(name: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, f"Wrong parameter {name}", "Bad request")


def not_found(details: str | None = "Object not found") -> Refused:
    return Refused(HTTPStatus.NOT_FOUND, "Object not found", details)


def _lacking(name: str, kind: str, what: str) -> Refused:
    details = f"Required request parameter '{name}' for method parameter type {kind} is {what}"
    return Refused(HTTPStatus.BAD_REQUEST, "Some of fields empty", details)


def refusal(request: web.Request, error: Refused) -> web.Response:
    if office_of(request).quirks.framework_errors:
        return framework_refusal(request, error.status)
    body = {"details": error.details, "message": error.message}
    return web.json_response({k: v for k, v in body.items() if v is not None}, status=error.status)


def framework_refusal(request: web.Request, status: int) -> web.Response:
    """The shape no manual shows: seen in the field, and what unknown paths get."""
    timestamp = request.app[NOW]().isoformat(timespec="milliseconds")
    error = HTTPStatus(status).phrase
    body = {"timestamp": timestamp, "status": int(status), "error": error, "path": request.path}
    return web.json_response(body, status=status)


def office_of(request: web.Request) -> Office:
    return request.app[OFFICE]


def text(request: web.Request, name: str, kind: str = "String") -> str:
    found = request.query.get(name)
    if found is None:
        raise _lacking(name, kind, "not present")
    if not found:
        raise _lacking(name, kind, "present but converted to null")
    return found


def window(request: web.Request) -> tuple[datetime, datetime]:
    """`start` and `end`. A `+` that was not percent-encoded arrives as a space, and is refused."""
    start, end = (_moment(request, name) for name in ("start", "end"))
    if end < start:
        raise wrong("end")
    return start, end


def _moment(request: web.Request, name: str) -> datetime:
    found = text(request, name, "OffsetDateTime")
    if not ISO_OFFSET.fullmatch(found):
        raise wrong(name)
    try:
        return datetime.fromisoformat(found)
    except ValueError:
        raise wrong(name) from None


def flag(request: web.Request, name: str) -> bool:
    found = request.query.get(name, "false")
    if found not in ("true", "false"):
        raise wrong(name)
    return found == "true"


def page(
    request: web.Request,
    rows: Iterable[R],
    fields: Mapping[str, Callable[[R], Any]],
    *,
    size: int,
    sort: str,
) -> list[R]:
    """`page` from 0; `size` and `sort` are the operation's own defaults; `sort=field[,ASC|DESC]`, repeatable."""
    found = list(rows)
    for rule in reversed(request.query.getall("sort", [sort])):
        name, _, direction = rule.partition(",")
        if name not in fields or direction.upper() not in ("", "ASC", "DESC"):
            raise wrong("sort")
        found.sort(key=fields[name], reverse=direction.upper() == "DESC")
    count = _number(request, "size", size, least=1)
    first = _number(request, "page", 0, least=0) * count
    return found[first : first + count]


def _number(request: web.Request, name: str, default: int, *, least: int) -> int:
    found = request.query.get(name, str(default))
    if not (found.isascii() and found.isdigit()) or int(found) < least:
        raise wrong(name)
    return int(found)


def word(request: web.Request, said: str) -> web.Response:
    """SUCCESS and its like."""
    if office_of(request).quirks.quoted_words:
        return web.json_response(said)
    return web.Response(text=said)


def json_response(found: object) -> web.Response:
    return web.json_response(text=json.dumps(found, ensure_ascii=False))
