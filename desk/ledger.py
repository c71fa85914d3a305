"""Calls become cases: a call is written down, its client's stories told anew, and what chats must show marked due.

The rules are in `desk.cases`; this module keeps the stored cases equal to what they say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from desk import claim_span, escalation, known_clients, live_card, rated, routing, sources
from desk.cases import Ending, State, Story, stories
from desk.office import Desk
from pbx.vocabulary import Call, Direction
from storage import calls, cases, notices
from storage.calls import LiveCall, StoredCall
from storage.cases import CallBack, CaseRow
from storage.database import Tx

#: A card older than this moves down when the client calls again, so that phones ring (CONTRACT, "Settled details").
CARD_STAYS = timedelta(minutes=5)
#: What had to be read back gets a card of its own if it was missed so recently; else it shares one message.
RECENT = timedelta(minutes=30)
#: Two ids of one call are recognised by the client, the direction and a beginning within this time.
SAME_CALL = timedelta(minutes=2)
#: A call that we asked for begins so soon after; its PBX's clock may be a little behind ours.
BEGINS_WITHIN, CLOCKS_DIFFER = timedelta(minutes=5), timedelta(minutes=1)
#: Nobody touched a case for so long: it expires.
CASE_LASTS = timedelta(days=7)
#: Cases that expire in one transaction.
EXPIRED_AT_ONCE = 50


async def record_call(desk: Desk, tx: Tx, pbx_id: str, call: Call, via: str = "event") -> StoredCall | None:
    """Write a finished call down and follow what it means for cases. None if it was no news."""
    news = await record_calls(desk, tx, pbx_id, [call], via)
    return news[0] if news else None


async def record_calls(
    desk: Desk, tx: Tx, pbx_id: str, finished: Sequence[Call], via: str = "event", lives: Iterable[LiveCall] = ()
) -> list[StoredCall]:
    """Write calls down, all of them before any case is told anew: then nothing is announced that is settled already.

    `lives` is what events told of them on the way, as far as it is not stored. Returns those that were news.
    """
    if not finished:
        return []
    await one_client_at_a_time(desk, tx, finished)
    finished = await sources.joined(desk, tx, pbx_id, finished)
    finished = await _with_answers(tx, pbx_id, finished, lives)
    news = await calls.save(desk.db, tx, pbx_id, finished, via)
    await _end_call_backs(desk, tx, news)
    since: dict[str, datetime] = {}
    for stored in news:
        call = stored.call
        if call.client is None:
            await _anonymous(desk, tx, stored)
        else:
            since[call.client] = min(call.started_at, since.get(call.client, call.started_at))
    await reconsider(desk, tx, since)
    await rated.follow(desk, tx, pbx_id, news)
    await live_card.settle(desk, tx, pbx_id, finished, news, CARD_STAYS)
    return news


async def _with_answers(tx: Tx, pbx_id: str, finished: Sequence[Call], lives: Iterable[LiveCall]) -> list[Call]:
    """Where the PBX does not say how long it rang, an event may have said when somebody picked up."""
    silent = [call.id for call in finished if call.is_answered and call.wait is None and call.talk is None]
    known = await calls.live_among(tx, pbx_id, silent) if silent else {}
    known |= {live.call_id: live for live in lives}
    told = {call_id: known[call_id] for call_id in silent if call_id in known}
    return [_with_answer(call, told[call.id]) if call.id in told else call for call in finished]


def _with_answer(call: Call, live: LiveCall) -> Call:
    picked_up = live.answered_at
    if picked_up is None or not call.started_at < picked_up <= call.ended_at:
        return call
    return replace(call, answered_at=picked_up, wait=picked_up - call.started_at, talk=call.ended_at - picked_up)


async def one_client_at_a_time(desk: Desk, tx: Tx, finished: Sequence[Call]) -> None:
    """Keep others away from the cases of these clients until the transaction ends.

    Who has more than one call to write takes all clients at once: one after the other, two might wait for each other.
    """
    await desk.db.one_at_a_time(tx, *(f"client {call.client or call.id}" for call in finished))


@dataclass(frozen=True, slots=True)
class _New:
    """A story that no case tells yet."""

    pbx_id: str
    story: Story
    shown: bool


@dataclass(frozen=True, slots=True)
class _Changes:
    """What makes stored cases equal to the stories: found out for all clients, then written."""

    goes_on: list[tuple[CaseRow, Story]] = field(default_factory=list)
    new: list[_New] = field(default_factory=list)
    void: list[CaseRow] = field(default_factory=list)
    loose: list[int] = field(default_factory=list)
    """Calls that are in no case any more."""


async def reconsider(desk: Desk, tx: Tx, since: Mapping[str, datetime]) -> None:
    """Make the stored cases of clients equal to what each one's calls since about a moment amount to."""
    changes = _Changes()
    for known, rows in (await _told_so_far(tx, since)).values():
        _compare(changes, known, rows)
    await _go_on(desk, tx, changes.goes_on)
    await _open(desk, tx, changes.new)
    for row in changes.void:
        await _void(desk, tx, row)
    await calls.assign(tx, changes.loose, None)


async def _told_so_far(tx: Tx, since: Mapping[str, datetime]) -> dict[str, tuple[list[StoredCall], list[CaseRow]]]:
    """Clients' calls since then and the cases they are in, from further back where one of these began earlier."""
    found: dict[str, tuple[list[StoredCall], list[CaseRow]]] = {}
    left = {**since, **await cases.begun_by(tx, since)} if since else {}
    while left:
        known, rows = await calls.of_clients_since(tx, left), await cases.of_clients_since(tx, left)
        strays = await _strays(tx, known, rows)
        for client, moment in list(left.items()):
            begun = min((row.opened_at for row in strays[client]), default=moment)
            if begun < moment:
                left[client] = begun
            else:
                found[client] = known[client], [*strays[client], *rows[client]]
                del left[client]
    return found


async def _strays(
    tx: Tx, known: Mapping[str, Sequence[StoredCall]], rows: Mapping[str, Sequence[CaseRow]]
) -> dict[str, list[CaseRow]]:
    """The cases that missed calls are in and that are not among `rows`, by client."""
    ids = {client: {row.id for row in theirs} for client, theirs in rows.items()}
    others = {
        client: {one.case_id for one in theirs if one.call.is_missed and one.case_id is not None} - ids[client]
        for client, theirs in known.items()
    }
    wanted = sorted({case_id for some in others.values() for case_id in some})
    strays = await cases.by_ids(tx, wanted) if wanted else []
    return {client: [row for row in strays if row.id in some] for client, some in others.items()}


def _compare(changes: _Changes, known: Sequence[StoredCall], rows: Sequence[CaseRow]) -> None:
    """One client's calls with their cases."""
    used: set[int] = set()
    for pbx_id in sorted({one.pbx_id for one in known if one.call.is_missed} | {row.pbx_id for row in rows}):
        mine = [row for row in rows if row.pbx_id == pbx_id]
        endings = [ending for row in mine for ending in _endings(row)]
        told = stories(known, pbx_id, endings)
        _match(changes, pbx_id, told, mine)
        used.update(call.id for story in told for call in (*story.missed, *story.attempts))
    ids = {row.id for row in rows}
    changes.loose.extend(call.id for call in known if call.case_id in ids and call.id not in used)


def _endings(row: CaseRow) -> list[Ending]:
    by_hand = [Ending(row.handled_at, State.HANDLED)] if row.handled_at else []
    by_time = [Ending(row.expired_at, State.EXPIRED)] if row.expired_at else []
    return by_hand + by_time


def _match(changes: _Changes, pbx_id: str, told: Sequence[Story], rows: Sequence[CaseRow]) -> None:
    """Each stored case goes on as the last story that has one of its calls; stories without one are new cases."""
    by_case: dict[int, int] = {}
    for number, story in enumerate(told):
        by_case.update({call.case_id: number for call in story.missed if call.case_id is not None})
    row_of = {by_case[row.id]: row for row in rows if row.id in by_case}
    for number, story in enumerate(told):
        if number in row_of:
            changes.goes_on.append((row_of[number], story))
        else:
            split_off = any(call.case_id in by_case for call in story.missed)
            changes.new.append(_New(pbx_id, story, shown=not split_off))
    going_on = {row.id for row in row_of.values()}
    changes.void.extend(row for row in rows if row.id not in going_on)


def _facts(story: Story) -> dict[str, object]:
    """A case's columns that follow from its calls."""
    last = story.last_missed.call
    closing = story.closing
    return {
        "client": last.client,
        "state": story.state.value,
        "opened_at": story.missed[0].call.missed_at,
        "last_missed_at": last.missed_at,
        "missed_count": len(story.missed),
        "attempt_count": len(story.attempts),
        "department": last.department,
        "our_number": last.our_number,
        "closed_at": story.closed_at,
        "closing_call": closing.id if closing else None,
        "employee": closing.call.employee if closing else None,
    }


async def _open(desk: Desk, tx: Tx, new: Sequence[_New]) -> None:
    now = desk.clock.now()
    rows = [
        {"pbx_id": one.pbx_id, "touched_at": now, "recovered": one.story.is_recovered, **_facts(one.story)}
        for one in new
    ]
    opened = dict(zip(await cases.add(tx, rows), new, strict=True))
    await calls.assign_each(tx, {call.id: case_id for case_id, one in opened.items() for call in one.story.calls})
    shown = {case_id: one for case_id, one in opened.items() if one.shown and _gets_a_card(desk, one.story)}
    for pbx_id in sorted({one.pbx_id for one in shown.values()}):
        theirs = {case_id: one.story for case_id, one in shown.items() if one.pbx_id == pbx_id}
        await _announce_cases(desk, tx, pbx_id, theirs)


async def _go_on(desk: Desk, tx: Tx, cases_and_stories: Sequence[tuple[CaseRow, Story]]) -> None:
    joined = {call.id: row.id for row, story in cases_and_stories for call in story.calls if call.case_id != row.id}
    await calls.assign_each(tx, joined)
    quietly = []
    for row, story in cases_and_stories:
        facts = _facts(story)
        if any(getattr(row, name) != value for name, value in facts.items()):
            await cases.change(tx, row.id, touched_at=desk.clock.now(), **facts)
        if story.state.is_open and (_has_more(row, story) or _is_later(row, story)):
            await _called_again(desk, tx, row, story)
        else:
            quietly.append(row.id)
    await touch_each(desk, tx, quietly)
    for row, _ in cases_and_stories:
        if row.claimed_by is not None:
            await claim_span.follow(desk, tx, row.id)


def _has_more(row: CaseRow, story: Story) -> bool:
    return len(story.missed) > row.missed_count


def _is_later(row: CaseRow, story: Story) -> bool:
    return story.last_missed.call.missed_at > row.last_missed_at


async def _called_again(desk: Desk, tx: Tx, row: CaseRow, story: Story) -> None:
    """Another missed call of a case that goes on, or of one that is open after all."""
    rings = row.is_open and _is_later(row, story) and _gets_a_card(desk, story)
    last = story.last_missed.call
    await touch(desk, tx, row.id, ring=await routing.places(desk, tx, "case", row.pbx_id, [last]) if rings else ())
    if rings:
        await _announce_cases(desk, tx, row.pbx_id, {row.id: story})
    if _has_more(row, story):
        await _appear(desk, tx, row, [stored.call for stored in story.missed])


def _gets_a_card(desk: Desk, story: Story) -> bool:
    """What the PBX told us is shown at once. What had to be read back: if it is recent and still open."""
    last = story.last_missed
    if last.via == "recovered":
        return story.state.is_open and desk.clock.now() - last.call.missed_at <= RECENT
    return last.via == "event"


async def _announce_cases(desk: Desk, tx: Tx, pbx_id: str, stories_of: Mapping[int, Story]) -> None:
    """A notice of each, due in every chat that is bound to the PBX and wants it; those announced before have theirs.

    Where all calls of a case are too short to be shown, its card waits for a longer one.
    """
    now = desk.clock.now()
    clients = routing.clients_of(story.last_missed.call for story in stories_of.values())
    await known_clients.ask_soon(desk, tx, pbx_id, clients)
    routes = await routing.routes(desk, tx, "case", pbx_id, clients)
    added = await notices.add_each(desk.db, tx, "case", [str(one) for one in stories_of], now, pbx_id=pbx_id)
    missed = {case_id: [stored.call for stored in story.missed] for case_id, story in stories_of.items()}
    places = {added[str(one)]: routes.places(missed[one]) for one in stories_of if str(one) in added}
    await notices.deliver_each(desk.db, tx, places, now)
    await escalation.begin(desk, tx, *stories_of)


async def _appear(desk: Desk, tx: Tx, row: CaseRow, missed: Sequence[Call]) -> None:
    """A chat that hid the calls so far, or was not meant by them, shows the card once there is one for it."""
    notice = await notices.find(tx, "case", str(row.id))
    if notice is not None:
        places = await routing.places(desk, tx, "case", row.pbx_id, missed)
        await notices.deliver_to(desk.db, tx, notice.id, places, desk.clock.now())
        await escalation.begin(desk, tx, row.id)


async def show_to_responsible(desk: Desk, tx: Tx, case: CaseRow) -> None:
    """We have learnt whom the client belongs to: the card is shown to them too, if they want it."""
    notice = await notices.find(tx, "case", str(case.id))
    missed = [stored.call for stored in await calls.of_case(tx, case.id) if stored.call.is_missed]
    if notice is not None and missed:
        places = await routing.places(desk, tx, "case", case.pbx_id, missed)
        private = [place for place in places if place[0] > 0]
        await notices.deliver_to(desk.db, tx, notice.id, private, desk.clock.now())


async def _void(desk: Desk, tx: Tx, row: CaseRow) -> None:
    """Better news came: none of its calls was missed after all, or another case has them."""
    if not row.missed_count:
        return
    answered = [stored for stored in await calls.of_case(tx, row.id) if stored.call.is_answered]
    values: dict[str, object] = {"missed_count": 0, "closing_call": answered[-1].id if answered else None}
    if answered:
        call = answered[-1].call
        values |= {"closed_at": call.answered_at or call.started_at, "employee": call.employee}
    elif row.is_open:
        values |= {"closed_at": row.last_missed_at}
    if row.is_open:
        values |= {"state": State.REACHED_US.value}
    await cases.change(tx, row.id, **values)
    await claim_span.follow(desk, tx, row.id)
    await touch(desk, tx, row.id)


async def _anonymous(desk: Desk, tx: Tx, stored: StoredCall) -> None:
    """A caller who hides the number: one case per call, nothing to call back."""
    row = await cases.get(tx, stored.case_id) if stored.case_id is not None else None
    if row is not None and not stored.call.is_missed:
        await _void(desk, tx, row)
    elif row is not None:
        await touch(desk, tx, row.id)
    elif stored.call.is_missed:
        await _open(desk, tx, [_New(stored.pbx_id, Story((stored,)), shown=True)])


async def touch(desk: Desk, tx: Tx, case_id: int, *, ring: Sequence[routing.Where] = ()) -> None:
    """The case's card is to be shown as it is now; in the places `ring` an old one moves down."""
    notice = await notices.find(tx, "case", str(case_id))
    if notice is None:
        return
    now = desk.clock.now()
    await notices.touch(tx, notice.id, now)
    if ring:
        await notices.ring_again(tx, notice.id, ring, now - CARD_STAYS, now)
    await escalation.follow(desk, tx, case_id)


async def touch_each(desk: Desk, tx: Tx, case_ids: Sequence[int]) -> None:
    """The cards of all these cases are to be shown as they are now."""
    shown = await notices.find_each(tx, "case", map(str, case_ids)) if case_ids else {}
    if shown:
        await notices.touch_each(tx, [notice.id for notice in shown.values()], desk.clock.now())
        await escalation.follow(desk, tx, *(one for one in case_ids if str(one) in shown))


async def show_rating(desk: Desk, tx: Tx, stored: StoredCall) -> None:
    """The client has rated this call: what shows it shows the stars too."""
    await live_card.touch(desk, tx, stored)
    for case_id in await cases.closed_by_call(tx, stored.call.client, stored.id) if stored.call.client else []:
        await touch(desk, tx, case_id)


async def announce(
    desk: Desk,
    tx: Tx,
    kind: str,
    subject: str,
    pbx_id: str,
    data: dict[str, object] | None = None,
) -> int | None:
    """A new notice, due in every chat that is bound to the PBX and wants it. None if it was announced before."""
    now = desk.clock.now()
    notice_id = await notices.add(desk.db, tx, kind, subject, now, pbx_id=pbx_id, data=data)
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, await routing.places(desk, tx, kind, pbx_id), now)
    return notice_id


#: What `/connect` switches on.
NOTICES = ("missed", "ratings", "summary", "lines")
#: Every kind that a chat may take; the last two are what a managers' chat is for.
KINDS = (*NOTICES, "low_ratings", "escalations")


async def _end_call_backs(desk: Desk, tx: Tx, news: Sequence[StoredCall]) -> None:
    """The calls we had asked for are over."""
    ours = [stored.call for stored in news if stored.call.direction is Direction.OUT and stored.call.client]
    clients = routing.clients_of(ours)
    for back in await cases.call_backs_underway(tx, *clients) if clients else []:
        if any(call.client == back.client and _was_asked_for(call, back) for call in ours):
            await cases.change_call_back(tx, back.id, state="over", over_at=desk.clock.now())
            if back.case_id is not None:
                await touch(desk, tx, back.case_id)


def _was_asked_for(call: Call, back: CallBack) -> bool:
    """Known by its id, or by employee and time: a PBX may give no id, or one that the call's news do not bear."""
    known = back.call_id is not None and back.call_id == call.id
    alike = call.employee is None or back.employee == call.employee
    return known or (alike and -CLOCKS_DIFFER <= call.started_at - back.asked_at <= BEGINS_WITHIN)


async def expire(desk: Desk) -> None:
    """Cases that nobody touched for seven days, piece by piece: on SQLite events wait for who writes.

    Raises `DatabaseUnavailable`.
    """
    while True:
        async with desk.db.write() as tx:
            if await expire_untouched(desk, tx) < EXPIRED_AT_ONCE:
                return


async def expire_untouched(desk: Desk, tx: Tx) -> int:
    """A piece of them; how many."""
    now = desk.clock.now()
    rows = await cases.untouched_since(tx, now - CASE_LASTS, EXPIRED_AT_ONCE)
    for row in rows:
        await cases.change(tx, row.id, state=State.EXPIRED.value, expired_at=now, closed_at=now)
        await claim_span.follow(desk, tx, row.id)
        await touch(desk, tx, row.id)
    return len(rows)


async def expire_silent(desk: Desk, tx: Tx, pbx_id: str, moment: datetime) -> int:
    """Cases without a card (of an import) that would have expired by `moment`, as if then; how many."""
    rows = await cases.silent_before(tx, pbx_id, moment - CASE_LASTS)
    for row in rows:
        expired_at = row.last_missed_at + CASE_LASTS
        await cases.change(tx, row.id, state=State.EXPIRED.value, expired_at=expired_at, closed_at=expired_at)
    return len(rows)


def same_call(known: Call, other: Call) -> bool:
    """Whether two reports with different ids can be of one call."""
    alike = known.client == other.client and known.direction is other.direction
    return alike and abs(known.started_at - other.started_at) <= SAME_CALL
