"""How most events come and are answered, byte for byte; and what is not as most are, which goes the long way."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from storage.arrivals import Arrival
from tests.handlers.webhook.wire import KEY, MISSED, form, post, stored
from tests.office import Office

#: What both ways say, but for the date and what the server calls itself.
TAKEN = (
    b"HTTP/1.1 200 OK",
    b"Content-Type: application/json; charset=utf-8",
    b"X-Content-Type-Options: nosniff",
    b"Cache-Control: no-store",
    b"Content-Length: 2",
)


def request(
    call_id: str, *, to: str = "/pbx/main", version: str = "1.1", headers: str = "", key: dict[str, str] = KEY
) -> bytes:
    body = form(**key, **{**MISSED, "callid": call_id})
    head = f"POST {to} HTTP/{version}\r\nHost: x\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Line:
    """A connection to the office."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    async def answer(self) -> tuple[list[bytes], bytes]:
        """The lines of its head, and its body."""
        head = (await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), 5)).split(b"\r\n")[:-2]
        [length] = [int(line.split(b":")[1]) for line in head if line.startswith(b"Content-Length:")] or [0]
        return head, await self._reader.readexactly(length)

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self._reader.read(1), 5) == b""


async def connected(office: Office) -> Line:
    return Line(*await asyncio.open_connection("127.0.0.1", office.app.port))


async def test_an_event_is_answered_so(office: Office) -> None:
    line = await connected(office)
    line.writer.write(request("c1"))
    head, body = await line.answer()
    line.writer.close()
    assert head[:5] == list(TAKEN)
    assert body == b"{}"
    names = [one.partition(b": ")[0] for one in head[5:]]
    assert names == [b"Date", b"Server"]
    said = parsedate_to_datetime(head[5].decode().removeprefix("Date: "))
    assert abs(datetime.now(UTC) - said) < timedelta(minutes=1)
    assert len(await stored(office)) == 1


async def test_the_long_way_says_the_same(office: Office) -> None:
    line = await connected(office)
    line.writer.write(request("c1") + request("c2", to="/pbx/main?from=cabinet"))
    short, long = await line.answer(), await line.answer()
    line.writer.close()
    assert (undated(short[0]), short[1]) == (undated(long[0]), long[1])
    assert len(await stored(office)) == 2


def undated(head: list[bytes]) -> list[bytes]:
    """In order, the date without its time: a second may pass between two answers."""
    return sorted(line[: len("Date: ")] if line.startswith(b"Date: ") else line for line in head)


async def test_events_on_one_connection_are_answered_in_turn(office: Office) -> None:
    line = await connected(office)
    line.writer.write(request("c1") + request("c2", key={}) + request("c3"))
    answers = [await line.answer() for _ in range(3)]
    line.writer.close()
    assert [head[0] for head, _ in answers] == [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 401 Unauthorized",
        b"HTTP/1.1 200 OK",
    ]
    assert len(await stored(office)) == 2


@pytest.mark.parametrize(
    ("version", "headers"), [("1.1", "Connection: close\r\n"), ("1.0", ""), ("1.0", "Connection: close\r\n")]
)
async def test_a_connection_that_is_not_to_be_kept_is_closed(office: Office, version: str, headers: str) -> None:
    line = await connected(office)
    line.writer.write(request("c1", version=version, headers=headers))
    head, body = await line.answer()
    assert (head[0].split()[1], body) == (b"200", b"{}")
    assert await line.is_closed()
    line.writer.close()


async def test_an_old_client_that_wants_to_keep_it_may(office: Office) -> None:
    line = await connected(office)
    for call_id in ("c1", "c2"):
        line.writer.write(request(call_id, version="1.0", headers="Connection: keep-alive\r\n"))
        head, _ = await line.answer()
        assert b"Connection: keep-alive" in head
    line.writer.close()
    assert len(await stored(office)) == 2


async def test_who_asks_whether_to_go_on_is_told_to(office: Office) -> None:
    line = await connected(office)
    head, _, body = request("c1", headers="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    line.writer.write(head + b"\r\n\r\n")
    assert await line.answer() == ([b"HTTP/1.1 100 Continue"], b"")
    line.writer.write(body)
    answered, _ = await line.answer()
    line.writer.close()
    assert answered[0] == b"HTTP/1.1 200 OK"


async def test_who_hangs_up_before_the_answer_has_told_it_all_the_same(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    came, put = asyncio.Event(), office.app.inbox.put

    async def noted(arrival: Arrival) -> None:
        came.set()
        await put(arrival)

    monkeypatch.setattr(office.app.inbox, "put", noted)
    line = await connected(office)
    async with office.desk.db.write():  # the event must wait, and its sender does not
        line.writer.write(request("c1"))
        await came.wait()
        line.writer.transport.abort()
        await line.writer.wait_closed()
    answered = await post(office, form(**KEY, **{**MISSED, "callid": "c2"}))
    assert answered.status == 200
    assert len(await stored(office)) == 2


async def test_only_a_post_is_an_event(office: Office) -> None:
    answered = await post(office, form(**KEY, **MISSED), method="PUT")
    assert (answered.status, answered.headers["allow"]) == (405, "POST")
    assert await stored(office) == []
