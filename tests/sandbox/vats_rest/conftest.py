from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from sandbox.vats_rest import VatsOffice, demo_office
from tests.sandbox.vats_rest.program import KEY, TOKEN, Api, Clock, Program


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
async def pbx(webhook_url: str, clock: Clock) -> AsyncIterator[VatsOffice]:
    async with VatsOffice(
        demo_office(),
        webhook_url=webhook_url,
        crm_token=TOKEN,
        api_key=KEY,
        limited_keys={"weak": {"telnums.get"}},
        sleep=clock.sleep,
        now=clock.now,
        retry_sleep=clock.sleep,
        connections=8,
    ) as running:
        yield running


@pytest.fixture
async def api(pbx: VatsOffice) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(session, pbx.url)
