"""What a notice is about, gathered as it is now and handed to whoever renders it. No wording here."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desk import call_view, called_upon, client_notes, hearing, periods, rated, summaries, totals
from desk.call_view import CallView
from desk.called_upon import CalledUpon
from desk.cases import State
from desk.claim_span import CALL_BACK_LASTS
from desk.client_names import known_as
from desk.client_notes import Noted
from desk.hearing import Playable
from desk.lines import LineEnd
from desk.office import Desk
from desk.periods import Days, Span
from desk.summaries import Bar, Summary
from pbx.vocabulary import Call, Direction, Outcome
from storage import calls, cases, escalations, figures, forgotten, notices, people, ratings
from storage.calls import StoredCall
from storage.cases import CaseRow
from storage.database import Tx
from storage.notices import Notice

#: Clients listed in a digest. Their lines must fit into one message of 4096 characters.
DIGEST_SIZE = 40
#: Clients who still wait that a summary lists, each with a button.
SUMMARY_WAITING = 5
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


@dataclass(frozen=True, slots=True)
class Escalated:
    """A case that people are called upon about, each of them once."""

    case: CaseView
    called_upon: tuple[CalledUpon, ...]


@dataclass(frozen=True, slots=True)
class EscalationView:
    """A message that calls upon people about one case or several."""

    items: tuple[Escalated, ...]
    more: int = 0
    """Open cases that there is no room for."""
    more_called: tuple[CalledUpon, ...] = ()
    """Who is called upon about those."""


@dataclass(frozen=True, slots=True)
class MorningView:
    """What was held while it was quiet in a chat."""

    cases: tuple[CaseView, ...]
    """Those open when quiet was over."""
    settled: int
    """Cases that were closed by then."""
    others: "tuple[View, ...]"
    """Held notices of other kinds, oldest first."""
    more: int = 0
    """Cases that there is no room for; the open ones among them are `more_open`."""
    more_open: int = 0
    earlier: int = 0
    """How many of the cases, `more` included, are from before: they are listed because they were escalated."""


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
    playable: Playable | None
    pbx_name: str | None
    managers: frozenset[int] = frozenset()
    """The chats that take it because it is low."""


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
    """A period at some PBXs, beside the same period before."""

    days: Days
    span: Span
    """As far as the days have gone."""
    span_before: Span
    zone: ZoneInfo
    """In which the days are days."""
    summary: Summary
    before: Summary
    bars: tuple[Bar, ...]
    waiting: tuple[CaseView, ...]
    """Some of the clients who still wait, the longest waiting first."""
    pbx_ids: tuple[str, ...]
    pbx_names: tuple[str, ...]


View = CaseView | RollView | CallView | EscalationView | MorningView | RatingView | LineView | SummaryView | PlainView


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
    persons = await _persons(tx, row.claimed_by, row.handed_by, row.lapsed_by, row.released_by, row.handled_by)
    return CaseView(
        case=row,
        state=State(row.state),
        client_name=client_name,
        responsible=responsible,
        last=replace(last, source=next((call.source for call in reversed(told) if call.source), None)),
        waited=last.wait or (last.ended_at - last.started_at if last.ended_at > last.started_at else None),
        attempts=await _attempts(desk, tx, row, mine),
        ringing=await _ringing(desk, tx, row, names),
        closing=closing.call if closing else None,
        closed_by=await _closer(desk, tx, closing, names),
        stars=await hearing.stars(tx, closing),
        playable=hearing.playable(desk, closing or next((one for one in reversed(mine) if one.call == last), None)),
        claimed_by=persons.get(row.claimed_by),
        handed_by=persons.get(row.handed_by),
        lapsed_by=persons.get(row.lapsed_by),
        released_by=persons.get(row.released_by),
        handled_by=persons.get(row.handled_by),
        pbx_name=pbx_name(desk, row.pbx_id),
        can_call=bool(row.client and pbx and pbx.capabilities.call_back),
        can_block=bool(row.client and pbx and pbx.capabilities.blacklist),
        called_upon=await called_upon.about(tx, case_id),
        notes=await client_notes.about(tx, row.client, NOTES),
    )


def pbx_name(desk: Desk, pbx_id: str | None) -> str | None:
    """Said only where there is more than one."""
    return pbx_id if pbx_id and len(desk.pbxes) > 1 else None


async def _persons(tx: Tx, *user_ids: int | None) -> dict[int | None, str]:
    """The names of those whom we have met."""
    known = await people.get_many(tx, [one for one in user_ids if one is not None])
    return {user_id: person.name for user_id, person in known.items()}


@dataclass(frozen=True, slots=True)
class _Names:
    """Employees' names at one PBX."""

    by_login: dict[str, str]

    @classmethod
    async def load(cls, desk: Desk, tx: Tx, pbx_id: str) -> "_Names":
        return cls(await people.employee_names(tx, pbx_id))

    def of(self, login: str | None) -> str | None:
        return self.by_login.get(login, login) if login else None


async def _attempts(desk: Desk, tx: Tx, row: CaseRow, mine: Sequence[StoredCall]) -> tuple[Attempt, ...]:
    """Through whatever PBX. Where the client waits at two of them, an attempt is written down with one case only."""
    made = [one for one in mine if not one.call.is_missed]
    if row.client and len(desk.pbxes) > 1:
        since = await calls.of_client_since(tx, row.client, row.opened_at)
        made += [one for one in since if one.case_id not in (None, row.id) and _was_for(row, one.call)]
    names = {pbx_id: await _Names.load(desk, tx, pbx_id) for pbx_id in {one.pbx_id for one in made}}
    made.sort(key=lambda one: (one.call.ended_at, one.id))
    return tuple(_attempt(one, names[one.pbx_id]) for one in made)


def _was_for(row: CaseRow, call: Call) -> bool:
    """Whether a call of ours was an attempt to return what that case owes, too."""
    in_time = row.is_open or (row.closed_at is not None and call.ended_at <= row.closed_at)
    return call.direction is Direction.OUT and not call.is_answered and in_time


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
    rows = await _all_cases(tx, listed)
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


async def _call(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    return await call_view.of(desk, tx, notice, pbx_name(desk, notice.pbx_id))


async def _escalation(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    by_case: dict[int, list[CalledUpon]] = {}
    steps = await escalations.by_ids(tx, notice.data["items"])
    for taken, called in zip(steps, await called_upon.named(tx, steps), strict=True):
        by_case.setdefault(taken.case_id, []).append(called)
    shown, rest = list(by_case)[:DIGEST_SIZE], list(by_case)[DIGEST_SIZE:]
    views = [(await case_view(desk, tx, case_id), tuple(by_case[case_id])) for case_id in shown]
    items = tuple(Escalated(view, called) for view, called in views if view)
    more = [row.id for row in await _all_cases(tx, rest) if row.is_open]
    more_called = tuple(called for case_id in more for called in by_case[case_id])
    return EscalationView(items, len(more), more_called) if items else None


async def _morning(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    """A case closed before the list was made is only counted. The longest waiting is at the top, and stays there."""
    listed = await notices.listed_in(tx, notice.id)
    held = {int(one.subject) for one in listed if one.kind == "case"}
    others = [view for one in listed if one.kind != "case" and (view := await view_of(desk, tx, one))]
    shown = [view for view in others if not isinstance(view, RollView | MorningView)]
    steps = [step for one in listed if one.kind == "escalation" for step in one.data["items"]]
    escalated = {one.case_id for one in await escalations.by_ids(tx, steps)} - held
    rows = [row for row in await _all_cases(tx, sorted(held | escalated)) if row.missed_count]
    open_then = [row for row in rows if row.is_open or (row.closed_at and row.closed_at > notice.created_at)]
    since = datetime.fromisoformat(notice.data["since"]) if "since" in notice.data else None
    earlier = {row.id for row in rows if since and row.id in escalated and row.opened_at < since}
    kept = {row.id for row in open_then}
    open_then.sort(key=lambda row: (row.opened_at, row.id))
    views = [await case_view(desk, tx, row.id) for row in open_then[:DIGEST_SIZE]]
    if not rows and not shown:
        return None
    more = open_then[DIGEST_SIZE:]
    return MorningView(
        cases=tuple(view for view in views if view),
        settled=sum(1 for row in rows if row.id not in kept | earlier),
        others=tuple(shown),
        more=len(more),
        more_open=sum(1 for row in more if row.is_open),
        earlier=len(kept & earlier),
    )


async def _all_cases(tx: Tx, ids: Sequence[int]) -> list[CaseRow]:
    return [row for start in range(0, len(ids), 500) for row in await cases.by_ids(tx, ids[start : start + 500])]


async def _rating(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    rating = await ratings.get(tx, int(notice.subject))
    if rating is None:
        return None
    names = await _Names.load(desk, tx, rating.pbx_id)
    call_id = await calls.main_id(tx, rating.pbx_id, rating.call_id) if rating.call_id else ""
    call = await calls.by_call_id(tx, rating.pbx_id, call_id)
    client_name, _ = await known_as(desk, tx, rating.client, [rating.pbx_id])
    return RatingView(
        rating=rating,
        client_name=client_name,
        employee=names.of(rating.employee or (call.call.employee if call else None)),
        playable=hearing.playable(desk, call),
        pbx_name=pbx_name(desk, rating.pbx_id),
        managers=frozenset(chat_id for chat_id, _ in await rated.managers(desk, tx, rating)),
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
    """Of the days that were over, or had begun, when it became due."""
    data = notice.data
    zone = ZoneInfo(data["zone"]) if "zone" in data else desk.office.timezone
    start, until = (datetime.fromisoformat(data[name]) for name in ("start", "until"))
    first = start.astimezone(zone).date()
    asked = Days(first, first + timedelta(days=data.get("days", 1)))
    return await summary_view(desk, tx, data["pbxes"], asked, until, zone)


async def summary_view(
    desk: Desk,
    tx: Tx,
    pbx_ids: Sequence[str],
    asked: Days,
    now: datetime,
    zone: ZoneInfo,
    *,
    waits_by_employee: bool = False,
) -> SummaryView:
    """What those days come to as far as they have gone at `now`."""
    span, before = periods.compared(asked, now, zone)
    summary = await totals.of(tx, pbx_ids, span, waits_by_employee=waits_by_employee)
    opened = await figures.still_open(tx, pbx_ids, span.start, span.end, SUMMARY_WAITING)
    waiting = [await case_view(desk, tx, case_id) for case_id in opened]
    return SummaryView(
        days=asked,
        span=span,
        span_before=before,
        zone=zone,
        summary=summary,
        before=await totals.of(tx, pbx_ids, before, waits_by_employee=waits_by_employee),
        bars=summaries.bars(summary.quarters, asked, zone),
        waiting=tuple(view for view in waiting if view),
        pbx_ids=tuple(pbx_ids),
        pbx_names=tuple(name for pbx_id in pbx_ids if (name := pbx_name(desk, pbx_id))),
    )


async def _forgotten(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    """Its message goes; one that Telegram does not let us delete any more is overwritten."""
    until = notice.data["until"]
    if until is None or desk.clock.now() < datetime.fromisoformat(until):
        return None
    return PlainView(notice.kind, {}, notice.created_at)


async def _plain(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    return PlainView(notice.kind, notice.data, notice.created_at)


_VIEWS: dict[str, Callable[[Desk, Tx, Notice], Awaitable[View | None]]] = {
    "case": _case,
    "call": _call,
    "roll": _roll,
    "digest": _digest,
    "escalation": _escalation,
    "morning": _morning,
    "rating": _rating,
    "line": _line,
    "summary": _summary,
    forgotten.KIND: _forgotten,
}


async def open_case_views(desk: Desk, tx: Tx, pbx_ids: Sequence[str], limit: int, offset: int = 0) -> list[CaseView]:
    """The cases that wait longest, as they are now."""
    rows = await cases.open_of(tx, pbx_ids, limit=limit, offset=offset)
    views = [await case_view(desk, tx, row.id) for row in rows]
    return [view for view in views if view]
