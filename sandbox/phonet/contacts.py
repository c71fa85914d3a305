"""CRM teler, Phonet's own address book: contacts made of fields, and the notes written about them."""

import itertools
from collections.abc import Collection, Iterable, Iterator
from typing import Any

#: A contact and a note look as in the manual's examples, section "CRM teler".
Card = dict[str, Any]
FIRST_NAME, LAST_NAME, PHONE, COMPANY = "Имя", "Фамилия", "Телефон", "Компания"


class NoContact(LookupError):
    """404 of the API: there is no such contact, or it has no such note."""


class Contacts:
    def __init__(self) -> None:
        self._cards: dict[int, Card] = {}
        self._notes: dict[int, dict[int, Card]] = {}
        self._ids = itertools.count(7001)

    def __len__(self) -> int:
        return len(self._cards)

    def __iter__(self) -> Iterator[Card]:
        return iter(self._cards.values())

    def get(self, contact_id: int) -> Card:
        if contact_id not in self._cards:
            raise NoContact(f"contact {contact_id} is not found")
        return self._cards[contact_id]

    def add(self, fields: Iterable[tuple[str, str]], at: int = 0, **more: object) -> int:
        """A new contact of (field, value) pairs; `at` in milliseconds."""
        given = [{"enumCode": code, "values": [{"enumValueCode": code, "value": text}]} for code, text in fields]
        return self.create({"fields": given, **more}, at)

    def create(self, given: Card, at: int) -> int:
        contact_id = next(self._ids)
        self._cards[contact_id] = {
            "id": contact_id,
            "firstName": None,
            "lastName": None,
            "companyTitle": given.get("companyTitle"),
            "lastModified": at,
            "responsibleUserId": given.get("responsibleUserId"),
            "dateCreate": at,
            "createUserId": given.get("createUserId"),
            "fields": [self._field(field, at) for field in given["fields"]],
        }
        self._notes[contact_id] = {}
        return contact_id

    def update(self, contact_id: int, given: Card, at: int, *, keep_others: bool = True) -> None:
        """Given fields replace those of the same code; the others stay unless told not to."""
        card = self.get(contact_id)
        codes = {field["enumCode"] for field in given["fields"]}
        kept = [field for field in card["fields"] if keep_others and field["enumCode"] not in codes]
        card["fields"] = [*kept, *(self._field(field, at) for field in given["fields"])]
        card["lastModified"] = at
        changed = {name: given.get(name) for name in ("responsibleUserId", "companyTitle")}
        card |= {name: value for name, value in changed.items() if value is not None}

    def _field(self, given: Card, at: int) -> Card:
        values = [
            {
                "id": value.get("id") or next(self._ids),
                "enumValueCode": value.get("enumValueCode") or given["enumCode"],
                "lastModified": at,
                "value": value["value"],
            }
            for value in given["values"]
        ]
        return {"id": given.get("id") or next(self._ids), "enumCode": given["enumCode"], "values": values}

    def delete(self, contact_id: int) -> None:
        self.get(contact_id)
        del self._cards[contact_id], self._notes[contact_id]

    def with_number(self, num: str) -> list[Card]:
        wanted = digits(num)
        return [card for card in self if wanted and wanted in map(digits, values(card, (PHONE,)))]

    def notes(self, contact_id: int) -> list[Card]:
        self.get(contact_id)
        return list(self._notes[contact_id].values())

    def add_note(self, contact_id: int, given: Card, at: int) -> Card:
        self.get(contact_id)
        note_id = next(self._ids)
        note = {**given, "id": note_id, "elementId": contact_id, "dateCreate": at, "lastModified": at}
        self._notes[contact_id][note_id] = note
        return note

    def update_note(self, contact_id: int, note_id: int, given: Card, at: int) -> None:
        note = self._note(contact_id, note_id)
        note |= {**given, "id": note_id, "elementId": contact_id, "lastModified": at}

    def delete_note(self, contact_id: int, note_id: int) -> None:
        self._note(contact_id, note_id)
        del self._notes[contact_id][note_id]

    def _note(self, contact_id: int, note_id: int) -> Card:
        self.get(contact_id)
        if note_id not in self._notes[contact_id]:
            raise NoContact(f"contact {contact_id} has no note {note_id}")
        return self._notes[contact_id][note_id]


def values(card: Card, codes: Collection[str] = ()) -> list[str]:
    """The texts of the fields of these codes, of all without any."""
    return [
        str(value["value"])
        for field in card["fields"]
        if not codes or field["enumCode"] in codes
        for value in field["values"]
    ]


def name(card: Card) -> str | None:
    return " ".join(values(card, (FIRST_NAME,)) + values(card, (LAST_NAME,))) or None


def digits(num: str) -> str:
    return "".join(filter(str.isdigit, num))
