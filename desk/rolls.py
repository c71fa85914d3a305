"""A client out of a roll: the card is shown as a message of its own, and the roll goes on listing it."""

from datetime import timedelta
from enum import StrEnum

from desk.office import Desk
from storage import cases, notices
from storage.database import Tx

#: A card that came so short a time ago is still in sight.
IN_SIGHT = timedelta(seconds=30)


class Shown(StrEnum):
    """How asking for a card went."""

    COMING = "coming"
    IN_SIGHT = "in_sight"
    """It was sent a moment ago."""
    GONE = "gone"


async def show_card(desk: Desk, tx: Tx, case_id: int, chat_id: int, thread_id: int) -> Shown:
    """Send the card of a case to this place, anew if it stands there already."""
    now = desk.clock.now()
    case = await cases.get(tx, case_id)
    if case is None:
        return Shown.GONE
    # A case of an import has no notice until somebody asks for its card.
    await notices.add(desk.db, tx, "case", str(case_id), now, pbx_id=case.pbx_id)
    notice = await notices.find(tx, "case", str(case_id))
    assert notice is not None
    await notices.deliver_to(desk.db, tx, notice.id, [(chat_id, thread_id)], now)
    delivery = await notices.in_place(tx, notice.id, chat_id, thread_id)
    assert delivery is not None
    if delivery.message_id is not None and delivery.sent_at and now - delivery.sent_at < IN_SIGHT:
        return Shown.IN_SIGHT
    await notices.change(tx, delivery.id, alone=True, anew=delivery.message_id is not None, due_at=now)
    return Shown.COMING
