"""A whole office for a test: the real program, a real database, simulated PBXs and Telegram, all over real HTTP.

Time is moved by hand; `settle` does everything that can be done now.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.app import App
from bot.settings import checked
from desk.office import Desk
from handlers.chat.updates import as_stored
from sandbox.telegram import Answer, Limits, Message, TelegramStandIn, World
from sandbox.vats_rest import VatsOffice
from tests.clocks import HandClock
from tests.simulators import API_KEY, WEBHOOK_TOKEN, Simulated, Simulator

S = TypeVar("S")

#: Telegram user ids. Anna is the configured administrator.
ANNA, IGOR, MARIA, STRANGER = 1001, 1002, 1003, 1999
#: Telegram phones of the people above, as the demo office's employees have them.
CLIENT = "79100000001"
#: Whom they are at the demo office of the first vendor.
LOGINS = {ANNA: "anna", IGOR: "igor", MARIA: "maria"}
__all__ = ["API_KEY", "WEBHOOK_TOKEN", "Office", "Simulated", "an_office"]


class Office:
    """The test's handle on everything."""

    def __init__(
        self,
        app: App,
        tg: TelegramStandIn,
        pbxes: Mapping[Simulated, Simulator],
        clock: HandClock,
        http: aiohttp.ClientSession,
    ) -> None:
        self.app = app
        self.tg = tg
        self.world = tg.world
        self.simulators = {one.id: simulator for one, simulator in pbxes.items()}
        self.clock = clock
        self.http = http
        self._pbxes = pbxes
        self.team = self.world.add_group("Продажи", [ANNA, IGOR, MARIA]).id
        self._offset: int | None = None

    @property
    def url(self) -> str:
        """Where our HTTP routes are."""
        return f"http://127.0.0.1:{self.app.port}"

    @property
    def desk(self) -> Desk:
        return self.app.desk

    @property
    def pbx(self) -> VatsOffice:
        """The PBX `main` of most tests."""
        return self.simulator(VatsOffice)

    def simulator(self, kind: type[S], pbx_id: str = "main") -> S:
        """A PBX as its simulator."""
        found = self.simulators[pbx_id]
        assert isinstance(found, kind)
        return found

    # People

    async def says(self, user_id: int, chat_id: int, text: str, **more: Any) -> list[Message]:
        """Somebody writes; what the bot wrote or changed in that chat because of it."""
        before = self._shown(chat_id)
        self.world.say(user_id, chat_id, text, **more)
        await self.settle()
        return self._news(chat_id, before)

    async def presses(self, user_id: int, message: Message, label: str | None = None) -> Answer | None:
        """Somebody presses a button (its label, a part of it, or its data); what the bot answered to the press."""
        data = message.button(label).data if label else None
        press = self.world.press(user_id, message.chat_id, message.id, data)
        await self.settle()
        return press.answered

    async def shares_contact(self, user_id: int, **more: Any) -> list[Message]:
        """Somebody shares a contact in private, their own if nothing else is said."""
        before = self._shown(user_id)
        self.world.share_contact(user_id, **more)
        await self.settle()
        return self._news(user_id, before)

    def bot_messages(self, chat_id: int) -> list[Message]:
        """What the bot shows in a chat, oldest first."""
        return list(self.world.from_bot(chat_id))

    def cards(self) -> list[Message]:
        """What the bot shows in the team's chat, but for its answer to `/connect`."""
        return [one for one in self.bot_messages(self.team) if "is connected here" not in one.text]

    def texts(self, chat_id: int) -> list[str]:
        return [message.text for message in self.bot_messages(chat_id)]

    def _shown(self, chat_id: int) -> dict[int, int]:
        try:
            return {message.id: message.edits for message in self.bot_messages(chat_id)}
        except KeyError:
            return {}

    def _news(self, chat_id: int, before: dict[int, int]) -> list[Message]:
        return [one for one in self.bot_messages(chat_id) if before.get(one.id) != one.edits]

    # The PBX

    async def pbx_says(
        self, body: dict[str, Any] | str | bytes, *, headers: dict[str, str] | None = None, pbx: str = "main"
    ) -> int:
        """A webhook as it stands, with the key if it is a mapping without one; the status we answered."""
        if isinstance(body, dict):
            body = {"crm_token": WEBHOOK_TOKEN, **body}
        async with self.http.post(f"{self.url}/pbx/{pbx}", data=body, headers=headers) as response:
            await response.read()
            status = response.status
        await self.settle()
        return status

    # The program

    async def connected(self, pbx_id: str = "main", logins: Mapping[int, str] = LOGINS) -> "Office":
        """Anna has connected the team's chat, everybody's private chat is open and linked."""
        await self.says(ANNA, self.team, f"/connect {pbx_id}")
        for user_id, login in logins.items():
            await self.says(user_id, user_id, "/start")
            await self.link(user_id, login, pbx_id)
        return self

    async def started(self) -> None:
        """The program runs (again), and the PBXs know where."""
        await self.app.start(by_hand=True)
        for one, simulator in self._pbxes.items():
            one.point(simulator, self.url)

    async def stopped(self) -> None:
        await _without_waiting(self.app)
        await self.app.stop()

    async def begun_again(self, entries: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """A new process on the same database; `entries` change what the configuration says of a PBX."""
        settings, changed = self.app.settings, entries or {}
        pbxes = [{**one.model_dump(), **changed.get(one.id, {})} for one in settings.pbx]
        changed_pbxes = tuple(type(one).model_validate(new) for one, new in zip(settings.pbx, pbxes, strict=True))
        self.app = App(settings.model_copy(update={"pbx": changed_pbxes}), self.clock)
        await self.started()

    async def restarted(self, entries: Mapping[str, Mapping[str, Any]] | None = None, **pause: float) -> None:
        """The program ends and, after a pause, begins anew."""
        await self.stopped()
        self.clock.advance(**pause)
        await self.begun_again(entries)

    async def bind(
        self,
        chat_id: int,
        *notices: str,
        thread_id: int = 0,
        pbx_id: str = "main",
        settings: dict[str, Any] | None = None,
    ) -> None:
        """What `/connect` does, for stories that begin later: all notices unless some are named."""
        from desk.ledger import NOTICES
        from storage import chats

        async with self.desk.db.write() as tx:
            await chats.meet(self.desk.db, tx, chat_id, "supergroup" if chat_id < 0 else "private", "Продажи")
            await chats.bind(self.desk.db, tx, chat_id, thread_id, pbx_id, notices or NOTICES, self.clock.now())
            await chats.change_settings(tx, chat_id, settings or {})

    async def link(self, user_id: int, login: str, pbx_id: str = "main") -> None:
        from storage import people

        async with self.desk.db.write() as tx:
            await people.link(self.desk.db, tx, user_id, pbx_id, login, self.clock.now(), ANNA)

    async def settle(self) -> None:
        """Everything that can be done now: stories told, updates handled, events worked, chats brought up to date."""
        chat = self.app.chat
        assert chat is not None
        for _ in range(1000):
            for simulator in self.simulators.values():
                await simulator.calls.settled()
            fetched = await self._fetch_updates()
            await chat.worker.settle()
            await self.app.worker.settle()
            pause = await chat.deliverer.settle()
            await chat.recordings.settle()
            if await self._is_quiet() and not fetched:
                return
            self.clock.advance(seconds=min(pause, 1.0))
        raise AssertionError("the office does not come to rest")

    async def later(self, **span: float) -> None:
        """Time passes, and what is due because of it is done."""
        from desk import timers

        self.clock.advance(**span)
        await timers.run_due(self.desk)
        await self.settle()

    async def polled(self, pbx_id: str = "main") -> int:
        """One polling interval passes; how many calls were news."""
        from desk import polling

        self.clock.advance(seconds=self.desk.poll_seconds[pbx_id])
        news = await polling.poll(self.desk, pbx_id)
        await self.settle()
        return news

    async def _fetch_updates(self) -> bool:
        assert self.app.chat is not None
        updates = await self.app.chat.bot.get_updates(self._offset, timeout=0)
        if updates:
            await self.app.updates.take_many([(one.update_id, as_stored(one)) for one in updates])
            self._offset = updates[-1].update_id + 1
        return bool(updates)

    async def _is_quiet(self) -> bool:
        from storage import notices

        async with self.desk.db.read() as tx:
            upcoming = await notices.next_due(tx)
        return upcoming is None or (upcoming - self.clock.now()).total_seconds() > 5


def configuration(database_url: str, telegram_url: str, token: str, pbx_url: str, **sections: Any) -> dict[str, Any]:
    """`ringdesk.toml` as a mapping; `sections` add to it, or stand instead of a list."""
    base: dict[str, Any] = {
        "telegram": {"token": token, "api_url": telegram_url, "admins": [ANNA]},
        "http": {"host": "127.0.0.1", "port": 0},
        "database": {"url": database_url},
        "office": {"language": "en", "timezone": "Europe/Moscow", "working_hours": "Mon-Sun 00:00-24:00"},
        "pbx": [Simulated().entry(pbx_url)],
    }
    merged = {
        name: base.get(name, {}) | value if isinstance(value, dict) else value for name, value in sections.items()
    }
    return base | merged


async def _without_waiting(app: App) -> None:
    """aiogram waits a quarter of a second for TLS to say goodbye; there is none here."""
    from aiogram.client.session.aiohttp import AiohttpSession  # not above: the chat door brings the library in

    session = app.chat.bot.session if app.chat else None
    if isinstance(session, AiohttpSession) and session._session:
        await session._session.close()


@asynccontextmanager
async def an_office(
    database_url: str, *, pbxes: Sequence[Simulated] = (Simulated(),), **sections: Any
) -> AsyncIterator[Office]:
    """An office at noon with these PBXs; nobody has connected or linked anything yet."""
    clock = HandClock()
    world = World(clock=clock.now)
    for user_id, name, phone in (
        (ANNA, "Anna", "79000000001"),
        (IGOR, "Igor", "79000000002"),
        (MARIA, "Maria", "79000000003"),
        (STRANGER, "Stranger", "79000000999"),
    ):
        world.add_user(name, id=user_id, username=name.lower(), language_code="en", phone=phone)
    async with AsyncExitStack() as stack:
        tg = await stack.enter_async_context(TelegramStandIn(world, limits=Limits(clock=clock.now)))
        simulators = {one: await stack.enter_async_context(one.build(clock)) for one in pbxes}
        entries = [one.entry(simulator.url) for one, simulator in simulators.items()]
        written = configuration(database_url, tg.url, tg.token, "", **{"pbx": entries, **sections})
        http = await stack.enter_async_context(aiohttp.ClientSession())
        office = Office(App(checked(written, Path("ringdesk.toml")), clock), tg, simulators, clock, http)
        stack.push_async_callback(office.stopped)
        await office.started()
        yield office
