"""A session is opened by the domain and the key, carried by a cookie, and goes stale."""

import json
from datetime import timedelta

import aiohttp
import pytest

from sandbox.phonet import Outage, PhonetOffice, Quirks, demo_office
from tests.sandbox.phonet.program import DOMAIN, KEY, Api, Clock

OPEN_TO_ALL = {"/rest/security/authorize", "/rest/public/calls/{uuid}/audio"}


async def test_nothing_but_recordings_is_told_without_a_session(pbx: PhonetOffice, stranger: Api) -> None:
    closed = [route for route in pbx.server.routes() if route.path not in OPEN_TO_ALL]
    assert len(closed) == 18
    for route in closed:
        path = route.path.removeprefix("/rest").format(id=1, cntId=1, noteId=1, uuid="u")
        assert await stranger(route.method, path, {}, status=403) == "Forbidden"


async def test_every_documented_operation_has_its_route(pbx: PhonetOffice) -> None:
    assert {(route.method, route.path) for route in pbx.server.routes()} == {
        ("POST", "/rest/security/authorize"),
        ("POST", "/rest/user/makeCall"),
        ("GET", "/rest/calls/active/v3"),
        ("GET", "/rest/calls/active/{uuid}/hangup"),
        ("GET", "/rest/calls/company.api"),
        ("GET", "/rest/calls/missed.api"),
        ("GET", "/rest/calls/users.api"),
        ("GET", "/rest/users"),
        ("GET", "/rest/user/status"),
        ("GET", "/rest/crm/contacts/v2/{id}"),
        ("GET", "/rest/crm/contacts/v2/"),
        ("GET", "/rest/crm/contacts/v2/searchByOLNum"),
        ("POST", "/rest/crm/contacts/v2/"),
        ("DELETE", "/rest/crm/contacts/v2/{id}"),
        ("POST", "/rest/crm/contacts/v2/batch"),
        ("GET", "/rest/crm/contacts/v2/{id}/notes"),
        ("POST", "/rest/crm/contacts/v2/{id}/notes"),
        ("PUT", "/rest/crm/contacts/v2/{id}/notes"),
        ("DELETE", "/rest/crm/contacts/v2/{cntId}/notes/{noteId}"),
        ("GET", "/rest/public/calls/{uuid}/audio"),
    }


@pytest.mark.parametrize(("domain", "key"), [(DOMAIN, "wrong"), ("other.phonet.example", KEY)])
async def test_a_wrong_key_or_domain_opens_no_session(
    pbx: PhonetOffice, stranger: Api, domain: str, key: str
) -> None:
    assert await stranger.authorize(domain, key, status=401) == "Wrong domain or apiKey"
    assert len(pbx.sessions) == 0


async def test_a_stale_session_is_403_until_one_authorizes_anew(pbx: PhonetOffice, api: Api) -> None:
    await api("GET", "/users")
    stale = api.session
    pbx.expire_sessions()
    assert await api("GET", "/users", status=403) == "Forbidden"
    await api.authorize()
    assert api.session != stale
    await api("GET", "/users")


async def test_a_session_may_die_of_idleness(pbx: PhonetOffice, api: Api, clock: Clock) -> None:
    pbx.quirks = Quirks(session_seconds=60)
    for _ in range(3):
        clock.at += timedelta(seconds=50)
        await api("GET", "/users")
    clock.at += timedelta(seconds=61)
    await api("GET", "/users", status=403)


async def test_without_a_domain_the_company_lives_where_it_is_served(webhook_url: str, clock: Clock) -> None:
    async with (
        PhonetOffice(demo_office(), webhook_url=webhook_url, api_key=KEY, domain="", now=clock.now) as pbx,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        host = pbx.url.removeprefix("http://")
        assert pbx.office.domain == host
        for domain in (host, "127.0.0.1"):
            await Api(http, pbx.url).authorize(domain)
        await Api(http, pbx.url).authorize("elsewhere.example", status=401)


async def test_the_key_is_taken_as_json_only(pbx: PhonetOffice) -> None:
    body = json.dumps({"domain": DOMAIN, "apiKey": KEY})
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{pbx.url}/rest/security/authorize", data=body) as response,
    ):
        assert (response.status, response.content_type) == (415, "text/plain")


@pytest.mark.parametrize(("outage", "status"), [(Outage.ERROR_500, 500), (Outage.FORBIDDEN_403, 403)])
async def test_an_outage_ends_as_it_began(pbx: PhonetOffice, api: Api, outage: Outage, status: int) -> None:
    pbx.outage = outage
    await api("GET", "/users", status=status)
    pbx.outage = Outage.NONE
    await api("GET", "/users")


async def test_under_403_a_fresh_session_is_refused_too(pbx: PhonetOffice, api: Api) -> None:
    pbx.outage = Outage.FORBIDDEN_403
    await api.authorize()
    await api("GET", "/users", status=403)


async def test_a_refused_connection_is_no_answer_at_all(pbx: PhonetOffice, api: Api) -> None:
    pbx.outage = Outage.REFUSE
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await api("GET", "/users")


async def test_users_and_the_status_of_the_keys_owner(pbx: PhonetOffice, api: Api) -> None:
    first, *others = await api("GET", "/users")
    assert first == {"id": 36, "displayName": "Олена Коваленко", "ext": "001", "email": "olena@kvitka.example"}
    assert [one["ext"] for one in others] == ["002", "003", "004"]
    assert await api("GET", "/user/status") == {"status": 0}
    pbx.office.employees["001"].status = 2
    assert await api("GET", "/user/status") == {"status": 2}
