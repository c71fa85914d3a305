"""Who was called upon about a case, as its card tells it."""

from collections.abc import Sequence
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
    return tuple(await named(tx, sorted(first.values(), key=lambda one: one.id)))


async def named(tx: Tx, steps: Sequence[Taken]) -> list[CalledUpon]:
    """Each step with the names of those whom it mentions."""
    known = await people.get_many(tx, sorted({user_id for one in steps for user_id in one.users}))
    return [
        CalledUpon(
            one.at, Whom(one.whom), tuple(Called(user, known[user].name) for user in one.users if user in known)
        )
        for one in steps
    ]
