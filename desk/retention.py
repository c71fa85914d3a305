"""Forgets what is older than the office wants to keep."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from desk import binding, known_clients, sources
from desk.office import Desk
from storage import calls, forgetting, memory, totals
from storage.database import Tx

#: Telegram repeats an update for a day at most.
UPDATES = timedelta(days=7)
#: What must happen once is asked for again within days, if at all.
FIRINGS = timedelta(days=60)
#: A call whose end nobody told is not going on any more.
LIVE_CALLS = timedelta(hours=12)


async def forget_old(desk: Desk) -> None:
    """Drop what is too old; who still waits for a call stays. Raises `DatabaseUnavailable`."""
    now, office = desk.clock.now(), desk.office
    await _in_pieces(desk, forgetting.of_calls, now - timedelta(days=office.calls_days))
    await _in_pieces(desk, forgetting.bodies, now - timedelta(days=office.raw_days))
    async with desk.db.write() as tx:
        await memory.forget_updates_before(tx, now - UPDATES)
        await memory.forget_firings_before(tx, now - FIRINGS)
        await totals.drop_before(tx, now - timedelta(days=office.calls_days))
        await calls.forget_live_before(tx, now - LIVE_CALLS)
        for prefix in (sources.KEPT_AS, known_clients.KEPT_AS, binding.KEPT_AS):
            await memory.forget_kept_before(tx, prefix, now - timedelta(days=office.raw_days))


async def _in_pieces(desk: Desk, forget: Callable[[Tx, datetime], Awaitable[int]], moment: datetime) -> None:
    while True:
        async with desk.db.write() as tx:
            if await forget(tx, moment) < forgetting.PIECE:
                return
