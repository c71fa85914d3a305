"""Wrong keys at the door: refused, counted by address, told to the administrators."""

from ipaddress import IPv4Address

import pytest

from handlers.webhook import server, strangers
from tests.handlers.webhook.wire import KEY, MISSED, first_line, form, post, stored
from tests.office import ANNA, Office, an_office

WRONG = form(crm_token="not-the-key", **MISSED)
TOLD = (
    "⚠️ Requests for PBX main come with a wrong key or none, the last from 127.0.0.1.\n"
    "If that is your PBX, the CRM's key in its cabinet must be the webhook_token of the configuration. "
    "If not, a stranger is guessing keys."
)


async def test_the_administrators_hear_of_it_once_a_day(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    for _ in range(2):
        assert (await post(office, WRONG)).status == 401
    await office.settle()
    assert TOLD not in office.texts(ANNA)
    for _ in range(10):
        assert (await post(office, WRONG)).status == 401
    await office.settle()
    assert office.texts(ANNA).count(TOLD) == 1
    office.clock.advance(days=1)
    for _ in range(3):
        assert (await post(office, WRONG)).status == 401
    await office.settle()
    assert office.texts(ANNA).count(TOLD) == 2


async def test_who_tries_on_and_on_is_asked_to_wait_and_a_right_key_passes(office: Office) -> None:
    for _ in range(strangers.TRIES):
        assert (await post(office, WRONG)).status == 401
    refused = await post(office, WRONG)
    assert (refused.status, refused.headers["retry-after"]) == (429, "60")
    assert (await post(office, form(**KEY, **MISSED))).status == 200
    assert len(await stored(office)) == 1
    office.clock.advance(minutes=1, seconds=1)
    assert (await post(office, WRONG)).status == 401


async def test_addresses_are_counted_apart_and_an_ipv6_network_as_one(sqlite_url: str) -> None:
    async with an_office(sqlite_url, http={"trusted_proxies": ["127.0.0.1"]}) as office:

        async def tries(address: str) -> int:
            return (await post(office, WRONG, headers={"X-Forwarded-For": address})).status

        for n in range(strangers.TRIES):
            assert await tries(f"2001:db8::{n:x}") == 401
        assert await tries("2001:db8::ffff") == 429
        assert await tries("2001:db8:0:1::1") == 401
        assert await tries("203.0.113.9") == 401


async def test_what_is_remembered_of_addresses_is_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strangers, "REMEMBERED", 3)
    door = strangers.Strangers(office.desk, office.app.staffed)
    for n in range(10):
        await door.refused("main", IPv4Address(n))
    assert list(door._by_address) == ["0.0.0.7", "0.0.0.8", "0.0.0.9"]


async def test_headers_that_come_too_slowly_end_the_connection(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEADERS_WITHIN", 0.05)
    async with an_office(sqlite_url) as office:
        assert await first_line(office, b"POST /pbx/main HTTP/1.1\r\nHost: x\r\nX-Slow: ") == b""
