"""Who was called upon about a case, as its card tells it."""

from dataclasses import dataclass
from datetime import datetime

from desk.chat_settings import Whom
from storage import escalations, people
from storage.database import Tx
from storage.escalations import Taken


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody mentioned in a message of an escalation."""

    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class CalledUpon:
    """A step of an escalation; nobody is named where the managers' chat was told."""

    at: datetime
    whom: Whom
    who: tuple[Called, ...]


async def about(tx: Tx, case_id: int) -> tuple[CalledUpon, ...]:
    """Each person and the managers once, however many chats called upon them."""
    told = [one for one in await escalations.of_case(tx, case_id) if one.notices]
    first = {(one.whom, *one.users): one for one in reversed(told)}
    return tuple([await named(tx, one) for one in sorted(first.values(), key=lambda one: one.id)])


async def named(tx: Tx, taken: Taken) -> CalledUpon:
    known = await people.get_many(tx, taken.users)
    who = tuple(Called(user_id, known[user_id].name) for user_id in taken.users if user_id in known)
    return CalledUpon(taken.at, Whom(taken.whom), who)
