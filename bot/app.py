"""Builds the running program and takes it down in reverse.

The webhook opens first, so that no event waits for the slower parts: SQLAlchemy is only imported then, and Telegram's
library after that.
"""

import asyncio
import gc
import hmac
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from bot import board, importing, logs
from bot.registry import connect
from bot.settings import Settings
from desk.clock import Clock, SystemClock
from desk.intake import Intake
from desk.meters import Meters
from desk.office import Desk, Office, WorkingHours
from handlers.board.routes import open_door
from handlers.webhook import server, short_way
from handlers.webhook.server import Door, Staff, TelegramRoute, application
from handlers.webhook.strangers import Strangers
from pbx.later import later
from pbx.transport import trusted
from storage import migrate
from storage.alone import Alone
from storage.arrivals import InboxWriter
from storage.database import Database, DatabaseUnavailable

if TYPE_CHECKING:
    from bot.chat import Chat
    from desk import calling, health, inbox_worker, limits, updates
    from storage import leadership, memory
else:
    calling, health, inbox_worker = later("desk.calling"), later("desk.health"), later("desk.inbox_worker")
    limits, updates = later("desk.limits"), later("desk.updates")
    leadership, memory = later("storage.leadership"), later("storage.memory")

log = structlog.get_logger()

#: Seconds for whoever stood at the door when it opened, before importing goes on beside them.
FIRST_COME = 0.05
#: Objects made and not yet gone until the garbage collector looks at the young ones, and how many such looks until it
#: goes further. Its own 700 and 10 are 3 % of the time while events come, and stops of 16 ms.
YOUNG, FURTHER = 10_000, 20
#: Seconds that open connections, and then the loops, get to finish when the program stops.
SHUTDOWN = 3.0


@dataclass(frozen=True, slots=True)
class KeptInDatabase:
    """The durable small values of one PBX: tokens, which no log is to show."""

    db: Database
    clock: Clock
    pbx_id: str

    async def load(self, name: str) -> str | None:
        async with self.db.read() as tx:
            value = await memory.recall(tx, self.pbx_id, name)
        logs.learn(value or "")
        return value

    async def save(self, name: str, value: str) -> None:
        logs.learn(value)
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
    meters = Meters()
    pbxes = {
        one.id: connect(
            one,
            country=settings.office.country,
            keeper=KeptInDatabase(db, clock, one.id),
            clock=clock.now,
            watch=meters.watch(one.id, clock),
        )
        for one in settings.pbx
    }
    minutes = {one.id: one.reconcile_minutes for one in settings.pbx}
    polled = {one.id: seconds for one in settings.pbx if (seconds := getattr(one, "poll_seconds", None))}
    return Desk(office(settings), db, clock, pbxes, reconcile_minutes=minutes, poll_seconds=polled, meters=meters)


class App:
    """The program. `start` returns when webhooks are taken and the rest is under way; `stop` within ten seconds."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.db = Database(settings.database.url)
        self.desk = desk(settings, self.db, self.clock)
        self.inbox = InboxWriter(self.db, self.desk.meters.stored)
        self.staffed = asyncio.Event()
        """Set once everybody is there who is not needed for taking events: the next five."""
        self.intake = Intake(self.desk, self.inbox, self.staffed)
        self.updates: updates.UpdateIntake
        self.health: health.Health
        self.limits: limits.Limits
        self.worker: inbox_worker.InboxWorker
        self.leadership: leadership.Leadership | None
        self.chat: Chat | None = None
        self.port = 0
        self._alone = Alone(settings.database.url)
        self._open = AsyncExitStack()
        self._runner: web.AppRunner | None = None
        self._loops: set[asyncio.Task[None]] = set()

    async def prepare(self) -> None:
        """Bring the database to the current schema. Raises `DatabaseUnavailable`."""
        await migrate.upgrade(self.db)

    async def start(self, *, by_hand: bool = False) -> None:
        """Open the doors, one after the other. `by_hand`: nothing runs by itself, the tests take each step.

        Raises `DatabaseUnavailable`, `AlreadyServed`, and `OSError` where it can't listen.
        """
        await self._take_events()
        if by_hand:
            await self._staff()
            await self._after_restart()
            self.chat = (await self._chat_module()).Chat(self)
            self._open.push_async_callback(self.chat.aclose)
        else:
            await asyncio.sleep(FIRST_COME)
            await self._staff()
            _keep_what_is_loaded()
            self._run("inbox", self.worker.run)
            self._run("lead", self._lead if self.leadership is None else self._lead_in_turn)
        log.info("Ringdesk runs")

    async def stop(self) -> None:
        """Stop taking, let what is begun finish, close. What had no time for it is stored and goes on next time."""
        if self._runner:
            await self._runner.cleanup()
        for loop in self._loops:
            loop.cancel()
        if self._loops:
            await asyncio.wait(self._loops, timeout=SHUTDOWN + 1)
        await self._open.aclose()

    async def _take_events(self) -> None:
        self.desk.meters.started_at = self.clock.now()
        self._alone.take()
        self._open.callback(self._alone.close)
        self._open.push_async_callback(self.db.aclose)
        for pbx in self.desk.pbxes.values():
            self._open.push_async_callback(pbx.close)
        await self.prepare()
        await self._serve()
        log.info("Ringdesk takes events", port=self.port, pbxes=sorted(self.desk.pbxes))

    async def _serve(self) -> None:
        door = Door(
            desk=self.desk,
            intake=self.intake,
            strangers=Strangers(self.desk, self.staffed),
            staffed=self.staffed,
            staff=lambda: Staff(self.updates, self.health, self.limits, self.chat is not None),
            trusted_proxies=self.settings.http.trusted_proxies,
            telegram=telegram_route(self.settings),
        )
        routes = application(door)
        open_door(routes, board.door(self.settings, self.desk))
        runner = web.AppRunner(
            routes,
            access_log=None,
            shutdown_timeout=SHUTDOWN,
            keepalive_timeout=server.HEADERS_WITHIN,
        )
        await runner.setup()
        assert runner.server is not None
        short_way.opened(runner.server, door)
        self._runner = runner
        self._open.push_async_callback(self.inbox.aclose)
        site = web.TCPSite(runner, self.settings.http.host, self.settings.http.port)
        await site.start()
        self.port = runner.addresses[0][1]

    async def _staff(self) -> None:
        """Who works behind the door comes in. Slow to import: not on the event loop, which takes events meanwhile."""
        await asyncio.to_thread(importing.beside_the_door, *importing.BEHIND_THE_DOOR)
        await asyncio.to_thread(trusted)
        self.updates = updates.UpdateIntake(self.desk)
        self.limits = limits.Limits(self.clock)
        self.worker = inbox_worker.InboxWorker(self.desk, self.inbox)
        self.leadership = None if self.db.is_sqlite else leadership.Leadership(self.db)
        self.health = health.Health(self.desk)
        self.health.parts["telegram"] = self._why_no_chat
        self.staffed.set()

    async def _lead_in_turn(self) -> None:
        """Of several processes one leads. The others are ready to: the slow part, importing, is behind them."""
        assert self.leadership is not None
        for name, bell in (("deliveries", self.desk.deliveries), ("updates", self.updates.arrived)):
            self.leadership.share(name, bell)
        await self._chat_module()
        await self.leadership.run(self._lead)

    async def _lead(self) -> None:
        """What belongs to the one bot token, or must happen once: Telegram, timers, polling. Until cancelled."""
        await self._after_restart()
        chat = self.chat = (await self._chat_module()).Chat(self)
        _keep_what_is_loaded()
        loops = {asyncio.create_task(_kept_running(name, loop, self.clock)) for name, loop in chat.loops.items()}
        from handlers.clock.jobs import Jobs

        jobs = Jobs(self.desk)
        jobs.start()
        try:
            await asyncio.gather(*loops)
        finally:
            jobs.stop()
            for loop in loops:
                loop.cancel()
            await asyncio.wait(loops, timeout=SHUTDOWN)
            self.chat = None
            self.health.parts["telegram"] = self._why_no_chat
            await chat.aclose()

    def _why_no_chat(self) -> str | None:
        """Nothing is wrong where another process has the chats."""
        led_elsewhere = self.leadership is not None and self.leadership.leads is False
        return None if led_elsewhere else "the chat door is still opening"

    async def _after_restart(self) -> None:
        async with self.db.write() as tx:
            await calling.after_restart(self.desk, tx)

    async def _chat_module(self) -> ModuleType:
        """Telegram's library is slow to import: not before the doors are open, and not on the event loop."""
        return await asyncio.to_thread(importing.beside_the_door, "handlers.clock.jobs", "handlers.chat", "bot.chat")

    def _run(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        self._loops.add(asyncio.create_task(_kept_running(name, loop, self.clock), name=name))


def _keep_what_is_loaded() -> None:
    """The collector need not look through it again and again: each time everything stops for a tenth of a second."""
    gc.freeze()
    gc.set_threshold(YOUNG, FURTHER, FURTHER)
    gc.enable()  # `bot.running` has done without while all this was imported


async def _kept_running(name: str, loop: Callable[[], Awaitable[None]], clock: Clock) -> None:
    """A loop that fails is begun again: one bad moment must not silence the desk."""
    while True:
        try:
            await loop()
            return
        except DatabaseUnavailable as broken:
            log.warning("a loop waits for the database", loop=name, reason=str(broken))
            await clock.sleep(1.0)
        except Exception:  # whatever it was, the log has it
            log.exception("a loop failed and begins again", loop=name)
            await clock.sleep(1.0)


def telegram_route(settings: Settings) -> TelegramRoute | None:
    """In webhook mode, where Telegram pushes: words that only the holder of the token can know."""
    if settings.telegram.mode != "webhook":
        return None
    token = settings.telegram.token.get_secret_value().encode()
    words = [hmac.new(token, what, "sha256").hexdigest()[:40] for what in (b"path", b"header")]
    return TelegramRoute(*words)
