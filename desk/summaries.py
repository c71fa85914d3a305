"""What a period amounts to. Pure over rows that the database added up; `desk.totals` fetches them.

A PBX's own statistics (t2's) are no part of it: they know neither our cases nor the other PBXs. What they tell beside
is asked for by itself (`at_the_pbx`), and shown apart.
"""

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import accumulate
from zoneinfo import ZoneInfo

import structlog

from desk.cases import State
from desk.office import Desk
from desk.periods import Days, Span, midnight
from pbx.errors import PbxError
from pbx.vocabulary import Direction, Outcome, PbxStatistics
from storage.figures import QUARTER, CallGroup, CaseFigures, Quarter, Quarters, RatingGroup, WaitGroup

log = structlog.get_logger()

#: Up to so many days a bar of the picture is a day, above it is a week.
DAYS_SHOWN = 62
MILLISECOND = timedelta(milliseconds=1)
#: Seconds that somebody who reads a summary waits for a PBX's own statistics.
PBX_PATIENCE = 5.0


@dataclass(slots=True)
class Tally:
    """Calls counted."""

    incoming: int = 0
    answered: int = 0
    missed: int = 0
    outgoing: int = 0
    reached: int = 0
    """Outgoing calls that were answered."""
    talked: timedelta = timedelta()

    @property
    def share_answered(self) -> float | None:
        """Of the incoming calls whose end is known; None if there were none."""
        known = self.answered + self.missed
        return self.answered / known if known else None

    def add(self, group: CallGroup) -> None:
        came_in, answered = group.direction is Direction.IN, group.outcome is Outcome.ANSWERED
        self.incoming += group.count * came_in
        self.answered += group.count * (came_in and answered)
        self.missed += group.count * (came_in and group.outcome in (Outcome.MISSED, Outcome.HUNG_UP))
        self.outgoing += group.count * (not came_in)
        self.reached += group.count * (not came_in and answered)
        self.talked += group.talked

    def join(self, other: "Tally") -> None:
        self.incoming += other.incoming
        self.answered += other.answered
        self.missed += other.missed
        self.outgoing += other.outgoing
        self.reached += other.reached
        self.talked += other.talked


@dataclass(slots=True)
class Stars:
    """Ratings counted."""

    count: int = 0
    stars: int = 0

    @property
    def average(self) -> float | None:
        return self.stars / self.count if self.count else None

    def join(self, other: "Stars | RatingGroup") -> None:
        self.count += other.count
        self.stars += other.stars


@dataclass(slots=True)
class Spread:
    """Spans of time, counted by their length in milliseconds."""

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, span: timedelta, count: int = 1) -> None:
        self.counts[round(span / MILLISECOND)] += count

    def join(self, other: "Spread") -> None:
        known = self.counts
        for length, count in other.counts.items():
            known[length] = known.get(length, 0) + count

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def median(self) -> timedelta | None:
        """Of an even number the middle between the two in the middle; None of nothing."""
        half, is_odd = divmod(self.total, 2)
        if not self.total:
            return None
        low, high = self._at(half if is_odd else half - 1, half)
        return (low + high) / 2 * MILLISECOND

    @property
    def longest(self) -> timedelta | None:
        return max(self.counts) * MILLISECOND if self.counts else None

    def _at(self, *places: int) -> list[int]:
        """The lengths at these places of all of them, the shortest first."""
        lengths = sorted(self.counts)
        reached = list(accumulate(self.counts[one] for one in lengths))
        return [lengths[bisect_right(reached, place)] for place in places]


@dataclass(slots=True)
class PersonFigures:
    """One employee's part."""

    name: str
    calls: Tally = field(default_factory=Tally)
    ratings: Stars = field(default_factory=Stars)
    waits: Spread = field(default_factory=Spread)
    """How long the clients waited whom they answered."""
    returns: Spread = field(default_factory=Spread)
    """How long those waited whom they called back."""

    def join(self, other: "PersonFigures") -> None:
        self.calls.join(other.calls)
        self.ratings.join(other.ratings)
        self.waits.join(other.waits)
        self.returns.join(other.returns)


@dataclass(slots=True)
class NumberFigures:
    """What came through one of our numbers."""

    number: str
    name: str | None = None
    calls: Tally = field(default_factory=Tally)

    def join(self, other: "NumberFigures") -> None:
        self.name = self.name or other.name
        self.calls.join(other.calls)


#: Names an employee: the PBX, and the login there.
Whom = tuple[str, str]


@dataclass(slots=True)
class Summary:
    """A period in numbers."""

    calls: Tally = field(default_factory=Tally)
    lost: dict[State, int] = field(default_factory=dict)
    """Clients who could not reach us, by how their case stands."""
    returns: Spread = field(default_factory=Spread)
    """From a client's first missed call until we reached them, where we did."""
    waits: Spread = field(default_factory=Spread)
    """Of the answered calls."""
    waits_missed: Spread = field(default_factory=Spread)
    ratings: Stars = field(default_factory=Stars)
    people: dict[Whom, PersonFigures] = field(default_factory=dict)
    """Those who did most come first; so it is with departments and numbers."""
    departments: dict[str, Tally] = field(default_factory=dict)
    numbers: dict[str, NumberFigures] = field(default_factory=dict)
    quarters: Quarters = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.calls.incoming or self.calls.outgoing or self.ratings.count or self.lost)

    @property
    def still_open(self) -> int:
        return sum(count for state, count in self.lost.items() if state.is_open)

    def person(self, pbx_id: str, login: str) -> PersonFigures:
        found = self.people.get((pbx_id, login))
        if found is None:
            found = self.people[pbx_id, login] = PersonFigures(login)
        return found

    def join(self, other: "Summary") -> None:
        """Another time's figures, or another part's of the same time."""
        self.calls.join(other.calls)
        for state, count in other.lost.items():
            self.lost[state] = self.lost.get(state, 0) + count
        self.returns.join(other.returns)
        self.waits.join(other.waits)
        self.waits_missed.join(other.waits_missed)
        self.ratings.join(other.ratings)
        for (pbx_id, login), person in other.people.items():
            self.person(pbx_id, login).join(person)
        for name, tally in other.departments.items():
            self.departments.setdefault(name, Tally()).join(tally)
        for number, figures in other.numbers.items():
            self.numbers.setdefault(number, NumberFigures(number)).join(figures)
        add_quarters(self.quarters, other.quarters)

    def put_in_order(self, names: Mapping[Whom, str]) -> None:
        """Who did most first. `names` are the employees'; who has none is called by the login."""
        for whom, person in self.people.items():
            person.name = names.get(whom, whom[1])
        self.people = dict(
            sorted(self.people.items(), key=lambda one: (-one[1].calls.answered - one[1].calls.outgoing, one[1].name))
        )
        self.departments = dict(sorted(self.departments.items(), key=lambda one: (-one[1].incoming, one[0])))
        self.numbers = dict(sorted(self.numbers.items(), key=lambda one: (-one[1].calls.incoming, one[0])))


def add_quarters(to: Quarters, more: Quarters) -> None:
    for start, quarter in more.items():
        to.setdefault(start, Quarter()).join(quarter)


def of_calls(
    calls: Iterable[CallGroup], ratings: Iterable[RatingGroup], waits: Iterable[WaitGroup], quarters: Quarters
) -> Summary:
    """What follows from calls, but for each employee's waits."""
    summary = Summary(quarters=dict(quarters))
    for group in calls:
        summary.calls.add(group)
        # Who let it ring is not who missed it: a missed call is the department's.
        if group.employee and (group.direction is Direction.OUT or group.outcome is Outcome.ANSWERED):
            summary.person(group.pbx_id, group.employee).calls.add(group)
        if group.department and group.direction is Direction.IN:
            summary.departments.setdefault(group.department, Tally()).add(group)
        if group.our_number and group.direction is Direction.IN:
            known = summary.numbers.setdefault(group.our_number, NumberFigures(group.our_number))
            known.name = known.name or group.our_number_name
            known.calls.add(group)
    for given in ratings:
        summary.ratings.join(given)
        if given.employee:
            summary.person(given.pbx_id, given.employee).ratings.join(given)
    for wait in waits:
        (summary.waits if wait.answered else summary.waits_missed).add(wait.waited, wait.count)
    return summary


def of_people(waits: Iterable[WaitGroup]) -> Summary:
    """How long the clients waited whom each employee answered."""
    summary = Summary()
    for wait in waits:
        if wait.employee:
            summary.person(wait.pbx_id, wait.employee).waits.add(wait.waited, wait.count)
    return summary


def of_cases(cases: CaseFigures, unreturned: Quarters) -> Summary:
    """What follows from cases."""
    lost = {State(state): count for state, count in cases.states.items() if count}
    summary = Summary(lost=lost, quarters=dict(unreturned))
    for case in cases.returned:
        summary.returns.add(case.after)
        if case.employee:
            summary.person(case.pbx_id, case.employee).returns.add(case.after)
    return summary


@dataclass(slots=True)
class Bar:
    """Incoming calls of an hour, a day or a week; local time."""

    day: date
    """A week's first."""
    hour: int | None
    """None for a day or a week."""
    answered: int = 0
    missed: int = 0
    """Of these nobody has returned `unreturned`."""
    unreturned: int = 0


def bars(quarters: Quarters, days: Days, zone: ZoneInfo) -> tuple[Bar, ...]:
    """Every hour of a day, of which the hour that a clock change repeats is one; every day, or week, of more."""
    each = 7 if days.count > DAYS_SHOWN else 1
    starts = [days.first + timedelta(days=number) for number in range(0, days.count, each)]
    if days.count == 1:
        made = [Bar(days.first, hour) for hour in range(24)]
        place = partial(_hour, zone=zone)
    else:
        made = [Bar(start, None) for start in starts]
        # A bar's first quarters: to find one's bar by its local time would take longer than to count a month.
        place = partial(bisect_right, [_quarter_of(midnight(start, zone)) for start in starts[1:]])
    for number, quarter in quarters.items():
        bar = made[place(number)]
        bar.answered += quarter.answered
        bar.missed += quarter.missed
        bar.unreturned += quarter.unreturned
    return tuple(made)


def _hour(quarter: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(quarter * QUARTER.total_seconds(), zone).hour


def _quarter_of(moment: datetime) -> int:
    return int(moment.timestamp() // QUARTER.total_seconds())


async def at_the_pbx(desk: Desk, pbx_id: str, span: Span) -> PbxStatistics | None:
    """What the PBX itself counted; None if it can't be had soon. Only where it keeps statistics."""
    try:
        return await asyncio.wait_for(desk.pbxes[pbx_id].statistics(span.start, span.end), PBX_PATIENCE)
    except (PbxError, TimeoutError) as error:
        log.warning("a PBX told no statistics", pbx=pbx_id, reason=f"{type(error).__name__}: {error}")
        return None
