"""Who somebody is here and what they may do: roles, links to employees, and the PBX a command means."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from desk.office import Desk
from pbx.vocabulary import Employee, Role
from storage import chats, people
from storage.database import Tx
from storage.people import Link, Person


class Rank(IntEnum):
    """What a person may do, more from above to below. Admins are those of the configuration; a guest is shut out."""

    GUEST = 0
    EMPLOYEE = 1
    MANAGER = 2
    ADMIN = 3


#: The ranks that an administrator may give, by their names in `people.role`.
ROLES = {"manager": Rank.MANAGER, "employee": Rank.EMPLOYEE, "guest": Rank.GUEST}


@dataclass(frozen=True, slots=True)
class Who:
    """A Telegram user as the desk sees them."""

    user_id: int
    name: str
    rank: Rank
    links: tuple[Link, ...]
    """Those in force: of somebody who is shut out, or has left the PBX, none."""
    is_shut_out: bool = False
    """An administrator has said so: nothing is read to them anywhere."""

    def login_at(self, pbx_id: str) -> str | None:
        """Whom they are at that PBX."""
        return next((link.login for link in self.links if link.pbx_id == pbx_id), None)


async def who(desk: Desk, tx: Tx, user_id: int, name: str) -> Who:
    """Rank follows from the configuration, else from what an administrator has said, else from the best role among
    the linked employees who are still at their PBX.
    """
    person = await people.get(tx, user_id)
    links = [link for link in await people.links_of(tx, user_id) if link.pbx_id in desk.pbxes]
    said = _said(desk, user_id, person)
    if said is Rank.GUEST:
        return Who(user_id, name, Rank.GUEST, (), is_shut_out=True)
    if said is not None:
        return Who(user_id, name, said, tuple(links))
    ranks = {link: await rank_at_pbx(tx, link) for link in links}
    in_force = tuple(link for link in links if ranks[link] > Rank.GUEST)
    return Who(user_id, name, max(ranks.values(), default=Rank.GUEST), in_force)


def _said(desk: Desk, user_id: int, person: Person | None) -> Rank | None:
    """What the configuration or an administrator has said of somebody; None: the PBX's own role counts."""
    if user_id in desk.office.admins:
        return Rank.ADMIN
    return ROLES.get(person.role or "") if person else None


async def ranked(desk: Desk, tx: Tx) -> list[tuple[Person, Rank]]:
    """All who are linked, or of whom anything is said, each as `who` ranks them: a few queries for everybody."""
    links = await people.links_at(tx, list(desk.pbxes))
    ids = {link.user_id for link in links} | {*await people.with_roles(tx)} | desk.office.admins
    at_pbx = dict.fromkeys(ids, Rank.GUEST)
    for pbx_id in desk.pbxes:
        employees, were_read = await people.employees_of(tx, pbx_id), bool(await people.employee_names(tx, pbx_id))
        for link in links:
            if link.pbx_id == pbx_id:
                rank = _rank(_named(employees, link.login), were_read)
                at_pbx[link.user_id] = max(at_pbx[link.user_id], rank)
    known = await people.get_many(tx, sorted(ids))
    said = {user_id: _said(desk, user_id, person) for user_id, person in known.items()}
    return [(one, at_pbx[user_id] if (own := said[user_id]) is None else own) for user_id, one in known.items()]


async def rank_at_pbx(tx: Tx, link: Link) -> Rank:
    """What the PBX's own role gives."""
    employee = await employee_at(tx, link.pbx_id, link.login)
    return _rank(employee, employee is not None or bool(await people.employee_names(tx, link.pbx_id)))


def _rank(employee: Employee | None, were_read: bool) -> Rank:
    """Where a PBX's employees were never read, nobody can be said to have left."""
    if employee is None:
        return Rank.GUEST if were_read else Rank.EMPLOYEE
    return Rank.MANAGER if employee.role is Role.MANAGER else Rank.EMPLOYEE


async def employee_at(tx: Tx, pbx_id: str, word: str) -> Employee | None:
    """The employee whom `word` (login, extension, e-mail …) names at that PBX, as last read from it."""
    return _named(await people.employees_of(tx, pbx_id), word)


def _named(employees: Sequence[Employee], word: str) -> Employee | None:
    found = [one for one in employees if one.answers_to(word)]
    by_login = [one for one in found if one.login.casefold() == word.strip().casefold()]
    return next(iter(by_login or found), None)


async def pbxes_meant(desk: Desk, tx: Tx, chat_id: int, thread_id: int, asker: Who) -> list[str]:
    """The PBXs a command in this chat may mean: the chat's, else the asker's links, else all. One: that is it."""
    if len(desk.pbxes) == 1:
        return list(desk.pbxes)
    bound = await chats.bindings_of_chat(tx, chat_id)
    here = [one.pbx_id for one in bound if one.thread_id == thread_id] or [one.pbx_id for one in bound]
    linked = [link.pbx_id for link in asker.links]
    known = [pbx_id for pbx_id in dict.fromkeys(here or linked) if pbx_id in desk.pbxes]
    return known or list(desk.pbxes)


async def readable(desk: Desk, tx: Tx, chat_id: int, thread_id: int, reader: Who) -> list[str]:
    """The PBXs whose calls are read here: in a bound chat its own, by anyone but those shut out; elsewhere the
    reader's own.
    """
    if reader.is_shut_out:
        return []
    bound = await chats.bindings_of_chat(tx, chat_id)
    here = [one.pbx_id for one in bound if one.thread_id == thread_id] or [one.pbx_id for one in bound]
    meant = here or [link.pbx_id for link in reader.links]
    return [pbx_id for pbx_id in dict.fromkeys(meant) if pbx_id in desk.pbxes]


async def concerns(desk: Desk, tx: Tx, chat_id: int, reader: Who, pbx_id: str) -> bool:
    """Whether what a button says about that PBX is any business of this chat or of this person.

    A button's data is sent by the presser's own program: it may name anything.
    """
    if pbx_id not in desk.pbxes or reader.is_shut_out:
        return False
    if reader.rank is Rank.ADMIN or reader.login_at(pbx_id):
        return True
    return any(one.pbx_id == pbx_id for one in await chats.bindings_of_chat(tx, chat_id))
