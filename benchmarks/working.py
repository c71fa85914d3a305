"""How fast a filled inbox is worked: the real worker and rules, and beside it what the disk does for one commit each.

    python -m benchmarks.working [--calls 2000] [--at-once 20] [--database URL] [--live] [--profile] [--statements]

Five `event`s and one `history` a call, as a VATS tells them. A third of the calls is missed, a third answered, a
third dialled by us, to clients of whom some call again. `--at-once` calls go on at any time: their events are mixed.
"""

import argparse
import asyncio
import cProfile
import os
import pstats
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiosqlite
from sqlalchemy import event

from bot import app
from bot.settings import checked
from desk.clock import SystemClock
from desk.inbox_worker import InboxWorker
from desk.intake import key_of
from desk.office import Desk
from pbx.vocabulary import Employee, Role
from storage import chats, inbox, migrate, people
from storage.database import Database
from storage.inbox import Arrival, InboxWriter

TEAM = -100500
KEY = "a-webhook-key"
LOGINS = ("anna", "igor", "maria", "oleg")
OURS = "74950000000"
#: How often a client calls in one filling.
REPEATS = 1.25


def bodies(calls: int, at_once: int, began: datetime) -> Iterator[bytes]:
    """Every event of so many calls in the order in which a PBX would tell them."""
    chosen = random.Random(1)
    going_on: list[Iterator[bytes]] = []
    for number in range(calls):
        client = f"7910{chosen.randrange(int(calls / REPEATS)):07}"
        going_on.append(_story(number, client, began + timedelta(seconds=number / 4)))
        while len(going_on) >= at_once:
            yield from _one_of(going_on, chosen)
    while going_on:
        yield from _one_of(going_on, chosen)


def _one_of(going_on: list[Iterator[bytes]], chosen: random.Random) -> Iterator[bytes]:
    story = chosen.choice(going_on)
    body = next(story, None)
    if body is None:
        going_on.remove(story)
    else:
        yield body


def _story(number: int, client: str, began: datetime) -> Iterator[bytes]:
    about = {"crm_token": KEY, "callid": f"call-{number}", "phone": client, "diversion": OURS}
    department = {"groupRealName": "Sales"}
    first, second = LOGINS[number % 4], LOGINS[(number + 1) % 4]
    kinds = _KINDS[number % 3]
    for place, (kind, whose) in enumerate(kinds):
        said = {"cmd": "event", "type": kind, "user": (first, second)[whose], "start": _stamp(began, place * 4)}
        yield urlencode(about | department | said).encode()
    ended = {"cmd": "history", "start": _stamp(began, 0), "type": "out" if number % 3 == 2 else "in"}
    if number % 3 == 0:
        ended |= {"status": "Missed", "duration": "20", **department}
    else:
        link = f"https://example.com/records/{number}.mp3"
        ended |= {"status": "Success", "duration": "64", "wait": "9", "user": first, "link": link}
    yield urlencode(about | ended).encode()


_KINDS: tuple[tuple[tuple[str, int], ...], ...] = (
    (("INCOMING", 0), ("INCOMING", 1), ("CANCELLED", 0), ("INCOMING", 0), ("CANCELLED", 1)),
    (("INCOMING", 0), ("INCOMING", 1), ("ACCEPTED", 0), ("CANCELLED", 1), ("COMPLETED", 0)),
    (("OUTGOING", 0), ("OUTGOING", 0), ("ACCEPTED", 0), ("ACCEPTED", 0), ("COMPLETED", 0)),
)


def _stamp(began: datetime, seconds: int) -> str:
    return (began + timedelta(seconds=seconds)).strftime("%Y%m%dT%H%M%SZ")


@asynccontextmanager
async def an_office(url: str, *, live: bool = False) -> AsyncIterator[Desk]:
    """A desk with one PBX and the chat of a team, on a migrated database."""
    pbx = {"id": "main", "vendor": "vats_form", "url": "http://127.0.0.1:9", "key": "k", "webhook_token": KEY}
    written = {"telegram": {"token": "1:x", "admins": [1]}, "database": {"url": url}, "pbx": [pbx]}
    settings = checked(written, Path("ringdesk.toml"))
    db = Database(url)
    try:
        desk = app.desk(settings, db, SystemClock())
        await migrate.upgrade(db)
        await _connect(desk, {"live": True} if live else {})
        yield desk
        for one in desk.pbxes.values():
            await one.close()
    finally:
        await db.aclose()


async def _connect(desk: Desk, settings: dict[str, Any]) -> None:
    now = desk.clock.now()
    async with desk.db.write() as tx:
        await chats.meet(desk.db, tx, TEAM, "supergroup", "Sales")
        await chats.bind(desk.db, tx, TEAM, 0, "main", ("missed", "ratings", "summary"), now)
        await chats.change_settings(tx, TEAM, settings)
        staff = [Employee(login=one, name=one.title(), role=Role.EMPLOYEE) for one in LOGINS]
        await people.save_employees(desk.db, tx, "main", staff)


async def fill(desk: Desk, calls: int, at_once: int) -> int:
    """Put the events of so many calls into the inbox, as the webhook does; how many there are."""
    now = desk.clock.now()
    pbx, writer = desk.pbxes["main"], InboxWriter(desk.db)
    began = now - timedelta(seconds=calls / 4 + 120)
    arrivals = [
        Arrival("main", key_of(pbx.read(body, received_at=now), now), now, body)
        for body in bodies(calls, at_once, began)
    ]
    for start in range(0, len(arrivals), 1000):
        await asyncio.gather(*(writer.put(one) for one in arrivals[start : start + 1000]))
    return len(arrivals)


async def one_commit_each(folder: Path, bodies: Sequence[bytes]) -> float:
    """Events a second that raw aiosqlite stores with one commit each, journal and fsync as we have them."""
    async with aiosqlite.connect(folder / "raw.db", isolation_level=None) as raw:
        await raw.execute("PRAGMA journal_mode=WAL")
        await raw.execute("PRAGMA synchronous=FULL")
        await raw.execute("CREATE TABLE inbox (id INTEGER PRIMARY KEY, body BLOB)")
        began = time.perf_counter()
        for body in bodies:
            await raw.execute("BEGIN IMMEDIATE")
            await raw.execute("INSERT INTO inbox (body) VALUES (?)", (body,))
            await raw.commit()
        return len(bodies) / (time.perf_counter() - began)


class Stalls:
    """How long the event loop was away at a time."""

    def __init__(self) -> None:
        self.longest: list[float] = []
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = sorted([*self.longest, time.perf_counter() - asked - 0.001])[-5:]

    def stop(self) -> str:
        self._watching.cancel()
        return " ".join(f"{one * 1000:.0f}" for one in reversed(self.longest))


async def main(chosen: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = chosen.database or f"sqlite+aiosqlite:///{folder / 'work.db'}"
        raw = await one_commit_each(folder, list(bodies(500, chosen.at_once, datetime.now(UTC))))
        async with an_office(url, live=chosen.live) as desk:
            events = await fill(desk, chosen.calls, chosen.at_once)
            said: Counter[str] = Counter()
            if chosen.statements:
                event.listen(
                    desk.db.engine.sync_engine, "before_cursor_execute", lambda *a: said.update([a[2][:110]])
                )
            profile = cProfile.Profile()
            stalls = Stalls()
            await asyncio.sleep(0)
            began, cpu = time.perf_counter(), time.process_time()
            if chosen.profile:
                profile.enable()
            await InboxWorker(desk).settle()
            profile.disable()
            took, spent = time.perf_counter() - began, time.process_time() - cpu
            async with desk.db.read() as tx:
                left = await inbox.standing(tx)
            assert (left.waiting, left.failed) == (0, 0)
            print(f"{events} events: {events / took:.0f}/s, {spent / events * 1000:.3f} ms of CPU each")
            print(f"one commit each, raw: {raw:.0f}/s; share {events / took / raw:.2f}; stalls, ms: {stalls.stop()}")
    for statement, count in said.most_common(60):
        print(f"{count / chosen.calls:8.2f} a call  {' '.join(statement.split())}")
    if chosen.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=20)
    parser.add_argument("--database", default=os.environ.get("RINGDESK_BENCH_DATABASE", ""))
    for switch in ("live", "profile", "statements"):
        parser.add_argument(f"--{switch}", action="store_true")
    asyncio.run(main(parser.parse_args()))
