"""Whom an escalation has called upon, in the words of a card."""

from datetime import datetime

from desk.called_upon import CalledUpon
from desk.chat_settings import Whom
from handlers.chat.texts import Html, Texts


def lines(called: tuple[CalledUpon, ...], say: Texts, now: datetime) -> list[Html]:
    return [_line(one, say, now) for one in called]


def _line(one: CalledUpon, say: Texts, now: datetime) -> Html:
    time = say.clock(one.at) if say.day(one.at) == say.day(now) else say.when(one.at, now)
    if one.whom is Whom.MANAGERS:
        return say("⏰ {time}: the managers were called upon", time=time)
    about = {"time": time, "names": ", ".join(person.name for person in one.who), "whom": _whom(one.whom, say)}
    return say.count(
        "⏰ {time}: {names} was called upon ({whom})",
        "⏰ {time}: {names} were called upon ({whom})",
        len(one.who),
        **about,
    )


def _whom(whom: Whom, say: Texts) -> Html:
    return say("responsible") if whom is Whom.RESPONSIBLE else say("head of the department")
