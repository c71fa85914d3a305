"""Contacts and notes of Phonet's own CRM. Section "CRM teler. Контакты"."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from enum import IntEnum
from urllib.parse import quote

from pbx.phonet import wire
from pbx.phonet.client.session import Session, objects, read, succeeded
from pbx.phonet.wire import milliseconds

CONTACTS = "/crm/contacts/v2"
#: The most rows that the PBX gives at once; left out it would give 30.
MOST_CONTACTS = 60


class FilterBy(IntEnum):
    """Which date `since` and `until` speak of."""

    CREATED = 0
    MODIFIED = 1


class Contacts(Session):
    """A contact or note that is not there is `Rejected` with status 404."""

    async def contact(self, contact_id: int | str) -> wire.Contact:
        """One contact. Section "Получение контакта"."""
        reply = await self._ask("GET", _of(contact_id))
        return read(wire.Contact, reply.json(), reply)

    def contacts(
        self,
        *,
        fields: Sequence[str] = (),
        search_text: str | None = None,
        search_note_text: str | None = None,
        filter_by: FilterBy | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> AsyncIterator[wire.Contact]:
        """Contacts that fit. `since` and `until` go as `from` and `to`. Section "Получение списка контактов"."""
        asked = {
            "field": list(fields) or None,
            "searchText": search_text,
            "searchNoteText": search_note_text,
            "filterBy": None if filter_by is None else int(filter_by),
            "from": None if since is None else milliseconds(since),
            "to": None if until is None else milliseconds(until),
        }
        return self._paged(f"{CONTACTS}/", wire.Contact, MOST_CONTACTS, **asked)

    def contacts_by_number(self, other_leg_num: str) -> AsyncIterator[wire.Contact]:
        """Contacts with a phone number. Section "Получение списка контактов по номеру телефону"."""
        return self._paged(f"{CONTACTS}/searchByOLNum", wire.Contact, MOST_CONTACTS, otherLegNum=other_leg_num)

    async def update_contact(self, contact: wire.Contact) -> bool:
        """Change a contact; it can't make a new one, see `save_contacts`. Section "Обновление контакта".

        Safe to repeat, though a POST: it says the whole contact.
        """
        if contact.id is None:
            raise ValueError("a contact without an id can't be updated")
        return succeeded(await self._ask("POST", f"{CONTACTS}/", json=contact.body(), repeatable=True))

    async def delete_contact(self, contact_id: int | str) -> bool:
        """Section "Удаление контакта"."""
        return succeeded(await self._ask("DELETE", _of(contact_id), repeatable=False))

    async def save_contacts(self, contacts: Sequence[wire.Contact], *, merge: bool) -> wire.BatchResult:
        """New contacts and known ones together. Section "Загрузка списка контактов".

        Never retried: what was new would be there twice. Answers 201.
        """
        asked = {"merge": int(merge), "contacts": [contact.body() for contact in contacts]}
        reply = await self._ask("POST", f"{CONTACTS}/batch", json=asked, repeatable=False)
        return read(wire.BatchResult, reply.json(), reply)

    async def notes(self, contact_id: int | str) -> list[wire.ContactNote]:
        """Section "Получение списка заметок у контакта"."""
        reply = await self._ask("GET", _of(contact_id, "notes"))
        return [read(wire.ContactNote, row, reply) for row in objects(reply)]

    async def save_note(self, contact_id: int | str, note: wire.ContactNote) -> wire.ContactNote:
        """A new note, answered with its id. Never retried. Section "Сохранение заметки для контакта"."""
        reply = await self._ask("POST", _of(contact_id, "notes"), json=note.body(), repeatable=False)
        return read(wire.ContactNote, reply.json(), reply)

    async def update_note(self, contact_id: int | str, note: wire.ContactNote) -> bool:
        """Section "Обновление заметки у контакта"."""
        return succeeded(await self._ask("PUT", _of(contact_id, "notes"), json=note.body(), repeatable=True))

    async def delete_note(self, contact_id: int | str, note_id: int | str) -> bool:
        """Section "Удаление заметки у контакта"."""
        return succeeded(await self._ask("DELETE", _of(contact_id, "notes", note_id), repeatable=False))


def _of(*parts: int | str) -> str:
    return "/".join([CONTACTS, *(quote(str(part), safe="") for part in parts)])
