"""The office's own numbers and SIM cards: where their calls go, and whether they are taken. Read anew each time.

Which numbers are ours is kept besides, so that a call from one of them is known as one from within.
"""

import json
from collections.abc import Sequence
from datetime import timedelta

from desk.office import Desk
from desk.pbx_troubles import noted
from pbx import numbers
from pbx.vocabulary import OurNumber, SimCard
from storage import calls, memory, people
from storage.database import Tx

#: The kept value that holds our numbers as last read, and how far back calls are looked through for others.
_KEPT, LOOKED_BACK = "our_numbers", timedelta(days=90)


async def listed(desk: Desk, pbx_id: str) -> list[OurNumber]:
    """Raises `PbxError`."""
    async with noted(desk, pbx_id):
        return await desk.pbxes[pbx_id].our_numbers()


async def refresh(desk: Desk, pbx_id: str) -> None:
    """Keep which numbers are ours: those that the PBX lists, if it can, and those that calls came to.

    Raises `PbxError`.
    """
    pbx, now = desk.pbxes[pbx_id], desk.clock.now()
    told = [one.number for one in await listed(desk, pbx_id)] if pbx.capabilities.our_numbers else []
    async with desk.db.write() as tx:
        _, called = await calls.named_since(tx, pbx_id, now - LOOKED_BACK)
        ours = sorted({numbers.parse(one, pbx.country) or one for one in [*told, *called]})
        await memory.keep(desk.db, tx, pbx_id, _KEPT, json.dumps(ours), now)


async def internal(desk: Desk, tx: Tx, pbx_id: str) -> set[str]:
    """Who of the callers at this PBX is one of us: employees' numbers, extensions, and our own numbers.

    The numbers of all PBXs are the office's. All of it as last read.
    """
    ours = await people.employees_numbers(tx, pbx_id)
    for value in (await memory.recall_each(tx, list(desk.pbxes), _KEPT)).values():
        ours.update(json.loads(value))
    return ours


def is_last(number: OurNumber, all_of_them: Sequence[OurNumber]) -> bool:
    """Whether no other number takes calls."""
    return not any(one.enabled is not False and one.number != number.number for one in all_of_them)


async def switch(desk: Desk, pbx_id: str, number: OurNumber, by: int, *, enabled: bool) -> None:
    """Take the calls of a number, or don't; nothing is asked of the PBX if it is so already. Raises `PbxError`."""
    if number.enabled is enabled:
        return
    async with noted(desk, pbx_id):
        await desk.pbxes[pbx_id].set_number_enabled(number.number, enabled)
    await _write_act(desk, pbx_id, by, f"{number.number}: {'on' if enabled else 'off'}")


async def sim_cards(desk: Desk, pbx_id: str) -> list[SimCard]:
    """Raises `PbxError`."""
    async with noted(desk, pbx_id):
        return await desk.pbxes[pbx_id].sim_cards()


async def switch_sim_card_off(desk: Desk, pbx_id: str, card: SimCard, by: int) -> None:
    """It takes no calls; nothing is asked of the PBX if it is so already. Raises `PbxError`."""
    if card.enabled is False:
        return
    async with noted(desk, pbx_id):
        await desk.pbxes[pbx_id].switch_sim_card_off(card.number)
    await _write_act(desk, pbx_id, by, f"SIM {card.number}: off")


async def _write_act(desk: Desk, pbx_id: str, user_id: int, about: str) -> None:
    async with desk.db.write() as tx:
        await people.write_act(tx, user_id, "number", desk.clock.now(), pbx_id=pbx_id, about=about)
