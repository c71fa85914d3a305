"""The real process over real sockets: killed, cut off from Telegram, in both modes and on both databases."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from sandbox.telegram import World
from sandbox.vats_rest import NobodyAnswers
from tests.office import ANNA, IGOR, WEBHOOK_TOKEN
from tests.ports import free_port
from tests.program.process import Program, a_program
from tests.program.report import Stopwatch, note
from tests.program.town import PATIENCE, Town


async def test_what_was_accepted_before_a_kill_is_shown_after_it(
    town: Town, database_url: str, tmp_path: Path
) -> None:
    """Telegram is down, 300 missed calls are accepted, the process is killed: after a restart all 300 are visible."""
    async with a_program(tmp_path, town.configuration(database_url)) as program:
        await town.connect()
        town.tg.weather.refuse()
        numbers = [f"7910{n:07}" for n in range(300)]
        accepted = await asyncio.gather(*(missed_call(program, number) for number in numbers))
        assert accepted == [200] * 300
        await program.kill()
        assert "300" not in town.shown()
        town.tg.weather.clear()
        since = Stopwatch()
        await program.start()
        await town.tg.world.until(lambda: all(written(number) in town.shown() for number in numbers), timeout=90)
        note(
            "300 missed calls while Telegram is down, then killed",
            database_url,
            all_visible_after_s=since.seconds,
            refused_by_Telegram=town.tg.limits.refused,
        )
        assert town.tg.limits.refused <= 3
        assert await program.stop() == 0
    assert "Traceback" not in program.log


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_call_becomes_a_card_and_is_called_back(
    town: Town, database_url: str, tmp_path: Path, mode: str
) -> None:
    """The main story, in polling and in webhook mode, on SQLite and on PostgreSQL, configured by hand."""
    world = town.tg.world
    telegram = {"token": town.tg.token, "api_url": town.tg.url, "admins": [ANNA], "mode": mode}
    settings = town.configuration(database_url, telegram=telegram)
    settings["http"]["public_url"] = f"http://127.0.0.1:{(port := free_port())}"
    program = Program(tmp_path, settings, port=port)
    town.pbx.sender.url = f"{program.url}/pbx/main"
    try:
        await program.start()
        await town.connect()
        world.say(IGOR, IGOR, "/start")
        world.share_contact(IGOR)
        await world.until(lambda: "Игорь" in town_texts(world, IGOR), timeout=PATIENCE)
        await town.pbx.calls.client_calls("79100000001", "sales", NobodyAnswers(ring=20))
        await world.until(lambda: town.cards("🔴"), timeout=PATIENCE)
        [card] = town.cards("🔴")
        press = world.press(IGOR, town.team, card.id, card.button("Call back").data)
        assert "phone" in (await press.answer(timeout=PATIENCE)).text
        await world.until(lambda: "🟢" in world.message(town.team, card.id).text, timeout=PATIENCE)
        assert "Игорь" in world.message(town.team, card.id).text
        assert await program.stop() == 0
    finally:
        await program.kill_if_alive()
    assert "Traceback" not in program.log


async def missed_call(program: Program, number: str) -> int:
    body = {"cmd": "history", "crm_token": WEBHOOK_TOKEN, "type": "in", "status": "Missed", "phone": number}
    body |= {"callid": f"call-{number}", "duration": "15", "user": ""}
    async with aiohttp.ClientSession() as http, http.post(f"{program.url}/pbx/main", data=body) as response:
        return response.status


def written(number: str) -> str:
    """As people write it."""
    return f"+7 {number[1:4]} {number[4:7]}-{number[7:9]}-{number[9:]}"


def town_texts(world: World, chat_id: int) -> str:
    return "\n".join(message.text for message in world.from_bot(chat_id))


async def test_it_stops_in_time_while_telegram_hangs(town: Town, sqlite_url: str, tmp_path: Path) -> None:
    async with a_program(tmp_path, town.configuration(sqlite_url)) as program:
        await town.connect()
        town.tg.weather.hang()
        assert await missed_call(program, "79100000001") == 200
        await town.tg.world.until(lambda: town.tg.journal.requests("sendMessage")[1:])
        assert await program.stop() == 0
        town.tg.weather.clear()
        await program.start()
        await town.tg.world.until(lambda: "+7 910 000-00-01" in town.shown(), timeout=PATIENCE)
        assert await program.stop() == 0


async def test_it_lives_and_takes_webhooks_while_telegram_is_out(town: Town, sqlite_url: str, tmp_path: Path) -> None:
    town.tg.weather.status(502)
    async with a_program(tmp_path, town.configuration(sqlite_url)) as program, aiohttp.ClientSession() as http:
        assert await missed_call(program, "79100000001") == 200
        async with http.get(f"{program.url}/readyz") as response:
            assert response.status == 503
            assert "telegram" in {wrong["part"] for wrong in await response.json()}
        town.tg.weather.clear()
        await town.connect()
        assert await program.stop() == 0
