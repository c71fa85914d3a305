"""The simulated company: its people, departments, numbers and what happened on them. Knows no HTTP."""

import fnmatch
import secrets
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from sandbox.vats_rest.lines import Branch, CallerIds, Restrictions, Sim, SipRegistration, SipTransfer
from sandbox.vats_rest.quirks import Quirks

Json = dict[str, object]
DndState = Literal["receiving", "do_not_disturb"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class NoSuch(LookupError):
    """The company has no such employee, department, number …"""


class Taken(ValueError):
    """The login, extension or number is in use already."""


@dataclass
class MobileRedirect:
    enabled: bool = False
    forward: bool = False
    delay: int = 0


@dataclass
class Employee:
    login: str
    name: str
    ext: str
    telnum: str = ""
    mobile: str = ""
    role: str = "user"
    position: str = "Менеджер"
    email: str = ""
    mobile_redirect: MobileRedirect = field(default_factory=MobileRedirect)
    online: bool = True
    #: Whether calls reach the employee; how `/dnd` words it is the office's `dnd_state`.
    receives: bool = True
    #: Kept because the API accepts it, never given away.
    password: str = field(default="", repr=False)

    @property
    def can_be_rung(self) -> bool:
        return self.receives and (self.online or (self.mobile_redirect.enabled and bool(self.mobile)))


@dataclass
class Member:
    login: str
    calls_enable: bool = True
    group_head: bool = False


@dataclass
class WhenNobodyAnswers:
    time: int = 120
    target: str = "voicemail"
    user: str = ""
    group: str = ""
    telnum: str = ""


@dataclass
class Department:
    id: str
    name: str
    ext: str
    members: list[Member] = field(default_factory=list)
    call_order: str = "ALL"
    call_duration: int = 0
    timeout: WhenNobodyAnswers = field(default_factory=WhenNobodyAnswers)
    advanced: str = "off"
    queue_position: bool = False

    def member(self, login: str) -> Member | None:
        return next((m for m in self.members if m.login == login), None)


@dataclass
class OurNumber:
    telnum: str
    name: str = ""
    type: str = "group"
    user: str = ""
    group: str = ""
    greeting: bool = False
    is_main_phone: bool = False
    location: str = ""
    enabled: bool = True
    #: Not empty: a call goes first to the employee whom the answer to `contact` names.
    crm: str = ""
    greeting_file: str | None = None
    ivr: Json | None = None
    work: Json | None = None
    other: Json | None = None
    schedule: dict[str, Json] | None = None
    custom_routes: list[Json] = field(default_factory=list)
    outgoing: bool = True


@dataclass
class Banned:
    telnum: str
    comment: str = ""
    blocked: list[datetime] = field(default_factory=list)


@dataclass(frozen=True)
class Subscription:
    id: str
    type: str
    url: str


@dataclass
class HistoryRow:
    """One external call as the export knows it: `wait` before the talk, `duration` of the talk alone."""

    uid: str
    type: str
    status: str
    client: str
    diversion: str
    start: datetime
    wait: int
    duration: int
    ended: datetime
    telnum_name: str = ""
    destination: str = ""
    user: str = ""
    first_user: str = ""
    group: str = ""
    record: str = ""
    rating: int | None = None
    note: str = ""


@dataclass
class InnerRow:
    """One call between employees."""

    uid: str
    status: str
    caller: str
    callee: str
    start: datetime
    wait: int
    duration: int
    ended: datetime
    record: str = ""


@dataclass
class ActiveCall:
    callid: str
    type: str
    client: str
    diversion: str
    since: datetime
    ringing: list[str] = field(default_factory=list)
    talking: str = ""


@dataclass(frozen=True)
class CustomRole:
    id: str
    name: str
    rights: tuple[str, ...]


@dataclass
class Office:
    domain: str = "office.example"
    timezone: str = "Europe/Moscow"
    dnd_state: DndState = "receiving"
    quirks: Quirks = field(default_factory=Quirks)
    #: Where recordings are fetched; set when the server knows its port.
    base_url: str = ""
    #: How many rows a list gives when nobody said `limit`; the manual does not tell.
    page_size: int = 50
    employees: dict[str, Employee] = field(default_factory=dict)
    departments: dict[str, Department] = field(default_factory=dict)
    numbers: dict[str, OurNumber] = field(default_factory=dict)
    sims: dict[str, Sim] = field(default_factory=dict)
    sims_available: list[str] = field(default_factory=list)
    blacklist: dict[str, Banned] = field(default_factory=dict)
    block_anonymous: bool = False
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    sip_registrations: dict[str, SipRegistration] = field(default_factory=dict)
    sip_transfers: dict[str, SipTransfer] = field(default_factory=dict)
    branches: dict[str, Branch] = field(default_factory=dict)
    caller_ids: CallerIds = field(default_factory=CallerIds)
    restrictions: Restrictions = field(default_factory=Restrictions)
    record_external: bool = True
    record_inner: bool = False
    record_exceptions: list[str] = field(default_factory=list)
    blf_users: list[str] = field(default_factory=list)
    voicemail_users: list[str] = field(default_factory=list)
    voicemail_groups: list[str] = field(default_factory=list)
    custom_roles: list[CustomRole] = field(default_factory=list)
    music: dict[str, str] = field(default_factory=lambda: {"ringback": "holdmusic", "holdmusic": "holdmusic"})
    media: dict[str, dict[str, str]] = field(default_factory=dict)
    history: list[HistoryRow] = field(default_factory=list)
    inner_history: list[InnerRow] = field(default_factory=list)
    calls: dict[str, ActiveCall] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def employee(self, name: str) -> Employee:
        """By login or extension, as every `{login}` of the API."""
        if name in self.employees:
            return self.employees[name]
        for employee in self.employees.values():
            if name and name == employee.ext:
                return employee
        raise NoSuch(f"no employee {name!r}")

    def responsible(self, name: str) -> Employee | None:
        """By login, extension or direct number, as the answer to `contact` may name one."""
        for employee in self.employees.values():
            if name and name in (employee.login, employee.ext, employee.telnum):
                return employee
        return None

    def department(self, name: str) -> Department:
        """By id or extension."""
        if name in self.departments:
            return self.departments[name]
        for department in self.departments.values():
            if name and name == department.ext:
                return department
        raise NoSuch(f"no department {name!r}")

    def number(self, telnum: str) -> OurNumber:
        try:
            return self.numbers[telnum]
        except KeyError:
            raise NoSuch(f"no number {telnum!r}") from None

    @property
    def main_number(self) -> OurNumber:
        return next((n for n in self.numbers.values() if n.is_main_phone), next(iter(self.numbers.values())))

    def departments_of(self, login: str) -> list[Department]:
        return [d for d in self.departments.values() if d.member(login)]

    def rung_by(self, department: Department) -> list[Employee]:
        """Whom a call to the department rings now, in the department's order."""
        on_duty = (self.employees[m.login] for m in department.members if m.calls_enable)
        return [employee for employee in on_duty if employee.can_be_rung]

    def rung_directly(self, employee: Employee) -> list[Employee]:
        """Whom a call to the employee's own line rings: the employee or nobody."""
        return [employee] if employee.can_be_rung else []

    def ban_on(self, phone: str) -> Banned | None:
        """The blacklist's entry, a number or a range like `749512345*`, that stops the caller."""
        return next((b for b in self.blacklist.values() if fnmatch.fnmatchcase(phone, b.telnum)), None)

    def free_ext(self) -> str:
        taken = set(self.extensions())
        return next(ext for ext in (str(n) for n in range(700, 10_000)) if ext not in taken)

    def extensions(self) -> Iterator[str]:
        yield from (e.ext for e in self.employees.values())
        yield from (d.ext for d in self.departments.values())

    def claim_ext(self, ext: str) -> str:
        if ext in set(self.extensions()):
            raise Taken(f"extension {ext} is in use")
        return ext

    def remove_employee(self, employee: Employee) -> None:
        del self.employees[employee.login]
        for department in self.departments.values():
            department.members = [m for m in department.members if m.login != employee.login]
        for names in (self.record_exceptions, self.blf_users, self.voicemail_users):
            names[:] = [name for name in names if name != employee.login]
        self.caller_ids.users.pop(employee.login, None)
        self.restrictions.users.pop(employee.login, None)

    def dnd(self, employee: Employee) -> bool:
        """`state` as `/dnd` words it."""
        return employee.receives if self.dnd_state == "receiving" else not employee.receives

    def set_dnd(self, employee: Employee, state: bool) -> None:
        employee.receives = state if self.dnd_state == "receiving" else not state

    def recorded(self, login: str) -> bool:
        return self.record_external and login not in self.record_exceptions

    def row(self, uid: str) -> HistoryRow | None:
        return next((row for row in self.history if row.uid == uid), None)

    @staticmethod
    def new_callid() -> str:
        """Random, so that two runs of the demo on one database never repeat a call."""
        return str(10**9 + secrets.randbelow(9 * 10**9))

    @staticmethod
    def new_id() -> str:
        return str(uuid.uuid4())


def by_login(employees: Iterable[Employee]) -> dict[str, Employee]:
    return {employee.login: employee for employee in employees}
