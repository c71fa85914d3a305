"""The simulated company: its people, numbers, managers, blacklist and calls. Knows no HTTP."""

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sandbox.t2.quirks import Quirks

Json = dict[str, object]
#: Unanswered ends of a client's call that somebody should return.
MISSED = ("NOT_ANSWERED_COMMON", "CANCELLED_BY_CALLER", "DENIED_DUE_TO_NOT_WORK_TIME", "DESTINATION_BUSY")
OUTGOING = ("OUTGOING", "CRM_OUTGOING")
INCOMING = ("SINGLE_CHANNEL", "MULTI_CHANNEL")


class NoSuch(LookupError):
    """The company has no such employee or number."""


@dataclass(frozen=True)
class Line:
    """One end of a call under way."""

    full: str
    short: str = ""


@dataclass
class Employee:
    """A number registered at the PBX; the manual's own example has one with nothing but an id."""

    id: int
    name: str = ""
    surname: str = ""
    full_number: str = ""
    short_number: str = ""
    email: str = ""
    #: Whether the employee takes up the phone when `call/outgoing` rings it.
    picks_up: bool = True

    @property
    def shown(self) -> str:
        return f"{self.name} {self.surname}".strip()

    @property
    def line(self) -> Line:
        return Line(self.full_number, self.short_number)


@dataclass
class Multichannel:
    """A number that rings several employees in turn; `name` is its queue's."""

    number: str
    name: str
    members: list[int] = field(default_factory=list)


@dataclass
class Customer:
    id: int
    real_number: str
    name: str = ""
    company_name: str = ""
    info: str = ""
    is_vip: bool = False


@dataclass
class Manager:
    id: int
    employee_id: int
    name: str = ""
    customers: list[Customer] = field(default_factory=list)
    handle_all_customers: bool = False


@dataclass(frozen=True)
class Banned:
    id: int
    number: str
    source_type: Literal["MANUAL", "FILE"] = "MANUAL"


@dataclass
class LiveCall:
    type: str
    caller: Line
    client: str
    #: None until the call is directed to somebody.
    called: Line | None = None
    #: The queue it waits in; empty once it is answered.
    queue: str = ""
    #: How often `monitoring/calls` was asked while it was under way.
    asked: int = 0


@dataclass(frozen=True)
class CallRow:
    """A call that is over. `duration` is the whole of it in seconds, `talk` the conversation, None without one."""

    id: int
    uuid: str
    type: str
    status: str
    start: datetime
    ended: datetime
    caller: str
    #: The number that was dialled, and the one that answered or where the call ended.
    destination: str
    callee: str
    duration: int
    talk: int | None = None
    recording: str = ""

    @property
    def answered(self) -> bool:
        return self.status.startswith("ANSWERED_")

    @property
    def client(self) -> str:
        return self.destination if self.type in OUTGOING else self.caller

    @property
    def missed(self) -> bool:
        return self.type in INCOMING and self.status in MISSED


@dataclass(frozen=True)
class Target:
    """Where a number leads: its queue if it has one, and whom it rings in which order."""

    number: str
    queue: str
    people: tuple[Employee, ...]

    @property
    def call_type(self) -> str:
        return "MULTI_CHANNEL" if self.queue else "SINGLE_CHANNEL"


def _ids() -> Iterator[int]:
    """From anywhere, so that two runs of the demo on one database never repeat a call."""
    return itertools.count(10_000_000 + secrets.randbelow(900_000_000))


@dataclass
class Office:
    company_id: int = 559
    timezone: str = "Europe/Moscow"
    employees: dict[int, Employee] = field(default_factory=dict)
    numbers: dict[str, Multichannel] = field(default_factory=dict)
    managers: dict[int, Manager] = field(default_factory=dict)
    blacklist: dict[str, Banned] = field(default_factory=dict)
    records_calls: bool = True
    live: list[LiveCall] = field(default_factory=list)
    rows: list[CallRow] = field(default_factory=list)
    quirks: Quirks = field(default_factory=Quirks)
    #: Known once it is served.
    base_url: str = ""
    ids: Iterator[int] = field(default_factory=_ids, compare=False, repr=False)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def employee(self, name: str) -> Employee:
        """By full or short number, e-mail or id."""
        for employee in self.employees.values():
            known = (employee.full_number, employee.short_number, employee.email, str(employee.id))
            if name and name in known:
                return employee
        raise NoSuch(f"no employee {name!r}")

    def holder_of(self, number: str) -> Employee | None:
        """By full number alone, as calls and `call/outgoing` name an employee."""
        return next((e for e in self.employees.values() if number and e.full_number == number), None)

    def target(self, to: str, client: str) -> Target:
        """`to` is a multichannel number, the name of its queue, or an employee. The client's manager rings first."""
        number = next((n for n in self.numbers.values() if to in (n.number, n.name)), None)
        if number is None:
            owner = self.employee(to)
            return Target(owner.full_number, "", (owner,))
        members = [self.employees[id_] for id_ in number.members]
        own = self.manager_of(client)
        lead = [self.employees[own.employee_id]] if own else []
        return Target(number.number, number.name, tuple(lead + [e for e in members if e not in lead]))

    def manager_of(self, client: str) -> Manager | None:
        mine = (m for m in self.managers.values() if any(c.real_number == client for c in m.customers))
        return next(mine, None) or next((m for m in self.managers.values() if m.handle_all_customers), None)

    def name_of(self, number: str) -> str:
        """Of an employee or of a manager's customer; empty for everybody else."""
        employee = self.holder_of(number)
        if employee is not None:
            return employee.shown
        customers = itertools.chain.from_iterable(m.customers for m in self.managers.values())
        return next((c.name for c in customers if number and c.real_number == number), "")

    def in_call(self, client: str) -> bool:
        return any(call.client == client for call in self.live)

    def owes(self, client: str) -> bool:
        """Whether the client's last missed call was followed by no answered call, either way."""
        told = [row for row in sorted(self.rows, key=lambda row: row.start) if row.client == client]
        return next((row.missed for row in reversed(told) if row.missed or row.answered), False)
