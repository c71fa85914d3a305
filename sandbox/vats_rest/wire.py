"""How every REST method reads its parameters, pages its lists, answers and refuses."""

import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar, get_origin

from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from sandbox.vats_rest.office import Json, Office

OFFICE = web.AppKey("office", Office)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
T = TypeVar("T")
B = TypeVar("B", bound="Body")
Q = TypeVar("Q", bound="Query")


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    handler: Handler
    #: The right a key needs, worded as in the manual's custom roles: `users.edit`.
    right: str | None = None


class Body(BaseModel):
    """A JSON body: types must be right, and what the manual does not name is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Query(BaseModel):
    """Query parameters: everything arrives as text; a list is a repeated parameter."""

    model_config = ConfigDict(extra="forbid")


class Paging(Query):
    search: str = ""
    start: int = 0
    limit: int | None = None


def refusal(kind: type[web.HTTPException], message: str, detail: str = "") -> web.HTTPException:
    return kind(text=json.dumps(error_body(message, detail)), content_type="application/json")


def error_body(message: str, detail: str = "") -> Json:
    return {"error": message, "detail": detail} if detail else {"error": message}


def invalid(detail: str) -> web.HTTPException:
    return refusal(web.HTTPBadRequest, "Validation error", detail)


def office_of(request: web.Request) -> Office:
    return request.app[OFFICE]


async def body(request: web.Request, model: type[B]) -> B:
    return await _checked(request, TypeAdapter(model))


async def body_list(request: web.Request, item: type[T]) -> list[T]:
    return await _checked(request, TypeAdapter(list[item]))  # type: ignore[valid-type]


async def _checked(request: web.Request, adapter: TypeAdapter[T]) -> T:
    try:
        return adapter.validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise invalid(_first(error)) from None


def query(request: web.Request, model: type[Q]) -> Q:
    found: dict[str, object] = {}
    for name in request.query:
        known = model.model_fields.get(name)
        many = known is not None and get_origin(known.annotation) is list
        found[name] = request.query.getall(name) if many else request.query[name]
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise invalid(_first(error)) from None


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc']) or 'body'}: {problem['msg']}"


def page(request: web.Request, rows: Iterable[Json], fields: Sequence[str], asked: Paging) -> web.Response:
    """Section 3.2; `next` is there only when more follows."""
    wanted = asked.search.casefold()
    found = [row for row in rows if any(wanted in str(row.get(name, "")).casefold() for name in fields)]
    limit = office_of(request).page_size if asked.limit is None else asked.limit
    if asked.start < 0 or limit < 1:
        raise invalid("start or limit")
    info: Json = {"search": asked.search, "start": asked.start, "limit": limit, "total": len(found)}
    if asked.start + limit < len(found):
        info["next"] = asked.start + limit
    return web.json_response({"items": found[asked.start : asked.start + limit], "info": info})


def no_content() -> web.Response:
    return web.Response(status=204)
