"""What `/settings` shows: the choices as they are, and a menu for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from babel.dates import get_timezone_location

from desk.chat_settings import COMMON_ZONES, HIDDEN_LENGTHS, SUMMARY_TIMES, ChatSettings
from desk.ledger import KINDS
from handlers.chat.buttons import SettingsPress, button, rows
from handlers.chat.texts import LANGUAGES, Html, Texts, joined
from storage.chats import Binding


@dataclass(frozen=True, slots=True)
class Page:
    """What there is to show."""

    say: Texts
    now: datetime
    chosen: ChatSettings
    bound: tuple[Binding, ...]
    is_private: bool
    office_zone: str


Rendered = tuple[Html, InlineKeyboardMarkup | None]


def page(page: Page, key: str = "") -> Rendered:
    """The overview, or the menu of one choice."""
    return _MENUS.get(key, _overview)(page)


def _overview(page: Page) -> Rendered:
    say, chosen = page.say, page.chosen
    lines = [
        say("⚙️ <b>Your settings</b>") if page.is_private else say("⚙️ <b>Settings of this chat</b>"),
        say("🌐 Language: {language}", language=LANGUAGES[say.language]),
        say("🕒 Time zone: {zone}, now {time}", zone=_zone_name(chosen.zone.key, say), time=say.clock(page.now)),
    ]
    keys = [[_open(say("🌐 Language"), "language"), _open(say("🕒 Time zone"), "timezone")]]
    if page.bound:
        lines += [
            say("📊 Daily summary: {time}", time=chosen.summary_at or say("off")),
            say("🙈 Missed calls hidden: {what}", what=_hidden(chosen.hide_shorter_than, say)),
            *[_binding_line(page, one) for one in page.bound],
        ]
        keys += [[_open(say("📊 Summary"), "summary"), _open(say("🙈 Short calls"), "short")]]
        keys += [[_open(say("🔔 Notices"), "kinds")]]
    elif not page.is_private:
        lines.append(say("No PBX is connected here yet: an administrator sends /connect."))
    return joined(*lines), rows(*keys)


def _binding_line(page: Page, one: Binding) -> Html:
    say = page.say
    wanted = [kind_name(kind, say) for kind in KINDS if kind in one.notices]
    return say("🔔 {pbx}: {kinds}", pbx=one.pbx_id, kinds=Html(", ").join(wanted) if wanted else say("nothing"))


def kind_name(kind: str, say: Texts) -> Html:
    """A kind of notice in words."""
    return {
        "missed": say("missed calls"),
        "ratings": say("ratings"),
        "summary": say("daily summary"),
        "lines": say("lines that are down"),
        "low_ratings": say("low ratings"),
        "escalations": say("escalations"),
    }[kind]


def _hidden(seconds: int, say: Texts) -> Html:
    return say("shorter than {n} s", n=seconds) if seconds else say("none")


def _zone_name(zone: str, say: Texts) -> str:
    return f"{_city(zone, say)} ({zone})"


def _city(zone: str, say: Texts) -> str:
    if zone == "Europe/Kyiv":  # renamed in the zone database later than in Babel's translations
        return str(say("Kyiv"))
    return get_timezone_location(ZoneInfo(zone), locale=say.language, return_city=True)


def _languages(page: Page) -> Rendered:
    keys = [_choose(name, "language", code, code == page.say.language) for code, name in LANGUAGES.items()]
    return page.say("🌐 Which language should I speak here?"), rows(keys, _back(page))


def _zones(page: Page) -> Rendered:
    zones = list(dict.fromkeys((page.office_zone, page.chosen.zone.key, *COMMON_ZONES)))
    keys = [_choose(_zone_key(zone, page), "timezone", zone, zone == page.chosen.zone.key) for zone in zones]
    text = joined(
        page.say("🕒 Which time zone is this chat in?"),
        page.say("Another one: send it like /settings timezone Asia/Tashkent"),
    )
    return text, rows(*_in_rows(keys, 2), _back(page))


def _zone_key(zone: str, page: Page) -> str:
    return f"{_city(zone, page.say)} {page.now.astimezone(ZoneInfo(zone)):%H:%M}"


def _summaries(page: Page) -> Rendered:
    say, at = page.say, page.chosen.summary_at
    keys = [_choose(one, "summary", one.replace(":", ""), one == at) for one in SUMMARY_TIMES]
    keys.append(_choose(say("off"), "summary", "off", at is None))
    text = joined(
        say("📊 When should the daily summary come?"), say("Another time: send it like /settings summary 18:30")
    )
    return text, rows(*_in_rows(keys, 3), _back(page))


def _short_calls(page: Page) -> Rendered:
    say, now = page.say, page.chosen.hide_shorter_than
    keys = [_choose(_hidden(one, say), "short", str(one), one == now) for one in HIDDEN_LENGTHS]
    text = joined(
        say("🙈 Which missed calls should be hidden here?"),
        say("They still count, and a longer call of the same client shows the card. Other: /settings short 7"),
    )
    return text, rows(*_in_rows(keys, 2), _back(page))


def _notices(page: Page) -> Rendered:
    say, several = page.say, len(page.bound) > 1
    keys = []
    for one in page.bound:
        for kind in KINDS:
            mark = "✅" if kind in one.notices else "▫️"
            name = f"{mark} {kind_name(kind, say).unescape()}" + (f" · {one.pbx_id}" if several else "")
            keys.append([button(name, SettingsPress(key="kinds", value=f"{one.id}.{kind}"))])
    return say("🔔 What should come here?"), rows(*keys, _back(page))


_MENUS: dict[str, Callable[[Page], Rendered]] = {
    "language": _languages,
    "timezone": _zones,
    "summary": _summaries,
    "short": _short_calls,
    "kinds": _notices,
}


def _open(text: str, key: str) -> InlineKeyboardButton:
    return button(text, SettingsPress(key=key))


def _choose(text: str, key: str, value: str, is_chosen: bool) -> InlineKeyboardButton:
    plain = str(text.unescape()) if isinstance(text, Html) else text
    return button(f"✓ {plain}" if is_chosen else plain, SettingsPress(key=key, value=value))


def _back(page: Page) -> list[InlineKeyboardButton]:
    return [_open(page.say("‹ Back"), "main")]


def _in_rows(keys: list[InlineKeyboardButton], columns: int) -> list[list[InlineKeyboardButton]]:
    return [keys[at : at + columns] for at in range(0, len(keys), columns)]
