"""Asks a PBX how a call ended, where its event did not say: soon, and again until the PBX lists the call."""

from datetime import UTC, datetime, timedelta

import structlog

from desk import ledger, pbx_troubles
from desk.office import Desk
from pbx.errors import PbxError, RateLimited, Unavailable
from pbx.vocabulary import Call, CallOver
from storage import calls, memory
from storage.database import Tx
from storage.memory import Timer

log = structlog.get_logger()

KIND = "final_word"
#: After so many answers of "not yet" it is left to reconciliation, which reads the history.
TRIES = 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)


async def ask_soon(desk: Desk, tx: Tx, pbx_id: str, over: CallOver, at: datetime) -> None:
    """Set the timer for a call that is over. Told of twice, it is asked for once."""
    subject = f"{pbx_id} {over.call_id}"
    if await memory.timer(tx, KIND, subject) is None:
        times = {"began": over.began, "ended": over.at}
        data = {name: moment.timestamp() for name, moment in times.items() if moment}
        await memory.set_timer(desk.db, tx, Timer(KIND, subject, at, {"tries": 0, **data}))


async def ask(desk: Desk, timer: Timer) -> None:
    """Ask once; what the PBX says is written down together with the end of the timer.

    Raises `Unavailable` and `RateLimited`: an outage of the PBX is no answer, so it is not counted as one.
    """
    pbx_id, _, call_id = timer.subject.partition(" ")
    call = await _asked(desk, timer, pbx_id, call_id) if pbx_id in desk.pbxes else None
    tries = timer.data["tries"] + 1
    async with desk.db.write() as tx:
        if call is not None:
            await ledger.record_call(desk, tx, pbx_id, call)
            await memory.finish_timer(tx, timer)
        elif pbx_id in desk.pbxes and tries < TRIES and not await calls.by_call_id(tx, pbx_id, call_id):
            pause = min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)
            await memory.put_off(tx, timer, desk.clock.now() + pause, tries=tries)
        else:
            await memory.finish_timer(tx, timer)
            log.warning("the PBX never said how a call ended", pbx=pbx_id, call=call_id)


async def _asked(desk: Desk, timer: Timer, pbx_id: str, call_id: str) -> Call | None:
    try:
        return await desk.pbxes[pbx_id].final_word(
            call_id, began=_moment(timer, "began"), ended=_moment(timer, "ended")
        )
    except (Unavailable, RateLimited):
        raise
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        return None


def _moment(timer: Timer, name: str) -> datetime | None:
    stamp = timer.data.get(name)
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC)
