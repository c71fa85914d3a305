"""Weekdays and working hours as people write and read them: ``Пн-Пт 09:00-18:00``, ``Mon–Fri 09:00–18:00``."""

import re
from itertools import groupby

from babel.dates import get_day_names

from desk.chat_settings import WEEKDAYS
from desk.office import WorkingHours
from handlers.chat.texts import Html, Texts

_MIDNIGHT = 24 * 60
#: As people write them, to the names that settings are kept in.
_WRITTEN = {
    **{name: name for name in WEEKDAYS},
    **dict(zip(("пн", "вт", "ср", "чт", "пт", "сб", "вс"), WEEKDAYS, strict=True)),
    "нд": "sun",
}
_WORD = re.compile(r"[^\W\d_]+")


def plain(text: str) -> str:
    """The weekdays of a text in the names that settings are kept in; other words stay."""
    return _WORD.sub(lambda word: _WRITTEN.get(word[0].casefold()[:3], _short(word[0])), text)


def _short(word: str) -> str:
    return _WRITTEN.get(word.casefold()[:2], word) if re.match("[а-яі]", word.casefold()) else word


def day_name(day: str, say: Texts) -> str:
    """``mon`` as ``Mon``, ``пн``."""
    return str(get_day_names("abbreviated", locale=say.language)[WEEKDAYS.index(day)])


def weekly(at: str, say: Texts) -> str:
    """``mon 09:00`` in the reader's language."""
    day, _, time = at.partition(" ")
    return f"{day_name(day, say)} {time}" if day in WEEKDAYS else at


def hours(worked: WorkingHours, say: Texts) -> Html:
    """Days with the same hours together; in a word if that is always, or never."""
    if all(day == ((0, _MIDNIGHT),) for day in worked.spans):
        return say("always")
    parts = []
    for spans, days in groupby(enumerate(worked.spans), key=lambda one: one[1]):
        names = [day_name(WEEKDAYS[number], say) for number, _ in days]
        if spans:
            told = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in spans)
            parts.append(f"{names[0]}–{names[-1]} {told}" if len(names) > 1 else f"{names[0]} {told}")
    return Html.escape("; ".join(parts)) if parts else say("never")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
