"""Contacts as people write them down: a client's name and the employee the client belongs to."""

from collections.abc import Sequence

from desk import directory, ledger
from desk.office import Desk
from storage import cases, contacts, people
from storage.contacts import Contact
from storage.database import Tx


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
