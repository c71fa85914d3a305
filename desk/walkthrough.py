"""Setting up from nothing: which of the steps are done, and what is still missing at each. Knows no wording."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk import directory, pbx_troubles
from desk.office import Desk
from pbx.errors import PbxError, Unavailable
from pbx.phone_system import PhoneSystem
from storage import calls, chats, contacts, inbox, memory, notices, people
from storage.database import Tx
from storage.memory import Timer

KIND = "first_event"
#: An event of this time counts as proof that the PBX reaches us.
LOOK_BACK = timedelta(days=30)
#: Seconds that a PBX gets to answer: somebody waits for the page.
PBX_GETS = 10
#: After "test call" was pressed, it is looked so often and for so long whether an event has come.
LOOKS_EVERY, LOOKS_FOR = timedelta(seconds=5), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class PbxStep:
    """How far one PBX is. `trouble`: what it answered when it was `asked` just now."""

    pbx_id: str
    asked: bool
    trouble: PbxError | None
    employees: int
    linked: int
    heads: int | None
    """Departments with a head; None where the PBX can't tell or was not asked."""
    first_event: bool

    @property
    def answers(self) -> bool:
        """It did just now; or, unasked, it has told us something before."""
        return self.trouble is None and (self.asked or bool(self.employees) or self.first_event)


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything there is to do before missed calls are shown and returned."""

    pbxes: tuple[PbxStep, ...]
    chats: tuple[str, ...]
    """Titles of those that show missed calls."""
    responsible: int
    """Contacts that belong to an employee."""

    @property
    def steps(self) -> tuple[bool, ...]:
        """PBX, chat, people, responsible employees, test call: which are done."""
        return (
            all(one.answers for one in self.pbxes),
            bool(self.chats),
            any(one.linked for one in self.pbxes),
            bool(self.responsible or any(one.heads for one in self.pbxes)),
            all(one.first_event for one in self.pbxes),
        )

    @property
    def is_done(self) -> bool:
        """What is needed; responsible employees and heads can come later."""
        reached, shown, linked, _, tried = self.steps
        return reached and shown and linked and tried


async def look(desk: Desk, *, ask: bool, refresh: bool = False) -> Standing:
    """As it is now. `ask`: each PBX is asked whether it answers; `refresh`: its employees are read again, too."""
    ids = sorted(desk.pbxes)
    asked = await asyncio.gather(*(_asked(desk, pbx_id, refresh=refresh) for pbx_id in ids)) if ask else []
    answers = dict(zip(ids, asked, strict=False))
    async with desk.db.read() as tx:
        return Standing(
            pbxes=tuple([await _step(desk, tx, pbx_id, answers.get(pbx_id)) for pbx_id in ids]),
            chats=await _chats(tx),
            responsible=await contacts.count_with_responsible(tx),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    trouble: PbxError | None
    heads: int | None = None


async def _asked(desk: Desk, pbx_id: str, *, refresh: bool) -> _Asked:
    pbx = desk.pbxes[pbx_id]
    try:
        async with asyncio.timeout(PBX_GETS):
            await pbx.check()
            if refresh and pbx.capabilities.employees:
                await directory.refresh(desk, pbx_id)
            return _Asked(None, await _heads(pbx) if refresh else None)
    except TimeoutError:
        return _Asked(Unavailable(f"no answer in {PBX_GETS} s"))
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        return _Asked(error)


async def _heads(pbx: PhoneSystem) -> int | None:
    if not pbx.capabilities.departments:
        return None
    try:
        return sum(1 for one in await pbx.departments() if any(member.is_head for member in one.members))
    except PbxError:  # it answered before: heads can be looked at later
        return None


async def _step(desk: Desk, tx: Tx, pbx_id: str, asked: _Asked | None) -> PbxStep:
    return PbxStep(
        pbx_id=pbx_id,
        asked=asked is not None,
        trouble=asked.trouble if asked else None,
        employees=len(await people.employees_of(tx, pbx_id)),
        linked=len(await people.links_at(tx, [pbx_id])),
        heads=asked.heads if asked else None,
        first_event=await _heard(desk, tx, pbx_id, desk.clock.now() - LOOK_BACK),
    )


async def _heard(desk: Desk, tx: Tx, pbx_id: str, since: datetime) -> bool:
    """Whether the PBX has told us anything since; of one that is asked for news, whether there was a call."""
    if desk.pbxes[pbx_id].capabilities.polling:
        return bool(await calls.count_between(tx, [pbx_id], since, desk.clock.now(), most=1))
    return await inbox.last_received(tx, pbx_id, since) is not None


async def _chats(tx: Tx) -> tuple[str, ...]:
    titles = []
    for chat in await chats.with_bindings(tx):
        if any("missed" in one.notices for one in await chats.bindings_of_chat(tx, chat.chat_id)):
            titles.append(chat.title or str(chat.chat_id))
    return tuple(sorted(titles))


async def await_event(desk: Desk, user_id: int) -> None:
    """From now on it is watched for the next event of each PBX, and the person is told of it."""
    now = desk.clock.now()
    async with desk.db.write() as tx:
        for pbx_id in desk.pbxes:
            data = {"since": now.isoformat()}
            await memory.set_timer(desk.db, tx, Timer(KIND, f"{pbx_id} {user_id}", now + LOOKS_EVERY, data))


async def look_for_event(desk: Desk, timer: Timer) -> None:
    """Tell the person once an event has come, or nothing if none came in time."""
    pbx_id, _, user_id = timer.subject.partition(" ")
    since, now = datetime.fromisoformat(timer.data["since"]), desk.clock.now()
    async with desk.db.write() as tx:
        if pbx_id in desk.pbxes and await _heard(desk, tx, pbx_id, since):
            if await memory.finish_timer(tx, timer):
                await _tell(desk, tx, pbx_id, int(user_id), timer)
        elif pbx_id not in desk.pbxes or now - since > LOOKS_FOR:
            await memory.finish_timer(tx, timer)
        else:
            await memory.put_off(tx, timer, now + LOOKS_EVERY)


async def _tell(desk: Desk, tx: Tx, pbx_id: str, user_id: int, timer: Timer) -> None:
    now, subject = desk.clock.now(), f"{KIND} {timer.subject} {timer.data['since']}"[:80]
    notice_id = await notices.add(desk.db, tx, "told", subject, now, data={"what": KIND, "pbx": pbx_id})
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, [(user_id, 0)], now)
