"""What was held while it was quiet in a chat, in one message."""

from datetime import datetime
from itertools import chain

from aiogram.types import InlineKeyboardMarkup

from desk.views import EscalationView, LineView, MorningView, RatingView, View
from handlers.chat import cards, notices
from handlers.chat.escalation_text import mentions
from handlers.chat.texts import Html, Texts, joined

#: Held notices other than cards that are named; the rest are counted.
OTHERS_SHOWN = 10


def morning(
    view: MorningView, say: Texts, now: datetime, *, uncertain: bool = False
) -> tuple[Html, InlineKeyboardMarkup | None]:
    """Who could not reach us while it was quiet, with a number for each who waited on; and what else there was."""
    listed = len(view.cases) + view.more
    total = listed - view.earlier + view.settled
    still_open = sum(1 for one in view.cases if one.state.is_open) + view.more_open
    text = joined(
        say.count(
            "🌅 <b>While it was quiet, {n} client could not reach us</b>",
            "🌅 <b>While it was quiet, {n} clients could not reach us</b>",
            total,
        )
        if total
        else say("🌅 <b>While it was quiet</b>"),
        cards.still_waiting(still_open, say) if listed or total else None,
        say.count(
            "⏰ {n} of them had waited since before it was quiet",
            "⏰ {n} of them had waited since before it was quiet",
            view.earlier,
        )
        if view.earlier
        else None,
        *(cards.roll_line(n, one, say, now) for n, one in enumerate(view.cases, start=1)),
        cards.and_more(view.more_open, say),
        say.count("✅ {n} was settled meanwhile", "✅ {n} were settled meanwhile", view.settled)
        if view.settled and still_open
        else None,
        _called(view, say),
        *_others(view, say, now),
        cards.twice(say) if uncertain else None,
    )
    return text, cards.roll_keys(view.cases)


def _called(view: MorningView, say: Texts) -> Html | None:
    escalated = [one for one in view.others if isinstance(one, EscalationView)]
    items = chain.from_iterable(one.items for one in escalated)
    shown = (item.called_upon for item in items if item.case.state.is_open)
    called = mentions(chain.from_iterable([*shown, *(one.more_called for one in escalated)]))
    return say("📣 {people}", people=called) if called else None


def _others(view: MorningView, say: Texts, now: datetime) -> list[Html]:
    """The news of each, which is its first line."""
    told = [words for one in view.others if (words := _in_full(one, say, now))]
    lines = [Html(words.splitlines()[0]) for words in told[:OTHERS_SHOWN]]
    more = len(told) - OTHERS_SHOWN
    return lines + ([say.count("… and {n} more notice", "… and {n} more notices", more)] if more > 0 else [])


def _in_full(view: View, say: Texts, now: datetime) -> Html | None:
    match view:
        case RatingView():
            return notices.rating(view, say, now)
        case LineView():
            return notices.line(view, say, now)
        case _:
            return None
