"""Operator lines: one that is down is told once, looked at until it is back, and its notice is kept true.

A timer stands for each line that is down, or was when it was last seen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

import structlog

from desk import ledger
from desk.office import Desk
from desk.pbx_troubles import noted
from pbx.errors import AuthFailed, Rejected, Unsupported
from pbx.vocabulary import LineLost, LineState, OperatorLine
from storage import memory, notices
from storage.database import Tx
from storage.memory import Timer

log = structlog.get_logger()

KIND = "line"
#: A line is looked at again after a tenth of the time that it has been down, within these limits.
SOONEST, LATEST = timedelta(minutes=2), timedelta(minutes=15)


class LineEnd(StrEnum):
    """Why a line is no longer down."""

    UP = "up"
    OFF = "off"
    """Somebody has switched it off at the PBX."""
    GONE = "gone"
    """The PBX has it no more."""


_ENDS = {LineState.UP: LineEnd.UP, LineState.OFF: LineEnd.OFF}


@dataclass(frozen=True, slots=True)
class LineNow:
    """`down_since`: as far as we know."""

    line: OperatorLine
    down_since: datetime | None


async def listed(desk: Desk, pbx_id: str) -> list[LineNow]:
    """The lines as they are now. Raises `PbxError`."""
    async with noted(desk, pbx_id):
        lines = await desk.pbxes[pbx_id].operator_lines()
    async with desk.db.read() as tx:
        since = {timer.subject: _since(timer) for timer in await memory.timers_of(tx, KIND)}
    return [
        LineNow(one, since.get(_subject(pbx_id, one.number)) if one.state is LineState.DOWN else None)
        for one in lines
    ]


async def lost(desk: Desk, tx: Tx, pbx_id: str, event: LineLost, at: datetime) -> None:
    """The PBX says that a line is down. While we know that already, it is no news."""
    subject = _subject(pbx_id, event.number or event.name or "")
    await desk.db.one_at_a_time(tx, f"line {subject}")
    known = await memory.timer(tx, KIND, subject)
    timer = known or _timer(subject, at, event.number, event.name)
    if timer.data["notice"] is None:
        timer = await _announced(desk, tx, timer)
    pbx = desk.pbxes.get(pbx_id)
    if pbx and pbx.capabilities.operator_lines and (event.number or event.name):
        # Set anew even if it stands: a look that is under way now may have seen the line as it was before.
        due_at = desk.clock.now() + SOONEST
        await memory.set_timer(desk.db, tx, Timer(KIND, subject, due_at, timer.data))


async def subscribe(desk: Desk, pbx_id: str) -> None:
    """Have the PBX tell us at once of a line that goes down. Raises `PbxError`; a key without the right is none."""
    url = f"{desk.office.public_url}/pbx/{pbx_id}"
    try:
        if await desk.pbxes[pbx_id].subscribe_to_line_alerts(url):
            log.info("the PBX will tell of lost lines", pbx=pbx_id)
    except (AuthFailed, Rejected) as error:
        log.info("the PBX does not let us subscribe to lost lines; they are looked at instead", reason=str(error))


async def watch(desk: Desk, pbx_id: str) -> None:
    """Look for lines that are down and of which no event told: those that stay so are told. Raises `PbxError`."""
    try:
        lines = await desk.pbxes[pbx_id].operator_lines()
    except (AuthFailed, Rejected):
        return  # a key without the right, or an account without lines: /numbers says so to whoever asks
    down = [one for one in lines if one.state is LineState.DOWN]
    if not down:
        return
    async with desk.db.write() as tx:
        now = desk.clock.now()
        for one in down:
            subject = _subject(pbx_id, one.number)
            await desk.db.one_at_a_time(tx, f"line {subject}")
            if await memory.timer(tx, KIND, subject) is None:
                timer = _timer(subject, now, one.number, one.name)
                await memory.set_timer(desk.db, tx, Timer(KIND, subject, now + SOONEST, timer.data))


async def look(desk: Desk, timer: Timer) -> None:
    """Is it back? Raises `PbxError`: an outage of the PBX's API says nothing about its lines."""
    pbx = desk.pbxes.get(timer.subject.partition(" ")[0])
    try:
        lines = await pbx.operator_lines() if pbx else None
    except (AuthFailed, Rejected, Unsupported):
        lines = None  # we are not to know; the notice stays as it is
    async with desk.db.write() as tx:
        if lines is None:
            await memory.finish_timer(tx, timer)
            return
        found = next((one for one in lines if _is(timer, one)), None)
        end = _ENDS.get(found.state) if found else LineEnd.GONE
        if end is not None:
            if await memory.finish_timer(tx, timer):
                await _ended(desk, tx, timer, end)
            return
        if found and found.state is LineState.DOWN and timer.data["notice"] is None:
            timer = await _announced(desk, tx, timer)
        now = desk.clock.now()
        pause = min(max((now - _since(timer)) / 10, SOONEST), LATEST)
        await memory.put_off(tx, timer, now + pause, notice=timer.data["notice"])


def _timer(subject: str, since: datetime, number: str | None, name: str | None) -> Timer:
    return Timer(KIND, subject, since, {"since": since.isoformat(), "number": number, "name": name, "notice": None})


async def _announced(desk: Desk, tx: Tx, timer: Timer) -> Timer:
    """The same timer, knowing its notice."""
    data = {key: timer.data[key] for key in ("number", "name", "since")}
    subject = f"{sha256(timer.subject.encode()).hexdigest()[:40]}-{_since(timer).timestamp():.0f}"
    pbx_id = timer.subject.partition(" ")[0]
    await ledger.announce(desk, tx, "line", subject, pbx_id, data)
    notice = await notices.find(tx, "line", subject)
    assert notice is not None
    return Timer(timer.kind, timer.subject, timer.due_at, {**timer.data, "notice": notice.id})


async def _ended(desk: Desk, tx: Tx, timer: Timer, end: LineEnd) -> None:
    notice = await notices.get(tx, timer.data["notice"]) if timer.data["notice"] is not None else None
    if notice is not None:
        now = desk.clock.now()
        data = {**notice.data, "ended": end.value, "ended_at": now.isoformat()}
        await notices.change_data(tx, notice.id, data)
        await notices.touch(tx, notice.id, now)


def _is(timer: Timer, line: OperatorLine) -> bool:
    number = timer.data["number"]
    return bool(line.number == number if number else line.name == timer.data["name"])


def _since(timer: Timer) -> datetime:
    return datetime.fromisoformat(timer.data["since"])


def _subject(pbx_id: str, line: str) -> str:
    return f"{pbx_id} {line}"[:120]
