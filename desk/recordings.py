"""Recordings brought to chats: asked for, fetched from the PBX, sent, and tried again while they are not there yet.

What was asked for is a timer, so it outlives a restart. A loop of its own works these timers: a slow download keeps
no card waiting. The sound is in a temporary file for as long as its transfer takes, and nowhere else.

A timer is marked while its sound is being sent. A mark that nobody took away means that nobody knows whether the
sound arrived: it is sent again, and says so. While Telegram is out, what was asked for waits, however long that
takes; what Telegram does not take although it answers is given up after a few tries, and that is said where it was
asked for.
"""

import asyncio
import tempfile
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import IO, Protocol

import structlog

from desk import hearing
from desk.delivery import MessengerError, Moved, Place, Refused, TooFast, TopicGone, Unreachable
from desk.hearing import KIND, Told
from desk.office import Desk
from pbx.errors import PbxError, RateLimited, Unavailable
from pbx.recording import Format, NotThere, format_of
from storage import calls, memory, notices, recordings
from storage.calls import StoredCall
from storage.database import DatabaseUnavailable, Tx
from storage.memory import Timer
from storage.recordings import Kept

log = structlog.get_logger()

#: When it is tried again after it was asked for: a PBX may write the file minutes after the call.
LATER = (timedelta(seconds=20), timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=5))
#: A recording that is not there was deleted, if its call ended longer ago than this when it was asked for.
BEING_WRITTEN = timedelta(minutes=10)
#: Downloads at a time.
AT_ONCE = 4
#: Bytes of a recording that are held in memory; the rest of a longer one is in a file.
IN_MEMORY = 1 << 20
#: Seconds until the next look whether Telegram is back, longer each time.
OUTAGE = (5, 15, 60, 300)
#: Seconds until the next try after a sending that failed; then it is given up.
FAILED = (5, 15, 60, 300, 300, 900, 900, 3600)
#: Seconds between looks when nobody rings.
IDLE = 5.0
#: A notice is replied to once the chat shows it.
UNTIL_SHOWN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording that has come whole; `file` stands at its beginning."""

    file: IO[bytes]
    format: Format
    size: int


@dataclass(frozen=True, slots=True)
class Order:
    """A recording that somebody waits for."""

    timer: Timer
    told: Told
    place: Place
    reply_to: int | None
    by_person: bool
    """Else it comes by itself, with a low rating."""
    waiting: int | None
    """The message that says that it will come later."""
    tries: int
    uncertain: bool
    """It may be in the chat already."""

    @property
    def asked_at(self) -> datetime:
        return datetime.fromisoformat(self.timer.data["asked_at"])


class Player(Protocol):
    """Sends recordings and says why there is none. Raises the errors of `desk.delivery`."""

    def busy(self, place: Place) -> AbstractAsyncContextManager[None]:
        """The chat shows that something is on its way."""
        ...

    async def greet(self) -> None:
        """Ask for something that changes nothing."""
        ...

    async def play(self, order: Order, sound: Sound | Kept) -> Kept: ...

    async def later(self, order: Order) -> int:
        """It is not there yet and will come; the message's id."""
        ...

    async def failed(self, order: Order, error: PbxError | MessengerError) -> None:
        """Instead of the message that promised it, if there was one."""
        ...

    async def take_back(self, order: Order) -> None:
        """The promise is kept: its message goes."""
        ...


class _CalledOff(Exception):
    """Nobody waits for it any more: the client was forgotten meanwhile."""


class Fetcher:
    """The loop that brings recordings. `run` for the program, `settle` for whoever wants all that is possible."""

    def __init__(self, desk: Desk, player: Player) -> None:
        self._desk = desk
        self._player = player
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Bring them for ever; cancelled to stop, what is on its way then comes after the next start."""
        try:
            while True:
                try:
                    pause = await self._begin()
                except DatabaseUnavailable as broken:
                    log.warning("recordings wait for the database", reason=str(broken))
                    pause = IDLE
                await self._desk.recordings.wait(self._desk.clock, pause)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def settle(self) -> None:
        """Bring whatever can be brought now."""
        while True:
            await self._begin()
            if not self._tasks:
                return
            await asyncio.gather(*self._tasks.values())

    async def _begin(self) -> float:
        """Take up what is due, a few at a time; seconds until the next look is worth while."""
        now = self._desk.clock.now()
        async with self._desk.db.read() as tx:
            waiting = [one for one in await memory.timers_of(tx, KIND) if one.subject not in self._tasks]
        for timer in waiting:
            if timer.due_at > now:
                return min(max((timer.due_at - now).total_seconds(), 0.02), IDLE)
            if len(self._tasks) >= AT_ONCE:
                break
            task = asyncio.create_task(self._work(timer))
            self._tasks[timer.subject] = task
            task.add_done_callback(partial(self._done, timer.subject))
        return IDLE

    def _done(self, subject: str, _: asyncio.Task[None]) -> None:
        del self._tasks[subject]
        self._desk.recordings.ring()

    async def _work(self, timer: Timer) -> None:
        try:
            await self._try(_as_left(timer))
        except DatabaseUnavailable as broken:
            log.warning("a recording waits for the database", reason=str(broken))
            await self._desk.clock.sleep(IDLE)

    async def _try(self, timer: Timer) -> None:
        if not await self._may_be_sent(timer):
            return
        try:
            order = await self._order(timer)
            if order is not None:
                await self._bring(order)
        except _CalledOff:
            log.info("a recording is wanted no more")
        except DatabaseUnavailable:
            raise
        except MessengerError as error:
            await self._cope(timer, error)
        except Exception as broken:  # one recording that can't be brought must not silence the others
            log.exception("a recording can't be brought", subject=timer.subject)
            await self._put_off_or_give_up(timer, Unreachable(type(broken).__name__, maybe_done=False))

    async def _may_be_sent(self, timer: Timer) -> bool:
        """After a failure something harmless is tried first. While Telegram is out, no try is counted."""
        looks = timer.data.get("looks", 0)
        if not timer.data.get("fails"):
            return True
        try:
            await self._player.greet()
        except MessengerError as out:
            log.warning("a recording waits for Telegram", reason=str(out))
            due_at = self._desk.clock.now() + timedelta(seconds=OUTAGE[min(looks, len(OUTAGE) - 1)])
            async with self._desk.db.write() as tx:
                await memory.put_off(tx, timer, due_at, looks=looks + 1)
            return False
        return True

    async def _order(self, timer: Timer) -> Order | None:
        """None if there is nothing to do, or not yet."""
        _, row_id, chat_id, thread_id = timer.subject.split(" ")
        place, data = Place(int(chat_id), int(thread_id)), timer.data
        async with self._desk.db.write() as tx:
            stored = await calls.by_id(tx, int(row_id))
            if stored is None or hearing.playable(self._desk, stored) is None:
                await memory.finish_timer(tx, timer)
                return None
            reply_to = data["reply_to"]
            if data["notice"] is not None and reply_to is None:
                reply_to = await self._shown_as(tx, timer, place)
                if reply_to is None:
                    return None
            told = await hearing.told(self._desk, tx, stored)
        return Order(
            timer,
            told,
            place,
            reply_to,
            by_person=data["by_person"],
            waiting=data.get("waiting"),
            tries=data.get("tries", 0),
            uncertain=data.get("uncertain", False),
        )

    async def _shown_as(self, tx: Tx, timer: Timer, place: Place) -> int | None:
        """The message of the notice. It waits for one that is held or on its way; one that never comes ends it."""
        shown = await notices.in_place(tx, timer.data["notice"], place.chat_id, place.thread_id)
        if shown is not None and shown.message_id is None and shown.roll_id is not None:
            # Quiet hours are over, and their list tells it.
            shown = await notices.in_place(tx, shown.roll_id, place.chat_id, place.thread_id)
        if shown is None or (shown.message_id is None and shown.due_at is None):
            await memory.finish_timer(tx, timer)
            return None
        if shown.message_id is None:
            soon = self._desk.clock.now() + UNTIL_SHOWN
            await memory.put_off(tx, timer, max(soon, shown.held_until or soon))
        return shown.message_id

    async def _bring(self, order: Order) -> None:
        stored = order.told.call
        async with self._desk.turns.of(f"{KIND} {stored.pbx_id} {stored.call.id}"):
            try:
                await self._record(order, await self._again(order) or await self._anew(order))
            except PbxError as error:
                log.info("a recording can't be had", pbx=stored.pbx_id, reason=str(error))
                await self._later_or_never(order, error)
            except Refused as refused:
                log.warning("Telegram does not take a recording", reason=str(refused))
                await self._never(order, refused)

    async def _again(self, order: Order) -> Kept | None:
        """What Telegram has is sent by its id. None if it has nothing, or nothing any more."""
        stored = order.told.call
        async with self._desk.db.read() as tx:
            kept = await recordings.get(tx, stored.pbx_id, stored.call.id)
        if kept is None:
            return None
        try:
            return await self._play(order, kept)
        except Refused as refused:
            log.info("Telegram knows a recording no more", reason=str(refused))
        async with self._desk.db.write() as tx:
            await recordings.forget(tx, stored.pbx_id, stored.call.id)
        return None

    async def _anew(self, order: Order) -> Kept:
        async with self._player.busy(order.place):
            with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
                sound = await self._fetched(order.told.call, file)
                return await self._play(order, sound)

    async def _play(self, order: Order, sound: Sound | Kept) -> Kept:
        async with self._desk.db.write() as tx:
            if not await memory.put_off(tx, order.timer, order.timer.due_at, sending=True):
                raise _CalledOff
        return await self._player.play(order, sound)

    async def _fetched(self, stored: StoredCall, file: IO[bytes]) -> Sound:
        size, beginning = 0, b""
        pbx, url = self._desk.pbxes[stored.pbx_id], stored.call.recording_url
        assert url is not None
        async with pbx.recording(url) as recording:
            async for chunk in recording.chunks:
                size += len(chunk)
                beginning = beginning if len(beginning) >= 16 else beginning + chunk[:16]
                await asyncio.to_thread(file.write, chunk)
        if not size:
            raise NotThere("the recording is empty so far", status=404)
        file.seek(0)
        return Sound(file, format_of(beginning, recording.content_type), size)

    async def _record(self, order: Order, kept: Kept) -> None:
        now, stored, timer = self._desk.clock.now(), order.told.call, order.timer
        async with self._desk.db.write() as tx:
            await memory.finish_timer(tx, timer)
            await memory.note_firing(self._desk.db, tx, f"{KIND} {timer.subject}", now)
            await recordings.keep(self._desk.db, tx, stored.pbx_id, stored.call.id, kept, now)
        if order.waiting is not None:
            with suppress(MessengerError):
                await self._player.take_back(order)

    async def _later_or_never(self, order: Order, error: PbxError) -> None:
        due_at = self._next_try(order, error)
        if due_at is None:
            await self._never(order, error)
            return
        waiting = order.waiting
        if waiting is None and order.by_person:
            waiting = await self._player.later(order)
        async with self._desk.db.write() as tx:
            await memory.put_off(tx, order.timer, due_at, tries=order.tries + 1, waiting=waiting)

    def _next_try(self, order: Order, error: PbxError) -> datetime | None:
        asked_at, now = order.asked_at, self._desk.clock.now()
        young = asked_at - order.told.call.call.ended_at < BEING_WRITTEN
        may_come = isinstance(error, Unavailable | RateLimited) or (
            isinstance(error, NotThere) and error.status == 404 and young
        )
        if not may_come or order.tries >= len(LATER):
            return None
        at_least = error.retry_after if isinstance(error, RateLimited) else timedelta(seconds=1)
        return max(asked_at + LATER[order.tries], now + at_least)

    async def _never(self, order: Order, error: PbxError | MessengerError) -> None:
        await self._player.failed(order, error)
        async with self._desk.db.write() as tx:
            await memory.finish_timer(tx, order.timer)

    async def _cope(self, timer: Timer, error: MessengerError) -> None:
        """Mend what the error says is wrong."""
        chat_id, thread_id = timer.subject.split(" ")[2:]
        log.warning("a recording could not be sent", reason=str(error))
        match error:
            case Unreachable():
                uncertain = error.maybe_done or timer.data.get("uncertain", False)
                await self._put_off_or_give_up(timer, error, uncertain=uncertain)
            case TooFast():
                async with self._desk.db.write() as tx:
                    await memory.put_off(tx, timer, self._desk.clock.now() + timedelta(seconds=error.seconds))
            case Moved():
                await self._move(timer, Place(error.new_chat_id, int(thread_id)))
            case TopicGone() if thread_id != "0":
                await self._move(timer, Place(int(chat_id)))
            case _:
                async with self._desk.db.write() as tx:
                    await memory.finish_timer(tx, timer)

    async def _put_off_or_give_up(self, timer: Timer, error: Unreachable, **data: object) -> None:
        fails = timer.data.get("fails", 0)
        if fails >= len(FAILED) and await self._is_given_up(timer, error):
            return
        pause = FAILED[min(fails, len(FAILED) - 1)]
        async with self._desk.db.write() as tx:
            due_at = self._desk.clock.now() + timedelta(seconds=pause)
            await memory.put_off(tx, timer, due_at, fails=fails + 1, looks=0, **data)

    async def _is_given_up(self, timer: Timer, error: Unreachable) -> bool:
        """False if Telegram is out, so that it can't be said: the recording waits on."""
        try:
            order = await self._order(timer)
            if order is not None:
                await self._never(order, error)
        except (Unreachable, DatabaseUnavailable):
            return False
        except Exception as broken:  # whatever keeps it from being sent may keep the word from being said
            log.error("nobody can be told of a recording", reason=f"{type(broken).__name__}: {broken}")
            async with self._desk.db.write() as tx:
                await memory.finish_timer(tx, timer)
        return True

    async def _move(self, timer: Timer, place: Place) -> None:
        """Its messages stay behind: there is nothing to reply to."""
        pbx_id, row_id, _, _ = timer.subject.split(" ")
        subject = f"{pbx_id} {row_id} {place.chat_id} {place.thread_id}"
        data = {**timer.data, "reply_to": None, "notice": None, "waiting": None}
        async with self._desk.db.write() as tx:
            await memory.finish_timer(tx, timer)
            await memory.set_timer(self._desk.db, tx, Timer(KIND, subject, self._desk.clock.now(), data))


def _as_left(timer: Timer) -> Timer:
    """The mark of a sending that nobody took away: the process ended, or could not write down what came of it."""
    left = {"uncertain": True} if timer.data.get("sending") else {}
    return replace(timer, data={**timer.data, "sending": False, **left})
