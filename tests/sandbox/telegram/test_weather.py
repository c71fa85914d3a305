"""Outages, as a bot's HTTP client meets them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from sandbox.telegram import TelegramStandIn, User

if TYPE_CHECKING:
    from tests.sandbox.telegram.conftest import Asker


async def test_a_refused_connection_does_nothing(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    tg.weather.refuse()
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask("sendMessage", chat_id=anna.id, text="x")
    tg.weather.clear()
    await ask("sendMessage", chat_id=anna.id, text="after the rain")
    assert [one.text for one in tg.world.messages(anna.id)] == ["after the rain"]
    assert [one.status for one in tg.journal.requests("sendMessage")] == [0, 200]


async def test_a_hanging_request_is_cut_when_the_weather_clears(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    tg.weather.hang(methods=["sendMessage"])
    request = asyncio.create_task(ask("sendMessage", chat_id=anna.id, text="x"))
    await tg.world.until(lambda: tg.journal.requests("sendMessage"))
    await ask("getMe")
    assert not request.done()
    tg.weather.clear()
    with pytest.raises(aiohttp.ClientConnectionError):
        await request
    assert tg.world.messages(anna.id) == []


async def test_a_bad_gateway_answers_with_a_page_of_html(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    tg.weather.status(502, times=1)
    async with ask.session.post(ask.url("sendMessage"), json={"chat_id": anna.id, "text": "x"}) as response:
        assert (response.status, response.content_type) == (502, "text/html")
        assert "502 Bad Gateway" in await response.text()
    assert tg.weather.fair
    assert tg.world.messages(anna.id) == []


async def test_a_truncated_answer_is_no_json(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    tg.weather.truncated()
    async with ask.session.post(ask.url("sendMessage"), json={"chat_id": anna.id, "text": "x"}) as response:
        assert response.status == 200
        with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
            await response.json()
    assert [one.text for one in tg.world.messages(anna.id)] == ["x"]


async def test_a_flood_asks_everybody_to_wait(ask: Asker, tg: TelegramStandIn) -> None:
    tg.weather.flood(37)
    status, body = await ask.answer("getMe")
    assert (status, body["parameters"]) == (429, {"retry_after": 37})


async def test_a_lost_reply_leaves_the_message_standing(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    tg.weather.lose_reply()
    await ask("getMe")
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask("sendMessage", chat_id=anna.id, text="did it arrive?")
    await ask("sendMessage", chat_id=anna.id, text="next")
    assert [one.text for one in tg.world.messages(anna.id)] == ["did it arrive?", "next"]


async def test_an_outage_ends_the_long_poll_that_waits(ask: Asker, tg: TelegramStandIn) -> None:
    poll = asyncio.create_task(ask.answer("getUpdates", timeout=50))
    await tg.world.until(lambda: tg.journal.requests("getUpdates"))
    tg.weather.refuse()
    with pytest.raises(aiohttp.ClientConnectionError):
        await poll


async def test_a_stand_in_that_was_stopped_comes_back_at_the_same_address(
    ask: Asker, tg: TelegramStandIn, anna: User
) -> None:
    address = tg.url
    await tg.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask.session.get(f"{address}/bot{tg.token}/getMe")
    await tg.start()
    assert tg.url == address
    await ask("getMe")
