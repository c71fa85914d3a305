"""Downloads of recordings: their addresses come from outside, so each is checked before anything is asked of it.

An address is good if it is one of the PBX's own (scheme, host and port as configured) or of `recording_hosts`. A host
that is configured as an address is believed; a name is resolved here, must lead to public addresses alone, and the
connection goes to the very address that was checked, so that no second answer of DNS can lead elsewhere.

Through a proxy the proxy resolves: then hosts and redirects are checked all the same, what names lead to is not.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pbx.errors import AuthFailed, BadPayload, PbxError, RateLimited, Unavailable
from pbx.later import later
from pbx.recording import MOST_BYTES, Forbidden, NoRecording, NotSound, NotThere, Recording, TooBig, is_sound
from pbx.transport import Classify, Mounted, Reply, classify, default_user_agent, patience, trusted, watching

if TYPE_CHECKING:
    import httpx

    from pbx.config import PbxConfig
else:
    httpx = later("httpx")

Headers = Mapping[str, str]
#: Headers to try one after the other: after a refusal, which is sent in, come the next; no more: it stays refused.
Keys = AsyncGenerator[Headers, AuthFailed]
#: A host and a port to addresses, as text.
Resolve = Callable[[str, int], Awaitable[list[str]]]

#: Seconds for a download as a whole, however slowly it drips.
SECONDS = 180.0
REDIRECTS = 3
MOVED = frozenset({301, 302, 303, 307, 308})
PORTS = {"http": 80, "https": 443}
#: Bytes of a refusal that are read.
EXCERPT = 4096
NAME = "GET a recording"

#: Addresses that stand for an IPv4 one in their last bytes: that one is what counts.
STAND_FOR_IPV4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
#: Tunnels into IPv4 that no recording is behind.
TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"), IPv6Network("64:ff9b:1::/48"))


@dataclass(frozen=True, slots=True)
class Host:
    """Where recordings may come from. Without a scheme: http and https; without a port: the scheme's own."""

    name: str
    scheme: str = ""
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Host:
        """``records.example.com``, with ``:8443`` or ``https://`` if wished. Raises ValueError."""
        parts = urlsplit(text.strip() if "://" in text else f"//{text.strip()}")
        try:
            name, port = _name(httpx.URL(scheme="http", host=parts.hostname or "")), parts.port
        except (httpx.InvalidURL, ValueError):
            name, port = "", None
        if (
            not name
            or "%" in name
            or parts.scheme not in ("", *PORTS)
            or parts.path.strip("/")
            or parts.query
            or "@" in parts.netloc
        ):
            raise ValueError(f'"{text}" should be a host such as "records.example.com" or "records.example.com:8443"')
        return cls(name, parts.scheme, port)

    def matches(self, url: httpx.URL) -> bool:
        port = PORTS[url.scheme] if self.port is None else self.port
        return self.name == _name(url) and self.scheme in ("", url.scheme) and port == _port(url)


class SafeDownload:
    """What one PBX's recordings are fetched with. `aclose` when done."""

    def __init__(
        self,
        own: Iterable[str],
        hosts: Iterable[str] = (),
        *,
        proxy: str = "",
        user_agent: str = "",
        classify: Classify = classify,
        mounted: Mounted | None = None,
        resolve: Resolve | None = None,
        most: int = MOST_BYTES,
        seconds: float = SECONDS,
    ) -> None:
        """`own`: addresses of the PBX's own servers, the only ones that get its key; `hosts`: `recording_hosts`.

        `mounted` takes the network's place in tests, names unresolved unless `resolve` is given too.
        """
        self._own_addresses = tuple(own)
        self._hosts = [Host.parse(text) for text in hosts]
        self._classify = classify
        self._resolve = resolve or (None if proxy or mounted else resolved)
        self._most = most
        self._seconds = seconds
        self._watch = watching()
        self._proxy = proxy or None
        self._user_agent = user_agent
        self._mounted = mounted

    @cached_property
    def _own(self) -> list[Host]:
        return [_origin(url) for url in self._own_addresses]

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=trusted(),
            headers={
                "User-Agent": self._user_agent or default_user_agent(),
                "Accept": "*/*",
                "Accept-Encoding": "identity",
            },
            proxy=self._proxy,
            timeout=patience(),
            transport=self._mounted,
            trust_env=False,
            # A connection kept for one name must not serve another that lives at the same address.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @asynccontextmanager
    async def recording(self, url: str, keys: Keys | None = None) -> AsyncIterator[Recording]:
        """Raises `NoRecording` and the rest of the tree; whoever reads the chunks may get `TooBig`, `Unavailable`."""
        try:
            async with asyncio.timeout(self._seconds), aclosing(keys or _no_key()) as tried:
                response = await self._granted(url, tried)
                try:
                    yield self._opened(response)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise Unavailable(f"{NAME}: it took too long") from None
        except httpx.HTTPError as broken:
            # Its message may quote the address, so only its kind is told.
            raise Unavailable(f"{NAME}: {type(broken).__name__}") from None

    async def aclose(self) -> None:
        if "_client" in vars(self):
            await self._client.aclose()

    async def _granted(self, url: str, keys: Keys) -> httpx.Response:
        """The answer to the first headers that are not refused."""
        headers = await anext(keys)
        while True:
            response = await self._followed(url, headers)
            error = await self._refusal(response)
            if error is None:
                return response
            await response.aclose()
            if not isinstance(error, AuthFailed):
                raise error
            try:
                headers = await keys.asend(error)
            except StopAsyncIteration:
                raise error from None

    async def _followed(self, url: str, headers: Headers) -> httpx.Response:
        """Redirects are followed by hand: each leads to an address that is as foreign as the first."""
        at = self._checked(url)
        for _ in range(REDIRECTS + 1):
            response = await (self._asked(at, headers) if self._is_own(at) else self._get(at, {}))
            if response.status_code not in MOVED:
                return response
            await response.aclose()
            onward = self._checked(response.headers.get("location", ""), at)
            if at.scheme == "https" and onward.scheme != "https":
                raise Forbidden(f"{NAME}: a redirect out of https")
            at = onward
        raise Forbidden(f"{NAME}: more than {REDIRECTS} redirects")

    def _checked(self, text: str, base: httpx.URL | None = None) -> httpx.URL:
        """The address, if a recording may be there. The same reading of it is used for asking."""
        try:
            url = base.join(text.strip()) if base and text else httpx.URL(text.strip())
        except (httpx.InvalidURL, ValueError):
            raise Forbidden(f"{NAME}: no address") from None
        if url.scheme not in PORTS or not url.host or url.userinfo:
            raise Forbidden(f"{NAME}: not an address of http or https")
        if not self._is_own(url) and not any(host.matches(url) for host in self._hosts):
            raise Forbidden(f"{NAME}: {url.host} is neither the PBX's own nor in recording_hosts")
        return url

    def _is_own(self, url: httpx.URL) -> bool:
        return any(one.matches(url) for one in self._own)

    async def _asked(self, url: httpx.URL, headers: Headers) -> httpx.Response:
        """Of the PBX itself: whoever watches hears how it answered."""
        began = perf_counter()
        try:
            response = await self._get(url, headers)
        except (httpx.HTTPError, PbxError):
            self._watch(Unavailable.__name__, perf_counter() - began)
            raise
        self._watch(_result(response.status_code), perf_counter() - began)
        return response

    async def _get(self, url: httpx.URL, headers: Headers) -> httpx.Response:
        if self._resolve is None or _is_address(_name(url)):
            return await self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
        named = {"Host": url.netloc.decode("ascii"), **headers}
        addresses = await self._addresses(url)
        for address in addresses:
            request = self._client.build_request(
                "GET",
                url.copy_with(host=address),
                headers=named,
                extensions={"sni_hostname": _name(url)},
            )
            try:
                return await self._client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == addresses[-1]:
                    raise
        raise Unavailable(f"{NAME}: the name has no address")

    async def _addresses(self, url: httpx.URL) -> list[str]:
        assert self._resolve is not None
        try:
            found = await self._resolve(_name(url), _port(url))
        except (OSError, UnicodeError):
            raise Unavailable(f"{NAME}: {url.host} is no known name") from None
        if not all(is_public(one) for one in found):
            raise Forbidden(f"{NAME}: {url.host} leads into a private network")
        return found

    async def _refusal(self, response: httpx.Response) -> PbxError | None:
        status = response.status_code
        if status == 200:
            return None
        if status in (404, 410):
            return NotThere(f"{NAME}: the PBX answered {status}", status=status)
        body = await anext(aiter(response.aiter_bytes(EXCERPT)), b"") if _is_plain(response) else b""
        unexpected = BadPayload(f"{NAME}: the PBX answered {status}", status=status)
        return self._classify(Reply(status, response.headers, body, NAME)) or unexpected

    def _opened(self, response: httpx.Response) -> Recording:
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if not is_sound(content_type) or not _is_plain(response):
            raise NotSound(f"{NAME}: not a sound file")
        told = response.headers.get("content-length", "")
        length = int(told) if told.isascii() and told.isdigit() else None
        if length is not None and length > self._most:
            raise TooBig(f"{NAME}: {length} bytes", size=length)
        return Recording(content_type, length, self._bounded(response))

    async def _bounded(self, response: httpx.Response) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in response.aiter_bytes(1 << 16):
            read += len(chunk)
            if read > self._most:
                raise TooBig(f"{NAME}: more than {self._most} bytes")
            yield chunk


def _result(status: int) -> str:
    """A refusal is about this recording: it says nothing of the key, with which all else is asked."""
    if status < 400:
        return "ok"
    kinds: dict[bool, type[PbxError]] = {status == 429: RateLimited, status >= 500: Unavailable}
    return kinds.get(True, NoRecording).__name__


def for_pbx(
    config: PbxConfig,
    own: Iterable[str] = (),
    *,
    classify: Classify = classify,
    mounted: Mounted | None = None,
) -> SafeDownload:
    """As configured; `own` are addresses of the PBX's servers beside `url`."""
    return SafeDownload(
        [config.url, *own],
        config.recording_hosts,
        proxy=config.proxy,
        user_agent=config.user_agent,
        classify=classify,
        mounted=mounted,
    )


async def _no_key() -> Keys:
    yield {}


def _is_plain(response: httpx.Response) -> bool:
    """Not compressed: a small file that unfolds into a huge one would be no recording."""
    return str(response.headers.get("content-encoding", "identity")) == "identity"


def _origin(url: str) -> Host:
    """A configured address as the one place that it names."""
    parsed = httpx.URL(url)
    return Host(_name(parsed), parsed.scheme, _port(parsed))


def _name(url: httpx.URL) -> str:
    """The host in ASCII, as DNS and certificates have it."""
    return url.raw_host.decode("ascii")


def _port(url: httpx.URL) -> int:
    return PORTS[url.scheme] if url.port is None else url.port


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def resolved(host: str, port: int) -> list[str]:
    """What the machine's resolver says. Raises OSError for an unknown name."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(text: str) -> bool:
    """Whether an address belongs to the internet at large: not to us, our network, our operator or a group."""
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.scope_id or any(address in network for network in TUNNELS) or address.is_site_local:
            return False
        if any(address in network for network in STAND_FOR_IPV4):
            address = IPv4Address(address.packed[-4:])
    return bool(address.is_global) and not (address.is_multicast or address.is_reserved or address.is_unspecified)
