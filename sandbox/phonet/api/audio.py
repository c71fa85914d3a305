"""Recordings: public links, no session asked for. Both sides, or with `-rx` and `-tx` one of them."""

import io
import math
import wave

from aiohttp import web

from sandbox.phonet.wire import NOW, OFFICE, Route, not_found

RATE, LONGEST = 8000, 10
#: A different tone for each, so that nobody takes one for another.
TONES = {"": 440, "-rx": 330, "-tx": 550}


def tone(hertz: int, seconds: int) -> bytes:
    """WAV, 8 bits, 8 kHz, mono."""
    one_second = bytes(round(128 + 20 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(RATE))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes(one_second * seconds)
    return out.getvalue()


async def audio(request: web.Request) -> web.Response:
    office, asked = request.app[OFFICE], request.match_info["uuid"]
    side = next((end for end in ("-rx", "-tx") if asked.endswith(end)), "")
    row = office.row(asked.removesuffix(side))
    if row is None or not row.recorded or (side and not office.quirks.separate_recordings):
        raise not_found("Record is not found")
    if (request.app[NOW]() - row.ended).total_seconds() < office.quirks.recording_delay:
        raise not_found("Record is not ready")
    return web.Response(body=tone(TONES[side], min(row.bill_secs, LONGEST)), content_type="audio/wav")


ROUTES = (Route("GET", "/rest/public/calls/{uuid}/audio", audio),)
