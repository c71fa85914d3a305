"""`ringdesk demo` as a command, and what it keeps from run to run."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.demo import Demo, DemoFailed
from sandbox.demo_office import ANNA, CLIENTS, TEAM, WORLD_FILE
from sandbox.page.stage import Pace

#: What the issue allows for ending; starting is as slow as the machine.
ENDS_WITHIN, STARTS_WITHIN = 10.0, 120.0
PACE = Pace(ring=1, talk=1, breath=0.1)


@asynccontextmanager
async def command(*arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--no-browser", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environment},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()  # not killed: it has a bot of its own to end
        async with asyncio.timeout(ENDS_WITHIN):
            await process.communicate()


async def bot_is_up(session: aiohttp.ClientSession, url: str) -> None:
    """As the page learns it: by the state first, by the stream from then on."""
    async with session.get(url + "api/stream") as stream, asyncio.timeout(STARTS_WITHIN):
        async for line in stream.content:
            change: dict[str, Any] = json.loads(line[6:]) if line.startswith(b"data: ") else {}
            if change.get("kind") == "hello":
                async with session.get(url + "api/state") as response:
                    change = await response.json()
            if change.get("status", {}).get("bot") == "up":
                return


def left_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def settings_in(folder: Path) -> dict[str, Any]:
    """The configuration, which nobody else may read: it holds keys."""
    path = folder / "ringdesk.toml"
    assert path.stat().st_mode & 0o077 == 0
    return tomllib.loads(path.read_text(encoding="utf-8"))


async def test_it_says_where_it_is_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    async with command("--port", "0", TMPDIR=str(tmp_path)) as process, aiohttp.ClientSession() as session:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, line
        await bot_is_up(session, found[0])
        (folder,) = left_in(tmp_path)
        port = settings_in(folder)["http"]["port"]
        async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
            assert response.status == 200
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), ENDS_WITHIN) == 0
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"http://127.0.0.1:{port}/healthz")
    assert left_in(tmp_path) == []


async def test_ctrl_c_before_the_bot_is_up_ends_it_as_well(tmp_path: Path) -> None:
    async with command("--port", "0", TMPDIR=str(tmp_path)) as process:
        assert process.stdout is not None
        await process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(process.wait(), ENDS_WITHIN) == 0


async def test_a_taken_port_is_one_line_that_says_what_to_do() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with command("--port", str(port)) as process:
        output, _ = await process.communicate()
    server.close()
    await server.wait_closed()
    assert process.returncode == 1
    (line,) = output.decode().splitlines()
    assert f"Port {port}" in line
    assert "--port" in line


async def test_a_kept_demo_goes_on_where_it_ended(tmp_path: Path) -> None:
    client = CLIENTS[0]
    async with Demo(0, tmp_path, kept=True, language="en", pace=PACE) as first:
        await first.begin()
        await first.stage.missed_call(first.office.phones["main"], client)
        card = await first.stage.card_of(client, 60)
        assert card is not None
        # Once the next question is answered, the card's sending is behind the bot.
        first.office.world.say(ANNA.user_id, ANNA.user_id, "/help")
        await first.office.world.until(lambda: "/dnd" in first.office.world.from_bot(ANNA.user_id)[-1].text, 60)
    async with Demo(0, tmp_path, kept=True, language="en", pace=PACE) as second:
        await second.begin()
        world = second.office.world
        said = [one.text for one in world.messages(TEAM) if one.sender.id == ANNA.user_id]
        assert said == [f"/connect {pbx_id}" for pbx_id in ("main", "form", "phonet", "t2")]
        await second.stage.missed_call(second.office.phones["main"], client)
        counted = await world.until(lambda: "2 times" in world.message(TEAM, card.id).text, 60)
        assert counted


async def test_chats_without_their_database_are_not_kept(tmp_path: Path) -> None:
    (tmp_path / WORLD_FILE).write_text("[]")
    async with Demo(0, tmp_path, kept=True, language="en") as running:
        assert running.office.world.messages(TEAM) == []


async def test_a_bot_that_does_not_start_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    async with Demo(0, tmp_path, kept=False, language="en") as running:
        (tmp_path / "ringdesk.toml").write_text("[telegram]\n")
        with pytest.raises(DemoFailed, match=r"telegram\.token"):
            await running.begin()
        assert running.bot.state == "down"
