"""Notices other than cards: ratings, lost lines, summaries, what administrators must hear."""

from collections.abc import Callable
from datetime import datetime

from aiogram.types import InlineKeyboardMarkup

from desk.views import LineView, PlainView, RatingView
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers

STARS = 5


def rating(view: RatingView, say: Texts, now: datetime) -> Html:
    """Who rated whom, with stars; a low one is marked for managers."""
    one = view.rating
    number = say.number(one.client)
    client = say("{name}, {number}", name=view.client_name, number=number) if view.client_name else number
    stars = "★" * one.stars + "☆" * max(STARS - one.stars, 0)
    return joined(
        say(
            "{icon} <b>{stars} {n} of 5</b> · {client}",
            icon="⚠️" if view.is_low else "⭐",
            stars=stars,
            n=one.stars,
            client=client,
        ),
        say("👤 {name}", name=view.employee) if view.employee else None,
        say("For managers: a low rating.") if view.is_low else None,
        say("🕒 {when}", when=say.when(one.at, now)),
        say("PBX {pbx}", pbx=view.pbx_name) if view.pbx_name else None,
    )


def line(view: LineView, say: Texts, now: datetime) -> Html:
    """An operator line lost its registration."""
    number = numbers.display(view.number) if view.number else say("unknown number")
    named = say("{number} «{name}»", number=number, name=view.name) if view.name else number
    return joined(
        say("📡 <b>A line is down</b>: {line}", line=named),
        say("No calls come through it. Check its account and password in the PBX's cabinet."),
        say("🕒 {when}", when=say.when(view.at, now)),
        say("PBX {pbx}", pbx=view.pbx_name) if view.pbx_name else None,
    )


def plain(view: PlainView, say: Texts, now: datetime) -> tuple[Html, InlineKeyboardMarkup | None]:
    """A notice whose words depend on its data alone."""
    return _PLAIN[view.kind](view, say, now)


def to_admins(view: PlainView, say: Texts, now: datetime) -> tuple[Html, InlineKeyboardMarkup | None]:
    """What an administrator must hear of, and what to do about it."""
    data = view.data
    about = {key: value for key, value in data.items() if key != "what"}
    words = {
        "chat_gone": lambda: say(
            "⚠️ I can't write to the chat {chat_id} any more: I was removed or blocked there. "
            "Add me again and send /connect there.",
            **about,
        ),
        "topic_gone": lambda: say(
            "⚠️ A topic of the chat {chat_id} is closed or deleted. Its notices now come to the chat itself. "
            "Send /connect in another topic to move them.",
            **about,
        ),
        "key_refused": lambda: say(
            "⚠️ The PBX {pbx} refuses our key. Check `key` of this PBX in the configuration.", **about
        ),
        "link_request": lambda: say("🔗 {name} asks to be linked to {employee} ({login}) at PBX {pbx}.", **about),
    }
    return words[data["what"]](), None


_PLAIN: dict[str, Callable[[PlainView, Texts, datetime], tuple[Html, InlineKeyboardMarkup | None]]] = {
    "admins": to_admins,
}
