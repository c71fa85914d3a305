"""A note about a client in a line: on cards, in `/history`."""

from datetime import datetime

from desk.client_notes import Noted
from handlers.chat.texts import Html, Texts

#: Characters of a note on a card, and in the client's history.
ON_A_CARD, IN_HISTORY = 80, 200


def line(note: Noted, say: Texts, now: datetime, longest: int) -> Html:
    """``📝 wants roses on Friday, Igor 21 Nov``"""
    text = " ".join(note.text.split())
    shown = f"{text[: longest - 1].rstrip()}…" if len(text) > longest else text
    return say("📝 {text}, {name} {day}", text=shown, name=note.name, day=say.short_day(note.at, now))
