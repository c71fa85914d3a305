"""What is written into buttons: short, Telegram allows 64 bytes. Rights are checked when pressed, not when drawn."""

from hashlib import sha256

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup


class CasePress(CallbackData, prefix="c"):
    """A button of a card. `act`: call, mine, free, hand, give, done, why, open, hist, block, sure, back, show."""

    act: str
    case_id: int
    arg: str = ""


class NumberPress(CallbackData, prefix="n"):
    """A button about a phone number: call, hist, block, sure, back, undo. `pbx` is empty where there is only one."""

    act: str
    number: str
    pbx: str = ""


class PlayPress(CallbackData, prefix="pl"):
    """What was said in a call. act: play (the recording), text (the transcript)."""

    act: str
    call_id: int


class NotePress(CallbackData, prefix="nt"):
    """Save what the message is a reply to as a note about the client of that case."""

    case_id: int


class TakeNoteBackPress(CallbackData, prefix="nb"):
    """That note is none any more."""

    note_id: int


class HistoryPress(CallbackData, prefix="h"):
    """A page of history: of a number or of a period."""

    what: str
    page: int
    pbx: str = ""


class MissedPress(CallbackData, prefix="m"):
    """Who waits for a call: act is page (turn in place) or show (as a new message)."""

    act: str
    page: int = 0
    pbx: str = ""


class SummaryPress(CallbackData, prefix="y"):
    """A button of a summary. act: t (tell it briefly), m (more: page `n` of the rest), c (a CSV of its calls).

    `period` is `Days.written`, empty under a notice, which knows its days itself. `pbx` is empty where the chat says
    which. `who` stands for the login of one employee.
    """

    act: str
    period: str = ""
    pbx: str = ""
    who: str = ""
    n: int = 0


class LinkPress(CallbackData, prefix="l"):
    """Linking: act is page (of employees), pick (one of them), yes or no (an admin's answer), re (a link that was
    ended, again), team (a page of it).

    `who` stands for a login, which may be too long for a button. `n` is a page, a request's or a person's id.
    """

    act: str
    pbx: str = ""
    who: str = ""
    n: int = 0


class RolePress(CallbackData, prefix="ro"):
    """Who may do what. act: all (a page of people), who (one of them), set (give them `role`)."""

    act: str
    user_id: int = 0
    role: str = ""
    n: int = 0


class ConnectPress(CallbackData, prefix="b"):
    """`/connect` without saying which PBX."""

    pbx: str


class ConnectAgainPress(CallbackData, prefix="ba"):
    """`/connect off` is taken back."""

    pbx: str


class StatusPress(CallbackData, prefix="st"):
    """A button of `/status`: again, retry."""

    act: str


class WalkPress(CallbackData, prefix="wt"):
    """A button of the first steps. act: again (look anew), test (how to make a test call)."""

    act: str


class ActLogPress(CallbackData, prefix="al"):
    """A page of the log of acts."""

    n: int


class SettingsPress(CallbackData, prefix="s"):
    """A button of `/settings`: without a value it opens the choices for `key`, with one it chooses."""

    key: str
    value: str = ""


class PbxPress(CallbackData, prefix="p"):
    """Which PBX was meant. The message with the button is a reply to the command, of which `key` is the word."""

    pbx: str
    key: str


class DndPress(CallbackData, prefix="d"):
    """A button of `/dnd`: on, off, or for how long. Only for the one who asked."""

    act: str
    owner: int
    pbx: str


class BlacklistPress(CallbackData, prefix="k"):
    """A page of the blacklist."""

    pbx: str
    page: int


class DepartmentPress(CallbackData, prefix="dp"):
    """A button of `/departments`. `dept` and `who` stand for names too long for a button; `n` is a page.

    act: all, dep (one department), on, off, fin (off for sure), add and put (whom), out, ask and cut (whom).
    """

    act: str
    pbx: str
    dept: str = ""
    who: str = ""
    n: int = 0


class NumbersPress(CallbackData, prefix="nu"):
    """A button of `/numbers`. `what` stands for a number or a login; `n` is a page.

    act: all, ask (switch it?), on, off.
    """

    act: str
    pbx: str
    what: str = ""
    n: int = 0


class LinesPress(CallbackData, prefix="ln"):
    """SIM cards and lines. act: sims, ask (switch that card off?), off, lines."""

    act: str
    pbx: str
    what: str = ""
    n: int = 0


class RecordingPress(CallbackData, prefix="rc"):
    """Whose calls are recorded. act: all, who (choose whom not to), ask and yes (record), asn and no (don't)."""

    act: str
    pbx: str
    who: str = ""
    n: int = 0


class EmployeesPress(CallbackData, prefix="e"):
    """A page of the employees of that PBX."""

    pbx: str
    n: int = 0


class ActivePress(CallbackData, prefix="ac"):
    """A button of `/active`. act: page, ask (end that call?), end. `what` stands for a call's id; `n` is a page."""

    act: str
    pbx: str = ""
    what: str = ""
    n: int = 0


class WhoPress(CallbackData, prefix="w"):
    """A button of `/who`. act: page, pick (whose calls to switch), one (that one's switch), or a wish as in
    `DndPress`. `who` stands for a login; `n` is a page.
    """

    act: str
    pbx: str
    who: str = ""
    n: int = 0


def mark(name: str) -> str:
    """Stands for a name that may be too long for a button; the list that the name is from tells it again."""
    return sha256(name.encode()).hexdigest()[:6]


def button(text: str, data: CallbackData) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=str(getattr(text, "unescape", lambda: text)()), callback_data=data.pack())


def rows(*lines: list[InlineKeyboardButton]) -> InlineKeyboardMarkup | None:
    """A keyboard of the rows that hold anything; None if none does."""
    filled = [line for line in lines if line]
    return InlineKeyboardMarkup(inline_keyboard=filled) if filled else None
