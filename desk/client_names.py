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


#: A client's name, and the responsible employee's.
KnownAs = tuple[str | None, str | None]
NOBODY: KnownAs = (None, None)


async def known_as_each(tx: Tx, clients: Sequence[str], pbx_id: str) -> dict[str, KnownAs]:
    """The same of many clients of one PBX, by as many questions."""
    ours = await contacts.get_many(tx, clients) if clients else {}
    theirs = await known_clients.of_each(tx, pbx_id, clients)
    staff = await people.employees_of(tx, pbx_id) if any(one.responsible for one in ours.values()) else []
    names = await people.employee_names(tx, pbx_id) if any(one.responsible for one in theirs.values()) else {}
    known: dict[str, KnownAs] = {}
    for client in clients:
        contact, at_pbx = ours.get(client), theirs[client]
        responsible = _responsible(contact, pbx_id, staff)
        if responsible is None and at_pbx.responsible:
            responsible = names.get(at_pbx.responsible, at_pbx.responsible)
        known[client] = (contact.name if contact else at_pbx.name), responsible
    return known


async def responsible_name(desk: Desk, tx: Tx, contact: Contact | None, pbx_id: str) -> str | None:
    """The name of the responsible employee, or the word itself where no employee answers to it."""
    if contact is None or not contact.responsible:
        return None
    return _responsible(contact, pbx_id, await people.employees_of(tx, pbx_id))


def _responsible(contact: Contact | None, pbx_id: str, staff: Sequence[Employee]) -> str | None:
    if contact is None or not contact.responsible:
        return None
    employee = _responsible_of(contact, pbx_id, staff)
    return employee.name if employee else contact.responsible.split(":", 1)[-1]


async def responsible_at(desk: Desk, tx: Tx, contact: Contact, pbx_id: str) -> Employee | None:
    """The responsible employee at this PBX; None if there is none there."""
    if not contact.responsible:
        return None
    return _responsible_of(contact, pbx_id, await people.employees_of(tx, pbx_id))


def _responsible_of(contact: Contact, pbx_id: str, staff: Sequence[Employee]) -> Employee | None:
    where, _, word = (contact.responsible or "").rpartition(":")
    if where and where != pbx_id:
        return None
    return next((one for one in staff if one.answers_to(word)), None)


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
