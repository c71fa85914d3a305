"""A card whose buttons have made room for a question: "block, sure?", "handled, how?". It is put right by itself."""

from datetime import timedelta

from desk.office import Desk
from storage import memory, notices
from storage.database import Tx
from storage.memory import Timer

KIND = "card_menu"
#: A question nobody answers goes away, since everybody in the chat needs the card's own buttons.
LASTS = timedelta(minutes=1)


async def opened(desk: Desk, tx: Tx, chat_id: int, message_id: int) -> None:
    """The message asks a question now; see to it that it becomes a card again."""
    shown = await notices.at_message(tx, chat_id, message_id)
    if shown:
        due_at = desk.clock.now() + LASTS
        await memory.set_timer(desk.db, tx, Timer(KIND, _subject(shown[1].pbx_id, shown[0].id), due_at, {}))


async def closed(desk: Desk, tx: Tx, chat_id: int, message_id: int) -> bool:
    """The message is to be a card again. False if it is none that the desk keeps true."""
    shown = await notices.at_message(tx, chat_id, message_id)
    if shown is None:
        return False
    await memory.stop_timer(tx, KIND, _subject(shown[1].pbx_id, shown[0].id))
    await notices.change(tx, shown[0].id, due_at=desk.clock.now())
    return True


async def shut(desk: Desk, timer: Timer) -> None:
    """The time for an answer is over."""
    async with desk.db.write() as tx:
        delivery = await notices.delivery(tx, int(timer.subject.rpartition(" ")[2]))
        if delivery and delivery.due_at is None and delivery.message_id is not None:
            await notices.change(tx, delivery.id, due_at=desk.clock.now())
        await memory.finish_timer(tx, timer)


def _subject(pbx_id: str | None, delivery_id: int) -> str:
    return f"{pbx_id} {delivery_id}"
