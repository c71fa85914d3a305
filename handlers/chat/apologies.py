"""What people hear while nothing can be stored (a full disk, a database that is away): that their wish waits.

Telegram keeps what we don't acknowledge and gives it again, so nobody has to repeat anything. The database is not
asked here: it is the one that is out.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.types import Message, Update, User
from pydantic import ValidationError

from desk.office import Desk
from desk.updates import UpdateIntake
from handlers.chat.texts import LANGUAGES, Html, Texts

#: Seconds between looks when nobody rings.
IDLE = 60.0
#: A chat is told once in so long: Telegram gives the same updates again and again.
AGAIN = timedelta(minutes=10)


class Apologies:
    """The loop that tells them. `run` for the program, `settle` for whoever wants all that waits told now."""

    def __init__(self, desk: Desk, bot: Bot, intake: UpdateIntake) -> None:
        self._desk = desk
        self._bot = bot
        self._intake = intake
        self._told: dict[int | str, datetime] = {}

    async def run(self) -> None:
        """Tell them for ever; cancelled to stop."""
        while True:
            await self._intake.trouble.wait(self._desk.clock, IDLE)
            await self.settle()

    async def settle(self) -> None:
        while self._intake.refused:
            body = self._intake.refused.popleft()
            with suppress(ValidationError, TelegramAPIError, ClientDecodeError):  # it is a courtesy
                await self._tell(Update.model_validate_json(body))

    async def _tell(self, update: Update) -> None:
        message, query = update.message, update.callback_query
        if query is not None and self._is_first(query.id):
            words = self._words(query.from_user, private=True)
            await self._bot.answer_callback_query(query.id, str(words), show_alert=True)
        elif message is not None and _is_for_us(message) and self._is_first(message.chat.id):
            words = self._words(message.from_user, private=message.chat.type == "private")
            await self._bot.send_message(message.chat.id, words, message_thread_id=_topic(message))

    def _is_first(self, to: int | str) -> bool:
        now = self._desk.clock.now()
        self._told = {one: at for one, at in self._told.items() if now - at < AGAIN}
        if to in self._told:
            return False
        self._told[to] = now
        return True

    def _words(self, person: User | None, *, private: bool) -> Html:
        own = person.language_code if person and private else None
        say = Texts(own if own in LANGUAGES else self._desk.office.language, self._desk.office.timezone)
        return say(
            "⚠️ I can't write anything down right now. I'll do this as soon as I can: no need to send it again."
        )


def _is_for_us(message: Message) -> bool:
    return message.chat.type == "private" or (message.text or "").startswith("/")


def _topic(message: Message) -> int | None:
    return message.message_thread_id if message.is_topic_message else None
