"""The office's own numbers and SIM cards: where their calls go, and whether they are taken. Read anew each time."""

from collections.abc import Sequence

from desk.office import Desk
from desk.pbx_troubles import noted
from pbx.vocabulary import OurNumber, SimCard
from storage import people


async def listed(desk: Desk, pbx_id: str) -> list[OurNumber]:
    """Raises `PbxError`."""
    async with noted(desk, pbx_id):
        return await desk.pbxes[pbx_id].our_numbers()


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
