"""What clients think of calls: each rating is told once, and joined to its call whenever that becomes known."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from desk import chat_settings, hearing, routing
from desk.chat_settings import Listeners
from desk.office import Desk
from pbx.vocabulary import Call, Rated
from storage import calls, chats, memory, notices, ratings
from storage.calls import StoredCall
from storage.database import Tx
from storage.ratings import Rating

#: The kind of the notice.
KIND = "rating"
#: Stars that only the history tells of are announced if they are so fresh; older ones are counted.
RECENT = timedelta(minutes=30)


async def happened(desk: Desk, tx: Tx, pbx_id: str, key: str, event: Rated, at: datetime) -> StoredCall | None:
    """A client has rated a call; the call, if it is known. Told of one call again, it is the same rating.

    The latest word counts: somebody who corrects themselves is believed.
    """
    call_id = await calls.main_id(tx, pbx_id, event.call_id) if event.call_id else None
    await desk.db.one_at_a_time(tx, f"client {event.client or call_id or key}")
    stored = await calls.by_call_id(tx, pbx_id, call_id) if call_id else None
    known = await ratings.of_call(tx, pbx_id, call_id) if call_id else None
    if known is None:
        rating_id = await ratings.add(
            desk.db, tx, pbx_id, key, call_id, event.client, event.employee, event.stars, at
        )
    elif known.stars != event.stars:
        rating_id = known.id
        await ratings.change(tx, rating_id, stars=event.stars)
    else:
        rating_id = None
    rating = await ratings.get(tx, rating_id) if rating_id is not None else None
    if rating is not None:
        await _tell(desk, tx, rating, stored)
    return stored if rating is not None else None


async def follow(desk: Desk, tx: Tx, pbx_id: str, news: Sequence[StoredCall]) -> None:
    """There is news of these calls: what was said of them before they were known finds its employee now."""
    known = await ratings.of_calls(tx, pbx_id, [stored.call.id for stored in news]) if news else {}
    for stored in news:
        rating = known.get(stored.call.id) or await _out_of_history(desk, tx, stored)
        if rating is None:
            continue
        told = await notices.find(tx, KIND, str(rating.id))
        if told is not None or desk.clock.now() - rating.at <= RECENT:
            await _tell(desk, tx, rating, stored)
        else:
            await _join(tx, rating, stored.call)


async def _out_of_history(desk: Desk, tx: Tx, stored: StoredCall) -> Rating | None:
    """No event told of these stars: the PBX's history has them beside the call. Given when the call ended, we say."""
    call = stored.call
    if call.rating is None:
        return None
    key = f"call {sha256(call.id.encode()).hexdigest()[:40]}"
    about = (call.id, call.client, call.employee, call.rating, call.ended_at)
    rating_id = await ratings.add(desk.db, tx, stored.pbx_id, key, *about)
    return await ratings.get(tx, rating_id) if rating_id is not None else None


async def _tell(desk: Desk, tx: Tx, rating: Rating, stored: StoredCall | None) -> None:
    """Chats show it as it is now; a low one brings its recording along, once."""
    now = desk.clock.now()
    if stored is not None:
        await _join(tx, rating, stored.call)
    notice_id = await notices.add(desk.db, tx, KIND, str(rating.id), now, pbx_id=rating.pbx_id)
    if notice_id is None:
        notice = await notices.find(tx, KIND, str(rating.id))
        assert notice is not None
        notice_id = notice.id
        await notices.touch(tx, notice_id, now)
    call = stored.call if stored else None
    places = await routing.places_of_rating(desk, tx, rating.pbx_id, rating.stars, call)
    await notices.deliver_to(desk.db, tx, notice_id, places, now)
    if stored is not None and hearing.playable(desk, stored):
        for place in await _listening(desk, tx, rating, places):
            if await memory.fire(desk.db, tx, f"low rating {rating.id} {place[0]} {place[1]}", now):
                await hearing.ask(desk, tx, stored, place, notice_id=notice_id)


async def _join(tx: Tx, rating: Rating, call: Call) -> None:
    """Whose call it was, as far as the call's news tell."""
    values = {"client": rating.client or call.client, "employee": rating.employee or call.employee}
    await ratings.change(tx, rating.id, **values)


async def managers(desk: Desk, tx: Tx, rating: Rating) -> list[routing.Where]:
    """Where low ratings are taken, and this is one."""
    takers = [one for one in await chats.bindings_of_pbx(tx, rating.pbx_id) if "low_ratings" in one.notices]
    return [
        (one.chat_id, one.thread_id)
        for one in takers
        if rating.stars <= (await chat_settings.of_chat(desk, tx, one.chat_id)).low_rating
    ]


async def _listening(desk: Desk, tx: Tx, rating: Rating, places: Sequence[routing.Where]) -> list[routing.Where]:
    """Of these, the managers' in which recordings may be heard."""
    theirs = [place for place in await managers(desk, tx, rating) if place in places]
    return [
        place
        for place in theirs
        if (await chat_settings.of_chat(desk, tx, place[0])).listeners is not Listeners.NOBODY
    ]
