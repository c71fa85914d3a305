"""Contacts: a client's name and the employee the client belongs to."""

from collections.abc import Sequence

from desk import directory, known_clients, ledger
from desk.office import Desk
from pbx.phone_system import Answer
from pbx.vocabulary import Employee
from storage import cases, contacts, people
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


class NoSuchEmployee(Exception):
    """Nobody at the PBX answers to the word that should name a responsible employee."""


async def responsible_word(desk: Desk, word: str, pbx_ids: Sequence[str]) -> str:
    """`word` (a login, `main:login` …) as it is kept, if it names somebody. Raises `NoSuchEmployee`, `Unread`.

    It is kept as typed: at each PBX it means whoever answers to it there.
    """
    where, _, login = word.strip().rpartition(":")
    if where and where not in desk.pbxes:
        raise NoSuchEmployee(word)
    known = [where] if where else [one for one in pbx_ids if desk.pbxes[one].capabilities.employees]
    if known and not await directory.find(desk, known, login):
        raise NoSuchEmployee(word)
    return f"{where}:{login}" if where else login


async def save(desk: Desk, number: str, name: str, responsible: str | None, user_id: int) -> Contact:
    """Write a contact down, and show it on the cards of the client's open cases."""
    now = desk.clock.now()
    contact = Contact(number, name, responsible, now, user_id)
    async with desk.db.write() as tx:
        await contacts.save(desk.db, tx, contact)
        await people.write_act(tx, user_id, "contact", now, about=number)
        await refresh_cards(desk, tx, [number])
    desk.deliveries.ring()
    return contact


async def write_import(desk: Desk, user_id: int, file: str, count: int) -> None:
    """In the log of acts: so many contacts are new or different since somebody sent that file."""
    async with desk.db.write() as tx:
        await people.write_act(tx, user_id, "contacts", desk.clock.now(), about=f"{file[:100]}: {count}")


async def take_out(desk: Desk, user_id: int) -> list[Contact]:
    """All of them, for somebody to carry away; that they did is written down."""
    async with desk.db.write() as tx:
        known = await contacts.everybody(tx)
        if known:
            await people.write_act(tx, user_id, "contacts_out", desk.clock.now(), about=str(len(known)))
    return known


async def refresh_cards(desk: Desk, tx: Tx, numbers: Sequence[str]) -> None:
    """The cards of these clients' open cases say something new."""
    for case in await cases.open_for_any(tx, numbers):
        await ledger.touch(desk, tx, case.id)
        await ledger.show_to_responsible(desk, tx, case)
