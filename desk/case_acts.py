"""What people do about a case: claim it, give it back, close it by hand, open it again."""

from enum import StrEnum

from desk import ledger
from desk.cases import State
from desk.office import Desk
from storage import cases, people
from storage.cases import CaseRow
from storage.database import Tx


class Act(StrEnum):
    """How an act on a case went."""

    DONE = "done"
    ALREADY = "already"
    """It was so already, by the same person."""
    TAKEN = "taken"
    """Somebody else was quicker."""
    CLOSED = "closed"
    """The case is closed; there is nothing to do about it."""
    NEWER = "newer"
    """The client has called again since: there is a newer card."""
    GONE = "gone"


async def claim(desk: Desk, tx: Tx, case_id: int, user_id: int) -> tuple[Act, CaseRow | None]:
    """ "Mine": the first has it, the second is told who."""
    case = await _locked(desk, tx, case_id)
    if case is None or not case.is_open:
        return (Act.CLOSED if case else Act.GONE), case
    if case.claimed_by is not None:
        return (Act.ALREADY if case.claimed_by == user_id else Act.TAKEN), case
    return await _change(desk, tx, case, user_id, "claim", claimed_by=user_id, claimed_at=desk.clock.now())


async def release(
    desk: Desk, tx: Tx, case_id: int, user_id: int, *, force: bool = False
) -> tuple[Act, CaseRow | None]:
    """Give a claim back; `force` lets a manager do so for others."""
    case = await _locked(desk, tx, case_id)
    if case is None or not case.is_open:
        return (Act.CLOSED if case else Act.GONE), case
    if case.claimed_by is None:
        return Act.ALREADY, case
    if case.claimed_by != user_id and not force:
        return Act.TAKEN, case
    return await _change(desk, tx, case, user_id, "release", claimed_by=None, claimed_at=None)


async def handle(desk: Desk, tx: Tx, case_id: int, user_id: int, reason: str) -> tuple[Act, CaseRow | None]:
    """Close by hand: met in person, wrote back … Counted apart from returned calls."""
    case = await _locked(desk, tx, case_id)
    if case is None or not case.is_open:
        return (Act.CLOSED if case else Act.GONE), case
    now = desk.clock.now()
    by_hand = {"handled_by": user_id, "handled_at": max(now, case.last_missed_at), "handled_reason": reason}
    state = {"state": State.HANDLED.value, "closed_at": now}
    return await _change(desk, tx, case, user_id, "handled", **by_hand, **state)


async def reopen(desk: Desk, tx: Tx, case_id: int, user_id: int) -> tuple[Act, CaseRow | None]:
    """Take a closing by hand back. Not once the client has called again: then the newer card counts."""
    case = await _locked(desk, tx, case_id)
    if case is None:
        return Act.GONE, None
    if case.state != State.HANDLED.value:
        return (Act.ALREADY if case.is_open else Act.CLOSED), case
    if case.client is not None and await cases.newer_exists(tx, case):
        return Act.NEWER, case
    state = State.NOT_REACHED if case.attempt_count else State.NOT_RETURNED
    by_hand = {"handled_by": None, "handled_at": None, "handled_reason": None}
    done = await _change(desk, tx, case, user_id, "reopen", state=state.value, closed_at=None, **by_hand)
    if case.client is not None:
        await ledger.reconsider(desk, tx, case.client, case.opened_at)
    return done


async def _locked(desk: Desk, tx: Tx, case_id: int) -> CaseRow | None:
    """The case, kept from whoever presses at the same moment."""
    case = await cases.get(tx, case_id)
    if case is None:
        return None
    await desk.db.one_at_a_time(tx, f"client {case.client or case.id}")
    return await cases.get(tx, case_id)


async def _change(
    desk: Desk, tx: Tx, case: CaseRow, user_id: int, what: str, **values: object
) -> tuple[Act, CaseRow | None]:
    now = desk.clock.now()
    await cases.change(tx, case.id, touched_at=now, **values)
    await people.write_act(tx, user_id, what, now, pbx_id=case.pbx_id, about=f"case {case.id}")
    await ledger.touch(desk, tx, case.id)
    return Act.DONE, await cases.get(tx, case.id)
