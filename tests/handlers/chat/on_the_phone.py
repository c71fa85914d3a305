"""What happens on the phones in the tests of the chat: as the PBX tells it."""

from sandbox.telegram import Message
from tests.office import CLIENT, Office


async def missed_call(office: Office, phone: str = CLIENT, callid: str = "c1") -> None:
    """A client whom nobody answered."""
    body = {"cmd": "history", "type": "in", "status": "Missed", "phone": phone, "callid": callid, "duration": "20"}
    assert await office.pbx_says(body) == 200


async def missed_card(office: Office, phone: str = CLIENT, callid: str = "c1") -> Message:
    """A client whom nobody answered; the card in the team's chat."""
    await missed_call(office, phone, callid)
    return office.bot_messages(office.team)[-1]
