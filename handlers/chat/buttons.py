"""What is written into buttons: short, Telegram allows 64 bytes. Rights are checked when pressed, not when drawn."""

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup


class CasePress(CallbackData, prefix="c"):
    """A button of a card. `act`: call, mine, free, done, why, open, hist, block, sure, back, show."""

    act: str
    case_id: int
    arg: str = ""


class NumberPress(CallbackData, prefix="n"):
    """A button about a phone number: call, hist, block, sure, back. `pbx` is empty where there is only one."""

    act: str
    number: str
    pbx: str = ""


class HistoryPress(CallbackData, prefix="h"):
    """A page of history: of a number or of a period."""

    what: str
    page: int
    pbx: str = ""


class LinkPress(CallbackData, prefix="l"):
    """Linking: act is pick (an employee), yes or no (an admin's answer)."""

    act: str
    request_id: int = 0
    pbx: str = ""
    login: str = ""


class SettingsPress(CallbackData, prefix="s"):
    """A button of `/settings`."""

    key: str
    value: str = ""


class PbxPress(CallbackData, prefix="p"):
    """Which PBX was meant: the command is kept under `key` until then."""

    pbx: str
    key: str


def button(text: str, data: CallbackData) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=str(getattr(text, "unescape", lambda: text)()), callback_data=data.pack())


def rows(*lines: list[InlineKeyboardButton]) -> InlineKeyboardMarkup | None:
    """A keyboard of the rows that hold anything; None if none does."""
    filled = [line for line in lines if line]
    return InlineKeyboardMarkup(inline_keyboard=filled) if filled else None
