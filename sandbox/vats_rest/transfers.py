"""What follows when an employee hands a client on: a second call (blind), or the same one (attended)."""

from sandbox.vats_rest.messages import Leg
from sandbox.vats_rest.office import HistoryRow
from sandbox.vats_rest.stories import Answered, Transfer
from sandbox.vats_rest.telling import Telling


async def blind(telling: Telling, leg: Leg, ending: Answered, transfer: Transfer) -> HistoryRow:
    """The first call is over at once; TRANSFERRED names the second, which has a history of its own."""
    await telling.sleep(transfer.after)
    second = telling.leg("in", leg.phone, leg.number, leg.department, follows=leg.callid)
    telling.event(leg, "TRANSFERRED", ending.by, second.callid)
    telling.event(leg, "COMPLETED", ending.by)
    row = telling.end(leg, "Success", wait=ending.after, talk=transfer.after, destination="user", user=ending.by)
    telling.begin(second)
    talk = await _colleague(telling, second, transfer)
    status = "Success" if transfer.answered else "Missed"
    telling.end(second, status, wait=transfer.ring, talk=talk, destination="user", user=transfer.to)
    return row


async def attended(telling: Telling, leg: Leg, ending: Answered, transfer: Transfer) -> HistoryRow:
    """One call to the end; it is the colleague's if the colleague took it."""
    await telling.sleep(transfer.after)
    telling.event(leg, "TRANSFERRED", ending.by)
    talk = await _colleague(telling, leg, transfer)
    if not transfer.answered:
        telling.event(leg, "COMPLETED", ending.by)
    return telling.end(
        leg,
        "Success",
        wait=ending.after,
        talk=transfer.after + transfer.ring + talk,
        destination="user",
        user=transfer.to if transfer.answered else ending.by,
        first_user=ending.by,
    )


async def _colleague(telling: Telling, leg: Leg, transfer: Transfer) -> float:
    telling.event(leg, "INCOMING", transfer.to)
    await telling.sleep(transfer.ring)
    if not transfer.answered:
        telling.event(leg, "CANCELLED", transfer.to)
        return 0.0
    telling.event(leg, "ACCEPTED", transfer.to)
    await telling.sleep(transfer.talk)
    telling.event(leg, "COMPLETED", transfer.to)
    return transfer.talk
