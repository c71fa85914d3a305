"""A summary as people read it: briefly, the news in the first line, and the rest page by page behind "More".

Every number stands beside how it has changed against the same period before (▲▼), where there were calls then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aiogram.types import InlineKeyboardMarkup
from babel.dates import format_date
from babel.numbers import format_decimal

from desk.case_view import CaseView
from desk.cases import State
from desk.periods import Days
from desk.summaries import NumberFigures, PersonFigures, Spread, Stars, Summary, Tally
from desk.views import SummaryView
from handlers.chat import reading
from handlers.chat.buttons import CasePress, MissedPress, SummaryPress, button, rows
from handlers.chat.cards import ICONS, title
from handlers.chat.fitting import CAPTION, length
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers
from pbx.vocabulary import PbxStatistics

#: Pages behind "More", so that the number of one stays a figure in a button.
PAGES = 9
Rendered = tuple[Html, InlineKeyboardMarkup | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """How a summary's buttons name it. Both empty under a notice, which knows its days and PBXs itself."""

    period: str = ""
    pbx: str = ""

    def press(self, act: str, n: int = 0) -> SummaryPress:
        return SummaryPress(act=act, period=self.period, pbx=self.pbx, n=n)


def of_notice(view: SummaryView, say: Texts) -> Html:
    """What a chat's regular summary is about."""
    days = view.days
    if days.count == 1:
        return say("The day, {day}", day=_day(days.first, say))
    return say("The week, {first} – {last}", first=_day(days.first, say), last=_day(_last_begun(view), say))


def _last_begun(view: SummaryView) -> date:
    return (view.span.end - timedelta(seconds=1)).astimezone(view.zone).date()


def of_days(days: Days, say: Texts, now: datetime) -> Html:
    """What somebody asked for: ``Today, 18 March``, ``1 November – 15 November``."""
    if days.period:
        return reading.period_name(days.period, say, now)
    this_year = now.astimezone(say.zone).year
    first, last = (_day(day, say, day.year != this_year) for day in (days.first, days.last))
    return Html.escape(first) if days.count == 1 else say("{first} – {last}", first=first, last=last)


def _day(day: date, say: Texts, with_year: bool = False) -> str:
    return str(format_date(day, "d MMMM y" if with_year else "d MMMM", locale=say.language))


def brief(view: SummaryView, about: Html, asked: Asked, say: Texts, now: datetime) -> Rendered:
    """One screen of a phone."""
    summary = view.summary
    if summary.is_empty:
        return joined(_headline(about, summary, say), _of_a_part(say) if view.is_part else None), None
    trend = Trend(view.before, say)
    text = joined(
        _headline(about, summary, say),
        _where(view, say),
        _incoming(summary.calls, trend),
        _outgoing(summary.calls, trend) if summary.calls.outgoing else None,
        *_lost(summary, trend),
        _rated(summary.ratings, trend) if summary.ratings.count else None,
        compared_with(view, say) if trend.is_known else None,
        *_waiting(view, say, now),
    )
    return text, _keys(view, asked, say)


def _headline(about: Html, summary: Summary, say: Texts) -> Html:
    return say("📊 <b>{about}: {news}</b>", about=about, news=_news(summary, say))


def _news(summary: Summary, say: Texts) -> Html:
    never = summary.lost.get(State.EXPIRED, 0)
    if summary.still_open:
        return say.count("{n} client still waits for a call", "{n} clients still wait for a call", summary.still_open)
    if never:
        return say.count("{n} client was never called back", "{n} clients were never called back", never)
    if summary.calls.missed:
        return say("nobody waits for a call")
    if summary.calls.answered:
        return say("no call was missed")
    return say("no incoming calls") if summary.calls.outgoing else say("no calls")


def _where(view: SummaryView, say: Texts) -> Html:
    """A department's chat must not take the whole company's figures for its own."""
    return joined(
        say("PBX {pbx}", pbx=", ".join(view.pbx_names)) if view.pbx_names else None,
        of_everything(say) if view.is_for_some else None,
        _of_a_part(say) if view.is_part else None,
    )


def of_everything(say: Texts) -> Html:
    return say("All departments and numbers, not only those chosen for this chat.")


def _of_a_part(say: Texts) -> Html:
    return say(
        "Only what comes to this chat by its departments and numbers; outgoing calls that name none of them are not "
        "counted."
    )


@dataclass(frozen=True, slots=True)
class Trend:
    """How numbers have changed since the period before; nothing is said where nothing was then."""

    before: Summary
    say: Texts

    @property
    def is_known(self) -> bool:
        return not self.before.is_empty

    def number(self, now: int, before: int) -> Html:
        return self._told(now - before, str(abs(now - before))) if self.is_known else Html()

    def span(self, now: timedelta | None, before: timedelta | None) -> Html:
        """Not where the two read the same."""
        if not self.is_known or now is None or before is None:
            return Html()
        if self.say.duration(now) == self.say.duration(before):
            return Html()
        return self._told((now - before).total_seconds(), self.say.duration(abs(now - before)))

    def percent(self, now: Tally, before: Tally) -> Html:
        if now.share_answered is None or before.share_answered is None:
            return Html()
        change = percent(now) - percent(before)
        return self._told(change, f"{abs(change)}%")

    def average(self, now: Stars, before: Stars) -> Html:
        if now.average is None or before.average is None:
            return Html()
        change = round(now.average, 1) - round(before.average, 1)
        return self._told(round(change, 1), format_decimal(abs(change), "0.0", locale=self.say.language))

    def _told(self, change: float, size: str) -> Html:
        return Html(" {}{}").format("▲" if change > 0 else "▼", size) if change else Html()


def compared_with(view: SummaryView, say: Texts) -> Html:
    """The days whose numbers the arrows start from."""
    first, last, until = (
        moment.astimezone(view.zone)
        for moment in (view.span_before.start, view.span_before.end - timedelta(seconds=1), view.span_before.end)
    )
    is_whole = (until.hour, until.minute) == (0, 0)
    days = _day(first.date(), say)
    if first.date() != last.date():
        days = say("{first} – {last}", first=days, last=_day(last.date(), say))
    if is_whole:
        return say("▲▼ against {days}", days=days)
    return say("▲▼ against {days} until {time}", days=days, time=f"{until:%H:%M}")


def _incoming(calls: Tally, trend: Trend) -> Html:
    say, before = trend.say, trend.before.calls
    counted = say.count("{n} incoming call", "{n} incoming calls", calls.incoming)
    counted += trend.number(calls.incoming, before.incoming)
    if calls.share_answered is None:
        return say("📥 {calls}", calls=counted)
    return say(
        "📥 {calls}: {answered} answered ({share}), {missed} missed",
        calls=counted,
        answered=calls.answered,
        share=Html("{}%{}").format(percent(calls), trend.percent(calls, before)),
        missed=Html("{}{}").format(calls.missed, trend.number(calls.missed, before.missed)),
    )


def _outgoing(calls: Tally, trend: Trend) -> Html:
    counted = trend.say.count("{n} outgoing call", "{n} outgoing calls", calls.outgoing)
    return trend.say(
        "📤 {calls}: {answered} answered, {missed} not",
        calls=counted + trend.number(calls.outgoing, trend.before.calls.outgoing),
        answered=calls.reached,
        missed=calls.outgoing - calls.reached,
    )


def _lost(summary: Summary, trend: Trend) -> list[Html]:
    """What became of the clients who could not reach us, and how fast; closed by hand stands apart."""
    say, lost, total = trend.say, summary.lost, sum(summary.lost.values())
    if not total:
        return []
    words = (
        (say("called back"), lost.get(State.RETURNED, 0)),
        (say("got through themselves"), lost.get(State.REACHED_US, 0)),
        (say("by hand"), lost.get(State.HANDLED, 0)),
        (say("expired"), lost.get(State.EXPIRED, 0)),
        (say("<b>still waiting</b>"), summary.still_open),
    )
    became = [Html("{}: {}").format(word, count) for word, count in words if count]
    headline = say.count("🙋 {n} client could not reach us", "🙋 {n} clients could not reach us", total)
    lines = [headline + trend.number(total, sum(trend.before.lost.values())), Html(" · ").join(became)]
    return [*lines, _returned(summary.returns, trend.before.returns, trend)] if summary.returns.total else lines


def _returned(returns: Spread, before: Spread, trend: Trend) -> Html:
    say, usual, worst = trend.say, returns.median, returns.longest
    assert usual is not None
    assert worst is not None
    usually = say.duration(usual) + trend.span(usual, before.median)
    if say.duration(usual) == say.duration(worst):
        return say("⏱ Called back within {span}", span=usually)
    return say(
        "⏱ Called back: usually within {usual}, at worst {worst}",
        usual=usually,
        worst=say.duration(worst) + trend.span(worst, before.longest),
    )


def _rated(stars: Stars, trend: Trend, before: Stars | None = None) -> Html:
    return trend.say(
        "⭐ {average} of 5 ({ratings})",
        average=average(stars, trend.say) + trend.average(stars, before or trend.before.ratings),
        ratings=trend.say.count("{n} rating", "{n} ratings", stars.count),
    )


def _waiting(view: SummaryView, say: Texts, now: datetime) -> list[Html]:
    """Who still waits: each has a button with the same number."""
    return [
        say(
            "{n}. {icon} {client} · {when}",
            n=n,
            icon=ICONS[one.state],
            client=title(one, say),
            when=_since(one, say, now),
        )
        for n, one in enumerate(view.waiting, start=1)
    ]


def _since(case: CaseView, say: Texts, now: datetime) -> Html:
    return say.when(case.case.opened_at, now)


def _keys(view: SummaryView, asked: Asked, say: Texts) -> InlineKeyboardMarkup | None:
    cards = [
        button(str(n), CasePress(act="show", case_id=one.case.id)) for n, one in enumerate(view.waiting, start=1)
    ]
    all_waiting = [button(say("📞 Who waits for a call"), MissedPress(act="show", pbx=asked.pbx))]
    return rows(
        cards,
        all_waiting if view.summary.still_open > len(cards) else [],
        [button(say("More"), asked.press("m", 1)), button(say("📄 CSV"), asked.press("c"))],
    )


# The rest


def more(
    view: SummaryView, about: Html, asked: Asked, say: Texts, page: int, at_pbx: Mapping[str, PbxStatistics | None]
) -> Rendered:
    """A page of it, counted from 1; the last one there is if there are fewer."""
    trend = Trend(view.before, say)
    heading = joined(
        say("📊 <b>{about}</b>", about=about),
        _of_a_part(say) if view.is_part else None,
        compared_with(view, say) if trend.is_known else None,
    )
    pages = _packed(_sections(view.summary, trend, at_pbx), CAPTION - length(str(heading)) - len(" · 9/9"))
    page = min(max(page, 1), len(pages))
    number = Html(" · {}/{}").format(page, len(pages)) if len(pages) > 1 else Html()
    turning = [
        *([button("«", asked.press("m", page - 1))] if page > 1 else []),
        button(say("Less"), asked.press("t")),
        *([button("»", asked.press("m", page + 1))] if page < len(pages) else []),
    ]
    keys = rows(turning, [button(say("📄 CSV"), asked.press("c"))])
    return heading + number + Html("\n") + pages[page - 1], keys


def _sections(summary: Summary, trend: Trend, at_pbx: Mapping[str, PbxStatistics | None]) -> list[list[Html]]:
    """Each with its heading first; those with nothing to tell are left out."""
    say, before = trend.say, trend.before
    people = [_person(one, before.people.get(whom), trend) for whom, one in summary.people.items()]
    departments = [
        _department(name, one, before.departments.get(name), trend) for name, one in summary.departments.items()
    ]
    ours = [_number(one, before.numbers.get(number), trend) for number, one in summary.numbers.items()]
    sections = (
        (say("Waiting times"), _waits(summary, trend)),
        (say("Employees"), people),
        (say("Departments"), departments),
        (say("Our numbers"), ours),
        (say("At the PBX"), [_own_statistics(pbx_id, one, len(at_pbx) > 1, say) for pbx_id, one in at_pbx.items()]),
    )
    return [[Html("<b>{}</b>").format(heading), *lines] for heading, lines in sections if lines]


def _packed(sections: Sequence[Sequence[Html]], room: int) -> list[Html]:
    """Pages of at most `room` characters; a section that has to be cut goes on under its heading."""
    pages: list[list[Html]] = [[]]
    for heading, *lines in sections:
        pages[-1] += [Html(), heading]
        for line in lines:
            if len(pages[-1]) > 2 and length("\n".join([*pages[-1], line])) > room:
                if pages[-1][-1] is heading:
                    del pages[-1][-2:]
                pages.append([Html(), heading])
            pages[-1].append(line)
    if len(pages) > PAGES:
        pages[PAGES - 1].append(Html("…"))
    return [Html("\n").join(page) for page in pages[:PAGES]]


def _waits(summary: Summary, trend: Trend) -> list[Html]:
    say = trend.say
    told: tuple[tuple[Callable[..., Html], Spread, Spread], ...] = (
        (
            lambda **spans: say("Until an answer: usually {usual}, at most {longest}", **spans),
            summary.waits,
            trend.before.waits,
        ),
        (
            lambda **spans: say("Missed after: usually {usual}, at most {longest}", **spans),
            summary.waits_missed,
            trend.before.waits_missed,
        ),
    )
    return [words(**_spans(now, before, trend)) for words, now, before in told if now.total]


def _spans(now: Spread, before: Spread, trend: Trend) -> dict[str, Html]:
    assert now.median is not None
    assert now.longest is not None
    return {
        "usual": trend.say.duration(now.median) + trend.span(now.median, before.median),
        "longest": trend.say.duration(now.longest) + trend.span(now.longest, before.longest),
    }


def _person(one: PersonFigures, then: PersonFigures | None, trend: Trend) -> Html:
    say, calls, before = trend.say, one.calls, (then or PersonFigures(one.name))
    parts = [
        say("{n} answered", n=_counted(calls.answered, before.calls.answered, trend)) if calls.answered else None,
        say("{n} made", n=_counted(calls.outgoing, before.calls.outgoing, trend)) if calls.outgoing else None,
        say("talked {span}", span=say.duration(calls.talked)) if calls.talked else None,
        say("{n} called back", n=_counted(one.returns.total, before.returns.total, trend))
        if one.returns.total
        else None,
        say("★ {average}", average=average(one.ratings, say) + trend.average(one.ratings, before.ratings))
        if one.ratings.count
        else None,
    ]
    return say("{name}: {figures}", name=one.name, figures=Html(" · ").join(part for part in parts if part))


def _counted(now: int, before: int, trend: Trend) -> Html:
    return Html("{}{}").format(now, trend.number(now, before))


def _department(name: str, calls: Tally, before: Tally | None, trend: Trend) -> Html:
    return trend.say("{name}: {figures}", name=name, figures=_how_many(calls, before or Tally(), trend))


def _number(one: NumberFigures, before: NumberFigures | None, trend: Trend) -> Html:
    shown = numbers.display(one.number)
    name = trend.say("{number} «{name}»", number=shown, name=one.name) if one.name else shown
    return trend.say(
        "{name}: {figures}", name=name, figures=_how_many(one.calls, before.calls if before else Tally(), trend)
    )


def _how_many(calls: Tally, before: Tally, trend: Trend) -> Html:
    say = trend.say
    counted = say.count("{n} call", "{n} calls", calls.incoming) + trend.number(calls.incoming, before.incoming)
    if not calls.missed:
        return counted
    return say("{calls}, {n} missed", calls=counted, n=_counted(calls.missed, before.missed, trend))


def _own_statistics(pbx_id: str, told: PbxStatistics | None, is_named: bool, say: Texts) -> Html:
    if told is None:
        return say("PBX {pbx} does not tell its own numbers just now.", pbx=pbx_id)
    spent = say.duration(told.internal_talk) if told.internal_talk is not None else None
    parts = [
        say("PBX {pbx}", pbx=pbx_id) if is_named else None,
        say.count("{n} internal call", "{n} internal calls", told.internal) if told.internal is not None else None,
        say("talked {span}", span=spent) if told.internal and spent else None,
        say.count("{n} transfer", "{n} transfers", told.transfers) if told.transfers is not None else None,
        say.count("{n} different client", "{n} different clients", told.clients)
        if told.clients is not None
        else None,
        say.count("{n} repeated call", "{n} repeated calls", told.redials) if told.redials is not None else None,
        say("longest talk {span}", span=say.duration(told.longest_talk)) if told.longest_talk else None,
    ]
    return Html(" · ").join(part for part in parts if part)


# One employee


def of_person(view: SummaryView, about: Html, whom: tuple[str, str], name: str, say: Texts) -> Html:
    """What one employee did."""
    trend = Trend(view.before, say)
    one = view.summary.people.get(whom, PersonFigures(name))
    before = view.before.people.get(whom, PersonFigures(name))
    lines = _persons_lines(one, before, trend)
    heading = say("📊 <b>{name}</b> · {about}", name=name, about=about)
    if not lines:
        return joined(heading, say("No calls."))
    return joined(heading, _where(view, say), *lines, compared_with(view, say) if trend.is_known else None)


def _persons_lines(one: PersonFigures, before: PersonFigures, trend: Trend) -> list[Html]:
    say, calls = trend.say, one.calls
    lines = [
        say("📥 {n} answered", n=_counted(calls.answered, before.calls.answered, trend)) if calls.answered else None,
        say("⏳ Clients waited: usually {usual}, at most {longest}", **_spans(one.waits, before.waits, trend))
        if one.waits.total
        else None,
        say(
            "📤 {n} made, {answered} answered",
            n=_counted(calls.outgoing, before.calls.outgoing, trend),
            answered=calls.reached,
        )
        if calls.outgoing
        else None,
        say("💬 Talked {span}", span=say.duration(calls.talked) + trend.span(calls.talked, before.calls.talked))
        if calls.talked
        else None,
        _returned(one.returns, before.returns, trend) if one.returns.total else None,
        _rated(one.ratings, trend, before.ratings) if one.ratings.count else None,
    ]
    return [line for line in lines if line]


def percent(calls: Tally) -> int:
    """Answered, in percent: never 100 while a call was missed, never 0 while one was answered."""
    share = round((calls.share_answered or 0) * 100)
    return min(max(share, 1 if calls.answered else 0), 99 if calls.missed else 100)


def average(stars: Stars, say: Texts) -> Html:
    return Html(format_decimal(stars.average or 0, "0.0", locale=say.language))
