"""HTTP to a phone system: time-outs, proxy, retries of what is safe to repeat, errors without secrets.

It and `pbx.safe_download` are the modules that know the HTTP library; it is imported when something is first asked,
since events come in without it. What a status means is the vendor's to say (`classify`).
"""

from __future__ import annotations

import json as jsonlib
import re
import ssl
from collections.abc import AsyncIterator, Callable, Container, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache, cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

from pbx.errors import AuthFailed, BadPayload, PbxError, RateLimited, Rejected, Unavailable
from pbx.later import later

if TYPE_CHECKING:
    import httpx
    import stamina

    #: What tests and the sandbox put in the place of the network.
    Mounted = httpx.AsyncBaseTransport
else:
    httpx, stamina = later("httpx"), later("stamina")
    Mounted = object  # signatures are read without the library

#: Seconds. A PBX's cabinet answers in well under one; half a minute is for a month of history.
TIMEOUT, CONNECT_TIMEOUT = 30.0, 5.0
ATTEMPTS = 3
RETRY_AFTER_UNSAID = timedelta(seconds=5)

Query = Mapping[str, str | int | bool | Sequence[str] | None]


def default_user_agent() -> str:
    """What we call ourselves where the configuration names nothing else."""
    try:
        return f"Ringdesk/{version('ringdesk')} (missed-call desk)"
    except PackageNotFoundError:
        return "Ringdesk (missed-call desk)"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the PBX answered, body read."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    request: str
    """Verb and path, numbers masked: fit for messages."""

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON; None for an empty one. Raises `BadPayload`."""
        if not self.body.strip():
            return None
        try:
            return jsonlib.loads(self.body)
        except ValueError:
            raise BadPayload(f"{self.request}: not JSON", body=self.body, status=self.status) from None


Classify = Callable[[Reply], PbxError | None]

#: Told of every request: "ok" or the name of the error's class, and seconds.
Watch = Callable[[str, float], None]
_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched_by(watch: Watch | None) -> Iterator[None]:
    """Every `Transport` that is made within tells `watch`. So no vendor has to know that anybody counts."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def watching() -> Watch:
    """Who watches what is made now; it may be nobody."""
    return _watch.get() or (lambda result, seconds: None)


def classify(reply: Reply) -> PbxError | None:
    """The common meaning of a status. Vendors call this for what their own table does not name."""
    if reply.status < 400:
        return None
    said = f"{reply.request}: the PBX answered {reply.status}"
    if reply.status == 429:
        return RateLimited(said, retry_after=retry_after(reply))
    if reply.status in (401, 403, 407):
        return AuthFailed(said, status=reply.status)
    if reply.status >= 500 or reply.status == 408:
        return Unavailable(said, status=reply.status)
    return Rejected(said, reason=excerpt(reply.text), status=reply.status)


def retry_after(reply: Reply) -> timedelta:
    """What Retry-After asks for, as seconds or as a date."""
    asked = reply.headers.get("retry-after", "")
    if asked.isdecimal():
        return timedelta(seconds=int(asked))
    try:
        return max(parsedate_to_datetime(asked) - datetime.now(UTC), timedelta(0))
    except (ValueError, TypeError):
        return RETRY_AFTER_UNSAID


def excerpt(text: str, most: int = 200) -> str:
    """The start of a PBX's own words, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"


@cache
def trusted() -> ssl.SSLContext:
    """The certificates we trust, read once: every client that reads them itself takes a thirtieth of a second."""
    return httpx.create_ssl_context(trust_env=False)


def patience() -> httpx.Timeout:
    return httpx.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT)


class Transport:
    """One PBX's HTTP connection pool."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        proxy: str = "",
        user_agent: str = "",
        classify: Classify = classify,
        new_hosts: Container[str] = (),
        mounted: Mounted | None = None,
    ) -> None:
        """`base_url` without a trailing slash; `proxy` may be http, https or socks5; `mounted` is for tests.

        `new_hosts`: where, beside its own host, the vendor is documented to have moved (see `redirects`).
        """
        self._base = base_url.rstrip("/")
        self._new_hosts = new_hosts
        self._classify = classify
        self._watch = _watch.get()
        self._headers = headers or {}
        self._proxy = proxy or None
        self._user_agent = user_agent
        self._mounted = mounted

    @cached_property
    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=trusted(),
            headers={"User-Agent": self._user_agent or default_user_agent(), **self._headers},
            proxy=self._proxy,
            timeout=patience(),
            follow_redirects=False,
            transport=self._mounted,
            trust_env=False,
            # A session cookie is the vendor's to keep and to send: a jar would quietly swap it for another.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        redirects: Sequence[int] = (),
        classify: Classify | None = None,
    ) -> Reply:
        """Ask and return what was answered, if it is no error; else raise from the `PbxError` tree.

        `repeatable` defaults to "is a GET"; only then a failure is tried again, three times in all.
        `redirects` are the statuses that the vendor documents as moves; one is followed.
        """
        may_repeat = method == "GET" if repeatable is None else repeatable
        request = self._client.build_request(
            method,
            self._base + path,
            params=_query(query) or None,
            json=json,
            data=form,
            content=content,
            headers=headers,
        )
        async for attempt in stamina.retry_context(on=Unavailable, attempts=ATTEMPTS if may_repeat else 1):
            with attempt, self._told():
                reply = await self._send(request, redirects)
                error = (classify or self._classify)(reply)
                if error:
                    raise error
        return reply

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Whoever watches hears how what is within ended, and how long it took."""
        began = perf_counter()
        try:
            yield
        except PbxError as error:
            self._tell(kind_of(error), began)
            raise
        self._tell("ok", began)

    def _tell(self, result: str, began: float) -> None:
        if self._watch:
            self._watch(result, perf_counter() - began)

    @asynccontextmanager
    async def stream(self, url: str, *, headers: Mapping[str, str] | None = None) -> AsyncIterator[httpx.Response]:
        """A download read piece by piece. `url` whole; network errors are `Unavailable`."""
        try:
            async with self._client.stream("GET", url, headers=headers) as response:
                yield response
        except httpx.HTTPError as broken:
            raise Unavailable(f"GET {_masked_path(url)}: {type(broken).__name__}") from None

    async def aclose(self) -> None:
        if "_client" in vars(self):
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _send(self, request: httpx.Request, redirects: Sequence[int]) -> Reply:
        name = f"{request.method} {_masked_path(request.url.path)}"
        try:
            response = await self._client.send(request)
            if response.status_code in redirects and response.next_request is not None:
                response = await self._client.send(self._moved(request, response.next_request))
        except httpx.HTTPError as broken:
            # Its message may quote the URL with a key in it, so only its kind is told.
            raise Unavailable(f"{name}: {type(broken).__name__}") from None
        if 300 <= response.status_code < 400:
            raise BadPayload(f"{name}: an unexpected redirect ({response.status_code})", status=response.status_code)
        return Reply(response.status_code, response.headers, response.content, name)

    def _moved(self, request: httpx.Request, moved: httpx.Request) -> httpx.Request:
        """The same request at its new address, with the key that httpx leaves behind when the host changes."""
        old, new = request.url, moved.url
        known = new.host == old.host or new.host in self._new_hosts
        if not known or (old.scheme == "https" and new.scheme != "https"):
            raise BadPayload(f"{old.host} sends us on to {new.scheme}://{new.host}; put that into url if it is right")
        if "Authorization" in request.headers:
            moved.headers["Authorization"] = request.headers["Authorization"]
        return moved


def kind_of(error: PbxError) -> str:
    """Its name in the tree of `pbx.errors`; vendors have finer ones below."""
    return next((kind.__name__ for kind in type(error).__mro__ if PbxError in kind.__bases__), PbxError.__name__)


def _query(query: Query | None) -> list[tuple[str, str | int | float | bool | None]]:
    """Lists as repeated names, booleans as JSON writes them, None left out."""
    pairs: list[tuple[str, str | int | float | bool | None]] = []
    for name, value in (query or {}).items():
        if value is None:
            continue
        many = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        pairs += [(name, str(one).lower() if isinstance(one, bool) else str(one)) for one in many]
    return pairs


def _masked_path(path: str) -> str:
    return re.sub(r"\d{3,}(\d{4})", r"…\1", path.split("?")[0])
