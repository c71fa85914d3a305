"""The session cookie, what may be asked twice, and what an error says."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from pbx.errors import AuthFailed, BadPayload, PbxError, RateLimited, Rejected, Unavailable
from pbx.phonet import wire
from pbx.phonet.client import PhonetClient
from tests.pbx.phonet.phonet_account import KEY, Account, said

AUTHORIZE = "POST /rest/security/authorize"
USERS = "GET /rest/users"
HANGUP = "/rest/calls/active/u1/hangup"

#: Requests that must never be sent twice: what they do, a repetition would do again.
ONCE: dict[str, tuple[str, Callable[[PhonetClient], Awaitable[object]]]] = {
    "makeCall": ("POST /rest/user/makeCall", lambda client: client.make_call("001", "+380993034330")),
    "hangup, a GET": (f"GET {HANGUP}", lambda client: client.hangup("u1")),
    "a note": ("POST /rest/crm/contacts/v2/7/notes", lambda client: client.save_note(7, wire.ContactNote())),
    "new contacts": ("POST /rest/crm/contacts/v2/batch", lambda client: client.save_contacts([], merge=False)),
}


async def test_one_session_serves_many_requests(account: Account, client: PhonetClient) -> None:
    account.will(USERS, said([]))
    await client.users()
    await client.users()
    assert len(account.authorized) == 1


async def test_a_stale_session_is_renewed_once_and_the_request_repeated_once(
    account: Account, client: PhonetClient
) -> None:
    account.will(USERS, said([{"id": 30, "ext": "901"}]))
    await client.users()
    account.forget(1)
    assert [user.ext for user in await client.users()] == ["901"]
    assert [request.headers["Cookie"] for request in account.requests("/rest/users")] == [
        "JSESSIONID=session-1",
        "JSESSIONID=session-1",
        "JSESSIONID=session-2",
    ]


async def test_a_session_refused_twice_is_the_key_s_fault(account: Account, client: PhonetClient) -> None:
    account.will(USERS, httpx.Response(403, text="Forbidden"))
    with pytest.raises(AuthFailed):
        await client.users()
    assert len(account.requests("/rest/users")) == 2
    assert len(account.authorized) == 2


async def test_many_requests_that_find_the_session_gone_renew_it_once(account: Account, client: PhonetClient) -> None:
    account.will(USERS, said([]))
    await client.users()
    account.forget(1)
    await asyncio.gather(*(client.users() for _ in range(5)))
    assert len(account.authorized) == 2


async def test_a_cookie_that_a_refusal_sets_is_not_taken_for_a_session(
    account: Account, client: PhonetClient
) -> None:
    stray = httpx.Response(403, headers={"Set-Cookie": "JSESSIONID=anonymous; Path=/"})
    account.will(USERS, lambda _: stray, said([]))
    await client.users()
    assert [request.headers.get("Cookie") for request in account.asked] == [
        None,
        "JSESSIONID=session-1",
        None,
        "JSESSIONID=session-2",
    ]


async def test_an_authorisation_without_a_session_is_a_bad_payload(account: Account, client: PhonetClient) -> None:
    account.will(AUTHORIZE, said({}))
    with pytest.raises(BadPayload, match="JSESSIONID"):
        await client.users()


@pytest.mark.parametrize("status", [400, 401, 403, 422])
async def test_a_refused_key_is_auth_failed_and_not_asked_again(
    account: Account, client: PhonetClient, status: int
) -> None:
    account.will(AUTHORIZE, httpx.Response(status, text=f"Bad apiKey {KEY}"))
    with pytest.raises(AuthFailed) as refused:
        await client.users()
    assert len(account.asked) == 1
    assert KEY not in repr(refused.value)


@pytest.mark.parametrize(("path", "ask"), ONCE.values(), ids=ONCE)
async def test_what_must_not_happen_twice_is_not_sent_twice(
    account: Account, client: PhonetClient, path: str, ask: Callable[[PhonetClient], Awaitable[object]]
) -> None:
    account.will(path, httpx.Response(502, text="Bad gateway"))
    with pytest.raises(Unavailable):
        await ask(client)
    assert len(account.requests(path.split()[1])) == 1


@pytest.mark.parametrize(("path", "ask"), ONCE.values(), ids=ONCE)
async def test_a_403_proves_that_nothing_was_done_so_even_they_go_once_more(
    account: Account, client: PhonetClient, path: str, ask: Callable[[PhonetClient], Awaitable[object]]
) -> None:
    account.will(path, httpx.Response(403, text="Forbidden"), said({"uuid": "u1"}))
    await ask(client)
    assert len(account.requests(path.split()[1])) == 2


async def test_a_lost_connection_while_hanging_up_is_not_tried_again(account: Account, client: PhonetClient) -> None:
    def lost(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("lost", request=request)

    account.will(f"GET {HANGUP}", lost)
    with pytest.raises(Unavailable):
        await client.hangup("u1")
    assert len(account.requests(HANGUP)) == 1


@pytest.mark.parametrize(
    ("status", "error", "times"),
    [
        (400, Rejected, 1),
        (404, Rejected, 1),
        (429, RateLimited, 1),
        (500, Unavailable, 3),
        (502, Unavailable, 3),
        (503, Unavailable, 3),
    ],
)
async def test_a_status_decides_the_error_and_whether_a_list_is_asked_again(
    account: Account, client: PhonetClient, status: int, error: type[PbxError], times: int
) -> None:
    account.will(USERS, httpx.Response(status, text="ошибка"))
    with pytest.raises(error):
        await client.users()
    assert len(account.requests("/rest/users")) == times


async def test_a_list_that_fails_once_succeeds_at_the_second_try(account: Account, client: PhonetClient) -> None:
    account.will(USERS, httpx.Response(503), said([{"id": 30}]))
    assert len(await client.users()) == 1


async def test_the_plain_text_of_an_error_is_its_reason(account: Account, client: PhonetClient) -> None:
    account.will("POST /rest/user/makeCall", httpx.Response(400, text="Абонент 001\nне зарегистрирован"))
    with pytest.raises(Rejected) as refused:
        await client.make_call("001", "+380993034330")
    assert refused.value.reason == "Абонент 001 не зарегистрирован"
    assert "+380993034330" not in str(refused.value)


async def test_a_reason_holds_neither_the_key_nor_the_session(account: Account, client: PhonetClient) -> None:
    account.will(USERS, httpx.Response(400, text=f"key {KEY} of session-1 is odd"))
    with pytest.raises(Rejected) as refused:
        await client.users()
    assert refused.value.reason == "key … of … is odd"


async def test_a_page_of_the_server_in_front_is_nobody_s_reason(account: Account, client: PhonetClient) -> None:
    account.will(USERS, httpx.Response(400, text="<html><h1>Bad Request</h1></html>"))
    with pytest.raises(Rejected) as refused:
        await client.users()
    assert refused.value.reason == ""


@pytest.mark.parametrize("text", ["<html>ok</html>", '["a"]', "7"])
async def test_a_list_that_is_none_is_a_bad_payload(account: Account, client: PhonetClient, text: str) -> None:
    account.will(USERS, httpx.Response(200, text=text))
    with pytest.raises(BadPayload):
        await client.users()


async def test_a_contact_without_an_id_is_not_sent_for_an_update(account: Account, client: PhonetClient) -> None:
    with pytest.raises(ValueError, match="without an id"):
        await client.update_contact(wire.Contact(first_name="Петр"))
    assert account.asked == []
