"""A t2 account on the other side of the wire: knows which tokens are good, answers what it is told to."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from pbx.t2.config import T2Config
from pbx.t2.phone_system import T2, connect

FIXTURES = Path(__file__).parent / "fixtures"
ACCESS, REFRESH = "QwErTy", "ReFrEsH"
API = "/crm/openapi"
NOW = datetime(2023, 8, 28, 12, 30, tzinfo=UTC)

HEADER_MISSING = "Authorization header required"
ALREADY_UPDATED = "The token has already been updated"
EXPIRED = "The token is expired"
BAD = "Bad token"
WRONG_TYPE = "Invalid token type"

Reply = httpx.Response | Callable[[httpx.Request], httpx.Response]


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_bytes())


def said(value: object, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=value)


def forbidden(details: str) -> httpx.Response:
    return said({"details": details, "message": "Forbidden"}, 403)


def config(**changed: Any) -> T2Config:
    entry = {"id": "main", "vendor": "t2", "access_token": ACCESS, "refresh_token": REFRESH, **changed}
    return T2Config.model_validate(entry)


class Kept:
    """A keeper whose disk outlives the program."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.log: list[str] = []
        self.broken = False
        self.saving = asyncio.Event()
        self.gate: asyncio.Event | None = None

    async def load(self, name: str) -> str | None:
        return self.values.get(name)

    async def save(self, name: str, value: str) -> None:
        self.saving.set()
        if self.gate:
            await self.gate.wait()
        if self.broken:
            raise OSError("no room on the disk")
        self.values[name] = value
        self.log.append("saved")


class Account:
    """`replies` by verb and path; the last one of a list is given again and again."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.replies: dict[str, list[Reply]] = {}
        self.kept = Kept()
        self.now = NOW
        self.access, self.refresh = ACCESS, REFRESH
        self.refused: dict[str, str] = {}
        """Tokens that are refused, and why."""
        self.refreshes = 0
        self.will("GET /employees", said(fixture("employees_one_with_nothing_but_an_id")))
        self.will("GET /statistics/missing", said([]))
        self.will("GET /call-records/info", said([]))

    def will(self, operation: str, *replies: Reply) -> None:
        verb, path = operation.split()
        self.replies[f"{verb} {API}{path}"] = list(replies)

    def requests(self, path: str) -> list[httpx.Request]:
        return [request for request in self.asked if request.url.path == API + path]

    def expire(self, *tokens: str) -> None:
        self.refused |= dict.fromkeys(tokens, EXPIRED)

    def t2(self, **changed: Any) -> T2:
        mounted = httpx.MockTransport(self)
        return connect(config(**changed), country="RU", keeper=self.kept, clock=lambda: self.now, mounted=mounted)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        await asyncio.sleep(0)  # as over a network, others get their turn meanwhile
        operation = f"{request.method} {request.url.path}"
        token = request.headers.get("Authorization")
        self.kept.log.append(f"used {token}")
        if operation == f"PUT {API}/authorization/refresh/token" and operation not in self.replies:
            return self._refreshed(token)
        if not token:
            return forbidden(HEADER_MISSING)
        if token in self.refused:
            return forbidden(self.refused[token])
        replies = self.replies.get(operation)
        if not replies:
            return said({"details": "Object not found", "message": "Object not found"}, 404)
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        return reply(request) if callable(reply) else _copy(reply)

    def _refreshed(self, token: str | None) -> httpx.Response:
        if token in self.refused:
            return forbidden(self.refused[token])
        if token != self.refresh:
            return forbidden(ALREADY_UPDATED)
        self.refreshes += 1
        self.refused |= dict.fromkeys((self.access, self.refresh), ALREADY_UPDATED)
        self.access, self.refresh = f"access-{self.refreshes}", f"refresh-{self.refreshes}"
        return said({"accessToken": self.access, "refreshToken": self.refresh})


def _copy(reply: httpx.Response) -> httpx.Response:
    """A response can be read once only."""
    headers = {name: value for name, value in reply.headers.items() if name in ("content-type", "location")}
    return httpx.Response(reply.status_code, headers=headers, content=reply.content)
