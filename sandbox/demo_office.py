"""The company of the demo: its people in Telegram and at the PBX, its clients, and how they set the bot up.

They do so through the front door, by chat messages that a newcomer can read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from sandbox import vats_rest
from sandbox.page.kept import KeptWorld
from sandbox.page.phones import Phones
from sandbox.page.telegram_trace import TracedJournal
from sandbox.page.trace import pretty
from sandbox.page.vats_phones import VatsPhones
from sandbox.telegram import Message, TelegramStandIn, World

TIMEZONE = "Europe/Moscow"
TEAM = -1001000000001
TEAM_TITLE = "Продажи"
WORLD_FILE = "telegram.json"
ANSWER_WITHIN = 15.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the company: the same phone at the PBX and in Telegram, so sharing it links the two."""

    user_id: int
    first_name: str
    last_name: str
    username: str
    login: str
    phone: str
    is_manager: bool = False


ANNA = Person(1001, "Анна", "Смирнова", "anna_demo", "anna", "79000000001", is_manager=True)
IGOR = Person(1002, "Игорь", "Волков", "igor_demo", "igor", "79000000002")
MARIA = Person(1003, "Мария", "Орлова", "maria_demo", "maria", "79000000003")
PEOPLE = (ANNA, IGOR, MARIA)


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody outside. Those with a `responsible` are contacts from the start; the others are numbers."""

    phone: str
    name: str = ""
    responsible: Person | None = None

    @property
    def shown(self) -> str:
        """The name, or the number of somebody unknown."""
        return self.name or pretty(self.phone)


CLIENTS = (
    Client("79000000101", "Ольга Кузнецова", IGOR),
    Client("79000000102", "Пекарня «Колосок»", MARIA),
    Client("79000000103"),
    Client("79000000104"),
)


class DemoOffice:
    """Telegram and every simulated PBX, served on free ports while entered.

    The bot is expected to take webhooks at `webhook_base`. With `kept` the chats are read from that folder and
    written there as they change. `speed` makes the calls' seconds shorter.
    """

    def __init__(self, *, webhook_base: str, kept: Path | None = None, speed: float = 1.0) -> None:
        self.world = KeptWorld()
        self.journal = TracedJournal()
        self.telegram = TelegramStandIn(self.world)
        self.telegram.journal = self.journal
        self.phones: dict[str, Phones] = {
            "main": VatsPhones(vats_rest.demo_office(), id="main", webhook_base=webhook_base, speed=speed),
        }
        self._file = kept / WORLD_FILE if kept else None
        self._stack = AsyncExitStack()

    def speak(self, language: str) -> None:
        """What the people's Telegram is set to."""
        for person in PEOPLE:
            self.world.users[person.user_id] = replace(self.world.users[person.user_id], language_code=language)
        self.world.feed.tell({"kind": "commands"})

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if self._file and self._file.exists():
                self.world.load(self._file.read_bytes())
            populate(self.world)
            if self._file:
                stack.callback(self.world.save, self._file)
            await stack.enter_async_context(self.telegram)
            for phones in self.phones.values():
                await stack.enter_async_context(phones)
            if self._file:
                keeping = asyncio.create_task(self.world.keep(self._file))
                stack.push_async_callback(_ended, keeping)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def populate(world: World) -> None:
    """The people and their team's group, where they are not there yet."""
    for person in PEOPLE:
        if person.user_id not in world.users:
            world.add_user(
                person.first_name,
                id=person.user_id,
                last_name=person.last_name,
                username=person.username,
                phone=person.phone,
                language_code="ru",
            )
        world.private(person.user_id)
    if TEAM not in world.chats:
        world.add_group(TEAM_TITLE, [person.user_id for person in PEOPLE], id=TEAM)


async def set_up(world: World, *, wait: float = ANSWER_WITHIN) -> bool:
    """The manager and the employees make themselves at home, each step once; whether the bot answered every time."""
    steps: list[tuple[Person, int, str]] = []
    for person in PEOPLE:
        steps += [(person, person.user_id, "/start"), (person, person.user_id, "")]
    steps.append((ANNA, TEAM, "/connect main"))
    for client in CLIENTS:
        if client.responsible:
            words = f"/contact +{client.phone} {client.name} | {client.responsible.login}"
            steps.append((ANNA, ANNA.user_id, words))
    answered = [await _once(world, person, chat_id, text, wait) for person, chat_id, text in steps]
    return all(answered)


async def _once(world: World, person: Person, chat_id: int, text: str, wait: float) -> bool:
    """Say `text` (share one's contact if it is empty) unless that was done before, and let the bot answer."""
    done: Callable[[Message], bool] = (lambda one: one.text == text) if text else (lambda one: bool(one.contact))
    if any(done(one) for one in world.messages(chat_id) if one.sender.id == person.user_id):
        return True
    said = world.say(person.user_id, chat_id, text) if text else world.share_contact(person.user_id)
    try:
        await world.until(lambda: any(one.id > said.id for one in world.from_bot(chat_id)), wait)
    except TimeoutError:
        return False
    return True
