"""A Telegram and a PBX that outlive the program."""

from collections.abc import AsyncIterator

import pytest

from sandbox.telegram import TelegramStandIn, World
from sandbox.vats_rest import VatsOffice, demo_office
from tests.office import API_KEY, WEBHOOK_TOKEN
from tests.program.town import Town


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    pbx = VatsOffice(
        demo_office(), webhook_url="http://127.0.0.1:1", crm_token=WEBHOOK_TOKEN, api_key=API_KEY, speed=200
    )
    async with TelegramStandIn(World()) as tg, pbx:
        yield Town(tg, pbx)
