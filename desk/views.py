"""What a notice is about, gathered as it is now and handed to whoever renders it. No wording here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desk import call_view, called_upon, hearing, periods, rated, routing, summaries, totals
from desk.call_view import CallView
from desk.called_upon import CalledUpon
from desk.case_view import CaseView, case_view, case_views
from desk.client_names import known_as
from desk.hearing import Playable
from desk.lines import LineEnd
from desk.office import Desk, pbx_name
from desk.periods import Days, Span
from desk.routing import Where
from desk.summaries import Bar, Summary
from storage import calls, cases, escalations, figures, forgotten, notices, people, ratings
from storage.cases import CaseRow
from storage.chats import Binding
from storage.database import Tx
from storage.figures import Only
from storage.notices import Notice

#: Clients listed in a digest. Their lines must fit into one message of 4096 characters.
DIGEST_SIZE = 40
#: Clients who still wait that a summary lists, each with a button.
SUMMARY_WAITING = 5
#: There are no totals of some departments and numbers: their calls are counted one by one, for so many days at most.
MOST_DAYS_OF_A_PART = 7
#: Departments with the numbers they were called at: a statement takes 32 thousand values, and each of these is eight.
MOST_LINES = 1_000


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
    is_part: bool = False
    """It is only of what comes to the chat it is told in, by the departments and numbers that are chosen there."""
    is_for_some: bool = False
    """Only some are chosen where it is told. It is of all of them there too."""


View = CaseView | RollView | CallView | EscalationView | MorningView | RatingView | LineView | SummaryView | PlainView


async def view_of(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    """What there is to show; None if it is gone."""
    return await _VIEWS.get(notice.kind, _plain)(desk, tx, notice)


async def _case(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    return await case_view(desk, tx, int(notice.subject))


async def _roll(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    listed = await notices.listed_in(tx, notice.id)
    return RollView(notice.id, tuple(await case_views(desk, tx, [int(one.subject) for one in listed])))


async def _digest(desk: Desk, tx: Tx, notice: Notice) -> View | None:
    """Those who wait come first, the longest waiting at the top."""
    listed = [int(one.subject) for one in await notices.listed_in(tx, notice.id)]
    rows = await _all_cases(tx, listed)
    rows.sort(key=lambda row: (not row.is_open, row.last_missed_at, row.id))
    more = rows[DIGEST_SIZE:]
    return RollView(
        notice.id,
        tuple(await case_views(desk, tx, [row.id for row in rows[:DIGEST_SIZE]])),
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
    views = await case_views(desk, tx, shown)
    items = tuple(Escalated(view, tuple(by_case[view.case.id])) for view in views)
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
    if not rows and not shown:
        return None
    more = open_then[DIGEST_SIZE:]
    return MorningView(
        cases=tuple(await case_views(desk, tx, [row.id for row in open_then[:DIGEST_SIZE]])),
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
    names = await people.employee_names(tx, rating.pbx_id)
    call_id = await calls.main_id(tx, rating.pbx_id, rating.call_id) if rating.call_id else ""
    call = await calls.by_call_id(tx, rating.pbx_id, call_id)
    login = rating.employee or (call.call.employee if call else None)
    client_name, _ = await known_as(desk, tx, rating.client, [rating.pbx_id])
    return RatingView(
        rating=rating,
        client_name=client_name,
        employee=names.get(login, login) if login else None,
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
    chat_id, thread_id = data.get("at", (0, 0))
    view = await summary_view(desk, tx, data["pbxes"], asked, until, zone, where=(chat_id, thread_id))
    return view if view.is_part else replace(view, is_for_some=data.get("for_some", False))


async def summary_view(
    desk: Desk,
    tx: Tx,
    pbx_ids: Sequence[str],
    asked: Days,
    now: datetime,
    zone: ZoneInfo,
    *,
    where: Where = (0, 0),
    waits_by_employee: bool = False,
) -> SummaryView:
    """What those days come to as far as they have gone at `now`; of a few days, the part that comes there."""
    span, before = periods.compared(asked, now, zone)
    chosen = await routing.for_some(tx, where, pbx_ids)
    is_short = asked.count <= MOST_DAYS_OF_A_PART and not waits_by_employee
    only, only_before = await _parts(tx, chosen if is_short else {}, span, before)
    summary = await totals.of(tx, pbx_ids, span, waits_by_employee=waits_by_employee, only=only)
    opened = await figures.still_open(tx, pbx_ids, span.start, span.end, SUMMARY_WAITING, only)
    return SummaryView(
        days=asked,
        span=span,
        span_before=before,
        zone=zone,
        summary=summary,
        before=await totals.of(tx, pbx_ids, before, waits_by_employee=waits_by_employee, only=only_before),
        bars=summaries.bars(summary.quarters, asked, zone),
        waiting=tuple(await case_views(desk, tx, opened)),
        pbx_ids=tuple(pbx_ids),
        pbx_names=tuple(name for pbx_id in pbx_ids if (name := pbx_name(desk, pbx_id))),
        is_part=bool(only),
        is_for_some=bool(chosen) and not only,
    )


async def _parts(tx: Tx, chosen: Mapping[str, Sequence[Binding]], *spans: Span) -> list[Only]:
    """What is counted alone in each of them; nothing anywhere, where a statement could not name it all."""
    parts = [await routing.lines(tx, chosen, one.start, one.end) for one in spans]
    is_too_much = any(len(lines) > MOST_LINES for part in parts for lines in part.values())
    return [{} for _ in spans] if is_too_much else parts


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
    return await case_views(desk, tx, [row.id for row in rows])
