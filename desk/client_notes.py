"""Notes about a client, kept on the client's card at the PBX."""

from enum import StrEnum

from desk import pbx_troubles
from desk.office import Desk
from storage import cases, memory, notices, people
from storage.cases import CaseRow
from storage.database import Tx


class Result(StrEnum):
    """How saving a note went."""

    SAVED = "saved"
    NO_CARD = "no_card"
    """The PBX's address book does not have the client."""
    SENT_BEFORE = "sent_before"


async def case_of(desk: Desk, tx: Tx, chat_id: int, message_id: int) -> CaseRow | None:
    """The case whose card that message is, if a note about its client can be kept."""
    shown = await notices.at_message(tx, chat_id, message_id)
    case = await cases.get(tx, int(shown[1].subject)) if shown and shown[1].kind == "case" else None
    pbx = desk.pbxes.get(case.pbx_id) if case else None
    return case if case and case.client and pbx and pbx.capabilities.client_cards else None


async def save(desk: Desk, pbx_id: str, client: str, text: str, user_id: int, *, once: str) -> Result:
    """Write `text` on the client's card. `once` names the note, so that nothing repeats it. Raises `PbxError`.

    After `Unavailable` from here nobody knows whether it is there: see `was_sent`.
    """
    pbx = desk.pbxes[pbx_id]
    async with pbx_troubles.noted(desk, pbx_id):
        card = await pbx.client_card(client)
        if card is None:
            return Result.NO_CARD
        async with desk.db.write() as tx:
            if not await memory.fire(desk.db, tx, f"note {once}", desk.clock.now()):
                return Result.SENT_BEFORE
        await pbx.add_note(card.id, text)
    async with desk.db.write() as tx:
        await people.write_act(tx, user_id, "note", desk.clock.now(), pbx_id=pbx_id, about=client)
    return Result.SAVED


async def was_sent(desk: Desk, once: str) -> bool:
    """Whether the PBX was asked to write this note, whatever it answered."""
    async with desk.db.read() as tx:
        return await memory.fired_at(tx, f"note {once}") is not None
