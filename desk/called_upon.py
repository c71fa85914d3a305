"""Who was called upon about a case, as its card tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.chat_settings import Whom
from storage import people
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


def once(steps: Sequence[Taken], names: Mapping[int, str]) -> tuple[CalledUpon, ...]:
    """Of a case's steps each person and the managers once, however many chats called upon them."""
    told = [one for one in steps if one.notices]
    first = {(one.whom, *one.users): one for one in reversed(told)}
    return tuple(_named(one, names) for one in sorted(first.values(), key=lambda one: one.id))


async def named(tx: Tx, steps: Sequence[Taken]) -> list[CalledUpon]:
    """Each step with the names of those whom it mentions."""
    known = await people.get_many(tx, sorted({user_id for one in steps for user_id in one.users}))
    names = {user_id: person.name for user_id, person in known.items()}
    return [_named(one, names) for one in steps]


def _named(step: Taken, names: Mapping[int, str]) -> CalledUpon:
    who = tuple(Called(user_id, names[user_id]) for user_id in step.users if user_id in names)
    return CalledUpon(step.at, Whom(step.whom), who)
