"""How long a claim holds: for its span, and for as long again after each attempt of its holder to reach the client.

What counts as an attempt follows from the calls and call-backs that are written down, in whatever order they became
known. Whoever calls this keeps others away from the client's cases meanwhile.
"""

from datetime import datetime, timedelta

from desk import chat_settings
from desk.office import Desk
from pbx.vocabulary import Direction, Stage
from storage import calls, cases, memory, people
from storage.calls import LiveCall
from storage.cases import CallBack, CaseRow
from storage.database import Tx
from storage.memory import Timer

#: The timer that ends a claim. Its subject is the PBX and the case.
KIND = "claim"
#: A call of ours that goes on for longer is one whose end nobody told.
CALL_LASTS = timedelta(hours=2)
#: A call-back that nobody heard of for so long is no longer shown as going on.
CALL_BACK_LASTS = timedelta(minutes=10)

_OVER = (Stage.ENDED, Stage.CANCELLED)


async def begin(
    desk: Desk, tx: Tx, case: CaseRow, user_id: int, chat_id: int, *, handed_by: int | None = None
) -> None:
    """It is theirs from now on, for as long as that chat lets a claim hold without an attempt."""
    now = desk.clock.now()
    minutes = (await chat_settings.of_chat(desk, tx, chat_id)).claim_minutes
    until = now + timedelta(minutes=minutes) if minutes > 0 else None
    held = {"claimed_by": user_id, "claimed_at": now, "claim_minutes": minutes, "claim_until": until}
    # Of somebody who has it again, the card needn't say that they once gave it up.
    forgotten = {"lapsed_by": None, "lapsed_at": None, "released_by": None} if case.lapsed_by == user_id else {}
    await cases.change(tx, case.id, handed_by=handed_by, **held, **forgotten)
    await _set_timer(desk, tx, case, until)


async def end(desk: Desk, tx: Tx, case: CaseRow, at: datetime, *, released_by: int | None = None) -> None:
    """Nobody has it since `at`: somebody gave it back, or else it lapsed."""
    nobodys = {"claimed_by": None, "claimed_at": None, "claim_until": None, "handed_by": None}
    ended = {"lapsed_by": case.claimed_by, "lapsed_at": at, "released_by": released_by}
    await cases.change(tx, case.id, **nobodys, **ended)
    await _set_timer(desk, tx, case, None)


async def renew(desk: Desk, tx: Tx, case: CaseRow) -> None:
    """The case is open again: whoever had it has it still, and gets time to try."""
    if case.claimed_by is not None and case.claim_minutes:
        until = desk.clock.now() + timedelta(minutes=case.claim_minutes)
        await cases.change(tx, case.id, claim_until=until)
        await _set_timer(desk, tx, case, until)


async def follow(desk: Desk, tx: Tx, case_id: int) -> bool:
    """Put the end of a claim off to its span after the holder's last attempt, never forward; whether it moved.

    The claim on a closed case waits for no end.
    """
    case = await cases.get(tx, case_id)
    if case is None or case.claimed_by is None or case.claim_until is None or not case.claim_minutes:
        return False
    if not case.is_open:
        await _set_timer(desk, tx, case, None)
        return False
    span = timedelta(minutes=case.claim_minutes)
    until = max([case.claim_until, *(moment + span for moment in await _attempts(desk, tx, case))])
    await cases.change(tx, case.id, claim_until=until)
    await _set_timer(desk, tx, case, until)
    return until != case.claim_until


async def _attempts(desk: Desk, tx: Tx, case: CaseRow) -> list[datetime]:
    """When the holder tried to reach the client since the claim began; now, while an attempt is going on."""
    if case.client is None or case.claimed_by is None or case.claimed_at is None:
        return []
    now = desk.clock.now()
    holder = {(link.pbx_id, link.login) for link in await people.links_of(tx, case.claimed_by)}
    known = await calls.of_client_since(tx, case.client, case.claimed_at)
    made = [
        one.call.ended_at
        for one in known
        if one.call.direction is Direction.OUT and (one.pbx_id, one.call.employee) in holder
    ]
    live = await calls.live(tx, sorted({pbx_id for pbx_id, _ in holder}))
    ringing = [now for one in live if _rings(one, case.client, now) and (one.pbx_id, one.employee) in holder]
    # A PBX's clock may be ahead of ours.
    return [min(moment, now) for moment in [*made, *ringing, *await _asked_for(tx, case, now)]]


async def _asked_for(tx: Tx, case: CaseRow, now: datetime) -> list[datetime]:
    """When the holder had the PBX asked for a call to the client; now, while that call goes on."""
    assert case.client is not None
    assert case.claimed_at is not None
    backs = [*await cases.call_backs_of(tx, case.id), *await cases.call_backs_underway(tx, case.client)]
    return [
        now if _goes_on(one, now) else one.asked_at
        for one in backs
        if one.user_id == case.claimed_by and one.state != "refused" and one.asked_at >= case.claimed_at
    ]


def _goes_on(back: CallBack, now: datetime) -> bool:
    return back.state in cases.UNDERWAY and now - back.asked_at < CALL_BACK_LASTS


def _rings(live: LiveCall, client: str, now: datetime) -> bool:
    """Whether it is a call of ours to the client that has not ended."""
    ours = live.client == client and live.direction == Direction.OUT
    return ours and live.stage not in _OVER and now - live.began_at < CALL_LASTS


async def _set_timer(desk: Desk, tx: Tx, case: CaseRow, until: datetime | None) -> None:
    subject = f"{case.pbx_id} {case.id}"
    if until is None:
        await memory.stop_timer(tx, KIND, subject)
    else:
        await memory.set_timer(desk.db, tx, Timer(KIND, subject, until, {}))
