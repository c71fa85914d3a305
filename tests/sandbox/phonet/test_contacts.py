"""CRM teler over its API: cards, search, the batch, and notes."""

import pytest

from sandbox.phonet import PhonetOffice
from sandbox.phonet.demo import KNOWN_CLIENT
from tests.sandbox.phonet.program import CLIENT, Api, Clock, Json

BASE = "/crm/contacts/v2"


def card(name: str, phone: str = CLIENT, **more: object) -> Json:
    pairs = {"Имя": name, "Телефон": phone}
    fields = [{"enumCode": code, "values": [{"enumValueCode": code, "value": text}]} for code, text in pairs.items()]
    return {"fields": fields, **more}


def texts(contact: Json) -> dict[str, str]:
    return {field["enumCode"]: field["values"][0]["value"] for field in contact["fields"]}


async def test_a_contact_is_read_by_its_id(api: Api) -> None:
    found = await api("GET", f"{BASE}/7001")
    assert (found["id"], found["responsibleUserId"]) == (7001, 19)
    assert texts(found)["Компания"] == "Зоря і син"
    assert "not found" in await api("GET", f"{BASE}/1", status=404)
    assert await api("GET", f"{BASE}/one", status=400) == "id must be a number"


async def test_a_search_by_number(api: Api) -> None:
    [found] = await api("GET", f"{BASE}/searchByOLNum?otherLegNum=%2B{KNOWN_CLIENT[1:]}")
    assert found["id"] == 7001
    assert await api("GET", f"{BASE}/searchByOLNum?otherLegNum=%2B{CLIENT[1:]}") == []
    assert await api("GET", f"{BASE}/searchByOLNum", status=400) == "otherLegNum is required"


async def test_a_batch_creates_merges_and_counts_what_failed(pbx: PhonetOffice, api: Api, clock: Clock) -> None:
    sent = [card("Марко"), card("Ніхто", id=1), {"id": 7001}, card("Зоряна", KNOWN_CLIENT)]
    assert await api("POST", f"{BASE}/batch", {"merge": 1, "contacts": sent}, status=201) == {
        "succeeded": 2,
        "failed": 2,
    }
    assert len(pbx.office.contacts) == 2
    merged = await api("GET", f"{BASE}/7001")
    assert texts(merged) == {
        "Имя": "Зоряна",
        "Телефон": KNOWN_CLIENT,
        "Фамилия": "Зоря",
        "Компания": "Зоря і син",
    }
    assert merged["lastModified"] == clock.ms()
    assert merged["responsibleUserId"] == 19
    await api("POST", f"{BASE}/batch", {"merge": 2, "contacts": []}, status=400)


async def test_a_batch_without_merging_replaces_and_doubles(pbx: PhonetOffice, api: Api) -> None:
    sent = [card("Марта", KNOWN_CLIENT, id=7001), card("Марта", KNOWN_CLIENT)]
    await api("POST", f"{BASE}/batch", {"merge": 0, "contacts": sent}, status=201)
    assert texts(await api("GET", f"{BASE}/7001")) == {"Имя": "Марта", "Телефон": KNOWN_CLIENT}
    assert len(pbx.office.contacts) == 2


async def test_an_update_needs_an_id_and_creates_nothing(pbx: PhonetOffice, api: Api) -> None:
    assert await api("POST", f"{BASE}/", card("Марко", KNOWN_CLIENT, id=7001)) == 1
    assert texts(await api("GET", f"{BASE}/7001"))["Имя"] == "Марко"
    assert await api("POST", f"{BASE}/", card("Марко"), status=400) == "id is required"
    await api("POST", f"{BASE}/", card("Марко", id=1), status=400)
    await api("POST", f"{BASE}/", {"id": 7001}, status=400)
    assert len(pbx.office.contacts) == 1


async def test_a_deleted_contact_is_gone(api: Api) -> None:
    assert await api("DELETE", f"{BASE}/7001") == 1
    await api("GET", f"{BASE}/7001", status=404)
    await api("DELETE", f"{BASE}/7001", status=404)


async def test_thirty_contacts_come_by_default_and_sixty_at_most(pbx: PhonetOffice, api: Api) -> None:
    for n in range(99):
        pbx.office.contacts.add([("Телефон", f"+3805001{n:05d}")])
    pages = [await api("GET", f"{BASE}/?limit=60&offset={offset}") for offset in (0, 60)]
    assert [len(page) for page in pages] == [60, 40]
    assert len(await api("GET", f"{BASE}/")) == 30
    assert await api("GET", f"{BASE}/?limit=61", status=400) == "limit is out of range"
    await api("GET", f"{BASE}/?offset=-1", status=400)


async def test_a_search_by_text_field_note_and_time(pbx: PhonetOffice, api: Api, clock: Clock) -> None:
    other = pbx.office.contacts.add([("Имя", "Зоряна")], at=clock.ms())
    pbx.office.contacts.add_note(other, {"content": "Передзвонити у вівторок"}, clock.ms())

    async def ids(query: str) -> list[int]:
        return [found["id"] for found in await api("GET", f"{BASE}/?{query}")]

    assert await ids("searchText=зоря") == [7001, other]
    assert await ids("searchText=зоря&field=Имя&field=Email") == [other]
    assert await ids("searchNoteText=вівторок") == [other]
    assert await ids(f"from={clock.ms()}") == [other]
    assert await ids(f"to={clock.ms() - 1}") == [7001]
    await clock.sleep(10)
    await api("POST", f"{BASE}/", card("Марта", id=7001))
    assert await ids(f"filterBy=1&from={clock.ms(10)}") == [7001]
    assert await ids(f"filterBy=0&from={clock.ms(10)}") == []
    await api("GET", f"{BASE}/?filterBy=2", status=400)


async def test_a_note_is_written_changed_and_deleted(api: Api, clock: Clock) -> None:
    notes = f"{BASE}/7001/notes"
    given = {"id": 0, "content": "Просить рахунок", "otherLegNum": KNOWN_CLIENT, "tag": ""}
    saved = await api("POST", notes, given)
    assert saved["id"] > 0
    assert (saved["elementId"], saved["dateCreate"], saved["otherLegNum"]) == (7001, clock.ms(), KNOWN_CLIENT)
    assert await api("GET", notes) == [saved]
    assert await api("PUT", notes, {"id": saved["id"], "content": "Рахунок надіслано"}) == 1
    [changed] = await api("GET", notes)
    assert (changed["content"], changed["otherLegNum"]) == ("Рахунок надіслано", KNOWN_CLIENT)
    assert await api("DELETE", f"{notes}/{saved['id']}") == 1
    assert await api("GET", notes) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/1/notes", None, 404),
        ("POST", "/1/notes", {"content": "a"}, 404),
        ("POST", "/7001/notes", {"content": None}, 400),
        ("PUT", "/7001/notes", {"content": "a"}, 400),
        ("PUT", "/7001/notes", {"id": 5, "content": "a"}, 404),
        ("PUT", "/1/notes", {"id": 5, "content": "a"}, 404),
        ("DELETE", "/7001/notes/5", None, 404),
        ("DELETE", "/1/notes/5", None, 404),
        ("DELETE", "/7001/notes/last", None, 400),
    ],
)
async def test_a_note_nowhere_or_without_a_text(api: Api, method: str, path: str, body: object, status: int) -> None:
    await api(method, BASE + path, body, status=status)
