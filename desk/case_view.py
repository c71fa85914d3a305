"""What a card says of a case, gathered as it is now: of forty cases by no more questions than of one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desk import called_upon, client_notes, hearing
from desk.called_upon import CalledUpon
from desk.cases import State
from desk.claim_span import CALL_BACK_LASTS
from desk.client_names import NOBODY, KnownAs, known_as_each
from desk.client_notes import Noted
from desk.hearing import Playable
from desk.office import Desk, pbx_name
from pbx.vocabulary import Call, Direction, Outcome
from storage import calls, cases, escalations, notes, people
from storage.calls import StoredCall
from storage.cases import CallBack, CaseRow
from storage.database import Tx
from storage.escalations import Taken
from storage.notes import Note

#: Notes about the client on a card: the latest.
NOTES = 2


@dataclass(frozen=True, slots=True)
class Attempt:
    """We called, and nobody answered."""

    who: str | None
    at: datetime
    outcome: Outcome
    status: str


@dataclass(frozen=True, slots=True)
class Ringing:
    """Somebody is calling the client right now; `certain` is False if we don't know whether the call began."""

    who: str
    at: datetime
    certain: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything a card says."""

    case: CaseRow
    state: State
    client_name: str | None
    responsible: str | None
    last: Call
    """The latest missed call."""
    waited: timedelta | None
    attempts: tuple[Attempt, ...]
    ringing: tuple[Ringing, ...]
    closing: Call | None
    closed_by: str | None
    """Who reached the client or was reached."""
    stars: int | None
    """What the client thought of that call."""
    playable: Playable | None
    """Its recording; while the case is open, what the client left on the latest missed call."""
    claimed_by: str | None
    handed_by: str | None
    """Who gave it to the one who has it, if anybody did."""
    lapsed_by: str | None
    """Whose claim ended last."""
    released_by: str | None
    """Who ended it, if it did not lapse by itself."""
    handled_by: str | None
    pbx_name: str | None
    """Which PBX, if there are several."""
    can_call: bool
    can_block: bool
    called_upon: tuple[CalledUpon, ...] = ()
    """Whom an escalation has called upon."""
    notes: tuple[Noted, ...] = ()
    """The latest about the client."""


async def case_view(desk: Desk, tx: Tx, case_id: int) -> CaseView | None:
    """None if there is no such case, or another one has all its calls."""
    return next(iter(await case_views(desk, tx, [case_id])), None)


async def case_views(desk: Desk, tx: Tx, case_ids: Sequence[int]) -> list[CaseView]:
    """In the order in which they are asked for, without those that are gone."""
    found = {row.id: row for row in await cases.by_ids(tx, case_ids)} if case_ids else {}
    if not found:
        return []
    about = await _gathered(desk, tx, list(found.values()))
    views = [_view(desk, found[one], about) for one in case_ids if one in found]
    return [view for view in views if view]


# Gathered


@dataclass(frozen=True, slots=True)
class _About:
    """What there is about some cases."""

    calls: dict[int, list[StoredCall]]
    """By case."""
    closing: dict[int, StoredCall]
    """By their own ids, and so the stars."""
    stars: dict[int, int | None]
    since: dict[str, list[StoredCall]]
    """By client: calls through any PBX since the oldest of the cases."""
    call_backs: list[CallBack]
    steps: list[Taken]
    notes: dict[str, list[Note]]
    known: dict[tuple[str, str | None], KnownAs]
    """By PBX and client."""
    names: dict[str, dict[str, str]]
    """Employees' by PBX and login."""
    persons: dict[int, str]
    """Names of those whom we have met."""

    def named(self, pbx_id: str, login: str | None) -> str | None:
        return self.names[pbx_id].get(login, login) if login else None

    def person(self, user_id: int | None) -> str | None:
        return self.persons.get(user_id) if user_id is not None else None


async def _gathered(desk: Desk, tx: Tx, rows: Sequence[CaseRow]) -> _About:
    clients = sorted({row.client for row in rows if row.client})
    mine = await calls.of_cases(tx, [row.id for row in rows])
    closing = await calls.by_ids(tx, [row.closing_call for row in rows if row.closing_call])
    since = await _since(desk, tx, rows)
    steps = await escalations.of_case(tx, *(row.id for row in rows))
    noted = await notes.last_of_each(tx, clients, NOTES) if clients else {}
    told = [call for some in (*mine.values(), closing.values(), *since.values()) for call in some]
    at = {row.pbx_id for row in rows} | {call.pbx_id for call in told}
    return _About(
        calls=mine,
        closing=closing,
        stars=await hearing.stars_of(tx, closing.values()),
        since=since,
        call_backs=await cases.call_backs_underway(tx, *clients) if clients else [],
        steps=steps,
        notes=noted,
        known=await _known(desk, tx, rows),
        names={pbx_id: await people.employee_names(tx, pbx_id) for pbx_id in sorted(at)},
        persons=await _persons(tx, _whom(rows, steps, noted.values())),
    )


async def _since(desk: Desk, tx: Tx, rows: Sequence[CaseRow]) -> dict[str, list[StoredCall]]:
    """Only where there are several PBXs is an attempt written down with another case."""
    begun: dict[str, datetime] = {}
    for row in rows if len(desk.pbxes) > 1 else ():
        if row.client:
            begun[row.client] = min(row.opened_at, begun.get(row.client, row.opened_at))
    return await calls.of_clients_since(tx, begun) if begun else {}


async def _known(desk: Desk, tx: Tx, rows: Sequence[CaseRow]) -> dict[tuple[str, str | None], KnownAs]:
    known: dict[tuple[str, str | None], KnownAs] = {}
    for pbx_id in sorted({row.pbx_id for row in rows}):
        clients = sorted({row.client for row in rows if row.client and row.pbx_id == pbx_id})
        for client, one in (await known_as_each(tx, clients, pbx_id)).items():
            known[pbx_id, client] = one
    return known


def _whom(rows: Sequence[CaseRow], steps: Iterable[Taken], noted: Iterable[list[Note]]) -> set[int]:
    """Everybody who may have to be named."""
    had = {
        user_id
        for row in rows
        for user_id in (row.claimed_by, row.handed_by, row.lapsed_by, row.released_by, row.handled_by)
        if user_id is not None
    }
    called = {user_id for one in steps for user_id in one.users}
    return had | called | {note.user_id for some in noted for note in some}


async def _persons(tx: Tx, user_ids: Collection[int]) -> dict[int, str]:
    known = await people.get_many(tx, sorted(user_ids)) if user_ids else {}
    return {user_id: person.name for user_id, person in known.items()}


# Seen


def _view(desk: Desk, row: CaseRow, about: _About) -> CaseView | None:
    mine, closing = about.calls[row.id], about.closing.get(row.closing_call or 0)
    missed = [stored.call for stored in mine if stored.call.is_missed]
    told = missed or [stored.call for stored in mine] or ([closing.call] if closing else [])
    if not told:
        return None
    last, pbx = told[-1], desk.pbxes.get(row.pbx_id)
    client_name, responsible = about.known.get((row.pbx_id, row.client), NOBODY)
    return CaseView(
        case=row,
        state=State(row.state),
        client_name=client_name,
        responsible=responsible,
        last=replace(last, source=next((call.source for call in reversed(told) if call.source), None)),
        waited=last.wait or (last.ended_at - last.started_at if last.ended_at > last.started_at else None),
        attempts=_attempts(row, mine, about),
        ringing=_ringing(desk, row, about),
        closing=closing.call if closing else None,
        closed_by=_closer(desk, row, closing, about),
        stars=about.stars[closing.id] if closing else None,
        playable=hearing.playable(desk, closing or next((one for one in reversed(mine) if one.call == last), None)),
        claimed_by=about.person(row.claimed_by),
        handed_by=about.person(row.handed_by),
        lapsed_by=about.person(row.lapsed_by),
        released_by=about.person(row.released_by),
        handled_by=about.person(row.handled_by),
        pbx_name=pbx_name(desk, row.pbx_id),
        can_call=bool(row.client and pbx and pbx.capabilities.call_back),
        can_block=bool(row.client and pbx and pbx.capabilities.blacklist),
        called_upon=called_upon.once([one for one in about.steps if one.case_id == row.id], about.persons),
        notes=client_notes.as_shown(about.notes.get(row.client or "", ()), about.persons),
    )


def _attempts(row: CaseRow, mine: Sequence[StoredCall], about: _About) -> tuple[Attempt, ...]:
    """Through whatever PBX. Where the client waits at two of them, an attempt is written down with one case only."""
    made = [one for one in mine if not one.call.is_missed]
    since = [one for one in about.since.get(row.client or "", ()) if one.call.ended_at >= row.opened_at]
    made += [one for one in since if one.case_id not in (None, row.id) and _was_for(row, one.call)]
    made.sort(key=lambda one: (one.call.ended_at, one.id))
    return tuple(_attempt(one, about) for one in made)


def _was_for(row: CaseRow, call: Call) -> bool:
    """Whether a call of ours was an attempt to return what that case owes, too."""
    in_time = row.is_open or (row.closed_at is not None and call.ended_at <= row.closed_at)
    return call.direction is Direction.OUT and not call.is_answered and in_time


def _attempt(stored: StoredCall, about: _About) -> Attempt:
    call = stored.call
    return Attempt(about.named(stored.pbx_id, call.employee), call.started_at, call.outcome, call.status)


def _ringing(desk: Desk, row: CaseRow, about: _About) -> tuple[Ringing, ...]:
    since = desk.clock.now() - CALL_BACK_LASTS
    return tuple(
        Ringing(about.named(row.pbx_id, back.employee) or back.employee, back.asked_at, back.state != "unknown")
        for back in about.call_backs
        if (back.client, back.pbx_id) == (row.client, row.pbx_id) and back.asked_at > since
    )


def _closer(desk: Desk, row: CaseRow, closing: StoredCall | None, about: _About) -> str | None:
    if closing is None:
        return None
    where = closing.pbx_id if closing.pbx_id in desk.pbxes else row.pbx_id
    return about.named(where, closing.call.employee) or closing.call.department
