"""A stand-in for the program that the simulated PBX calls, and a clock that tests turn by hand."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web

TOKEN, KEY = "crm-secret", "api-secret"
#: A Thursday, 15:00 in Moscow.
NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)
Json = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Program:
    """Keeps what came, answers what it was told to: 200 unless `replies` holds something else first."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.raw: list[tuple[Mapping[str, str], bytes]] = []
        self.replies: list[int] = []
        self.contact: object = {}
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
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.raw.append((request.headers, await request.read()))
        if self.replies and form.get("cmd") != "contact":
            return web.Response(status=self.replies.pop(0))
        self.got.append(form)
        return web.json_response(self.contact if form.get("cmd") == "contact" else {})

    def story(self) -> list[str]:
        """`INCOMING igor`, `history Missed` …: what was told, in order."""
        return [self._line(one) for one in self.got]

    @staticmethod
    def _line(one: Mapping[str, str]) -> str:
        match one["cmd"]:
            case "event":
                return f"{one['type']} {one['user']}"
            case "history":
                return f"history {one['status']}"
            case cmd:
                return cmd

    def last(self, cmd: str) -> dict[str, str]:
        return next(one for one in reversed(self.got) if one["cmd"] == cmd)


class Api:
    """A plain client of the REST API."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url + "/crmapi/v1"

    async def __call__(
        self, method: str, path: str, body: object = None, *, key: str | None = KEY, status: int | None = None
    ) -> Any:
        """The parsed answer, None for 204; with `status` that status is demanded, else any 2xx."""
        headers = {} if key is None else {"X-API-KEY": key}
        data = None if body is None else json.dumps(body).encode()
        async with self._session.request(method, self._url + path, data=data, headers=headers) as response:
            text = await response.text()
            assert response.status == status if status else response.ok, (response.status, text)
            if response.content_type == "application/json":
                return json.loads(text)
            return text or None
