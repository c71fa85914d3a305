"""Claims in words: who takes care of a case, until when, and whose claim has ended."""

from datetime import datetime, timedelta
from typing import Any

from aiogram.types import InlineKeyboardMarkup

from desk.case_view import CaseView
from desk.views import PlainView
from handlers.chat.buttons import CasePress, button, rows
from handlers.chat.texts import Html, Texts, joined


def lines(view: CaseView, say: Texts, now: datetime) -> list[Html]:
    """What a card says about claims: whose ended last, and who has it. Nothing once the case is closed."""
    told = (_ended(view, say, now), held(view, say, now)) if view.state.is_open else ()
    return [line for line in told if line]


def held(view: CaseView, say: Texts, now: datetime) -> Html | None:
    """Who has it, since when and until when; None if nobody has."""
    case = view.case
    if view.claimed_by is None or case.claimed_at is None:
        return None
    since = _time(case.claimed_at, say, now)
    parts = [
        say("🙋 {name} takes care of it since {time}", name=view.claimed_by, time=since),
        say("until {time}", time=_time(case.claim_until, say, now)) if case.claim_until else None,
        say("from {name}", name=view.handed_by) if view.handed_by else None,
    ]
    return Html(", ").join(part for part in parts if part)


def _ended(view: CaseView, say: Texts, now: datetime) -> Html | None:
    case = view.case
    if view.lapsed_by is None or case.lapsed_at is None:
        return None
    about = {"time": _time(case.lapsed_at, say, now), "name": view.lapsed_by}
    if case.released_by is None:
        span = say.duration(timedelta(minutes=case.claim_minutes or 0))
        return say("⌛ {time}: {name}'s claim lapsed, no attempt in {span}", span=span, **about)
    if case.released_by == case.lapsed_by:
        return say("🙅 {time}: {name} gave it back", **about)
    return say("🙅 {time}: {by} ended {name}'s claim", by=view.released_by or "?", **about)


def _time(moment: datetime, say: Texts, now: datetime) -> str | Html:
    """The time of day, with the day if it is another one."""
    return say.clock(moment) if say.day(moment) == say.day(now) else say.when(moment, now)


# In private


def lapsed(view: PlainView, say: Texts, now: datetime) -> tuple[Html, InlineKeyboardMarkup | None]:
    """To the one whose claim it was."""
    data = view.data
    text = say(
        "⌛ {name}, your claim on {client} has lapsed: no attempt in {span}. Anybody may take it now.",
        name=data["name"],
        client=_client(data, say),
        span=say.duration(timedelta(minutes=data["minutes"])),
    )
    return joined(text, _pbx(data, say)), _keys(data, say, can_call=False)


def handed_over(view: PlainView, say: Texts, now: datetime) -> tuple[Html, InlineKeyboardMarkup | None]:
    """To the one who has it now."""
    data = view.data
    until = datetime.fromisoformat(data["until"]) if data["until"] else None
    text = joined(
        say("👉 {by} has handed a client over to you: {client}.", by=data["by"], client=_client(data, say)),
        say("It is yours until {time}, and longer once you try to call.", time=_time(until, say, now))
        if until
        else None,
        _pbx(data, say),
    )
    return text, _keys(data, say, can_call=data["can_call"])


def _client(data: dict[str, Any], say: Texts) -> Html | str:
    number = say.number(data["client"])
    return say("{name}, {number}", name=data["client_name"], number=number) if data["client_name"] else number


def _pbx(data: dict[str, Any], say: Texts) -> Html | None:
    return say("PBX {pbx}", pbx=data["pbx"]) if data["pbx"] else None


def _keys(data: dict[str, Any], say: Texts, *, can_call: bool) -> InlineKeyboardMarkup | None:
    call = [button(say("📞 Call back"), CasePress(act="call", case_id=data["case_id"]))] if can_call else []
    show = button(say("🗒 Show the card"), CasePress(act="show", case_id=data["case_id"]))
    return rows([*call, show])


#: What is told in private, by its name in the notice.
TOLD = {"claim_lapsed": lapsed, "handed_over": handed_over}
