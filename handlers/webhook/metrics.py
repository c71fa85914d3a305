"""What operators may watch, as Prometheus text: what the desk has counted, and gauges that are read when asked.

Labels are ids of the configuration and words of ours: never a number, a name or a secret.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from desk import polling, reconcile, status
from desk.health import DATABASE_WITHIN, Health
from desk.meters import BOUNDS, FINE, Asked, Event, Message
from desk.office import Desk
from pbx import errors
from pbx.phone_system import RotatingTokens
from storage import inbox, memory, notices
from storage.database import DatabaseUnavailable

CONTENT_TYPE = CONTENT_TYPE_LATEST
#: How a request to a PBX can fail.
TROUBLES = tuple(kind.__name__ for kind in errors.PbxError.__subclasses__())
#: A timer that is due for so long should have been done.
OVERDUE = timedelta(minutes=1)


async def exposition(desk: Desk, health: Health, *, floods: int, leads: bool) -> bytes:
    """All metrics as text. What can't be read because the database is out is left out."""
    wrong = await health.what_is_wrong()
    found = [
        _gauge("ready", "1 if database, Telegram and delivery work.", not wrong),
        _gauge("leader", "1 if this process has the chats and the clock.", leads),
        _counter("telegram_floods", "Times Telegram asked for silence (429).", floods),
        *_of_the_program(desk),
        *_counted(desk),
        *_of_the_pbxes(desk),
    ]
    try:
        async with asyncio.timeout(DATABASE_WITHIN):
            found += await _in_the_database(desk)
    except (DatabaseUnavailable, TimeoutError):
        pass
    now = CollectorRegistry()
    now.register(_Found(found))
    return generate_latest(now)


class _Found(Collector):
    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        return self._found


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"ringdesk_{name}", what, value=value)


def _counter(name: str, what: str, value: float) -> Metric:
    return CounterMetricFamily(f"ringdesk_{name}", what, value=value)


def _of_the_program(desk: Desk) -> Iterator[Metric]:
    built = GaugeMetricFamily("ringdesk_build_info", "What runs.", labels=["version", "database"])
    built.add_metric([status.our_version(), "sqlite" if desk.db.is_sqlite else "postgresql"], 1)
    yield built
    if started := desk.meters.started_at:
        yield _gauge("start_timestamp_seconds", "When this process began, Unix time.", started.timestamp())
    works = desk.office.working_hours.contains(desk.clock.now(), desk.office.timezone)
    yield _gauge("working_hours", "1 within the office's working hours.", works)


def _counted(desk: Desk) -> Iterator[Metric]:
    answered = CounterMetricFamily(
        "ringdesk_http_requests", "Requests answered, by route and status.", labels=["route", "status"]
    )
    for (route, code), count in sorted(desk.meters.answered.items()):
        answered.add_metric([route, str(code)], count)
    yield answered
    events = CounterMetricFamily(
        "ringdesk_events", "Events of PBXs, by what became of them.", labels=["pbx", "result"]
    )
    for pbx_id in sorted(desk.pbxes):
        for result in Event:
            events.add_metric([pbx_id, result], desk.meters.events[pbx_id, result])
    yield events
    messages = CounterMetricFamily("ringdesk_messages", "Notices shown in chats.", labels=["result"])
    for done in Message:
        messages.add_metric([done], desk.meters.messages[done])
    yield messages
    failures = CounterMetricFamily("ringdesk_message_failures", "Notices that could not be shown.", labels=["kind"])
    for kind, count in sorted(desk.meters.failures.items()):
        failures.add_metric([kind], count)
    yield failures


def _of_the_pbxes(desk: Desk) -> Iterator[Metric]:
    requests = CounterMetricFamily("ringdesk_pbx_requests", "Requests to PBXs, every try.", labels=["pbx", "result"])
    took = HistogramMetricFamily("ringdesk_pbx_request_seconds", "How long they took.", labels=["pbx"])
    trouble = GaugeMetricFamily("ringdesk_pbx_trouble", "1 if the last request failed so.", labels=["pbx", "kind"])
    tokens = GaugeMetricFamily("ringdesk_pbx_token_days", "Until the tokens end, in days.", labels=["pbx"])
    for pbx_id, pbx in sorted(desk.pbxes.items()):
        asked = desk.meters.asked.get(pbx_id, Asked())
        for result in (FINE, *TROUBLES):
            requests.add_metric([pbx_id, result], asked.results[result])
        took.add_metric([pbx_id], _buckets(asked), asked.seconds)
        for kind in TROUBLES:
            trouble.add_metric([pbx_id, kind], asked.last == kind)
        if isinstance(pbx, RotatingTokens) and (ends := pbx.token_expiry):
            tokens.add_metric([pbx_id], (ends - desk.clock.now()) / timedelta(days=1))
    yield from (requests, took, trouble, tokens)


def _buckets(asked: Asked) -> list[tuple[str, float]]:
    """Each counts what the smaller ones do too."""
    bounds = [*map(str, BOUNDS), "+Inf"]
    return [(bound, sum(asked.buckets[: n + 1])) for n, bound in enumerate(bounds)]


async def _in_the_database(desk: Desk) -> list[Metric]:
    now = desk.clock.now()
    async with desk.db.read() as tx:
        events, owed = await inbox.standing(tx), await notices.standing(tx, now)
        overdue = await memory.count_due(tx, now - OVERDUE)
        polled, read = await memory.kept_at(tx, polling.CURSOR), await memory.kept_at(tx, reconcile.LAST)
    return [
        _gauge("inbox_waiting", "Events stored and not yet worked.", events.waiting),
        _gauge("inbox_oldest_seconds", "Age of the oldest of them.", _age(events.oldest, now)),
        _gauge("inbox_failed", "Events that could not be worked.", events.failed),
        _gauge("deliveries_due", "Chats that show less than they should.", owed.due),
        _gauge("deliveries_oldest_seconds", "How long the oldest of them waits.", _age(owed.oldest, now)),
        _gauge("deliveries_refused", "Messages that Telegram refused more than once.", owed.stuck),
        _gauge("timers_overdue", "Timers due for more than a minute.", overdue),
        _ages(desk, "poll_lag_seconds", "Since a PBX without a webhook was asked for news.", polled, now),
        _ages(desk, "history_age_seconds", "Since a PBX's history was read back.", read, now),
    ]


def _ages(desk: Desk, name: str, what: str, since: Mapping[str, datetime], now: datetime) -> Metric:
    family = GaugeMetricFamily(f"ringdesk_{name}", what, labels=["pbx"])
    for pbx_id in sorted(since.keys() & desk.pbxes.keys()):
        family.add_metric([pbx_id], _age(since[pbx_id], now))
    return family


def _age(since: datetime | None, now: datetime) -> float:
    return (now - since).total_seconds() if since else 0.0
