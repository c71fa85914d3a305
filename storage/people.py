"""Telegram users, whom they are at the PBX, and the PBX's employees as last read."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from pbx.vocabulary import Employee, Role
from storage.database import Database, Tx
from storage.prepared import Prepared, among
from storage.tables import acts, employees, link_requests, links, people


@dataclass(frozen=True, slots=True)
class Person:
    """A Telegram user we have met."""

    user_id: int
    name: str
    username: str | None
    language: str | None
    reachable: bool
    settings: dict[str, Any]
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """This Telegram user is that employee."""

    user_id: int
    pbx_id: str
    login: str
    linked_at: datetime
    linked_by: int


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Somebody asks to be linked; `state` is open, granted or refused."""

    id: int
    user_id: int
    pbx_id: str
    login: str
    chat_id: int
    asked_at: datetime
    state: str


async def meet(db: Database, tx: Tx, user_id: int, name: str, username: str | None, *, reachable: bool) -> None:
    """Remember a user as they call themselves now; once reachable, always (until they block us)."""
    row = {"user_id": user_id, "name": name, "username": username, "reachable": reachable}
    statement = db.insert(people).values(row)
    fresh = {"name": name, "username": username} | ({"reachable": True} if reachable else {})
    await tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=fresh))


_PERSON = [people.c[field.name] for field in fields(Person)]
_GET = Prepared(select(*_PERSON).where(among(people.c.user_id, "user_ids")))


async def get(tx: Tx, user_id: int) -> Person | None:
    return (await get_many(tx, [user_id])).get(user_id)


async def get_many(tx: Tx, user_ids: Sequence[int]) -> dict[int, Person]:
    found = [Person(*row) for row in await _GET.rows(tx, user_ids=user_ids)] if user_ids else []
    return {one.user_id: one for one in found}


async def with_roles(tx: Tx) -> list[int]:
    """The users whom an administrator has given a role."""
    return list((await tx.execute(select(people.c.user_id).where(people.c.role.isnot(None)))).scalars())


async def change(tx: Tx, user_id: int, **values: Any) -> None:
    await tx.execute(update(people).where(people.c.user_id == user_id).values(**values))


# Links


async def link(db: Database, tx: Tx, user_id: int, pbx_id: str, login: str, at: datetime, by: int) -> None:
    """Tie a user to an employee. One user per employee and one employee per user at each PBX: the new tie wins."""
    await tx.execute(
        delete(links).where(links.c.pbx_id == pbx_id, links.c.login == login, links.c.user_id != user_id)
    )
    row = {"user_id": user_id, "pbx_id": pbx_id, "login": login, "linked_at": at, "linked_by": by}
    fresh = {"login": login, "linked_at": at, "linked_by": by}
    statement = db.insert(links).values(row)
    await tx.execute(statement.on_conflict_do_update(index_elements=["user_id", "pbx_id"], set_=fresh))


async def unlink(tx: Tx, user_id: int, pbx_id: str | None = None) -> int:
    """Untie a user from one PBX or from all; how many ties there were."""
    mine = links.c.user_id == user_id
    chosen = delete(links).where(mine) if pbx_id is None else delete(links).where(mine, links.c.pbx_id == pbx_id)
    return (await tx.execute(chosen)).rowcount


async def links_of(tx: Tx, user_id: int) -> list[Link]:
    rows = await tx.execute(select(links).where(links.c.user_id == user_id).order_by(links.c.pbx_id))
    return [Link(**row._mapping) for row in rows]


async def links_at(tx: Tx, pbx_ids: Sequence[str]) -> list[Link]:
    rows = await tx.execute(select(links).where(links.c.pbx_id.in_(pbx_ids)).order_by(links.c.pbx_id, links.c.login))
    return [Link(**row._mapping) for row in rows]


async def user_of(tx: Tx, pbx_id: str, login: str) -> int | None:
    query = select(links.c.user_id).where(links.c.pbx_id == pbx_id, links.c.login == login)
    return (await tx.execute(query)).scalar_one_or_none()


async def ask_link(tx: Tx, user_id: int, pbx_id: str, login: str, chat_id: int, at: datetime) -> int:
    """An open request's id; asking for the same again gives the same."""
    same = select(link_requests.c.id).where(
        link_requests.c.user_id == user_id,
        link_requests.c.pbx_id == pbx_id,
        link_requests.c.login == login,
        link_requests.c.state == "open",
    )
    found: int | None = (await tx.execute(same)).scalar_one_or_none()
    if found is not None:
        return found
    row = {"user_id": user_id, "pbx_id": pbx_id, "login": login, "chat_id": chat_id, "asked_at": at, "state": "open"}
    new_id: int = (await tx.execute(insert(link_requests).values(row).returning(link_requests.c.id))).scalar_one()
    return new_id


async def link_request(tx: Tx, request_id: int) -> LinkRequest | None:
    row = (await tx.execute(select(link_requests).where(link_requests.c.id == request_id))).one_or_none()
    return LinkRequest(**row._mapping) if row else None


async def open_requests_of(tx: Tx, user_id: int) -> list[LinkRequest]:
    """What somebody has asked for and nobody has answered, oldest first."""
    mine = select(link_requests).where(link_requests.c.user_id == user_id, link_requests.c.state == "open")
    return [LinkRequest(**row._mapping) for row in await tx.execute(mine.order_by(link_requests.c.id))]


async def settle_request(tx: Tx, request_id: int, state: str) -> bool:
    """Close an open request; False if somebody was quicker."""
    mine = update(link_requests).where(link_requests.c.id == request_id, link_requests.c.state == "open")
    return (await tx.execute(mine.values(state=state))).rowcount == 1


# Employees as the PBX last told


def _employee(row: Row[Any]) -> Employee:
    return Employee(
        login=row.login,
        name=row.name,
        extension=row.extension,
        numbers=tuple(row.numbers),
        email=row.email,
        role=Role(row.role),
        aliases=tuple(row.aliases),
    )


async def save_employees(db: Database, tx: Tx, pbx_id: str, current: Sequence[Employee]) -> None:
    """Replace what we know of a PBX's employees; those who left keep their names for old cards."""
    await tx.execute(update(employees).where(employees.c.pbx_id == pbx_id).values(gone=True))
    rows = [
        {
            "pbx_id": pbx_id,
            "login": one.login,
            "name": one.name,
            "extension": one.extension,
            "email": one.email,
            "role": one.role.value,
            "numbers": list(one.numbers),
            "aliases": list(one.aliases),
            "gone": False,
        }
        for one in current
    ]
    statement = db.insert(employees)
    fresh = {
        name: statement.excluded[name]
        for name in ("name", "extension", "email", "role", "numbers", "aliases", "gone")
    }
    upsert = statement.on_conflict_do_update(index_elements=["pbx_id", "login"], set_=fresh)
    if rows:
        await tx.execute(upsert, rows)


async def employees_of(tx: Tx, pbx_id: str, *, gone_too: bool = False) -> list[Employee]:
    query = select(employees).where(employees.c.pbx_id == pbx_id).order_by(employees.c.name)
    if not gone_too:
        query = query.where(employees.c.gone.is_(False))
    return [_employee(row) for row in await tx.execute(query)]


_NUMBERS = Prepared(
    select(employees.c.pbx_id, employees.c.extension, employees.c.numbers).where(employees.c.gone.is_(False))
)


async def employees_numbers(tx: Tx, pbx_id: str) -> set[str]:
    """The numbers (E.164) of the employees of every PBX, and the extensions at this one."""
    theirs: set[str] = set()
    for at, extension, own in await _NUMBERS.rows(tx):
        theirs.update(own)
        if at == pbx_id and extension:
            theirs.add(extension)
    return theirs


_NAMES = Prepared(select(employees.c.login, employees.c.name).where(employees.c.pbx_id == bindparam("pbx_id")))


async def employee_names(tx: Tx, pbx_id: str) -> dict[str, str]:
    """Login to name, of everybody ever seen there."""
    return {row[0]: row[1] for row in await _NAMES.rows(tx, pbx_id=pbx_id)}


# What people did

#: Who did it where it was done by a command: nobody in Telegram.
COMMAND_LINE = 0


async def write_act(
    tx: Tx, user_id: int, what: str, at: datetime, *, pbx_id: str | None = None, about: str = ""
) -> None:
    """A line in the log of acts by people."""
    await tx.execute(insert(acts).values(user_id=user_id, what=what, at=at, pbx_id=pbx_id, about=about))


@dataclass(frozen=True, slots=True)
class Act:
    at: datetime
    user_id: int
    what: str
    pbx_id: str | None
    about: str


async def last_acts(tx: Tx, limit: int, offset: int = 0) -> list[Act]:
    """Newest first."""
    rows = await tx.execute(select(acts).order_by(acts.c.id.desc()).limit(limit).offset(offset))
    return [Act(row.at, row.user_id, row.what, row.pbx_id, row.about) for row in rows]


async def count_acts(tx: Tx) -> int:
    return (await tx.execute(select(func.count()).select_from(acts))).scalar_one()
