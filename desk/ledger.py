"""Calls become cases: a call is written down, its client's stories told anew, and what chats must show marked due.

The rules are in `desk.cases`; this module keeps the stored cases equal to what they say.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desk import claim_span, escalation, known_clients, live_card, rated, routing, sources
from desk.cases import Ending, State, Story, stories
from desk.office import Desk
from pbx.vocabulary import Call, Direction
from storage import calls, cases, notices
from storage.calls import StoredCall
from storage.cases import CaseRow
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


async def record_call(desk: Desk, tx: Tx, pbx_id: str, call: Call, via: str = "event") -> StoredCall | None:
    """Write a finished call down and follow what it means for cases. None if it was no news."""
    news = await record_calls(desk, tx, pbx_id, [call], via)
    return news[0] if news else None


async def record_calls(
    desk: Desk, tx: Tx, pbx_id: str, finished: Sequence[Call], via: str = "event"
) -> list[StoredCall]:
    """Write calls down, all of them before any case is told anew: then nothing is announced that is settled already.

    Returns those that were news.
    """
    await one_client_at_a_time(desk, tx, finished)
    finished = await sources.joined(desk, tx, pbx_id, finished)
    finished = [await _with_answer(tx, pbx_id, call) for call in finished]
    news = [stored for call in finished if (stored := await calls.save(desk.db, tx, pbx_id, call, via))]
    since: dict[str, datetime] = {}
    for stored in news:
        call = stored.call
        await _end_call_backs(desk, tx, stored)
        if call.client is None:
            await _anonymous(desk, tx, stored)
        else:
            since[call.client] = min(call.started_at, since.get(call.client, call.started_at))
    for client, moment in since.items():
        await reconsider(desk, tx, client, moment)
    await rated.follow(desk, tx, news)
    await live_card.settle(desk, tx, pbx_id, finished, news, CARD_STAYS)
    return news


async def _with_answer(tx: Tx, pbx_id: str, call: Call) -> Call:
    """Where the PBX does not say how long it rang, an event may have said when somebody picked up."""
    if not call.is_answered or call.wait is not None or call.talk is not None:
        return call
    live = await calls.live_call(tx, pbx_id, call.id)
    picked_up = live.answered_at if live else None
    if picked_up is None or not call.started_at < picked_up <= call.ended_at:
        return call
    return replace(call, answered_at=picked_up, wait=picked_up - call.started_at, talk=call.ended_at - picked_up)


async def one_client_at_a_time(desk: Desk, tx: Tx, finished: Sequence[Call]) -> None:
    """Keep others away from the cases of these clients until the transaction ends.

    Who has more than one call to write takes all clients at once: one after the other, two might wait for each other.
    """
    await desk.db.one_at_a_time(tx, *(f"client {call.client or call.id}" for call in finished))


async def reconsider(desk: Desk, tx: Tx, client: str, moment: datetime) -> None:
    """Make the stored cases of `client` equal to what the calls since about `moment` amount to."""
    known, rows = await _told_so_far(tx, client, await cases.begun_by(tx, client, moment) or moment)
    used: set[int] = set()
    for pbx_id in sorted({one.pbx_id for one in known if one.call.is_missed} | {row.pbx_id for row in rows}):
        mine = [row for row in rows if row.pbx_id == pbx_id]
        endings = [ending for row in mine for ending in _endings(row)]
        told = stories(known, pbx_id, endings)
        await _match(desk, tx, pbx_id, told, mine)
        used.update(call.id for story in told for call in (*story.missed, *story.attempts))
    ids = {row.id for row in rows}
    await calls.assign(tx, [call.id for call in known if call.case_id in ids and call.id not in used], None)


async def _told_so_far(tx: Tx, client: str, since: datetime) -> tuple[list[StoredCall], list[CaseRow]]:
    """The calls since then and the cases they are in, from further back where one of these began earlier."""
    while True:
        known = await calls.of_client_since(tx, client, since)
        rows = await cases.of_client_since(tx, client, since)
        ids = {row.id for row in rows}
        others = {call.case_id for call in known if call.call.is_missed and call.case_id is not None} - ids
        strays = await cases.by_ids(tx, sorted(others)) if others else []
        begun = min((row.opened_at for row in strays), default=since)
        if begun >= since:
            return known, [*strays, *rows]
        since = begun


def _endings(row: CaseRow) -> list[Ending]:
    by_hand = [Ending(row.handled_at, State.HANDLED)] if row.handled_at else []
    by_time = [Ending(row.expired_at, State.EXPIRED)] if row.expired_at else []
    return by_hand + by_time


async def _match(desk: Desk, tx: Tx, pbx_id: str, told: Sequence[Story], rows: Sequence[CaseRow]) -> None:
    """Each stored case goes on as the last story that has one of its calls; stories without one are new cases."""
    by_case: dict[int, int] = {}
    for number, story in enumerate(told):
        by_case.update({call.case_id: number for call in story.missed if call.case_id is not None})
    row_of = {by_case[row.id]: row for row in rows if row.id in by_case}
    for number, story in enumerate(told):
        if number in row_of:
            await _update(desk, tx, row_of[number], story)
            if row_of[number].claimed_by is not None:
                await claim_span.follow(desk, tx, row_of[number].id)
        else:
            split_off = any(call.case_id in by_case for call in story.missed)
            await _open(desk, tx, pbx_id, story, shown=not split_off)
    going_on = {row.id for row in row_of.values()}
    for row in rows:
        if row.id not in going_on:
            await _void(desk, tx, row)


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


async def _open(desk: Desk, tx: Tx, pbx_id: str, story: Story, *, shown: bool) -> None:
    recovered = any(call.via == "recovered" for call in story.missed)
    case_id = await cases.add(tx, pbx_id=pbx_id, touched_at=desk.clock.now(), recovered=recovered, **_facts(story))
    await calls.assign(tx, [call.id for call in (*story.missed, *story.attempts)], case_id)
    if shown and _gets_a_card(desk, story):
        await _announce_case(desk, tx, case_id, pbx_id, story)


async def _update(desk: Desk, tx: Tx, row: CaseRow, story: Story) -> None:
    await calls.assign(tx, [c.id for c in (*story.missed, *story.attempts) if c.case_id != row.id], row.id)
    facts = _facts(story)
    if all(getattr(row, name) == value for name, value in facts.items()):
        await touch(desk, tx, row.id)
        return
    await cases.change(tx, row.id, touched_at=desk.clock.now(), **facts)
    called_again = row.is_open and story.state.is_open and story.last_missed.call.missed_at > row.last_missed_at
    rings = called_again and _gets_a_card(desk, story)
    last = story.last_missed.call
    await touch(desk, tx, row.id, ring=await routing.places(desk, tx, "case", row.pbx_id, [last]) if rings else ())
    if rings:
        await _announce_case(desk, tx, row.id, row.pbx_id, story)
    if story.state.is_open and len(story.missed) > row.missed_count:
        await _appear(desk, tx, row, [stored.call for stored in story.missed])


def _gets_a_card(desk: Desk, story: Story) -> bool:
    """What the PBX told us is shown at once. What had to be read back: if it is recent and still open."""
    last = story.last_missed
    if last.via == "recovered":
        return story.state.is_open and desk.clock.now() - last.call.missed_at <= RECENT
    return last.via == "event"


async def _announce_case(desk: Desk, tx: Tx, case_id: int, pbx_id: str, story: Story) -> None:
    await known_clients.ask_soon(desk, tx, pbx_id, story.last_missed.call.client)
    await announce(desk, tx, "case", str(case_id), pbx_id, missed=[stored.call for stored in story.missed])
    await escalation.begin(desk, tx, case_id)


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
        await _open(desk, tx, stored.pbx_id, Story((stored,)), shown=True)


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
    *,
    missed: Sequence[Call] = (),
) -> int | None:
    """A new notice, due in every chat that is bound to the PBX and wants it. None if it was announced before.

    `missed` are a case's calls: where all of them are too short to be shown, the card waits for a longer one.
    """
    now = desk.clock.now()
    notice_id = await notices.add(desk.db, tx, kind, subject, now, pbx_id=pbx_id, data=data)
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, await routing.places(desk, tx, kind, pbx_id, missed), now)
    return notice_id


#: What `/connect` switches on.
NOTICES = ("missed", "ratings", "summary", "lines")
#: Every kind that a chat may take; the last two are what a managers' chat is for.
KINDS = (*NOTICES, "low_ratings", "escalations")


async def _end_call_backs(desk: Desk, tx: Tx, stored: StoredCall) -> None:
    """The call we had asked for is over: known by its id, or by client, employee and time.

    A PBX may give no id, or one that the call's news do not bear.
    """
    call = stored.call
    if call.direction is not Direction.OUT or call.client is None:
        return
    for back in await cases.call_backs_underway(tx, call.client):
        known = back.call_id is not None and back.call_id == call.id
        alike = call.employee is None or back.employee == call.employee
        if known or (alike and -CLOCKS_DIFFER <= call.started_at - back.asked_at <= BEGINS_WITHIN):
            await cases.change_call_back(tx, back.id, state="over", over_at=desk.clock.now())
            if back.case_id is not None:
                await touch(desk, tx, back.case_id)


async def expire_untouched(desk: Desk, tx: Tx) -> int:
    """Cases that nobody touched for seven days expire; how many."""
    now = desk.clock.now()
    rows = await cases.untouched_since(tx, now - CASE_LASTS)
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
