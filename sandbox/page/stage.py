"""Where scenes are played: the office, the bot's process, the trace, and what a scene often needs of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, Self
from zoneinfo import ZoneInfo

from sandbox.demo_office import TEAM, TIMEZONE, DemoOffice, introduce, introduced
from sandbox.demo_people import CLIENTS, CLIENTS_OF, Client, Person, strangers
from sandbox.page.phones import Mood, Phones
from sandbox.page.telegram_trace import watch_telegram
from sandbox.page.trace import Trace
from sandbox.telegram import Button, Message

BotState = Literal["up", "starting", "down"]
#: The card's button for calling back, whatever the language.
CALL_BACK = "📞"
#: How long a press on it may take to become a call.
RINGS_WITHIN = 8.0


class Bot(Protocol):
    """The bot's process. `on_change` is called whenever its `state` or `language` changed."""

    on_change: Callable[[], None]

    @property
    def state(self) -> BotState: ...

    @property
    def language(self) -> str: ...

    async def start(self) -> None:
        """Returns when it answers; RuntimeError if it won't."""

    async def caught_up(self) -> None:
        """Returns once it has worked what it took, and told it or put it by for later; or is no more."""

    async def kill(self) -> None:
        """kill -9: it gets no chance to say goodbye."""

    async def speak(self, language: str) -> None:
        """Change the office's language; a bot that runs is restarted for it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a scene takes, in seconds. Tests shorten what only lets a person watch."""

    ring: float = 4.0
    talk: float = 8.0
    outage: float = 60.0
    breath: float = 1.5


@dataclass
class Stage:
    """Enter it to have the trace written; scenes take it as their only argument beside the PBX."""

    office: DemoOffice
    bot: Bot
    pace: Pace = Pace()
    playing: set[str] = field(default_factory=set)
    outage_until: datetime | None = None
    skip: Callable[[timedelta], None] | None = None
    """Moves everybody's clock forward; None where that is impossible."""

    def __post_init__(self) -> None:
        self.world = self.office.world
        self.trace = Trace(self.world.feed.tell, now=self.office.now)
        #: The one story of a client that several scenes go on with is told by one scene at a time.
        self.story = asyncio.Lock()
        self._strangers = {phones.country: strangers(phones.country) for phones in self.office.phones.values()}
        #: Whose call a scene was about last.
        self.latest: Client | None = None
        self._latest_of: dict[str, Client] = {}
        self._turns: dict[Client, int] = {}
        self._introducing = asyncio.Lock()
        #: Cleared while the people set the bot up: scenes wait for them.
        self.settled = asyncio.Event()
        self.settled.set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.bot.on_change = self.tell_status
        watching = [asyncio.create_task(watch_telegram(self.world, self.office.journal, self.trace))]
        watching += [asyncio.create_task(p.watch(self.trace, self.tell_status)) for p in self.office.phones.values()]
        for task in watching:
            self._stack.push_async_callback(_ended, task)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    # What the page shows of it

    def status(self) -> dict[str, Any]:
        """Lights and switches: who is up, what is being played."""
        return {
            "bot": self.bot.state,
            "language": self.bot.language,
            "telegram": self.office.telegram.weather.fair,
            "outage_until": self.outage_until.isoformat() if self.outage_until else None,
            "waiting": {phones.id: phones.waiting for phones in self.office.phones.values()},
            "playing": sorted(self.playing),
            "settled": self.settled.is_set(),
            "now": self.office.now().isoformat(),
        }

    def tell_status(self) -> None:
        self.world.feed.tell({"kind": "status", "status": self.status()})

    def later(self, span: timedelta) -> None:
        """Time passes for everybody at once: the bot finds due what is due then."""
        assert self.skip is not None
        self.skip(span)
        self.narrate("stage.later", minutes=round(span.total_seconds() / 60))
        self.tell_status()

    def until_clock(self, clock: str) -> timedelta:
        """How long until the office's clock shows that time (``HH:MM``) next."""
        now = self.office.now().astimezone(ZoneInfo(TIMEZONE))
        then = now.replace(hour=int(clock[:2]), minute=int(clock[3:]), second=0, microsecond=0)
        return then - now if then > now else then + timedelta(days=1) - now

    # What scenes do

    def narrate(self, say: str, **values: object) -> None:
        """A line of the trace about what people do."""
        self.trace.note("stage", "stage", say, values)

    def look(self, chat_id: int) -> None:
        """Something happens there: a page that shows one chat at a time shows that one."""
        self.world.feed.tell({"kind": "look", "chat": chat_id})

    async def breathe(self) -> None:
        """Let a person see what happened before the next thing does."""
        await asyncio.sleep(self.pace.breath)

    def owing(self, phones: Phones) -> Client | None:
        """The client of the latest scene on that PBX, if we owe them a call."""
        client = self._latest_of.get(phones.id)
        return client if client and phones.owes(client.phone) else None

    def somebody(self, phones: Phones) -> Client:
        """A client to whom we owe nothing: of those we know the one who was not on for the longest time."""
        free = [one for one in CLIENTS_OF.get(phones.id, CLIENTS) if self.is_free(one)]
        strangers = self._strangers[phones.country]
        client = min(free, key=lambda one: self._turns.get(one, 0)) if free else next(strangers)
        self._turns[client] = max(self._turns.values(), default=0) + 1
        return client

    def is_free(self, client: Client) -> bool:
        """At no PBX is a call owed or under way: one answered there would settle what another still waits for."""
        pbxes = self.office.phones.values()
        return not any(phones.owes(client.phone) or phones.in_call(client.phone) for phones in pbxes)

    async def introduce(self, phones: Phones) -> None:
        """Before the first scene at a PBX that tells nobody's number: who is who there is said in the chats, once."""
        async with self._introducing:
            ready = self.bot.state == "up" and self.office.telegram.weather.fair
            if ready and not phones.knows_numbers and not introduced(self.world, phones.id):
                self.narrate("stage.introduces", pbx=phones.id)
                await introduce(self.world, phones.id)

    async def employees_read(self, within: float = 10.0) -> bool:
        """Whether the bot has asked every PBX for its employees: until then it knows nobody by their number."""
        return await self._soon(lambda: self._asked_for_employees() >= self.office.phones.keys(), within)

    def _asked_for_employees(self) -> set[str]:
        return {str(one["pbx"]) for one in self.trace.views() if one["say"] == "bot.reads_users"}

    async def missed_call(self, phones: Phones, client: Client | None = None) -> Client:
        """A client calls the sales department, and nobody answers."""
        client = client or self.somebody(phones)
        self.narrate("stage.calls_in_vain", client=client.shown)
        self.look(TEAM)
        phones.takes_our_calls(client.phone, Mood.ANSWERS)
        await phones.nobody_answers(client.phone, ring=self.pace.ring)
        self.latest = self._latest_of[phones.id] = client
        return client

    async def owed_client(self, phones: Phones) -> Client:
        """The client whose call is to be returned; if there is none, one calls in vain first."""
        client = self.owing(phones)
        if client is None:
            client = await self.missed_call(phones)
            await self.card_of(client)
            await self.breathe()
        return client

    async def card_of(self, client: Client, within: float = 10.0) -> Message | None:
        """The open card about the client in the team chat, as soon as there is one."""
        try:
            return await self.world.until(lambda: self._card(client), within)
        except TimeoutError:
            return None

    def _card(self, client: Client) -> Message | None:
        for message in reversed(self.world.from_bot(TEAM)):
            if client.phone in re.sub(r"\D", "", message.text) and _call_back_button(message):
                return message
        return None

    async def calls_back(self, phones: Phones, person: Person, client: Client) -> None:
        """By the card's button if there is a card, from the desk phone if not; to the end of the call."""
        card = await self.card_of(client)
        button = _call_back_button(card) if card else None
        if card and button and button.data:
            self.narrate("stage.presses", who=person.first_name, button=button.text)
            self.look(TEAM)
            self.world.feed.tell({"kind": "press", "chat": TEAM, "message_id": card.id, "data": button.data})
            self.world.press(person.user_id, TEAM, card.id, button.data)
            if await self._soon(lambda: phones.in_call(client.phone), RINGS_WITHIN):
                await self._soon(lambda: not phones.in_call(client.phone), 120.0)
                return
        await self.dials(phones, person, client)

    async def dials(self, phones: Phones, person: Person, client: Client) -> None:
        """From the desk phone, to the end of the call."""
        self.narrate("stage.dials", who=person.first_name, client=client.shown)
        self.look(TEAM)
        await phones.employee_dials(person.ext, client.phone)

    async def _soon(self, true: Callable[[], bool], within: float) -> bool:
        """Looked at whenever anything happens; what a PBX does is in the trace, and so on the world's feed."""
        try:
            return await self.world.until(true, within)
        except TimeoutError:
            return False

    async def telegram_down(self, seconds: float, meanwhile: Awaitable[object]) -> None:
        """Telegram answers nobody for so long, whatever else happens."""
        self.outage_until = datetime.now(UTC) + timedelta(seconds=seconds)
        self.office.telegram.weather.refuse()
        self.tell_status()
        try:
            await asyncio.gather(asyncio.sleep(seconds), meanwhile)
        finally:
            self.office.telegram.weather.clear()
            self.outage_until = None
            self.tell_status()


def _call_back_button(message: Message) -> Button | None:
    found = (one for row in message.buttons for one in row if one.text.startswith(CALL_BACK) and one.data)
    return next(found, None)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
