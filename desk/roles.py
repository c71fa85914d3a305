"""Roles: who may do what here. The PBX's own role counts until an administrator says otherwise."""

from dataclasses import dataclass
from enum import StrEnum

from desk import access
from desk.access import ROLES, Rank
from desk.office import Desk
from storage import notices, people
from storage.database import Tx


class Choice(StrEnum):
    """How giving somebody a role went."""

    DONE = "done"
    ALREADY = "already"
    ADMIN = "admin"
    """The configuration makes them an administrator; nobody changes that in a chat."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who has a role, from the PBX or given by an administrator."""

    user_id: int
    name: str
    employees: tuple[str, ...]
    """Whom they are at the PBXs, by name."""
    rank: Rank
    role: str | None
    """What an administrator has said, a key of `access.ROLES`; None: the PBX's own role counts."""


async def everybody(desk: Desk, tx: Tx) -> list[Standing]:
    """All who are linked at some PBX or were given a role, by name."""
    linked = {one.user_id for one in await people.links_at(tx, list(desk.pbxes))}
    known = linked | set(await people.with_roles(tx))
    found = [await of(desk, tx, user_id) for user_id in sorted(known)]
    return sorted((one for one in found if one), key=lambda one: (one.name.casefold(), one.user_id))


async def of(desk: Desk, tx: Tx, user_id: int) -> Standing | None:
    """None if we have never met them."""
    person = await people.get(tx, user_id)
    if person is None:
        return None
    who = await access.who(desk, tx, user_id, person.name)
    names = []
    for link in await people.links_of(tx, user_id):
        if link.pbx_id in desk.pbxes:
            known = await people.employee_names(tx, link.pbx_id)
            names.append(known.get(link.login, link.login))
    return Standing(user_id, person.name, tuple(dict.fromkeys(names)), who.rank, person.role)


async def choose(desk: Desk, tx: Tx, user_id: int, role: str | None, by: int) -> Choice:
    """Give somebody a role; None lets the PBX's own count again. Holds from their next message or press on."""
    await desk.db.one_at_a_time(tx, f"role {user_id}")
    person = await people.get(tx, user_id)
    if person is None or (role is not None and role not in ROLES):
        return Choice.GONE
    if user_id in desk.office.admins:
        return Choice.ADMIN
    if person.role == role:
        return Choice.ALREADY
    before = await access.who(desk, tx, user_id, person.name)
    await people.change(tx, user_id, role=role)
    await people.write_act(tx, by, "role", desk.clock.now(), about=f"{person.name}: {role or 'by the PBX'}")
    after = await access.who(desk, tx, user_id, person.name)
    if after.rank is not before.rank and person.reachable:
        await _tell(desk, tx, user_id, after.rank, by)
    return Choice.DONE


async def _tell(desk: Desk, tx: Tx, user_id: int, rank: Rank, by: int) -> None:
    """In private, what they are now."""
    now, giver = desk.clock.now(), await people.get(tx, by)
    data = {"what": "role", "rank": rank.name, "by": giver.name if giver else "?"}
    subject = f"role {user_id} {rank.name} {now.timestamp():.3f}"
    notice_id = await notices.add(desk.db, tx, "told", subject, now, data=data)
    if notice_id is not None:
        await notices.deliver_to(desk.db, tx, notice_id, [(user_id, 0)], now)
