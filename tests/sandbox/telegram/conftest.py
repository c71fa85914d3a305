"""A stand-in with a clock that stands still, people, a group and a bot that asks over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from sandbox.telegram import Chat, TelegramStandIn, User, World


class Clock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.now = datetime(2024, 3, 4, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **passed: float) -> None:
        self.now += timedelta(**passed)


class Asker:
    """A bot's HTTP client: `await ask("sendMessage", chat_id=1, text="…")` gives the result."""

    def __init__(self, tg: TelegramStandIn, session: aiohttp.ClientSession) -> None:
        self.tg = tg
        self.session = session

    def url(self, method: str) -> str:
        return f"{self.tg.url}/bot{self.tg.token}/{method}"

    async def answer(self, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
        """The status and the whole body."""
        async with self.session.post(self.url(method), json=params) as response:
            return response.status, await response.json()

    async def __call__(self, method: str, **params: Any) -> Any:
        status, body = await self.answer(method, **params)
        assert (status, body["ok"]) == (200, True), body
        return body["result"]

    async def refused(self, method: str, **params: Any) -> str:
        """The description of an error answer."""
        status, body = await self.answer(method, **params)
        assert not body["ok"], body
        assert body["error_code"] == status
        return str(body["description"])

    async def updates(self, **params: Any) -> list[dict[str, Any]]:
        """What getUpdates gives, confirming it at once, so that the next call gives what came after."""
        found: list[dict[str, Any]] = await self("getUpdates", **params)
        if found:
            await self("getUpdates", offset=found[-1]["update_id"] + 1, limit=1)
        return found

    async def upload(self, method: str, files: dict[str, tuple[str, bytes]], **params: Any) -> Any:
        """A multipart request with files."""
        form = aiohttp.FormData()
        for name, value in params.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, (filename, content) in files.items():
            form.add_field(name, content, filename=filename)
        async with self.session.post(self.url(method), data=form) as response:
            body = await response.json()
            assert body["ok"], body
            return body["result"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def tg(clock: Clock) -> AsyncIterator[TelegramStandIn]:
    """The flood limits are off, so that only the tests about them meet them."""
    async with TelegramStandIn(World(clock=clock)) as running:
        running.limits.enabled = False
        yield running


@pytest.fixture
async def ask(tg: TelegramStandIn) -> AsyncIterator[Asker]:
    async with aiohttp.ClientSession() as session:
        yield Asker(tg, session)


@pytest.fixture
def anna(tg: TelegramStandIn) -> User:
    """Wrote /start to the bot long ago."""
    user = tg.world.add_user("Anna", id=1001, username="anna_example", language_code="ru", phone="+79101234567")
    tg.world.private(user.id).started = True
    return user


@pytest.fixture
def boris(tg: TelegramStandIn) -> User:
    """Never wrote to the bot."""
    return tg.world.add_user("Boris", id=1002)


@pytest.fixture
def team(tg: TelegramStandIn, anna: User, boris: User) -> Chat:
    return tg.world.add_group("Sales", [anna.id, boris.id])
