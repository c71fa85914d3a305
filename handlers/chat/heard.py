"""What every message about a call may show of it: the client's stars, and buttons to hear and to read it."""

from aiogram.types import InlineKeyboardButton

from desk.hearing import Playable
from handlers.chat.buttons import PlayPress, button
from handlers.chat.texts import Html, Texts

STARS = 5


def stars(given: int, say: Texts) -> Html:
    """``★★★★☆ 4 of 5``"""
    return say("{stars} {n} of 5", stars="★" * given + "☆" * max(STARS - given, 0), n=given)


def keys(one: Playable | None, say: Texts) -> list[InlineKeyboardButton]:
    """What can be heard and read of a call."""
    if one is None:
        return []
    text = [button(say("📝 Text"), PlayPress(act="text", call_id=one.row_id))] if one.has_text else []
    return [button(say("▶️ Recording"), PlayPress(act="play", call_id=one.row_id)), *text]
