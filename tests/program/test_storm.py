"""Thousands of events wait in the inbox: people are served meanwhile, not afterwards."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import func, insert, select

from storage.database import Database
from storage.tables import inbox
from tests.office import ANNA, WEBHOOK_TOKEN
from tests.program.process import a_program
from tests.program.report import Stopwatch, note
from tests.program.test_nothing_is_lost import missed_call
from tests.program.town import Town

#: `./run reliability` sets ten thousand.
EVENTS = int(os.environ.get("RINGDESK_STORM", "2000"))
#: Megabytes by which a storm may make the program larger, however many events it has.
MEMORY = 48


async def test_commands_are_answered_while_thousands_of_events_wait(
    town: Town, database_url: str, tmp_path: Path
) -> None:
    db, world = Database(database_url), town.tg.world
    try:
        async with a_program(tmp_path, town.configuration(database_url)) as program:
            await town.connect()
            before = program.resident
            async with db.write() as tx:
                await tx.execute(insert(inbox), [event(n) for n in range(EVENTS)])
            since = Stopwatch()
            assert await missed_call(program, "79200000000") == 200  # which wakes the worker
            world.say(ANNA, ANNA, "/help")
            await world.until(lambda: world.from_bot(ANNA), timeout=60)
            answered, waiting = since.seconds, await counted(db, "new")
            assert waiting > 0
            await worked(db)
            worked_after, grown = since.seconds, round((program.resident - before) / (1 << 20))
            assert (await counted(db, "done"), await counted(db, "failed")) == (EVENTS + 1, 0)
            assert grown < MEMORY
            note(
                "storm",
                database_url,
                events_in_the_inbox=EVENTS,
                a_command_answered_after_s=answered,
                events_that_waited_then=waiting,
                all_worked_after_s=worked_after,
                memory_grew_MB=grown,
            )
            assert answered <= 1.0
            assert await program.stop() == 0
        assert "Traceback" not in program.log
    finally:
        await db.aclose()


async def worked(db: Database) -> None:
    async with asyncio.timeout(600):
        while True:
            if not await counted(db, "new"):
                return
            await asyncio.sleep(0.5)  # another process does it


def event(n: int) -> dict[str, object]:
    """A call that was answered, so that the chat has nothing to show."""
    said = {"cmd": "history", "crm_token": WEBHOOK_TOKEN, "type": "in", "status": "Success", "phone": f"7910{n:07}"}
    said |= {"callid": f"storm-{n}", "start": "20261120T120000Z", "duration": "60", "wait": "5", "user": "igor"}
    return {
        "pbx_id": "main",
        "key": f"storm {n}",
        "received_at": datetime.now(UTC),
        "body": urlencode(said).encode(),
        "state": "new",
    }


async def counted(db: Database, state: str) -> int:
    async with db.read() as tx:
        return (await tx.execute(select(func.count()).where(inbox.c.state == state))).scalar_one()
