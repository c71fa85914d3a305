from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from sandbox.phonet import PhonetOffice, demo_office
from tests.sandbox.phonet.program import DOMAIN, KEY, Api, Clock, Program


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
async def webhook_url(program: Program) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/pbx/main", program.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/pbx/main"
    await runner.cleanup()


@pytest.fixture
async def pbx(webhook_url: str, clock: Clock) -> AsyncIterator[PhonetOffice]:
    async with PhonetOffice(
        demo_office(),
        webhook_url=webhook_url,
        api_key=KEY,
        domain=DOMAIN,
        sleep=clock.sleep,
        now=clock.now,
        retry_sleep=clock.sleep,
        connections=8,
    ) as running:
        yield running


@pytest.fixture
async def stranger(pbx: PhonetOffice) -> AsyncIterator[Api]:
    """Nobody has authorized yet."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Api(http, pbx.url)


@pytest.fixture
async def api(stranger: Api) -> Api:
    await stranger.authorize()
    return stranger
