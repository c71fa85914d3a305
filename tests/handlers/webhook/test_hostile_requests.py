"""What no PBX sends: too long, too slow, cut off, compressed wrongly, not HTTP at all."""

import asyncio
import gzip

import pytest
from aiohttp import web

from handlers.webhook import server
from tests.handlers.webhook.conftest import Raw
from tests.handlers.webhook.wire import KEY, MISSED, form, post, stored
from tests.office import Office

BODY = form(**KEY, **MISSED)
MOST = 256 * 1024


def padded(size: int) -> bytes:
    return BODY + b"&pad=" + b"x" * (size - len(BODY) - len(b"&pad="))


async def test_a_body_of_exactly_256_kib_is_taken(office: Office) -> None:
    assert (await post(office, padded(MOST))).status == 200


async def test_a_longer_one_is_not(office: Office) -> None:
    assert (await post(office, padded(MOST + 1))).status == 413
    assert await stored(office) == []


async def test_nor_is_one_that_does_not_say_how_long_it_is(office: Office, raw: Raw) -> None:
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    head = b"POST /pbx/main HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    answered = await raw(head + chunk * 12)
    assert answered.startswith(b"HTTP/1.1 413 ")
    assert await stored(office) == []


async def test_a_compressed_body_is_measured_unpacked(office: Office) -> None:
    bomb = gzip.compress(b"x" * (64 * 1024 * 1024))
    assert len(bomb) < MOST
    assert (await post(office, bomb, headers={"Content-Encoding": "gzip"})).status == 413


async def test_a_compressed_body_is_read(office: Office) -> None:
    assert (await post(office, gzip.compress(BODY), headers={"Content-Encoding": "gzip"})).status == 200
    assert len(await stored(office)) == 1


async def test_a_body_that_is_not_compressed_as_it_says_is_refused(office: Office) -> None:
    answered = await post(office, BODY, headers={"Content-Encoding": "gzip"})
    assert (answered.status, answered.json) == (400, {"error": "Invalid parameters"})


async def test_broken_chunks_are_refused(office: Office, raw: Raw) -> None:
    head = b"POST /pbx/main HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    assert b" 400 " in await raw(head + b"zz\r\nhello\r\n0\r\n\r\n")


async def test_a_sender_who_stops_half_way_is_sent_away(
    office: Office, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "BODY_WITHIN", 0.05)
    head = b"POST /pbx/main HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\nConnection: close\r\n\r\n"
    assert (await raw(head + BODY)).startswith(b"HTTP/1.1 408 ")
    assert await stored(office) == []


async def test_a_key_in_bytes_that_are_no_text_is_a_wrong_key(office: Office, raw: Raw) -> None:
    unkeyed = form(**MISSED)
    head = (
        b"POST /pbx/main HTTP/1.1\r\nHost: x\r\nX-CRM-Token: \xff\xfe\xfa\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n" % len(unkeyed)
    )
    assert (await raw(head + unkeyed)).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("garbage", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"POST\r\n\r\n"])
async def test_what_is_no_http_ends_with_400(office: Office, raw: Raw, garbage: bytes) -> None:
    answered = await raw(garbage + b"\r\n\r\n")
    assert answered.split(b" ", 2)[1] in (b"400", b"505")


async def test_headers_without_end_are_refused(office: Office, raw: Raw) -> None:
    request = b"POST /pbx/main HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n"
    assert b" 400 " in await raw(request)


async def test_answers_tell_browsers_and_caches_to_leave_them_alone(office: Office) -> None:
    for answered in (await post(office, BODY), await post(office, b""), await post(office, BODY, "/nowhere")):
        assert answered.headers["x-content-type-options"] == "nosniff"
        assert answered.headers["cache-control"] == "no-store"


async def test_a_caller_who_hangs_up_half_way_is_no_error_of_ours(
    office: Office, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, ended, read_body = asyncio.Event(), asyncio.Event(), server._body

    async def watched(request: web.Request, most: int) -> bytes:
        began.set()
        try:
            return await read_body(request, most)
        finally:
            ended.set()

    monkeypatch.setattr(server, "_body", watched)
    _, writer = await asyncio.open_connection("127.0.0.1", office.app.port)
    writer.write(b"POST /pbx/main HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n" + BODY)
    await began.wait()
    writer.close()
    await asyncio.wait_for(ended.wait(), 5)
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []
    assert await stored(office) == []
