"""Where a recording may come from: the table of refusals, line by line, and that what is allowed does come."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer

from pbx.errors import AuthFailed, BadPayload, PbxError, RateLimited, Unavailable
from pbx.recording import Forbidden, Format, NotSound, NotThere, TooBig, format_of
from pbx.safe_download import Host, Keys, SafeDownload, is_public, resolved

OWN = "https://pbx.example.com"
LINK = f"{OWN}/records/1.mp3"
PUBLIC, OTHER_PUBLIC = "93.184.216.34", "2606:4700::6810:85e5"
SOUND = {"Content-Type": "audio/mpeg"}
SAID = httpx.Response(200, headers=SOUND, content=b"ID3 sound")
Handle = Callable[[httpx.Request], httpx.Response]


class Net:
    """Stands for the network: names and what is behind addresses; remembers what was asked of whom."""

    def __init__(self, answer: Handle = lambda _: SAID, /, **names: list[str]) -> None:
        self.asked: list[httpx.Request] = []
        self.looked_up: list[str] = []
        self._answer = answer
        self._names = {"pbx.example.com": [PUBLIC], **{name.replace("_", "."): at for name, at in names.items()}}

    async def resolve(self, host: str, port: int) -> list[str]:
        self.looked_up.append(host)
        if host not in self._names:
            raise OSError("no such name")
        return self._names[host]

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self._answer(request)

    def download(self, own: str = OWN, hosts: tuple[str, ...] = (), **more: Any) -> SafeDownload:
        return SafeDownload([own], hosts, mounted=httpx.MockTransport(self.answer), resolve=self.resolve, **more)


async def fetched(download: SafeDownload, url: str, keys: Keys | None = None) -> bytes:
    async with download.recording(url, keys) as recording:
        return b"".join([chunk async for chunk in recording.chunks])


@contextmanager
def refused(net: Net, error: type[PbxError] = Forbidden, *, asked: int = 0) -> Iterator[None]:
    """Refused, so many requests having been made; and without the address in the message."""
    with pytest.raises(error) as refusal:
        yield
    assert len(net.asked) == asked
    assert "secret" not in str(refusal.value)


# The table of refusals: addresses


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://127.0.0.1/1.mp3", id="loopback"),
        pytest.param("https://localhost/1.mp3", id="loopback by name"),
        pytest.param("https://[::1]/1.mp3", id="loopback, IPv6"),
        pytest.param("https://[::ffff:127.0.0.1]/1.mp3", id="loopback, mapped"),
        pytest.param("https://2130706433/1.mp3", id="loopback, decimal"),
        pytest.param("https://0x7f000001/1.mp3", id="loopback, hexadecimal"),
        pytest.param("https://0177.0.0.1/1.mp3", id="loopback, octal"),
        pytest.param("https://127.1/1.mp3", id="loopback, short"),
        pytest.param("https://0/1.mp3", id="unspecified, short"),
        pytest.param("https://①②⑦.⓪.⓪.①/1.mp3", id="loopback, in other digits"),
        pytest.param("http://169.254.169.254/latest/meta-data", id="link-local"),
        pytest.param("https://10.0.0.7/1.mp3", id="private"),
        pytest.param("https://192.168.1.1/1.mp3", id="private, of a router"),
        pytest.param("https://100.64.0.1/1.mp3", id="of an operator's NAT"),
        pytest.param("https://0.0.0.0/1.mp3", id="unspecified"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("ftp://pbx.example.com/1.mp3", id="ftp"),
        pytest.param("gopher://pbx.example.com/1.mp3", id="gopher"),
        pytest.param("data:audio/mpeg;base64,SUQz", id="data"),
        pytest.param("//pbx.example.com/1.mp3", id="no scheme"),
        pytest.param("/records/1.mp3", id="no host"),
        pytest.param("", id="nothing"),
        pytest.param("https://elsewhere.example/1.mp3", id="wrong host"),
        pytest.param("https://pbx.example.com.elsewhere.example/1.mp3", id="wrong host, ours in front"),
        pytest.param("https://elsewhere.example/pbx.example.com/1.mp3", id="wrong host, ours behind"),
        pytest.param("https://sub.pbx.example.com/1.mp3", id="wrong host, below ours"),
        pytest.param("https://pbx.example.com./1.mp3", id="wrong host, a dot more"),
        pytest.param("http://pbx.example.com/1.mp3", id="wrong scheme"),
        pytest.param("https://pbx.example.com:8443/1.mp3", id="wrong port"),
        pytest.param("https://pbx.example.com:0/1.mp3", id="port nought"),
        pytest.param("https://pbx.example.com:99999/1.mp3", id="no port"),
        pytest.param("https://me:secret@pbx.example.com/1.mp3", id="a password"),
        pytest.param("https://pbx.example.com@elsewhere.example/1.mp3", id="our host as a user"),
        pytest.param("https://pbx.example.com\\@elsewhere.example/1.mp3", id="our host as a user, backslash"),
        pytest.param("https://elsewhere.example\\.pbx.example.com/1.mp3", id="backslash in the host"),
        pytest.param("https://elsewhere.example#@pbx.example.com/1.mp3", id="our host behind a hash"),
        pytest.param("https://pbx.example.com%2f@elsewhere.example/1.mp3", id="encoded slash"),
        pytest.param("https://pbx.example.com\r\nHost: elsewhere/1.mp3", id="a line break"),
        pytest.param("https://pbx.example.com\t.elsewhere.example/1.mp3", id="a tab"),
        pytest.param("https://[pbx.example.com]/1.mp3", id="brackets around a name"),
    ],
)
async def test_a_foreign_address_is_refused_before_anything_is_asked(url: str) -> None:
    net = Net()
    with refused(net):
        await fetched(net.download(), url)
    assert net.looked_up == []


# … names


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("127.8.8.8", id="loopback, further on"),
        pytest.param("::1", id="loopback, IPv6"),
        pytest.param("10.1.2.3", id="private 10"),
        pytest.param("172.16.0.1", id="private 172"),
        pytest.param("192.168.0.1", id="private 192"),
        pytest.param("fd00::1", id="private, IPv6"),
        pytest.param("fec0::1", id="site-local, IPv6"),
        pytest.param("169.254.169.254", id="link-local"),
        pytest.param("fe80::1", id="link-local, IPv6"),
        pytest.param("fe80::1%eth0", id="link-local, IPv6, with its interface"),
        pytest.param("100.64.0.1", id="of an operator's NAT"),
        pytest.param("100.127.255.254", id="of an operator's NAT, the end"),
        pytest.param("0.0.0.0", id="unspecified"),
        pytest.param("::", id="unspecified, IPv6"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("239.1.1.1", id="multicast, of an organisation"),
        pytest.param("ff02::1", id="multicast, IPv6"),
        pytest.param("ff0e::1", id="multicast, IPv6, global"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("240.0.0.1", id="reserved"),
        pytest.param("192.0.2.1", id="for documents"),
        pytest.param("198.18.0.1", id="for measurements"),
        pytest.param("::ffff:127.0.0.1", id="mapped loopback"),
        pytest.param("::ffff:10.0.0.1", id="mapped private"),
        pytest.param("::ffff:169.254.169.254", id="mapped link-local"),
        pytest.param("::127.0.0.1", id="compatible loopback"),
        pytest.param("64:ff9b::7f00:1", id="NAT64 of loopback"),
        pytest.param("64:ff9b::a00:1", id="NAT64 of private"),
        pytest.param("64:ff9b::6440:1", id="NAT64 of an operator's NAT"),
        pytest.param("64:ff9b:1::808:808", id="NAT64 of one's own"),
        pytest.param("2002:7f00:1::1", id="6to4 of loopback"),
        pytest.param("2001:0:7f00:1::1", id="Teredo"),
    ],
)
@pytest.mark.parametrize("before", [[], [PUBLIC]], ids=["alone", "among public ones"])
async def test_a_name_must_not_lead_into_a_private_network(address: str, before: list[str]) -> None:
    """The PBX's own name too: it is no address, so somebody else may say where it leads."""
    net = Net(pbx_example_com=[*before, address])
    with refused(net):
        await fetched(net.download(), LINK)


@pytest.mark.parametrize("address", [PUBLIC, OTHER_PUBLIC, "64:ff9b::5db8:d822", "::ffff:93.184.216.34"])
def test_the_internet_at_large_is_public(address: str) -> None:
    assert is_public(address)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """Whatever the name leads to a moment later: it is looked up once, and asked for by its name all the same."""
    net = Net(pbx_example_com=[OTHER_PUBLIC, PUBLIC])
    assert await fetched(net.download(), LINK) == b"ID3 sound"
    (asked,) = net.asked
    assert asked.url == f"https://[{OTHER_PUBLIC}]/records/1.mp3"
    assert asked.headers["Host"] == "pbx.example.com"
    assert asked.extensions["sni_hostname"] == "pbx.example.com"
    assert net.looked_up == ["pbx.example.com"]


async def test_an_address_that_takes_no_connection_is_followed_by_the_next() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == OTHER_PUBLIC:
            raise httpx.ConnectError("no way there", request=request)
        return httpx.Response(200, headers=SOUND, content=b"ID3")

    net = Net(answer, pbx_example_com=[OTHER_PUBLIC, PUBLIC])
    assert await fetched(net.download(), LINK) == b"ID3"
    net = Net(answer, pbx_example_com=[OTHER_PUBLIC])
    with refused(net, Unavailable, asked=1):
        await fetched(net.download(), LINK)


async def test_a_name_that_nobody_knows_is_an_outage() -> None:
    net = Net()
    with refused(net, Unavailable):
        await fetched(net.download(hosts=("records.example.com",)), "https://records.example.com/1.mp3")


async def test_the_machines_own_resolver_is_believed_no_more() -> None:
    """`localhost` is configured by name here, and a real look-up leads to the loopback."""
    assert set(await resolved("localhost", 80)) <= {"127.0.0.1", "::1"}
    async with serving(lambda _: web.Response(body=b"ID3")) as url:
        by_name = url.replace("127.0.0.1", "localhost")
        with pytest.raises(Forbidden):
            await fetched(SafeDownload([by_name]), f"{by_name}/1.mp3")


# … redirects


def moved(to: str, status: int = 302) -> httpx.Response:
    return httpx.Response(status, headers={"Location": to})


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("http://127.0.0.1/1.mp3", id="loopback"),
        pytest.param("http://10.0.0.1/1.mp3", id="private"),
        pytest.param("http://169.254.169.254/latest/meta-data", id="link-local"),
        pytest.param("https://elsewhere.example/1.mp3", id="elsewhere"),
        pytest.param("//elsewhere.example/1.mp3", id="elsewhere, same scheme"),
        pytest.param("https://pbx.example.com:22/", id="another port"),
        pytest.param("file:///etc/passwd", id="file"),
        pytest.param("https://me:secret@pbx.example.com/1.mp3", id="a password"),
        pytest.param("http://records.example.com/1.mp3", id="out of https"),
        pytest.param("https://inner.example.com/1.mp3", id="a name of a private address"),
        pytest.param("", id="nowhere"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_checked_as_the_address_itself_was(to: str, status: int) -> None:
    net = Net(lambda _: moved(to, status), inner_example_com=["10.0.0.1"], records_example_com=[PUBLIC])
    with refused(net, asked=1):
        await fetched(net.download(hosts=("records.example.com", "inner.example.com")), LINK)


async def test_three_redirects_are_followed_and_no_fourth() -> None:
    def counting(last: int) -> Handle:
        def answer(request: httpx.Request) -> httpx.Response:
            n = int(request.url.path.removeprefix("/"))
            return httpx.Response(200, headers=SOUND, content=b"ID3") if n == last else moved(f"/{n + 1}")

        return answer

    net = Net(counting(3))
    assert await fetched(net.download(), f"{OWN}/0") == b"ID3"
    net = Net(counting(4))
    with refused(net, asked=4):
        await fetched(net.download(), f"{OWN}/0")
    net = Net(lambda _: moved(LINK))
    with refused(net, asked=4):
        await fetched(net.download(), LINK)


# … bodies


async def test_a_body_without_an_end_is_cut_off() -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1000
            yield bytes(1000)

    net = Net(lambda _: httpx.Response(200, headers=SOUND, content=endless()))
    with refused(net, TooBig, asked=1):
        await fetched(net.download(most=100_000), LINK)
    assert given < 400_000


async def test_a_body_that_says_it_is_too_long_is_not_read() -> None:
    net = Net(lambda _: httpx.Response(200, headers=SOUND | {"Content-Length": "50000001"}, content=b""))
    with pytest.raises(TooBig) as big:
        await fetched(net.download(), LINK)
    assert big.value.size == 50_000_001


async def test_a_body_that_drips_for_ever_is_given_up() -> None:
    gone = asyncio.Event()

    async def drip(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers=SOUND)
        await response.prepare(request)
        try:
            while True:
                await response.write(b"z")
                await asyncio.sleep(0.01)
        except (ConnectionError, asyncio.CancelledError):
            gone.set()
            raise

    async with serving(drip) as url:
        with pytest.raises(Unavailable):
            await fetched(SafeDownload([url], seconds=0.2), f"{url}/1.mp3")
        await asyncio.wait_for(gone.wait(), 5)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/html"},
        {"Content-Type": "application/json; charset=utf-8"},
        {"Content-Type": "image/png"},
        {"Content-Type": "audio/mpeg", "Content-Encoding": "gzip"},
    ],
)
async def test_what_is_no_sound_is_not_taken(headers: dict[str, str]) -> None:
    net = Net(lambda _: httpx.Response(200, headers=headers, stream=httpx.ByteStream(b"\x1f\x8b")))
    with refused(net, NotSound, asked=1):
        await fetched(net.download(), LINK)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotThere),
        (410, NotThere),
        (401, AuthFailed),
        (403, AuthFailed),
        (429, RateLimited),
        (503, Unavailable),
        (206, BadPayload),
        (204, BadPayload),
        (304, BadPayload),
    ],
)
async def test_a_refusal_says_whether_to_try_again(status: int, error: type[PbxError]) -> None:
    net = Net(lambda _: httpx.Response(status))
    with pytest.raises(error) as refusal:
        await fetched(net.download(), LINK)
    assert refusal.value.status == status


# What is allowed


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("records.example.com", "https://records.example.com/1.mp3"),
        ("records.example.com", "http://records.example.com/1.mp3"),
        ("Records.Example.com", "https://RECORDS.example.com/1.mp3"),
        ("records.example.com:8443", "https://records.example.com:8443/1.mp3"),
        ("https://records.example.com", "https://records.example.com:443/1.mp3"),
        ("записи.example.com", "https://xn--80anea7an.example.com/1.mp3"),
        ("192.168.7.7", "http://192.168.7.7/1.mp3"),
        ("[fd00::7]:81", "http://[fd00::7]:81/1.mp3"),
    ],
)
async def test_a_recording_host_is_asked(host: str, url: str) -> None:
    names = {"records_example_com": [PUBLIC], "xn--80anea7an_example_com": [PUBLIC]}
    net = Net(**names)
    assert await fetched(net.download(hosts=(host,)), url) == b"ID3 sound"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("records.example.com:8443", "https://records.example.com/1.mp3"),
        ("records.example.com", "https://records.example.com:8443/1.mp3"),
        ("https://records.example.com", "http://records.example.com/1.mp3"),
        ("192.168.7.7", "http://192.168.7.8/1.mp3"),
    ],
)
async def test_a_recording_host_is_itself_and_nothing_near_it(host: str, url: str) -> None:
    net = Net(records_example_com=[PUBLIC])
    with refused(net):
        await fetched(net.download(hosts=(host,)), url)


@pytest.mark.parametrize(
    "text", ["", "a b", "ftp://x", "x.example/records", "me@x.example", "x:port", "http://", "x?y"]
)
def test_what_is_no_host_is_a_mistake_in_the_configuration(text: str) -> None:
    with pytest.raises(ValueError, match="should be a host"):
        Host.parse(text)


async def test_a_pbx_that_is_configured_by_its_address_is_asked_there() -> None:
    async with (
        serving(lambda _: web.Response(body=b"ID3", headers=SOUND)) as url,
        SafeDownload([url]).recording(f" {url}/1.mp3 ") as recording,
    ):
        assert (recording.content_type, recording.length) == ("audio/mpeg", 3)
        assert [chunk async for chunk in recording.chunks] == [b"ID3"]


async def test_a_proxy_is_asked_for_every_recording_and_resolves_names_itself() -> None:
    asked: list[str] = []

    def proxy(request: web.BaseRequest) -> web.Response:
        asked.append(request.raw_path)
        return web.Response(body=b"ID3", headers=SOUND)

    async with serving(proxy) as url:
        own = "http://pbx.example.invalid"
        assert await fetched(SafeDownload([own], proxy=url), f"{own}/1.mp3") == b"ID3"
        with pytest.raises(Forbidden):
            await fetched(SafeDownload([own], proxy=url), "http://10.0.0.1/1.mp3")
    assert asked == ["http://pbx.example.invalid/1.mp3"]


# Keys


async def two_keys() -> Keys:
    yield {"X-Key": "secret-1"}
    yield {"X-Key": "secret-2"}


async def test_the_next_key_is_tried_after_a_refusal() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        right = request.headers.get("X-Key") == "secret-2"
        return httpx.Response(200, headers=SOUND, content=b"ID3") if right else httpx.Response(401)

    net = Net(answer)
    assert await fetched(net.download(), LINK, two_keys()) == b"ID3"
    assert len(net.asked) == 2


async def test_when_no_key_is_left_it_stays_refused() -> None:
    net = Net(lambda _: httpx.Response(403))
    with refused(net, AuthFailed, asked=2):
        await fetched(net.download(), LINK, two_keys())


async def test_no_host_but_the_pbx_itself_gets_a_key() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        own = request.headers["Host"] == "pbx.example.com"
        return (
            moved("https://records.example.com/1.mp3") if own else httpx.Response(200, headers=SOUND, content=b"ID3")
        )

    net = Net(answer, records_example_com=[PUBLIC])
    download = net.download(hosts=("records.example.com",))
    assert await fetched(download, LINK, two_keys()) == b"ID3"
    assert [request.headers.get("X-Key") for request in net.asked] == ["secret-1", None]
    await fetched(download, "https://records.example.com/1.mp3", two_keys())
    assert "X-Key" not in net.asked[-1].headers


# What came


@pytest.mark.parametrize(
    ("beginning", "content_type", "format_"),
    [
        (b"ID3\x04", "", Format.MP3),
        (b"\xff\xfb\x90\x00", "application/octet-stream", Format.MP3),
        (b"\xff\xf3\x90\x00", "audio/wav", Format.MP3),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/mpeg", Format.WAV),
        (b"OggS", "", Format.OGG),
        (b"\x00\x00\x00\x20ftypM4A ", "", Format.M4A),
        (b"????", "audio/x-wav", Format.WAV),
        (b"\xff\xf9", "audio/aac", Format.UNKNOWN),
        (b"", "", Format.UNKNOWN),
    ],
)
def test_the_first_bytes_say_what_a_file_is(beginning: bytes, content_type: str, format_: Format) -> None:
    assert format_of(beginning, content_type) is format_


@asynccontextmanager
async def serving(answer: Callable[[web.BaseRequest], Any]) -> AsyncIterator[str]:
    """A real server on the loopback."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        given = answer(request)
        answered: web.StreamResponse = await given if asyncio.iscoroutine(given) else given
        return answered

    server = RawTestServer(handle)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()
