"""Telegram's updates: fetched or pushed, stored, then handled, one after the other within a chat."""

import asyncio
from collections import defaultdict, deque
from contextlib import suppress

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import Update
from pydantic import ValidationError

from desk.office import Desk
from desk.updates import UpdateIntake
from storage import memory
from storage.database import DatabaseUnavailable
from storage.memory import StoredUpdate

log = structlog.get_logger()

#: The kinds of updates that mean something to us.
WANTED = ["message", "callback_query", "my_chat_member"]
#: Seconds that Telegram holds a poll open.
LONG_POLL = 25
#: Updates taken up at a time, beside those that are being handled.
AT_ONCE = 300
#: An update that killed the process so often is not tried again.
TRIES = 3
#: Seconds between looks, and between tries while something is out: more each time, up to `PATIENCE`.
IDLE, PATIENCE = 1.0, 15.0
#: Telegram did not take the answer: what was asked is done again, which every act allows for.
OUTAGES = (TelegramNetworkError, TelegramServerError, ClientDecodeError, TelegramUnauthorizedError)


class Poller:
    """Fetches updates, and acknowledges those that are stored."""

    def __init__(self, desk: Desk, bot: Bot, intake: UpdateIntake) -> None:
        self._desk = desk
        self._bot = bot
        self._intake = intake
        self.is_out = False
        """Whether the last poll failed."""

    async def run(self) -> None:
        """Poll for ever; cancelled to stop. What comes again after a restart is known by its id."""
        offset, delay = None, IDLE
        while True:
            try:
                updates = await self._bot.get_updates(offset, timeout=LONG_POLL, allowed_updates=WANTED)
                if updates:
                    bodies = [(one.update_id, as_stored(one)) for one in updates]
                    await self._intake.take_many(bodies)
                    offset = updates[-1].update_id + 1
                self.is_out, delay = False, IDLE
            except TelegramConflictError as error:
                log.warning("another program polls with this token, or a webhook is set", reason=error.message)
                await self._rest(delay)
            except (TelegramAPIError, ClientDecodeError, DatabaseUnavailable) as error:
                log.warning("no updates from Telegram", reason=type(error).__name__)
                await self._rest(delay)
                delay = min(delay * 2, PATIENCE)

    async def _rest(self, seconds: float) -> None:
        self.is_out = True
        await self._desk.clock.sleep(seconds)


class UpdateWorker:
    """Handles stored updates: different chats at the same time, each chat in order."""

    def __init__(self, desk: Desk, bot: Bot, dispatcher: Dispatcher, intake: UpdateIntake) -> None:
        self._desk = desk
        self._bot = bot
        self._dispatcher = dispatcher
        self._intake = intake
        self._queues: dict[int, deque[tuple[StoredUpdate, Update]]] = defaultdict(deque)
        self._taken: set[int] = set()
        self._finished: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Handle for ever; cancelled to stop, then what is being handled is finished first."""
        try:
            while True:
                try:
                    await self._start_waiting()
                except DatabaseUnavailable as broken:
                    log.warning("updates wait for the database", reason=str(broken))
                await self._intake.arrived.wait(self._desk.clock, IDLE)
        finally:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settle(self) -> None:
        """Handle all that is stored."""
        while True:
            await self._start_waiting()
            if not self._tasks:
                return
            await asyncio.gather(*self._tasks)

    async def _start_waiting(self) -> None:
        # Those that finish while the database is read may still seem to wait: they stay taken until the next look.
        self._taken -= self._finished
        self._finished.clear()
        async with self._desk.db.read() as tx:
            waiting = await memory.waiting_updates(tx, AT_ONCE + len(self._taken))
        for stored in waiting:
            if stored.update_id in self._taken:
                continue
            update = await self._parsed(stored)
            if update is None:
                continue
            self._taken.add(stored.update_id)
            chat_id = _chat_of(update)
            queue = self._queues[chat_id]
            queue.append((stored, update))
            if len(queue) == 1:
                task = asyncio.create_task(self._work(chat_id))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _parsed(self, stored: StoredUpdate) -> Update | None:
        """None if it can't be read or has failed too often; it is then put aside."""
        error = "it ended the program each time" if stored.attempts >= TRIES else None
        if error is None:
            try:
                return Update.model_validate_json(stored.body, context={"bot": self._bot})
            except ValidationError as bad:
                error = f"unreadable: {bad.error_count()} errors"
        async with self._desk.db.write() as tx:
            await memory.settle_update(tx, stored.update_id, error)
        log.error("an update is put aside", update=stored.update_id, reason=error)
        return None

    async def _work(self, chat_id: int) -> None:
        queue, delay = self._queues[chat_id], IDLE
        while queue:
            stored, update = queue[0]
            try:
                await self._handle(stored, update)
            except (DatabaseUnavailable, *OUTAGES) as broken:
                log.warning("an update waits", update=stored.update_id, reason=type(broken).__name__)
                await self._desk.clock.sleep(delay)
                delay = min(delay * 2, PATIENCE)
            else:
                queue.popleft()
                self._finished.add(stored.update_id)
                delay = IDLE
            finally:
                self._desk.deliveries.ring()
        del self._queues[chat_id]

    async def _handle(self, stored: StoredUpdate, update: Update) -> None:
        async with self._desk.db.write() as tx:
            await memory.begin_update(tx, stored.update_id)
        error = None
        try:
            await self._dispatcher.feed_update(self._bot, update)
        except (DatabaseUnavailable, *OUTAGES):
            await self._forgive(stored)
            raise
        except Exception as broken:  # one bad update must not stop the others
            log.exception("an update could not be handled", update=stored.update_id)
            error = f"{type(broken).__name__}: {broken}"
        async with self._desk.db.write() as tx:
            await memory.settle_update(tx, stored.update_id, error)

    async def _forgive(self, stored: StoredUpdate) -> None:
        """It was not the update's fault."""
        with suppress(DatabaseUnavailable):
            async with self._desk.db.write() as tx:
                await memory.forgive_update(tx, stored.update_id)


def as_stored(update: Update) -> bytes:
    """As Telegram sent it. What it left out stays out: some of aiogram's defaults can't be written down."""
    return update.model_dump_json(exclude_unset=True, by_alias=True).encode()


def _chat_of(update: Update) -> int:
    if update.message:
        return update.message.chat.id
    if update.callback_query:
        message = update.callback_query.message
        return message.chat.id if message else update.callback_query.from_user.id
    return update.my_chat_member.chat.id if update.my_chat_member else 0
