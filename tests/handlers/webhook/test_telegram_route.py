"""`POST /telegram/{secret}`: updates that Telegram pushes in webhook mode."""

import json
from collections.abc import AsyncIterator

import pytest

from bot.app import telegram_route
from storage import memory
from tests.handlers.webhook.conftest import Raw
from tests.handlers.webhook.wire import post
from tests.office import Office, an_office

HEADER = "X-Telegram-Bot-Api-Secret-Token"
UPDATE = {"update_id": 501, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    public = {"public_url": "https://bot.example.com"}
    async with an_office(sqlite_url, telegram={"mode": "webhook"}, http=public) as built:
        yield built


def _path(office: Office) -> str:
    route = telegram_route(office.app.settings)
    assert route is not None
    return f"/telegram/{route.path_secret}"


def _header(office: Office) -> dict[str, str]:
    route = telegram_route(office.app.settings)
    assert route is not None
    return {HEADER: route.header_secret}


async def _kept(office: Office) -> list[int]:
    async with office.desk.db.read() as tx:
        return [one.update_id for one in await memory.waiting_updates(tx, 10)]


async def test_an_update_with_the_secret_is_stored_and_acknowledged(office: Office) -> None:
    answered = await post(office, json.dumps(UPDATE).encode(), _path(office), headers=_header(office))
    assert answered.status == 200
    assert await _kept(office) == [501]


async def test_the_same_update_again_is_acknowledged_and_kept_once(office: Office) -> None:
    for _ in range(2):
        answered = await post(office, json.dumps(UPDATE).encode(), _path(office), headers=_header(office))
        assert answered.status == 200
    assert await _kept(office) == [501]


@pytest.mark.parametrize("secret", [None, "", "wrong", "секрет"])
async def test_without_the_secret_it_is_refused(office: Office, secret: str | None) -> None:
    headers = {} if secret is None else {HEADER: secret}
    answered = await post(office, json.dumps(UPDATE).encode(), _path(office), headers=headers)
    assert (answered.status, answered.json) == (401, {"error": "Invalid token"})
    assert await _kept(office) == []


async def test_a_secret_in_bytes_that_are_no_text_is_refused(office: Office, raw: Raw) -> None:
    body = json.dumps(UPDATE).encode()
    head = f"POST {_path(office)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    assert (await raw(head.encode() + f"{HEADER}: ".encode() + b"\xff\xfe\r\n\r\n" + body)).startswith(
        b"HTTP/1.1 401 "
    )


@pytest.mark.parametrize("path", ["/telegram/wrong", "/telegram/%D1%8F", "/telegram/%ff%fe", "/telegram/"])
async def test_another_path_is_not_found(office: Office, path: str) -> None:
    assert (await post(office, b"{}", path, headers=_header(office))).status == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'"update_id"',
        b'{"update_id": "1"}',
        b'{"update_id": true}',
        b'{"update_id": -1}',
        b'{"update_id": 9223372036854775808}',
        b"\xff",
        b"[" * 100_000,
    ],
)
async def test_what_is_no_update_is_refused(office: Office, body: bytes) -> None:
    answered = await post(office, body, _path(office), headers=_header(office))
    assert (answered.status, answered.json) == (400, {"error": "Invalid parameters"})


async def test_both_words_come_from_the_token_and_do_not_show_it(office: Office) -> None:
    route = telegram_route(office.app.settings)
    assert route is not None
    assert route.path_secret != route.header_secret
    for word in (route.path_secret, route.header_secret):
        assert len(word) == 40
        assert office.tg.token.partition(":")[2] not in word


async def test_in_polling_mode_there_is_no_such_route(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as polling:
        assert telegram_route(polling.app.settings) is None
        assert (await post(polling, b"{}", "/telegram/x", headers={HEADER: "x"})).status == 404
