"""The door is open, and the desk behind it is not staffed yet: events are taken; whoever asks for more waits."""

import asyncio
import json

import pytest

from bot.app import telegram_route
from desk import intake
from storage import contacts, memory
from storage.contacts import Contact
from tests.handlers.webhook.wire import KEY, MISSED, Answered, form, post, stored
from tests.office import ANNA, CLIENT, Office, an_office

QUESTION = form(**KEY, cmd="contact", phone=CLIENT)


@pytest.fixture
async def starting(office: Office) -> Office:
    async with office.desk.db.write() as tx:
        await contacts.save(office.desk.db, tx, Contact("+" + CLIENT, "Пётр", None, office.clock.now(), ANNA))
    office.app.staffed.clear()
    return office


async def get(office: Office, path: str) -> Answered:
    return await post(office, None, path, method="GET")


async def meanwhile(office: Office) -> None:
    """Others are answered so many times that whoever did not wait would be, too."""
    for _ in range(20):
        assert (await get(office, "/healthz")).status == 200


async def test_events_are_taken_and_strangers_refused(starting: Office) -> None:
    assert (await post(starting, form(**KEY, **MISSED))).status == 200
    assert (await post(starting, form(crm_token="wrong", **MISSED))).status == 401
    assert (await post(starting, form(**KEY, **MISSED), "/pbx/nowhere")).status == 404
    assert [pbx_id for pbx_id, *_ in await stored(starting)] == ["main"]


async def test_it_lives_and_is_not_ready(starting: Office) -> None:
    assert (await get(starting, "/healthz")).status == 200
    ready = await get(starting, "/readyz")
    assert (ready.status, ready.json) == (
        503,
        [{"part": "telegram", "problem": "the chat door is still opening"}],
    )


async def test_a_client_who_calls_is_nobody_as_long_as_nobody_can_be_asked(
    starting: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ANSWER_WITHIN", 0.05)
    answered = await post(starting, QUESTION)
    assert (answered.status, answered.json) == (200, {})


async def test_a_client_who_calls_is_known_once_somebody_can_be_asked(
    starting: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ANSWER_WITHIN", 60.0)
    asked = asyncio.create_task(post(starting, QUESTION))
    assert (await post(starting, form(**KEY, **MISSED))).status == 200
    await meanwhile(starting)
    assert not asked.done()
    starting.app.staffed.set()
    assert (await asked).json == {"contact_name": "Пётр"}


async def test_the_third_wrong_key_waits_for_who_tells_the_administrators(starting: Office) -> None:
    starting.app.staffed.set()
    await starting.says(ANNA, ANNA, "/start")
    starting.app.staffed.clear()
    wrong = form(crm_token="wrong", **MISSED)
    assert [(await post(starting, wrong)).status for _ in range(2)] == [401, 401]
    third = asyncio.create_task(post(starting, wrong))
    assert (await post(starting, form(**KEY, **MISSED))).status == 200
    await meanwhile(starting)
    assert not third.done()
    starting.app.staffed.set()
    assert (await third).status == 401
    await starting.settle()
    assert any("with a wrong key" in text for text in starting.texts(ANNA))


async def test_updates_and_figures_wait(sqlite_url: str) -> None:
    public = {"public_url": "https://bot.example.com"}
    async with an_office(sqlite_url, telegram={"mode": "webhook"}, http=public) as office:
        office.app.staffed.clear()
        route = telegram_route(office.app.settings)
        assert route is not None
        update = json.dumps({"update_id": 7, "message": {}}).encode()
        secret = {"X-Telegram-Bot-Api-Secret-Token": route.header_secret}
        pushed = asyncio.create_task(post(office, update, f"/telegram/{route.path_secret}", headers=secret))
        scraped = asyncio.create_task(office.http.get(f"{office.url}/metrics"))
        await meanwhile(office)
        assert not pushed.done()
        assert not scraped.done()
        office.app.staffed.set()
        assert ((await pushed).status, (await scraped).status) == (200, 200)
        async with office.desk.db.read() as tx:
            assert [one.update_id for one in await memory.waiting_updates(tx, 10)] == [7]
