"""What is too old is forgotten; who still waits is not."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from desk import case_acts, totalling
from desk.retention import forget_old
from storage import forgetting, tables
from tests.desk import phones
from tests.desk.past import phone
from tests.office import ANNA, IGOR, Office


async def count(office: Office, name: str) -> int:
    async with office.desk.db.read() as tx:
        return (await tx.execute(select(func.count()).select_from(tables.metadata.tables[name]))).scalar_one()


async def counts(office: Office, *names: str) -> list[int]:
    return [await count(office, name) for name in names]


async def test_calls_cases_and_cards_are_kept_as_long_as_the_office_says(team: Office) -> None:
    await phones.missed(team, phone=phone(1))
    await phones.we_called(team, phone=phone(1))
    await phones.says(team, "rating", rating="5", callid="c", phone=phone(1))
    names = ("calls", "cases", "notices", "deliveries", "ratings")
    team.clock.advance(days=364)
    await forget_old(team.desk)
    assert await counts(team, *names) == [2, 1, 2, 2, 1]
    team.clock.advance(days=3)
    await forget_old(team.desk)
    assert await counts(team, *names) == [0, 0, 0, 0, 0]


async def test_who_still_waits_keeps_the_calls_and_the_card(team: Office) -> None:
    await phones.missed(team, phone=phone(1))
    await phones.missed(team, phone=phone(2))
    await phones.we_called(team, phone=phone(2))
    team.clock.advance(days=400)
    await forget_old(team.desk)
    assert await counts(team, "calls", "cases", "notices") == [1, 1, 1]
    async with team.desk.db.write() as tx:
        row = (await tx.execute(select(tables.cases.c.id))).scalar_one()
        await case_acts.handle(team.desk, tx, row, IGOR, "met")
    await team.settle()
    assert team.texts(team.team)[0].startswith("✅ Handled")


async def test_raw_bodies_go_sooner_but_not_those_still_to_be_worked(team: Office) -> None:
    await phones.missed(team)
    await phones.told(team, "event", phone=phone(3), type="INCOMING", callid="x", direction="in")
    team.clock.advance(days=31)
    await forget_old(team.desk)
    assert await counts(team, "inbox", "calls") == [1, 1]


async def test_what_fired_and_what_telegram_said_is_forgotten_in_its_time(team: Office) -> None:
    await team.says(IGOR, IGOR, "/help")
    assert await count(team, "updates") > 0
    team.clock.advance(days=8)
    await forget_old(team.desk)
    assert await count(team, "updates") == 0


async def test_more_than_a_piece_is_forgotten_too(team: Office) -> None:
    at = team.clock.now()
    rows = [{"at": at, "user_id": IGOR, "what": "call", "about": ""} for _ in range(forgetting.PIECE + 5)]
    async with team.desk.db.write() as tx:
        await tx.execute(tables.acts.insert(), rows)
    team.clock.advance(days=366)
    await forget_old(team.desk)
    assert await count(team, "acts") == 0


async def add(office: Office, table: Table, *rows: dict[str, Any]) -> None:
    async with office.desk.db.write() as tx:
        await tx.execute(table.insert(), list(rows))


async def filled(office: Office) -> set[str]:
    return {name for name in tables.metadata.tables if await count(office, name)}


async def test_every_table_about_clients_is_forgotten_in_its_time(team: Office) -> None:
    """Or is said here to stay, and why: a new table has to say so too."""
    await team.connected()
    await phones.missed(team, callid="c1")
    [card] = team.cards()
    await team.presses(IGOR, card, "Mine")
    await phones.we_called(team, user="igor")
    await phones.says(team, "rating", rating="5", callid="c1", phone=phone(1))
    await phones.says(team, "event", type="INCOMING", callid="live", phone=phone(1), direction="in", user="maria")
    await team.says(ANNA, ANNA, "/help")
    at, main = team.clock.now(), {"pbx_id": "main"}
    client = "+79100000001"
    call_back = {**main, "client": client, "employee": "igor", "user_id": IGOR, "asked_at": at, "state": "over"}
    request = {**main, "user_id": IGOR, "login": "igor", "chat_id": IGOR, "asked_at": at, "state": "granted"}
    step = {"case_id": 1, "chat_id": team.team, "step": 0, "whom": "head", "at": at}
    await add(team, tables.call_backs, call_back)
    await add(team, tables.link_requests, request)
    await add(team, tables.escalations, step)
    await add(team, tables.call_aliases, {**main, "alias": "c2", "call_id": "c1", "at": at})
    await add(team, tables.recordings, {**main, "call_id": "c1", "file_id": "f", "kind": "audio", "at": at})
    await add(team, tables.firings, {"what": "call 1", "at": at})
    await add(team, tables.kept, {**main, "name": f"client {client}", "value": "{}", "at": at})
    failed = {"update_id": 7, "received_at": at, "state": "failed", "body": b"{}"}
    await add(team, tables.updates, failed)
    await add(team, tables.contacts, {"number": client, "name": "Ольга", "updated_at": at})
    await add(team, tables.notes, a_note(at, client), a_note(at, "+79100000002"))
    team.clock.advance(days=1)
    await totalling.keep_up(team.desk)
    await phones.says(team, "rating", rating="4", callid="c1", phone=phone(1))
    assert await filled(team) == tables.metadata.tables.keys() - {"timers"}  # each ends when it is done
    team.clock.advance(days=367)
    await team.later(minutes=1)
    await forget_old(team.desk)
    assert await filled(team) == {
        *("chats", "bindings", "people", "links", "employees"),  # how the office is set up
        *("contacts", "notes"),  # until somebody forgets them
    }


def a_note(at: datetime, client: str) -> dict[str, Any]:
    who = {"user_id": IGOR, "saved_by": IGOR, "chat_id": IGOR}
    return {"client": client, "text": "wants roses", "at": at, "message_id": int(client[-1]), **who}


async def test_a_note_is_kept_as_long_as_a_call_or_the_contact(team: Office) -> None:
    at, contact, caller, nobody = team.clock.now(), "+79100000001", "+79100000002", "+79100000003"
    await add(team, tables.notes, *(a_note(at, client) for client in (contact, caller, nobody)))
    await add(team, tables.contacts, {"number": contact, "name": "Ольга", "updated_at": at})
    team.clock.advance(days=364)
    await phones.missed(team, phone=caller)
    await forget_old(team.desk)
    assert await count(team, "notes") == 3
    team.clock.advance(days=2)
    await forget_old(team.desk)
    async with team.desk.db.read() as tx:
        left = (await tx.execute(select(tables.notes.c.client).order_by(tables.notes.c.id))).scalars().all()
    assert left == [contact, caller]


@pytest.mark.parametrize("state", ["failed", "done"])
async def test_a_raw_body_is_kept_thirty_days_whatever_became_of_it(team: Office, state: str) -> None:
    at = team.clock.now()
    await add(team, tables.inbox, {"pbx_id": "main", "key": "k", "received_at": at, "body": b"x", "state": state})
    team.clock.advance(days=29)
    await forget_old(team.desk)
    assert await count(team, "inbox") == 1
    team.clock.advance(days=2)
    await forget_old(team.desk)
    assert await count(team, "inbox") == 0


async def test_writers_get_their_turn_between_the_pieces(team: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    at = team.clock.now()
    monkeypatch.setattr(forgetting, "PIECE", 10)
    await add(team, tables.acts, *({"at": at, "user_id": IGOR, "what": "call", "about": ""} for _ in range(100)))
    team.clock.advance(days=366)
    forgetting_all = asyncio.create_task(forget_old(team.desk))
    for _ in range(1000):
        if await count(team, "acts") < 100:
            break
    async with team.desk.db.write() as tx:
        seen = (await tx.execute(select(func.count()).select_from(tables.acts))).scalar_one()
    await forgetting_all
    assert 0 < seen < 100
    assert await count(team, "acts") == 0
