"""A period's summary: totals of the days and hours that are over are added up, the rest is counted now.

A total is a part of a summary as JSON, its keys short: there is one for every day and PBX, and a summary reads many.
They are added to the summary as they are read: objects made of each would take most of the time.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from desk import summaries
from desk.cases import State
from desk.periods import Span
from desk.summaries import MILLISECOND, NumberFigures, Spread, Stars, Summary, Tally, Whom
from storage import figures, people, totals
from storage.database import Tx
from storage.figures import Only, Quarter, Quarters
from storage.totals import CALLS, CASES, HOURS, OF_DAYS, PEOPLE, TEN_DAYS, Stretch

#: Of each part, which totals are tried one after the other.
_FINE = {CALLS: (CALLS, HOURS), CASES: (CASES,), PEOPLE: (PEOPLE,)}
_KEPT = {part: (TEN_DAYS[part], *fine) for part, fine in _FINE.items()}


async def of(
    tx: Tx, pbx_ids: Sequence[str], span: Span, *, waits_by_employee: bool = True, only: Only | None = None
) -> Summary:
    """The summary of a period at these PBXs; cases as they stand now. There are no totals of some lines `only`."""
    summary = Summary()
    names: dict[Whom, str] = {}
    for pbx_id in pbx_ids:
        for part in (CALLS, CASES, PEOPLE) if waits_by_employee else (CALLS, CASES):
            if only and pbx_id in only:
                summary.join(await _COUNTED[part](tx, [pbx_id], span.start, span.end, only))
            else:
                await _add(tx, summary, Stretch(pbx_id, part, span.start, span.end), _KEPT[part])
        names |= {(pbx_id, login): name for login, name in (await people.employee_names(tx, pbx_id)).items()}
    summary.put_in_order(names)
    return summary


async def _add(tx: Tx, summary: Summary, asked: Stretch, kept: Sequence[str]) -> None:
    """What that part of the stretch amounts to. The totals of months are joined in a thread: nobody waits for it."""
    texts: list[str] = []
    gaps = [asked]
    for part in kept:
        left: list[Stretch] = []
        for gap in gaps:
            found = dict(await totals.within(tx, replace(gap, part=part)))
            used = list(_one_after_the_other(found))
            texts += [found[one] for one in used]
            left += _between(gap, used)
        gaps = left
    await asyncio.to_thread(_join_all, summary, asked.pbx_id, texts)
    for gap in gaps:
        summary.join(await counted(tx, gap))


def _join_all(summary: Summary, pbx_id: str, texts: Iterable[str]) -> None:
    for text in texts:
        join(summary, pbx_id, text)


def _one_after_the_other(found: Iterable[Stretch]) -> Iterable[Stretch]:
    """Without those that begin before another one's end: the office may have had another time zone."""
    end: datetime | None = None
    for one in found:
        if end is None or one.start >= end:
            yield one
            end = one.end


def _between(whole: Stretch, used: Sequence[Stretch]) -> list[Stretch]:
    """What of the whole is not used."""
    starts = [whole.start, *(one.end for one in used)]
    ends = [*(one.start for one in used), whole.end]
    return [replace(whole, start=start, end=end) for start, end in zip(starts, ends, strict=True) if start < end]


# Counted now


async def counted(tx: Tx, asked: Stretch) -> Summary:
    """A part of the figures, out of calls, cases and ratings; of ten days out of the days' totals."""
    if asked.part not in OF_DAYS:
        return await _COUNTED[asked.part](tx, [asked.pbx_id], asked.start, asked.end, None)
    whole, part = Summary(), OF_DAYS[asked.part]
    await _add(tx, whole, replace(asked, part=part), _FINE[part])
    return whole


async def _calls(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None) -> Summary:
    return summaries.of_calls(
        await figures.of_calls(tx, pbx_ids, start, end, only),
        await figures.of_ratings(tx, pbx_ids, start, end, only),
        await figures.of_waits(tx, pbx_ids, start, end, only, by_employee=False),
        await figures.of_quarters(tx, pbx_ids, start, end, only),
    )


async def _people(
    tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None
) -> Summary:
    return summaries.of_people(await figures.of_waits(tx, pbx_ids, start, end, only))


async def _cases(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, only: Only | None = None) -> Summary:
    return summaries.of_cases(
        await figures.of_cases(tx, pbx_ids, start, end, only),
        await figures.of_unreturned(tx, pbx_ids, start, end, only),
    )


_Count = Callable[[Tx, Sequence[str], datetime, datetime, Only | None], Awaitable[Summary]]
_COUNTED: dict[str, _Count] = {CALLS: _calls, HOURS: _calls, PEOPLE: _people, CASES: _cases}


# As text


def written(summary: Summary) -> str:
    """The figures of one PBX."""
    told: dict[str, Any] = {
        "c": _tally(summary.calls),
        "l": {state.value: count for state, count in summary.lost.items()},
        "b": _spread(summary.returns),
        "w": _spread(summary.waits),
        "m": _spread(summary.waits_missed),
        "r": _stars(summary.ratings),
        "p": {
            login: [_tally(one.calls), _stars(one.ratings), _spread(one.waits), _spread(one.returns)]
            for (_, login), one in summary.people.items()
        },
        "d": {name: _tally(tally) for name, tally in summary.departments.items()},
        "n": {number: [one.name, _tally(one.calls)] for number, one in summary.numbers.items()},
        "q": {number: [one.answered, one.missed, one.unreturned] for number, one in summary.quarters.items()},
    }
    told = {key: value for key, value in told.items() if value}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def join(summary: Summary, pbx_id: str, text: str) -> None:
    """Add to the summary what `written` wrote."""
    told = json.loads(text)
    _join_tally(summary.calls, told.get("c"))
    for state, count in told.get("l", {}).items():
        summary.lost[State(state)] = summary.lost.get(State(state), 0) + count
    for spread, key in ((summary.returns, "b"), (summary.waits, "w"), (summary.waits_missed, "m")):
        _join_spread(spread, told.get(key))
    _join_stars(summary.ratings, told.get("r"))
    _join_people(summary, pbx_id, told.get("p", {}))
    for name, tally in told.get("d", {}).items():
        _join_tally(summary.departments.setdefault(name, Tally()), tally)
    for number, (name, tally) in told.get("n", {}).items():
        ours = summary.numbers.setdefault(number, NumberFigures(number))
        ours.name = ours.name or name
        _join_tally(ours.calls, tally)
    _join_quarters(summary.quarters, told.get("q", {}))


def _join_quarters(quarters: Quarters, told: dict[str, list[int]]) -> None:
    """A month has three thousand, most of them new."""
    for began, counts in told.items():
        known = quarters.get(int(began))
        if known is None:
            quarters[int(began)] = Quarter(*counts)
        else:
            known.join(Quarter(*counts))


def _join_people(summary: Summary, pbx_id: str, told: dict[str, list[Any]]) -> None:
    for login, (calls, ratings, waits, returns) in told.items():
        person = summary.person(pbx_id, login)
        _join_tally(person.calls, calls)
        _join_stars(person.ratings, ratings)
        _join_spread(person.waits, waits)
        _join_spread(person.returns, returns)


def _tally(tally: Tally) -> list[int] | int:
    """0 for one that is empty: most of an hour's are."""
    counts = [tally.incoming, tally.answered, tally.missed, tally.outgoing, tally.reached]
    return [*counts, round(tally.talked / MILLISECOND)] if any(counts) else 0


def _join_tally(tally: Tally, told: Any) -> None:
    if told:
        incoming, answered, missed, outgoing, reached, talked = told
        tally.incoming += incoming
        tally.answered += answered
        tally.missed += missed
        tally.outgoing += outgoing
        tally.reached += reached
        tally.talked += timedelta(milliseconds=talked)


def _stars(stars: Stars) -> list[int] | int:
    return [stars.count, stars.stars] if stars.count else 0


def _join_stars(stars: Stars, told: Any) -> None:
    if told:
        stars.join(Stars(*told))


def _spread(spread: Spread) -> list[list[int]] | int:
    """The lengths, and how many there are of each; these alone if there is one of each."""
    if not spread.counts:
        return 0
    lengths = sorted(spread.counts)
    counts = [spread.counts[one] for one in lengths]
    return [lengths] if max(counts) == 1 else [lengths, counts]


def _join_spread(spread: Spread, told: Any) -> None:
    if not told:
        return
    lengths, *counts = told
    if not counts:
        spread.counts.update(lengths)
        return
    known = spread.counts
    for length, count in zip(lengths, counts[0], strict=True):
        known[length] = known.get(length, 0) + count
