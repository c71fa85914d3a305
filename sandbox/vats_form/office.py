"""The company as this API knows it: two things more than the engine, and ids of another look."""

import secrets
from dataclasses import dataclass, field

from sandbox.vats_form.quirks import Quirks
from sandbox.vats_rest import office
from sandbox.vats_rest.office import DndState, Employee, NoSuch


@dataclass
class Office(office.Office):
    #: The manual calls the answer to get_dnd "DND state".
    dnd_state: DndState = "do_not_disturb"
    quirks: Quirks = field(default_factory=Quirks)
    #: The logins behind the CRM's ids, which `user` is in the subscription commands. Empty: "self_map = true" was
    #: chosen at set-up, and `user` is the PBX's own account.
    crm_users: dict[str, str] = field(default_factory=dict)
    #: Whose own line rings nobody: subscribeOnCalls without `group_id` switched it off.
    own_line_off: set[str] = field(default_factory=set)

    def subscriber(self, user: str) -> Employee:
        if not self.crm_users:
            return self.employee(user)
        if user not in self.crm_users:
            raise NoSuch(f"no CRM user {user!r}")
        return self.employee(self.crm_users[user])

    def subscribe_everywhere(self, employee: Employee, on: bool) -> None:
        """Every department of theirs, and their own line with them."""
        for department in self.departments_of(employee.login):
            self.subscribe(employee, department.id, on)
        if on:
            self.own_line_off.discard(employee.login)
        else:
            self.own_line_off.add(employee.login)

    def subscribe(self, employee: Employee, group_id: str, on: bool) -> None:
        self.membership(employee, group_id).calls_enable = on

    def membership(self, employee: Employee, group_id: str) -> office.Member:
        member = self.department(group_id).member(employee.login)
        if member is None:
            raise NoSuch(f"{employee.login} is not in {group_id}")
        return member

    def rung_directly(self, employee: Employee) -> list[Employee]:
        return [] if employee.login in self.own_line_off else super().rung_directly(employee)

    @staticmethod
    def new_callid() -> str:
        """As in the manual's example, `B10D0EB124F4E64AF4EA-1511`; random for the same reason as the engine's."""
        return f"{secrets.token_hex(10).upper()}-{1000 + secrets.randbelow(9000)}"
