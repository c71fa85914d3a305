"""Who a client is: the name and the responsible employee, for cards, lists, and the PBX that asks who is calling."""

from collections.abc import Sequence

from desk import known_clients
from desk.office import Desk
from pbx.phone_system import Answer
from pbx.vocabulary import Employee
from storage import contacts, people
from storage.contacts import Contact
from storage.database import Tx


async def known_as(desk: Desk, tx: Tx, number: str | None, pbx_ids: Sequence[str]) -> tuple[str | None, str | None]:
    """A client's name and the responsible employee's: by our contacts, else as one of these PBXs has them."""
    if number is None:
        return None, None
    contact = await contacts.get(tx, number)
    name = contact.name if contact else None
    responsible = None
    for pbx_id in pbx_ids:
        known = await known_clients.of(tx, pbx_id, number)
        name = name or known.name
        responsible = responsible or await responsible_name(desk, tx, contact, pbx_id)
        if responsible is None and known.responsible:
            names = await people.employee_names(tx, pbx_id)
            responsible = names.get(known.responsible, known.responsible)
    return name, responsible


async def responsible_name(desk: Desk, tx: Tx, contact: Contact | None, pbx_id: str) -> str | None:
    """The name of the responsible employee, or the word itself where no employee answers to it."""
    if contact is None or not contact.responsible:
        return None
    employee = await responsible_at(desk, tx, contact, pbx_id)
    return employee.name if employee else contact.responsible.split(":", 1)[-1]


async def responsible_at(desk: Desk, tx: Tx, contact: Contact, pbx_id: str) -> Employee | None:
    """The responsible employee at this PBX; None if there is none there."""
    if not contact.responsible:
        return None
    where, _, word = contact.responsible.rpartition(":")
    if where and where != pbx_id:
        return None
    return next((one for one in await people.employees_of(tx, pbx_id) if one.answers_to(word)), None)


async def who_is(desk: Desk, tx: Tx, number: str, pbx_id: str) -> Answer:
    """What we tell a PBX that asks who is calling: the responsible employee in the form that PBX wants."""
    contact = await contacts.get(tx, number)
    if contact is None:
        return Answer()
    employee = await responsible_at(desk, tx, contact, pbx_id)
    where, _, word = (contact.responsible or "").rpartition(":")
    # Employees that were never read (the PBX was out of reach) still answer to what the contact says.
    unread = not employee and word and where in ("", pbx_id) and not await people.employees_of(tx, pbx_id)
    return Answer(contact.name, employee.login if employee else word if unread else None)
