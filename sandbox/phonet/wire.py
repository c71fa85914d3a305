"""How every REST method reads its parameters and refuses: errors are plain text."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from sandbox.phonet.calls import Calls
from sandbox.phonet.office import Office

OFFICE = web.AppKey("office", Office)
CALLS = web.AppKey("calls", Calls)
NOW: web.AppKey[Callable[[], datetime]] = web.AppKey("now")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")
CALLS_LIMIT, CONTACTS_LIMIT, CONTACTS_DEFAULT = 50, 60, 30


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    handler: Handler


def invalid(why: str) -> web.HTTPException:
    return web.HTTPBadRequest(text=why)


def not_found(why: str) -> web.HTTPException:
    return web.HTTPNotFound(text=why)


async def body(request: web.Request, model: type[B]) -> B:
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Content-Type must be application/json")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"]) or "body"
        raise invalid(f"{where}: {problem['msg']}") from None


def integer(text: str, name: str, least: int = 0, most: int | None = None) -> int:
    try:
        value = int(text)
    except ValueError:
        raise invalid(f"{name} must be a number") from None
    if value < least or (most is not None and value > most):
        raise invalid(f"{name} is out of range")
    return value


def parameter(
    request: web.Request, name: str, default: int | None = None, *, least: int = 0, most: int | None = None
) -> int:
    """A number of the query; without a default it is required."""
    text = request.query.get(name)
    if text is None and default is not None:
        return default
    if text is None:
        raise invalid(f"{name} is required")
    return integer(text, name, least, most)


def path_id(request: web.Request, name: str = "id") -> int:
    return integer(request.match_info[name], name)


def page(request: web.Request, rows: Sequence[T], default: int, most: int) -> Sequence[T]:
    offset = parameter(request, "offset", 0)
    limit = parameter(request, "limit", default, most=most)
    return rows[offset : offset + limit]
