"""`/healthz`, `/readyz`, `/metrics`, and what the address of a caller is behind proxies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request

from desk import health
from handlers.webhook import metrics
from handlers.webhook.server import _caller
from storage.database import DatabaseUnavailable
from tests.handlers.webhook.wire import KEY, MISSED, form, post
from tests.office import ANNA, Office

NOT_YET = {
    "part": "telegram",
    "problem": "Telegram has not answered yet; check the token and the way to telegram.api_url",
}


async def test_healthz_says_that_the_process_lives(office: Office) -> None:
    answered = await post(office, None, "/healthz", method="GET")
    assert (answered.status, answered.json) == (200, {"status": "alive"})


async def test_readyz_names_what_does_not_work(office: Office) -> None:
    answered = await post(office, None, "/readyz", method="GET")
    assert (answered.status, answered.json) == (503, [NOT_YET])


async def test_readyz_is_content_once_telegram_has_answered(office: Office) -> None:
    assert office.app.chat is not None
    await office.app.chat.introduce()
    answered = await post(office, None, "/readyz", method="GET")
    assert (answered.status, answered.json) == (200, {"status": "ready"})


@asynccontextmanager
async def _gone() -> AsyncIterator[None]:
    raise DatabaseUnavailable("no route to host")
    yield


@asynccontextmanager
async def _stuck() -> AsyncIterator[None]:
    await asyncio.Event().wait()
    yield


async def test_readyz_says_that_the_database_is_gone(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.desk.db, "read", _gone)
    answered = await post(office, None, "/readyz", method="GET")
    assert answered.status == 503
    assert {"part": "database", "problem": "no route to host"} in answered.json


async def test_readyz_and_metrics_answer_though_the_database_does_not(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (health, metrics):
        monkeypatch.setattr(module, "DATABASE_WITHIN", 0.02)
    monkeypatch.setattr(office.desk.db, "read", _stuck)
    answered = await post(office, None, "/readyz", method="GET")
    assert {"part": "database", "problem": "it does not answer"} in answered.json
    async with office.http.get(f"{office.url}/metrics") as response:
        assert "ringdesk_ready 0.0" in await response.text()


async def test_readyz_says_that_messages_wait(office: Office) -> None:
    await office.bind(office.team)
    assert (await post(office, form(**KEY, **MISSED))).status == 200
    await office.app.worker.settle()
    office.clock.advance(minutes=6)
    answered = await post(office, None, "/readyz", method="GET")
    assert {"part": "delivery", "problem": "1 due, the oldest for 360 s"} in answered.json
    await office.settle()
    answered = await post(office, None, "/readyz", method="GET")
    assert answered.json == [NOT_YET]


async def _metrics(office: Office) -> dict[str, float]:
    async with office.http.get(f"{office.url}/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        lines = (await response.text()).splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


async def test_metrics_count_what_was_answered_and_what_waits(office: Office) -> None:
    await office.bind(office.team)
    before = await _metrics(office)
    assert (await post(office, form(**KEY, **MISSED))).status == 200
    assert (await post(office, form(**MISSED))).status == 401
    office.clock.advance(seconds=7)
    seen = await _metrics(office)
    for status in ("200", "401"):
        name = f'ringdesk_http_requests_total{{route="/pbx/{{id}}",status="{status}"}}'
        assert seen[name] == before.get(name, 0) + 1
    assert seen["ringdesk_inbox_waiting"] == 1
    assert seen["ringdesk_inbox_oldest_seconds"] == 7
    await office.app.worker.settle()
    office.clock.advance(seconds=3)
    seen = await _metrics(office)
    assert (seen["ringdesk_inbox_waiting"], seen["ringdesk_inbox_oldest_seconds"]) == (0, 0)
    assert (seen["ringdesk_deliveries_due"], seen["ringdesk_deliveries_oldest_seconds"]) == (1, 3)


async def test_metrics_show_no_secret_and_no_number(office: Office) -> None:
    assert (await post(office, form(**KEY, **MISSED), "/pbx/main/s3cret-part")).status == 200
    assert (await post(office, b"", "/s3cret-part")).status == 404
    async with office.http.get(f"{office.url}/metrics") as response:
        text = await response.text()
    for secret in (KEY["crm_token"], "s3cret-part", MISSED["phone"], str(ANNA), office.tg.token):
        assert secret not in text


PROXIES = (ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.7", None, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),  # not our proxy: not believed
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),  # the left ones are the client's own claim
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.3", "10.0.0.3"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),  # as a listener on "::" sees an IPv4 peer
        ("2001:db8::1", None, "2001:db8::1"),
    ],
)
def test_the_caller_is_the_last_hop_that_is_not_our_proxy(peer: str, forwarded: str | None, address: str) -> None:
    class Transport:
        def get_extra_info(self, name: str, default: object = None) -> object:
            return (peer, 4000) if name == "peername" else default

    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = make_mocked_request("POST", "/pbx/main", headers=headers, transport=Transport())
    assert _caller(request, PROXIES).text == address
