"""What a period amounts to. Pure over rows that the database added up; `of` fetches them.

A PBX's own statistics (t2's) are no part of it: they know neither our cases nor the other PBXs. What they tell beside
is asked for by itself (`at_the_pbx`), and shown apart.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import structlog

from desk.cases import State
from desk.office import Desk
from desk.periods import Days, Span
from pbx.errors import PbxError
from pbx.vocabulary import Direction, Outcome, PbxStatistics
from storage import figures, people
from storage.database import Tx
from storage.figures import CallGroup, CaseFigures, Quarter, RatingGroup, WaitGroup

log = structlog.get_logger()

#: Up to so many days a bar of the picture is a day, above it is a week.
DAYS_SHOWN = 62
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


@dataclass(slots=True)
class Stars:
    """Ratings counted."""

    count: int = 0
    stars: int = 0

    @property
    def average(self) -> float | None:
        return self.stars / self.count if self.count else None

    def add(self, group: RatingGroup) -> None:
        self.count += group.count
        self.stars += group.stars


@dataclass(slots=True)
class Spread:
    """Spans of time, counted by their length."""

    counts: Counter[timedelta] = field(default_factory=Counter)

    def add(self, span: timedelta, count: int = 1) -> None:
        self.counts[span] += count

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def median(self) -> timedelta | None:
        """Of an even number the middle between the two in the middle; None of nothing."""
        half, is_odd = divmod(self.total, 2)
        if not self.total:
            return None
        return self._at(half) if is_odd else (self._at(half - 1) + self._at(half)) / 2

    @property
    def longest(self) -> timedelta | None:
        return max(self.counts, default=None)

    def _at(self, place: int) -> timedelta:
        """The span at that place of all of them, the shortest first."""
        for span in sorted(self.counts):
            place -= self.counts[span]
            if place < 0:
                return span
        raise IndexError("there are fewer")


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


@dataclass(slots=True)
class NumberFigures:
    """What came through one of our numbers."""

    number: str
    name: str | None
    calls: Tally = field(default_factory=Tally)


#: Names an employee: the PBX, and the login there.
Whom = tuple[str, str]


@dataclass(slots=True)
class Summary:
    """A period in numbers."""

    calls: Tally = field(default_factory=Tally)
    lost: Mapping[State, int] = field(default_factory=dict)
    """Clients who could not reach us, by how their case stands."""
    returns: Spread = field(default_factory=Spread)
    """From a client's first missed call until we reached them, where we did."""
    waits: Spread = field(default_factory=Spread)
    """Of the answered calls."""
    waits_missed: Spread = field(default_factory=Spread)
    ratings: Stars = field(default_factory=Stars)
    people: Mapping[Whom, PersonFigures] = field(default_factory=dict)
    """Those who did most come first; so it is with departments and numbers."""
    departments: Mapping[str, Tally] = field(default_factory=dict)
    numbers: Mapping[str, NumberFigures] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.calls.incoming or self.calls.outgoing or self.ratings.count or self.lost)

    @property
    def still_open(self) -> int:
        return sum(count for state, count in self.lost.items() if state.is_open)


def summarise(
    calls: Iterable[CallGroup],
    cases: CaseFigures,
    ratings: Iterable[RatingGroup],
    waits: Iterable[WaitGroup],
    names: Mapping[Whom, str],
) -> Summary:
    """`names` are the employees' by PBX and login; who has none is called by the login."""
    people: dict[Whom, PersonFigures] = {}

    def person(pbx_id: str, login: str) -> PersonFigures:
        return people.setdefault((pbx_id, login), PersonFigures(names.get((pbx_id, login), login)))

    summary = Summary(lost={State(state): count for state, count in cases.states.items() if count})
    departments: defaultdict[str, Tally] = defaultdict(Tally)
    numbers: dict[str, NumberFigures] = {}
    for group in calls:
        summary.calls.add(group)
        # Who let it ring is not who missed it: a missed call is the department's.
        if group.employee and (group.direction is Direction.OUT or group.outcome is Outcome.ANSWERED):
            person(group.pbx_id, group.employee).calls.add(group)
        if group.department and group.direction is Direction.IN:
            departments[group.department].add(group)
        if group.our_number and group.direction is Direction.IN:
            known = numbers.setdefault(group.our_number, NumberFigures(group.our_number, group.our_number_name))
            known.name = known.name or group.our_number_name
            known.calls.add(group)
    for given in ratings:
        summary.ratings.add(given)
        if given.employee:
            person(given.pbx_id, given.employee).ratings.add(given)
    for wait in waits:
        (summary.waits if wait.answered else summary.waits_missed).add(wait.waited, wait.count)
        if wait.employee:
            person(wait.pbx_id, wait.employee).waits.add(wait.waited, wait.count)
    for case in cases.returned:
        summary.returns.add(case.after)
        if case.employee:
            person(case.pbx_id, case.employee).returns.add(case.after)
    summary.people = dict(
        sorted(people.items(), key=lambda one: (-one[1].calls.answered - one[1].calls.outgoing, one[1].name))
    )
    summary.departments = dict(sorted(departments.items(), key=lambda one: (-one[1].incoming, one[0])))
    summary.numbers = dict(sorted(numbers.items(), key=lambda one: (-one[1].calls.incoming, one[0])))
    return summary


async def of(tx: Tx, pbx_ids: Sequence[str], span: Span) -> Summary:
    """The summary of a period at these PBXs; cases as they stand now."""
    names = {
        (pbx_id, login): name
        for pbx_id in pbx_ids
        for login, name in (await people.employee_names(tx, pbx_id)).items()
    }
    return summarise(
        await figures.of_calls(tx, pbx_ids, span.start, span.end),
        await figures.of_cases(tx, pbx_ids, span.start, span.end),
        await figures.of_ratings(tx, pbx_ids, span.start, span.end),
        await figures.of_waits(tx, pbx_ids, span.start, span.end),
        names,
    )


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


def bars(quarters: Iterable[Quarter], days: Days, zone: ZoneInfo) -> tuple[Bar, ...]:
    """Every hour of a day, of which the hour that a clock change repeats is one; every day, or week, of more."""
    each = 7 if days.count > DAYS_SHOWN else 1
    starts = [days.first + timedelta(days=number) for number in range(0, days.count, each)]
    hours = range(24) if days.count == 1 else (None,)
    made = {(start, hour): Bar(start, hour) for start in starts for hour in hours}
    for quarter in quarters:
        local = quarter.start.astimezone(zone)
        start = starts[(local.date() - days.first).days // each]
        bar = made[start, local.hour if days.count == 1 else None]
        bar.answered += quarter.count * quarter.answered
        bar.missed += quarter.count * (not quarter.answered)
        bar.unreturned += quarter.count * quarter.unreturned
    return tuple(made.values())


async def bars_of(tx: Tx, pbx_ids: Sequence[str], days: Days, span: Span, zone: ZoneInfo) -> tuple[Bar, ...]:
    return bars(await figures.of_quarters(tx, pbx_ids, span.start, span.end), days, zone)


async def at_the_pbx(desk: Desk, pbx_id: str, span: Span) -> PbxStatistics | None:
    """What the PBX itself counted; None if it can't be had soon. Only where it keeps statistics."""
    try:
        return await asyncio.wait_for(desk.pbxes[pbx_id].statistics(span.start, span.end), PBX_PATIENCE)
    except (PbxError, TimeoutError) as error:
        log.warning("a PBX told no statistics", pbx=pbx_id, reason=f"{type(error).__name__}: {error}")
        return None
