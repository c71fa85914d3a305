"""A client is shown whole and forgotten whole: in every table, in every chat, and nobody else with them."""

import json
import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from desk import contacts, directory, privacy, reconcile, regular_summaries
from desk.office import Desk
from sandbox.telegram import Message
from storage import chats, memory, tables
from storage.memory import Timer
from tests.desk import past, phones
from tests.office import ANNA, CLIENT, IGOR, MARIA, Office

NUMBER = f"+{CLIENT}"
OTHER = "79100000002"
#: One digit more: another number, though it begins alike.
LONGER = f"+{CLIENT}9"
EMPTIED = "🧹 This message was about a client whose data we have removed."


async def dump(desk: Desk) -> str:
    """All that any table holds, numbers without marks."""
    told: list[str] = []
    async with desk.db.read() as tx:
        for table in tables.metadata.sorted_tables:
            for row in await tx.execute(select(table)):
                values = [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row]
                told.append(f"{table.name}: " + " | ".join(values))
    return re.sub(r"%[0-9A-F]{2}|(?<=\d)[ ()-]+(?=\d)", "", "\n".join(told))


def shown(office: Office, *chats: int) -> str:
    return "\n".join(text for chat in chats or (office.team,) for text in office.texts(chat))


async def known_client(office: Office) -> Message:
    """A client with a card, a claim, a call-back, a contact, a note, a rating and a call that goes on."""
    await office.connected()
    await phones.missed(office, callid="missed-1", phone="8 (910) 000-00-01")
    await phones.missed(office, OTHER)
    [card, _] = office.cards()
    await office.presses(IGOR, card, "Mine")
    [question] = await office.says(MARIA, office.team, "wants roses", reply_to=card.id)
    await office.presses(MARIA, question, "Save as note")
    await office.says(IGOR, IGOR, f"/contact {NUMBER} Ольга Клиентова | maria")
    await phones.we_called(office, "NotAvailable")
    await phones.says(office, "rating", rating="2", callid="missed-1", phone=CLIENT)
    await phones.says(office, "event", type="INCOMING", callid="live-1", phone=CLIENT, direction="in", user="maria")
    async with office.desk.db.write() as tx:
        now = office.clock.now()
        await memory.set_timer(
            office.desk.db, tx, Timer("known_client", f"main {NUMBER}", now.replace(year=2030), {})
        )
        await memory.set_timer(
            office.desk.db, tx, Timer("known_client", f"main {LONGER}", now.replace(year=2030), {})
        )
        await memory.keep(office.desk.db, tx, "main", f"client {NUMBER}", '{"name": "Ольга"}', now)
        await memory.keep(office.desk.db, tx, "main", "source missed-1", '{"source": "ad"}', now)
        await memory.note_firing(office.desk.db, tx, f"told busy 1 {NUMBER}", now)
        await tx.execute(
            insert(tables.recordings).values(
                pbx_id="main", call_id="missed-1", file_id="file-1", kind="audio", at=now
            )
        )
        step = {"case_id": 1, "chat_id": office.team, "step": 0, "whom": "head", "users": [MARIA], "at": now}
        await tx.execute(insert(tables.escalations).values(**step))
        failed = {"update_id": 1, "received_at": now, "state": "failed", "body": b'{"text": "/call 8910 000 00 01"}'}
        await tx.execute(insert(tables.updates).values(**failed))
    return card


async def test_everything_about_a_client_goes_and_nobody_else_s(office: Office) -> None:
    await known_client(office)
    assert CLIENT in await dump(office.desk)
    done = await privacy.forget(office.desk, NUMBER)
    await office.settle()
    left = await dump(office.desk)
    assert CLIENT[1:] not in left.replace(LONGER, "")
    for trace in ("Ольга", "missed-1", "live-1", "file-1", "wants roses"):
        assert trace not in left
    assert "+7 910 000-00-01" not in shown(office)
    assert "+7 910 000-00-02" in shown(office)
    assert LONGER in left
    assert OTHER in left
    rows = done.rows
    assert (rows["calls"], rows["cases"], rows["ratings"], rows["contacts"], rows["live_calls"]) == (2, 1, 1, 1, 1)
    assert (rows["notes"], rows["escalations"], rows["recordings"]) == (1, 1, 1)
    assert rows["inbox"] == 4
    assert done.messages.to_delete == 2  # the card and the rating


async def test_doing_it_again_does_nothing_and_the_log_says_not_who(office: Office) -> None:
    await known_client(office)
    await privacy.forget(office.desk, NUMBER)
    await office.settle()
    again = await privacy.forget(office.desk, NUMBER)
    assert again.rows == {}
    assert not await privacy.known(office.desk, NUMBER)
    async with office.desk.db.read() as tx:
        acts = list(await tx.execute(select(tables.acts.c.what, tables.acts.c.about).order_by(tables.acts.c.id)))
    assert [(one.what, one.about) for one in acts][-1] == ("forget", "")
    assert ("contact", "—") in [(one.what, one.about) for one in acts]
    [answer] = await office.says(ANNA, ANNA, "/status")
    assert "today 12:00, ringdesk: removed all about a client" in answer.text.splitlines()


async def test_an_old_message_can_not_be_deleted_and_is_overwritten(office: Office) -> None:
    await office.connected()
    await phones.missed(office)
    office.clock.advance(hours=49)
    await phones.missed(office, OTHER)
    done = await privacy.forget(office.desk, NUMBER)
    await office.settle()
    assert (done.messages.to_delete, done.messages.to_overwrite) == (0, 1)
    old, new = office.cards()
    assert old.text == EMPTIED
    assert not old.buttons
    assert "+7 910 000-00-02" in new.text


async def test_who_is_forgotten_too_late_to_be_deleted_is_overwritten_by_a_bot_that_was_down(office: Office) -> None:
    await office.connected()
    await phones.missed(office)
    done = await privacy.forget(office.desk, NUMBER)
    assert done.messages.to_delete == 1
    office.clock.advance(hours=50)
    await office.settle()
    assert [card.text for card in office.cards()] == [EMPTIED]


async def test_a_list_of_many_goes_on_without_the_one(office: Office) -> None:
    await office.connected()
    numbers = [f"7910000{n:04}" for n in range(1, 31)]
    for number in numbers:
        await phones.told(office, "history", type="in", status="Missed", phone=number, callid=number, duration="20")
    await office.settle()
    assert "+7 910 000-00-01" in shown(office)
    assert "+7 910 000-00-20" in shown(office)
    for number in ("+79100000020", "+79100000001"):
        await privacy.forget(office.desk, number)
    await office.settle()
    text = shown(office)
    assert "+7 910 000-00-20" not in text
    assert "+7 910 000-00-01" not in text
    assert all(f"+7 910 000-00-{n:02}" in text for n in (2, 19, 21, 30))


async def test_a_list_of_nobody_goes_too(sqlite_office: Office) -> None:
    office = await sqlite_office.connected()
    past.happened(office, "Missed", ago=reconcile.LONGEST / 14)
    await reconcile.reconcile(office.desk, "main", reconcile.LONGEST / 7)
    await office.settle()
    assert "+7 910 000-00-01" in shown(office)
    await privacy.forget(office.desk, NUMBER)
    await office.settle()
    assert office.cards() == []


async def test_history_read_back_does_not_bring_the_client_in_again(sqlite_office: Office) -> None:
    office = await sqlite_office.connected()
    known = past.happened(office, "Missed", ago=reconcile.LONGEST / 14)
    await reconcile.reconcile(office.desk, "main", reconcile.LONGEST / 7)
    await privacy.forget(office.desk, NUMBER)
    await office.settle()
    office.clock.advance(minutes=5)
    await reconcile.reconcile(office.desk, "main", reconcile.LONGEST / 7)
    await office.settle()
    assert not await privacy.known(office.desk, NUMBER)
    assert office.cards() == []
    await phones.missed(office, callid=f"{known}-new")
    assert "+7 910 000-00-01" in shown(office)


async def test_a_chat_that_the_bot_was_removed_from_is_said_to_keep_its_message(sqlite_office: Office) -> None:
    office = await sqlite_office.connected()
    await phones.missed(office)
    async with office.desk.db.write() as tx:
        await tx.execute(tables.chats.update().where(tables.chats.c.chat_id == office.team).values(gone=True))
    done = await privacy.forget(office.desk, NUMBER)
    assert (done.messages.to_delete, done.messages.out_of_reach) == (0, 1)
    assert CLIENT[1:] not in await dump(office.desk)


async def test_a_summary_that_named_who_waited_names_them_no_more(sqlite_office: Office) -> None:
    office = await sqlite_office.connected()
    await regular_summaries.due(office.desk)
    await phones.missed(office)
    await phones.missed(office, OTHER)
    office.clock.set(datetime(2026, 3, 18, 19, 0, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC))
    await regular_summaries.due(office.desk)
    await office.settle()
    summary = office.cards()[-1]
    assert "+7 910 000-00-01" in summary.text
    await privacy.forget(office.desk, NUMBER)
    await office.settle()
    text = office.world.message(office.team, summary.id).text
    assert "+7 910 000-00-01" not in text
    assert "+7 910 000-00-02" in text


async def test_who_was_called_upon_about_a_client_reads_of_them_no_more(sqlite_office: Office) -> None:
    """One message about two clients stays for the other; the one about them alone goes."""
    office = await sqlite_office.connected()
    await directory.refresh(office.desk, "main")
    async with office.desk.db.write() as tx:
        await chats.change_settings(tx, office.team, {"escalation": "5 responsible"})
    for number in (NUMBER, f"+{OTHER}"):
        await contacts.save(office.desk, number, "Ромашка", "maria", ANNA)
    await phones.missed(office)
    await phones.missed(office, OTHER)
    await office.later(minutes=6)
    alarms = [one for one in office.cards() if one.text.startswith("⏰")]
    assert "+7 910 000-00-01" in "".join(one.text for one in alarms)
    await privacy.forget(office.desk, NUMBER)
    await office.settle()
    assert "+7 910 000-00-01" not in shown(office, office.team, ANNA, IGOR, MARIA)
    assert [one for one in office.cards() if one.text.startswith("⏰")]
    await privacy.forget(office.desk, f"+{OTHER}")
    await office.settle()
    assert office.cards() == []


async def test_all_that_is_known_can_be_read(office: Office) -> None:
    await known_client(office)
    told: dict[str, Any] = json.loads(
        json.dumps(privacy.document(office.desk, await privacy.known(office.desk, NUMBER)), ensure_ascii=False)
    )
    assert (told["number"], told["written"]) == (NUMBER, "+7 910 000-00-01")
    assert told["exported_at"].endswith("+03:00")
    [contact] = told["contacts"]
    assert (contact["name"], contact["responsible"]) == ("Ольга Клиентова", "maria")
    first, second = told["calls"]
    assert (first["call_id"], first["outcome"], first["started_at"]) == (
        "missed-1", "missed", told["cases"][0]["opened_at"],
    )  # fmt: skip
    assert second["direction"] == "out"
    assert told["cases"][0]["claimed_by"] == IGOR
    assert told["ratings"][0]["stars"] == 2
    assert told["recordings"][0]["file_id"] == "file-1"
    assert {one["chat_id"] for one in told["deliveries"]} == {office.team}
    assert "8910 000 00 01" in told["updates"][0]["body"]
    assert all("910" in body["body"] for body in told["inbox"])
    assert {one["what"] for one in told["acts"]} == {"contact", "note"}
    assert (told["notes"][0]["text"], told["notes"][0]["user_id"]) == ("wants roses", MARIA)
    assert told["escalations"][0]["users"] == [MARIA]
    assert OTHER not in json.dumps(told)
    assert LONGER not in json.dumps(told)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"phone=79100000001&callid=1", True),
        (b"phone=%2B7+%28910%29+000-00-01", True),
        (b'{"phone": "8 910 000 00 01"}', True),
        (b'{"phone": "9100000001"}', True),
        (b'{"phone": "tel:+7(910)000-00-01"}', True),
        (b"phone=79100000002&callid=9100000011", False),
        (b'{"id": "19100000001"}', False),
        (b"", False),
    ],
)
def test_a_number_is_found_however_a_pbx_writes_it(body: bytes, named: bool) -> None:
    from storage.everything_about import _is_in, names

    assert _is_in(body, names(NUMBER)) is named
