"""Calling a client back: the right employee's phone rings, once, and the card says who is on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from desk import claims, ledger, pbx_troubles
from desk.claim_span import CALL_BACK_LASTS
from desk.office import Desk
from pbx.errors import AuthFailed, BadPayload, PbxError, Rejected, Unavailable, Unsupported
from storage import cases, memory, people
from storage.database import Tx

#: A second press within this time is the same wish (a double tap, an impatient thumb).
SAME_WISH = timedelta(seconds=30)
#: Who was told that a colleague is calling, and asks again within this time but not at once, means it.
INSISTS_AFTER, INSISTS_WITHIN = timedelta(seconds=2), timedelta(minutes=1)


class Result(StrEnum):
    """How asking for a call went."""

    RINGING = "ringing"
    ALREADY_YOURS = "already_yours"
    """Their phone is being rung for this client already."""
    SOMEBODY_ELSE = "somebody_else"
    """A colleague is calling this client right now."""
    UNKNOWN = "unknown"
    """The PBX did not answer: it may ring or not."""
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    KEY_REFUSED = "key_refused"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of the wish; `who` and `since` of the call that is under way, `reason` in the PBX's own words."""

    result: Result
    who: str | None = None
    since: datetime | None = None
    reason: str = ""


async def call(
    desk: Desk,
    pbx_id: str,
    user_id: int,
    login: str,
    number: str,
    *,
    once: str,
    case_id: int | None = None,
) -> Asked:
    """Ring the employee `login`, then the client `number` (E.164).

    The wish is written down and committed before the PBX is asked, so that neither a second press nor a restart
    repeats it: `once` names the wish (a Telegram update's id). While a colleague is calling that client, only who
    asks a second time gets a call.
    """
    pbx = desk.pbxes[pbx_id]
    if not pbx.capabilities.call_back:
        return Asked(Result.UNSUPPORTED)
    async with desk.db.write() as tx:
        await desk.db.one_at_a_time(tx, f"call {number}")
        if not await memory.fire(desk.db, tx, f"call {once}", desk.clock.now()):
            return await _so_far(tx, number, user_id)
        under_way = await _under_way(desk, tx, number, user_id)
        if under_way:
            return under_way
        if case_id is None:
            open_here = [case for case in await cases.open_for(tx, number) if case.pbx_id == pbx_id]
            case_id = open_here[0].id if open_here else None
        wish = await cases.begin_call_back(
            tx,
            pbx_id=pbx_id,
            client=number,
            employee=login,
            user_id=user_id,
            case_id=case_id,
            asked_at=desk.clock.now(),
        )
        await people.write_act(tx, user_id, "call", desk.clock.now(), pbx_id=pbx_id, about=number)
    asked, values = await _ask(desk, pbx_id, login, number)
    async with desk.db.write() as tx:
        await desk.db.one_at_a_time(tx, f"client {number}")
        await cases.change_call_back(tx, wish, **values)
        await claims.attempted(desk, tx, number)
        if case_id is not None:
            await cases.change(tx, case_id, touched_at=desk.clock.now())
            await ledger.touch(desk, tx, case_id)
    desk.deliveries.ring()
    return asked


async def _so_far(tx: Tx, number: str, user_id: int) -> Asked:
    """What became of a wish that comes again, because its answer was cut off."""
    mine = [back for back in await cases.call_backs_underway(tx, number) if back.user_id == user_id]
    rings = any(back.state == "ringing" for back in mine)
    return Asked(Result.ALREADY_YOURS if rings else Result.UNKNOWN)


async def _under_way(desk: Desk, tx: Tx, number: str, user_id: int) -> Asked | None:
    now = desk.clock.now()
    for back in reversed(await cases.call_backs_underway(tx, number)):
        age = now - back.asked_at
        names = await people.employee_names(tx, back.pbx_id)
        name = names.get(back.employee, back.employee)
        if back.user_id == user_id and age < SAME_WISH:
            return Asked(Result.ALREADY_YOURS, name, back.asked_at)
        if back.user_id != user_id and age < CALL_BACK_LASTS and not await _insists(desk, tx, user_id, number):
            return Asked(Result.SOMEBODY_ELSE, name, back.asked_at)
    return None


async def _insists(desk: Desk, tx: Tx, user_id: int, number: str) -> bool:
    """Whether they know already that a colleague is calling; from now on they do."""
    what, now = f"told busy {user_id} {number}", desk.clock.now()
    told_at = await memory.fired_at(tx, what)
    if told_at and now - told_at <= INSISTS_WITHIN:
        return now - told_at >= INSISTS_AFTER
    await memory.note_firing(desk.db, tx, what, now)
    return False


async def _ask(desk: Desk, pbx_id: str, login: str, number: str) -> tuple[Asked, dict[str, object]]:
    """The PBX's answer, and what to write down about the wish."""
    try:
        started = await desk.pbxes[pbx_id].make_call(login, number)
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        asked = _failed(error)
        # Answered with 5xx or cut off: the phone may ring all the same, so nobody may ask again blindly.
        maybe = {Result.RINGING: "ringing", Result.UNKNOWN: "unknown"}.get(asked.result)
        return asked, {"state": maybe} if maybe else {"state": "refused", "over_at": desk.clock.now()}
    return Asked(Result.RINGING), {"state": "ringing", "call_id": started.id}


def _failed(error: PbxError) -> Asked:
    match error:
        case Unavailable():
            return Asked(Result.UNKNOWN)
        case AuthFailed():
            return Asked(Result.KEY_REFUSED, reason=error.missing_right or "")
        case Rejected():
            return Asked(Result.REFUSED, reason=error.reason)
        case Unsupported():
            return Asked(Result.UNSUPPORTED)
        case BadPayload():
            return Asked(Result.RINGING)  # it took the wish, only its answer is odd
        case _:
            return Asked(Result.UNAVAILABLE)


async def give_up_stale(desk: Desk, tx: Tx) -> None:
    """Call-backs whose end we never heard of are over for the card."""
    for back in await cases.call_backs_asked_before(tx, desk.clock.now() - CALL_BACK_LASTS):
        await cases.change_call_back(tx, back.id, state="over", over_at=desk.clock.now())
        if back.case_id is not None:
            await ledger.touch(desk, tx, back.case_id)


async def after_restart(desk: Desk, tx: Tx) -> None:
    """Wishes whose outcome nobody recorded: whether the phone rang is unknown, and the card says so."""
    for back in await cases.forget_asking(tx):
        if back.case_id is not None:
            await ledger.touch(desk, tx, back.case_id)
