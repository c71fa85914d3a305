"""Contacts: clients we have a name for. They are the office's, whatever PBX the client calls through."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import delete, func, select

from storage.database import Database, Tx
from storage.prepared import Prepared, among
from storage.tables import contacts


@dataclass(frozen=True, slots=True)
class Contact:
    number: str
    name: str
    responsible: str | None
    """The login of the employee the client belongs to; `pbx:login` where it names the PBX."""
    updated_at: datetime
    updated_by: int | None


_CONTACT = [contacts.c[field.name] for field in fields(Contact)]
_GET = Prepared(select(*_CONTACT).where(among(contacts.c.number, "numbers")))


async def get(tx: Tx, number: str) -> Contact | None:
    return (await get_many(tx, [number])).get(number)


async def get_many(tx: Tx, numbers: Sequence[str]) -> dict[str, Contact]:
    found = [Contact(*row) for row in await _GET.rows(tx, numbers=numbers)]
    return {one.number: one for one in found}


async def save(db: Database, tx: Tx, *changed: Contact) -> None:
    """Write contacts down, over what was known of these numbers. Each number once."""
    statement = db.insert(contacts)
    fresh = {name: statement.excluded[name] for name in ("name", "responsible", "updated_at", "updated_by")}
    upsert = statement.on_conflict_do_update(index_elements=["number"], set_=fresh)
    if changed:
        await tx.execute(upsert, [asdict(contact) for contact in changed])


async def forget(tx: Tx, number: str) -> bool:
    return (await tx.execute(delete(contacts).where(contacts.c.number == number))).rowcount == 1


async def everybody(tx: Tx) -> list[Contact]:
    """All contacts, by number."""
    return [Contact(**row._mapping) for row in await tx.execute(select(contacts).order_by(contacts.c.number))]


async def count(tx: Tx) -> int:
    return (await tx.execute(select(func.count()).select_from(contacts))).scalar_one()


async def count_with_responsible(tx: Tx) -> int:
    """Contacts that belong to an employee."""
    query = select(func.count()).select_from(contacts).where(contacts.c.responsible.isnot(None))
    return (await tx.execute(query)).scalar_one()
