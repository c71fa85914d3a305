"""What a chat decides for itself; the office's values where it has not decided."""

import re
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from desk.office import Desk
from pbx.vocabulary import Call
from storage import chats
from storage.database import Tx

#: The local time at which a chat gets its daily summary where it has not chosen one: when the working day is over.
SUMMARY_AT = "19:00"
#: Times and lengths offered as buttons; others can be typed.
SUMMARY_TIMES = ("09:00", "18:00", "19:00", "20:00", "21:00")
HIDDEN_LENGTHS = (0, 3, 5, 10)
#: Seconds. Who waited longer is a client lost, whatever the taste.
HIDE_AT_MOST = 60
#: Zones offered as buttons, from west to east.
COMMON_ZONES = (
    "Europe/Kaliningrad",
    "Europe/Kyiv",
    "Europe/Moscow",
    "Europe/Minsk",
    "Europe/Samara",
    "Asia/Yekaterinburg",
    "Asia/Almaty",
    "Asia/Omsk",
    "Asia/Novosibirsk",
    "Asia/Irkutsk",
    "Asia/Yakutsk",
    "Asia/Vladivostok",
    "Asia/Magadan",
    "Asia/Kamchatka",
)
_ZONES = available_timezones()
_BY_FOLDED = {name.casefold(): name for name in sorted(_ZONES)}
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """One chat's choices, resolved."""

    language: str
    zone: ZoneInfo
    summary_at: str | None
    """``HH:MM`` in the chat's zone; None: no daily summary."""
    hide_shorter_than: int
    """Seconds: missed calls shorter than this are not shown. 0 shows all."""

    def shows(self, call: Call) -> bool:
        """Whether a missed call is long enough to be shown. One whose length nobody told always is."""
        rang = call.ended_at - call.started_at
        waited = call.wait if call.wait is not None else rang if rang > timedelta() else None
        return waited is None or waited >= timedelta(seconds=self.hide_shorter_than)


async def of_chat(desk: Desk, tx: Tx, chat_id: int) -> ChatSettings:
    chat = await chats.get(tx, chat_id)
    return resolved(desk, chat.settings if chat else {})


def resolved(desk: Desk, chosen: dict[str, Any]) -> ChatSettings:
    """Unreadable choices (from an older version, say) count as not made."""
    zone = chosen.get("timezone")
    return ChatSettings(
        language=chosen.get("language") or desk.office.language,
        zone=ZoneInfo(zone) if zone in _ZONES else desk.office.timezone,
        summary_at=chosen.get("summary_at", SUMMARY_AT),
        hide_shorter_than=int(chosen.get("hide_shorter_than", 0)),
    )


async def choose(tx: Tx, chat_id: int, **choices: Any) -> None:
    """Change some of a chat's settings; a choice of None takes the office's value again (but for `summary_at`)."""
    chat = await chats.get(tx, chat_id)
    if chat is not None:
        await chats.change_settings(tx, chat_id, {**chat.settings, **choices})


def zone_named(text: str) -> str | None:
    """The time zone that people mean by ``Europe/Samara``, ``europe/samara`` or ``Samara``."""
    wanted = text.strip().replace(" ", "_").casefold()
    if wanted in _BY_FOLDED:
        return _BY_FOLDED[wanted]
    cities = [name for folded, name in _BY_FOLDED.items() if "/" in folded and folded.rsplit("/", 1)[1] == wanted]
    return cities[0] if len(cities) == 1 else None


def zones_like(text: str) -> list[str]:
    """Up to three zones that a mistyped one may have meant."""
    wanted = text.strip().replace(" ", "_").casefold()
    by_city = {folded.rsplit("/", 1)[1]: name for folded, name in _BY_FOLDED.items() if "/" in folded}
    near = [_BY_FOLDED[one] for one in get_close_matches(wanted, _BY_FOLDED, n=3)]
    near += [by_city[one] for one in get_close_matches(wanted, by_city, n=3)]
    return list(dict.fromkeys(near))[:3]


def time_of_day(text: str) -> str | None:
    """``18:30``, ``9.05`` or ``18`` as ``HH:MM``; None if it is no time of day."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def hidden_length(text: str) -> int | None:
    """Seconds below which missed calls are hidden, within what is allowed."""
    bare = text.strip()
    return int(bare) if re.fullmatch(r"[0-9]{1,3}", bare) and int(bare) <= HIDE_AT_MOST else None
