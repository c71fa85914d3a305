"""A message for each call, where a chat wants that: from its first ring until somebody has talked.

When nobody answered, it becomes the missed call's card. What is not sent by the end of its call is never sent: cards
go first.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256

from desk import live_calls, routing
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


async def show(desk: Desk, tx: Tx, pbx_id: str, lives: Sequence[LiveCall]) -> None:
    """There is news of calls that go on: chats that want them see them, from the first ring."""
    told = {_subject(pbx_id, live.call_id): live for live in lives if live.direction in (Direction.IN, Direction.OUT)}
    shown = await notices.find_each(tx, KIND, told) if told else {}
    places = await _places(desk, tx, pbx_id, told) if told else {}
    now = desk.clock.now()
    for subject, live in told.items():
        if subject in shown:
            await notices.deliver_to(desk.db, tx, shown[subject].id, places[subject], now)
            await notices.touch(tx, shown[subject].id, now)
        elif places[subject] and live.stage in GOING_ON:
            data = {"call_id": live.call_id}
            notice_id = await notices.add(desk.db, tx, KIND, subject, now, pbx_id=pbx_id, data=data)
            assert notice_id is not None
            await notices.deliver_to(desk.db, tx, notice_id, places[subject], now)
            timer = Timer(KIND, f"{pbx_id} {live.call_id}", now + LONGEST, {})
            await memory.set_timer(desk.db, tx, timer)


async def _places(desk: Desk, tx: Tx, pbx_id: str, lives: Mapping[str, LiveCall]) -> dict[str, list[routing.Where]]:
    """Where each would be shown were it missed, and calls are wanted from the first ring."""
    missed = {subject: call for subject, live in lives.items() if (call := live_calls.as_call(live))}
    if not any(chosen.live for chosen in (await routing.chosen(desk, tx, KIND, pbx_id)).values()):
        return {subject: [] for subject in lives}
    routes = await routing.routes(desk, tx, KIND, pbx_id, routing.clients_of(missed.values()))
    return {
        subject: [place for place in routes.places([missed[subject]]) if routes.settings[place[0]].live]
        if subject in missed
        else []
        for subject in lives
    }


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
    told = {stored.call.id: stored for stored in news}
    no_news = set((await calls.main_ids(tx, pbx_id, [call.id for call in finished if call.id not in told])).values())
    known = await calls.by_call_ids(tx, pbx_id, no_news - told.keys()) if no_news - told.keys() else {}
    went_on = await calls.forget_live(tx, pbx_id, *told, *known) if told or known else set()
    ended = told | {call_id: stored for call_id, stored in known.items() if call_id in went_on}
    known_by = {call_id: call_id for call_id in ended}
    for call_id in sorted(ended.keys() - went_on):
        known_by[call_id] = await live_calls.by_another_id(desk, tx, ended[call_id])
        if known_by[call_id] != call_id:
            await _renamed(desk, tx, pbx_id, known_by[call_id], call_id)
    subjects = {_subject(pbx_id, call_id): call_id for call_id in ended}
    for subject, notice in (await notices.find_each(tx, KIND, subjects)).items() if subjects else ():
        await memory.stop_timer(tx, KIND, f"{pbx_id} {known_by[subjects[subject]]}")
        await _ended(desk, tx, ended[subjects[subject]], notice, stays)


async def _ended(desk: Desk, tx: Tx, stored: StoredCall, notice: Notice, stays: timedelta) -> None:
    await notices.drop_unsent(tx, notice.id)
    if stored.call.is_missed:
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
    if card is None:
        return
    await notices.lock(tx, card.id)
    for shown in await notices.deliveries_of(tx, notice.id):
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
