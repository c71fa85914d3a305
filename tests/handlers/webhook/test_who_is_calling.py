"""`contact`: answered while the phone rings, whatever the database does."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from desk import intake
from storage import contacts, people
from storage.contacts import Contact
from storage.database import DatabaseUnavailable
from tests.handlers.webhook.wire import KEY, as_json, form, post, stored
from tests.office import ANNA, CLIENT, Office

QUESTION = form(**KEY, cmd="contact", phone=CLIENT, callid="c1", diversion="74950000001")


async def _knows(office: Office, name: str, responsible: str | None = None) -> None:
    async with office.desk.db.write() as tx:
        await contacts.save(office.desk.db, tx, Contact("+" + CLIENT, name, responsible, office.clock.now(), ANNA))


async def test_an_unknown_client_is_an_empty_mapping(office: Office) -> None:
    answered = await post(office, QUESTION)
    assert (answered.status, answered.json) == (200, {})
    assert answered.headers["content-type"].startswith("application/json")


async def test_a_contact_is_answered_with_name_and_responsible(office: Office) -> None:
    await _knows(office, "Пётр <Смирнов>", "anna")
    answered = await post(office, QUESTION)
    assert answered.json == {"contact_name": "Пётр <Смирнов>", "responsible": "anna"}


async def test_a_responsible_known_by_extension_is_named_by_login(office: Office) -> None:
    anna = (await office.desk.pbxes["main"].employees())[0]
    async with office.desk.db.write() as tx:
        await people.save_employees(office.desk.db, tx, "main", [anna])
    assert anna.extension
    await _knows(office, "Пётр", anna.extension)
    assert (await post(office, QUESTION)).json == {"contact_name": "Пётр", "responsible": anna.login}


async def test_a_responsible_at_another_pbx_is_left_out(office: Office) -> None:
    await _knows(office, "Пётр", "branch:anna")
    assert (await post(office, QUESTION)).json == {"contact_name": "Пётр"}


@pytest.mark.parametrize("phone", ["", "anonymous"])
async def test_a_hidden_number_is_nobody(office: Office, phone: str) -> None:
    assert (await post(office, form(**KEY, cmd="contact", phone=phone))).json == {}


async def test_the_question_may_come_as_json_and_is_not_an_event(office: Office) -> None:
    await _knows(office, "Пётр")
    assert (await post(office, as_json(**KEY, cmd="contact", phone="+" + CLIENT))).json == {"contact_name": "Пётр"}
    assert await stored(office) == []


async def test_the_question_needs_the_key_as_well(office: Office) -> None:
    await _knows(office, "Пётр")
    answered = await post(office, form(cmd="contact", phone=CLIENT))
    assert (answered.status, answered.json) == (401, {"error": "Invalid token"})


@asynccontextmanager
async def _stuck() -> AsyncIterator[None]:
    """A database that does not answer, and takes its time to be cancelled too."""
    try:
        await asyncio.Event().wait()
        yield
    except asyncio.CancelledError:
        await asyncio.Event().wait()


@asynccontextmanager
async def _gone() -> AsyncIterator[None]:
    raise DatabaseUnavailable("no route to host")
    yield


async def test_a_database_that_hangs_makes_everybody_unknown_in_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _knows(office, "Пётр")
    assert intake.ANSWER_WITHIN <= 0.6
    monkeypatch.setattr(intake, "ANSWER_WITHIN", 0.05)
    monkeypatch.setattr(office.desk.db, "read", _stuck)
    began = time.monotonic()
    answered = await post(office, QUESTION)
    assert (answered.status, answered.json) == (200, {})
    assert time.monotonic() - began < 0.8


async def test_a_database_that_is_gone_makes_everybody_unknown(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _knows(office, "Пётр")
    monkeypatch.setattr(office.desk.db, "read", _gone)
    answered = await post(office, QUESTION)
    assert (answered.status, answered.json) == (200, {})
