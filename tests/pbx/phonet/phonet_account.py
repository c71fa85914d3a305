"""A Phonet account on the other side of the wire: hands out sessions, forgets them, answers what it is told to."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from pbx.phone_system import PhoneSystem
from pbx.phonet.client import PhonetClient
from pbx.phonet.config import PhonetConfig
from pbx.phonet.phone_system import connect

FIXTURES = Path(__file__).parent / "fixtures"
KEY = "bHGbn240QSjFJgydW0WyZ3v6UeNDT8CV"
NOW = datetime(2026, 3, 2, 9, 1, tzinfo=UTC)

Reply = httpx.Response | Callable[[httpx.Request], httpx.Response]


def fixture(name: str) -> Any:
    return json.loads(body(name))


def body(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def said(value: object) -> httpx.Response:
    return httpx.Response(200, json=value)


def config(**changed: Any) -> PhonetConfig:
    entry = {"id": "main", "vendor": "phonet", "url": "https://test4.phonet.com.ua", "key": KEY, **changed}
    return PhonetConfig.model_validate(entry)


class Nothing:
    """A keeper that must not be needed."""

    async def load(self, name: str) -> str | None:
        raise AssertionError(name)

    async def save(self, name: str, value: str) -> None:
        raise AssertionError(name)


class Account:
    """`replies` by verb and path; the last one of a list is given again and again."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.replies: dict[str, list[Reply]] = {}
        self.sessions = 0
        self.forgotten: set[str] = set()
        self.now = NOW

    def will(self, operation: str, *replies: Reply) -> None:
        self.replies[operation] = list(replies)

    def forget(self, session: int) -> None:
        self.forgotten.add(f"session-{session}")

    def requests(self, path: str) -> list[httpx.Request]:
        return [request for request in self.asked if request.url.path == path]

    @property
    def authorized(self) -> list[httpx.Request]:
        return self.requests("/rest/security/authorize")

    def client(self) -> PhonetClient:
        return PhonetClient("https://test4.phonet.com.ua/rest", SecretStr(KEY), mounted=httpx.MockTransport(self))

    def phonet(self, **changed: Any) -> PhoneSystem:
        mounted = httpx.MockTransport(self)
        return connect(config(**changed), country="UA", keeper=Nothing(), clock=lambda: self.now, mounted=mounted)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        await asyncio.sleep(0)  # as over a network, others get their turn meanwhile
        operation = f"{request.method} {request.url.path}"
        if operation == "POST /rest/security/authorize" and operation not in self.replies:
            self.sessions += 1
            cookie = f"JSESSIONID=session-{self.sessions}; Path=/; Secure; HttpOnly"
            return httpx.Response(200, headers={"Set-Cookie": cookie})
        session = request.headers.get("Cookie", "").removeprefix("JSESSIONID=")
        if session in self.forgotten:
            return httpx.Response(403, text="Forbidden")
        replies = self.replies.get(operation)
        if not replies:
            return httpx.Response(404, text="нет такого")
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        return reply(request) if callable(reply) else _copy(reply)


def _copy(reply: httpx.Response) -> httpx.Response:
    """A response can be read once only."""
    headers = {name: value for name, value in reply.headers.items() if name in ("content-type", "retry-after")}
    return httpx.Response(reply.status_code, headers=headers, content=reply.content)
