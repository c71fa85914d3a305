"""A summary as people read it: the calls in three lines, then who, which department, which number."""

from collections.abc import Sequence
from datetime import timedelta

from aiogram.types import InlineKeyboardMarkup
from babel.numbers import format_decimal

from desk.cases import State
from desk.summaries import NumberFigures, PersonFigures, Stars, Summary, Tally
from desk.views import SummaryView
from handlers.chat.buttons import MissedPress, button, rows
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers

#: Lines of employees, departments and numbers each; the others are counted.
LINES = 12


def of_day(view: SummaryView, say: Texts) -> tuple[Html, InlineKeyboardMarkup | None]:
    """A chat's daily summary, beside the same day a week ago."""
    day = say.day(view.start)
    if view.summary.is_empty:
        return say("📊 <b>The day, {day}</b>: no calls", day=day), None
    before = view.a_week_ago.calls
    compared = say(
        "🗓 A week ago: {calls}, {share} answered",
        calls=say.count("{n} incoming call", "{n} incoming calls", before.incoming),
        share=_percent(before),
    )
    text = joined(
        say("📊 <b>The day, {day}</b>", day=day),
        _where(view.pbx_names, say),
        *_lines(view.summary, say, compared if before.share_answered is not None else None),
    )
    return text, _keys(view.summary, say, "")


def of_period(
    about: Html, summary: Summary, say: Texts, pbx_id: str, pbx_names: Sequence[str]
) -> tuple[Html, InlineKeyboardMarkup | None]:
    """What `/summary` answers."""
    if summary.is_empty:
        return say("📊 <b>{about}</b>: no calls", about=about), None
    title = say("📊 <b>{about}</b>", about=about)
    return joined(title, _where(pbx_names, say), *_lines(summary, say, None)), _keys(summary, say, pbx_id)


def _where(pbx_names: Sequence[str], say: Texts) -> Html | None:
    return say("PBX {pbx}", pbx=", ".join(pbx_names)) if pbx_names else None


def _lines(summary: Summary, say: Texts, compared: Html | None) -> list[Html | None]:
    calls = summary.calls
    return [
        _incoming(calls, say),
        _outgoing(calls, say) if calls.outgoing else None,
        *_lost(summary, say),
        _rated(summary.ratings, say) if summary.ratings.count else None,
        compared,
        *_section(say("Employees"), [_person(one, say) for one in summary.people], say),
        *_section(say("Departments"), [_department(name, tally, say) for name, tally in summary.departments], say),
        *_section(say("Our numbers"), [_number(one, say) for one in summary.numbers], say),
    ]


def _incoming(calls: Tally, say: Texts) -> Html:
    counted = say.count("{n} incoming call", "{n} incoming calls", calls.incoming)
    if calls.share_answered is None:
        return say("📥 {calls}", calls=counted)
    return say(
        "📥 {calls}: {answered} answered ({share}), {missed} missed",
        calls=counted,
        answered=calls.answered,
        share=_percent(calls),
        missed=calls.missed,
    )


def _outgoing(calls: Tally, say: Texts) -> Html:
    return say(
        "📤 {calls}: {answered} answered, {missed} not",
        calls=say.count("{n} outgoing call", "{n} outgoing calls", calls.outgoing),
        answered=calls.reached,
        missed=calls.outgoing - calls.reached,
    )


def _lost(summary: Summary, say: Texts) -> list[Html]:
    """What became of the clients who could not reach us, and how fast."""
    total = sum(summary.lost.values())
    if not total:
        return []
    returned, themselves, by_hand, expired = (
        summary.lost.get(state, 0) for state in (State.RETURNED, State.REACHED_US, State.HANDLED, State.EXPIRED)
    )
    became = [
        say("called back: {n}", n=returned) if returned else None,
        say("got through themselves: {n}", n=themselves) if themselves else None,
        say("settled otherwise: {n}", n=by_hand) if by_hand else None,
        say("expired: {n}", n=expired) if expired else None,
        say("<b>still waiting: {n}</b>", n=summary.still_open) if summary.still_open else None,
    ]
    lines = [
        say.count("🙋 {n} client could not reach us", "🙋 {n} clients could not reach us", total),
        Html(" · ").join(words for words in became if words),
    ]
    if summary.median_return is not None and summary.worst_return is not None:
        lines.append(_speed(summary.median_return, summary.worst_return, say))
    return lines


def _speed(usual: timedelta, worst: timedelta, say: Texts) -> Html:
    if say.duration(usual) == say.duration(worst):
        return say("⏱ Called back within {span}", span=say.duration(usual))
    return say(
        "⏱ Called back: usually within {usual}, at worst {worst}",
        usual=say.duration(usual),
        worst=say.duration(worst),
    )


def _rated(stars: Stars, say: Texts) -> Html:
    return say(
        "⭐ {average} of 5 ({ratings})",
        average=_average(stars, say),
        ratings=say.count("{n} rating", "{n} ratings", stars.count),
    )


def _section(title: Html, lines: Sequence[Html], say: Texts) -> list[Html]:
    """A heading and what stands under it; nothing if there is nothing."""
    if not lines:
        return []
    more = len(lines) - LINES
    shown = [*lines[:LINES], *([say.count("… and {n} more", "… and {n} more", more)] if more > 0 else [])]
    return [Html("\n<b>{}</b>").format(title), *shown]


def _person(one: PersonFigures, say: Texts) -> Html:
    calls = one.calls
    parts = [
        say("{n} answered", n=calls.answered) if calls.answered else None,
        say("{n} made", n=calls.outgoing) if calls.outgoing else None,
        say("talked {span}", span=say.duration(calls.talked)) if calls.talked else None,
        say("★ {average}", average=_average(one.ratings, say)) if one.ratings.count else None,
    ]
    return say("{name}: {figures}", name=one.name, figures=Html(" · ").join(part for part in parts if part))


def _department(name: str, calls: Tally, say: Texts) -> Html:
    return say("{name}: {figures}", name=name, figures=_how_many(calls, say))


def _number(one: NumberFigures, say: Texts) -> Html:
    shown = numbers.display(one.number)
    name = say("{number} «{name}»", number=shown, name=one.name) if one.name else shown
    return say("{name}: {figures}", name=name, figures=_how_many(one.calls, say))


def _how_many(calls: Tally, say: Texts) -> Html:
    counted = say.count("{n} call", "{n} calls", calls.incoming)
    return say("{calls}, {n} missed", calls=counted, n=calls.missed) if calls.missed else counted


def _percent(calls: Tally) -> str:
    """Never 100 % while a call was missed, never 0 while one was answered."""
    share = round((calls.share_answered or 0) * 100)
    return f"{min(max(share, 1 if calls.answered else 0), 99 if calls.missed else 100)}%"


def _average(stars: Stars, say: Texts) -> str:
    return format_decimal(stars.average or 0, "0.0", locale=say.language)


def _keys(summary: Summary, say: Texts, pbx_id: str) -> InlineKeyboardMarkup | None:
    if not summary.still_open:
        return None
    return rows([button(say("📞 Who waits for a call"), MissedPress(act="show", pbx=pbx_id))])
