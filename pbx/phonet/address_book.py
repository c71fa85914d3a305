"""Contacts of Phonet's CRM as client cards. What a field is called is each office's own choice of words."""

from collections.abc import Iterable

from pbx.phonet.wire import Contact, ContactNote, moment
from pbx.vocabulary import ClientCard, Note

#: `enumCode` casefolded: the manual's examples, and the same words in the cabinet's other languages.
FIRST_NAME = ("имя", "ім'я", "ім’я", "first name", "firstname", "name")
LAST_NAME = ("фамилия", "прізвище", "last name", "lastname", "surname")
COMPANY = ("компания", "компанія", "company")


def card_of(contact: Contact, notes: Iterable[ContactNote]) -> ClientCard:
    """Notes without text are the PBX's own record of calls: they are no notes of people."""
    names = (contact.first_name or _field(contact, FIRST_NAME), contact.last_name or _field(contact, LAST_NAME))
    written = sorted((note for note in notes if note.content), key=lambda note: note.date_create or 0)
    return ClientCard(
        id=str(contact.id),
        name=" ".join(name for name in names if name) or None,
        company=contact.company_title or _field(contact, COMPANY),
        notes=tuple(note_of(note) for note in written),
    )


def note_of(note: ContactNote) -> Note:
    return Note(id=str(note.id), text=note.content or "", at=moment(note.date_create))


def _field(contact: Contact, names: Iterable[str]) -> str | None:
    for field in contact.fields:
        if (field.enum_code or "").strip().casefold() in names:
            return next((value.value for value in field.values if value.value), None)
    return None
