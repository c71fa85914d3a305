"""The company of the demo: Telegram with its people, four PBXs, and how the people set the bot up.

They do so through the front door, by chat messages that a newcomer can read.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from sandbox.demo_pbxes import four_pbxes
from sandbox.demo_people import ANNA, CLIENTS, IGOR, MARIA, PEOPLE, Client, Person
from sandbox.page.kept import KeptWorld
from sandbox.page.phones import Phones
from sandbox.page.telegram_trace import TracedJournal
from sandbox.telegram import Limits, Message, TelegramStandIn, World
from sandbox.telegram.state import real_clock

TIMEZONE = "Europe/Moscow"
TEAM = -1001000000001
TEAM_TITLE = "Продажи"
MANAGERS = -1001000000002
MANAGERS_TITLE = "Руководители"
WORLD_FILE = "telegram.json"
ANSWER_WITHIN = 15.0


__all__ = ["ANNA", "CLIENTS", "IGOR", "MARIA", "PEOPLE", "Client", "DemoOffice", "Person"]


class DemoOffice:
    """Telegram and every simulated PBX, served on free ports while entered.

    The bot is expected to take webhooks at `webhook_base`. With `kept` the chats are read from that folder and
    written there as they change. `speed` makes the calls' seconds shorter; `now` is everybody's clock.
    """

    def __init__(
        self,
        *,
        webhook_base: str,
        kept: Path | None = None,
        speed: float = 1.0,
        now: Callable[[], datetime] = real_clock,
    ) -> None:
        self.now = now
        self.bot_url = webhook_base
        self.world = KeptWorld(clock=now)
        self.journal = TracedJournal()
        self.telegram = TelegramStandIn(self.world, limits=Limits(clock=now))
        self.telegram.journal = self.journal
        self.phones: dict[str, Phones] = four_pbxes(webhook_base, speed, now)
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
    """The people, their team's group and the managers', where they are not there yet."""
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
    if MANAGERS not in world.chats:
        world.add_group(MANAGERS_TITLE, [person.user_id for person in PEOPLE if person.is_manager], id=MANAGERS)


async def set_up(world: World, pbxes: Collection[str], *, wait: float = ANSWER_WITHIN) -> bool:
    """The manager and the employees make themselves at home, each step once; whether the bot answered every time.

    The managers' chat takes what comes from the first PBX; see `connect_managers`.
    """
    chats: list[list[tuple[Person, int, str]]] = [
        [(person, person.user_id, "/start"), (person, person.user_id, "")] for person in PEOPLE
    ]
    chats.append([(ANNA, TEAM, f"/connect {pbx_id}") for pbx_id in pbxes])
    chats.append([(ANNA, ANNA.user_id, _contact(one, one.responsible)) for one in CLIENTS if one.responsible])
    # The manager comes first; then everybody writes in a chat of their own.
    answered = await _said(world, chats[0], wait)
    others = (_said(world, steps, wait) for steps in chats[1:])
    return all([answered, *await asyncio.gather(*others, connect_managers(world, next(iter(pbxes)), wait=wait))])


async def connect_managers(world: World, pbx_id: str, *, wait: float = ANSWER_WITHIN) -> bool:
    """Once for a PBX: Anna connects it, and presses herself through `/settings` to what a managers' chat takes."""
    done = [one.text for one in world.messages(MANAGERS) if one.sender.id == ANNA.user_id]
    connecting = f"/connect {pbx_id}"
    if connecting in done and "/settings" in done[done.index(connecting) :]:
        return True
    if not await _once(world, ANNA, MANAGERS, connecting, wait):
        return False
    asked = world.say(ANNA.user_id, MANAGERS, "/settings")
    try:
        page = await world.until(lambda: next((m for m in world.from_bot(MANAGERS) if m.id > asked.id), None), wait)
        assert page is not None
        await _press_on(world, page, r"s:kinds:", wait)
        preset = r"s:kinds\.\d+:bosses"
        if not await world.until(lambda: _on(page, preset) or _on(page, r"s:kinds\.\d+:"), wait):
            return False
        if not _on(page, preset):
            await _press_on(world, page, r"s:kinds\.\d+:", wait, label=pbx_id)
        await _press_on(world, page, preset, wait)
    except TimeoutError:
        return False
    return True


def _on(message: Message, data: str, label: str = "") -> list[str]:
    """What is behind its buttons of which all of the data and a word of the label are like that."""
    every = [one for row in message.buttons for one in row if not label or label in one.text.split()]
    return [one.data for one in every if one.data and re.fullmatch(data, one.data)]


async def _press_on(world: World, message: Message, data: str, wait: float, label: str = "") -> None:
    """Once the button is there. Raises TimeoutError."""
    found = await world.until(lambda: _on(message, data, label), wait)
    await world.press(ANNA.user_id, message.chat_id, message.id, found[0]).answer(wait)


def _contact(client: Client, responsible: Person) -> str:
    """By the name, which is the same at every PBX."""
    return f"/contact +{client.phone} {client.name} | {responsible.name}"


async def _said(world: World, steps: Iterable[tuple[Person, int, str]], wait: float) -> bool:
    answered = [await _once(world, person, chat_id, text, wait) for person, chat_id, text in steps]
    return all(answered)


def introduced(world: World, pbx_id: str) -> bool:
    """Whether the people have said who they are at that PBX."""
    return all(_has_said(world, one, one.user_id, _link(one, pbx_id)) for one in PEOPLE)


async def introduce(world: World, pbx_id: str, *, wait: float = ANSWER_WITHIN) -> None:
    """At a PBX that tells nobody's number each says who they are, and the manager says yes to the others."""
    await asyncio.gather(*(_introduce(world, one, pbx_id, wait) for one in PEOPLE))


async def _introduce(world: World, person: Person, pbx_id: str, wait: float) -> None:
    if _has_said(world, person, person.user_id, _link(person, pbx_id)):
        return
    if not await _once(world, person, person.user_id, _link(person, pbx_id), wait) or person.is_manager:
        return

    def asked() -> list[Message]:
        open_requests = (one for one in world.from_bot(ANNA.user_id) if one.buttons and one.buttons[0][0].data)
        return [one for one in open_requests if f"{person.name} ({person.ext})" in one.text]

    try:
        (request, *_) = await world.until(asked, wait)
        await world.press(ANNA.user_id, ANNA.user_id, request.id, request.buttons[0][0].data).answer(wait)
    except TimeoutError:
        return


def _link(person: Person, pbx_id: str) -> str:
    return f"/link {pbx_id}:{person.ext}"


def _has_said(world: World, person: Person, chat_id: int, text: str) -> bool:
    """An empty text is a contact that was shared."""
    done: Callable[[Message], bool] = (lambda one: one.text == text) if text else (lambda one: bool(one.contact))
    return any(done(one) for one in world.messages(chat_id) if one.sender.id == person.user_id)


async def _once(world: World, person: Person, chat_id: int, text: str, wait: float) -> bool:
    """Say `text` (share one's contact if it is empty) unless that was done before, and let the bot answer."""
    if _has_said(world, person, chat_id, text):
        return True
    said = world.say(person.user_id, chat_id, text) if text else world.share_contact(person.user_id)
    try:
        await world.until(lambda: any(one.id > said.id for one in world.from_bot(chat_id)), wait)
    except TimeoutError:
        return False
    return True
