"""A call that goes on as people read it, and once it is over: who talks with whom, since when, how long."""

from collections.abc import Callable
from datetime import datetime, timedelta

from aiogram.types import InlineKeyboardMarkup

from desk.call_view import CallView, Phase
from handlers.chat import heard
from handlers.chat.buttons import rows
from handlers.chat.cards import outcome_words
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers
from pbx.vocabulary import Direction

#: Ringing phones that are named; the rest are counted.
NAMED = 5


def call(
    view: CallView, say: Texts, now: datetime, *, uncertain: bool = False
) -> tuple[Html, InlineKeyboardMarkup | None]:
    """The message about a call. `uncertain`: it may be in the chat twice, and says so."""
    text = joined(
        say("{headline} · {client}", headline=_HEADLINES[view.phase](view, say), client=_client(view, say)),
        say.number(view.client) if view.client_name and view.client else None,
        where(view.department, view.our_number, view.pbx_name, view.direction, say),
        _ringing_line(view, say),
        _when_line(view, say, now),
        _note(view, say),
        Html("⭐ ") + heard.stars(view.stars, say) if view.stars is not None else None,
        say("⚠️ After an interruption this may stand here twice; this one is kept up to date.") if uncertain else None,
    )
    return text, rows(heard.keys(view.playable, say))


def where(
    department: str | None, our_number: str | None, pbx_name: str | None, direction: Direction | None, say: Texts
) -> Html | None:
    """Which department and number of ours, at which PBX; None where nothing of that is known."""
    ours = numbers.display(our_number) if our_number else None
    from_ours = direction is Direction.OUT
    parts = [
        department,
        (say("from {our_number}", our_number=ours) if from_ours else say("to {our_number}", our_number=ours))
        if ours
        else None,
        say("PBX {pbx}", pbx=pbx_name) if pbx_name else None,
    ]
    told = [Html.escape(part) for part in parts if part]
    return Html("🏢 ") + Html(" · ").join(told) if told else None


def names(people: tuple[str, ...], say: Texts) -> Html:
    """``Anna, Igor``; of many, the first ones and how many more."""
    told = Html(", ").join(people[:NAMED])
    more = len(people) - NAMED
    return say.count("{names} and {n} more", "{names} and {n} more", more, names=told) if more > 0 else told


def _client(view: CallView, say: Texts) -> str:
    return view.client_name or say.number(view.client)


def _who(view: CallView, say: Texts) -> Html:
    return Html.escape(view.who or view.department or say("Somebody of ours"))


def _rings(view: CallView, say: Texts) -> Html:
    return say("📳 <b>Ringing</b>")


def _dials(view: CallView, say: Texts) -> Html:
    return say("📲 <b>{name} is calling</b>", name=_who(view, say))


def _talks(view: CallView, say: Texts) -> Html:
    return say("🗣 <b>{name} talks</b>", name=_who(view, say))


def _goes_on(view: CallView, say: Texts) -> Html:
    if view.direction is Direction.OUT:
        return _dials(view, say)
    return say("📞 <b>A call goes on</b>, {name}", name=view.who) if view.who else say("📞 <b>A call goes on</b>")


def _is_over(view: CallView, say: Texts) -> Html:
    return say("☎️ <b>The call is over</b>")


def _is_lost(view: CallView, say: Texts) -> Html:
    return say("❔ <b>I lost sight of this call</b>")


def _has_ended(view: CallView, say: Texts) -> Html:
    assert view.recorded is not None
    ended, name = view.recorded.call, _who(view, say)
    if ended.is_answered:
        talk = ended.talked
        return (
            say("☎️ <b>{name} talked {span}</b>", name=name, span=say.duration(talk))
            if talk
            else say("☎️ <b>{name} talked</b>", name=name)
        )
    if ended.direction is Direction.IN:
        return say("📵 <b>Not put through</b>")
    outcome = outcome_words(ended.outcome, ended.status, say)
    return say("📵 <b>{name} called: {outcome}</b>", name=name, outcome=outcome)


_HEADLINES: dict[Phase, Callable[[CallView, Texts], Html]] = {
    Phase.RINGING: _rings,
    Phase.DIALLING: _dials,
    Phase.TALKING: _talks,
    Phase.GOING_ON: _goes_on,
    Phase.OVER: _is_over,
    Phase.ENDED: _has_ended,
    Phase.LOST: _is_lost,
}


def _ringing_line(view: CallView, say: Texts) -> Html | None:
    if not view.ringing:
        return None
    if view.phase is Phase.TALKING:
        return say("↪️ Now rings: {names}", names=names(view.ringing, say))
    return say("🔔 Rings: {names}", names=names(view.ringing, say))


def _when_line(view: CallView, say: Texts, now: datetime) -> Html:
    if view.phase in (Phase.ENDED, Phase.OVER, Phase.LOST):
        since = say.when(view.began_at, now)
    else:
        talking = view.answered_at if view.phase is Phase.TALKING else None
        since = say("since {time}", time=say.clock(talking or view.began_at))
    waited = _waited(view)
    told = [since, say("waited {span}", span=say.duration(waited)) if waited else None]
    return Html("🕒 ") + Html(" · ").join(part for part in told if part)


def _waited(view: CallView) -> timedelta | None:
    """How long an answered client waited."""
    if view.direction is not Direction.IN:
        return None
    if view.recorded is not None:
        return view.recorded.call.wait if view.recorded.call.is_answered else None
    return view.answered_at - view.began_at if view.phase is Phase.TALKING and view.answered_at else None


def _note(view: CallView, say: Texts) -> Html | None:
    if view.phase is Phase.OVER:
        return say("How it ended, the PBX has yet to say.")
    if view.phase is Phase.LOST:
        return say("The PBX has told nothing of it for hours.")
    return None
