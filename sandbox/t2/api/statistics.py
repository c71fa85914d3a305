"""Numbers about calls, and the missed calls of multichannel numbers."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.t2.api.records import seen
from sandbox.t2.office import CallRow, Json, Office
from sandbox.t2.totals import common_totals
from sandbox.t2.wire import Route, json_response, office_of, page, window

#: A client who was never let in (outside hours, blacklisted) is not counted as missed here.
COUNTED = ("NOT_ANSWERED_COMMON", "CANCELLED_BY_CALLER")
MISSING_FIELDS: dict[str, Callable[[CallRow], Any]] = {
    "id": lambda row: row.id,
    "startDate": lambda row: row.start,
    "waitDuration": lambda row: row.duration,
    "callerNumber": lambda row: row.caller,
    "destinationNumber": lambda row: row.destination,
    "calleeNumber": lambda row: row.callee,
}


def _of(rows: Iterable[CallRow], number: str | None) -> list[CallRow]:
    return [row for row in rows if number in (None, row.caller, row.callee, row.destination)]


async def common(request: web.Request) -> web.Response:
    """`subscriberNumber` is in a table of path parameters, though the path has none: a query parameter."""
    office, (start, end) = office_of(request), window(request)
    rows = _of(seen(request, start, end), request.query.get("subscriberNumber") or None)
    days = (end.astimezone(office.zone).date() - start.astimezone(office.zone).date()).days + 1
    return json_response(common_totals(rows, days))


async def journal(request: web.Request) -> web.Response:
    start, end = window(request)
    number = request.query.get("number") or None
    rows = _of(seen(request, start, end), number)
    named: Json = {} if number is None else {"number": number}
    return json_response(
        {
            **named,
            "startTimestamp": int(start.timestamp()),
            "endTimestamp": int(end.timestamp()),
            "numberOfCalls": len(rows),
            "numberOfSuccessCalls": sum(row.answered for row in rows),
        }
    )


async def missing(request: web.Request) -> web.Response:
    """The table calls the filter `mcn_numbers[]`, the example sends `mcn_numbers`."""
    office, (start, end) = office_of(request), window(request)
    given = request.query.getall("mcn_numbers[]", []) + request.query.getall("mcn_numbers", [])
    wanted = {number for listed in given for number in listed.split(",") if number}
    rows = (
        row
        for row in seen(request, start, end, office.quirks.missing_late)
        if row.type == "MULTI_CHANNEL" and row.status in COUNTED and (not wanted or row.destination in wanted)
    )
    newest_first = office.quirks.missing_newest_first and request.query.get("sort", "startDate") == "startDate"
    ordered = page(request, rows, {**MISSING_FIELDS, **(_NEWEST if newest_first else {})}, size=100, sort="startDate")
    return json_response([_missing(office, row) for row in ordered])


_NEWEST: dict[str, Callable[[CallRow], Any]] = {"startDate": lambda row: -row.start.timestamp()}


def _missing(office: Office, row: CallRow) -> Json:
    by_table = office.quirks.missing_rows == "table"
    rang = row.callee != row.destination
    return {
        "id": row.id,
        "startDate": _local(row.start.astimezone(office.zone)),
        "waitDuration": row.duration,
        "callerNumber": row.caller,
        "destinationNumber": row.destination,
        "callerCompanyId" if by_table else "calleeCompanyId": office.company_id,
        "calleeNumber": row.callee if rang or not by_table else "",
        "calleeName": office.name_of(row.callee) or ("" if by_table else " "),
    }


def _local(at: datetime) -> str:
    """Milliseconds without zeros at their end, as the example's `15:03:19.68+03:00`."""
    whole, offset = at.strftime("%Y-%m-%dT%H:%M:%S"), at.isoformat()[-6:]
    fraction = f"{at.microsecond // 1000:03d}".rstrip("0")
    return f"{whole}.{fraction}{offset}" if fraction else whole + offset


ROUTES = (
    Route("GET", "/statistics/common", common),
    Route("GET", "/statistics/journal", journal),
    Route("GET", "/statistics/missing", missing),
)
