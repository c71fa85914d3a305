"""What `/dnd` is asked for, as typed or pressed, and how it is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.until import end_of_day, until
from handlers.chat.scene import Scene
from handlers.chat.texts import Html
from pbx.errors import PbxError, Unavailable

#: "off" lets calls through: it is do-not-disturb that is switched.
ON = frozenset({"on", "вкл", "включить", "увімк", "увімкнути"})
OFF = frozenset({"off", "выкл", "выключить", "вимк", "вимкнути"})
#: The lengths that buttons offer, as they stand in a button's data.
LENGTHS = ("30m", "1h", "day")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done: nothing but look, hold calls back (`until` a time or for good), or let them through."""

    act: str
    until: datetime | None = None


def wish_of(typed: str, sent_at: datetime, scene: Scene) -> Wish:
    """Raises `Unclear`, `TooLong`. Counted from when it was sent: the bot may have been down meanwhile."""
    word = typed.casefold()
    if word in ON:
        return Wish("off_calls")
    if word in OFF:
        return Wish("on_calls")
    return Wish("off_calls", until(typed, sent_at, scene.say.zone)) if word else Wish("look")


def chosen(act: str, scene: Scene) -> Wish:
    now = scene.desk.clock.now()
    return {
        "on": Wish("off_calls"),
        "off": Wish("on_calls"),
        "30m": Wish("off_calls", now + timedelta(minutes=30)),
        "1h": Wish("off_calls", now + timedelta(hours=1)),
        "day": Wish("off_calls", end_of_day(now, scene.say.zone)),
    }.get(act, Wish("look"))


def until_known(wish: Wish, error: PbxError) -> datetime | None:
    """When calls come back that may be off although the PBX gave no answer."""
    return wish.until if isinstance(error, Unavailable) else None


def until_words(moment: datetime, scene: Scene) -> Html:
    """``until 15:00``, ``until tomorrow 09:00``, ``until midnight``, ``until 21 March 09:00``."""
    say, now = scene.say, scene.desk.clock.now()
    local, today = moment.astimezone(say.zone), now.astimezone(say.zone).date()
    if moment == end_of_day(now, say.zone):
        return say("until midnight")
    if local.date() == today:
        return say("until {time}", time=say.clock(moment))
    if local.date() == today + timedelta(days=1):
        return say("until tomorrow {time}", time=say.clock(moment))
    return say("until {day} {time}", day=say.day(moment), time=say.clock(moment))
