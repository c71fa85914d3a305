"""Each choice of `/settings`: how it is typed and pressed, and what to say about a value that can't be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from desk import chat_settings
from desk.chat_settings import CLAIM_AT_MOST, HIDE_AT_MOST, LATEST_STEP, LOW_RATINGS, STEPS_AT_MOST, Listeners, Whom
from desk.office import WorkingHours
from handlers.chat import weekdays
from handlers.chat.texts import LANGUAGES, Html, Texts

#: What turns a thing on or off, in the languages people type it in.
ON = ("on", "вкл", "увімк", "yes", "да", "так")
OFF = ("off", "выкл", "вимк", "no", "нет", "ні")
#: What takes the office's own value again.
OFFICE = ("office", "офис", "офіс")
#: Whom an escalation calls upon, as people write it.
_WHOM = {
    **{one.value: one for one in Whom},
    **dict.fromkeys(("ответственный", "ответственного", "відповідальний", "відповідального"), Whom.RESPONSIBLE),
    **dict.fromkeys(("начальник", "начальника", "керівник", "керівника"), Whom.HEAD),
    **dict.fromkeys(("руководители", "руководителей", "керівники", "керівників"), Whom.MANAGERS),
}
#: Who may listen, likewise.
_LISTENERS = {
    **{one.value: one for one in Listeners},
    **dict.fromkeys(("все", "усі"), Listeners.EVERYBODY),
    **dict.fromkeys(("сотрудники", "співробітники"), Listeners.EMPLOYEES),
    **dict.fromkeys(("руководители", "керівники"), Listeners.MANAGERS),
    **dict.fromkeys(("никто", "ніхто"), Listeners.NOBODY),
}


class Wrong(Exception):
    """The value can't be; `words` say what can, with an example."""

    def __init__(self, words: Html) -> None:
        super().__init__(str(words))
        self.words = words


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing a chat decides: `field` of its settings, how a value is read, and how it is typed.

    A button's value can't hold a colon: times in it are written with a dot, which people may type too.
    """

    field: str
    read: Callable[[str, Texts], Any]
    example: str


def language(value: str, say: Texts) -> str:
    code = value.casefold()
    if code not in LANGUAGES:
        allowed = ", ".join(f"{one} ({name})" for one, name in LANGUAGES.items())
        raise Wrong(say("I speak: {languages}. Send, for example, /settings language ru", languages=allowed))
    return code


def zone(value: str, say: Texts) -> str:
    found = chat_settings.zone_named(value)
    if found is None and (near := chat_settings.zones_like(value)):
        raise Wrong(say("There is no time zone “{name}”. Did you mean {zones}?", name=value, zones=", ".join(near)))
    if found is None:
        raise Wrong(
            say("There is no time zone “{name}”. Send, for example, /settings timezone Europe/Samara", name=value)
        )
    return found


def hours(value: str, say: Texts) -> str | None:
    """None: the office's."""
    if value.casefold() in OFFICE:
        return None
    written = ", ".join(part.strip().title() for part in weekdays.plain(value).replace(".", ":").split(","))
    try:
        WorkingHours.parse(written)
    except ValueError:
        raise Wrong(
            say(
                "“{value}” are no working hours. Send, for example, /settings hours Mon-Fri 09:00-18:00, "
                "Sat 10:00-15:00, or /settings hours office for those of the office",
                value=value,
            )
        ) from None
    return written


def quiet(value: str, say: Texts) -> str | None:
    if value.casefold() in OFF:
        return None
    try:
        held = chat_settings.quiet_of(value.replace("–", "-"))
    except ValueError:
        raise Wrong(
            say(
                "“{value}” are no quiet hours. Send, for example, /settings quiet 22:00-08:00, "
                "or /settings quiet off",
                value=value,
            )
        ) from None
    return f"{held.since:%H:%M}-{held.until:%H:%M}"


def summary(value: str, say: Texts) -> str | None:
    at = chat_settings.time_of_day(value)
    if at is None and value.casefold() not in OFF:
        raise Wrong(
            say(
                "“{value}” is no time of day. Send, for example, /settings summary 18:30, or /settings summary off",
                value=value,
            )
        )
    return at


def weekly(value: str, say: Texts) -> str | None:
    at = chat_settings.weekly_of(weekdays.plain(value))
    if at is None and value.casefold() not in OFF:
        raise Wrong(
            say(
                "“{value}” is no weekday and time. Send, for example, /settings weekly Mon 09:00, "
                "or /settings weekly off",
                value=value,
            )
        )
    return at


def short(value: str, say: Texts) -> int:
    seconds = chat_settings.hidden_length(value)
    if seconds is None:
        raise Wrong(
            say(
                "Send a number of seconds from 0 to {most}, for example /settings short 5. "
                "0 shows every missed call.",
                most=HIDE_AT_MOST,
            )
        )
    return seconds


def claim(value: str, say: Texts) -> int:
    minutes = 0 if value.casefold() in OFF else chat_settings.within(value, 0, CLAIM_AT_MOST)
    if minutes is None:
        raise Wrong(
            say(
                "Send a number of minutes from 0 to {most}, for example /settings claim 20. "
                "0: what somebody has taken stays theirs.",
                most=CLAIM_AT_MOST,
            )
        )
    return minutes


def escalation(value: str, say: Texts) -> str:
    """Empty: none."""
    if value.casefold() in OFF:
        return ""
    parts = [part.split() for part in value.split(",") if part.strip()]
    written = ", ".join(" ".join(_WHOM.get(word.casefold(), word) for word in part) for part in parts)
    try:
        steps = chat_settings.steps_of(written)
    except ValueError:
        steps = ()
    if not steps or len(steps) > STEPS_AT_MOST or not 1 <= steps[0].minutes <= steps[-1].minutes <= LATEST_STEP:
        raise Wrong(
            say(
                "“{value}” is no escalation. Send minutes and whom to call upon (responsible, head or managers), "
                "{steps} steps at most, for example /settings escalation 10 responsible, 20 head, 30 managers; "
                "or /settings escalation off",
                value=value,
                steps=STEPS_AT_MOST,
            )
        )
    return ", ".join(f"{one.minutes} {one.whom}" for one in steps)


def listeners(value: str, say: Texts) -> str:
    found = _LISTENERS.get(value.casefold())
    if found is None:
        raise Wrong(
            say(
                "Who may listen to recordings: everybody, employees, managers or nobody. "
                "Send, for example, /settings listen managers"
            )
        )
    return found.value


def low(value: str, say: Texts) -> int:
    stars = chat_settings.within(value, min(LOW_RATINGS), max(LOW_RATINGS))
    if stars is None:
        raise Wrong(
            say(
                "Send a number of stars from {least} to {most}, for example /settings low 3. "
                "So many stars or fewer count as low.",
                least=min(LOW_RATINGS),
                most=max(LOW_RATINGS),
            )
        )
    return stars


def switch(key: str) -> Callable[[str, Texts], bool]:
    """On or off."""

    def read(value: str, say: Texts) -> bool:
        if value.casefold() not in ON + OFF:
            raise Wrong(say("Send /settings {key} on, or /settings {key} off.", key=key))
        return value.casefold() in ON

    return read


#: By the word that is typed, which is also what buttons hold.
CHOICES = {
    "language": Choice("language", language, "ru"),
    "timezone": Choice("timezone", zone, "Europe/Samara"),
    "hours": Choice("working_hours", hours, "Mon-Fri 09:00-18:00"),
    "quiet": Choice("quiet", quiet, "22:00-08:00"),
    "summary": Choice("summary_at", summary, "18:30"),
    "weekly": Choice("weekly_at", weekly, "Mon 09:00"),
    "short": Choice("hide_shorter_than", short, "5"),
    "night": Choice("shows_outside_hours", switch("night"), "on"),
    "blocked": Choice("shows_blocked", switch("blocked"), "off"),
    "internal": Choice("shows_internal", switch("internal"), "off"),
    "claim": Choice("claim_minutes", claim, "15"),
    "escalation": Choice("escalation", escalation, "10 responsible, 20 head, 30 managers"),
    "live": Choice("live", switch("live"), "on"),
    "listen": Choice("listeners", listeners, "managers"),
    "low": Choice("low_rating", low, "3"),
}
#: What is a person's own, in private: `people.settings`.
OWN_CARDS = "mycards"
own_cards = switch(OWN_CARDS)
#: What anybody chooses for themselves in private.
PERSONAL = frozenset({"language", "timezone"})


def told(key: str, value: object) -> str:
    """A value in the log of acts."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None and key == "hours":
        return "office"
    return "off" if value in (None, "") else str(value)
