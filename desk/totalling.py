"""Days and hours that are over are added up, once, and again when something in them has changed.

Days of the office's time zone as far back as there are calls, and each third of a month out of its days; hours of the
last weeks, for periods that end within a day: today's, and the same period before. What is not added up yet is
counted when a summary asks for it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from desk import totals as summed
from desk.office import Desk
from desk.periods import A_DAY, midnight
from storage import totals
from storage.totals import CALLS, CASES, HOURS, OF_DAYS, PEOPLE, Stretch

log = structlog.get_logger()

#: Stretches added up in one round.
AT_ONCE = 100
#: Hours are kept of so many days: the same day a month ago is one of them.
HOURS_KEPT = 32
#: So long cases of a third go on changing: until then it would be added up anew every minute.
CASES_GO_ON = timedelta(days=7)
#: The days of a month on which a third of it begins.
THIRDS, A_THIRD = (1, 11, 21), timedelta(days=10)
#: Until everybody who was writing is done; then we try again next time.
TRIES, PAUSE = 40, 0.05


async def keep_up(desk: Desk) -> int:
    """Add up what is missing, the latest first; how much that was. Raises `DatabaseUnavailable`."""
    await _sweep(desk)
    missing: list[Stretch] = []
    for pbx_id in desk.pbxes:
        missing += await _missing(desk, pbx_id, AT_ONCE - len(missing))
    return await _add_up(desk, missing) if missing else 0


async def _sweep(desk: Desk) -> None:
    while True:
        async with desk.db.write() as tx:
            if await totals.sweep(tx) < totals.PIECE:
                return


async def _missing(desk: Desk, pbx_id: str, limit: int) -> list[Stretch]:
    """What there should be totals of and is not. What there should not be is dropped: the office has moved, say."""
    async with desk.db.read() as tx:
        first = await totals.first_call(tx, pbx_id)
        known = await totals.known(tx, pbx_id)
    wanted = list(_wanted(pbx_id, first, desk.clock.now(), desk.office.timezone)) if first else []
    if unwanted := known.difference(wanted):
        async with desk.db.write() as tx:
            await totals.drop(tx, list(unwanted))
    return [one for one in wanted if one not in known][:limit]


def _wanted(pbx_id: str, first: datetime, now: datetime, zone: ZoneInfo) -> Iterator[Stretch]:
    """The latest first; what is made of days comes after all of them."""
    today, first_day = now.astimezone(zone).date(), first.astimezone(zone).date()
    for back in range((today - first_day).days + 1):
        day = today - timedelta(days=back)
        start, end = midnight(day, zone), midnight(day + A_DAY, zone)
        if back:
            yield from (Stretch(pbx_id, part, start, end) for part in (CALLS, CASES, PEOPLE))
        if back < HOURS_KEPT:
            yield from _hours(pbx_id, start, min(end, now))
    yield from _thirds(pbx_id, first_day, today, zone)


def _hours(pbx_id: str, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Whole ones, from the day's beginning."""
    for number in reversed(range((end - start) // timedelta(hours=1))):
        begins = start + timedelta(hours=number)
        yield Stretch(pbx_id, HOURS, begins, begins + timedelta(hours=1))


def _thirds(pbx_id: str, first_day: date, today: date, zone: ZoneInfo) -> Iterator[Stretch]:
    """Those of every month that are over; the last one is as long as it has to be."""
    for back in range((today - first_day).days + 1):
        day = today - timedelta(days=back)
        after = day + A_THIRD if day.day < THIRDS[-1] else (day + A_THIRD * 2).replace(day=1)
        for part, of in OF_DAYS.items() if day.day in THIRDS else ():
            if (after + CASES_GO_ON if of == CASES else after) <= today:
                yield Stretch(pbx_id, part, midnight(day, zone), midnight(after, zone))


async def _add_up(desk: Desk, missing: Sequence[Stretch]) -> int:
    """As `storage.totals` says, so that nothing is lost that is written meanwhile."""
    async with desk.db.write() as tx:
        mark = await totals.begin(desk.db, tx, missing)
    if not await _settled(desk):
        log.info("totals are put off", reason="somebody writes for long")
        return 0
    done = 0
    for one in missing:
        async with desk.db.read() as tx:
            figures = await asyncio.to_thread(summed.written, await summed.counted(tx, one))
        async with desk.db.write() as tx:
            done += await totals.finish(tx, one, mark, figures)
    return done


async def _settled(desk: Desk) -> bool:
    async with desk.db.read() as tx:
        writing = await totals.writing(desk.db, tx)
    for _ in range(TRIES):
        async with desk.db.read() as tx:
            if await totals.settled(desk.db, tx, writing):
                return True
        await desk.clock.sleep(PAUSE)
    return False
