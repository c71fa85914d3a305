"""HTTP to a phone system: what is sent, what is tried again, what an error tells."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import stamina

from pbx.errors import AuthFailed, BadPayload, PbxError, RateLimited, Rejected, Unavailable
from pbx.transport import Reply, Transport, classify, default_user_agent, excerpt, retry_after


@pytest.fixture(autouse=True)
def _retry_at_once() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


class Network:
    """Answers in order, the last answer for ever."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answers: list[httpx.Response | type[httpx.TransportError]] = [httpx.Response(200)]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, httpx.Response):
            return answer
        raise answer(f"could not reach {request.url}", request=request)


@pytest.fixture
def network() -> Network:
    return Network()


@pytest.fixture
async def transport(network: Network) -> AsyncIterator[Transport]:
    mounted = httpx.MockTransport(network)
    async with Transport("https://pbx.example/api/", headers={"X-Key": "sesame"}, mounted=mounted) as transport:
        yield transport


def reply(status: int, body: str = "", **headers: str) -> Reply:
    return Reply(status, httpx.Headers(headers), body.encode(), "GET /users")


async def test_a_query_leaves_nothing_out_and_puts_nothing_in(transport: Transport, network: Network) -> None:
    query = {"none": None, "yes": True, "no": False, "many": ["a", "b"], "n": 0, "at": "10:00+03:00"}
    await transport.request("GET", "/rows", query=query)
    sent = network.requests[0].url
    assert str(sent) == "https://pbx.example/api/rows?yes=true&no=false&many=a&many=b&n=0&at=10%3A00%2B03%3A00"


async def test_a_request_says_who_we_are_and_carries_the_headers(transport: Transport, network: Network) -> None:
    await transport.request("POST", "/rows", json={"имя": 1}, headers={"X-More": "1"})
    sent = network.requests[0]
    assert (sent.headers["X-Key"], sent.headers["X-More"]) == ("sesame", "1")
    assert sent.headers["User-Agent"] == default_user_agent()
    assert sent.headers["User-Agent"].startswith("Ringdesk")
    assert sent.content == '{"имя":1}'.encode()


async def test_a_user_agent_may_be_chosen(network: Network) -> None:
    async with Transport("https://pbx.example", user_agent="Mozilla", mounted=httpx.MockTransport(network)) as chosen:
        await chosen.request("GET", "/")
    assert network.requests[0].headers["User-Agent"] == "Mozilla"


async def test_a_cookie_set_by_the_pbx_is_not_sent_back_unasked(transport: Transport, network: Network) -> None:
    network.answers = [httpx.Response(200, headers={"Set-Cookie": "session=1; Path=/"})]
    await transport.request("GET", "/rows")
    await transport.request("GET", "/rows")
    assert "Cookie" not in network.requests[1].headers


@pytest.mark.parametrize(
    ("method", "repeatable", "tries"),
    [
        ("GET", None, 3),
        ("GET", False, 1),
        ("POST", None, 1),
        ("POST", True, 3),
        ("PUT", None, 1),
        ("DELETE", None, 1),
    ],
)
async def test_only_what_is_safe_to_repeat_is_repeated(
    transport: Transport, network: Network, method: str, repeatable: bool | None, tries: int
) -> None:
    network.answers = [httpx.Response(502)]
    with pytest.raises(Unavailable):
        await transport.request(method, "/rows", repeatable=repeatable)
    assert len(network.requests) == tries


async def test_a_second_try_may_succeed(transport: Transport, network: Network) -> None:
    network.answers = [httpx.ConnectError, httpx.Response(503), httpx.Response(200, json=[1])]
    assert (await transport.request("GET", "/rows")).json() == [1]


@pytest.mark.parametrize(
    "kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
async def test_an_error_of_the_network_tells_its_kind_and_not_the_address(
    transport: Transport, network: Network, kind: type[httpx.TransportError]
) -> None:
    network.answers = [kind]
    with pytest.raises(Unavailable) as refusal:
        await transport.request("GET", "/users/79101234567", query={"token": "sesame"}, repeatable=False)
    assert str(refusal.value) == f"GET /api/users/…4567: {kind.__name__}"
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, Rejected),
        (401, AuthFailed),
        (403, AuthFailed),
        (404, Rejected),
        (407, AuthFailed),
        (408, Unavailable),
        (422, Rejected),
        (429, RateLimited),
        (500, Unavailable),
        (599, Unavailable),
    ],
)
def test_a_status_has_one_meaning(status: int, error: type[PbxError]) -> None:
    found = classify(reply(status, "said the PBX"))
    assert type(found) is error
    assert found.status == status
    assert "said the PBX" not in str(found)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_no_error(status: int) -> None:
    assert classify(reply(status)) is None


def test_a_refusal_keeps_the_pbx_s_own_words_short() -> None:
    found = classify(reply(400, "Validation\n  error " + "x" * 500))
    assert isinstance(found, Rejected)
    assert found.reason.startswith("Validation error xxx")
    assert len(found.reason) == 200
    assert excerpt("short") == "short"


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    assert retry_after(reply(429, **{"Retry-After": "17"})) == timedelta(seconds=17)
    soon = retry_after(
        reply(429, **{"Retry-After": format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)})
    )
    assert timedelta(seconds=50) < soon <= timedelta(minutes=1)
    assert retry_after(reply(429, **{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})) == timedelta(0)
    assert retry_after(reply(429, **{"Retry-After": "soon"})) == retry_after(reply(429)) == timedelta(seconds=5)


async def test_an_unexpected_redirect_is_not_followed(transport: Transport, network: Network) -> None:
    network.answers = [httpx.Response(302, headers={"Location": "https://elsewhere.example/"})]
    with pytest.raises(BadPayload) as refusal:
        await transport.request("GET", "/rows")
    assert refusal.value.status == 302
    assert len(network.requests) == 1


async def test_a_documented_move_is_followed_once(transport: Transport, network: Network) -> None:
    network.answers = [httpx.Response(308, headers={"Location": "/new/rows"}), httpx.Response(200, json={})]
    assert (await transport.request("POST", "/rows", content=b"x", redirects=[308])).json() == {}
    assert [(one.method, one.url.path, one.content) for one in network.requests] == [
        ("POST", "/api/rows", b"x"),
        ("POST", "/new/rows", b"x"),
    ]


def test_an_empty_body_is_none_and_a_page_is_a_bad_payload() -> None:
    assert reply(200, " \n").json() is None
    with pytest.raises(BadPayload) as refusal:
        reply(200, "<html>").json()
    assert refusal.value.body == b"<html>"


async def test_a_download_is_read_piece_by_piece(transport: Transport, network: Network) -> None:
    network.answers = [httpx.Response(200, content=b"sound")]
    async with transport.stream("https://files.example/1.mp3") as response:
        assert await response.aread() == b"sound"


async def test_a_broken_download_is_an_outage(transport: Transport, network: Network) -> None:
    network.answers = [httpx.ReadError]
    with pytest.raises(Unavailable, match=r"GET https://files.example/…7890.mp3: ReadError"):
        async with transport.stream("https://files.example/1234567890.mp3?token=sesame"):
            pass
