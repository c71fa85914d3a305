"""Started, stopped, played faster than life, and in every kind of trouble."""

import asyncio
import re
import time

import aiohttp
import pytest
from yarl import URL

from sandbox.t2 import NobodyAnswers, Outage, Quirks, T2Office, demo_office
from sandbox.t2.server import routes
from tests.sandbox.t2.program import ACCESS, INFO, REFRESH, Api

CLIENT, PAVEL = "79000012345", "79000001101"


def test_every_documented_operation_is_there_once() -> None:
    found = [f"{route.method} {route.path}" for route in routes()]
    assert len(found) == len(set(found)) == 20


async def test_every_operation_but_the_refresh_wants_the_access_token(api: Api) -> None:
    for route in routes():
        wrong = ACCESS if "refresh" in route.path else REFRESH
        refused = await api(route.method, re.sub(r"{\w+}", "1", route.path), token=wrong, status=403)
        assert refused["details"] == "Invalid token type", route.path


async def test_the_older_host_says_where_it_moved_to_the_letter(pbx: T2Office, api: Api) -> None:
    path = "/crm/openapi/call-records/file/stt?filename=2026-03-12%252Fmo_1&a=%2B"
    async with api.session.get(pbx.older_url + "/x", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (308, f"{pbx.url}/x")
    url = URL(pbx.older_url + path, encoded=True)
    async with api.session.put(url, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (308, pbx.url + path)


async def test_the_gateway_may_not_like_a_user_agent(pbx: T2Office, api: Api) -> None:
    pbx.quirks = Quirks(refused_agents=("python-httpx",))
    await api("GET", "/employees", status=406, User_Agent="Python-HTTPX/0.28")
    await api("GET", "/employees", User_Agent="ringdesk/1")


async def test_errors_may_have_the_other_shape(pbx: T2Office, api: Api) -> None:
    pbx.quirks = Quirks(framework_errors=True)
    assert await api("GET", "/employees", token="bad", status=403) == {
        "timestamp": "2026-03-12T12:00:00.000+00:00",
        "status": 403,
        "error": "Forbidden",
        "path": "/crm/openapi/employees",
    }
    assert (await api("GET", "/call-records/info", status=400))["error"] == "Bad Request"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/presence", 404), ("PATCH", "/managers", 405)])
async def test_what_the_manual_does_not_know_does_not_exist(api: Api, method: str, path: str, status: int) -> None:
    assert (await api(method, path, status=status))["status"] == status


@pytest.mark.parametrize(
    ("outage", "status", "says"),
    [
        (Outage.ERROR_500, 500, "<html>Internal Server Error</html>"),
        (Outage.BAD_GATEWAY_502, 502, "<html>502 Bad Gateway</html>"),
        (Outage.FORBIDDEN_403, 403, {"details": "Bad token", "message": "Forbidden"}),
    ],
)
async def test_an_outage_answers_everything(
    pbx: T2Office, api: Api, outage: Outage, status: int, says: object
) -> None:
    pbx.outage = outage
    assert await api("GET", "/employees", status=status) == says
    pbx.outage = Outage.NONE
    await api("GET", "/employees")


async def test_a_refusing_pbx_breaks_the_connection(pbx: T2Office, api: Api) -> None:
    pbx.outage = Outage.REFUSE
    with pytest.raises(aiohttp.ClientConnectionError):
        await api("GET", "/employees")


async def test_requests_are_kept_as_they_were_sent(pbx: T2Office, api: Api) -> None:
    await api("GET", "/call-records/file?filename=a%2Fb", status=404)
    assert pbx.server.requests == [("GET", "/crm/openapi/call-records/file?filename=a%2Fb")]
    assert pbx.server.arrived.is_set()


async def test_speed_shortens_the_play_and_not_what_is_told() -> None:
    began = time.monotonic()
    async with T2Office(demo_office(), access_token=ACCESS, refresh_token=REFRESH, speed=1000) as pbx:
        row = await pbx.calls.client_calls(CLIENT, PAVEL, NobodyAnswers(60))
    assert row.duration == 60
    assert time.monotonic() - began < 10


async def test_it_stops_with_calls_in_progress_and_requests_hanging() -> None:
    async with aiohttp.ClientSession() as session:
        async with T2Office(demo_office(), access_token=ACCESS, refresh_token=REFRESH) as pbx:
            api = Api(session, pbx.url)
            pbx.calls.start(pbx.calls.client_calls(CLIENT, PAVEL, NobodyAnswers(600)))
            assert len(await api("GET", "/monitoring/calls")) == 1
            pbx.outage = Outage.HANG
            pbx.server.arrived.clear()
            hanging = asyncio.create_task(api("GET", "/employees"))
            await pbx.server.arrived.wait()
        assert len(await hanging) == 4
    assert not pbx.office.live
    assert not pbx.office.rows


async def test_two_offices_do_not_share_their_state() -> None:
    first, second = demo_office(), demo_office()
    first.numbers["74950000101"].members.clear()
    first.employees.clear()
    assert second == demo_office()


async def test_slow_is_slower_by_the_clock(pbx: T2Office, api: Api) -> None:
    before, pbx.outage = pbx.calls.now(), Outage.SLOW
    await api("GET", INFO)
    assert (pbx.calls.now() - before).total_seconds() == 5
