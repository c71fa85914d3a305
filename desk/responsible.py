"""Whom a client belongs to: the responsible employee at a PBX, and who that is in Telegram."""

from collections.abc import Iterable

from desk import access, known_clients
from desk.access import Rank
from desk.office import Desk
from storage import contacts, people
from storage.database import Tx
from storage.people import Person


async def login_of(tx: Tx, client: str | None, pbx_id: str) -> str | None:
    """The responsible employee's login: by our contacts, else as the PBX itself has it. None if there is none."""
    if client is None:
        return None
    contact = await contacts.get(tx, client)
    where, _, word = ((contact.responsible if contact else None) or "").rpartition(":")
    if word and where in ("", pbx_id):
        employee = await access.employee_at(tx, pbx_id, word)
        # Employees that were never read (the PBX was out of reach) still answer to what the contact says.
        if employee or not await people.employee_names(tx, pbx_id):
            return employee.login if employee else word
    return (await known_clients.of(tx, pbx_id, client)).responsible


async def persons(desk: Desk, tx: Tx, pbx_id: str, logins: Iterable[str]) -> list[Person]:
    """The Telegram users who are these employees, but for those who are shut out."""
    found = []
    for login in dict.fromkeys(logins):
        user_id = await people.user_of(tx, pbx_id, login)
        person = await people.get(tx, user_id) if user_id is not None else None
        if person and (await access.who(desk, tx, person.user_id, person.name)).rank >= Rank.EMPLOYEE:
            found.append(person)
    return found
