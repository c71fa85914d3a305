"""Every operation of the manual that we call: its section, what must go over the wire, what the example becomes.

The expected requests are written from the manual, not from our code.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pbx.phonet import wire
from pbx.phonet.client import PhonetClient
from pbx.phonet.client.contacts import FilterBy
from pbx.phonet.wire import LgDirection
from tests.pbx.phonet.phonet_account import KEY, fixture

SINCE = datetime(2015, 6, 26, 11, 0, tzinfo=UTC)
UNTIL = datetime(2015, 6, 26, 12, 0, tzinfo=UTC)
PERIOD = [("timeFrom", "1435316400000"), ("timeTo", "1435320000000")]
CALLS_PAGE = [("limit", "50"), ("offset", "0")]
CONTACTS_PAGE = [("limit", "60"), ("offset", "0")]

#: Where something else than the manual's letter is right, and why.
CORRECTIONS = {
    "keys without quotes": "the manual's typography: request and reply bodies are JSON",
    "dialAt, bridgeAt": "said to be milliseconds, the examples hold seconds: told apart by size",
    "GET /rest/crm/contacts/v2/": "a list by its title, one object in the example: both are read",
    "leg: ,": "a stray comma in the examples of company.api, missed.api and users.api",
    "missed.api": "its example is that of company.api, outgoing and answered calls too: only its ids are believed",
    "GET /rest/calls/active/{uuid}/hangup": "a GET that changes something: never sent twice",
    "POST /rest/crm/contacts/v2/": "called an update and nothing else: new contacts go in by batch",
    "POST …/notes": "the example is all zeros: elementId, dateCreate and lastModified are filled in",
}


@dataclass(frozen=True)
class Operation:
    section: str
    documented: str
    """Method and path as in the list of documented operations."""
    call: Callable[[PhonetClient], Awaitable[Any]]
    path: str
    reply: Any
    becomes: Callable[[Any], bool]
    query: list[tuple[str, str]] = field(default_factory=list)
    body: Any = None
    status: int = 200

    @property
    def method(self) -> str:
        return self.documented.split()[0]


async def _all(rows: AsyncIterator[Any]) -> list[Any]:
    return [row async for row in rows]


async def _recording(client: PhonetClient) -> tuple[str, bytes]:
    async with client.recording("47a968893984475b8c20e29dec144ce3") as recording:
        return recording.content_type, b"".join([chunk async for chunk in recording.chunks])


def _two_calls(rows: list[wire.CallRecord]) -> bool:
    internal, outgoing = rows
    return (
        (internal.call_id, internal.leg2 and internal.leg2.ext) == ("d267486f-a539-45dd-c5f5-e735a5870b80", "004")
        and internal.end_at == datetime(2015, 6, 26, 11, 48, 18, 470_000, tzinfo=UTC)
        and (outgoing.transfer_history, outgoing.trunk) == ("003 > 001", "o=380442249895;")
        and (outgoing.bill_secs, outgoing.duration, outgoing.disposition) == (4, 15, 0)
        and outgoing.leg is not None
        and (outgoing.leg.type, outgoing.leg.display_name) == (1, "Васильев Андрей")
    )


def _three_active(rows: list[wire.ActiveCall]) -> bool:
    return [(row.last_event, row.lg_direction, row.client_num) for row in rows] == [
        ("call.dial", 2, "+380442249895"),
        ("call.bridge", 4, "+380442249895"),
        ("call.bridge", 1, None),
    ] and rows[2].dial_at == datetime(2015, 5, 15, 10, 33, 21, tzinfo=UTC)


def _is_phonet(contact: wire.Contact) -> bool:
    return (contact.id, contact.fields[0].values[0].value) == (7068, "Phonet") and contact.date_create == datetime(
        2015, 9, 30, 7, 24, 36, tzinfo=UTC
    )


def _is_alexander(contacts: list[wire.Contact]) -> bool:
    return [contact.fields[0].values[0].value for contact in contacts] == ["Александр"]


PETER = wire.Contact.model_validate(fixture("contact_update"))
IN_BATCH = wire.Contact.model_validate(fixture("contacts_batch")["contacts"][0])
NOTE = wire.ContactNote()

OPERATIONS = [
    Operation(
        "Авторизация в Phonet",
        "POST /rest/security/authorize",
        lambda client: client.authorize(),
        "/rest/security/authorize",
        None,
        lambda nothing: nothing is None,
        body={"domain": "test4.phonet.com.ua", "apiKey": KEY},
    ),
    Operation(
        "Выполнение звонка",
        "POST /rest/user/makeCall",
        lambda client: client.make_call("001", "+380993034330"),
        "/rest/user/makeCall",
        fixture("started_call"),
        lambda started: started.uuid == "47a968893984475bbca0e29dec144ce3",
        body={"legExt": "001", "otherLegNum": "+380993034330"},
    ),
    Operation(
        "Получение списка активных звонков",
        "GET /rest/calls/active/v3",
        lambda client: client.active_calls(),
        "/rest/calls/active/v3",
        fixture("active_calls_times_in_seconds"),
        _three_active,
    ),
    Operation(
        "Завершение звонка/разговора",
        "GET /rest/calls/active/{uuid}/hangup",
        lambda client: client.hangup("562aa0bd8d9842cd95e4a581443f2e86"),
        "/rest/calls/active/562aa0bd8d9842cd95e4a581443f2e86/hangup",
        None,
        lambda nothing: nothing is None,
    ),
    Operation(
        "Получение списка совершенных звонков компании",
        "GET /rest/calls/company.api",
        lambda client: _all(client.company_calls(SINCE, UNTIL, directions=[LgDirection.OUT, LgDirection.IN])),
        "/rest/calls/company.api",
        fixture("company_calls"),
        _two_calls,
        query=[*PERIOD, ("directions", "2"), ("directions", "4"), *CALLS_PAGE],
    ),
    Operation(
        "Получение списка входящих звонков по которым нужно перезвонить",
        "GET /rest/calls/missed.api",
        lambda client: _all(client.missed_calls(SINCE, UNTIL)),
        "/rest/calls/missed.api",
        fixture("company_calls"),
        _two_calls,
        query=[*PERIOD, *CALLS_PAGE],
    ),
    Operation(
        "Получение списка совершенных звонков сотрудников",
        "GET /rest/calls/users.api",
        lambda client: _all(client.users_calls(SINCE, UNTIL, directions=[LgDirection.PAUSE_SET])),
        "/rest/calls/users.api",
        fixture("company_calls"),
        _two_calls,
        query=[*PERIOD, ("directions", "32"), *CALLS_PAGE],
    ),
    Operation(
        "Получение списка пользователей",
        "GET /rest/users",
        lambda client: client.users(),
        "/rest/users",
        fixture("users"),
        lambda users: (
            [(u.id, u.display_name, u.ext, u.email) for u in users]
            == [
                (30, "Иван Иванов", "901", "ivan.ivanov@phonet.com.ua"),
                (14, "Юрий Юрьев", "990", "yuriy.yuriev@phonet.com.ua"),
            ]
        ),
    ),
    Operation(
        "Получение статуса пользователя",
        "GET /rest/user/status",
        lambda client: client.user_status(),
        "/rest/user/status",
        fixture("user_status"),
        lambda status: status.status == 1,
    ),
    Operation(
        "Получение контакта",
        "GET /rest/crm/contacts/v2/{id}",
        lambda client: client.contact(7068),
        "/rest/crm/contacts/v2/7068",
        fixture("contact"),
        _is_phonet,
    ),
    Operation(
        "Получение списка контактов",
        "GET /rest/crm/contacts/v2/",
        lambda client: _all(
            client.contacts(
                fields=["Имя", "Телефон"],
                search_text="Алекс",
                search_note_text="скидка",
                filter_by=FilterBy.MODIFIED,
                since=SINCE,
                until=UNTIL,
            )
        ),
        "/rest/crm/contacts/v2/",
        fixture("contacts_a_lone_object"),
        _is_alexander,
        query=[
            ("field", "Имя"),
            ("field", "Телефон"),
            ("searchText", "Алекс"),
            ("searchNoteText", "скидка"),
            ("filterBy", "1"),
            ("from", "1435316400000"),
            ("to", "1435320000000"),
            *CONTACTS_PAGE,
        ],
    ),
    Operation(
        "Получение списка контактов по номеру телефону",
        "GET /rest/crm/contacts/v2/searchByOLNum",
        lambda client: _all(client.contacts_by_number("+380440000000")),
        "/rest/crm/contacts/v2/searchByOLNum",
        fixture("contacts_a_lone_object"),
        _is_alexander,
        query=[("otherLegNum", "+380440000000"), *CONTACTS_PAGE],
    ),
    Operation(
        "Обновление контакта",
        "POST /rest/crm/contacts/v2/",
        lambda client: client.update_contact(PETER),
        "/rest/crm/contacts/v2/",
        1,
        lambda done: done is True,
        body=fixture("contact_update"),
    ),
    Operation(
        "Удаление контакта",
        "DELETE /rest/crm/contacts/v2/{id}",
        lambda client: client.delete_contact(7068),
        "/rest/crm/contacts/v2/7068",
        1,
        lambda done: done is True,
    ),
    Operation(
        "Загрузка списка контактов",
        "POST /rest/crm/contacts/v2/batch",
        lambda client: client.save_contacts([IN_BATCH], merge=True),
        "/rest/crm/contacts/v2/batch",
        fixture("batch_result"),
        lambda result: (result.succeeded, result.failed) == (1, 0),
        body=fixture("contacts_batch"),
        status=201,
    ),
    Operation(
        "Получение списка заметок у контакта",
        "GET /rest/crm/contacts/v2/{id}/notes",
        lambda client: client.notes(7068),
        "/rest/crm/contacts/v2/7068/notes",
        fixture("notes"),
        lambda notes: [(note.id, note.content) for note in notes] == [(0, None)],
    ),
    Operation(
        "Сохранение заметки для контакта",
        "POST /rest/crm/contacts/v2/{id}/notes",
        lambda client: client.save_note(7068, NOTE),
        "/rest/crm/contacts/v2/7068/notes",
        {**fixture("note"), "id": 12},
        lambda note: note.id == 12,
        body=fixture("note"),
    ),
    Operation(
        "Обновление заметки у контакта",
        "PUT /rest/crm/contacts/v2/{id}/notes",
        lambda client: client.update_note(7068, NOTE),
        "/rest/crm/contacts/v2/7068/notes",
        1,
        lambda done: done is True,
        body=fixture("note"),
    ),
    Operation(
        "Удаление заметки у контакта",
        "DELETE /rest/crm/contacts/v2/{cntId}/notes/{noteId}",
        lambda client: client.delete_note(7068, 12),
        "/rest/crm/contacts/v2/7068/notes/12",
        1,
        lambda done: done is True,
    ),
    Operation(
        "Передача событий о звонках, примечание о записи",
        "GET /rest/public/calls/{uuid}/audio",
        _recording,
        "/rest/public/calls/47a968893984475b8c20e29dec144ce3/audio",
        "sound",
        lambda got: got == ("application/json", b'"sound"'),
    ),
]
