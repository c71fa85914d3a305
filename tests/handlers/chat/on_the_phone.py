"""What happens on the phones in the tests of the chat: as the PBX tells it."""

from sandbox.telegram import Answer, Message
from tests.office import CLIENT, Office


async def missed_call(office: Office, phone: str = CLIENT, callid: str = "c1") -> None:
    """A client whom nobody answered."""
    body = {"cmd": "history", "type": "in", "status": "Missed", "phone": phone, "callid": callid, "duration": "0"}
    assert await office.pbx_says(body) == 200


async def missed_card(office: Office, phone: str = CLIENT, callid: str = "c1") -> Message:
    """A client whom nobody answered; the card in the team's chat."""
    await missed_call(office, phone, callid)
    return office.bot_messages(office.team)[-1]


async def presses_data(office: Office, user_id: int, message: Message, data: str) -> Answer | None:
    """A button that is not there (any more), or never was: its data as somebody's program sends it."""
    press = office.world.press(user_id, message.chat_id, message.id, data)
    await office.settle()
    return press.answered


def labels(message: Message) -> list[str]:
    return [button.text for row in message.buttons for button in row]


def asked_of(office: Office, what: str) -> int:
    """How many requests the PBX has got whose path holds `what`."""
    return sum(1 for _, path in office.pbx.server.requests if what in path)
