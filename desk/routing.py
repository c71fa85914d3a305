"""Where a notice goes: which of the chats and topics bound to a PBX take it, and whose private chat beside them.

A binding may be for some departments and for some of our numbers only: its filters. A missed call goes to every
binding that it fits; one that fits none goes to all that take missed calls, so that no call is lost between them.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk import chat_settings, responsible, shown
from desk.chat_settings import ChatSettings
from desk.office import Desk
from desk.shown import Callers, shows
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Call, Direction
from storage import calls, chats, figures, people
from storage.chats import Binding
from storage.database import Tx
from storage.figures import Line, Only

#: A chat's id, and a topic in it (0 for none).
Where = tuple[int, int]
#: Which switch of a binding a kind of notice follows.
WANTED_AS = {"case": "missed", "digest": "missed", "call": "missed", "rating": "ratings", "line": "lines"}
#: The keys of a binding's filters. Values: departments as calls name them, our numbers as E.164. None chosen: all.
FILTERS = ("departments", "numbers")
#: What calls named so long ago is still offered.
LOOKED_BACK = timedelta(days=90)
#: Seconds that a PBX gets to list its departments and numbers.
PBX_GETS = 3.0


@dataclass(frozen=True, slots=True)
class Routes:
    """Where one kind of a PBX's notices goes, as the settings are now: read once, asked for many calls."""

    takers: Sequence[Binding]
    settings: Mapping[int, ChatSettings]
    callers: Callers
    private: Mapping[str, Sequence[int]]
    """The private chats that a client's cases are shown in too."""

    def places(self, missed: Sequence[Call]) -> list[Where]:
        """Chats and topics that want the notice, and do not hide all of these calls."""
        wanted = [(one.chat_id, one.thread_id, call) for call in missed for one in fitting(self.takers, call)]
        wanted += [(user_id, 0, missed[-1]) for user_id in self.private.get(missed[-1].client or "", ())]
        shown_in = ((chat, thread) for chat, thread, call in wanted if shows(self.settings[chat], self.callers, call))
        return list(dict.fromkeys(shown_in))


async def routes(desk: Desk, tx: Tx, kind: str, pbx_id: str, clients: Collection[str]) -> Routes:
    """For the calls of these clients. A case is shown to the client's responsible employee too."""
    takers = await _takers(tx, kind, pbx_id)
    private = await private_chats(desk, tx, pbx_id, clients) if kind == "case" else {}
    chat_ids = {one.chat_id for one in takers} | {one for some in private.values() for one in some}
    settings = await chat_settings.of_chats(desk, tx, chat_ids)
    return Routes(takers, settings, await shown.callers(desk, tx, pbx_id), private)


async def chosen(desk: Desk, tx: Tx, kind: str, pbx_id: str) -> dict[int, ChatSettings]:
    """The settings of the chats that take this kind of notice."""
    return await chat_settings.of_chats(desk, tx, {one.chat_id for one in await _takers(tx, kind, pbx_id)})


async def places(desk: Desk, tx: Tx, kind: str, pbx_id: str, missed: Sequence[Call] = ()) -> list[Where]:
    """Chats and topics that want this kind of notice of this PBX, and do not hide all of these calls."""
    if not missed:
        return [(one.chat_id, one.thread_id) for one in await _takers(tx, kind, pbx_id)]
    return (await routes(desk, tx, kind, pbx_id, clients_of(missed))).places(missed)


def clients_of(them: Iterable[Call]) -> list[str]:
    """Those who do not hide their number, each once."""
    return list(dict.fromkeys(call.client for call in them if call.client))


async def _takers(tx: Tx, kind: str, pbx_id: str) -> list[Binding]:
    return [one for one in await chats.bindings_of_pbx(tx, pbx_id) if WANTED_AS[kind] in one.notices]


def fitting(takers: Sequence[Binding], call: Call | Line) -> list[Binding]:
    """The bindings that a call is for; all of them if it is for none."""
    return [one for one in takers if fits(one, call)] or list(takers)


def fits(binding: Binding, call: Call | Line) -> bool:
    """Whether the call is for this binding: its department and our number are among those chosen."""
    departments, numbers = (binding.filters.get(key) or [] for key in FILTERS)
    ours = {name.casefold() for name in departments}
    return (not ours or (call.department or "").casefold() in ours) and (not numbers or call.our_number in numbers)


async def for_some(tx: Tx, where: Where, pbx_ids: Collection[str]) -> dict[str, list[Binding]]:
    """The bindings there, or in the chat of a topic that is not bound, by the PBXs of which only a part is chosen."""
    chat_id, thread_id = where
    bound = await chats.bindings_of_chat(tx, chat_id)
    here = [one for one in bound if one.thread_id == thread_id] or bound
    found = {pbx_id: [one for one in here if one.pbx_id == pbx_id] for pbx_id in pbx_ids}
    return {pbx_id: theirs for pbx_id, theirs in found.items() if theirs and all(one.filters for one in theirs)}


async def lines(tx: Tx, chosen: Mapping[str, Sequence[Binding]], start: datetime, end: datetime) -> Only:
    """What calls of [start, end) name that come to these bindings: clients' as missed ones do, ours if they fit."""
    found = {}
    for pbx_id, mine in chosen.items():
        takers = [one for one in await chats.bindings_of_pbx(tx, pbx_id) if "missed" in one.notices or one in mine]
        named = await figures.lines(tx, pbx_id, start, end)
        found[pbx_id] = [line for line in named if _comes_to(mine, takers, line)]
    return found


def _comes_to(mine: Sequence[Binding], takers: Sequence[Binding], line: Line) -> bool:
    if line.direction is Direction.IN:
        return any(one in mine for one in fitting(takers, line))
    return any(fits(one, line) for one in mine)


async def places_of_rating(desk: Desk, tx: Tx, pbx_id: str, stars: int, call: Call | None) -> list[Where]:
    """Who hears of a rating: those who take all ratings, and of a low one those who take low ones.

    `call` is the one that was rated, where it is known: it is routed as a missed one would be.
    """
    bound = await chats.bindings_of_pbx(tx, pbx_id)
    every = [one for one in bound if "ratings" in one.notices]
    low = [one for one in bound if "low_ratings" in one.notices and await _is_low(desk, tx, one.chat_id, stars)]
    heard = [one for takers in (every, low) for one in (fitting(takers, call) if call else takers)]
    return list(dict.fromkeys((one.chat_id, one.thread_id) for one in heard))


async def places_of_missed(tx: Tx, pbx_id: str) -> list[Where]:
    """Every chat and topic that takes missed calls, whatever calls those are."""
    return [(one.chat_id, one.thread_id) for one in await _takers(tx, "case", pbx_id)]


async def places_of_managers(tx: Tx, pbx_id: str, missed: Call) -> list[Where]:
    """The managers' chats that hear of a case that nobody has returned; `missed` is its latest call."""
    takers = [one for one in await chats.bindings_of_pbx(tx, pbx_id) if "escalations" in one.notices]
    return [(one.chat_id, one.thread_id) for one in fitting(takers, missed)]


async def _is_low(desk: Desk, tx: Tx, chat_id: int, stars: int) -> bool:
    return stars <= (await chat_settings.of_chat(desk, tx, chat_id)).low_rating


async def private_chats(desk: Desk, tx: Tx, pbx_id: str, clients: Collection[str]) -> dict[str, list[int]]:
    """Where a client's responsible employee is linked, reachable, and willing (`wants_cards`): that private chat."""
    login_of = await responsible.logins_of(tx, clients, pbx_id) if clients else {}
    chat_of: dict[str, list[int]] = {}
    for login in sorted({login for login in login_of.values() if login}):
        linked = await responsible.persons(desk, tx, pbx_id, [login])
        chat_of[login] = [one.user_id for one in linked if one.reachable and wants_cards(one)]
    return {client: chat_of[login] for client, login in login_of.items() if login}


def wants_cards(person: people.Person) -> bool:
    """Whether they want the cards of their own clients in private too. Only if they said so: it rings twice."""
    return person.settings.get("private_cards") is True


@dataclass(frozen=True, slots=True)
class Choices:
    """What a binding's filters can name, in order."""

    departments: tuple[str, ...]
    numbers: tuple[str, ...]


async def choices(desk: Desk, pbx_id: str) -> Choices:
    """Departments and our numbers that calls of the last 90 days name, and those that the PBX lists if it can."""
    since = desk.clock.now() - LOOKED_BACK
    async with desk.db.read() as tx:
        departments, numbers = await calls.named_since(tx, pbx_id, since)
    try:
        async with asyncio.timeout(PBX_GETS):
            listed = await _listed(desk.pbxes[pbx_id])
    except (PbxError, TimeoutError):  # what the calls name will do
        listed = Choices((), ())
    return Choices(
        tuple(sorted({*departments, *listed.departments}, key=str.casefold)),
        tuple(sorted({*numbers, *listed.numbers})),
    )


async def _listed(pbx: PhoneSystem) -> Choices:
    departments = await pbx.departments() if pbx.capabilities.departments else []
    numbers = await pbx.our_numbers() if pbx.capabilities.our_numbers else []
    return Choices(tuple(one.name for one in departments), tuple(one.number for one in numbers))
