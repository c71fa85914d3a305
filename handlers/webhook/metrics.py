"""What operators may watch, as Prometheus text. Counters grow where things happen; gauges are read when asked."""

import asyncio

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from desk.health import DATABASE_WITHIN, Health
from desk.office import Desk
from storage import inbox, notices
from storage.database import DatabaseUnavailable

CONTENT_TYPE = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry()

ANSWERED = Counter(
    "ringdesk_http_requests", "Requests answered, by route and status.", ["route", "status"], registry=REGISTRY
)
INBOX_WAITING = Gauge("ringdesk_inbox_waiting", "Events stored and not yet worked.", registry=REGISTRY)
INBOX_AGE = Gauge("ringdesk_inbox_oldest_seconds", "Age of the oldest event not yet worked.", registry=REGISTRY)
INBOX_FAILED = Gauge("ringdesk_inbox_failed", "Events that could not be worked.", registry=REGISTRY)
INBOX_UNKNOWN = Gauge("ringdesk_inbox_unknown", "Events stored that have no meaning for us.", registry=REGISTRY)
DELIVERIES_DUE = Gauge("ringdesk_deliveries_due", "Chats that show less than they should.", registry=REGISTRY)
DELIVERIES_AGE = Gauge("ringdesk_deliveries_oldest_seconds", "How long the oldest of them waits.", registry=REGISTRY)
READY = Gauge("ringdesk_ready", "1 if database, Telegram and delivery work.", registry=REGISTRY)


async def exposition(desk: Desk, health: Health) -> bytes:
    """All metrics as text. What can't be read because the database is out keeps its last value."""
    now = desk.clock.now()
    READY.set(0 if await health.what_is_wrong() else 1)
    try:
        async with asyncio.timeout(DATABASE_WITHIN), desk.db.read() as tx:
            events = await inbox.standing(tx)
            due = await notices.standing(tx, now)
            INBOX_UNKNOWN.set(await inbox.count_unknown(tx))
    except (DatabaseUnavailable, TimeoutError):
        return generate_latest(REGISTRY)
    INBOX_WAITING.set(events.waiting)
    INBOX_FAILED.set(events.failed)
    INBOX_AGE.set((now - events.oldest).total_seconds() if events.oldest else 0)
    DELIVERIES_DUE.set(due.due)
    DELIVERIES_AGE.set((now - due.oldest).total_seconds() if due.oldest else 0)
    return generate_latest(REGISTRY)
