"""What of a call can be heard and read, by whom, and asking for it. `desk.recordings` brings what was asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from desk import chat_settings
from desk.access import Rank, Who
from desk.chat_settings import Listeners
from desk.client_names import known_as
from desk.office import Desk
from pbx.vocabulary import Call
from storage import chats, memory, people, ratings
from storage.calls import StoredCall
from storage.database import Tx
from storage.memory import Timer

#: The kind of the timers.
KIND = "recording"
#: What was sent to a place so recently is there to be seen.
JUST_SENT = timedelta(minutes=1)
#: The least rank that may listen.
NEEDED = {Listeners.EVERYBODY: Rank.GUEST, Listeners.EMPLOYEES: Rank.EMPLOYEE, Listeners.MANAGERS: Rank.MANAGER}


@dataclass(frozen=True, slots=True)
class Playable:
    """A call with a recording. `row_id` names it in buttons."""

    row_id: int
    has_text: bool
    """The PBX writes down what was said."""


def playable(desk: Desk, stored: StoredCall | None) -> Playable | None:
    """None if there is no recording, as far as we know."""
    pbx = desk.pbxes.get(stored.pbx_id) if stored else None
    if stored is None or pbx is None or not pbx.capabilities.recordings or not stored.call.recording_url:
        return None
    return Playable(stored.id, pbx.capabilities.transcripts)


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of a call with its recording or its text."""

    call: StoredCall
    client_name: str | None
    who: str | None
    """The employee who talked; the department where nobody is named."""


async def told(desk: Desk, tx: Tx, stored: StoredCall) -> Told:
    client_name, _ = await known_as(desk, tx, stored.call.client, [stored.pbx_id])
    names = await people.employee_names(tx, stored.pbx_id)
    employee = stored.call.employee
    return Told(stored, client_name, names.get(employee, employee) if employee else stored.call.department)


async def stars(tx: Tx, stored: StoredCall | None) -> int | None:
    """What the client thought of a call: told by itself, or with the call."""
    if stored is None:
        return None
    rating = await ratings.of_call(tx, stored.pbx_id, stored.call.id)
    return rating.stars if rating else stored.call.rating


async def stars_of(tx: Tx, stored: Iterable[StoredCall]) -> dict[int, int | None]:
    """The same of many calls, by their own ids."""
    by_pbx: dict[str, list[StoredCall]] = {}
    for one in stored:
        by_pbx.setdefault(one.pbx_id, []).append(one)
    found: dict[int, int | None] = {}
    for pbx_id, some in by_pbx.items():
        told = await ratings.of_calls(tx, pbx_id, [one.call.id for one in some])
        found |= {one.id: told[one.call.id].stars if one.call.id in told else one.call.rating for one in some}
    return found


def length(call: Call) -> timedelta | None:
    """How long they talked; None if the PBX does not say."""
    return call.talk if call.talk or not call.answered_at else call.ended_at - call.answered_at


async def closed_to(desk: Desk, tx: Tx, chat_id: int, pbx_id: str, who: Who) -> Listeners | None:
    """The rule that keeps `who` from listening in a chat; None if nothing does.

    In private the most open of the PBX's chats decides: what may be heard there may be heard alone.
    """
    places = [chat_id]
    if chat_id > 0:
        places = [one.chat_id for one in await chats.bindings_of_pbx(tx, pbx_id)] or places
    rules = [(await chat_settings.of_chat(desk, tx, one)).listeners for one in dict.fromkeys(places)]
    rule = min(rules, key=list(Listeners).index)
    return None if rule in NEEDED and who.rank >= NEEDED[rule] else rule


class Asked(StrEnum):
    """What became of asking for a recording."""

    COMING = "coming"
    ALREADY = "already"
    """It is being fetched for this place."""
    JUST_SENT = "just_sent"


async def ask(
    desk: Desk,
    tx: Tx,
    stored: StoredCall,
    place: tuple[int, int],
    *,
    reply_to: int | None = None,
    notice_id: int | None = None,
) -> Asked:
    """Have the recording brought to a chat and topic, in reply to a message or to what is shown there of a notice."""
    now = desk.clock.now()
    chat_id, thread_id = place
    subject = f"{stored.pbx_id} {stored.id} {chat_id} {thread_id}"
    if await memory.timer(tx, KIND, subject):
        return Asked.ALREADY
    sent_at = await memory.fired_at(tx, f"{KIND} {subject}")
    if sent_at and now - sent_at < JUST_SENT:
        return Asked.JUST_SENT
    wanted = {"reply_to": reply_to, "notice": notice_id, "by_person": notice_id is None}
    await memory.set_timer(desk.db, tx, Timer(KIND, subject, now, {"asked_at": now.isoformat(), **wanted}))
    return Asked.COMING
