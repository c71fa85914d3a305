"""What people do about a case: claim it, give it back, hand it over, close it by hand, open it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from desk import access, claim_span, claims, escalation, ledger
from desk.access import Rank
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
    NOBODYS = "nobodys"
    """Nobody has claimed it (any more)."""
    NO_COLLEAGUE = "no_colleague"
    """Whom it was to be handed to is no employee of that PBX (any more)."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A linked employee to whom a case may be handed; `name` as the PBX has it."""

    user_id: int
    name: str


async def claim(desk: Desk, tx: Tx, case_id: int, user_id: int, chat_id: int) -> tuple[Act, CaseRow | None]:
    """ "Mine": the first has it, the second is told who. The chat's settings say for how long."""
    case = await claims.locked(desk, tx, case_id)
    if case is None or not case.is_open:
        return (Act.CLOSED if case else Act.GONE), case
    if case.claimed_by is not None:
        return (Act.ALREADY if case.claimed_by == user_id else Act.TAKEN), case
    await claim_span.begin(desk, tx, case, user_id, chat_id)
    return await _change(desk, tx, case, user_id, "claim", {})


async def release(
    desk: Desk, tx: Tx, case_id: int, user_id: int, *, force: bool = False
) -> tuple[Act, CaseRow | None]:
    """Give a claim back; `force` lets a manager do so for others."""
    case = await claims.locked(desk, tx, case_id)
    if case is None or not case.is_open:
        return (Act.CLOSED if case else Act.GONE), case
    if case.claimed_by is None:
        return Act.NOBODYS, case
    if case.claimed_by != user_id and not force:
        return Act.TAKEN, case
    await claim_span.end(desk, tx, case, desk.clock.now(), released_by=user_id)
    return await _change(desk, tx, case, user_id, "release", {})


async def colleagues(tx: Tx, pbx_id: str) -> list[Colleague]:
    """The linked employees of a PBX, by name. Those who have left it are none."""
    names = {one.login: one.name for one in await people.employees_of(tx, pbx_id)}
    known = bool(await people.employee_names(tx, pbx_id))
    links = [link for link in await people.links_at(tx, [pbx_id]) if link.login in names or not known]
    persons = await people.get_many(tx, [link.user_id for link in links])
    found = [
        Colleague(link.user_id, names.get(link.login) or persons[link.user_id].name)
        for link in links
        if link.user_id in persons
    ]
    return sorted(found, key=lambda one: (one.name.casefold(), one.user_id))


async def hand_over(
    desk: Desk, tx: Tx, case_id: int, user_id: int, chat_id: int, *, to: int, holder: int, force: bool = False
) -> tuple[Act, CaseRow | None, bool]:
    """Give a case to the colleague `to`; also whether they could be told of it.

    `holder` had it when `to` was chosen: of two who hand it over at once, the first wins. `force` lets a manager hand
    over for others.
    """
    case = await claims.locked(desk, tx, case_id)
    refused = await _not_to_be_handed(desk, tx, case, user_id, to, holder, force=force)
    if refused or case is None:
        return refused or Act.GONE, case, False
    await claim_span.begin(desk, tx, case, to, chat_id, handed_by=user_id)
    names = {one.user_id: one.name for one in (await people.get_many(tx, [user_id, to])).values()}
    begun = await cases.get(tx, case.id)
    until = begun.claim_until.isoformat() if begun and begun.claim_until else None
    told = await claims.tell(desk, tx, case, to, "handed_over", by=names.get(user_id, "?"), until=until)
    done, now_is = await _change(desk, tx, case, user_id, "hand_over", {}, whom=names.get(to, ""))
    return done, now_is, told


async def _not_to_be_handed(
    desk: Desk, tx: Tx, case: CaseRow | None, user_id: int, to: int, holder: int, *, force: bool
) -> Act | None:
    """Why not, or None."""
    if case is None or not case.is_open:
        return Act.CLOSED if case else Act.GONE
    if case.claimed_by is None:
        return Act.NOBODYS
    if case.claimed_by == to:
        return Act.ALREADY
    if case.claimed_by != holder or (holder != user_id and not force):
        return Act.TAKEN
    receiver = await access.who(desk, tx, to, "")
    is_colleague = receiver.rank >= Rank.EMPLOYEE and receiver.login_at(case.pbx_id) is not None
    return None if is_colleague else Act.NO_COLLEAGUE


async def handle(desk: Desk, tx: Tx, case_id: int, user_id: int, reason: str) -> tuple[Act, CaseRow | None]:
    """Close by hand: met in person, wrote back … Counted apart from returned calls."""
    case = await claims.locked(desk, tx, case_id)
    if case is None or not case.is_open:
        return (Act.CLOSED if case else Act.GONE), case
    now = desk.clock.now()
    by_hand = {"handled_by": user_id, "handled_at": max(now, case.last_missed_at), "handled_reason": reason}
    state = {"state": State.HANDLED.value, "closed_at": now}
    return await _change(desk, tx, case, user_id, "handled", {**by_hand, **state})


async def reopen(desk: Desk, tx: Tx, case_id: int, user_id: int) -> tuple[Act, CaseRow | None]:
    """Take a closing by hand back. Not once the client has called again: then the newer card counts."""
    case = await claims.locked(desk, tx, case_id)
    if case is None:
        return Act.GONE, None
    if case.state != State.HANDLED.value:
        return (Act.ALREADY if case.is_open else Act.CLOSED), case
    if case.client is not None and await cases.newer_exists(tx, case):
        return Act.NEWER, case
    state = State.NOT_REACHED if case.attempt_count else State.NOT_RETURNED
    by_hand = {"handled_by": None, "handled_at": None, "handled_reason": None}
    done = await _change(desk, tx, case, user_id, "reopen", {"state": state.value, "closed_at": None, **by_hand})
    await claim_span.renew(desk, tx, case)
    if case.client is not None:
        await ledger.reconsider(desk, tx, {case.client: case.opened_at})
    await escalation.begin(desk, tx, case.id, again=True)
    return done


async def _change(
    desk: Desk, tx: Tx, case: CaseRow, user_id: int, what: str, values: Mapping[str, object], *, whom: str = ""
) -> tuple[Act, CaseRow | None]:
    now = desk.clock.now()
    await cases.change(tx, case.id, touched_at=now, **values)
    await claim_span.follow(desk, tx, case.id)
    about = f"case {case.id}, {whom}" if whom else f"case {case.id}"
    await people.write_act(tx, user_id, what, now, pbx_id=case.pbx_id, about=about)
    await ledger.touch(desk, tx, case.id)
    return Act.DONE, await cases.get(tx, case.id)
