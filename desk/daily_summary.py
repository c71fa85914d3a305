"""Each chat's daily summary: at the chat's own time in its own zone, once per local day.

The summary covers the local day so far. If the program was not running at the time, it comes as soon as it runs
again; for the day before only until noon, and then for that whole day: in the morning yesterday is still worth
reading, in the afternoon the next summary is nearer. A time chosen after it has passed counts from the next day.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk import chat_settings
from desk.office import Desk
from desk.periods import midnight
from storage import chats, memory, notices
from storage.chats import Chat
from storage.database import Tx

#: Until this local time, yesterday's summary is still worth sending.
STALE = time(12)
#: How often it is written down that we looked: what was due before the last look was dealt with then.
LOOKED = timedelta(minutes=5)

_LOOKED = "summaries_looked"


@dataclass(frozen=True, slots=True)
class Due:
    """A summary to be sent: of [start, until) on `day`, due at `at`."""

    day: date
    at: datetime
    start: datetime
    until: datetime


async def due(desk: Desk) -> None:
    """Send what is due. Called every half minute, and at start. Raises `DatabaseUnavailable`."""
    now = desk.clock.now()
    async with desk.db.read() as tx:
        looked = await _looked(tx, now)
        waiting = [(chat, one) for chat in await chats.with_bindings(tx) if (one := _due(desk, chat, looked, now))]
    for chat, one in waiting:
        async with desk.db.write() as tx:
            if await memory.fire(desk.db, tx, f"summary {chat.chat_id} {one.day}", now):
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


def _due(desk: Desk, chat: Chat, looked: datetime | None, now: datetime) -> Due | None:
    """The latest summary that became due since we last looked."""
    settings = chat_settings.resolved(desk, chat.settings)
    if settings.summary_at is None:
        return None
    zone, at = settings.zone, time.fromisoformat(settings.summary_at)
    local = now.astimezone(zone)
    today, yesterday = local.date(), local.date() - timedelta(days=1)
    if (moment := moment_of(today, at, zone)) <= now:
        is_news = looked is None or moment > looked
        return Due(today, moment, midnight(today, zone), now) if is_news else None
    moment = moment_of(yesterday, at, zone)
    if looked is not None and moment > looked and local.time() < STALE:
        return Due(yesterday, moment, midnight(yesterday, zone), midnight(today, zone))
    return None


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the local clock shows `at` on that day, UTC: the first time if twice, an hour later if it is skipped."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def a_week_before(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same weekday and local time, UTC."""
    local = moment.astimezone(zone)
    return moment_of(local.date() - timedelta(days=7), local.time(), zone)


async def _send(desk: Desk, tx: Tx, chat: Chat, one: Due) -> None:
    """A notice for each place of the chat that wants it and was bound when the summary became due."""
    now, zone = desk.clock.now(), chat_settings.resolved(desk, chat.settings).zone
    moments = {
        "start": one.start,
        "until": one.until,
        "start_before": a_week_before(one.start, zone),
        "until_before": a_week_before(one.until, zone),
    }
    by_thread: defaultdict[int, list[str]] = defaultdict(list)
    for binding in await chats.bindings_of_chat(tx, chat.chat_id):
        if "summary" in binding.notices and binding.pbx_id in desk.pbxes and binding.since <= one.at:
            by_thread[binding.thread_id].append(binding.pbx_id)
    for thread_id, pbx_ids in by_thread.items():
        data = {"pbxes": pbx_ids, **{name: moment.isoformat() for name, moment in moments.items()}}
        subject = f"{chat.chat_id} {thread_id} {one.day}"
        notice_id = await notices.add(desk.db, tx, "summary", subject, now, data=data)
        if notice_id is not None:
            await notices.deliver_to(desk.db, tx, notice_id, [(chat.chat_id, thread_id)], now)
