"""Makes every chat show what it should: what is due is rendered as it is now and sent or edited.

One message is on its way at a time, so that a kill leaves at most one send whose outcome nobody knows. What a chat
can't be told because of Telegram's limits waits, and many first showings then share one message, a roll.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import structlog

from desk import admins, quiet_hours
from desk.limits import Limits
from desk.meters import Message
from desk.office import Desk
from desk.views import View, view_of
from storage import chats, notices
from storage.database import DatabaseUnavailable, Tx
from storage.notices import Delivery, Notice

log = structlog.get_logger()
T = TypeVar("T")

#: Clients listed in one roll. Their lines must fit into one message of 4096 characters.
ROLL_SIZE = 40
#: First showings that a private chat gets one by one, a second apart.
PRIVATE_ROOM = 10
#: Cards that could not be shown for so long come together.
OLD_NEWS = timedelta(minutes=10)
#: Kinds that the database may take long over.
SLOW = frozenset({"summary"})
#: Seconds between looks when nobody rings.
IDLE = 5.0
#: Seconds to wait while Telegram is out of reach, longer each time.
OUTAGE = (1.0, 2.0, 5.0, 10.0, 15.0)
#: Minutes until a message that Telegram refused is tried again; then it is left, and shown in /status.
REFUSED = (1, 5, 30, 120)


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, and a topic in it (0 for none)."""

    chat_id: int
    thread_id: int = 0


class MessengerError(Exception):
    """A message could not be shown."""


class TooFast(MessengerError):
    """Telegram asks for `seconds` of silence in this chat."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class Moved(MessengerError):
    """The group has become a supergroup with another id."""

    def __init__(self, new_chat_id: int) -> None:
        super().__init__("the group has a new id")
        self.new_chat_id = new_chat_id


class NoSuchMessage(MessengerError):
    """The message to be edited is not there any more, or can't be edited."""


class PlaceGone(MessengerError):
    """Kicked, blocked, or the chat does not exist."""


class TopicGone(MessengerError):
    """The topic is closed or deleted."""


class Unreachable(MessengerError):
    """Telegram did not answer, or with an outage. `maybe_done`: the message may be there all the same."""

    def __init__(self, reason: str, *, maybe_done: bool) -> None:
        super().__init__(reason)
        self.maybe_done = maybe_done


class Refused(MessengerError):
    """Telegram will not show this, for a reason of its own."""


class Messenger(Protocol):
    """Renders views and shows them. Raises the errors above."""

    async def send(self, place: Place, view: View, *, uncertain: bool) -> int:
        """Returns the message's id. `uncertain`: it may be in the chat already; the text says so."""
        ...

    async def edit(self, place: Place, message_id: int, view: View, *, uncertain: bool) -> None:
        """A message that shows this already counts as edited."""
        ...

    async def delete(self, place: Place, message_id: int) -> None:
        """A message that is gone, or too old to be deleted, counts as deleted."""
        ...

    async def greet(self) -> None:
        """Ask for something that changes nothing."""
        ...


class Deliverer:
    """The delivery loop. `run` for the program, `settle` for whoever wants all that is possible now done."""

    def __init__(self, desk: Desk, messenger: Messenger, limits: Limits) -> None:
        self._desk = desk
        self._messenger = messenger
        self._limits = limits
        self._outage = 0
        self._silent_until = desk.clock.now()

    @property
    def is_out(self) -> bool:
        """Whether Telegram was out of reach at the last try."""
        return self._outage > 0

    async def run(self) -> None:
        """Deliver for ever; cancelled to stop."""
        await self.pick_up()
        while True:
            try:
                pause = await self.settle()
            except DatabaseUnavailable as broken:
                log.warning("delivery waits for the database", reason=str(broken))
                pause = IDLE
            await self._desk.deliveries.wait(self._desk.clock, pause)

    async def pick_up(self) -> None:
        """After a restart: a send that was in flight may have arrived, so it is made again and says so."""
        async with self._desk.db.write() as tx:
            now = self._desk.clock.now()
            for one in await notices.interrupted(tx):
                await notices.change(tx, one.id, sending_since=None, uncertain=True, due_at=one.due_at or now)
                log.warning("a message may be in a chat twice", delivery=one.id)
        async with self._desk.db.read() as tx:
            left = await notices.leftovers(tx)
        for one in left:
            await self._delete_leftover(one)

    async def settle(self) -> float:
        """Deliver whatever may be delivered now; seconds until the next try is worth while."""
        if self._outage and (pause := await self._seconds_out()):
            return pause
        while True:
            now = self._desk.clock.now()
            async with self._desk.db.read(quick=True) as tx:
                chat_ids = await notices.chats_due(tx, now)
                upcoming = None if chat_ids else await notices.next_due(tx)
            if not chat_ids:
                wait = (upcoming - now).total_seconds() if upcoming else IDLE
                return min(max(wait, 0.02), IDLE)
            waits = []
            for chat_id in chat_ids:
                wait = self._limits.seconds_until(chat_id)
                if wait > 0:
                    waits.append(wait)
                    continue
                pause = await _carried_through(self._deliver_first(chat_id))
                if pause:
                    return pause
            if len(waits) == len(chat_ids):
                return min(min(waits), IDLE)

    async def _seconds_out(self) -> float:
        """After an outage something harmless is tried first: a send whose answer is lost may stand there twice."""
        left = (self._silent_until - self._desk.clock.now()).total_seconds()
        if left > 0:
            return left
        try:
            await self._messenger.greet()
        except MessengerError as error:
            return self._out(error)
        self._outage = 0
        return 0.0

    def _out(self, error: MessengerError) -> float:
        """Seconds to be silent everywhere, more each time."""
        log.warning("Telegram is out of reach", reason=str(error))
        self._outage += 1
        seconds = OUTAGE[min(self._outage, len(OUTAGE)) - 1]
        self._silent_until = self._desk.clock.now() + timedelta(seconds=seconds)
        return seconds

    async def _deliver_first(self, chat_id: int) -> float:
        """Show the chat what it is owed first. Seconds to be silent everywhere, mostly none."""
        now = self._desk.clock.now()
        async with self._desk.db.read(quick=True) as tx:
            delivery = await notices.first_due(tx, chat_id, now)
            notice = await notices.get(tx, delivery.notice_id) if delivery else None
            if delivery is None or notice is None:
                return 0.0
            is_held = await self._is_held(tx, delivery, notice)
            is_crowded = await self._is_crowded(tx, delivery, notice)
        if is_held:
            loud = await self._unless_quiet(delivery, notice)
            if loud is None:
                return 0.0
            delivery, notice = loud
        if is_held or is_crowded:
            delivery, notice = await self._rolled(delivery, notice)
        try:
            await self._show(delivery, notice)
        except MessengerError as error:
            return await self._cope(delivery, error)
        except DatabaseUnavailable:
            raise
        except Exception as broken:  # one notice that can't be told must not silence the others
            log.exception("a notice can't be shown", kind=notice.kind, subject=notice.subject)
            async with self._desk.db.write() as tx:
                await self._put_off(tx, delivery, f"{type(broken).__name__}: {broken}")
        self._outage = 0
        return 0.0

    async def _is_held(self, tx: Tx, delivery: Delivery, notice: Notice) -> bool:
        """Whether quiet hours have a word in it: it would ring now, or was kept from it."""
        if delivery.message_id is not None and not delivery.anew:
            return False
        until = await quiet_hours.held_until(self._desk, tx, delivery, notice)
        return until is not None or (delivery.held_until is not None and not delivery.alone)

    async def _unless_quiet(self, delivery: Delivery, notice: Notice) -> tuple[Delivery, Notice] | None:
        """What would ring now, as it is to be shown: in quiet hours at most by an edit, after them with all held.

        None: nothing is to be shown now.
        """
        async with self._desk.db.read() as tx:
            until = await quiet_hours.held_until(self._desk, tx, delivery, notice)
        if until is None and (delivery.held_until is None or delivery.alone):
            return delivery, notice
        async with self._desk.db.write() as tx:
            if until is None:
                return await quiet_hours.released(self._desk, tx, delivery, notice)
            kept = await quiet_hours.hold(self._desk, tx, delivery, until)
        return (kept, notice) if kept else None

    async def _is_crowded(self, tx: Tx, delivery: Delivery, notice: Notice) -> bool:
        return _may_share(delivery, notice) and bool(await self._crowd(tx, delivery, notice))

    async def _crowd(self, tx: Tx, delivery: Delivery, notice: Notice) -> list[Delivery]:
        """The cards that wait to be shown where that is more than the chat has room for, or they have waited long.

        So after an outage old news is one list, not a flood.
        """
        now = self._desk.clock.now()
        waiting = await notices.due_unsent(tx, delivery.chat_id, delivery.thread_id, "case", now, ROLL_SIZE)
        room = 1 if now - notice.created_at > OLD_NEWS else max(self._room(delivery.chat_id), 1)
        return waiting if len(waiting) > room else []

    async def _rolled(self, delivery: Delivery, notice: Notice) -> tuple[Delivery, Notice]:
        """Where cards crowd, the roll that lists them instead of the first one."""
        if not _may_share(delivery, notice):
            return delivery, notice
        now = self._desk.clock.now()
        place = (delivery.chat_id, delivery.thread_id)
        async with self._desk.db.write() as tx:
            waiting = await self._crowd(tx, delivery, notice)
            if not waiting:
                return delivery, notice
            roll_id = await notices.add(self._desk.db, tx, "roll", f"from delivery {waiting[0].id}", now)
            assert roll_id is not None
            await notices.change_many(tx, [one.id for one in waiting], roll_id=roll_id, due_at=None, anew=False)
            await notices.deliver_to(self._desk.db, tx, roll_id, [place], now)
            roll = await notices.get(tx, roll_id)
            rolled = await notices.in_place(tx, roll_id, delivery.chat_id)
            if rolled is not None and any(one.uncertain for one in waiting):
                await notices.change(tx, rolled.id, uncertain=True)
                rolled = replace(rolled, uncertain=True)
        assert roll is not None
        assert rolled is not None
        return rolled, roll

    def _room(self, chat_id: int) -> int:
        """How many first showings the chat may get one by one: half of a group's minute, the rest is for edits."""
        return self._limits.left_this_minute(chat_id) // 2 if chat_id < 0 else PRIVATE_ROOM

    async def _show(self, delivery: Delivery, notice: Notice) -> None:
        async with self._desk.db.read(quick=notice.kind not in SLOW) as tx:
            view = await view_of(self._desk, tx, notice)
        place = Place(delivery.chat_id, delivery.thread_id)
        if view is None:
            await self._take_away(delivery, notice, place)
        elif delivery.message_id is None or delivery.anew:
            await self._send(delivery, notice, place, view)
        else:
            await self._edit(delivery, notice, place, view)

    async def _send(self, delivery: Delivery, notice: Notice, place: Place, view: View) -> None:
        """What has changed since it was read is not sent as it was: the next look shows it as it is then."""
        async with self._desk.db.write(quick=True) as tx:
            if not await notices.begin_sending(tx, delivery, notice.version, self._desk.clock.now()):
                return
        try:
            message_id = await self._messenger.send(place, view, uncertain=delivery.uncertain)
        except Unreachable as error:
            if error.maybe_done:
                await self._note_uncertain(delivery)
            raise
        self._desk.meters.messages[Message.SENT] += 1
        moved = delivery.message_id
        rung = {"anew": False, "alone": False, "held_until": None}
        await self._record(
            delivery, notice, message_id=message_id, sent_at=self._desk.clock.now(), leftover_id=moved, **rung
        )
        if moved is not None:
            await self._delete_leftover(replace(delivery, leftover_id=moved))

    async def _note_uncertain(self, delivery: Delivery) -> None:
        """The next try says that it may stand there twice; if it was not the first, the next try has time."""
        async with self._desk.db.write() as tx:
            await notices.change(tx, delivery.id, uncertain=True)
            if delivery.uncertain:
                await self._put_off(tx, delivery, "no answer to a message that may have arrived")

    async def _edit(self, delivery: Delivery, notice: Notice, place: Place, view: View) -> None:
        assert delivery.message_id is not None
        try:
            await self._messenger.edit(place, delivery.message_id, view, uncertain=delivery.uncertain)
        except NoSuchMessage:  # sent anew by the next look, which knows whether it may ring
            async with self._desk.db.write() as tx:
                await notices.change(tx, delivery.id, message_id=None, due_at=self._desk.clock.now())
        else:
            self._desk.meters.messages[Message.EDITED] += 1
            await self._record(delivery, notice)

    async def _take_away(self, delivery: Delivery, notice: Notice, place: Place) -> None:
        """There is nothing to show any more: another card tells it all."""
        if delivery.message_id is not None:
            await self._messenger.delete(place, delivery.message_id)
            self._desk.meters.messages[Message.DELETED] += 1
        await self._record(delivery, notice, message_id=None, anew=False)

    async def _record(self, delivery: Delivery, notice: Notice, **values: object) -> None:
        async with self._desk.db.write(quick=True) as tx:
            await notices.shown(tx, delivery.id, version=notice.version, now=self._desk.clock.now(), **values)

    async def _delete_leftover(self, delivery: Delivery) -> None:
        assert delivery.leftover_id is not None
        try:
            await self._messenger.delete(Place(delivery.chat_id, delivery.thread_id), delivery.leftover_id)
        except Unreachable:
            return  # picked up at the next start
        except MessengerError as error:
            log.warning("an old card stays", reason=str(error))
        async with self._desk.db.write() as tx:
            await notices.change(tx, delivery.id, leftover_id=None)

    async def _cope(self, delivery: Delivery, error: MessengerError) -> float:
        """Mend what the error says is wrong. Seconds to be silent everywhere."""
        now = self._desk.clock.now()
        self._desk.meters.failures[type(error).__name__] += 1
        chat_id, thread_id = delivery.chat_id, delivery.thread_id
        async with self._desk.db.write() as tx:
            await notices.change(tx, delivery.id, sending_since=None)
            match error:
                case TooFast():
                    self._limits.pause(chat_id, error.seconds)
                    await notices.postpone_chat(tx, chat_id, now + timedelta(seconds=error.seconds))
                case Moved():
                    await chats.move(self._desk.db, tx, chat_id, error.new_chat_id)
                    await notices.move_chat(tx, chat_id, error.new_chat_id)
                case TopicGone() if thread_id:
                    await chats.move_topic(tx, chat_id, thread_id, 0)
                    await notices.move_topic(tx, chat_id, thread_id, 0)
                    await admins.tell(self._desk, tx, "topic_gone", f"{chat_id}/{thread_id}", chat_id=chat_id)
                case PlaceGone():
                    await self._give_up(tx, chat_id)
                case Unreachable():
                    return self._out(error)
                case _:
                    await self._put_off(tx, delivery, str(error))
        return 0.0

    async def _give_up(self, tx: Tx, chat_id: int) -> None:
        """The administrators hear of a group. A person who has not started the private chat is their own affair."""
        chat = await chats.get(tx, chat_id)
        await chats.set_gone(tx, chat_id)
        await notices.give_up_chat(tx, chat_id)
        if chat_id < 0 and not (chat and chat.gone):
            await admins.tell(self._desk, tx, "chat_gone", str(chat_id), chat_id=chat_id)

    async def _put_off(self, tx: Tx, delivery: Delivery, reason: str) -> None:
        later = REFUSED[delivery.attempts] if delivery.attempts < len(REFUSED) else None
        due_at = self._desk.clock.now() + timedelta(minutes=later) if later else None
        values = {"attempts": delivery.attempts + 1, "error": reason[:500], "due_at": due_at, "sending_since": None}
        await notices.change(tx, delivery.id, **values)
        log.error("a message could not be shown", delivery=delivery.id, reason=reason)


def _may_share(delivery: Delivery, notice: Notice) -> bool:
    """Whether it is a card on its way to its first showing, which a roll may take."""
    return notice.kind == "case" and delivery.message_id is None and not delivery.alone


async def _carried_through(step: Coroutine[Any, Any, T]) -> T:
    """A send that is on its way is finished and recorded although we are told to stop: else it would come twice."""
    task = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
