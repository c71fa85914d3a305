"""The simulated company: its people, departments, numbers, contacts and calls. Knows no HTTP."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.phonet.contacts import Contacts
from sandbox.phonet.legs import HistoryRow, Leg
from sandbox.phonet.people import Department, Employee, Menu, OurNumber
from sandbox.phonet.quirks import Quirks


class NoSuch(LookupError):
    """The company has no such employee, department, number …"""


@dataclass
class Office:
    #: By extension.
    employees: dict[str, Employee]
    departments: dict[str, Department]
    #: By number; the first is the main one.
    numbers: dict[str, OurNumber]
    #: The extension of the user whom the API key belongs to.
    key_owner: str
    menu: Menu = field(default_factory=lambda: Menu(1, "Голосове меню"))
    contacts: Contacts = field(default_factory=Contacts)
    quirks: Quirks = field(default_factory=Quirks)
    history: list[HistoryRow] = field(default_factory=list)
    active: dict[str, Leg] = field(default_factory=dict)
    #: Both are set when the PBX begins to be served.
    domain: str = ""
    base_url: str = ""

    def employee(self, who: str) -> Employee:
        """By extension or e-mail."""
        for employee in self.employees.values():
            if who and who in (employee.ext, employee.email):
                return employee
        raise NoSuch(f"no employee {who!r}")

    def department(self, which: str) -> Department:
        """By extension or name."""
        for department in self.departments.values():
            if which in (department.ext, department.name):
                return department
        raise NoSuch(f"no department {which!r}")

    def route(self, to: str) -> tuple[OurNumber, Department | Employee]:
        """Our number that is dialled and what it leads to. `to`: a number, a department or an employee."""
        if to in self.numbers:
            number = self.numbers[to]
            return number, self._behind(number.leads_to)
        target = self._behind(to)
        leading = (number for number in self.numbers.values() if number.leads_to == target.ext)
        return next(leading, self.main_number), target

    def _behind(self, to: str) -> Department | Employee:
        try:
            return self.department(to)
        except NoSuch:
            return self.employee(to)

    @property
    def main_number(self) -> OurNumber:
        return next(iter(self.numbers.values()))

    def rung_by(self, target: Department | Employee) -> list[Employee]:
        people = [target] if isinstance(target, Employee) else [self.employees[ext] for ext in target.members]
        return [employee for employee in people if employee.can_be_rung]

    def row(self, call_uuid: str) -> HistoryRow | None:
        return next((row for row in reversed(self.history) if row.uuid == call_uuid), None)


def by_ext(employees: Iterable[Employee]) -> dict[str, Employee]:
    return {employee.ext: employee for employee in employees}


def new_uuid() -> str:
    return uuid.uuid4().hex
