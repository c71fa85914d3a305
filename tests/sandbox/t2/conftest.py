from collections.abc import AsyncIterator

import aiohttp
import pytest

from sandbox.t2 import T2Office, demo_office
from tests.sandbox.t2.program import ACCESS, REFRESH, Api, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def pbx(clock: Clock) -> AsyncIterator[T2Office]:
    async with T2Office(
        demo_office(),
        access_token=ACCESS,
        refresh_token=REFRESH,
        sleep=clock.sleep,
        now=clock.now,
        older_host=True,
    ) as running:
        yield running


@pytest.fixture
async def api(pbx: T2Office) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(session, pbx.url)
