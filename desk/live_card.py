"""A message for each call, where a chat wants that: from its first ring until somebody has talked.

When nobody answered, it becomes the missed call's card. What is not sent by the end of its call is never sent: cards
go first.
"""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from desk import chat_settings, live_calls, routing
from desk.live_calls import GOING_ON, LONGEST
from desk.office import Desk
from pbx.vocabulary import Call, Direction
from storage import calls, memory, notices
from storage.calls import LiveCall, StoredCall
from storage.database import Tx
from storage.memory import Timer
from storage.notices import Delivery, Notice

#: The kind of the notice and of the timer that ends it.
KIND = "call"


def _subject(pbx_id: str, call_id: str) -> str:
    """Within the 80 characters of a subject, however long a PBX's ids are."""
    plain = f"{pbx_id} {call_id}"
    return plain if len(plain) <= 80 else f"{pbx_id} {sha256(call_id.encode()).hexdigest()[:32]}"


async def show(desk: Desk, tx: Tx, live: LiveCall) -> None:
    """There is news of a call that goes on: chats that want it see it, from its first ring."""
    if live.direction not in (Direction.IN, Direction.OUT):
        return
    places = await _places(desk, tx, live)
    notice = await notices.find(tx, KIND, _subject(live.pbx_id, live.call_id))
    now = desk.clock.now()
    if notice is not None:
        await notices.deliver_to(desk.db, tx, notice.id, places, now)
        await notices.touch(tx, notice.id, now)
    elif places and live.stage in GOING_ON:
        subject, data = _subject(live.pbx_id, live.call_id), {"call_id": live.call_id}
        notice_id = await notices.add(desk.db, tx, KIND, subject, now, pbx_id=live.pbx_id, data=data)
        assert notice_id is not None
        await notices.deliver_to(desk.db, tx, notice_id, places, now)
        timer = Timer(KIND, f"{live.pbx_id} {live.call_id}", now + LONGEST, {})
        await memory.set_timer(desk.db, tx, timer)


async def _places(desk: Desk, tx: Tx, live: LiveCall) -> Sequence[routing.Where]:
    """Where it would be shown were it missed, and calls are wanted from the first ring."""
    call = live_calls.as_call(live)
    if call is None:
        return []
    found = await routing.places(desk, tx, KIND, live.pbx_id, [call])
    return [place for place in found if (await chat_settings.of_chat(desk, tx, place[0])).live]


async def one_message(desk: Desk, tx: Tx, pbx_id: str, call_id: str, second_id: str) -> None:
    """`second_id` was the call `call_id` all along: a message of its own goes away."""
    if second_id == call_id:
        return
    notice = await notices.find(tx, KIND, _subject(pbx_id, second_id))
    if notice is not None:
        await notices.drop_unsent(tx, notice.id)
        await notices.change_data(tx, notice.id, {**notice.data, "joined": True})
        await notices.touch(tx, notice.id, desk.clock.now())
        await memory.stop_timer(tx, KIND, f"{pbx_id} {second_id}")


async def settle(
    desk: Desk, tx: Tx, pbx_id: str, finished: Sequence[Call], news: Sequence[StoredCall], stays: timedelta
) -> None:
    """The records of these calls are here, and their cases stand as they should.

    A missed call's card takes the message over; where it was sent longer ago than `stays`, the card moves down.
    """
    for stored in news:
        await _ended(desk, tx, stored, stays)
    told = {stored.call.id for stored in news}
    for call in finished:
        call_id = await calls.main_id(tx, pbx_id, call.id) if call.id not in told else call.id
        if call_id not in told and await calls.live_call(tx, pbx_id, call_id):
            known = await calls.by_call_id(tx, pbx_id, call_id)
            if known is not None:
                await _ended(desk, tx, known, stays)


async def _ended(desk: Desk, tx: Tx, stored: StoredCall, stays: timedelta) -> None:
    pbx_id, call = stored.pbx_id, stored.call
    known_by = await live_calls.over(desk, tx, stored)
    if known_by != call.id:
        await _renamed(desk, tx, pbx_id, known_by, call.id)
    notice = await notices.find(tx, KIND, _subject(pbx_id, call.id))
    if notice is None:
        return
    await memory.stop_timer(tx, KIND, f"{pbx_id} {known_by}")
    await notices.drop_unsent(tx, notice.id)
    if call.is_missed:
        await _hand_over(desk, tx, stored, notice, stays)
    await notices.touch(tx, notice.id, desk.clock.now())


async def _renamed(desk: Desk, tx: Tx, pbx_id: str, known_by: str, call_id: str) -> None:
    """The call has the id of its record from now on, and so has its message; unless that has one already."""
    notice = await notices.find(tx, KIND, _subject(pbx_id, known_by))
    if notice is None:
        return
    if await notices.find(tx, KIND, _subject(pbx_id, call_id)) is None:
        await notices.change_subject(tx, notice.id, _subject(pbx_id, call_id))
    else:
        await one_message(desk, tx, pbx_id, call_id, known_by)


async def touch(desk: Desk, tx: Tx, stored: StoredCall) -> None:
    """The call's message is to be shown as the call is now."""
    notice = await notices.find(tx, KIND, _subject(stored.pbx_id, stored.call.id))
    if notice is not None:
        await notices.touch(tx, notice.id, desk.clock.now())


async def _hand_over(desk: Desk, tx: Tx, stored: StoredCall, notice: Notice, stays: timedelta) -> None:
    fresh = await calls.by_id(tx, stored.id)
    card = await notices.find(tx, "case", str(fresh.case_id)) if fresh and fresh.case_id is not None else None
    for shown in await notices.deliveries_of(tx, notice.id) if card else []:
        assert card is not None
        place = await notices.in_place(tx, card.id, shown.chat_id, shown.thread_id)
        # What is on its way just now has no message yet: it is taken away once it is there.
        settled = place is not None and place.sending_since is None and shown.message_id is not None
        if place is not None and settled and (place.anew or (place.message_id is None and place.roll_id is None)):
            await _becomes(desk, tx, shown, place, stays)


async def _becomes(desk: Desk, tx: Tx, shown: Delivery, card: Delivery, stays: timedelta) -> None:
    """The card has this message from now on. One that it had before is the call's, which takes it away."""
    now = desk.clock.now()
    old = shown.sent_at is None or now - shown.sent_at > stays
    own = {"message_id": shown.message_id, "sent_at": shown.sent_at, "uncertain": shown.uncertain}
    await notices.change(tx, card.id, **own, anew=old, due_at=now, held_until=None)
    if card.message_id is None:
        await notices.forget_delivery(tx, shown.id)
    else:
        await notices.change(tx, shown.id, message_id=card.message_id, sent_at=card.sent_at)


async def give_up(desk: Desk, timer: Timer) -> None:
    """Hours have passed since its first ring: unless there was news of it since, nobody knows what became of it."""
    pbx_id, _, call_id = timer.subject.partition(" ")
    async with desk.db.write() as tx:
        live = await calls.live_call(tx, pbx_id, call_id)
        if live is not None and desk.clock.now() < live.at + LONGEST:
            await memory.put_off(tx, timer, live.at + LONGEST)
            return
        await memory.finish_timer(tx, timer)
        notice = await notices.find(tx, KIND, _subject(pbx_id, call_id))
        if live is None or notice is None:
            return
        await calls.forget_live(tx, pbx_id, call_id)
        await notices.drop_unsent(tx, notice.id)
        await notices.change_data(tx, notice.id, {**notice.data, "lost": _kept(live)})
        await notices.touch(tx, notice.id, desk.clock.now())


def _kept(live: LiveCall) -> dict[str, object]:
    """What a message still says of a call that was lost sight of."""
    return {
        "direction": live.direction,
        "client": live.client,
        "employee": live.employee,
        "department": live.department,
        "our_number": live.our_number,
        "began": live.began_at.isoformat(),
    }
