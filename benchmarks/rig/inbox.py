"""An inbox full of what a VATS tells: five `event`s and one `history` a call, and a desk that can work it.

A third of the calls is missed, a third answered, a third dialled by us, to clients of whom some call again. Several
calls go on at any time, so their events are mixed.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bot import app
from bot.settings import checked
from desk.clock import SystemClock
from desk.intake import key_of
from desk.office import Desk
from pbx.vocabulary import Employee, Role
from storage import chats, migrate, people
from storage.arrivals import Arrival, InboxWriter
from storage.database import Database

#: Events that a call is told in.
EVENTS = 6
#: Calls that go on at any time.
AT_ONCE = 20
TEAM = -100500
KEY = "a-webhook-key"
LOGINS = ("anna", "igor", "maria", "oleg")
OURS = "74950000000"
#: How often a client calls in one filling.
REPEATS = 1.25


def bodies(calls: int, began: datetime) -> Iterator[bytes]:
    """Every event of so many calls in the order in which a PBX would tell them."""
    chosen = random.Random(1)
    going_on: list[Iterator[bytes]] = []
    for number in range(calls):
        client = f"7910{chosen.randrange(int(calls / REPEATS)):07}"
        going_on.append(_story(number, client, began + timedelta(seconds=number / 4)))
        while len(going_on) >= AT_ONCE:
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


async def fill(desk: Desk, calls: int) -> int:
    """Put the events of so many calls into the inbox, as the webhook does; how many there are."""
    now = desk.clock.now()
    pbx, writer = desk.pbxes["main"], InboxWriter(desk.db)
    began = now - timedelta(seconds=calls / 4 + 120)
    arrivals = [
        Arrival("main", key_of(pbx.read(body, received_at=now), now), now, body) for body in bodies(calls, began)
    ]
    for start in range(0, len(arrivals), 1000):
        await asyncio.gather(*(writer.put(one) for one in arrivals[start : start + 1000]))
    return len(arrivals)
