"""A period's summary: totals of the days and hours that are over are added up, the rest is counted now.

A total is a part of a summary as JSON, its keys short: there is one for every day and PBX, and a summary reads many.
"""

import asyncio
import json
from collections import Counter
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
from storage.figures import Quarter, Quarters
from storage.totals import CALLS, CASES, HOURS, PEOPLE, Stretch

#: Of each part, which totals are tried one after the other.
_KEPT = {CALLS: (CALLS, HOURS), CASES: (CASES,), PEOPLE: (PEOPLE,)}


async def of(tx: Tx, pbx_ids: Sequence[str], span: Span, *, waits_by_employee: bool = True) -> Summary:
    """The summary of a period at these PBXs; cases as they stand now."""
    summary = Summary()
    names: dict[Whom, str] = {}
    for pbx_id in pbx_ids:
        for part in (CALLS, CASES, PEOPLE) if waits_by_employee else (CALLS, CASES):
            await _add(tx, summary, Stretch(pbx_id, part, span.start, span.end))
        names |= {(pbx_id, login): name for login, name in (await people.employee_names(tx, pbx_id)).items()}
    summary.put_in_order(names)
    return summary


async def _add(tx: Tx, summary: Summary, asked: Stretch) -> None:
    """What that part of the stretch amounts to. The totals of months are joined in a thread: nobody waits for it."""
    texts: list[str] = []
    gaps = [asked]
    for part in _KEPT[asked.part]:
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
        summary.join(read(pbx_id, text))


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
    """A part of the figures, out of calls, cases and ratings."""
    return await _COUNTED[asked.part](tx, [asked.pbx_id], asked.start, asked.end)


async def _calls(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> Summary:
    return summaries.of_calls(
        await figures.of_calls(tx, pbx_ids, start, end),
        await figures.of_ratings(tx, pbx_ids, start, end),
        await figures.of_waits(tx, pbx_ids, start, end, by_employee=False),
        await figures.of_quarters(tx, pbx_ids, start, end),
    )


async def _people(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> Summary:
    return summaries.of_people(await figures.of_waits(tx, pbx_ids, start, end))


async def _cases(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> Summary:
    return summaries.of_cases(
        await figures.of_cases(tx, pbx_ids, start, end), await figures.of_unreturned(tx, pbx_ids, start, end)
    )


_Count = Callable[[Tx, Sequence[str], datetime, datetime], Awaitable[Summary]]
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


def read(pbx_id: str, text: str) -> Summary:
    """What `written` wrote."""
    told = json.loads(text)
    summary = Summary(
        calls=_as_tally(told.get("c")),
        lost={State(state): count for state, count in told.get("l", {}).items()},
        returns=_as_spread(told.get("b")),
        waits=_as_spread(told.get("w")),
        waits_missed=_as_spread(told.get("m")),
        ratings=_as_stars(told.get("r")),
        departments={name: _as_tally(tally) for name, tally in told.get("d", {}).items()},
        numbers={n: NumberFigures(n, name, _as_tally(tally)) for n, (name, tally) in told.get("n", {}).items()},
        quarters=_as_quarters(told.get("q", {})),
    )
    for login, (calls, ratings, waits, returns) in told.get("p", {}).items():
        person = summary.person(pbx_id, login)
        person.calls, person.ratings = _as_tally(calls), _as_stars(ratings)
        person.waits, person.returns = _as_spread(waits), _as_spread(returns)
    return summary


def _tally(tally: Tally) -> list[int] | int:
    """0 for one that is empty: most of an hour's are."""
    counts = [tally.incoming, tally.answered, tally.missed, tally.outgoing, tally.reached]
    return [*counts, round(tally.talked / MILLISECOND)] if any(counts) else 0


def _as_tally(told: Any) -> Tally:
    if not told:
        return Tally()
    incoming, answered, missed, outgoing, reached, talked = told
    return Tally(incoming, answered, missed, outgoing, reached, timedelta(milliseconds=talked))


def _stars(stars: Stars) -> list[int] | int:
    return [stars.count, stars.stars] if stars.count else 0


def _as_stars(told: Any) -> Stars:
    return Stars(*told) if told else Stars()


def _spread(spread: Spread) -> list[list[int]] | int:
    """The lengths, and how many there are of each; these alone if there is one of each."""
    if not spread.counts:
        return 0
    lengths = sorted(spread.counts)
    counts = [spread.counts[one] for one in lengths]
    return [lengths] if max(counts) == 1 else [lengths, counts]


def _as_spread(told: Any) -> Spread:
    if not told:
        return Spread()
    lengths, *counts = told
    return Spread(Counter(dict(zip(lengths, counts[0], strict=True)) if counts else lengths))


def _as_quarters(told: dict[str, list[int]]) -> Quarters:
    return {int(number): Quarter(*counts) for number, counts in told.items()}
