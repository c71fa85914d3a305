"""Whose phone rings from which second of a call to which. Pure."""

from dataclasses import dataclass

from sandbox.phonet.people import Department, Employee
from sandbox.phonet.stories import CannotHappen

RESPONSIBLE_RINGS = 15.0


@dataclass(frozen=True, eq=False)
class Ring:
    employee: Employee
    start: float
    stop: float


def rings(
    people: list[Employee],
    department: Department,
    responsible: Employee | None,
    until: float,
    answerer: Employee | None,
) -> list[Ring]:
    """The responsible alone first, then the department in its order; nobody's phone rings after `until`."""
    lead = 0.0
    if responsible is not None:
        lead = until if answerer is responsible else min(RESPONSIBLE_RINGS, until / 2)
    first = [Ring(responsible, 0.0, lead)] if responsible is not None else []
    others = [employee for employee in people if employee is not responsible]
    planned = first + _in_order(others, department, lead, until)
    return planned if answerer is None else _let_answer(planned, people, answerer, until)


def _in_order(people: list[Employee], department: Department, start: float, until: float) -> list[Ring]:
    if department.order == "all":
        return [Ring(employee, start, until) for employee in people if start < until]
    found: list[Ring] = []
    while people and start < until:
        found.append(Ring(people[len(found) % len(people)], start, min(start + department.step, until)))
        start += department.step
    return found


def _let_answer(planned: list[Ring], able: list[Employee], answerer: Employee, until: float) -> list[Ring]:
    """The story says who answers: that phone rings at that moment even if its turn was another."""
    if any(ring.employee is answerer and ring.stop >= until for ring in planned):
        return planned
    if answerer not in able:
        raise CannotHappen(f"{answerer.ext} does not receive this call")
    last = max((ring.start for ring in planned if ring.stop >= until), default=0.0)
    return [*(ring for ring in planned if ring.stop < until), Ring(answerer, last, until)]
