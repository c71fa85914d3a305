"""Who somebody is here and what they may do: roles, links to employees, and the PBX a command means."""

from dataclasses import dataclass
from enum import IntEnum

from desk.office import Desk
from pbx.vocabulary import Employee, Role
from storage import chats, people
from storage.database import Tx
from storage.people import Link


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
    if user_id in desk.office.admins:
        return Who(user_id, name, Rank.ADMIN, tuple(links))
    said = ROLES.get(person.role or "") if person else None
    if said is Rank.GUEST:
        return Who(user_id, name, Rank.GUEST, (), is_shut_out=True)
    if said is not None:
        return Who(user_id, name, said, tuple(links))
    ranks = {link: await rank_at_pbx(tx, link) for link in links}
    in_force = tuple(link for link in links if ranks[link] > Rank.GUEST)
    return Who(user_id, name, max(ranks.values(), default=Rank.GUEST), in_force)


async def rank_at_pbx(tx: Tx, link: Link) -> Rank:
    """What the PBX's own role gives. Where its employees were never read, nobody can be said to have left."""
    employee = await employee_at(tx, link.pbx_id, link.login)
    if employee is None:
        return Rank.GUEST if await people.employee_names(tx, link.pbx_id) else Rank.EMPLOYEE
    return Rank.MANAGER if employee.role is Role.MANAGER else Rank.EMPLOYEE


async def employee_at(tx: Tx, pbx_id: str, word: str) -> Employee | None:
    """The employee whom `word` (login, extension, e-mail …) names at that PBX, as last read from it."""
    found = [one for one in await people.employees_of(tx, pbx_id) if one.answers_to(word)]
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
