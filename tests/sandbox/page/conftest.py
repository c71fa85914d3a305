"""The page over a demo office whose bot is the fake one; scenes take a moment instead of seconds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.demo_office import DemoOffice
from sandbox.page.server import page_app
from sandbox.page.stage import Pace, Stage
from sandbox.telegram import World
from tests.ports import free_port
from tests.sandbox.page.fake_bot import FakeBot

QUICK, SPEED = Pace(outage=0.6, breath=0.02), 50.0


class Page:
    """The page's API as the browser uses it."""

    def __init__(self, url: str, stage: Stage, session: aiohttp.ClientSession) -> None:
        self.url, self.stage, self.session = url, stage, session

    @property
    def world(self) -> World:
        return self.stage.world

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.session.get(self.url + path, headers=headers) as response:
            return response.status, await response.json()

    async def post(self, path: str, body: Mapping[str, Any] | None = None, **headers: str) -> tuple[int, Any]:
        async with self.session.post(self.url + path, json=body or {}, headers=headers) as response:
            return response.status, await response.json()


@pytest.fixture
async def bot() -> AsyncIterator[FakeBot]:
    made = FakeBot(free_port())
    yield made
    await made.kill()


@pytest.fixture
async def stage(bot: FakeBot) -> AsyncIterator[Stage]:
    async with DemoOffice(webhook_base=f"http://127.0.0.1:{bot.port}", speed=SPEED) as office:
        office.telegram.limits.enabled = False
        bot.office = office
        async with Stage(office, bot, QUICK) as entered:
            await bot.start()
            yield entered
            await bot.kill()


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    runner = web.AppRunner(page_app(stage), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield Page(f"http://127.0.0.1:{runner.addresses[0][1]}", stage, session)
    await runner.cleanup()
