"""Whether calls reach an employee: switched off until a time, and on again by themselves.

The timer is the net: it is committed before the PBX is asked to hold calls back, and taken away only once they get
through again. So a crash can leave somebody reachable too early, never unreachable for ever.
"""

from dataclasses import dataclass
from datetime import datetime

from desk import pbx_troubles
from desk.office import Desk
from pbx.errors import AuthFailed, PbxError, RateLimited, Rejected, Unsupported
from storage import memory, notices, people
from storage.database import Tx
from storage.memory import Timer

KIND = "dnd"


@dataclass(frozen=True, slots=True)
class Presence:
    """`until`: when calls come back by themselves, if they are off."""

    receives: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who switched calls off, and where: they are told when calls are on again."""

    user_id: int
    chat_id: int
    thread_id: int


async def presence(desk: Desk, pbx_id: str, login: str) -> Presence:
    """As the PBX says now. Raises `PbxError`."""
    try:
        receives = await desk.pbxes[pbx_id].receives_calls(login)
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    async with desk.db.read() as tx:
        timer = await memory.timer(tx, KIND, f"{pbx_id} {login}")
    return Presence(receives, timer.due_at if timer and not receives else None)


async def calls_off(desk: Desk, pbx_id: str, login: str, until: datetime | None, asker: Asker) -> Presence:
    """Hold calls back from `login` until a time, or until somebody switches them on. Raises `PbxError`.

    After `Unavailable` nobody knows whether calls are off; they come back at `until` all the same.
    """
    subject = f"{pbx_id} {login}"
    async with desk.turns.of(f"dnd {subject}"):
        before = await _spread_net(desk, subject, until, asker)
        try:
            await desk.pbxes[pbx_id].set_receives_calls(login, False)
        except PbxError as error:
            if until and isinstance(error, (Rejected, AuthFailed, Unsupported, RateLimited)):
                await _put_back(desk, subject, before)
            await pbx_troubles.note(desk, pbx_id, error)
            raise
        async with desk.db.write() as tx:
            if until is None:
                await memory.stop_timer(tx, KIND, subject)
            await _write_act(desk, tx, asker.user_id, pbx_id, f"{login}: off")
    return Presence(receives=False, until=until)


async def calls_on(desk: Desk, pbx_id: str, login: str, user_id: int) -> Presence:
    """Let calls through to `login` again. Raises `PbxError`."""
    subject = f"{pbx_id} {login}"
    async with desk.turns.of(f"dnd {subject}"):
        try:
            await desk.pbxes[pbx_id].set_receives_calls(login, True)
        except PbxError as error:
            await pbx_troubles.note(desk, pbx_id, error)
            raise
        async with desk.db.write() as tx:
            await memory.stop_timer(tx, KIND, subject)
            await _write_act(desk, tx, user_id, pbx_id, f"{login}: on")
    return Presence(receives=True)


async def dnd_over(desk: Desk, timer: Timer) -> None:
    """The time is over: calls are let through and the person is told. Raises `PbxError`: to be tried again.

    What the PBX refuses for good is told instead.
    """
    pbx_id, _, login = timer.subject.partition(" ")
    async with desk.turns.of(f"dnd {timer.subject}"):
        async with desk.db.read() as tx:
            current = await memory.timer(tx, KIND, timer.subject)
        if current is None or current.due_at != timer.due_at:
            return  # switched by hand while this waited for its turn
        told = "dnd_over"
        if pbx_id in desk.pbxes:
            try:
                await desk.pbxes[pbx_id].set_receives_calls(login, True)
            except (Rejected, Unsupported) as error:
                await pbx_troubles.note(desk, pbx_id, error)
                told = "dnd_stuck"
        async with desk.db.write() as tx:
            await memory.finish_timer(tx, timer)
            if pbx_id in desk.pbxes:
                await _tell(desk, tx, timer, told)


async def _spread_net(desk: Desk, subject: str, until: datetime | None, asker: Asker) -> Timer | None:
    """Set the timer, committed; the one that was there before."""
    async with desk.db.write() as tx:
        before = await memory.timer(tx, KIND, subject)
        if until is not None:
            data = {"user": asker.user_id, "chat": asker.chat_id, "thread": asker.thread_id}
            await memory.set_timer(desk.db, tx, Timer(KIND, subject, until, data))
    return before


async def _put_back(desk: Desk, subject: str, before: Timer | None) -> None:
    """The PBX has changed nothing, so nothing is to change back."""
    async with desk.db.write() as tx:
        if before is None:
            await memory.stop_timer(tx, KIND, subject)
        else:
            await memory.set_timer(desk.db, tx, before)


async def _tell(desk: Desk, tx: Tx, timer: Timer, what: str) -> None:
    """The one who asked, in private if they have opened that chat, else where they asked."""
    pbx_id, _, login = timer.subject.partition(" ")
    user_id = timer.data["user"]
    person = await people.get(tx, user_id)
    is_private = bool(person and person.reachable)
    place = (user_id, 0) if is_private else (timer.data["chat"], timer.data["thread"])
    names = await people.employee_names(tx, pbx_id)
    data = {"what": what, "name": names.get(login, login), "pbx": pbx_id}
    subject = f"{what} {timer.due_at.timestamp():.3f} {timer.subject}"[:80]
    notice_id = await notices.add(desk.db, tx, "told", subject, desk.clock.now(), data=data)
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, [place], desk.clock.now())


async def _write_act(desk: Desk, tx: Tx, user_id: int, pbx_id: str, about: str) -> None:
    await people.write_act(tx, user_id, "dnd", desk.clock.now(), pbx_id=pbx_id, about=about)
