"""What `/settings` shows: the choices as they are, and a menu for each. A binding's are in `settings_bindings`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from babel.dates import get_timezone_location

from desk.chat_settings import (
    CLAIMS,
    COMMON_ZONES,
    ESCALATIONS,
    HIDDEN_LENGTHS,
    HOURS,
    LOW_RATINGS,
    QUIET_HOURS,
    SUMMARY_TIMES,
    WEEKLY_TIMES,
    ChatSettings,
    Listeners,
    Quiet,
    Step,
    Whom,
    quiet_of,
    steps_of,
)
from desk.ledger import KINDS
from desk.office import WorkingHours
from handlers.chat import weekdays
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
    office_hours: WorkingHours
    own_cards: bool | None = None
    """Whether the cards of one's clients come in private too; None: that is nothing to choose here."""


Rendered = tuple[Html, InlineKeyboardMarkup | None]


def page(page: Page, key: str = "") -> Rendered:
    """The overview, or the menu of one choice."""
    return _MENUS.get(key, _overview)(page)


def menu_of(key: str) -> str:
    """The menu that stays open once `key` was chosen: that of several switches; else the overview."""
    return _STAYS.get(key, "")


# The overview


def _overview(page: Page) -> Rendered:
    say, chosen = page.say, page.chosen
    lines = [
        say("⚙️ <b>Your settings</b>") if page.is_private else say("⚙️ <b>Settings of this chat</b>"),
        say("🌐 Language: {language}", language=LANGUAGES[say.language]),
        say("🕒 Time zone: {zone}, now {time}", zone=_zone_name(chosen.zone.key, say), time=say.clock(page.now)),
    ]
    keys = [[_open(say("🌐 Language"), "language"), _open(say("🕒 Time zone"), "timezone")]]
    if page.own_cards is not None:
        lines.append(_own_cards_line(page))
        keys.append([_switch(say("👤 Cards of my clients"), "mycards", is_on=page.own_cards)])
    if page.bound:
        lines += _chat_lines(page)
        keys += _chat_keys(say)
    elif not page.is_private:
        lines.append(say("No PBX is connected here yet: an administrator sends /connect."))
    return joined(*lines), rows(*keys)


def _own_cards_line(page: Page) -> Html:
    if page.own_cards:
        return page.say("👤 Cards of your clients come here too, not only to the team's chat")
    return page.say("👤 Cards of your clients come to the team's chat only")


def _chat_lines(page: Page) -> list[Html]:
    say, chosen = page.say, page.chosen
    return [
        say("🗓 Working hours: {hours}", hours=weekdays.hours(chosen.working_hours, say)),
        say("🌙 Quiet hours: {hours}", hours=quiet_name(chosen.quiet, say)),
        say("📊 Summaries: daily {daily}, weekly {weekly}", daily=_daily(chosen, say), weekly=_weekly(chosen, say)),
        say("🙈 Missed calls hidden: {what}", what=_hidden(chosen, say)),
        say("🙋 “Mine” holds: {span}", span=_claim(chosen.claim_minutes, say)),
        say("⏰ Escalation: {steps}", steps=escalation_name(chosen.escalation, say)),
        say(
            "🎧 Calls: live card {live}; recordings for {who}; low is up to {stars} ★",
            live=_on(chosen.live, say),
            who=listeners_name(chosen.listeners, say),
            stars=chosen.low_rating,
        ),
        *[binding_line(page, one) for one in page.bound],
    ]


def _chat_keys(say: Texts) -> list[list[InlineKeyboardButton]]:
    return [
        [_open(say("🗓 Working hours"), "hours"), _open(say("🌙 Quiet hours"), "quiet")],
        [_open(say("📊 Summaries"), "summaries"), _open(say("🙈 Missed calls"), "missed")],
        [_open(say("🙋 Mine"), "claim"), _open(say("⏰ Escalation"), "escalation")],
        [_open(say("🎧 Calls"), "calls"), _open(say("🔔 Notices"), "kinds")],
    ]


def binding_line(page: Page, one: Binding) -> Html:
    """What a binding takes, in a line."""
    say = page.say
    wanted = [kind_name(kind, say) for kind in KINDS if kind in one.notices]
    return say("🔔 {pbx}: {kinds}", pbx=one.pbx_id, kinds=Html(", ").join(wanted) if wanted else say("nothing"))


# Values in words


def kind_name(kind: str, say: Texts) -> Html:
    """A kind of notice in words."""
    return {
        "missed": say("missed calls"),
        "ratings": say("ratings"),
        "summary": say("summaries"),
        "lines": say("lines that are down"),
        "low_ratings": say("low ratings"),
        "escalations": say("escalations"),
    }[kind]


def quiet_name(quiet: Quiet | None, say: Texts) -> Html:
    """``22:00–08:00``, or that there are none."""
    return say("{since}–{until}", since=f"{quiet.since:%H:%M}", until=f"{quiet.until:%H:%M}") if quiet else say("off")


def whom_name(whom: Whom, say: Texts) -> Html:
    """Whom an escalation calls upon."""
    return {
        Whom.RESPONSIBLE: say("the responsible"),
        Whom.HEAD: say("the head"),
        Whom.MANAGERS: say("the managers' chat"),
    }[whom]


def escalation_name(steps: Sequence[Step], say: Texts) -> Html:
    """``10 min the responsible, 20 min the head``."""
    told = [say("{n} min {whom}", n=one.minutes, whom=whom_name(one.whom, say)) for one in steps]
    return Html(", ").join(told) if told else say("off")


def listeners_name(listeners: Listeners, say: Texts) -> Html:
    """Who may listen."""
    return {
        Listeners.EVERYBODY: say("everybody here"),
        Listeners.EMPLOYEES: say("employees"),
        Listeners.MANAGERS: say("managers"),
        Listeners.NOBODY: say("no one"),
    }[listeners]


def _daily(chosen: ChatSettings, say: Texts) -> Html:
    return Html.escape(chosen.summary_at) if chosen.summary_at else say("off")


def _weekly(chosen: ChatSettings, say: Texts) -> Html:
    return Html.escape(weekdays.weekly(chosen.weekly_at, say)) if chosen.weekly_at else say("off")


def _hidden(chosen: ChatSettings, say: Texts) -> Html:
    parts = [
        _shorter(chosen.hide_shorter_than, say) if chosen.hide_shorter_than else None,
        None if chosen.shows_outside_hours else say("outside working hours"),
        None if chosen.shows_blocked else say("of blocked numbers"),
        None if chosen.shows_internal else say("of colleagues"),
    ]
    told = [part for part in parts if part]
    return Html(", ").join(told) if told else say("none")


def _shorter(seconds: int, say: Texts) -> Html:
    return say("shorter than {n} s", n=seconds) if seconds else say("none")


def _claim(minutes: int, say: Texts) -> Html:
    return say("{n} min without an attempt", n=minutes) if minutes else say("until it is given back")


def _on(is_on: bool, say: Texts) -> Html:
    return say("on") if is_on else say("off")


def _zone_name(zone: str, say: Texts) -> str:
    return f"{_city(zone, say)} ({zone})"


def _city(zone: str, say: Texts) -> str:
    if zone == "Europe/Kyiv":  # renamed in the zone database later than in Babel's translations
        return str(say("Kyiv"))
    return get_timezone_location(ZoneInfo(zone), locale=say.language, return_city=True)


# The menus


def _languages(page: Page) -> Rendered:
    keys = [_choose(name, "language", code, code == page.say.language) for code, name in LANGUAGES.items()]
    return page.say("🌐 Which language should I speak here?"), rows(keys, back(page.say))


def _zones(page: Page) -> Rendered:
    zones = list(dict.fromkeys((page.office_zone, page.chosen.zone.key, *COMMON_ZONES)))
    keys = [_choose(_zone_key(zone, page), "timezone", zone, zone == page.chosen.zone.key) for zone in zones]
    text = joined(
        page.say("🕒 Which time zone is this chat in?"),
        page.say("Another one: send it like /settings timezone Asia/Tashkent"),
    )
    return text, rows(*in_rows(keys, 2), back(page.say))


def _zone_key(zone: str, page: Page) -> str:
    return f"{_city(zone, page.say)} {page.now.astimezone(ZoneInfo(zone)):%H:%M}"


def _hours(page: Page) -> Rendered:
    say, now = page.say, page.chosen.working_hours
    offered = {one: WorkingHours.parse(one) for one in HOURS}
    keys = [
        _choose(weekdays.hours(worked, say), "hours", one.replace(":", "."), worked == now)
        for one, worked in offered.items()
    ]
    office = say("as the office: {hours}", hours=weekdays.hours(page.office_hours, say))
    keys.append(_choose(office, "hours", "office", now == page.office_hours and now not in offered.values()))
    text = joined(
        say("🗓 When does this team work? Escalations count these hours."),
        say("Other: send it like /settings hours Mon-Fri 09:00-18:00, Sat 10:00-15:00"),
    )
    return text, rows(*in_rows(keys, 1), back(say))


def _quiet(page: Page) -> Rendered:
    say, now = page.say, page.chosen.quiet
    offered = {one: quiet_of(one) for one in QUIET_HOURS}
    keys = [
        _choose(quiet_name(quiet, say), "quiet", one.replace(":", "."), quiet == now)
        for one, quiet in offered.items()
    ]
    keys.append(_choose(say("off"), "quiet", "off", now is None))
    text = joined(
        say("🌙 When should this chat stay quiet?"),
        say("What comes meanwhile waits, and is shown in one message when the quiet is over."),
        say("Other: send it like /settings quiet 22:00-08:00"),
    )
    return text, rows(*in_rows(keys, 2), back(say))


def _summaries(page: Page) -> Rendered:
    say, chosen = page.say, page.chosen
    keys = [
        [_open(say("📊 Daily: {at}", at=_daily(chosen, say)), "summary")],
        [_open(say("🗓 Weekly: {at}", at=_weekly(chosen, say)), "weekly")],
    ]
    return say("📊 Which summaries should come, and when?"), rows(*keys, back(say))


def _summary(page: Page) -> Rendered:
    say, at = page.say, page.chosen.summary_at
    keys = [_choose(one, "summary", one.replace(":", "."), one == at) for one in SUMMARY_TIMES]
    keys.append(_choose(say("off"), "summary", "off", at is None))
    text = joined(
        say("📊 When should the daily summary come?"), say("Another time: send it like /settings summary 18:30")
    )
    return text, rows(*in_rows(keys, 3), back(say, "summaries"))


def _week(page: Page) -> Rendered:
    say, at = page.say, page.chosen.weekly_at
    keys = [_choose(weekdays.weekly(one, say), "weekly", one.replace(":", "."), one == at) for one in WEEKLY_TIMES]
    keys.append(_choose(say("off"), "weekly", "off", at is None))
    text = joined(
        say("🗓 When should the summary of the week before come?"),
        say("Another time: send it like /settings weekly Mon 09:30"),
    )
    return text, rows(*in_rows(keys, 2), back(say, "summaries"))


def _missed(page: Page) -> Rendered:
    say, chosen = page.say, page.chosen
    short = say("⏱ Short ones hidden: {what}", what=_shorter(chosen.hide_shorter_than, say))
    keys = [
        [_open(short, "short")],
        [_switch(say("outside working hours"), "night", is_on=chosen.shows_outside_hours)],
        [_switch(say("of blocked numbers"), "blocked", is_on=chosen.shows_blocked)],
        [_switch(say("of colleagues"), "internal", is_on=chosen.shows_internal)],
    ]
    text = joined(say("🙈 Which missed calls should be shown here?"), say("Hidden ones still count in summaries."))
    return text, rows(*keys, back(say))


def _short_calls(page: Page) -> Rendered:
    say, now = page.say, page.chosen.hide_shorter_than
    keys = [_choose(_shorter(one, say), "short", str(one), one == now) for one in HIDDEN_LENGTHS]
    text = joined(
        say("🙈 Which missed calls should be hidden here?"),
        say("They still count, and a longer call of the same client shows the card. Other: /settings short 7"),
    )
    return text, rows(*in_rows(keys, 2), back(say, "missed"))


def _claims(page: Page) -> Rendered:
    say, now = page.say, page.chosen.claim_minutes
    names = [say("{n} min", n=one) if one else say("until it is given back") for one in CLAIMS]
    keys = [_choose(name, "claim", str(one), one == now) for name, one in zip(names, CLAIMS, strict=True)]
    text = joined(
        say("🙋 Who pressed “Mine” and has not called for so long loses the card, and anybody may take it."),
        say("Other: send it like /settings claim 20"),
    )
    return text, rows(keys[:3], *in_rows(keys[3:], 2), back(say))


def _escalation(page: Page) -> Rendered:
    say, now = page.say, page.chosen.escalation
    offered = {one: steps_of(one) for one in ESCALATIONS}
    keys = [_choose(escalation_name(steps, say), "escalation", one, steps == now) for one, steps in offered.items()]
    keys.append(_choose(say("off"), "escalation", "off", not now))
    text = joined(
        say("⏰ Whom should I call upon when a missed call is not returned? Minutes of working time."),
        say("Now: {steps}", steps=escalation_name(now, say)),
        say("Other: send it like /settings escalation 10 responsible, 20 head, 30 managers"),
    )
    return text, rows(*in_rows(keys, 1), back(say))


def _calls(page: Page) -> Rendered:
    say, chosen = page.say, page.chosen
    keys = [
        [_switch(say("a live card for each call"), "live", is_on=chosen.live)],
        [_open(say("🎧 Recordings: {who}", who=listeners_name(chosen.listeners, say)), "listen")],
        [_open(say("⭐ Low rating: up to {n} ★", n=chosen.low_rating), "low")],
    ]
    text = joined(
        say("🎧 What should be shown about calls?"),
        say("A live card is one message for each call, from its first ring; in a busy chat that is a lot."),
    )
    return text, rows(*keys, back(say))


def _listeners(page: Page) -> Rendered:
    say, now = page.say, page.chosen.listeners
    keys = [_choose(listeners_name(one, say), "listen", one.value, one is now) for one in Listeners]
    return say("🎧 Who may listen to recordings here?"), rows(*in_rows(keys, 2), back(say, "calls"))


def _low(page: Page) -> Rendered:
    say, now = page.say, page.chosen.low_rating
    keys = [_choose(say("up to {n} ★", n=one), "low", str(one), one == now) for one in LOW_RATINGS]
    return say("⭐ Which ratings count as low?"), rows(*in_rows(keys, 2), back(say, "calls"))


_MENUS: dict[str, Callable[[Page], Rendered]] = {
    "language": _languages,
    "timezone": _zones,
    "hours": _hours,
    "quiet": _quiet,
    "summaries": _summaries,
    "summary": _summary,
    "weekly": _week,
    "missed": _missed,
    "short": _short_calls,
    "claim": _claims,
    "escalation": _escalation,
    "calls": _calls,
    "listen": _listeners,
    "low": _low,
}
#: After a choice, the menu that it was opened from, where that is not the overview.
_STAYS = {
    "summary": "summaries",
    "weekly": "summaries",
    "short": "missed",
    "night": "missed",
    "blocked": "missed",
    "internal": "missed",
    "live": "calls",
    "listen": "calls",
    "low": "calls",
}


# Buttons


def _open(text: str, key: str) -> InlineKeyboardButton:
    return button(text, SettingsPress(key=key))


def _choose(text: str, key: str, value: str, is_chosen: bool) -> InlineKeyboardButton:
    plain = str(text.unescape()) if isinstance(text, Html) else text
    return button(f"✓ {plain}" if is_chosen else plain, SettingsPress(key=key, value=value))


def _switch(text: Html, key: str, *, is_on: bool) -> InlineKeyboardButton:
    """It says what the press makes of it: pressed twice by two people, it is switched once."""
    mark, value = ("✅", "off") if is_on else ("▫️", "on")
    return button(f"{mark} {text.unescape()}", SettingsPress(key=key, value=value))


def back(say: Texts, key: str = "main") -> list[InlineKeyboardButton]:
    """To the overview, or the menu that this one was opened from."""
    return [_open(say("‹ Back"), key)]


def in_rows(keys: list[InlineKeyboardButton], columns: int) -> list[list[InlineKeyboardButton]]:
    """So many in each row."""
    return [keys[at : at + columns] for at in range(0, len(keys), columns)]
