"""Departments: who gets their calls. Read from the PBX each time, since people change them there too."""

from dataclasses import dataclass

from desk import directory
from desk.office import Desk
from desk.pbx_troubles import noted
from pbx.vocabulary import Department, Employee
from storage import people


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a department. `receives` is None if the PBX does not say whether they get its calls."""

    login: str
    name: str
    extension: str | None
    receives: bool | None
    is_head: bool


@dataclass(frozen=True, slots=True)
class Staffed:
    """A department and its people by name."""

    id: str
    name: str
    extension: str | None
    people: tuple[Person, ...]

    @property
    def is_known(self) -> bool:
        """Whether the PBX says of everybody if they get the calls."""
        return all(one.receives is not None for one in self.people)

    @property
    def receiving(self) -> int:
        return sum(1 for one in self.people if one.receives)

    def person(self, login: str) -> Person | None:
        return next((one for one in self.people if one.login == login), None)

    def others_receiving(self, login: str) -> int:
        """How many get its calls without `login`."""
        return sum(1 for one in self.people if one.receives and one.login != login)

    def would_ring_nobody(self, login: str) -> bool:
        """Whether `login` is the last who gets its calls."""
        person = self.person(login)
        return bool(person and person.receives and self.is_known and not self.others_receiving(login))


async def listed(desk: Desk, pbx_id: str) -> list[Staffed]:
    """All departments as they are now. Raises `PbxError`."""
    async with noted(desk, pbx_id):
        found = await desk.pbxes[pbx_id].departments()
    employees = await _employees(desk, pbx_id, {one.login for each in found for one in each.members})
    return [_staffed(each, employees) for each in found]


async def addable(desk: Desk, pbx_id: str, department: Staffed) -> list[Employee]:
    """Who is not in it yet, by name. Raises `PbxError`."""
    current = await directory.refresh(desk, pbx_id)
    return sorted((one for one in current if not department.person(one.login)), key=lambda one: one.name.casefold())


# What can be changed. `department` is as read a moment ago. False: it was so already, and nothing was asked.


async def switch(desk: Desk, pbx_id: str, department: Staffed, login: str, by: int, *, receives: bool) -> bool:
    """Whether `login`, who is in it, gets its calls. Raises `PbxError`."""
    person = department.person(login)
    if person is None or person.receives is receives:
        return False
    async with noted(desk, pbx_id):
        await desk.pbxes[pbx_id].set_receives_department_calls(login, department.id, receives)
    await _write_act(desk, pbx_id, by, f"{department.name}, {login}: {'on' if receives else 'off'}")
    return True


async def add(desk: Desk, pbx_id: str, department: Staffed, login: str, by: int) -> bool:
    """`login` is in it from now on and gets its calls. Raises `PbxError`."""
    if department.person(login):
        return False
    async with noted(desk, pbx_id):
        await desk.pbxes[pbx_id].add_to_department(login, department.id)
    await _write_act(desk, pbx_id, by, f"{department.name}, {login}: added")
    return True


async def remove(desk: Desk, pbx_id: str, department: Staffed, login: str, by: int) -> bool:
    """`login` is in it no more. Raises `PbxError`."""
    if not department.person(login):
        return False
    async with noted(desk, pbx_id):
        await desk.pbxes[pbx_id].remove_from_department(login, department.id)
    await _write_act(desk, pbx_id, by, f"{department.name}, {login}: taken out")
    return True


async def _employees(desk: Desk, pbx_id: str, logins: set[str]) -> dict[str, Employee]:
    """By login. Somebody we don't know yet is asked for."""
    known = {one.login: one for one in await directory.known(desk, pbx_id)}
    if not logins <= known.keys():
        known = {one.login: one for one in await directory.refresh(desk, pbx_id)}
    return known


def _staffed(department: Department, employees: dict[str, Employee]) -> Staffed:
    staff = []
    for member in department.members:
        known = employees.get(member.login)
        staff.append(
            Person(
                login=member.login,
                name=known.name if known else member.login,
                extension=known.extension if known else None,
                receives=member.receives_calls,
                is_head=member.is_head,
            )
        )
    return Staffed(department.id, department.name, department.extension, tuple(staff))


async def _write_act(desk: Desk, pbx_id: str, user_id: int, about: str) -> None:
    async with desk.db.write() as tx:
        await people.write_act(tx, user_id, "department", desk.clock.now(), pbx_id=pbx_id, about=about)
