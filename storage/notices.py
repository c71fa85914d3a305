"""What chats show against what they should: notices with a version, and a delivery per chat."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)

from storage import prepared
from storage.database import Database, Tx
from storage.prepared import Prepared, Row, among
from storage.tables import Instant, chats, deliveries, notices


@dataclass(frozen=True, slots=True)
class Notice:
    """A message the desk keeps true. `subject` is what it is about: a case's id, a rating's …"""

    id: int
    kind: str
    subject: str
    pbx_id: str | None
    data: dict[str, Any]
    version: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one chat shows of one notice."""

    id: int
    notice_id: int
    chat_id: int
    thread_id: int
    message_id: int | None
    sent_at: datetime | None
    shown_version: int
    due_at: datetime | None
    held_until: datetime | None
    anew: bool
    sending_since: datetime | None
    uncertain: bool
    leftover_id: int | None
    roll_id: int | None
    alone: bool
    attempts: int
    error: str | None


_NOTICE = [notices.c[field.name] for field in fields(Notice)]
_DELIVERY = [deliveries.c[field.name] for field in fields(Delivery)]


def _notice(row: Row) -> Notice:
    return Notice(*row)


def _delivery(row: Row) -> Delivery:
    return Delivery(*row)


_ADD_EACH = Prepared(
    lambda insert: insert(notices).on_conflict_do_nothing().returning(notices.c.subject, notices.c.id)
)
_GET = Prepared(select(*_NOTICE).where(notices.c.id == bindparam("notice")))
_FIND = Prepared(select(*_NOTICE).where(notices.c.kind == bindparam("of_kind"), among(notices.c.subject, "subjects")))
_DELIVER = Prepared(lambda insert: insert(deliveries).on_conflict_do_nothing())
_DELIVERIES_OF = Prepared(select(*_DELIVERY).where(among(deliveries.c.notice_id, "ids")).order_by(deliveries.c.id))


async def add(
    db: Database,
    tx: Tx,
    kind: str,
    subject: str,
    at: datetime,
    *,
    pbx_id: str | None = None,
    data: dict[str, Any] | None = None,
) -> int | None:
    """A new notice's id; None if there is one about this subject already."""
    row = {"kind": kind, "subject": subject, "pbx_id": pbx_id, "data": data or {}, "created_at": at}
    statement = db.insert(notices).values(row).on_conflict_do_nothing().returning(notices.c.id)
    new_id: int | None = (await tx.execute(statement)).scalar_one_or_none()
    return new_id


async def add_each(
    db: Database, tx: Tx, kind: str, subjects: Sequence[str], at: datetime, *, pbx_id: str
) -> dict[str, int]:
    """New notices by their subjects; those that there were already are left out."""
    rows = [{"kind": kind, "subject": one, "pbx_id": pbx_id, "data": {}, "created_at": at} for one in subjects]
    if not rows:
        return {}
    return {row[0]: row[1] for row in await _ADD_EACH.each(tx, rows)}


async def get(tx: Tx, notice_id: int) -> Notice | None:
    row = await _GET.row(tx, notice=notice_id)
    return _notice(row) if row else None


async def find(tx: Tx, kind: str, subject: str) -> Notice | None:
    return (await find_each(tx, kind, [subject])).get(subject)


async def find_each(tx: Tx, kind: str, subjects: Iterable[str]) -> dict[str, Notice]:
    """Those that there are, by their subjects."""
    found = map(_notice, await _FIND.rows(tx, of_kind=kind, subjects=list(subjects)))
    return {one.subject: one for one in found}


async def lock(tx: Tx, notice_id: int) -> Notice | None:
    """The notice, of which no showing begins until this transaction has ended."""
    row = (await tx.execute(select(*_NOTICE).where(notices.c.id == notice_id).with_for_update())).one_or_none()
    return _notice(row) if row else None


async def change_data(tx: Tx, notice_id: int, data: dict[str, Any]) -> None:
    """It says something else from now on; `touch` has it shown where it is shown already."""
    changed = {"data": data, "version": notices.c.version + 1}
    await tx.execute(update(notices).where(notices.c.id == notice_id).values(changed))


async def change_subject(tx: Tx, notice_id: int, subject: str) -> None:
    await tx.execute(update(notices).where(notices.c.id == notice_id).values(subject=subject))


async def touch(tx: Tx, notice_id: int, at: datetime) -> None:
    """Something about the notice changed: every chat that shows it is due, and so are the rolls that list it."""
    await touch_each(tx, [notice_id], at)


async def touch_each(tx: Tx, ids: Sequence[int], at: datetime) -> None:
    """The same for many."""
    if not ids:
        return
    touched = sorted({*ids, *await _ROLLS_OF.column(tx, ids=ids)})
    await _MOVE_ON.count(tx, ids=touched)
    await _FALL_DUE.count(tx, ids=touched, now=at)


def _in_reach() -> ColumnElement[bool]:
    """Chats that we are in. In the others nothing is due until we are back."""
    return deliveries.c.chat_id.not_in(select(chats.c.chat_id).where(chats.c.gone.is_(True)))


_ROLLS_OF = Prepared(
    select(deliveries.c.roll_id).where(among(deliveries.c.notice_id, "ids"), deliveries.c.roll_id.isnot(None))
)
_MOVE_ON = Prepared(update(notices).where(among(notices.c.id, "ids")).values(version=notices.c.version + 1))
_FALL_DUE = Prepared(
    update(deliveries)
    .where(
        among(deliveries.c.notice_id, "ids"),
        or_(deliveries.c.roll_id.is_(None), deliveries.c.message_id.isnot(None)),
        or_(deliveries.c.due_at.is_(None), deliveries.c.due_at > bindparam("now")),
        ~and_(deliveries.c.held_until.isnot(None), deliveries.c.message_id.is_(None)),
        _in_reach(),
    )
    .values(due_at=bindparam("now", type_=Instant))
)


async def deliver_to(db: Database, tx: Tx, notice_id: int, places: Sequence[tuple[int, int]], at: datetime) -> None:
    """The notice is to be shown in these (chat, topic) places."""
    await deliver_each(db, tx, {notice_id: places}, at)


async def deliver_each(
    db: Database, tx: Tx, places_of: Mapping[int, Sequence[tuple[int, int]]], at: datetime
) -> None:
    """Each of these notices is to be shown in its places."""
    rows = [
        {"notice_id": notice_id, "chat_id": chat, "thread_id": thread, "due_at": at}
        for notice_id, places in places_of.items()
        for chat, thread in places
    ]
    if rows:
        await _DELIVER.each(tx, rows)


async def list_in(
    db: Database, tx: Tx, roll_id: int, notice_ids: Sequence[int], chat_id: int, thread_id: int
) -> None:
    """In this place, these notices are shown by the roll that lists them, not by messages of their own."""
    where = {"chat_id": chat_id, "thread_id": thread_id, "roll_id": roll_id}
    rows = [{"notice_id": notice_id, **where} for notice_id in notice_ids]
    if rows:
        await tx.execute(db.insert(deliveries).on_conflict_do_nothing(), rows)


async def newest_in(tx: Tx, chat_id: int, kind: str) -> tuple[Delivery, Notice] | None:
    """The latest notice of this kind that the chat shows or is to show."""
    query = (
        select(*_DELIVERY)
        .join(notices, notices.c.id == deliveries.c.notice_id)
        .where(deliveries.c.chat_id == chat_id, notices.c.kind == kind)
        .order_by(deliveries.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(query)).one_or_none()
    notice = await get(tx, _delivery(row).notice_id) if row else None
    return (_delivery(row), notice) if row and notice else None


async def show_again(tx: Tx, chat_id: int, kind: str, subjects: Sequence[str], at: datetime) -> None:
    """What the chat shows of these, by themselves or in rolls, is to be rendered anew though nothing changed."""
    about = select(notices.c.id).where(notices.c.kind == kind, notices.c.subject.in_(subjects))
    here = deliveries.c.chat_id == chat_id
    rolls = select(deliveries.c.roll_id).where(
        here, deliveries.c.notice_id.in_(about), deliveries.c.roll_id.isnot(None)
    )
    roll_ids = sorted(set((await tx.execute(rolls)).scalars()))
    own = or_(deliveries.c.roll_id.is_(None), deliveries.c.message_id.isnot(None))
    shown = or_(and_(deliveries.c.notice_id.in_(about), own), deliveries.c.notice_id.in_(roll_ids))
    await tx.execute(update(deliveries).where(here, shown, deliveries.c.due_at.is_(None)).values(due_at=at))


async def ring_again(
    tx: Tx, notice_id: int, places: Sequence[tuple[int, int]], sent_before: datetime, at: datetime
) -> None:
    """Where, of these (chat, topic) places, its message is older than `sent_before`, it is to be sent anew, at the
    bottom.

    A line in a roll gets a message of its own once the roll is that old.
    """
    roll = deliveries.alias("roll")
    listed_long_ago = (
        select(roll.c.id).where(roll.c.notice_id == deliveries.c.roll_id, roll.c.sent_at < sent_before).exists()
    )
    old = or_(deliveries.c.sent_at < sent_before, and_(deliveries.c.message_id.is_(None), listed_long_ago))
    here = tuple_(deliveries.c.chat_id, deliveries.c.thread_id).in_(places)
    mine = update(deliveries).where(deliveries.c.notice_id == notice_id, here, old, _in_reach())
    await tx.execute(mine.values(anew=True, due_at=func.coalesce(deliveries.c.due_at, literal(at, Instant))))


# In a term, so that SQLite takes the few that are due, and not all there are for having them by chat.
_CHAT = (deliveries.c.chat_id + 0).label("chat")
_CHATS_DUE = Prepared(
    select(_CHAT)
    .where(deliveries.c.due_at <= bindparam("now"))
    .group_by("chat")
    .order_by(func.min(deliveries.c.due_at))
)
_DUE = (
    select(*_DELIVERY)
    .join(notices, notices.c.id == deliveries.c.notice_id)
    .where(deliveries.c.chat_id == bindparam("chat"), deliveries.c.due_at <= bindparam("now"))
)
_FIRST_DUE = Prepared(_DUE.order_by(notices.c.kind == "call", deliveries.c.due_at, deliveries.c.id).limit(1))
_NEXT_DUE = Prepared(select(func.min(deliveries.c.due_at)).where(deliveries.c.due_at.isnot(None)))
_DUE_UNSENT = Prepared(
    _DUE.where(
        deliveries.c.thread_id == bindparam("thread"),
        deliveries.c.message_id.is_(None),
        deliveries.c.sending_since.is_(None),
        deliveries.c.alone.is_(False),
        notices.c.kind == bindparam("of_kind"),
    )
    .order_by(deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("most"))
)


async def chats_due(tx: Tx, now: datetime) -> list[int]:
    """Chats that are owed something, the one that waits longest first."""
    return await _CHATS_DUE.column(tx, now=now)


async def first_due(tx: Tx, chat_id: int, now: datetime) -> Delivery | None:
    """What that chat is owed first. Calls that go on come after all else: their news is old soon, a card is not."""
    row = await _FIRST_DUE.row(tx, chat=chat_id, now=now)
    return _delivery(row) if row else None


async def next_due(tx: Tx) -> datetime | None:
    found: list[datetime | None] = await _NEXT_DUE.column(tx)
    return found[0]


async def due_unsent(tx: Tx, chat_id: int, thread_id: int, kind: str, now: datetime, limit: int) -> list[Delivery]:
    """Due first showings of notices of one kind in one place that may share a message, oldest first."""
    rows = await _DUE_UNSENT.rows(tx, chat=chat_id, thread=thread_id, of_kind=kind, now=now, most=limit)
    return [_delivery(row) for row in rows]


async def hold(tx: Tx, chat_id: int, prompt: Collection[str], now: datetime, until: datetime) -> None:
    """What is due to be shown in that chat for the first time waits until then, but for the `prompt` kinds."""
    at_once = select(notices.c.id).where(notices.c.kind.in_(prompt), notices.c.id == deliveries.c.notice_id)
    first = update(deliveries).where(
        deliveries.c.chat_id == chat_id,
        deliveries.c.due_at <= now,
        deliveries.c.message_id.is_(None),
        deliveries.c.sending_since.is_(None),
        deliveries.c.alone.is_(False),
        ~at_once.exists(),
    )
    await tx.execute(first.values(held_until=until, due_at=until))


async def held(tx: Tx, chat_id: int, thread_id: int, now: datetime, apart: Collection[str]) -> list[Delivery]:
    """What was held in one place and may be shown now, in the order in which it came, but for the kinds `apart`."""
    of_kinds = notices.c.id == deliveries.c.notice_id, notices.c.kind.not_in(apart)
    query = select(*_DELIVERY).where(
        select(notices.c.id).where(*of_kinds).exists(),
        deliveries.c.chat_id == chat_id,
        deliveries.c.thread_id == thread_id,
        deliveries.c.held_until <= now,
        deliveries.c.due_at.isnot(None),
    )
    return [_delivery(row) for row in await tx.execute(query.order_by(deliveries.c.id))]


async def list_held(tx: Tx, roll_id: int, ids: Sequence[int], at: datetime) -> None:
    """These deliveries are held no more: the roll lists them. Messages of their own are brought up to date."""
    mine = update(deliveries).where(deliveries.c.id.in_(ids))
    await tx.execute(mine.values(roll_id=roll_id, held_until=None, anew=False, due_at=None))
    await tx.execute(mine.where(deliveries.c.message_id.isnot(None)).values(due_at=at))


async def relist(tx: Tx, old: int, new: int, chat_id: int, thread_id: int) -> None:
    """What one roll was to list in this place, another lists."""
    listed = update(deliveries).where(
        deliveries.c.roll_id == old, deliveries.c.chat_id == chat_id, deliveries.c.thread_id == thread_id
    )
    await tx.execute(listed.values(roll_id=new))


async def look_again(tx: Tx, chat_id: int, at: datetime) -> None:
    """What is held in the chat is to be looked at now."""
    mine = update(deliveries).where(deliveries.c.chat_id == chat_id, deliveries.c.held_until > at)
    await tx.execute(mine.where(deliveries.c.due_at.isnot(None)).values(held_until=at, due_at=at))


async def delivery(tx: Tx, delivery_id: int) -> Delivery | None:
    row = (await tx.execute(select(*_DELIVERY).where(deliveries.c.id == delivery_id))).one_or_none()
    return _delivery(row) if row else None


async def change(tx: Tx, delivery_id: int, **values: Any) -> None:
    await prepared.change(tx, deliveries, delivery_id, **values)


async def change_many(tx: Tx, ids: Sequence[int], **values: Any) -> None:
    if ids:
        await tx.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**values))


_UNCHANGED = select(notices.c.id).where(
    notices.c.id == bindparam("of_notice"), notices.c.version == bindparam("its_version")
)
_BEGIN_SENDING = Prepared(
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("delivery"),
        deliveries.c.notice_id.in_(_UNCHANGED.with_for_update()),
        deliveries.c.due_at.isnot(None),
        deliveries.c.message_id.is_not_distinct_from(bindparam("message")),
        deliveries.c.roll_id.is_not_distinct_from(bindparam("roll")),
        deliveries.c.held_until.is_not_distinct_from(bindparam("held")),
        deliveries.c.anew == bindparam("is_anew"),
    )
    .values(sending_since=bindparam("now", type_=Instant))
)


async def begin_sending(tx: Tx, delivery: Delivery, version: int, at: datetime) -> bool:
    """Write down that it is on its way now, unless it or its notice has changed since they were read."""
    notice = {"of_notice": delivery.notice_id, "its_version": version}
    read = {"message": delivery.message_id, "roll": delivery.roll_id, "held": delivery.held_until}
    begun = await _BEGIN_SENDING.count(tx, delivery=delivery.id, **notice, **read, is_anew=delivery.anew, now=at)
    return begun == 1


_CURRENT = select(notices.c.version).where(notices.c.id == deliveries.c.notice_id).scalar_subquery()
_STILL_HELD = case((deliveries.c.held_until > bindparam("now"), deliveries.c.held_until), else_=null())
_IS_SHOWN = Prepared(
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"), bindparam("its_version") == _CURRENT)
    .values(due_at=_STILL_HELD)
)


async def shown(tx: Tx, delivery_id: int, *, version: int, now: datetime, **values: Any) -> None:
    """Record what a chat shows now. Stays due if the notice moved on meanwhile; what is held is due after that."""
    await change(tx, delivery_id, shown_version=version, sending_since=None, attempts=0, error=None, **values)
    await _IS_SHOWN.count(tx, delivery=delivery_id, its_version=version, now=now)


async def postpone_chat(tx: Tx, chat_id: int, until: datetime) -> None:
    """Nothing is to be delivered to the chat before `until`."""
    waiting = and_(deliveries.c.chat_id == chat_id, deliveries.c.due_at < until)
    await tx.execute(update(deliveries).where(waiting).values(due_at=until))


async def move_chat(tx: Tx, old: int, new: int) -> None:
    """The chat has a new id (group became supergroup); its old messages can't be edited under the new one."""
    there = deliveries.alias("there")
    shown_there = select(there.c.id).where(
        there.c.chat_id == new,
        there.c.notice_id == deliveries.c.notice_id,
        there.c.thread_id == deliveries.c.thread_id,
    )
    await tx.execute(delete(deliveries).where(deliveries.c.chat_id == old, shown_there.exists()))
    rows = update(deliveries).where(deliveries.c.chat_id == old)
    await tx.execute(rows.values(chat_id=new, message_id=None, sent_at=None))


async def give_up_chat(tx: Tx, chat_id: int, thread_id: int | None = None) -> None:
    """The bot has no business in that place any more: nothing there is due."""
    place = deliveries.c.chat_id == chat_id
    if thread_id is not None:
        place = and_(place, deliveries.c.thread_id == thread_id)
    await tx.execute(update(deliveries).where(place, deliveries.c.due_at.isnot(None)).values(due_at=None))


async def interrupted(tx: Tx) -> list[Delivery]:
    """Sends whose outcome nobody recorded: the process ended between send and record."""
    rows = await tx.execute(select(*_DELIVERY).where(deliveries.c.sending_since.isnot(None)))
    return [_delivery(row) for row in rows]


async def at_message(tx: Tx, chat_id: int, message_id: int) -> tuple[Delivery, Notice] | None:
    """The notice that a message shows."""
    query = select(*_DELIVERY).where(deliveries.c.chat_id == chat_id, deliveries.c.message_id == message_id)
    row = (await tx.execute(query)).first()
    if row is None:
        return None
    found = _delivery(row)
    notice = await get(tx, found.notice_id)
    return (found, notice) if notice else None


async def in_place(tx: Tx, notice_id: int, chat_id: int, thread_id: int | None = None) -> Delivery | None:
    """What the chat (and topic, if one is named) shows of a notice."""
    query = select(*_DELIVERY).where(deliveries.c.notice_id == notice_id, deliveries.c.chat_id == chat_id)
    if thread_id is not None:
        query = query.where(deliveries.c.thread_id == thread_id)
    row = (await tx.execute(query)).first()
    return _delivery(row) if row else None


async def deliveries_of(tx: Tx, *notice_ids: int) -> list[Delivery]:
    """What each chat shows of these notices."""
    return [_delivery(row) for row in await _DELIVERIES_OF.rows(tx, ids=notice_ids)]


async def forget_delivery(tx: Tx, delivery_id: int) -> None:
    """The place shows the notice no more, and is not to."""
    await tx.execute(delete(deliveries).where(deliveries.c.id == delivery_id))


async def drop_unsent(tx: Tx, notice_id: int) -> None:
    """Where the notice was not shown yet, it is not to be. What may have been sent stays, to be made true."""
    mine = delete(deliveries).where(deliveries.c.notice_id == notice_id, deliveries.c.message_id.is_(None))
    await tx.execute(mine.where(deliveries.c.sending_since.is_(None), deliveries.c.uncertain.is_(False)))


async def listed_in(tx: Tx, roll_id: int) -> list[Notice]:
    """The notices that a roll lists, in the order in which they came."""
    query = (
        select(*_NOTICE)
        .join(deliveries, deliveries.c.notice_id == notices.c.id)
        .where(deliveries.c.roll_id == roll_id)
    )
    return [_notice(row) for row in await tx.execute(query.order_by(notices.c.id))]


async def leftovers(tx: Tx) -> list[Delivery]:
    """Deliveries that moved down and whose old message is not deleted yet."""
    rows = await tx.execute(select(*_DELIVERY).where(deliveries.c.leftover_id.isnot(None)))
    return [_delivery(row) for row in rows]


async def move_topic(tx: Tx, chat_id: int, old: int, new: int) -> None:
    """What was to be shown in a topic that is closed or gone is to be shown in another (0: outside topics)."""
    kept = select(deliveries.c.notice_id).where(deliveries.c.chat_id == chat_id, deliveries.c.thread_id == new)
    here = and_(deliveries.c.chat_id == chat_id, deliveries.c.thread_id == old, deliveries.c.notice_id.not_in(kept))
    await tx.execute(update(deliveries).where(here).values(thread_id=new, message_id=None, sent_at=None))
    await give_up_chat(tx, chat_id, old)


@dataclass(frozen=True, slots=True)
class Standing:
    due: int
    oldest: datetime | None
    stuck: int


async def standing(tx: Tx, now: datetime) -> Standing:
    """How many deliveries are due, since when, and how many failed more than once."""
    query = select(func.count(), func.min(deliveries.c.due_at)).where(deliveries.c.due_at <= now)
    waiting = (await tx.execute(query)).one()
    stuck = select(func.count()).where(deliveries.c.due_at.isnot(None), deliveries.c.attempts > 1)
    return Standing(waiting[0], waiting[1], (await tx.execute(stuck)).scalar_one())
