"""Calls that are over, their recordings and what was said in them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web

from sandbox.t2.office import CallRow, Json, Office
from sandbox.t2.quirks import Quirks, Slash
from sandbox.t2.wire import NOW, Route, flag, json_response, not_found, office_of, page, text, window

#: By any field of the answer; `date` is the default order's name for the time.
FIELDS: dict[str, Callable[[CallRow], Any]] = {
    "date": lambda row: row.start,
    "callTimestamp": lambda row: row.start,
    "callType": lambda row: row.type,
    "callStatus": lambda row: row.status,
    "destinationNumber": lambda row: row.destination,
    "callerNumber": lambda row: row.caller,
    "calleeNumber": lambda row: row.callee,
    "callDuration": lambda row: row.duration,
    "conversationDuration": lambda row: row.talk or 0,
    "recordFileName": lambda row: row.recording,
}
#: One silent MPEG-1 layer III frame, 128 kbit/s at 44.1 kHz: 26 ms.
SILENT_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
FRAMES_PER_SECOND, LONGEST_RECORD = 38, 60
#: The beginning of every transcript: who said which word, from and to which second.
SAID = (
    ("B", 0.3, 1.07998, "информируем"),
    ("B", 1.08, 1.26, "что"),
    ("B", 1.26, 1.68, "разговор"),
    ("B", 1.7, 2.4, "записывается"),
    ("A", 4.77, 5.29985, "добрый"),
    ("A", 5.4, 5.64, "день"),
)


def seen(request: web.Request, start: datetime, end: datetime, late: float | None = None) -> list[CallRow]:
    """Calls that began between the two (both included) and that this PBX shows by now."""
    office, wait = office_of(request), late if late is not None else office_of(request).quirks.records_late
    newest = request.app[NOW]() - timedelta(seconds=wait)
    return [row for row in office.rows if start <= row.start <= end and row.ended <= newest]


async def info(request: web.Request) -> web.Response:
    office, (start, end) = office_of(request), window(request)
    caller, callee = request.query.get("caller") or None, request.query.get("callee") or None
    recorded = flag(request, "is_recorded")
    rows = (
        row
        for row in seen(request, start, end)
        if caller in (None, row.caller) and callee in (None, row.callee) and (row.recording or not recorded)
    )
    found = [_record(office, row) for row in page(request, rows, FIELDS, size=10, sort="date,ASC")]
    return json_response({"content": found} if office.quirks.wrapped_records else found)


def _record(office: Office, row: CallRow) -> Json:
    quirks = office.quirks
    found: Json = {
        "callTimestamp": _stamp(quirks, row.start),
        "callType": row.type,
        "destinationNumber": row.destination,
        "callerNumber": row.caller,
        "callerName": office.name_of(row.caller) or None,
        "calleeNumber": row.callee,
        "calleeName": office.name_of(row.callee) or None,
        "callDuration": row.duration,
        "conversationDuration": row.talk,
        "callStatus": row.status,
    }
    if quirks.record_uuid:
        found["uuid"] = row.uuid
    if quirks.record_date:
        found["date"] = row.start.astimezone(office.zone).isoformat(timespec="milliseconds")
    known = {name: value for name, value in found.items() if value is not None}
    if row.recording or quirks.no_recording != "absent":
        known["recordFileName"] = row.recording or (None if quirks.no_recording == "null" else "")
    return known


def _stamp(quirks: Quirks, at: datetime) -> str | int:
    if quirks.record_time == "epoch":
        return int(at.timestamp())
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def file(request: web.Request) -> web.Response:
    row = _row(request, office_of(request).quirks.file_slash, "Record not found by filename")
    frames = FRAMES_PER_SECOND * min(max(row.duration, 1), LONGEST_RECORD)
    name = row.recording.rpartition("/")[2]
    return web.Response(
        body=SILENT_FRAME * frames,
        content_type="audio/mpeg",
        headers={"Content-Disposition": f'attachment; filename="{name}.mp3"'},
    )


async def transcript(request: web.Request) -> web.Response:
    row = _row(request, office_of(request).quirks.stt_slash, "Transcription not found for filename")
    return json_response(
        [
            {"channel": channel, "startTime": start, "endTime": end, "word": word}
            for channel, start, end, word in SAID
            if end <= (row.talk or 0)
        ]
    )


def _row(request: web.Request, slash: Slash, missing: str) -> CallRow:
    office, given = office_of(request), _decoded(text(request, "filename"), slash)
    newest = request.app[NOW]() - timedelta(seconds=office.quirks.recordings_late)
    for row in office.rows:
        if given and row.recording == given and row.ended <= newest:
            return row
    raise not_found(missing)


def _decoded(given: str, slash: Slash) -> str:
    """One decoding is done by HTTP itself; what was encoded more or less often than asked for names nothing."""
    plain = unquote(given)
    spelled = {"once": plain, "twice": quote(plain, safe=""), "either": given}[slash]
    return plain if given == spelled else ""


ROUTES = (
    Route("GET", "/call-records/info", info),
    Route("GET", "/call-records/file", file),
    Route("GET", "/call-records/file/stt", transcript),
)
