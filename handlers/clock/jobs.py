"""What happens because it is time. Each job asks the desk what is due: nothing is remembered here."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from desk import (
    blacklist,
    calling,
    current_calls,
    directory,
    ledger,
    lines,
    our_numbers,
    polling,
    reconcile,
    regular_summaries,
    retention,
    timers,
    tokens,
    totalling,
)
from desk.office import Desk
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem, RotatingTokens
from storage.database import DatabaseUnavailable

log = structlog.get_logger()

#: How far back recent history is read each time, and at start and hourly.
RECENT = timedelta(hours=2)
A_DAY = timedelta(hours=24)


class Jobs:
    """The timetable."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}
        )

    def start(self) -> None:
        self._every(timedelta(seconds=1), "timers", lambda: timers.run_due(self._desk))
        self._every(timedelta(seconds=30), "summaries", lambda: regular_summaries.due(self._desk))
        self._every(timedelta(seconds=30), "call-backs", self._call_backs)
        self._every(timedelta(hours=1), "expiry", lambda: ledger.expire(self._desk))
        self._every(timedelta(minutes=1), "totals", lambda: totalling.keep_up(self._desk))
        self._every(timedelta(hours=6), "retention", lambda: retention.forget_old(self._desk))
        for pbx_id, pbx in self._desk.pbxes.items():
            self._every(timedelta(hours=1), f"our numbers {pbx_id}", self._our_numbers(pbx_id))
            if pbx.capabilities.blacklist:
                self._every(timedelta(hours=1), f"blacklist {pbx_id}", self._blacklist(pbx_id))
            if pbx.capabilities.employees:
                self._every(timedelta(hours=1), f"employees {pbx_id}", self._directory(pbx_id))
            if pbx.capabilities.operator_lines:
                self._every(timedelta(minutes=5), f"lines {pbx_id}", self._lines(pbx_id))
            if pbx.capabilities.line_alerts and self._desk.office.public_url:
                self._every(timedelta(hours=6), f"line alerts {pbx_id}", self._line_alerts(pbx_id))
            if pbx.capabilities.polling:
                every = timedelta(seconds=self._desk.poll_seconds.get(pbx_id, 20))
                self._every(every, f"news {pbx_id}", self._news(pbx_id))
                if pbx.capabilities.active_calls:
                    self._every(every, f"current calls {pbx_id}", self._current_calls(pbx_id))
            if isinstance(pbx, RotatingTokens):
                self._every(timedelta(minutes=5), f"tokens {pbx_id}", self._tokens(pbx))
            if pbx.capabilities.history:
                minutes = timedelta(minutes=self._desk.reconcile_minutes.get(pbx_id, 8))
                self._every(minutes, f"recent history {pbx_id}", self._history(pbx_id, RECENT))
                self._every(timedelta(hours=1), f"history {pbx_id}", self._history(pbx_id, A_DAY))
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)

    def _every(self, interval: timedelta, name: str, job: Callable[[], Awaitable[object]]) -> None:
        """At once, then every `interval`."""

        async def guarded() -> None:
            try:
                await job()
            except (DatabaseUnavailable, PbxError) as error:
                log.warning("a job is put off", job=name, reason=f"{type(error).__name__}: {error}")
            except asyncio.CancelledError:
                return  # we are told to stop; the scheduler would log it as a failure
            except Exception:  # the next round is another chance
                log.exception("a job failed", job=name)
            self._desk.deliveries.ring()

        trigger = IntervalTrigger(seconds=interval.total_seconds(), timezone=UTC)
        # The scheduler goes by the machine's clock; the desk's may be ahead of it, in the demo.
        self._scheduler.add_job(guarded, trigger, id=name, next_run_time=datetime.now(UTC))

    def _directory(self, pbx_id: str) -> Callable[[], Awaitable[object]]:
        return lambda: directory.refresh(self._desk, pbx_id)

    def _our_numbers(self, pbx_id: str) -> Callable[[], Awaitable[object]]:
        return lambda: our_numbers.refresh(self._desk, pbx_id)

    def _blacklist(self, pbx_id: str) -> Callable[[], Awaitable[object]]:
        return lambda: blacklist.listed(self._desk, pbx_id)

    def _news(self, pbx_id: str) -> Callable[[], Awaitable[object]]:
        return lambda: polling.poll(self._desk, pbx_id)

    def _current_calls(self, pbx_id: str) -> Callable[[], Awaitable[object]]:
        return lambda: current_calls.watch(self._desk, pbx_id)

    def _lines(self, pbx_id: str) -> Callable[[], Awaitable[object]]:
        return lambda: lines.watch(self._desk, pbx_id)

    def _line_alerts(self, pbx_id: str) -> Callable[[], Awaitable[object]]:
        return lambda: lines.subscribe(self._desk, pbx_id)

    def _tokens(self, pbx: PhoneSystem) -> Callable[[], Awaitable[object]]:
        return lambda: tokens.keep_alive(self._desk, pbx)

    def _history(self, pbx_id: str, since: timedelta) -> Callable[[], Awaitable[object]]:
        return lambda: reconcile.reconcile(self._desk, pbx_id, since)

    async def _call_backs(self) -> None:
        async with self._desk.db.write() as tx:
            await calling.give_up_stale(self._desk, tx)
