"""Asks a PBX how calls ended whose events did not say: soon, and again until the PBX lists them.

A PBX tells this by its history, which may be long: calls that were over at about the same time are asked for at once.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from desk import ledger, pbx_troubles, read_back
from desk.office import Desk
from pbx.errors import PbxError, RateLimited, Unavailable
from pbx.vocabulary import Call, CallOver
from storage import calls, memory
from storage.database import DatabaseUnavailable, Tx
from storage.memory import Timer

log = structlog.get_logger()

KIND = "final_word"
#: After so many answers of "not yet" it is left to reconciliation, which reads the history.
TRIES = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)
#: Calls whose ends are no further apart are asked for at once, as long as all of them are within a day.
NEAR, LONGEST_STRETCH = timedelta(minutes=20), timedelta(days=1)


async def ask_soon(desk: Desk, tx: Tx, pbx_id: str, over: CallOver, at: datetime) -> None:
    """Set the timer for a call that is over. Told of twice, it is asked for once."""
    subject = f"{pbx_id} {over.call_id}"
    if await memory.timer(tx, KIND, subject) is None:
        times = {"began": over.began, "ended": over.at}
        data = {name: moment.timestamp() for name, moment in times.items() if moment}
        await memory.set_timer(desk.db, tx, Timer(KIND, subject, at, {"tries": 0, **data}))


async def ask(desk: Desk, due: Sequence[Timer]) -> None:
    """Ask one PBX once for each of these; what it says is written down together with the end of their timers.

    Raises `Unavailable` and `RateLimited`: an outage of the PBX is no answer, so it is not counted as one. What
    could not be written is raised too, after all else is done.
    """
    pbx_id = due[0].subject.partition(" ")[0]
    timers = {_call_id(timer): timer for timer in due}
    broken: list[Exception] = []
    for stretch in _stretches(due, desk.clock.now()):
        told = await _asked(desk, pbx_id, stretch) if pbx_id in desk.pbxes else []
        for batch in read_back.batches(told):
            broken += await _write(desk, pbx_id, batch, timers)
        untold = {one.call_id for one in stretch} - {call.id for call in told}
        await _wait(desk, pbx_id, {call_id: timers[call_id] for call_id in untold})
    if broken:
        raise ExceptionGroup("final words that could not be written down", broken)


def _stretches(due: Iterable[Timer], now: datetime) -> list[list[CallOver]]:
    """The calls by when they ended. Those near each other cost no more to ask for together than one by one."""
    found: list[list[CallOver]] = []
    first = last = now
    for timer in sorted(due, key=lambda one: _moment(one, "ended") or now):
        over = CallOver(_call_id(timer), None, at=_moment(timer, "ended"), began=_moment(timer, "began"))
        ended = over.at or now
        if not found or ended - last > NEAR or ended - first > LONGEST_STRETCH:
            found.append([])
            first = ended
        found[-1].append(over)
        last = ended
    return found


async def _asked(desk: Desk, pbx_id: str, over: Sequence[CallOver]) -> list[Call]:
    try:
        return await desk.pbxes[pbx_id].final_words(over)
    except (Unavailable, RateLimited):
        raise
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        return []


async def _write(desk: Desk, pbx_id: str, told: Sequence[Call], timers: dict[str, Timer]) -> list[Exception]:
    """Write them down all at once; where that fails, half and half, so that a bad one stops no other."""
    try:
        async with desk.db.write() as tx:
            await ledger.record_calls(desk, tx, pbx_id, told)
            for call in told:
                await memory.finish_timer(tx, timers[call.id])
    except DatabaseUnavailable:
        raise
    except Exception as broken:
        if len(told) == 1:
            return [broken]
        middle = len(told) // 2
        halves = told[:middle], told[middle:]
        return [one for half in halves for one in await _write(desk, pbx_id, half, timers)]
    return []


async def _wait(desk: Desk, pbx_id: str, untold: dict[str, Timer]) -> None:
    """The PBX did not tell of these: they are asked for again, or it is given up."""
    if not untold:
        return
    async with desk.db.write() as tx:
        known = await calls.known(tx, pbx_id, list(untold))
        for call_id, timer in untold.items():
            tries = timer.data["tries"] + 1
            if pbx_id in desk.pbxes and tries < TRIES and call_id not in known:
                pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
                await memory.put_off(tx, timer, desk.clock.now() + pause, tries=tries)
            else:
                await memory.finish_timer(tx, timer)
                log.warning("the PBX never said how a call ended", pbx=pbx_id, call=call_id)


def _call_id(timer: Timer) -> str:
    return timer.subject.partition(" ")[2]


def _moment(timer: Timer, name: str) -> datetime | None:
    stamp = timer.data.get(name)
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)
