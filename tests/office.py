"""A whole office for a test: the real program, a real database, a simulated PBX and Telegram, all over real HTTP.

Time is moved by hand; `settle` does everything that can be done now.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiogram.client.session.aiohttp import AiohttpSession

from bot.app import App
from bot.settings import checked
from handlers.chat.updates import as_stored
from sandbox.telegram import Answer, Limits, Message, TelegramStandIn, World
from sandbox.vats_rest import VatsOffice, demo_office
from tests.clocks import HandClock

API_KEY = "pbx-api-key-of-the-tests"
WEBHOOK_TOKEN = "webhook-token-of-the-tests"
#: Telegram user ids. Anna is the configured administrator.
ANNA, IGOR, MARIA, STRANGER = 1001, 1002, 1003, 1999
#: Telegram phones of the people above, as the demo office's employees have them.
CLIENT = "79100000001"


class Office:
    """The test's handle on everything."""

    def __init__(
        self, app: App, tg: TelegramStandIn, pbx: VatsOffice, clock: HandClock, http: aiohttp.ClientSession
    ) -> None:
        self.app = app
        self.desk = app.desk
        self.tg = tg
        self.world = tg.world
        self.pbx = pbx
        self.clock = clock
        self.http = http
        self.team = self.world.add_group("Продажи", [ANNA, IGOR, MARIA]).id
        self._offset: int | None = None

    @property
    def url(self) -> str:
        """Where our HTTP routes are."""
        return f"http://127.0.0.1:{self.app.port}"

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

    async def connected(self) -> "Office":
        """Anna has connected the team's chat, everybody's private chat is open and linked."""
        await self.says(ANNA, self.team, "/connect main")
        for user_id, login in ((ANNA, "anna"), (IGOR, "igor"), (MARIA, "maria")):
            await self.says(user_id, user_id, "/start")
            await self.link(user_id, login)
        return self

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
            await self.pbx.calls.settled()
            fetched = await self._fetch_updates()
            await chat.worker.settle()
            await self.app.worker.settle()
            pause = await chat.deliverer.settle()
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
        "pbx": [
            {"id": "main", "vendor": "vats_rest", "url": pbx_url, "key": API_KEY, "webhook_token": WEBHOOK_TOKEN}
        ],
    }
    merged = {
        name: base.get(name, {}) | value if isinstance(value, dict) else value for name, value in sections.items()
    }
    return base | merged


async def _without_waiting(app: App) -> None:
    """aiogram waits a quarter of a second for TLS to say goodbye; there is none here."""
    assert app.chat is not None
    session = app.chat.bot.session
    assert isinstance(session, AiohttpSession)
    if session._session:
        await session._session.close()


@asynccontextmanager
async def an_office(database_url: str, **sections: Any) -> AsyncIterator[Office]:
    """An office at noon; nobody has connected or linked anything yet."""
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
        pbx = VatsOffice(
            demo_office(),
            webhook_url="http://127.0.0.1:1/",
            crm_token=WEBHOOK_TOKEN,
            api_key=API_KEY,
            sleep=clock.sleep,
            now=clock.now,
            retry_sleep=clock.sleep,
        )
        await stack.enter_async_context(pbx)
        settings = checked(configuration(database_url, tg.url, tg.token, pbx.url, **sections), Path("ringdesk.toml"))
        app = App(settings, clock)
        stack.push_async_callback(app.stop)
        await app.start(by_hand=True)
        stack.push_async_callback(_without_waiting, app)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        office = Office(app, tg, pbx, clock, http)
        pbx.sender.url = f"{office.url}/pbx/main"
        yield office
