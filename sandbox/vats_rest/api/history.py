"""Section 4: the history of external and internal calls, as JSON and CSV."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import BeforeValidator, Field

from sandbox.vats_rest import history as export
from sandbox.vats_rest.history import CallType, Period
from sandbox.vats_rest.office import HistoryRow, InnerRow, Office
from sandbox.vats_rest.wire import Query, Route, office_of, query

NOW: web.AppKey[Callable[[], datetime]] = web.AppKey("now")
Stamp = Annotated[datetime, BeforeValidator(lambda text: export.stamp(str(text)))]


class Span(Query):
    start: Stamp | None = None
    end: Stamp | None = None
    period: Period | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    user: str | None = None


class ExternalCsv(Span):
    type: CallType = "all"
    diversion: str | None = None
    client: str | None = None


class ExternalJson(ExternalCsv):
    groups: list[str] = Field(default=[])
    first_answered: bool = False
    processMissed: bool = False
    missedStatus: list[Literal["1", "2", "3", "4"]] = Field(default=[])


class Inner(Span):
    type: Literal["all", "success", "noanswer"] = "all"


def _login(office: Office, user: str) -> str:
    return office.employee(user).login


def _external(request: web.Request, asked: ExternalCsv) -> list[HistoryRow]:
    office = office_of(request)
    rows = export.of_type(export.within(office, office.history, asked, request.app[NOW]()), asked.type)
    if asked.user:
        login = _login(office, asked.user)
        rows = [row for row in rows if login in (row.user, row.first_user)]
    if asked.diversion:
        rows = [row for row in rows if row.diversion == asked.diversion]
    if asked.client:
        rows = [row for row in rows if row.client == asked.client]
    return rows


async def external_csv(request: web.Request) -> web.Response:
    asked = query(request, ExternalCsv)
    rows = _external(request, asked)[: asked.limit]
    return _csv(export.as_csv(export.row_csv(office_of(request), row) for row in rows))


async def external_json(request: web.Request) -> web.Response:
    asked = query(request, ExternalJson)
    office = office_of(request)
    rows = _external(request, asked)
    if asked.groups:
        ids = {office.department(group).id for group in asked.groups}
        rows = [row for row in rows if row.group in ids]
    missed = export.statuses(office.history)
    if asked.missedStatus:
        rows = [row for row in rows if str(missed.get(row.uid)) in asked.missedStatus]
    found = [
        export.row_json(
            office,
            row,
            first_answered=asked.first_answered,
            missed=missed.get(row.uid) if asked.processMissed else None,
        )
        for row in rows[: asked.limit]
    ]
    return web.json_response(found or None)


def _inner(request: web.Request, asked: Inner) -> list[InnerRow]:
    office = office_of(request)
    rows = export.within(office, office.inner_history, asked, request.app[NOW]())
    if asked.type != "all":
        rows = [row for row in rows if row.status == asked.type]
    if asked.user:
        login = _login(office, asked.user)
        rows = [row for row in rows if login in (row.caller, row.callee)]
    return rows[: asked.limit]


async def inner_csv(request: web.Request) -> web.Response:
    asked = query(request, Inner)
    office = office_of(request)
    login = _login(office, asked.user) if asked.user else None
    return _csv(export.as_csv(export.inner_csv(office, row, login) for row in _inner(request, asked)))


async def inner_json(request: web.Request) -> web.Response:
    rows = [export.inner_json(office_of(request), row) for row in _inner(request, query(request, Inner))]
    return web.json_response(rows or None)


def _csv(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/csv")


ROUTES = (
    Route("GET", "/history/csv", external_csv),
    Route("GET", "/history/json", external_json),
    Route("GET", "/history/inner/csv", inner_csv),
    Route("GET", "/history/inner/json", inner_json),
)
