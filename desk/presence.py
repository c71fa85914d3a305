"""Whether calls reach an employee: switched off until a time, and on again by themselves.

The timer is the net: it is committed before the PBX is asked to hold calls back, and taken away only once they get
through again. So a crash can leave somebody reachable too early, never unreachable for ever.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from desk import pbx_troubles
from desk.office import Desk
from pbx.errors import AuthFailed, PbxError, RateLimited, Rejected, Unsupported
from storage import memory, notices, people
from storage.database import Tx
from storage.memory import Timer

KIND = "dnd"
#: So soon a request takes effect at a PBX, if at all.
EFFECT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Presence:
    """`until`: when calls come back by themselves, if they are off."""

    receives: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who switched calls off, and where: they are told when calls are on again, if whose calls they are can't be."""

    user_id: int
    chat_id: int
    thread_id: int


async def presence(desk: Desk, pbx_id: str, login: str) -> Presence:
    """As the PBX says now; calls that were let through there need no timer of ours any more. Raises `PbxError`."""
    subject = f"{pbx_id} {login}"
    async with desk.turns.of(f"dnd {subject}"):
        async with pbx_troubles.noted(desk, pbx_id):
            receives = await desk.pbxes[pbx_id].receives_calls(login)
        async with desk.db.read() as tx:
            timer = await memory.timer(tx, KIND, subject)
        if timer and receives and _has_taken_effect(timer, desk.clock.now()):
            async with desk.db.write() as tx:
                await memory.finish_timer(tx, timer)
    return Presence(receives, timer.due_at if timer and not receives else None)


def _has_taken_effect(timer: Timer, now: datetime) -> bool:
    """A request whose answer was lost may reach the PBX later than our question how things are."""
    asked = timer.data.get("asked")
    return asked is None or now - datetime.fromtimestamp(asked, UTC) > EFFECT


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
                if not await desk.pbxes[pbx_id].receives_calls(login):
                    await _write_asked_back(desk, current)
                    await desk.pbxes[pbx_id].set_receives_calls(login, True)
                elif not current.data.get("asked_back"):
                    told = ""  # somebody has let them through at the PBX
            except (Rejected, Unsupported) as error:
                await pbx_troubles.note(desk, pbx_id, error)
                told = "dnd_stuck"
        async with desk.db.write() as tx:
            await memory.finish_timer(tx, timer)
            if pbx_id in desk.pbxes and told:
                await _tell(desk, tx, timer, told)


async def _write_asked_back(desk: Desk, timer: Timer) -> None:
    """Committed before the PBX is asked: after a crash or a lost answer it was us who let calls through."""
    async with desk.db.write() as tx:
        await memory.put_off(tx, timer, timer.due_at, asked_back=True)


async def _spread_net(desk: Desk, subject: str, until: datetime | None, asker: Asker) -> Timer | None:
    """Set the timer, committed; the one that was there before."""
    async with desk.db.write() as tx:
        before = await memory.timer(tx, KIND, subject)
        if until is not None:
            data = {"user": asker.user_id, "chat": asker.chat_id, "thread": asker.thread_id}
            data["asked"] = round(desk.clock.now().timestamp())
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
    """Whose calls they are, in private if they have opened that chat; else the one who asked, or where they asked."""
    pbx_id, _, login = timer.subject.partition(" ")
    owner, asker = await people.user_of(tx, pbx_id, login), timer.data["user"]
    own = await _private(tx, owner)
    place = own or await _private(tx, asker) or (timer.data["chat"], timer.data["thread"])
    what = what if own or owner == asker else f"{what}_for"
    names = await people.employee_names(tx, pbx_id)
    data = {"what": what, "name": names.get(login, login), "pbx": pbx_id, "login": login}
    subject = f"{what} {timer.due_at.timestamp():.3f} {timer.subject}"[:80]
    notice_id = await notices.add(desk.db, tx, "told", subject, desk.clock.now(), data=data)
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, [place], desk.clock.now())


async def _private(tx: Tx, user_id: int | None) -> tuple[int, int] | None:
    """Their private chat, if they have opened it."""
    person = await people.get(tx, user_id) if user_id is not None else None
    return (person.user_id, 0) if person and person.reachable else None


async def tell_of_switch(desk: Desk, pbx_id: str, login: str, now_is: Presence, by: str, once: str) -> bool:
    """Somebody else has switched the calls of `login`: they hear of it in private, once; False if they can't."""
    async with desk.db.write() as tx:
        place = await _private(tx, await people.user_of(tx, pbx_id, login))
        if place is None:
            return False
        until = now_is.until.timestamp() if now_is.until else None
        data = {"what": "dnd_by", "by": by, "receives": now_is.receives, "until": until}
        now = desk.clock.now()
        notice_id = await notices.add(desk.db, tx, "told", f"dnd_by {once}", now, data=data)
        if notice_id is not None:
            await notices.deliver_to(desk.db, tx, notice_id, [place], now)
    desk.deliveries.ring()
    return True


async def _write_act(desk: Desk, tx: Tx, user_id: int, pbx_id: str, about: str) -> None:
    await people.write_act(tx, user_id, "dnd", desk.clock.now(), pbx_id=pbx_id, about=about)
