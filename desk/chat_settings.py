"""What a chat decides for itself; the office's values where it has not decided."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from desk.office import Desk, WorkingHours
from pbx.vocabulary import Call
from storage import chats, notices, people
from storage.database import Tx

T = TypeVar("T")
D = TypeVar("D")

#: The local time at which a chat gets its daily summary where it has not chosen one: when the working day is over.
SUMMARY_AT = "19:00"
#: Times and lengths offered as buttons; others can be typed.
SUMMARY_TIMES = ("09:00", "18:00", "19:00", "20:00", "21:00")
HIDDEN_LENGTHS = (0, 3, 5, 10)
#: Seconds. Who waited longer is a client lost, whatever the taste.
HIDE_AT_MOST = 60
#: Minutes after which a claim without an attempt lapses. 0: never.
CLAIM_MINUTES = 15
#: Stars up to which a rating counts as low.
LOW_RATING = 3
#: The local weekday and time of the weekly summary: when a manager plans the new week.
WEEKLY_AT = "mon 09:00"
WEEKLY_TIMES = ("mon 09:00", "mon 10:00", "fri 18:00", "sun 20:00")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Working hours, quiet hours and lengths of claims offered as buttons.
HOURS = (
    "Mon-Fri 09:00-18:00",
    "Mon-Fri 10:00-19:00",
    "Mon-Sat 09:00-20:00",
    "Mon-Sun 09:00-21:00",
    "Mon-Sun 00:00-24:00",
)
QUIET_HOURS = ("22:00-08:00", "21:00-09:00", "20:00-08:00", "23:00-07:00")
CLAIMS = (5, 10, 15, 30, 60, 0)
#: Minutes. Who has not called after a working day has forgotten it.
CLAIM_AT_MOST = 480
#: Stars of a rating that can be low; five never is.
LOW_RATINGS = (1, 2, 3, 4)
#: Escalations offered as buttons, and how far one may go: a step later than a day wakes nobody in time.
ESCALATIONS = ("10 responsible, 20 head, 30 managers", "5 responsible, 10 head, 15 managers", "15 managers")
STEPS_AT_MOST, LATEST_STEP = 5, 24 * 60
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


class Whom(StrEnum):
    """Whom an escalation calls upon."""

    RESPONSIBLE = "responsible"
    """The employee whom the client belongs to."""
    HEAD = "head"
    """The heads of the department that missed the call."""
    MANAGERS = "managers"
    """The chats that take this PBX's escalations; the message goes there."""


@dataclass(frozen=True, slots=True)
class Step:
    """So many minutes of working time after the first missed call, if nobody has returned it."""

    minutes: int
    whom: Whom


#: Each step calls upon nobody where there is no such person or chat, so it may be on from the start.
ESCALATION = (Step(10, Whom.RESPONSIBLE), Step(20, Whom.HEAD), Step(30, Whom.MANAGERS))


@dataclass(frozen=True, slots=True)
class Quiet:
    """Local times between which notices are held; `until` is on the next day if it is not after `since`."""

    since: time
    until: time


class Listeners(StrEnum):
    """Who may listen to recordings in a chat."""

    EVERYBODY = "everybody"
    """Whoever may read the chat."""
    EMPLOYEES = "employees"
    MANAGERS = "managers"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """One chat's choices, resolved."""

    language: str
    zone: ZoneInfo
    working_hours: WorkingHours
    summary_at: str | None = SUMMARY_AT
    """``HH:MM`` in the chat's zone; None: no daily summary."""
    weekly_at: str | None = WEEKLY_AT
    """``mon 09:00`` in the chat's zone: of the week before; None: no weekly summary."""
    hide_shorter_than: int = 0
    """Seconds: missed calls shorter than this are not shown. 0 shows all."""
    shows_outside_hours: bool = True
    """Missed calls outside `working_hours`: a client is a client at night too."""
    shows_blocked: bool = False
    """Missed calls of numbers on the PBX's blacklist: somebody has decided that they need no answer."""
    shows_internal: bool = False
    """Missed calls from our own numbers and employees: colleagues find each other otherwise."""
    claim_minutes: int = CLAIM_MINUTES
    """Minutes after which a claim without an attempt lapses. 0: never."""
    escalation: tuple[Step, ...] = ESCALATION
    quiet: Quiet | None = None
    live: bool = False
    """A message for each call from its first ring; see `desk.live_card`."""
    listeners: Listeners = Listeners.EMPLOYEES
    low_rating: int = LOW_RATING
    """Stars up to which a rating counts as low."""

    def shows(self, call: Call) -> bool:
        """Whether a missed call is long enough to be shown. One whose length nobody told always is."""
        rang = call.ended_at - call.started_at
        waited = call.wait if call.wait is not None else rang if rang > timedelta() else None
        return waited is None or waited >= timedelta(seconds=self.hide_shorter_than)


async def of_chat(desk: Desk, tx: Tx, chat_id: int) -> ChatSettings:
    chat = await chats.get(tx, chat_id)
    return resolved(desk, chat.settings if chat else {})


async def of_chats(desk: Desk, tx: Tx, chat_ids: Collection[int]) -> dict[int, ChatSettings]:
    """The same for many chats."""
    known = await chats.get_many(tx, list(chat_ids))
    return {one: resolved(desk, known[one].settings if one in known else {}) for one in chat_ids}


def resolved(desk: Desk, chosen: dict[str, Any]) -> ChatSettings:
    """Unreadable choices (from an older version, say) count as not made."""
    zone = chosen.get("timezone")
    return ChatSettings(
        language=chosen.get("language") or desk.office.language,
        zone=ZoneInfo(zone) if zone in _ZONES else desk.office.timezone,
        working_hours=_read(WorkingHours.parse, chosen.get("working_hours"), desk.office.working_hours),
        summary_at=chosen.get("summary_at", SUMMARY_AT),
        weekly_at=chosen.get("weekly_at", WEEKLY_AT),
        hide_shorter_than=int(chosen.get("hide_shorter_than", 0)),
        shows_outside_hours=bool(chosen.get("shows_outside_hours", True)),
        shows_blocked=bool(chosen.get("shows_blocked", False)),
        shows_internal=bool(chosen.get("shows_internal", False)),
        claim_minutes=int(chosen.get("claim_minutes", CLAIM_MINUTES)),
        escalation=_read(steps_of, chosen.get("escalation"), ESCALATION),
        quiet=_read(quiet_of, chosen.get("quiet"), None),
        live=bool(chosen.get("live", False)),
        listeners=_read(Listeners, chosen.get("listeners"), Listeners.EMPLOYEES),
        low_rating=int(chosen.get("low_rating", LOW_RATING)),
    )


def _read(read: Callable[[str], T], chosen: object, otherwise: D) -> T | D:
    try:
        return otherwise if chosen is None else read(str(chosen))
    except ValueError:
        return otherwise


def steps_of(text: str) -> tuple[Step, ...]:
    """``10 responsible, 20 head, 30 managers``, in the order of time; empty for no escalation. Raises ValueError."""
    parts = [part.split() for part in text.split(",") if part.strip()]
    if any(len(part) != 2 or not part[0].isascii() or not part[0].isdigit() for part in parts):
        raise ValueError(f'"{text}" should look like "10 responsible, 20 head, 30 managers"')
    return tuple(sorted((Step(int(minutes), Whom(whom)) for minutes, whom in parts), key=lambda one: one.minutes))


def quiet_of(text: str) -> Quiet:
    """``22:00-08:00``. Raises ValueError."""
    since, dash, until = text.partition("-")
    begins, ends = time_of_day(since), time_of_day(until)
    if not dash or begins is None or ends is None or begins == ends:
        raise ValueError(f'"{text}" should look like "22:00-08:00"')
    return Quiet(time.fromisoformat(begins), time.fromisoformat(ends))


async def change(desk: Desk, tx: Tx, chat_id: int, by: int, key: str, told: str, **choices: Any) -> None:
    """What somebody has chosen, and a line in the log of acts: `key` was set to `told`."""
    await choose(tx, chat_id, **choices)
    if choices.keys() & {"quiet", "timezone"}:
        await notices.look_again(tx, chat_id, desk.clock.now())  # what is held in quiet hours follows
    await write_act(desk, tx, chat_id, by, key, told)


async def write_act(desk: Desk, tx: Tx, chat_id: int, by: int, key: str, told: str) -> None:
    """In the log of acts: which setting of which chat somebody has changed, and to what."""
    chat = await chats.get(tx, chat_id)
    title = chat.title if chat and chat.title else str(chat_id)
    await people.write_act(tx, by, "settings", desk.clock.now(), about=f"{title}, {key}: {told}")


async def choose(tx: Tx, chat_id: int, **choices: Any) -> None:
    """Change some of a chat's settings; None takes the office's value again, or turns off what may be off."""
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


def weekly_of(text: str) -> str | None:
    """``Mon 9`` as ``mon 09:00``; None if it is no weekday and time."""
    day, _, rest = text.strip().partition(" ")
    at = time_of_day(rest)
    return f"{day.casefold()} {at}" if at and day.casefold() in WEEKDAYS else None


def within(text: str, least: int, most: int) -> int | None:
    """The whole number that is written, if it lies between these two."""
    bare = text.strip()
    return int(bare) if re.fullmatch(r"[0-9]{1,4}", bare) and least <= int(bare) <= most else None


def hidden_length(text: str) -> int | None:
    """Seconds below which missed calls are hidden, within what is allowed."""
    return within(text, 0, HIDE_AT_MOST)
