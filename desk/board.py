"""What the manager's board shows, gathered as it is now: who waits, who is where, what clients thought, history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from desk import linking, periods, presence, views
from desk.access import Rank, Who
from desk.case_view import CaseView
from desk.client_names import known_as
from desk.linking import Member
from desk.office import Desk, pbx_name
from desk.periods import Days, Period
from desk.views import RatingView, SummaryView
from pbx import numbers
from storage import board, calls, cases, chats, contacts, memory, people
from storage.board import Mark
from storage.calls import StoredCall
from storage.database import Tx
from storage.ratings import Rating

#: Open cases, ratings and calls that are shown at once.
CASES, RATINGS, CALLS = 40, 10, 50
#: Clients a search may mean, and the characters that are enough to search for.
CLIENTS, LEAST = 20, 3


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at a PBX, as far as events told us where they are; nobody is asked."""

    member: Member
    talks_since: datetime | None
    """On the phone with a client."""
    rings: bool
    off_until: datetime | None
    """Their calls are held back by us until then."""


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that changes by the minute."""

    open: tuple[CaseView, ...]
    """The longest waiting first; `total` may be more."""
    total: int
    ratings: tuple[RatingView, ...]
    colleagues: tuple[Colleague, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A call that a search found."""

    stored: StoredCall
    client_name: str | None
    employee: str | None
    pbx_name: str | None


async def readable(desk: Desk, tx: Tx, reader: Who, chat_id: int | None) -> list[str]:
    """The PBXs whose calls are shown: the reader's own, an administrator's are all; of these the chat's, if the board
    was opened from one that is bound to any.

    A chat alone opens nothing: whoever writes the link names it.
    """
    if reader.rank < Rank.EMPLOYEE:
        return []
    own = [one for one in desk.pbxes if reader.rank is Rank.ADMIN or reader.login_at(one)]
    bound = {one.pbx_id for one in await chats.bindings_of_chat(tx, chat_id)} if chat_id else set()
    return [one for one in own if one in bound] or own


async def chat_of(tx: Tx, pbx_id: str, user_id: int, chat_id: int | None) -> int:
    """The chat whose settings an act on a case follows: the one the board was opened from, else the PBX's first, else
    the private one.
    """
    bound = [one.chat_id for one in await chats.bindings_of_pbx(tx, pbx_id)]
    return chat_id if chat_id in bound else next(iter(bound), user_id)


async def mark(tx: Tx, pbx_ids: Sequence[str]) -> Mark:
    """Differs once there is something new to gather."""
    return await board.mark(tx, pbx_ids)


async def gathered(desk: Desk, tx: Tx, pbx_ids: Sequence[str]) -> Board:
    rated = await board.latest_ratings(tx, pbx_ids, RATINGS)
    return Board(
        open=tuple(await views.open_case_views(desk, tx, pbx_ids, CASES)),
        total=await cases.count_open(tx, pbx_ids),
        ratings=tuple([await _rating(desk, tx, one) for one in rated]),
        colleagues=tuple(await _colleagues(desk, tx, pbx_ids)),
    )


async def _rating(desk: Desk, tx: Tx, one: Rating) -> RatingView:
    call_id = await calls.main_id(tx, one.pbx_id, one.call_id) if one.call_id else ""
    call = await calls.by_call_id(tx, one.pbx_id, call_id)
    login = one.employee or (call.call.employee if call else None)
    names = await people.employee_names(tx, one.pbx_id)
    client_name, _ = await known_as(desk, tx, one.client, [one.pbx_id])
    name = names.get(login, login) if login else None
    return RatingView(one, client_name, name, None, pbx_name(desk, one.pbx_id))


async def _colleagues(desk: Desk, tx: Tx, pbx_ids: Sequence[str]) -> list[Colleague]:
    """Those who have left are not there."""
    going_on = await calls.live(tx, pbx_ids)
    talking = {(one.pbx_id, one.employee): one.answered_at or one.began_at for one in going_on if one.employee}
    ringing = {(one.pbx_id, login) for one in going_on for login in one.ringing}
    off = {one.subject: one.due_at for one in await memory.timers_of(tx, presence.KIND)}
    members = [one for one in await linking.team(tx, pbx_ids, desk.clock.now()) if not one.left]
    return [
        Colleague(
            member=one,
            talks_since=talking.get((one.pbx_id, one.login)),
            rings=(one.pbx_id, one.login) in ringing,
            off_until=off.get(f"{one.pbx_id} {one.login}"),
        )
        for one in members
    ]


async def today(desk: Desk, tx: Tx, pbx_ids: Sequence[str]) -> SummaryView:
    """In the office's time zone."""
    now, zone = desk.clock.now(), desk.office.timezone
    days = Days(*periods.days(Period.TODAY, now.astimezone(zone).date()), Period.TODAY)
    return await views.summary_view(desk, tx, pbx_ids, days, now, zone)


async def search(desk: Desk, tx: Tx, pbx_ids: Sequence[str], text: str) -> list[Found]:
    """The latest calls with clients whose number or name holds `text`, with anybody if there is none.

    None at all for what is too short to mean somebody.
    """
    if text.strip():
        clients = await _meant(desk, tx, pbx_ids, text.strip())
        found = await calls.with_clients(tx, clients, pbx_ids, limit=CALLS) if clients else []
    else:
        found = await _latest(desk, tx, pbx_ids)
    known = await contacts.get_many(tx, sorted({one.call.client for one in found if one.call.client}))
    employees = {one: await people.employee_names(tx, one) for one in {stored.pbx_id for stored in found}}
    return [
        Found(
            stored=one,
            client_name=known[client].name if (client := one.call.client or "") in known else None,
            employee=employees[one.pbx_id].get(login, login) if (login := one.call.employee) else None,
            pbx_name=pbx_name(desk, one.pbx_id),
        )
        for one in found
    ]


async def _latest(desk: Desk, tx: Tx, pbx_ids: Sequence[str]) -> list[StoredCall]:
    """Asked for by PBX, so that each time an index has them in order."""
    now = desk.clock.now()
    begin, end = now - timedelta(days=desk.office.calls_days), now + timedelta(days=1)
    each = [await calls.between(tx, [pbx_id], begin, end, limit=CALLS) for pbx_id in pbx_ids]
    return sorted(chain(*each), key=lambda one: one.call.started_at, reverse=True)[:CALLS]


async def _meant(desk: Desk, tx: Tx, pbx_ids: Sequence[str], text: str) -> list[str]:
    if any(character.isalpha() for character in text):
        return await board.numbers_named(tx, text, CLIENTS) if len(text) >= LEAST else []
    country = desk.country_of(pbx_ids[0] if pbx_ids else None)
    whole, digits = numbers.parse(text, country), numbers.digits(text)
    if whole:
        return [whole]
    return await board.numbers_holding(tx, digits, pbx_ids, CLIENTS) if len(digits) >= LEAST else []
