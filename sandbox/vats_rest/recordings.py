"""The recordings of answered calls: silence, as long as the talk was."""

from datetime import datetime

from aiohttp import web

from sandbox.vats_rest.office import Office

#: One silent MPEG-1 layer III frame, 128 kbit/s at 44.1 kHz: 26 ms.
SILENT_FRAME = b"\xff\xfb\x90\x00" + bytes(413)
FRAMES_PER_SECOND, LONGEST_RECORD = 38, 60


def recording(office: Office, callid: str, now: datetime) -> web.Response:
    row = office.row(callid)
    if row is None or not row.record or (now - row.ended).total_seconds() < office.quirks.recording_delay:
        raise web.HTTPNotFound
    frames = int(FRAMES_PER_SECOND * min(max(row.duration, 1), LONGEST_RECORD))
    return web.Response(body=SILENT_FRAME * frames, content_type="audio/mpeg")
