"""What a notice is about, gathered as it is now and handed to whoever renders it. No wording here."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from desk import summaries
from desk.cases import State
from desk.contacts import known_as
from desk.lines import LineEnd
from desk.office import Desk
from desk.summaries import Summary
from pbx.vocabulary import Call, Outcome
from storage import calls, cases, contacts, notices, people, ratings
from storage.calls import StoredCall
from storage.cases import CaseRow
from storage.database import Tx
from storage.notices import Notice

#: A call-back that nobody heard of for so long is no longer shown as going on.
CALL_BACK_LASTS = timedelta(minutes=10)
#: Stars up to which a rating is marked for managers.
LOW_RATING = 3
#: Clients listed in a digest. Their lines must fit into one message of 4096 characters.
DIGEST_SIZE = 40


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
    claimed_by: str | None
    handled_by: str | None
    pbx_name: str | None
    """Which PBX, if there are several."""
    can_call: bool
    can_block: bool


@dataclass(frozen=True, slots=True)
class RollView:
    """Many cards in one message."""

    notice_id: int
    cases: tuple[CaseView, ...]
    is_digest: bool = False
    """No event told of them: they were read back from the PBX, too late for a card each."""
    more: int = 0
    """Cases that there is no room for; the open ones among them are `more_open`."""
    more_open: int = 0


@dataclass(frozen=True, slots=True)
class RatingView:
    rating: ratings.Rating
    client_name: str | None
    employee: str | None
    is_low: bool
    pbx_name: str | None


@dataclass(frozen=True, slots=True)
class LineView:
    """An operator line that is down, or was: `ended` says how that ended, `ended_at` when we saw it."""

    number: str | None
    name: str | None
    at: datetime
    ended: LineEnd | None
    ended_at: datetime | None
    pbx_name: str | None


@dataclass(frozen=True, slots=True)
class PlainView:
    """A notice whose words depend on its data alone: to the admins, to one person."""

    kind: str
    data: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class SummaryView:
    """A day of one chat."""

    start: datetime
    summary: Summary
    a_week_ago: Summary
    """The same hours of the same weekday."""
    pbx_names: tuple[str, ...]


View = CaseView | RollView | RatingView | LineView | SummaryView | PlainView


async def view_of(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    """What there is to show; None if it is gone."""
    return await _VIEWS.get(notice.kind, _plain)(desk, tx, notice)


async def case_view(desk: Desk, tx: Tx, case_id: int) -> CaseView | None:
    """None if there is no such case, or another one has all its calls."""
    row = await cases.get(tx, case_id)
    if row is None:
        return None
    mine = await calls.of_case(tx, case_id)
    missed = [stored.call for stored in mine if stored.call.is_missed]
    closing = await calls.by_id(tx, row.closing_call) if row.closing_call else None
    told = missed or [stored.call for stored in mine] or ([closing.call] if closing else [])
    if not told:
        return None
    last = told[-1]
    names = await _Names.load(desk, tx, row.pbx_id)
    pbx = desk.pbxes.get(row.pbx_id)
    client_name, responsible = await known_as(desk, tx, row.client, [row.pbx_id])
    by_id = await people.get_many(tx, [one for one in (row.claimed_by, row.handled_by) if one])
    return CaseView(
        case=row,
        state=State(row.state),
        client_name=client_name,
        responsible=responsible,
        last=replace(last, source=next((call.source for call in reversed(told) if call.source), None)),
        waited=last.wait or (last.ended_at - last.started_at if last.ended_at > last.started_at else None),
        attempts=tuple(_attempt(stored, names) for stored in mine if not stored.call.is_missed),
        ringing=await _ringing(desk, tx, row, names),
        closing=closing.call if closing else None,
        closed_by=await _closer(desk, tx, closing, names),
        claimed_by=by_id[row.claimed_by].name if row.claimed_by in by_id else None,
        handled_by=by_id[row.handled_by].name if row.handled_by in by_id else None,
        pbx_name=pbx_name(desk, row.pbx_id),
        can_call=bool(row.client and pbx and pbx.capabilities.call_back),
        can_block=bool(row.client and pbx and pbx.capabilities.blacklist),
    )


def pbx_name(desk: Desk, pbx_id: str | None) -> str | None:
    """Said only where there is more than one."""
    return pbx_id if pbx_id and len(desk.pbxes) > 1 else None


@dataclass(frozen=True, slots=True)
class _Names:
    """Employees' names at one PBX."""

    by_login: dict[str, str]

    @classmethod
    async def load(cls, desk: Desk, tx: Tx, pbx_id: str) -> "_Names":
        return cls(await people.employee_names(tx, pbx_id))

    def of(self, login: str | None) -> str | None:
        return self.by_login.get(login, login) if login else None


def _attempt(stored: StoredCall, names: _Names) -> Attempt:
    call = stored.call
    return Attempt(names.of(call.employee), call.started_at, call.outcome, call.status)


async def _ringing(desk: Desk, tx: Tx, row: CaseRow, names: _Names) -> tuple[Ringing, ...]:
    since = desk.clock.now() - CALL_BACK_LASTS
    backs = await cases.call_backs_underway(tx, row.client) if row.client else []
    return tuple(
        Ringing(names.of(back.employee) or back.employee, back.asked_at, back.state != "unknown")
        for back in backs
        if back.asked_at > since and back.pbx_id == row.pbx_id
    )


async def _closer(desk: Desk, tx: Tx, closing: StoredCall | None, names: _Names) -> str | None:
    if closing is None:
        return None
    if closing.pbx_id in desk.pbxes:
        names = await _Names.load(desk, tx, closing.pbx_id)
    return names.of(closing.call.employee) or closing.call.department


async def _case(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    return await case_view(desk, tx, int(notice.subject))


async def _roll(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    listed = await notices.listed_in(tx, notice.id)
    views = [await case_view(desk, tx, int(one.subject)) for one in listed]
    return RollView(notice.id, tuple(view for view in views if view))


async def _digest(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    """Those who wait come first, the longest waiting at the top."""
    listed = [int(one.subject) for one in await notices.listed_in(tx, notice.id)]
    rows = [
        row for start in range(0, len(listed), 500) for row in await cases.by_ids(tx, listed[start : start + 500])
    ]
    rows.sort(key=lambda row: (not row.is_open, row.last_missed_at, row.id))
    views = [await case_view(desk, tx, row.id) for row in rows[:DIGEST_SIZE]]
    more = rows[DIGEST_SIZE:]
    return RollView(
        notice.id,
        tuple(view for view in views if view),
        is_digest=True,
        more=len(more),
        more_open=sum(1 for row in more if row.is_open),
    )


async def _rating(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    rating = await ratings.get(tx, int(notice.subject))
    if rating is None:
        return None
    names = await _Names.load(desk, tx, rating.pbx_id)
    contact = await contacts.get(tx, rating.client) if rating.client else None
    return RatingView(
        rating=rating,
        client_name=contact.name if contact else None,
        employee=names.of(rating.employee),
        is_low=rating.stars <= LOW_RATING,
        pbx_name=pbx_name(desk, rating.pbx_id),
    )


async def _line(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    data = notice.data
    return LineView(
        number=data["number"],
        name=data["name"],
        at=datetime.fromisoformat(data["since"]),
        ended=LineEnd(data["ended"]) if "ended" in data else None,
        ended_at=datetime.fromisoformat(data["ended_at"]) if "ended" in data else None,
        pbx_name=pbx_name(desk, notice.pbx_id),
    )


async def _summary(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    data = notice.data
    start, until, start_before, until_before = (
        datetime.fromisoformat(data[name]) for name in ("start", "until", "start_before", "until_before")
    )
    names = [name for pbx_id in data["pbxes"] if (name := pbx_name(desk, pbx_id))]
    return SummaryView(
        start=start,
        summary=await summaries.of(tx, data["pbxes"], start, until),
        a_week_ago=await summaries.of(tx, data["pbxes"], start_before, until_before),
        pbx_names=tuple(names),
    )


async def _plain(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    return PlainView(notice.kind, notice.data, notice.created_at)


_VIEWS: dict[str, Callable[[Desk, Tx, Notice], Awaitable[View | None]]] = {
    "case": _case,
    "roll": _roll,
    "digest": _digest,
    "rating": _rating,
    "line": _line,
    "summary": _summary,
}


async def open_case_views(desk: Desk, tx: Tx, pbx_ids: Sequence[str], limit: int, offset: int = 0) -> list[CaseView]:
    """The cases that wait longest, as they are now."""
    rows = await cases.open_of(tx, pbx_ids, limit=limit, offset=offset)
    views = [await case_view(desk, tx, row.id) for row in rows]
    return [view for view in views if view]
