"""`kill -9` at random moments while everything goes on: events, updates, deliveries, timers, token refreshes.

Three rounds here; `./run reliability` sets `RINGDESK_ROUNDS` for more. What a round did is told by its seed.
"""

import asyncio
import os
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, select, update

from sandbox.t2 import T2Office
from sandbox.t2 import demo_office as t2_office
from sandbox.t2.tokens import LIFETIME, Kind
from sandbox.telegram import Message
from sandbox.vats_rest import NobodyAnswers
from storage.database import Database
from storage.tables import calls, cases, inbox, timers, updates
from tests.office import ANNA, IGOR, WEBHOOK_TOKEN
from tests.program.process import Program
from tests.program.report import Stopwatch, note
from tests.program.test_nothing_is_lost import written
from tests.program.town import PATIENCE, Town
from tests.simulators import ACCESS_TOKEN, REFRESH_TOKEN

ROUNDS = int(os.environ.get("RINGDESK_ROUNDS", "3"))
CLIENTS = 6
CALLER = "79100000001"
TWICE = "this may stand here twice"


@pytest.fixture
async def t2(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[T2Office]:
    """Its access tokens live for seconds, so that a refresh is never far."""
    monkeypatch.setitem(LIFETIME, Kind.ACCESS, timedelta(seconds=3))
    async with T2Office(t2_office(), access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN, speed=200) as office:
        yield office


async def test_killed_at_any_moment_nothing_is_lost(
    town: Town, t2: T2Office, database_url: str, tmp_path: Path
) -> None:
    town.tg.limits.enabled = False  # a killed bot has forgotten what it sent
    settings = town.configuration(database_url)
    settings["pbx"].append(
        {
            "id": "second",
            "vendor": "t2",
            "url": t2.url,
            "access_token": ACCESS_TOKEN,
            "refresh_token": REFRESH_TOKEN,
            "poll_seconds": 2,
        }
    )
    program, history, dice = Program(tmp_path, settings), History(), random.Random(20)
    try:
        await program.start()
        await prepared(town)
        for number in range(ROUNDS):
            began = asyncio.create_task(history.goes_on(town, program, number))
            await asyncio.sleep(dice.uniform(0.1, 2.5))
            await program.kill()
            await began
            await program.start()
        await history.retold(program)
        await town.tg.world.until(lambda: history.is_told(town), timeout=120)
        await worked_up(database_url)
        assert await program.stop() == 0
    finally:
        await program.kill_if_alive()
    await history.is_true(town, database_url, kills=ROUNDS)
    assert town.pbx.office.employees["igor"].receives
    tokens_dead = any("refuses our tokens" in one.text for one in town.tg.world.from_bot(ANNA))
    assert tokens_dead or t2.tokens.current.refresh != REFRESH_TOKEN
    assert "Traceback" not in program.log


async def prepared(town: Town) -> None:
    """The chat is connected and Igor is linked."""
    world = town.tg.world
    await town.connect()
    world.say(ANNA, ANNA, "/start")
    world.say(IGOR, IGOR, "/start")
    world.share_contact(IGOR)
    await world.until(lambda: any("Игорь" in one.text for one in world.from_bot(IGOR)), timeout=PATIENCE)


class History:
    """What was accepted, and so must be true in the end."""

    def __init__(self) -> None:
        self.accepted: dict[str, dict[str, str]] = {}
        self.returned: set[str] = set()

    async def goes_on(self, town: Town, program: Program, number: int) -> None:
        """Clients are missed, every third is called back; Igor claims, and goes do-not-disturb."""
        town.tg.world.say(IGOR, IGOR, "/dnd 1m")
        for n in range(CLIENTS):
            client = f"7910{number:03}{n:04}"
            if await self._says(program, missed(client)) and n % 3 == 0 and await self._says(program, back(client)):
                self.returned.add(client)
            for card in town.cards("🔴")[-1:]:
                with suppress(LookupError):
                    town.tg.world.press(IGOR, town.team, card.id, card.button("Mine").data)
            await asyncio.sleep(0.2)

    async def _says(self, program: Program, body: dict[str, str]) -> bool:
        """Whether the PBX was told 200. If not, it says it again later."""
        self.accepted.setdefault(body["callid"], body)
        with suppress(aiohttp.ClientError, TimeoutError):
            async with aiohttp.ClientSession() as http, http.post(f"{program.url}/pbx/main", data=body) as answered:
                return answered.status == 200
        return False

    async def retold(self, program: Program) -> None:
        """A PBX repeats itself: each of its events comes once more."""
        for body in list(self.accepted.values()):
            assert await self._says(program, body)
            if body["type"] == "out":
                self.returned.add(body["phone"])

    @property
    def clients(self) -> set[str]:
        return {body["phone"] for body in self.accepted.values()}

    def is_told(self, town: Town) -> bool:
        shown = town.shown()
        return all(written(one) in shown for one in self.clients) and self.returned == self._green(town)

    def _green(self, town: Town) -> set[str]:
        green = "\n".join(line for line in town.shown().splitlines() if "🟢" in line)
        return {one for one in self.clients if written(one) in green}

    async def is_true(self, town: Town, database_url: str, *, kills: int) -> None:
        """Each event worked once, each card shown once: at most one send for each kill may stand there twice."""
        seen: set[str] = set()
        again = []
        for message in town.tg.world.from_bot(town.team):
            told = {one for one in self.clients if any(written(one) in line for line in headlines(message.text))}
            again += [message] if told & seen else []
            seen |= told
        assert len(again) <= kills
        note(
            "killed at random moments",
            database_url,
            kills=kills,
            events_accepted=len(self.accepted),
            messages_that_came_twice=len(again),
        )
        assert not again or TWICE in town.shown()
        async with opened(database_url) as db, db.read() as tx:
            by_id = Counter((await tx.execute(select(calls.c.call_id))).scalars())
            assert {one: by_id[one] for one in self.accepted} == dict.fromkeys(self.accepted, 1)
            clients = Counter((await tx.execute(select(cases.c.client).where(cases.c.pbx_id == "main"))).scalars())
            assert clients == Counter(f"+{one}" for one in self.clients)
            for table in (inbox, updates):
                states = select(func.count()).where(table.c.state != "done")
                assert (await tx.execute(states)).scalar_one() == 0


def headlines(text: str) -> list[str]:
    """What a message tells of clients: a card's first line, or the lines of a roll."""
    lines = text.splitlines()
    return lines if lines[0].startswith("📞") else lines[:1]


def missed(client: str) -> dict[str, str]:
    return call(client, "m", type="in", status="Missed", duration="15", user="")


def back(client: str) -> dict[str, str]:
    return call(client, "b", type="out", status="Success", duration="60", wait="5", user="igor")


def call(client: str, which: str, **more: str) -> dict[str, str]:
    start = datetime.now(UTC) - timedelta(minutes=5 if which == "m" else 2)
    known = {"cmd": "history", "crm_token": WEBHOOK_TOKEN, "phone": client, "callid": f"{which}{client}"}
    return {**known, "start": f"{start:%Y%m%dT%H%M%SZ}", **more}


class opened:  # reads as what it does
    """The database, looked at from outside."""

    def __init__(self, url: str) -> None:
        self._db = Database(url)

    async def __aenter__(self) -> Database:
        return self._db

    async def __aexit__(self, *_: object) -> None:
        await self._db.aclose()


async def worked_up(database_url: str) -> None:
    """Do-not-disturb ends before its minute is over, so that nobody has to wait for it."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with opened(database_url) as db, asyncio.timeout(30):
        while True:
            async with db.write() as tx:
                due = await tx.execute(update(timers).where(timers.c.kind == "dnd").values(due_at=past))
                waiting = select(func.count()).where(updates.c.state == "new")
                if not due.rowcount and not (await tx.execute(waiting)).scalar_one():
                    return
            await asyncio.sleep(0.5)  # another process does it


async def test_a_recording_that_was_being_sent_comes_again_and_says_so(
    town: Town, sqlite_url: str, tmp_path: Path
) -> None:
    world, program = town.tg.world, Program(tmp_path, town.configuration(sqlite_url))
    town.pbx.sender.url = f"{program.url}/pbx/main"
    try:
        await program.start()
        await prepared(town)
        await town.pbx.calls.client_calls(CALLER, "sales", NobodyAnswers(ring=20))
        await world.until(lambda: town.cards("🔴"), timeout=60)
        world.press(IGOR, town.team, (card := town.cards("🔴")[0]).id, card.button("Call back").data)
        await world.until(lambda: "🟢" in card.text, timeout=60)
        town.tg.weather.hang(methods=["sendAudio"])
        world.press(IGOR, town.team, card.id, card.button("Recording").data)
        await world.until(lambda: town.tg.journal.requests("sendAudio"), timeout=60)
        await program.kill()
        town.tg.weather.clear()
        await program.start()
        await world.until(lambda: sounds(town), timeout=60)
        assert await program.stop() == 0
    finally:
        await program.kill_if_alive()
    [sound] = sounds(town)
    assert "may be here twice" in sound.text
    assert "Traceback" not in program.log


def sounds(town: Town) -> list[Message]:
    return [one for one in town.tg.world.from_bot(town.team) if one.media is not None]


async def test_the_file_as_a_power_cut_leaves_it_opens_and_goes_on(
    town: Town, sqlite_url: str, tmp_path: Path
) -> None:
    """The database and its log copied in the middle of writing: what was answered 200 is in the copy."""
    town.tg.limits.enabled = False
    program, history = Program(tmp_path, town.configuration(sqlite_url)), History()
    (after := tmp_path / "after").mkdir()
    try:
        await program.start()
        await town.connect()
        writing = asyncio.gather(*(history._says(program, missed(f"7910000{n:04}")) for n in range(200)))
        await asyncio.sleep(0.05)
        program.freeze()
        answered = set(history.accepted)
        source = Path(sqlite_url.partition(":///")[2])
        for suffix in ("", "-wal"):
            shutil.copy(f"{source}{suffix}", after / f"ringdesk.db{suffix}")
        program.thaw()
        assert all(await writing)
        await program.kill()
        second = Program(after, town.configuration(copy := f"sqlite+aiosqlite:///{after / 'ringdesk.db'}"))
        await second.start()
        try:
            since = Stopwatch()
            await history.retold(second)
            await town.tg.world.until(lambda: written("79100000199") in town.shown(), timeout=60)
            note("power cut while writing", sqlite_url, events=200, all_shown_after_s=since.seconds)
        finally:
            assert await second.stop() == 0
    finally:
        await program.kill_if_alive()
    assert answered
    await counted(copy, 200)


async def counted(url: str, expected: int) -> None:
    async with opened(url) as db, db.read() as tx:
        query: Any = select(func.count(), func.count(calls.c.call_id.distinct()))
        assert tuple((await tx.execute(query)).one()) == (expected, expected)
