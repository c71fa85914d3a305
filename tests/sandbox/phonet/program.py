"""A stand-in for the program that the simulated Phonet calls, a plain client of its API, and a clock to turn."""

import asyncio
import json
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

KEY, DOMAIN = "api-secret", "kvitka.phonet.example"
CLIENT, OTHER_CLIENT = "+380500000101", "+380500000102"
NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
Json = dict[str, Any]


class Clock:
    """Sleeping moves it on, until `stops_at` seconds after noon: then a sleeper sleeps until it is cancelled."""

    def __init__(self) -> None:
        self.at = NOON
        self.stops_at = math.inf
        self.somebody_sleeps = asyncio.Event()

    def now(self) -> datetime:
        return self.at

    def ms(self, seconds: float = 0) -> int:
        """So many seconds after noon, as Phonet counts time."""
        return round((NOON.timestamp() + seconds) * 1000)

    async def sleep(self, seconds: float) -> None:
        if (self.at - NOON).total_seconds() >= self.stops_at:
            self.somebody_sleeps.set()
            await asyncio.Event().wait()
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Program:
    """Keeps what came, answers what it was told to: 200 unless `replies` holds something else first."""

    def __init__(self) -> None:
        self.got: list[Json] = []
        self.labels: list[list[Json]] = []
        self.asked: list[Json] = []
        self.replies: list[int] = []
        #: The answer to `call.settings`.
        self.settings: object = {"otherLeg": None}
        self.hold: asyncio.Event | None = None
        #: `crowded` is set when so many requests are being answered at once.
        self.crowd, self.crowded = 8, asyncio.Event()
        self.most_at_once = self._now = 0

    async def take(self, request: web.Request) -> web.Response:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        if self._now == self.crowd:
            self.crowded.set()
        if self.hold is not None:
            await self.hold.wait()
        self._now -= 1
        assert request.content_type == "application/json"
        body = await request.json()
        if isinstance(body, dict) and "request" in body:
            self.asked.append(body)
            return web.json_response(self.settings)
        if self.replies:
            return web.Response(status=self.replies.pop(0))
        kept: list[Any] = self.labels if isinstance(body, list) else self.got
        kept.append(body)
        return web.Response()

    def story(self) -> list[str]:
        """`dial 801`, `bridge 002`, … with `>` before a child leg: what was told, in order."""
        return [
            f"{'>' * bool(one['parentUuid'])}{one['event'].removeprefix('call.')} {one['leg']['ext']}"
            for one in self.got
        ]

    def event(self, name: str, ext: str) -> Json:
        return next(one for one in self.got if (one["event"], one["leg"]["ext"]) == (f"call.{name}", ext))


class Api:
    """It authorizes by itself; `session` is the cookie's value and may be spoilt."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self.session: str | None = None

    async def authorize(self, domain: str = DOMAIN, key: str = KEY, *, status: int = 200) -> str:
        body = {"domain": domain, "apiKey": key}
        async with self._http.post(f"{self._url}/rest/security/authorize", json=body) as response:
            assert response.status == status
            if status == 200:
                self.session = response.cookies["JSESSIONID"].value
            return await response.text()

    async def __call__(self, method: str, path: str, body: object = None, *, status: int = 200) -> Any:
        """The parsed answer, or the text where it is no JSON."""
        headers = {} if self.session is None else {"Cookie": f"JSESSIONID={self.session}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = None if body is None else json.dumps(body).encode()
        async with self._http.request(method, f"{self._url}/rest{path}", data=data, headers=headers) as response:
            text = await response.text()
            assert response.status == status, (response.status, text)
            if response.content_type == "application/json":
                return json.loads(text)
            assert status < 400 or response.content_type == "text/plain"
            return text

    async def calls(self, listed: str = "company", query: str = "") -> list[Json]:
        """A call list of all times."""
        found = await self("GET", f"/calls/{listed}.api?timeFrom=0&timeTo=9999999999999{query}")
        assert isinstance(found, list)
        return found

    async def bytes(self, path: str) -> tuple[int, str, bytes]:
        """Without a session."""
        async with self._http.get(f"{self._url}/rest{path}") as response:
            return response.status, response.content_type, await response.read()
