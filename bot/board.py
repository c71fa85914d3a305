"""The board door in the running program: the bot's key, and the chat door's words."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from bot.settings import Settings
from desk.office import Desk
from handlers.board import signed
from handlers.board.routes import BoardDoor

if TYPE_CHECKING:
    from handlers.board.wording import Wording
    from handlers.chat.board_words import BoardWords


def door(settings: Settings, desk: Desk) -> BoardDoor:
    """The board of the bot that these settings name."""
    return BoardDoor(desk, signed.key_of(settings.telegram.token.get_secret_value()), partial(_voice, desk))


async def _voice(desk: Desk, language: str | None) -> "Wording":
    words = await asyncio.to_thread(_words)
    return words(desk, language or desk.office.language)


def _words() -> "type[BoardWords]":
    """Telegram's library comes with it, which is slow to import: not on the event loop."""
    from handlers.chat.board_words import BoardWords

    return BoardWords
