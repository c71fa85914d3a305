"""Asks a PBX about a client: the name on its card, the employee it takes for responsible. Nothing waits for it."""

from desk import contacts, known_clients, pbx_troubles
from desk.office import Desk
from pbx.errors import PbxError, RateLimited, Unavailable
from pbx.phone_system import PhoneSystem
from storage import memory
from storage.memory import Timer

KIND = known_clients.KIND
#: So often it is tried again while the PBX is out; the next missed call asks anew.
TRIES = 3


async def look_up(desk: Desk, timer: Timer) -> None:
    """Ask once, keep the answer, and show it on the client's cards.

    Raises `Unavailable` and `RateLimited`, to be tried again.
    """
    pbx_id, _, client = timer.subject.partition(" ")
    name = responsible = None
    pbx = desk.pbxes.get(pbx_id)
    try:
        if pbx is not None:
            name, responsible = await _asked(pbx, client)
    except (Unavailable, RateLimited):
        if timer.data.get("fails", 0) + 1 < TRIES:
            raise
        pbx = None
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        pbx = None
    async with desk.db.write() as tx:
        if pbx is not None:
            await known_clients.keep(desk, tx, pbx_id, client, name, responsible)
        if name or responsible:
            await contacts.refresh_cards(desk, tx, [client])
        await memory.finish_timer(tx, timer)


async def _asked(pbx: PhoneSystem, client: str) -> tuple[str | None, str | None]:
    card = await pbx.client_card(client) if pbx.capabilities.client_cards else None
    responsible = await pbx.responsible_for(client) if pbx.capabilities.responsibles else None
    return (card.name or card.company if card else None), responsible
