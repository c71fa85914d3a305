"""Whose phone rings when, and what the PBX says of it: a call's events as a plan in seconds. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sandbox.vats_rest.office import Department, Employee
from sandbox.vats_rest.stories import Answered, CannotHappen

#: CANCELLED reaches those who lost the race one after another, about a second apart.
APART = 1.0
RESPONSIBLE_RINGS = 15.0


@dataclass(frozen=True)
class Beat:
    at: float
    kind: str
    login: str


@dataclass(frozen=True)
class Ring:
    login: str
    start: float
    stop: float


def in_turn(people: list[Employee], department: Department | None, start: float, until: float) -> list[Ring]:
    """ALL at once; WATERFALL one more each time; BYORDER and EVENLY one after another, round and round."""
    order = department.call_order if department else "ALL"
    step = (department.call_duration if department else 0) or until
    if order == "ALL":
        return [Ring(p.login, start, until) for p in people]
    if order == "WATERFALL":
        starts = ((p.login, start + n * step) for n, p in enumerate(people))
        return [Ring(login, at, until) for login, at in starts if at < until]
    found: list[Ring] = []
    while people and start < until:
        found.append(Ring(people[len(found) % len(people)].login, start, min(start + step, until)))
        start += step
    return found


def rings(
    people: list[Employee],
    department: Department | None,
    responsible: Employee | None,
    until: float,
    answered: Answered | None,
) -> list[Ring]:
    """The responsible alone first, then whoever the number's route rings."""
    if responsible is None:
        planned = in_turn(people, department, 0.0, until)
    elif answered is not None and answered.by == responsible.login:
        return [Ring(responsible.login, 0.0, until)]
    else:
        lead = min(RESPONSIBLE_RINGS, until / 2)
        others = [person for person in people if person is not responsible]
        planned = [Ring(responsible.login, 0.0, lead), *in_turn(others, department, lead, until)]
    if answered is None:
        return planned
    return _let_answer(planned, {p.login for p in people}, answered.by, until)


def _let_answer(planned: list[Ring], able: set[str], login: str, until: float) -> list[Ring]:
    """The story says who answers: that phone rings at that moment even if its turn was another."""
    if login not in able:
        raise CannotHappen(f"{login} does not receive this call")
    if any(ring.login == login and ring.stop >= until for ring in planned):
        return planned
    last = max((ring.start for ring in planned if ring.stop >= until), default=0.0)
    return [*(ring for ring in planned if ring.stop < until), Ring(login, last, until)]


def beats(planned: Iterable[Ring], until: float, answered: Answered | None) -> list[Beat]:
    return sorted(_beats(list(planned), until, answered), key=lambda beat: beat.at)


def _beats(planned: list[Ring], until: float, answered: Answered | None) -> Iterator[Beat]:
    for ring in planned:
        yield Beat(ring.start, "INCOMING", ring.login)
        if ring.stop < until:
            yield Beat(ring.stop, "CANCELLED", ring.login)
    still = [ring.login for ring in planned if ring.stop >= until]
    if answered is None:
        yield from (Beat(until, "CANCELLED", login) for login in still)
        return
    yield Beat(until, "ACCEPTED", answered.by)
    losers = [login for login in still if login != answered.by]
    apart = min(APART, answered.talk / (len(losers) + 1))
    yield from (Beat(until + n * apart, "CANCELLED", login) for n, login in enumerate(losers, 1))
    if answered.transfer is None:
        yield Beat(until + answered.talk, "COMPLETED", answered.by)
