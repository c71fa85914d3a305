"""The world around the real program: people with phones, and a PBX with clients."""

from typing import Any

from sandbox.telegram import Message, TelegramStandIn
from sandbox.vats_rest import VatsOffice
from tests.office import ANNA, IGOR, configuration

#: Seconds that something may take which happens at once where nothing else is run.
PATIENCE = 90.0


class Town:
    """A Telegram and a PBX that outlive the program."""

    def __init__(self, tg: TelegramStandIn, pbx: VatsOffice) -> None:
        self.tg = tg
        self.pbx = pbx
        for user_id, name, phone in ((ANNA, "Anna", "79000000001"), (IGOR, "Igor", "79000000002")):
            tg.world.add_user(name, id=user_id, username=name.lower(), language_code="en", phone=phone)
        self.team = tg.world.add_group("Sales", [ANNA, IGOR]).id

    def configuration(self, database_url: str, **sections: Any) -> dict[str, Any]:
        return configuration(database_url, self.tg.url, self.tg.token, self.pbx.url, **sections)

    async def connect(self) -> None:
        """Anna connects the team's chat."""
        self.tg.world.say(ANNA, self.team, "/connect main")
        await self.tg.world.until(lambda: self.tg.world.from_bot(self.team), timeout=PATIENCE)

    def cards(self, icon: str) -> list[Message]:
        return [message for message in self.tg.world.from_bot(self.team) if message.text.startswith(icon)]

    def shown(self) -> str:
        return "\n".join(message.text for message in self.tg.world.from_bot(self.team))
