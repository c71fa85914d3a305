"""Handing a case over: the colleagues to choose from, in place of the card's own buttons."""

import re
from collections.abc import Sequence

from aiogram.types import InlineKeyboardMarkup

from desk.case_acts import Colleague
from handlers.chat import reading
from handlers.chat.buttons import CasePress, button, rows
from handlers.chat.texts import Texts
from storage.cases import CaseRow

#: Colleagues on a page, and in a row of it.
PAGE, COLUMNS = 10, 2
#: What a button holds: to whom, and who had it when the buttons were drawn. Telegram's ids have 16 digits at most.
_CHOICE = re.compile(r"(\d{1,16})\.(\d{1,16})", re.ASCII)


def menu(case: CaseRow, colleagues: Sequence[Colleague], page: int, say: Texts) -> InlineKeyboardMarkup | None:
    """A page of names, the ways to the others, and back."""
    page, pages = reading.page_of(page, PAGE, len(colleagues))
    keys = [
        button(one.name, CasePress(act="give", case_id=case.id, arg=f"{one.user_id}.{case.claimed_by}"))
        for one in colleagues[page * PAGE : (page + 1) * PAGE]
    ]
    lines = [keys[i : i + COLUMNS] for i in range(0, len(keys), COLUMNS)]
    turning = reading.turning(page, pages, lambda to: CasePress(act="hand", case_id=case.id, arg=str(to)))
    back = button(say("↩️ Back"), CasePress(act="back", case_id=case.id))
    return rows(*lines, turning, [back])


def page_in(arg: str) -> int:
    """Which page a button asks for; the first if it asks for nonsense."""
    return int(arg) if arg.isascii() and arg.isdecimal() and len(arg) < 5 else 0


def chosen_in(arg: str) -> tuple[int, int] | None:
    """To whom, and from whom; None if it is nonsense."""
    match = _CHOICE.fullmatch(arg)
    return (int(match[1]), int(match[2])) if match else None
