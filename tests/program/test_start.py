"""`ringdesk run` as an operator starts it, by a Python that has imported nothing yet: it takes events first."""

import asyncio
import re
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from desk.ledger import NOTICES
from storage import chats
from storage.database import Database
from tests.office import WEBHOOK_TOKEN
from tests.ports import free_port
from tests.program.process import START_WITHIN, toml
from tests.program.test_nothing_is_lost import written
from tests.program.town import PATIENCE, Town

CLIENT = "79100000001"
MISSED = {"cmd": "history", "type": "in", "status": "Missed", "phone": CLIENT, "callid": "c1", "user": ""}
#: Slow to import, and nothing that an event needs.
SLOW = {"aiogram", "apscheduler", "httpx", "prometheus_client", "sqlalchemy"}
#: Nobody asks for a picture here, and the database has the schema.
NEVER = {"alembic", "matplotlib", "typer"}


def imported(log: str) -> set[str]:
    """What Python says it has imported, packages alone."""
    return set(re.findall(r"^import time:.*\| +(\w+)", log, re.MULTILINE))


async def connected(town: Town, url: str) -> None:
    """The team's chat was connected when the program ran before."""
    db = Database(url)
    async with db.write() as tx:
        await chats.meet(db, tx, town.team, "supergroup", "Sales")
        await chats.bind(db, tx, town.team, 0, "main", NOTICES, datetime.now(UTC))
    await db.aclose()


async def first_answer(url: str) -> int:
    """To an event that is told as soon as somebody listens."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(START_WITHIN):
        while True:
            try:
                async with http.post(url, data={"crm_token": WEBHOOK_TOKEN, **MISSED}) as answered:
                    return answered.status
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.02)  # another process has no event of ours to wait for


async def test_an_event_is_taken_before_the_slow_parts_are_imported_and_then_shown(
    town: Town, sqlite_url: str, tmp_path: Path
) -> None:
    await connected(town, sqlite_url)
    configuration = town.configuration(sqlite_url)
    configuration["http"] = {"host": "127.0.0.1", "port": (port := free_port())}
    config, log = tmp_path / "ringdesk.toml", tmp_path / "ringdesk.log"
    config.write_text(toml(configuration), encoding="utf-8")
    command = [sys.executable, "-X", "importtime", "-m", "bot", "run", "--config", str(config)]
    with log.open("wb") as said:
        program = await asyncio.create_subprocess_exec(*command, stdout=said, stderr=said)
    try:
        assert await first_answer(f"http://127.0.0.1:{port}/pbx/main") == 200
        await town.tg.world.until(lambda: written(CLIENT) in town.shown(), timeout=PATIENCE)
        program.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(program.wait(), START_WITHIN) == 0
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
    before, opened, after = log.read_text(encoding="utf-8").partition("Ringdesk takes events")
    assert opened
    assert "Traceback" not in after
    assert imported(before) & (SLOW | NEVER | {"aiohttp"}) == {"aiohttp"}
    assert imported(after) & (SLOW | NEVER) == SLOW
    in_order = re.findall(r"^import time:.*\| +(\S+)", after, re.MULTILINE)
    of_telegram = [name for name in in_order if name.startswith(("aiogram.", "handlers.chat.library"))]
    assert of_telegram[0] == "handlers.chat.library", "the models of the library are not put off"
