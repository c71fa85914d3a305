"""Escalation: a missed call that nobody returns calls upon more and more people, step by step, as each chat wants it.

The minutes of a step are minutes of the chat's working hours, without its quiet hours, since the first missed call
that is still owed. The responsible employee and the heads of the department that missed are mentioned in the chat
itself, in a new message, since an edit does not ring; the managers' chats get a message of their own. Where there is
nobody to call upon, a step passes in silence.

It stops at once when the case is closed. While somebody has claimed the case, its steps wait; once the claim has
lapsed or is given back, the next one comes at once, and those after it as much later. There is none for what a chat
does not show, for callers who hide their number, nor for calls that were found only after half an hour. A changed
setting counts from the next step.

It never floods: what falls due together in a chat is one message, and a minute lies between two of them.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk import chat_settings, quiet_hours, responsible, routing, working_time
from desk.chat_settings import ChatSettings, Step, Whom
from desk.office import Desk
from desk.pbx_troubles import noted
from pbx.errors import PbxError
from storage import calls, cases, escalations, memory, notices
from storage.cases import CaseRow
from storage.database import Tx
from storage.memory import Timer
from storage.notices import Delivery, Notice

#: The kind of the timers, one for each case and place, and of the notices.
KIND = "escalation"
#: What was missed so long before we heard of it is not escalated: it comes in a digest, or a PBX is catching up.
TOO_OLD = timedelta(minutes=30)
#: A message waits so long for what falls due together with it.
GATHERS = timedelta(seconds=3)
#: Between two messages in a chat.
APART = timedelta(minutes=1)
#: A step that is so late (we were down) is not taken outside of the chat's hours any more: it waits for them.
LATE = timedelta(minutes=5)
#: A claim that does not lapse by itself is looked at again.
LOOK_AGAIN = timedelta(hours=1)
#: What a PBX said of its heads is believed so long, and longer while it can't be asked. Seconds it gets to answer.
HEADS_BELIEVED, PBX_GETS = timedelta(hours=1), 10.0
_HEADS = "department_heads"


@dataclass(frozen=True, slots=True)
class _Ladder:
    """A case in one of the places that show it."""

    pbx_id: str
    case_id: int
    chat_id: int
    thread_id: int

    @classmethod
    def of(cls, timer: Timer) -> "_Ladder":
        pbx_id, *ids = timer.subject.split(" ")
        return cls(pbx_id, *map(int, ids))

    @property
    def subject(self) -> str:
        return f"{self.pbx_id} {self.case_id} {self.chat_id} {self.thread_id}"

    async def settings(self, desk: Desk, tx: Tx) -> ChatSettings:
        return await chat_settings.of_chat(desk, tx, self.chat_id)

    async def next_step(self, desk: Desk, tx: Tx) -> tuple[int, Step] | None:
        """The step that comes next and its number; None if there is none, or the place is none for escalations."""
        if self.pbx_id not in desk.pbxes:
            return None
        return (await _coming(tx, [self], {self.chat_id: await self.settings(desk, tx)})).get(self)


async def _coming(
    tx: Tx, ladders: Sequence[_Ladder], settings: Mapping[int, ChatSettings]
) -> dict[_Ladder, tuple[int, Step]]:
    """The next step of each and its number, of those that have one and that are in a place for escalations."""
    pbx_ids = sorted({one.pbx_id for one in ladders})
    places = {pbx_id: await routing.places_of_missed(tx, pbx_id) for pbx_id in pbx_ids}
    taken = await escalations.last_steps(tx, [one.case_id for one in ladders])
    found = {}
    for one in ladders:
        number = taken.get((one.case_id, one.chat_id, one.thread_id), -1) + 1
        steps = settings[one.chat_id].escalation
        if (one.chat_id, one.thread_id) in places[one.pbx_id] and number < len(steps):
            found[one] = number, steps[number]
    return found


def _due(settings: ChatSettings, case: CaseRow, step: Step, late: timedelta) -> datetime | None:
    hours = quiet_hours.awake(settings.working_hours, settings.quiet)
    return working_time.after(hours, settings.zone, case.opened_at, timedelta(minutes=step.minutes) + late)


def _waited(settings: ChatSettings, case: CaseRow, now: datetime) -> timedelta:
    hours = quiet_hours.awake(settings.working_hours, settings.quiet)
    return working_time.worked(hours, settings.zone, case.opened_at, now)


# When it begins, waits and ends


async def begin(desk: Desk, tx: Tx, *case_ids: int, again: bool = False) -> None:
    """The cases are shown: from now on each is escalated in each chat that shows it. Harmless if it is already.

    `again`: it was closed by hand and is open again; the steps not taken yet count from now.
    """
    now = desk.clock.now()
    known = [case for case in await cases.by_ids(tx, case_ids) if case.is_open and case.pbx_id in desk.pbxes]
    found = [case for case in known if case.client is not None]
    ladders = await _ladders(tx, [case for case in found if again or now - case.opened_at <= TOO_OLD])
    if not ladders:
        return
    settings = await chat_settings.of_chats(desk, tx, {one.chat_id for one in ladders})
    begun = await memory.timers_named(tx, KIND, [one.subject for one in ladders])
    timers = []
    for ladder, (number, step) in (await _coming(tx, list(ladders), settings)).items():
        case, chosen = ladders[ladder], settings[ladder.chat_id]
        late = _late_by(chosen, case, number, now) if again else timedelta()
        due_at = _due(chosen, case, step, late)
        if due_at is not None and ladder.subject not in begun:
            timers.append(Timer(KIND, ladder.subject, due_at, {"late": round(late.total_seconds())}))
    await memory.set_timer(desk.db, tx, *timers)


async def _ladders(tx: Tx, shown: Sequence[CaseRow]) -> dict[_Ladder, CaseRow]:
    """Each case in each of the places that have its card."""
    case_of = {str(case.id): case for case in shown}
    cards = await notices.find_each(tx, "case", case_of) if shown else {}
    by_card = {notice.id: case_of[subject] for subject, notice in cards.items()}
    found = {}
    for one in await notices.deliveries_of(tx, *by_card) if by_card else []:
        case = by_card[one.notice_id]
        found[_Ladder(case.pbx_id, case.id, one.chat_id, one.thread_id)] = case
    return found


def _late_by(settings: ChatSettings, case: CaseRow, number: int, now: datetime) -> timedelta:
    before = settings.escalation[number - 1].minutes if number else 0
    return _waited(settings, case, now) - timedelta(minutes=before)


async def follow(desk: Desk, tx: Tx, *case_ids: int) -> None:
    """Something about the cases has changed: what was told stays true, and what was to come comes or does not."""
    known = {case.id: case for case in await cases.by_ids(tx, case_ids)}
    for taken in await escalations.of_case(tx, *known):
        for notice_id in taken.notices:
            await _keep_true(desk, tx, notice_id, taken.id, is_open=known[taken.case_id].is_open)
    ladders = {ladder.subject: case for ladder, case in (await _ladders(tx, list(known.values()))).items()}
    for subject, timer in (await memory.timers_named(tx, KIND, list(ladders))).items() if ladders else ():
        case = ladders[subject]
        if not case.is_open:
            await memory.stop_timer(tx, KIND, subject)
        elif case.claimed_by is None and timer.data.get("waits"):
            await memory.put_off(tx, timer, desk.clock.now())


async def _keep_true(desk: Desk, tx: Tx, notice_id: int, taken_id: int, *, is_open: bool) -> None:
    """A message that is not sent yet says nothing of a case that is closed."""
    notice = await notices.lock(tx, notice_id)
    unsent = [one for one in await notices.deliveries_of(tx, notice_id) if _is_to_come(one)]
    if notice is None or not unsent:
        await notices.touch(tx, notice_id, desk.clock.now())
    elif not is_open:
        left = [one for one in notice.data["items"] if one != taken_id]
        await notices.change_data(tx, notice_id, {**notice.data, "items": left})
        if not left:
            await notices.drop_unsent(tx, notice_id)


def _is_to_come(delivery: Delivery) -> bool:
    return (
        delivery.message_id is None
        and delivery.sending_since is None
        and delivery.roll_id is None
        and delivery.due_at is not None
    )


# When a step is due


async def call_upon(desk: Desk, timer: Timer) -> None:
    """The next step of a case in one place is due, and all that should have come before now.

    Raises `DatabaseUnavailable`.
    """
    ladder = _Ladder.of(timer)
    await _read_heads(desk, ladder)
    async with desk.db.write() as tx:
        case = await _locked(desk, tx, ladder)
        now_is = await memory.timer(tx, KIND, ladder.subject)
        if now_is is None or now_is.due_at > desk.clock.now():
            return
        coming = await ladder.next_step(desk, tx)
        if case is None or not case.is_open or coming is None:
            await memory.finish_timer(tx, now_is)
        elif case.claimed_by is not None:
            await memory.put_off(tx, now_is, _after_the_claim(desk, case), waits=True)
        else:
            await _climb(desk, tx, ladder, case, now_is)


async def _locked(desk: Desk, tx: Tx, ladder: _Ladder) -> CaseRow | None:
    """The case, kept from whoever acts on it at the same moment; and the messages of all escalations."""
    case = await cases.get(tx, ladder.case_id)
    if case is not None:
        await desk.db.one_at_a_time(tx, f"client {case.client or case.id}", "escalations")
    return await cases.get(tx, ladder.case_id)


def _after_the_claim(desk: Desk, case: CaseRow) -> datetime:
    """`follow` wakes it earlier if the claim ends earlier."""
    now = desk.clock.now()
    return case.claim_until if case.claim_until and case.claim_until > now else now + LOOK_AGAIN


async def _climb(desk: Desk, tx: Tx, ladder: _Ladder, case: CaseRow, timer: Timer) -> None:
    """Take every step that is due, and set the timer for the next."""
    now, settings = desk.clock.now(), await ladder.settings(desk, tx)
    late = timedelta(seconds=timer.data.get("late", 0))
    waits = bool(timer.data.get("waits"))
    while (coming := await ladder.next_step(desk, tx)) is not None:
        number, step = coming
        if waits:
            late, waits = max(_waited(settings, case, now) - timedelta(minutes=step.minutes), timedelta()), False
        due_at = _due(settings, case, step, late)
        due_at = due_at and _in_hours(settings, due_at, now)
        if due_at is None or due_at > now:
            break
        await _take(desk, tx, ladder, case, number, step)
    else:
        due_at = None
    if due_at is None:
        await memory.finish_timer(tx, timer)
    else:
        data = {"late": round(late.total_seconds())}
        await memory.set_timer(desk.db, tx, Timer(KIND, ladder.subject, due_at, data))


def _in_hours(settings: ChatSettings, due_at: datetime, now: datetime) -> datetime | None:
    """A step that comes very late waits for the chat's hours."""
    hours = quiet_hours.awake(settings.working_hours, settings.quiet)
    if now - due_at <= LATE or hours.contains(now, settings.zone):
        return due_at
    return working_time.after(hours, settings.zone, now, timedelta(seconds=1))


async def _take(desk: Desk, tx: Tx, ladder: _Ladder, case: CaseRow, number: int, step: Step) -> None:
    """Call upon whoever the step names, and write it on the case's card."""
    now = desk.clock.now()
    users = await _users(desk, tx, case, step.whom)
    where = {"case_id": case.id, "chat_id": ladder.chat_id, "thread_id": ladder.thread_id, "step": number}
    places = await _where(tx, ladder, case, step.whom) if users or step.whom is Whom.MANAGERS else []
    taken = await escalations.take(desk.db, tx, **where, whom=step.whom.value, users=users, notices=[], at=now)
    if taken is None or not places:
        return
    card = await notices.find(tx, "case", str(case.id))
    if card is not None:
        await notices.touch(tx, card.id, now)
    await escalations.set_notices(tx, taken, [await _tell(desk, tx, taken, place) for place in places])


async def _where(tx: Tx, ladder: _Ladder, case: CaseRow, whom: Whom) -> list[routing.Where]:
    """In the chat itself; of several chats that show the case, one tells the managers."""
    if whom is not Whom.MANAGERS:
        return [(ladder.chat_id, ladder.thread_id)]
    known = any(one.whom == whom.value and one.notices for one in await escalations.of_case(tx, case.id))
    missed = [stored.call for stored in await calls.of_case(tx, case.id) if stored.call.is_missed]
    return await routing.places_of_managers(tx, case.pbx_id, missed[-1]) if missed and not known else []


async def _tell(desk: Desk, tx: Tx, taken_id: int, place: routing.Where) -> int:
    """In the message that is still to come there, or in a new one; its notice."""
    now, last = desk.clock.now(), await notices.newest_in(tx, place[0], KIND)
    if last is not None and last[0].thread_id == place[1] and await _joined(tx, *last, taken_id):
        return last[1].id
    spoke = (last[0].sent_at or last[0].due_at) if last is not None else None
    due_at = max(now + GATHERS, spoke + APART) if spoke else now + GATHERS
    subject, data = f"{place[0]} {place[1]} {taken_id}", {"items": [taken_id]}
    notice_id = await notices.add(desk.db, tx, KIND, subject, now, data=data)
    assert notice_id is not None
    await notices.deliver_to(desk.db, tx, notice_id, [place], due_at)
    return notice_id


async def _joined(tx: Tx, delivery: Delivery, notice: Notice, taken_id: int) -> bool:
    """Whether the message tells this too. It can't any more once it is on its way."""
    locked = await notices.lock(tx, notice.id)
    now_is = await notices.delivery(tx, delivery.id) if locked else None
    if locked is None or now_is is None or not _is_to_come(now_is):
        return False
    await notices.change_data(tx, notice.id, {**locked.data, "items": [*locked.data["items"], taken_id]})
    return True


# Whom


async def _users(desk: Desk, tx: Tx, case: CaseRow, whom: Whom) -> list[int]:
    """The Telegram users to be mentioned."""
    if whom is Whom.RESPONSIBLE:
        login = await responsible.login_of(tx, case.client, case.pbx_id)
        logins = [login] if login else []
    elif whom is Whom.HEAD:
        heads, _ = await _kept_heads(tx, case.pbx_id)
        logins = heads.get((case.department or "").casefold(), [])
    else:
        logins = []
    return [person.user_id for person in await responsible.persons(desk, tx, case.pbx_id, logins)]


async def _read_heads(desk: Desk, ladder: _Ladder) -> None:
    """Ask the PBX who heads its departments, if a coming step is about them. While it is out, its last word holds."""
    async with desk.db.read() as tx:
        coming = await ladder.next_step(desk, tx)
        _, read_at = await _kept_heads(tx, ladder.pbx_id)
        steps = (await ladder.settings(desk, tx)).escalation
    if coming is None or not any(step.whom is Whom.HEAD for step in steps[coming[0] :]):
        return
    if not desk.pbxes[ladder.pbx_id].capabilities.departments:
        return
    now = desk.clock.now()
    if read_at is not None and now - read_at < HEADS_BELIEVED:
        return
    try:
        async with asyncio.timeout(PBX_GETS), noted(desk, ladder.pbx_id):
            found = await desk.pbxes[ladder.pbx_id].departments()
    except (PbxError, TimeoutError):
        return
    heads = {
        name.casefold(): [member.login for member in one.members if member.is_head]
        for one in found
        for name in (one.id, one.extension, one.name)
        if name
    }
    async with desk.db.write() as tx:
        kept = json.dumps({"at": now.isoformat(), "heads": heads}, ensure_ascii=False)
        await memory.keep(desk.db, tx, ladder.pbx_id, _HEADS, kept, now)


async def _kept_heads(tx: Tx, pbx_id: str) -> tuple[dict[str, list[str]], datetime | None]:
    """Logins by department, and when they were read."""
    kept = await memory.recall(tx, pbx_id, _HEADS)
    if kept is None:
        return {}, None
    value = json.loads(kept)
    return value["heads"], datetime.fromisoformat(value["at"])
