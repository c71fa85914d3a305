from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from sandbox.vats_form import VatsFormOffice, demo_office
from tests.sandbox.vats_form.form import KEY, Form
from tests.sandbox.vats_rest.program import TOKEN, Clock, Program


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
async def webhook_url(program: Program) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/pbx/second", program.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/pbx/second"
    await runner.cleanup()


@pytest.fixture
async def pbx(webhook_url: str, clock: Clock) -> AsyncIterator[VatsFormOffice]:
    async with VatsFormOffice(
        demo_office(),
        webhook_url=webhook_url,
        crm_token=TOKEN,
        token=KEY,
        sleep=clock.sleep,
        now=clock.now,
        retry_sleep=clock.sleep,
        connections=8,
    ) as running:
        yield running


@pytest.fixture
async def form(pbx: VatsFormOffice) -> AsyncIterator[Form]:
    async with aiohttp.ClientSession() as session:
        yield Form(session, pbx.url)
