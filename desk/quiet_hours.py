"""Quiet hours: what would ring in a chat is held while it is quiet, and comes as one message afterwards.

Held are first showings of cards, rolls, digests, ratings, lost lines, live cards and escalations, and cards that
would move down to ring again: whoever wants to be woken by any of them sets no quiet hours. What a chat shows already
is kept true by edits all the time, since an edit makes no sound. Not held is what somebody asked for or waits for: a
card opened by a button, an answer, a word to the administrators, a summary, whose time the chat chose itself.

Delivery asks when something is due, so a restart, or quiet hours chosen anew, change nothing but the time.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk import chat_settings
from desk.chat_settings import Quiet
from desk.office import Desk, WorkingHours
from storage import notices
from storage.database import Tx
from storage.notices import Delivery, Notice

#: Kinds of notices that are not held.
PROMPT = frozenset({"told", "admins", "summary"})
#: Kinds that list cases; a morning list lists these cases itself.
LISTS = frozenset({"roll", "digest", "morning"})
#: Kinds that no morning list tells: what goes on when quiet is over is shown by itself.
APART = frozenset({"call"})


def until(quiet: Quiet | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The end, UTC, of the quiet hours in which `now` lies; None if it lies in none.

    A local time that the clock skips counts an hour later; one that it shows twice, at its first coming.
    """
    if quiet is None:
        return None
    today = now.astimezone(zone).date()
    nights = 0 if quiet.since < quiet.until else 1
    for day in (today - timedelta(days=1), today):
        begins, ends = _moment(day, quiet.since, zone), _moment(day + timedelta(days=nights), quiet.until, zone)
        if begins <= now < ends:
            return ends
    return None


def began(quiet: Quiet | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When, UTC, it became quiet last; None where it never does."""
    if quiet is None:
        return None
    today = now.astimezone(zone).date()
    beginnings = (_moment(today - timedelta(days=days), quiet.since, zone) for days in (0, 1))
    return next(one for one in beginnings if one <= now)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def awake(hours: WorkingHours, quiet: Quiet | None) -> WorkingHours:
    """Working hours without the quiet ones."""
    if quiet is None:
        return hours
    since, ends = (one.hour * 60 + one.minute for one in (quiet.since, quiet.until))
    left = [(ends, since)] if ends < since else [(0, since), (ends, 24 * 60)]
    return WorkingHours(
        tuple(
            tuple(
                (max(first, begins), min(last, stops))
                for first, last in spans
                for begins, stops in left
                if max(first, begins) < min(last, stops)
            )
            for spans in hours.spans
        )
    )


async def quiet_in(desk: Desk, tx: Tx, chat_id: int) -> datetime | None:
    """Until when it is quiet in this chat; None if it is not."""
    settings = await chat_settings.of_chat(desk, tx, chat_id)
    return until(settings.quiet, settings.zone, desk.clock.now())


async def held_until(desk: Desk, tx: Tx, delivery: Delivery, notice: Notice) -> datetime | None:
    """Until when a delivery that would ring is to be held; None: it may ring."""
    if notice.kind in PROMPT or delivery.alone:
        return None
    return await quiet_in(desk, tx, delivery.chat_id)


async def hold(desk: Desk, tx: Tx, delivery: Delivery, until: datetime) -> Delivery | None:
    """Hold it, and whatever else is due to be shown there for the first time.

    What the chat shows already stays where it is: returned as it is to be edited.
    """
    await notices.hold(tx, delivery.chat_id, PROMPT, desk.clock.now(), until)
    if delivery.message_id is None:
        return None
    await notices.change(tx, delivery.id, held_until=until)
    return replace(delivery, held_until=until, anew=False)


async def released(desk: Desk, tx: Tx, delivery: Delivery, notice: Notice) -> tuple[Delivery, Notice]:
    """Quiet is over: one held notice comes as itself, several as a morning list. To be shown at once."""
    place = (delivery.chat_id, delivery.thread_id)
    held = await notices.held(tx, *place, desk.clock.now(), APART)
    if notice.kind in APART or len(held) <= 1:
        await notices.change(tx, delivery.id, held_until=None)
        return replace(delivery, held_until=None), notice
    return await _morning_list(desk, tx, held)


async def _morning_list(desk: Desk, tx: Tx, held: list[Delivery]) -> tuple[Delivery, Notice]:
    now, place = desk.clock.now(), (held[0].chat_id, held[0].thread_id)
    told = [notice for one in held if (notice := await notices.get(tx, one.notice_id))]
    settings = await chat_settings.of_chat(desk, tx, place[0])
    since = began(settings.quiet, settings.zone, now) or min(one.created_at for one in told)
    subject, data = f"from delivery {held[0].id} {now.timestamp():.0f}", {"since": since.isoformat()}
    list_id = await notices.add(desk.db, tx, "morning", subject, now, data=data)
    assert list_id is not None
    for notice in told:
        if notice.kind in LISTS:
            await notices.relist(tx, notice.id, list_id, *place)
    await notices.list_held(tx, list_id, [one.id for one in held], now)
    await notices.deliver_to(desk.db, tx, list_id, [place], now)
    listing, notice = await notices.in_place(tx, list_id, *place), await notices.get(tx, list_id)
    assert listing is not None
    assert notice is not None
    return listing, notice
