"""Past calls, from a PBX's history into ours, day by day. No cards: what was missed then is told in summaries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from desk import ledger, pbx_troubles, read_back
from desk.office import Desk
from desk.periods import midnight
from pbx.errors import PbxError
from storage import memory


@dataclass(frozen=True, slots=True)
class Report:
    """What an import brought; days that an earlier one had finished are counted as skipped."""

    days: int = 0
    skipped: int = 0
    read: int = 0
    news: int = 0


#: Called after each day: days done, and days there are.
Progress = Callable[[int, int], None]


async def import_history(
    desk: Desk, pbx_id: str, start: datetime, end: datetime, progress: Progress = lambda done, total: None
) -> Report:
    """Take in the calls that began in [start, end), rounded to whole local days of the office.

    Finished days are remembered, so that a repetition goes on where the last one was ended; a day that is not over
    is never finished. Raises `PbxError` (noted for `/status`) and `DatabaseUnavailable`.
    """
    zone = desk.office.timezone
    first, last = start.astimezone(zone).date(), (end - timedelta(microseconds=1)).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    skipped = read = news = 0
    for done, day in enumerate(days, start=1):
        if await _is_finished(desk, pbx_id, day):
            skipped += 1
        else:
            rows, new = await _take_in(desk, pbx_id, day)
            read, news = read + rows, news + new
        progress(done, len(days))
    async with desk.db.write() as tx:
        await ledger.expire_silent(desk, tx, pbx_id, desk.clock.now())
    return Report(len(days), skipped, read, news)


async def _take_in(desk: Desk, pbx_id: str, day: date) -> tuple[int, int]:
    """One day; what nobody returned within a week of its calls has expired since."""
    zone, now = desk.office.timezone, desk.clock.now()
    start, end = midnight(day, zone), min(midnight(day + timedelta(days=1), zone), now)
    if start >= end:
        return 0, 0
    history = desk.pbxes[pbx_id].history(start - read_back.EDGE, end)
    try:
        rows = [row async for row in history]
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    news = await read_back.take_in(desk, pbx_id, rows, via="import", since=start, until=now)
    async with desk.db.write() as tx:
        await ledger.expire_silent(desk, tx, pbx_id, end)
        if end <= now - read_back.EDGE:
            await memory.keep(desk.db, tx, pbx_id, _name(day), "", now)
    return sum(1 for row in rows if row.started_at >= start), news


async def _is_finished(desk: Desk, pbx_id: str, day: date) -> bool:
    async with desk.db.read() as tx:
        return await memory.recall(tx, pbx_id, _name(day)) is not None


def _name(day: date) -> str:
    return f"imported {day}"
