"""CRM teler: contacts read, searched, updated, loaded by the batch and deleted, and their notes."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from sandbox.phonet.contacts import Card, Contacts, NoContact, values
from sandbox.phonet.messages import millis
from sandbox.phonet.wire import (
    CONTACTS_DEFAULT,
    CONTACTS_LIMIT,
    NOW,
    OFFICE,
    Route,
    body,
    invalid,
    not_found,
    page,
    parameter,
    path_id,
)

BASE = "/rest/crm/contacts/v2"
#: `filterBy`, by the manual: 0 the date of creation, 1 of modification.
FILTERS = ("dateCreate", "lastModified")
EVER = 10**16


class Value(BaseModel):
    id: int | None = None
    enumValueCode: str | None = None
    value: str


class Field(BaseModel):
    id: int | None = None
    enumCode: str
    values: list[Value]


class Contact(BaseModel):
    id: int | None = None
    companyTitle: str | None = None
    responsibleUserId: int | None = None
    createUserId: int | None = None
    fields: list[Field]


class Batch(BaseModel):
    merge: int
    contacts: list[object]


class Note(BaseModel):
    """Only its text is required; the rest comes back as it was given."""

    model_config = ConfigDict(extra="allow")

    id: int = 0
    content: str


def book(request: web.Request) -> Contacts:
    return request.app[OFFICE].contacts


def now(request: web.Request) -> int:
    return millis(request.app[NOW]())


def known(request: web.Request, name: str = "id") -> int:
    """The contact's id from the path, or 404."""
    contact_id = path_id(request, name)
    try:
        book(request).get(contact_id)
    except NoContact as error:
        raise not_found(str(error)) from None
    return contact_id


async def get(request: web.Request) -> web.Response:
    return web.json_response(book(request).get(known(request)))


async def search(request: web.Request) -> web.Response:
    text, note_text = (request.query.get(name, "").casefold() for name in ("searchText", "searchNoteText"))
    codes, by = request.query.getall("field", []), FILTERS[parameter(request, "filterBy", 0, most=1)]
    first, last = parameter(request, "from", 0), parameter(request, "to", EVER)

    def fits(card: Card) -> bool:
        notes = [str(note["content"]) for note in book(request).notes(card["id"])] if note_text else []
        return (
            first <= card[by] <= last
            and (not text or any(text in value.casefold() for value in values(card, codes)))
            and (not note_text or any(note_text in note.casefold() for note in notes))
        )

    return some(request, [card for card in book(request) if fits(card)])


async def search_by_number(request: web.Request) -> web.Response:
    if not request.query.get("otherLegNum"):
        raise invalid("otherLegNum is required")
    return some(request, book(request).with_number(request.query["otherLegNum"]))


def some(request: web.Request, cards: list[Card]) -> web.Response:
    return web.json_response(list(page(request, cards, CONTACTS_DEFAULT, CONTACTS_LIMIT)))


async def update(request: web.Request) -> web.Response:
    """Never creates: an id is required."""
    given = await body(request, Contact)
    if given.id is None:
        raise invalid("id is required")
    try:
        book(request).update(given.id, given.model_dump(), now(request))
    except NoContact as error:
        raise invalid(str(error)) from None
    return web.json_response(1)


async def delete(request: web.Request) -> web.Response:
    book(request).delete(known(request))
    return web.json_response(1)


async def batch(request: web.Request) -> web.Response:
    given = await body(request, Batch)
    if given.merge not in (0, 1):
        raise invalid("merge must be 0 or 1")
    saved = [_save(book(request), one, now(request), merge=given.merge == 1) for one in given.contacts]
    return web.json_response({"succeeded": saved.count(True), "failed": saved.count(False)}, status=201)


def _save(contacts: Contacts, one: object, at: int, *, merge: bool) -> bool:
    """A new one with a number that is known already is merged into its owner, if asked so."""
    try:
        contact = Contact.model_validate(one)
    except ValidationError:
        return False
    given, target = contact.model_dump(), contact.id
    if target is None and merge:
        numbers = values(given, ("Телефон",))
        target = next((card["id"] for num in numbers for card in contacts.with_number(num)), None)
    if target is None:
        contacts.create(given, at)
        return True
    try:
        contacts.update(target, given, at, keep_others=merge)
    except NoContact:
        return False
    return True


async def notes(request: web.Request) -> web.Response:
    return web.json_response(book(request).notes(known(request)))


async def add_note(request: web.Request) -> web.Response:
    note = await body(request, Note)
    return web.json_response(book(request).add_note(known(request), note.model_dump(), now(request)))


async def update_note(request: web.Request) -> web.Response:
    note = await body(request, Note)
    if not note.id:
        raise invalid("id is required")
    try:
        book(request).update_note(known(request), note.id, note.model_dump(), now(request))
    except NoContact as error:
        raise not_found(str(error)) from None
    return web.json_response(1)


async def delete_note(request: web.Request) -> web.Response:
    try:
        book(request).delete_note(known(request, "cntId"), path_id(request, "noteId"))
    except NoContact as error:
        raise not_found(str(error)) from None
    return web.json_response(1)


#: The fixed paths stand before `{id}`, which would take them.
ROUTES = (
    Route("GET", BASE + "/", search),
    Route("GET", BASE + "/searchByOLNum", search_by_number),
    Route("POST", BASE + "/", update),
    Route("POST", BASE + "/batch", batch),
    Route("GET", BASE + "/{id}", get),
    Route("DELETE", BASE + "/{id}", delete),
    Route("GET", BASE + "/{id}/notes", notes),
    Route("POST", BASE + "/{id}/notes", add_note),
    Route("PUT", BASE + "/{id}/notes", update_note),
    Route("DELETE", BASE + "/{cntId}/notes/{noteId}", delete_note),
)
