"""The log of acts in words: the last lines of it for `/status`, and page by page for administrators."""

from collections.abc import Callable
from datetime import date, datetime

from aiogram import Router
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from desk import act_log, chat_settings
from desk.access import Rank
from desk.act_log import Entry
from desk.chat_settings import Listeners, quiet_of, steps_of
from desk.ledger import KINDS
from desk.office import WorkingHours
from desk.periods import A_DAY, Days
from handlers.chat import acting, reading, weekdays
from handlers.chat.buttons import ActLogPress, StatusPress, button, rows
from handlers.chat.roles import role_name
from handlers.chat.scene import Scene
from handlers.chat.settings_page import escalation_name, kind_name, listeners_name, quiet_name
from handlers.chat.summary_text import of_days
from handlers.chat.texts import LANGUAGES, Html, Texts, joined
from storage import people

#: Acts on a page.
PAGE = 15


def router() -> Router:
    made = Router(name="acts")
    made.callback_query.register(turn, ActLogPress.filter())
    return made


def key(say: Texts) -> InlineKeyboardButton:
    """The button that opens the log."""
    return button(say("📜 Log"), ActLogPress(n=0))


async def turn(_: object, callback_data: ActLogPress, scene: Scene) -> None:
    """A page, in place of the one that is there."""
    if scene.who.rank < Rank.ADMIN:
        await acting.refuse(scene, acting.only_admins(scene.say))
        return
    say, desk, now = scene.say, scene.desk, scene.desk.clock.now()
    async with desk.db.read() as tx:
        number, count = reading.page_of(callback_data.n, PAGE, await people.count_acts(tx))
        found = await act_log.last(desk, tx, PAGE, number * PAGE)
    text = joined(
        say("📜 <b>Log of acts</b>"),
        *(line(one, say, now) for one in found),
        None if found else say("Nobody has done anything yet."),
        say("Page {page} of {pages}", page=number + 1, pages=count) if count > 1 else None,
    )
    turning = reading.turning(number, count, lambda to: ActLogPress(n=to))
    await acting.answer(scene, text, _keys(say, turning))


def _keys(say: Texts, turning: list[InlineKeyboardButton]) -> InlineKeyboardMarkup | None:
    return rows(turning, [button(say("« Status"), StatusPress(act="again"))])


def line(one: Entry, say: Texts, now: datetime) -> Html:
    """``today 12:05, Igor: took a case · Maria Petrova, +7 910 123-45-67``"""
    about = _about(one, say, now)
    said = say("{when}, {who}: {what}", when=say.when(one.at, now), who=one.who, what=what(one.what, say))
    parts = [said, about, say("PBX {pbx}", pbx=one.pbx_name) if one.pbx_name else None]
    return Html(" · ").join(part for part in parts if part)


def what(name: str, say: Texts) -> Html:
    """What somebody did, in words; by its name in the log where there are none."""
    known = {
        "call": say("call"),
        "claim": say("took a case"),
        "release": say("gave a case back"),
        "hand_over": say("handed a case over"),
        "hang_up": say("ended a call"),
        "handled": say("closed a case by hand"),
        "reopen": say("opened a case again"),
        "link": say("link"),
        "unlink": say("end of a link"),
        "refuse_link": say("refused a link"),
        "role": say("gave a role"),
        "connect": say("connected a chat"),
        "disconnect": say("disconnected a chat"),
        "settings": say("changed a setting"),
        "dnd": say("do not disturb"),
        "block": say("blocked a number"),
        "unblock": say("unblocked a number"),
        "anonymous": say("hidden numbers"),
        "contact": say("named a client"),
        "contacts": say("imported contacts"),
        "export": say("took calls out as a file"),
        "contacts_out": say("took contacts out as a file"),
        "department": say("people of a department"),
        "number": say("one of our numbers"),
        "recording": say("whose calls are recorded"),
        "listen": say("asked for a recording"),
        "transcript": say("asked for the text of a call"),
        "retry": say("failed events tried again"),
        "note": say("wrote a note"),
        "note_out": say("removed a note"),
        "note_at_pbx": say("wrote a note at the PBX"),
        "forget": say("removed all about a client"),
    }
    return known.get(name, Html.escape(name))


def _about(one: Entry, say: Texts, now: datetime) -> Html | None:
    if one.what == "settings":
        return _setting(one, say)
    if one.what == "export" and (exported := _exported(one, say, now)):
        return exported
    client = say.number(one.client) if one.client else None
    named = say("{name}, {number}", name=one.client_name, number=client) if one.client_name and client else client
    parts = [Html.escape(part) for part in (named, one.about) if part]
    subject = Html(", ").join(parts)
    if not one.value:
        return subject or None
    return say("{subject}: {value}", subject=subject, value=_value(one, say))


def _exported(one: Entry, say: Texts, now: datetime) -> Html | None:
    """``1 November – 15 November: 40 calls``, days of the chat that asked. None for what another version wrote."""
    try:
        first, last = map(date.fromisoformat, one.about.split())
        calls = say.count("{n} call", "{n} calls", int(one.value))
    except ValueError:
        return None
    return say("{subject}: {value}", subject=of_days(Days(first, last + A_DAY), say, now), value=calls)


def _value(one: Entry, say: Texts) -> Html:
    if one.what == "role":
        return say("as the PBX says") if one.value == "by the PBX" else role_name(one.value, say)
    if one.what == "dnd":
        return {"on": say("calls come through"), "off": say("calls are held back")}.get(
            one.value, Html.escape(one.value)
        )
    return _word(one.value, say)


def _word(value: str, say: Texts) -> Html:
    known = {
        "on": say("on"),
        "off": say("off"),
        "added": say("added"),
        "taken out": say("taken out"),
        "refused": say("refused"),
        "taken": say("taken"),
        "office": say("as the office has it"),
        "all": say("all"),
    }
    return known.get(value, Html.escape(value))


def _setting(one: Entry, say: Texts) -> Html:
    """``Sales: quiet hours — 22:00–08:00``. A chat's title may hold anything: the setting's name comes last."""
    title, _, name = one.about.rpartition(", ")
    key, _, pbx_id = name.partition(" ")
    read = _SETTINGS.get(key)
    try:
        value = read(one.value, say) if read and one.value not in ("off", "office") else _word(one.value, say)
    except ValueError:  # written by another version
        value = Html.escape(one.value)
    shown = say("{name} {pbx}", name=setting_name(key, say), pbx=pbx_id) if pbx_id else setting_name(key, say)
    return say("{chat}: {setting} — {value}", chat=title, setting=shown, value=value)


def setting_name(key: str, say: Texts) -> Html:
    """A setting in a word or two."""
    known = {
        "language": say("language"),
        "timezone": say("time zone"),
        "hours": say("working hours"),
        "quiet": say("quiet hours"),
        "summary": say("daily summary"),
        "weekly": say("weekly summary"),
        "short": say("short calls hidden, seconds"),
        "night": say("calls outside working hours"),
        "blocked": say("calls of blocked numbers"),
        "internal": say("calls of colleagues"),
        "claim": say("minutes that “mine” holds"),
        "escalation": say("escalation"),
        "live": say("live card"),
        "listen": say("who may listen"),
        "low": say("stars that count as low"),
        "mycards": say("cards of one's own clients in private"),
        "notices": say("notices of PBX"),
        "departments": say("departments of PBX"),
        "numbers": say("our numbers of PBX"),
    }
    return known.get(key, Html.escape(key))


def _kinds(value: str, say: Texts) -> Html:
    return Html(", ").join(kind_name(kind, say) for kind in value.split(", ") if kind in KINDS)


#: How the value of a setting is said, where it is no plain word or number.
_SETTINGS: dict[str, Callable[[str, Texts], Html]] = {
    "language": lambda value, say: Html.escape(LANGUAGES.get(value, value)),
    "hours": lambda value, say: weekdays.hours(WorkingHours.parse(value), say),
    "quiet": lambda value, say: quiet_name(quiet_of(value), say),
    "weekly": lambda value, say: Html.escape(weekdays.weekly(chat_settings.weekly_of(value) or value, say)),
    "escalation": lambda value, say: escalation_name(steps_of(value), say),
    "listen": lambda value, say: listeners_name(Listeners(value), say),
    "notices": _kinds,
    "live": _word,
    "night": _word,
    "blocked": _word,
    "internal": _word,
    "mycards": _word,
}
