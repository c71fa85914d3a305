"""What a period amounts to. Pure over rows that the database added up; `of` fetches them.

A PBX's own statistics (t2's) are not asked for: they count the same calls as its call records, which we have, and
know neither our cases nor the other PBXs. Two figures for one thing would only make people ask which is right.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from desk.cases import State
from pbx.vocabulary import Direction, Outcome
from storage import figures, people
from storage.database import Tx
from storage.figures import CallGroup, CaseFigures, RatingGroup


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
class PersonFigures:
    """One employee's part."""

    name: str
    calls: Tally = field(default_factory=Tally)
    ratings: Stars = field(default_factory=Stars)


@dataclass(slots=True)
class NumberFigures:
    """What came through one of our numbers."""

    number: str
    name: str | None
    calls: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Summary:
    """A period in numbers."""

    calls: Tally
    lost: Mapping[State, int]
    """Clients who could not reach us, by how their case stands."""
    median_return: timedelta | None
    """From a client's first missed call until we reached them, where we did."""
    worst_return: timedelta | None
    ratings: Stars
    people: Sequence[PersonFigures]
    """Those who did most come first; so it is with departments and numbers."""
    departments: Sequence[tuple[str, Tally]]
    numbers: Sequence[NumberFigures]

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
    names: Mapping[tuple[str, str], str],
) -> Summary:
    """`names` are the employees' by PBX and login; who has none is called by the login."""
    whole, stars = Tally(), Stars()
    persons: dict[tuple[str, str], PersonFigures] = {}
    departments: defaultdict[str, Tally] = defaultdict(Tally)
    numbers: dict[str, NumberFigures] = {}

    def person(pbx_id: str, login: str) -> PersonFigures:
        return persons.setdefault((pbx_id, login), PersonFigures(names.get((pbx_id, login), login)))

    for group in calls:
        whole.add(group)
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
        stars.add(given)
        if given.employee:
            person(given.pbx_id, given.employee).ratings.add(given)
    after = cases.returned_after
    return Summary(
        calls=whole,
        lost={State(state): count for state, count in cases.states.items() if count},
        median_return=_middle(after) if after else None,
        worst_return=max(after) if after else None,
        ratings=stars,
        people=sorted(persons.values(), key=lambda one: (-one.calls.answered - one.calls.outgoing, one.name)),
        departments=sorted(departments.items(), key=lambda one: (-one[1].incoming, one[0])),
        numbers=sorted(numbers.values(), key=lambda one: (-one.calls.incoming, one.number)),
    )


def _middle(spans: Sequence[timedelta]) -> timedelta:
    ordered, half = sorted(spans), len(spans) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


async def of(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> Summary:
    """The summary of [start, end) at these PBXs; cases as they stand now."""
    names = {
        (pbx_id, login): name
        for pbx_id in pbx_ids
        for login, name in (await people.employee_names(tx, pbx_id)).items()
    }
    return summarise(
        await figures.of_calls(tx, pbx_ids, start, end),
        await figures.of_cases(tx, pbx_ids, start, end),
        await figures.of_ratings(tx, pbx_ids, start, end),
        names,
    )
