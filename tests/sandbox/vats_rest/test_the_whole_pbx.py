"""Started, stopped, and played faster than life."""

import asyncio
import time

import aiohttp

from sandbox.vats_rest import NobodyAnswers, Outage, VatsOffice, demo_office
from tests.sandbox.vats_rest.program import KEY, TOKEN, Api, Program


async def test_speed_shortens_the_play_and_not_what_is_told(webhook_url: str, program: Program) -> None:
    began = time.monotonic()
    async with VatsOffice(demo_office(), webhook_url=webhook_url, crm_token=TOKEN, api_key=KEY, speed=1000) as pbx:
        await pbx.calls.client_calls("79000012345", "sales", NobodyAnswers(60))
        await pbx.calls.settled()
    assert program.last("history")["duration"] == "60"
    assert time.monotonic() - began < 10


async def test_it_stops_with_calls_in_progress_requests_hanging_and_webhooks_undelivered() -> None:
    async with aiohttp.ClientSession() as session:
        async with VatsOffice(demo_office(), webhook_url="http://127.0.0.1:1/", crm_token=TOKEN, api_key=KEY) as pbx:
            watch = pbx.sender.watch()
            pbx.calls.start(pbx.calls.client_calls("79000012345", "sales", NobodyAnswers(600)))
            assert (await anext(watch)).cmd == "contact"
            assert (await anext(watch)).status is None
            assert pbx.sender.undelivered > 0
            pbx.outage = Outage.HANG
            hanging = asyncio.create_task(Api(session, pbx.url)("GET", "/users"))
            await pbx.server.arrived.wait()
        assert (await hanging)["info"]["total"] == 5
    assert pbx.sender.undelivered == 0


async def test_two_offices_do_not_share_their_state(webhook_url: str) -> None:
    first, second = demo_office(), demo_office()
    first.departments["sales"].members.clear()
    first.restrictions.main.append("CIS")
    first.music["ringback"] = "music-1"
    assert second == demo_office()
