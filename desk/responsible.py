"""Whom a client belongs to: the responsible employee at a PBX, and who that is in Telegram."""

from collections.abc import Collection, Iterable

from desk import access, known_clients
from desk.access import Rank
from desk.office import Desk
from storage import contacts, people
from storage.contacts import Contact
from storage.database import Tx
from storage.people import Person


async def login_of(tx: Tx, client: str | None, pbx_id: str) -> str | None:
    """The responsible employee's login: by our contacts, else as the PBX itself has it. None if there is none."""
    return (await logins_of(tx, [client], pbx_id))[client] if client is not None else None


async def logins_of(tx: Tx, clients: Collection[str], pbx_id: str) -> dict[str, str | None]:
    """The same of many clients."""
    ours = await contacts.get_many(tx, list(clients))
    by_contact = {one: await _by_contact(tx, contact, pbx_id) for one, contact in ours.items()}
    others = [one for one in clients if not by_contact.get(one)]
    by_pbx = await known_clients.of_each(tx, pbx_id, others)
    return {one: by_pbx[one].responsible if one in by_pbx else by_contact[one] for one in clients}


async def _by_contact(tx: Tx, contact: Contact, pbx_id: str) -> str | None:
    where, _, word = (contact.responsible or "").rpartition(":")
    if not word or where not in ("", pbx_id):
        return None
    employee = await access.employee_at(tx, pbx_id, word)
    # Employees that were never read (the PBX was out of reach) still answer to what the contact says.
    if employee or not await people.employee_names(tx, pbx_id):
        return employee.login if employee else word
    return None


async def persons(desk: Desk, tx: Tx, pbx_id: str, logins: Iterable[str]) -> list[Person]:
    """The Telegram users who are these employees, but for those who are shut out."""
    found = []
    for login in dict.fromkeys(logins):
        user_id = await people.user_of(tx, pbx_id, login)
        person = await people.get(tx, user_id) if user_id is not None else None
        if person and (await access.who(desk, tx, person.user_id, person.name)).rank >= Rank.EMPLOYEE:
            found.append(person)
    return found
