"""The employees of each PBX, as last read from it.

They are read again by the hour, and when somebody names one that we don't know.
"""

from collections.abc import Awaitable, Callable, Sequence

from desk import admins, pbx_troubles
from desk.access import employee_at
from desk.office import Desk
from pbx.errors import PbxError
from pbx.vocabulary import Employee
from storage import people
from storage.database import Tx

#: At which PBX, and who.
Found = tuple[str, Employee]


class Unread(Exception):
    """Somebody was looked for at a PBX that could not be asked."""

    def __init__(self, pbx_id: str, error: PbxError) -> None:
        super().__init__(str(error))
        self.pbx_id = pbx_id
        self.error = error


async def refresh(desk: Desk, pbx_id: str) -> list[Employee]:
    """Read the employees of a PBX and keep them. Raises `PbxError`; what we knew then stays."""
    pbx = desk.pbxes[pbx_id]
    if not pbx.capabilities.employees:
        return []
    try:
        current = await pbx.employees()
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    async with desk.db.write() as tx:
        await desk.db.one_at_a_time(tx, f"employees {pbx_id}")
        before = {one.login for one in await people.employees_of(tx, pbx_id)}
        await people.save_employees(desk.db, tx, pbx_id, current)
        left = before - {one.login for one in current}
        await _tell_of_linked_who_left(desk, tx, pbx_id, left)
    desk.deliveries.ring()
    return current


async def known(desk: Desk, pbx_id: str) -> list[Employee]:
    """The employees as last read, by name; read now if they never were. Raises `PbxError`."""
    async with desk.db.read() as tx:
        kept = await people.employees_of(tx, pbx_id)
    if kept:
        return kept
    await refresh(desk, pbx_id)
    async with desk.db.read() as tx:
        return await people.employees_of(tx, pbx_id)


async def find(desk: Desk, pbx_ids: Sequence[str], word: str) -> list[Found]:
    """Whom `word` names at each of these PBXs; they are asked again where nobody is known by it.

    Raises `Unread` if nobody was found and a PBX could not be asked.
    """
    return await _searched(desk, pbx_ids, lambda tx: _named(tx, pbx_ids, word))


async def with_number(desk: Desk, number: str) -> list[Found]:
    """Whose own number (E.164) this is, at any PBX. Asked again, and raises, as `find` does."""
    pbx_ids = [pbx_id for pbx_id, pbx in desk.pbxes.items() if pbx.capabilities.employee_numbers]
    return await _searched(desk, pbx_ids, lambda tx: _having(tx, pbx_ids, number))


async def _searched(
    desk: Desk, pbx_ids: Sequence[str], search: Callable[[Tx], Awaitable[list[Found]]]
) -> list[Found]:
    async with desk.db.read() as tx:
        found = await search(tx)
    if found:
        return found
    troubles: list[Unread] = []
    for pbx_id in pbx_ids:
        try:
            await refresh(desk, pbx_id)
        except PbxError as error:
            troubles.append(Unread(pbx_id, error))
    async with desk.db.read() as tx:
        found = await search(tx)
    if troubles and not found:
        raise troubles[0]
    return found


async def _named(tx: Tx, pbx_ids: Sequence[str], word: str) -> list[Found]:
    asked = [(pbx_id, await employee_at(tx, pbx_id, word)) for pbx_id in pbx_ids]
    return [(pbx_id, employee) for pbx_id, employee in asked if employee]


async def _having(tx: Tx, pbx_ids: Sequence[str], number: str) -> list[Found]:
    return [
        (pbx_id, employee)
        for pbx_id in pbx_ids
        for employee in await people.employees_of(tx, pbx_id)
        if number in employee.numbers
    ]


async def _tell_of_linked_who_left(desk: Desk, tx: Tx, pbx_id: str, left: set[str]) -> None:
    for link in await people.links_at(tx, [pbx_id]) if left else []:
        if link.login in left:
            names = await people.employee_names(tx, pbx_id)
            person = await people.get(tx, link.user_id)
            said = {"name": person.name if person else "?", "employee": names.get(link.login, link.login)}
            about = f"{pbx_id} {link.login}"
            await admins.tell(desk, tx, "employee_left", about, pbx=pbx_id, login=link.login, **said)
