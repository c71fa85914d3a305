"""What becomes of claims by themselves: they last while the holder tries, and lapse; and who is told of it.

How long one holds is in `desk.claim_span`; what people do about claims, in `desk.case_acts`.
"""

from desk import claim_span, ledger
from desk.client_names import known_as
from desk.office import Desk
from storage import cases, chats, memory, notices, people
from storage.cases import CaseRow
from storage.database import Tx
from storage.memory import Timer

KIND = claim_span.KIND


async def locked(desk: Desk, tx: Tx, case_id: int) -> CaseRow | None:
    """The case, kept until the transaction ends from whoever acts at the same moment, and from its client's calls."""
    case = await cases.get(tx, case_id)
    if case is None:
        return None
    await desk.db.one_at_a_time(tx, f"client {case.client or case.id}")
    return await cases.get(tx, case_id)


async def attempted(desk: Desk, tx: Tx, client: str) -> None:
    """Somebody tries to reach the client: what is theirs stays theirs for longer, and the cards say so."""
    for case in await cases.open_for(tx, client):
        if await claim_span.follow(desk, tx, case.id):
            await ledger.touch(desk, tx, case.id)


async def lapse(desk: Desk, timer: Timer) -> None:
    """The time is over, unless the holder has tried meanwhile or is trying just now."""
    case_id = int(timer.subject.rpartition(" ")[2])
    async with desk.db.write() as tx:
        await locked(desk, tx, case_id)
        moved = await claim_span.follow(desk, tx, case_id)
        case = await cases.get(tx, case_id)
        if case is None or not case.is_open or case.claimed_by is None or case.claim_until is None:
            await memory.finish_timer(tx, timer)
        elif case.claim_until <= desk.clock.now():
            await claim_span.end(desk, tx, case, case.claim_until)
            await tell(desk, tx, case, case.claimed_by, "claim_lapsed", minutes=case.claim_minutes)
            await ledger.touch(desk, tx, case_id)
        elif moved:
            await ledger.touch(desk, tx, case_id)


async def tell(desk: Desk, tx: Tx, case: CaseRow, user_id: int, what: str, **about: object) -> bool:
    """Tell somebody in private about a case. False if they have not opened that chat, or have closed it."""
    person, chat = await people.get(tx, user_id), await chats.get(tx, user_id)
    if person is None or not person.reachable or (chat is not None and chat.gone):
        return False
    now, pbx = desk.clock.now(), desk.pbxes.get(case.pbx_id)
    client_name, _ = await known_as(desk, tx, case.client, [case.pbx_id])
    data = {
        "what": what,
        "name": person.name,
        "case_id": case.id,
        "client": case.client,
        "client_name": client_name,
        "pbx": case.pbx_id if len(desk.pbxes) > 1 else None,
        "can_call": bool(case.client and pbx and pbx.capabilities.call_back),
        **about,
    }
    subject = f"{what} {case.id} {user_id} {now.timestamp():.3f}"
    notice_id = await notices.add(desk.db, tx, "told", subject, now, pbx_id=case.pbx_id, data=data)
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, [(user_id, 0)], now)
    return True
