"""What t2's answers mean: errors of both shapes, the move to the new host, the gateway's dislike of a User-Agent."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from pbx.errors import AuthFailed, BadPayload, PbxError, RateLimited, Rejected, Unavailable
from pbx.t2.client import T2Client
from pbx.t2.phone_system import T2
from pbx.t2.wire import Manager
from tests.pbx.t2.t2_account import ACCESS, API, Account, fixture, said


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (
            404,
            {"details": "Employee not found by source number", "message": "Object not found"},
            "Object not found: Employee not found by source number",
        ),
        (404, {"details": "Object not found", "message": "Object not found"}, "Object not found"),
        (400, {"details": "Bad request", "message": "Wrong parameter start"}, "Wrong parameter start: Bad request"),
        (400, fixture("error_of_the_gateway"), "Bad Request"),
    ],
)
async def test_a_refusal_keeps_t2_s_own_words(
    account: Account, t2: T2, status: int, body: object, reason: str
) -> None:
    account.will("POST /call/outgoing", said(body, status))
    with pytest.raises(Rejected) as caught:
        await t2.client.outgoing_call(destination="79533933557", source="79026840778")
    assert (caught.value.reason, caught.value.status) == (reason, status)


async def test_a_refusal_that_is_no_json(account: Account, t2: T2) -> None:
    account.will("GET /employees", httpx.Response(400, text="<h1>Bad\nRequest</h1>"))
    with pytest.raises(Rejected) as caught:
        await t2.employees()
    assert caught.value.reason == "<h1>Bad Request</h1>"


@pytest.mark.parametrize(
    ("status", "kind", "tries"),
    [
        (400, Rejected, 1),
        (401, AuthFailed, 1),
        (403, AuthFailed, 1),
        (404, Rejected, 1),
        (406, Rejected, 1),
        (408, Unavailable, 3),
        (429, RateLimited, 1),
        (500, Unavailable, 3),
        (502, Unavailable, 3),
        (503, Unavailable, 3),
    ],
)
async def test_what_a_status_means_and_whether_a_question_is_put_again(
    account: Account, t2: T2, status: int, kind: type[PbxError], tries: int
) -> None:
    account.will("GET /employees", httpx.Response(status, text="<html>"))
    with pytest.raises(kind):
        await t2.employees()
    assert len(account.asked) == tries


NOT_REPEATED: dict[str, Callable[[T2Client], Awaitable[object]]] = {
    "POST /call/outgoing": lambda client: client.outgoing_call(destination="79533933557", source="79026840778"),
    "POST /managers": lambda client: client.create_manager(Manager(name="Petrov")),
    "POST /blacklist": lambda client: client.add_to_blacklist("79998887766"),
    "DELETE /managers/26": lambda client: client.delete_manager(26),
}


@pytest.mark.parametrize("verb", NOT_REPEATED)
async def test_what_is_not_safe_to_repeat_is_asked_once(account: Account, t2: T2, verb: str) -> None:
    account.will(verb, httpx.Response(503))
    with pytest.raises(Unavailable):
        await NOT_REPEATED[verb](t2.client)
    assert len(account.asked) == 1


async def test_the_older_host_sends_us_on_with_token_verb_and_body(account: Account) -> None:
    account.will("POST /blacklist", _moved, httpx.Response(200, text="SUCCESS"))
    t2 = account.t2(url="https://ats2.tele2.ru")
    await t2.block("+79998887766")
    old, new = account.asked
    assert (old.url.host, new.url.host) == ("ats2.tele2.ru", "ats2.t2.ru")
    assert (new.method, new.url.path, new.content) == ("POST", f"{API}/blacklist", b"79998887766")
    assert new.headers["Authorization"] == ACCESS
    await t2.close()


@pytest.mark.parametrize(
    ("location", "status"),
    [
        ("https://somewhere.example/crm/openapi/employees", 308),
        ("http://ats2.t2.ru/crm/openapi/employees", 308),
        ("https://ats2.t2.ru/crm/openapi/employees", 302),
    ],
)
async def test_the_token_follows_no_other_move(account: Account, t2: T2, location: str, status: int) -> None:
    account.will("GET /employees", httpx.Response(status, headers={"Location": location}))
    with pytest.raises(BadPayload):
        await t2.employees()
    assert len(account.asked) == 1


async def test_a_user_agent_of_ones_own(account: Account, t2: T2) -> None:
    account.will("GET /employees", httpx.Response(406))
    with pytest.raises(Rejected, match="set user_agent"):
        await t2.employees()
    assert account.asked[0].headers["User-Agent"].startswith("Ringdesk")
    browser = account.t2(user_agent="Mozilla/5.0")
    account.will("GET /employees", said([]))
    await browser.employees()
    assert account.asked[-1].headers["User-Agent"] == "Mozilla/5.0"
    await browser.close()


async def test_a_network_that_fails_is_unavailable_and_tells_no_token(account: Account, t2: T2) -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"no route, {request.headers['Authorization']}")

    account.will("GET /employees", fails)
    with pytest.raises(Unavailable) as caught:
        await t2.employees()
    assert ACCESS not in str(caught.value)
    assert len(account.asked) == 3


def _moved(request: httpx.Request) -> httpx.Response:
    return httpx.Response(308, headers={"Location": str(request.url.copy_with(host="ats2.t2.ru"))})
