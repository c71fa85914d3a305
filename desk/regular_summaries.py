"""Each chat's daily and weekly summary: at the chat's own times in its own zone, once per local day and week.

The daily one covers the local day so far, the weekly one the week before, from Thursday on the week so far. If the
program was not running at the time, it comes as soon as it runs again: for the day before only until noon, and then
for that whole day, since in the morning yesterday is still worth reading and in the afternoon the next summary is
nearer; a week for three days. A time chosen after it has passed counts from the next day or week.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk import chat_settings
from desk.chat_settings import WEEKDAYS, ChatSettings
from desk.office import Desk
from desk.periods import A_DAY, A_WEEK, Days, midnight, moment_of
from storage import chats, memory, notices
from storage.chats import Binding, Chat
from storage.database import Tx

#: Until this local time, yesterday's summary is still worth sending.
STALE = time(12)
#: For so long the week's is.
WEEK_STALE = timedelta(days=3)
#: From this weekday on, the weekly summary is about the week that ends; before, about the one that has ended.
THURSDAY = 3
#: How often it is written down that we looked: what was due before the last look was dealt with then.
LOOKED = timedelta(minutes=5)

_LOOKED = "summaries_looked"


@dataclass(frozen=True, slots=True)
class Due:
    """A summary to be sent: of `days` until `until`, due at `at`. Sent once for each `what`."""

    what: str
    at: datetime
    days: Days
    until: datetime
    zone: ZoneInfo


async def due(desk: Desk) -> None:
    """Send what is due. Called every half minute, and at start. Raises `DatabaseUnavailable`."""
    now = desk.clock.now()
    async with desk.db.read() as tx:
        looked = await _looked(tx, now)
        waiting = [
            (chat, one)
            for chat in await chats.with_bindings(tx)
            for one in all_due(chat_settings.resolved(desk, chat.settings), looked, now)
        ]
    for chat, one in waiting:
        async with desk.db.write() as tx:
            if await memory.fire(desk.db, tx, f"summary {chat.chat_id} {one.what}", now):
                await _send(desk, tx, chat, one)
        desk.deliveries.ring()
    if looked is None or now - looked >= LOOKED or waiting:
        async with desk.db.write() as tx:
            await memory.keep(desk.db, tx, "", _LOOKED, now.isoformat(), now)


async def _looked(tx: Tx, now: datetime) -> datetime | None:
    """When we last looked; None if never, or if the clock was ahead then."""
    kept = await memory.recall(tx, "", _LOOKED)
    looked = datetime.fromisoformat(kept) if kept else None
    return None if looked and looked > now else looked


def all_due(settings: ChatSettings, looked: datetime | None, now: datetime) -> list[Due]:
    """The latest summaries of a chat that became due since we last looked (None: never yet)."""
    found = (_daily(settings, looked, now), _weekly(settings, looked, now))
    return [one for one in found if one]


def _daily(settings: ChatSettings, looked: datetime | None, now: datetime) -> Due | None:
    if settings.summary_at is None:
        return None
    zone, at = settings.zone, time.fromisoformat(settings.summary_at)
    local = now.astimezone(zone)
    today, yesterday = local.date(), local.date() - A_DAY
    if (moment := moment_of(today, at, zone)) <= now:
        is_news = looked is None or moment > looked
        return Due(str(today), moment, Days(today, today + A_DAY), now, zone) if is_news else None
    moment = moment_of(yesterday, at, zone)
    if looked is not None and moment > looked and local.time() < STALE:
        return Due(str(yesterday), moment, Days(yesterday, today), midnight(today, zone), zone)
    return None


def _weekly(settings: ChatSettings, looked: datetime | None, now: datetime) -> Due | None:
    if settings.weekly_at is None or (chosen := weekday_and_time(settings.weekly_at)) is None:
        return None
    zone, (weekday, at) = settings.zone, chosen
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - weekday) % 7)
    if (moment := moment_of(day, at, zone)) > now:
        day -= A_WEEK
        moment = moment_of(day, at, zone)
    is_news = moment > looked if looked else day == today
    if not is_news or now - moment >= WEEK_STALE:
        return None
    days = week_told_on(day)
    return Due(f"week {days.first}", moment, days, min(midnight(days.after, zone), now), zone)


def weekday_and_time(text: str) -> tuple[int, time] | None:
    """``mon 09:00`` as (0, 09:00), local; None if it is something else."""
    day, _, at = text.partition(" ")
    try:
        return WEEKDAYS.index(day), time.fromisoformat(at)
    except ValueError:
        return None


def week_told_on(day: date) -> Days:
    """The week, from Monday, that a summary on that day is about."""
    monday = day - timedelta(days=day.weekday())
    first = monday if day.weekday() >= THURSDAY else monday - A_WEEK
    return Days(first, first + A_WEEK)


async def _send(desk: Desk, tx: Tx, chat: Chat, one: Due) -> None:
    """A notice for each place of the chat that wants it and was bound when the summary became due."""
    now, start = desk.clock.now(), midnight(one.days.first, one.zone)
    told = {
        "zone": one.zone.key,
        "days": one.days.count,
        "start": start.isoformat(),
        "until": one.until.isoformat(),
    }
    by_thread: defaultdict[int, list[Binding]] = defaultdict(list)
    for binding in await chats.bindings_of_chat(tx, chat.chat_id):
        if "summary" in binding.notices and binding.pbx_id in desk.pbxes and binding.since <= one.at:
            by_thread[binding.thread_id].append(binding)
    for thread_id, bound in by_thread.items():
        subject = f"{chat.chat_id} {thread_id} {one.what}"
        about = {
            "pbxes": [each.pbx_id for each in bound],
            "for_some": any(each.filters for each in bound),
            "at": [chat.chat_id, thread_id],
        }
        notice_id = await notices.add(desk.db, tx, "summary", subject, now, data=about | told)
        if notice_id is not None:
            await notices.deliver_to(desk.db, tx, notice_id, [(chat.chat_id, thread_id)], now)
