"""Builds the running program and takes it down in reverse.

The webhook opens first, so that no event waits for the slower parts: Telegram's library is only imported then.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from bot.registry import connect
from bot.settings import Settings
from desk import calling
from desk.clock import Clock, SystemClock
from desk.health import Health
from desk.inbox_worker import InboxWorker
from desk.intake import Intake
from desk.limits import Limits
from desk.office import Desk, Office, WorkingHours
from desk.updates import UpdateIntake
from handlers.webhook.server import Door, TelegramRoute, application
from storage import memory, migrate
from storage.database import Database
from storage.inbox import InboxWriter

if TYPE_CHECKING:
    from bot.chat import Chat

log = structlog.get_logger()

#: Seconds that open connections, and then the loops, get to finish when the program stops.
SHUTDOWN = 3.0


@dataclass(frozen=True, slots=True)
class KeptInDatabase:
    """The durable small values of one PBX."""

    db: Database
    clock: Clock
    pbx_id: str

    async def load(self, name: str) -> str | None:
        async with self.db.read() as tx:
            return await memory.recall(tx, self.pbx_id, name)

    async def save(self, name: str, value: str) -> None:
        async with self.db.write() as tx:
            await memory.keep(self.db, tx, self.pbx_id, name, value, self.clock.now())


def office(settings: Settings) -> Office:
    """The company as configured."""
    said = settings.office
    return Office(
        timezone=ZoneInfo(said.timezone),
        country=said.country,
        language=said.language,
        working_hours=WorkingHours.parse(said.working_hours),
        admins=frozenset(settings.telegram.admins),
        calls_days=settings.retention.calls_days,
        raw_days=settings.retention.raw_days,
        public_url=settings.http.public_url,
    )


def desk(settings: Settings, db: Database, clock: Clock) -> Desk:
    """Everything the rules need."""
    pbxes = {
        one.id: connect(
            one, country=settings.office.country, keeper=KeptInDatabase(db, clock, one.id), clock=clock.now
        )
        for one in settings.pbx
    }
    minutes = {one.id: one.reconcile_minutes for one in settings.pbx}
    polled = {one.id: seconds for one in settings.pbx if (seconds := getattr(one, "poll_seconds", None))}
    return Desk(office(settings), db, clock, pbxes, reconcile_minutes=minutes, poll_seconds=polled)


class App:
    """The program. `start` returns when webhooks are taken and the rest is under way; `stop` within ten seconds."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.db = Database(settings.database.url)
        self.desk = desk(settings, self.db, self.clock)
        self.inbox = InboxWriter(self.db)
        self.updates = UpdateIntake(self.desk)
        self.health = Health(self.desk)
        self.limits = Limits(self.clock)
        self.intake = Intake(self.desk, self.inbox)
        self.worker = InboxWorker(self.desk)
        self.chat: Chat | None = None
        self.port = 0
        self._open = AsyncExitStack()
        self._runner: web.AppRunner | None = None
        self._loops: set[asyncio.Task[None]] = set()
        self._by_hand = False

    async def prepare(self) -> None:
        """Bring the database to the current schema. Raises `DatabaseUnavailable`."""
        await migrate.upgrade(self.db)

    async def start(self, *, by_hand: bool = False) -> None:
        """Open the doors, one after the other. `by_hand`: nothing runs by itself, the tests take each step."""
        self._by_hand = by_hand
        self._open.push_async_callback(self.db.aclose)
        for pbx in self.desk.pbxes.values():
            self._open.push_async_callback(pbx.close)
        await self.prepare()
        async with self.db.write() as tx:
            await calling.after_restart(self.desk, tx)
        await self._serve()
        self._run("inbox", self.worker.run)
        await self._start_chat()
        if not by_hand:
            self._start_jobs()
        log.info("Ringdesk runs", port=self.port, pbxes=sorted(self.desk.pbxes))

    async def stop(self) -> None:
        """Stop taking, let what is begun finish, close. What had no time for it is stored and goes on next time."""
        if self._runner:
            await self._runner.cleanup()
        for loop in self._loops:
            loop.cancel()
        if self._loops:
            await asyncio.wait(self._loops, timeout=SHUTDOWN)
        await self._open.aclose()

    async def _serve(self) -> None:
        door = Door(
            desk=self.desk,
            intake=self.intake,
            updates=self.updates,
            health=self.health,
            trusted_proxies=self.settings.http.trusted_proxies,
            telegram=telegram_route(self.settings),
        )
        runner = web.AppRunner(application(door), access_log=None, shutdown_timeout=SHUTDOWN)
        await runner.setup()
        self._runner = runner
        self._open.push_async_callback(self.inbox.aclose)
        site = web.TCPSite(runner, self.settings.http.host, self.settings.http.port)
        await site.start()
        self.port = runner.addresses[0][1]

    async def _start_chat(self) -> None:
        self.health.parts["telegram"] = lambda: "the chat door is still opening"
        module = await asyncio.to_thread(_import_chat)
        self.chat = module.Chat(self)
        self._open.push_async_callback(self.chat.aclose)
        for name, loop in self.chat.loops.items():
            self._run(name, loop)

    def _start_jobs(self) -> None:
        from handlers.clock.jobs import Jobs

        jobs = Jobs(self.desk)
        jobs.start()
        self._open.callback(jobs.stop)

    def _run(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        if self._by_hand:
            return
        self._loops.add(asyncio.create_task(_kept_running(name, loop, self.clock), name=name))


async def _kept_running(name: str, loop: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """A loop that fails is begun again: one bad moment must not silence the desk."""
    while True:
        try:
            await loop()
            return
        except Exception:  # whatever it was, the log has it
            log.exception("a loop failed and begins again", loop=name)
            await clock.sleep(1.0)


def _import_chat():  # type: ignore[no-untyped-def]
    from bot import chat

    return chat


def telegram_route(settings: Settings) -> TelegramRoute | None:
    """In webhook mode, where Telegram pushes: words that only the holder of the token can know."""
    if settings.telegram.mode != "webhook":
        return None
    token = settings.telegram.token.get_secret_value().encode()
    words = [hmac.new(token, what, "sha256").hexdigest()[:40] for what in (b"path", b"header")]
    return TelegramRoute(*words)
