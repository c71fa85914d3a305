"""Notes about clients: an answer to a card is kept, shown on cards and in the history, and taken back."""

from sqlalchemy import select

from desk import privacy
from sandbox.telegram import Answer, Message
from storage import people, tables
from tests.desk import phones
from tests.handlers.chat.on_the_phone import labels, missed_card, presses_data
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office

ROSES = "📝 wants roses on Friday, Igor 18 Mar"


async def noted(office: Office, card: Message, text: str = "wants roses on Friday", user_id: int = IGOR) -> Message:
    """Somebody answers to a card and saves it as a note; the bot's answer."""
    [question] = await office.says(user_id, card.chat_id, text, reply_to=card.id)
    assert question.text == "Shall this be a note about the client?"
    await office.presses(user_id, question, "Save as note")
    return question


def note_lines(message: Message) -> list[str]:
    return [line for line in message.text.splitlines() if line.startswith("📝")]


async def acts(office: Office) -> list[tuple[int, str, str]]:
    async with office.desk.db.read() as tx:
        found = await people.last_acts(tx, 10)
    return [(one.user_id, one.what, one.about) for one in found if one.what.startswith("note")]


async def test_an_answer_to_a_card_stands_on_it(desk_office: Office) -> None:
    office = desk_office
    card = await missed_card(office)
    answer = await noted(office, card)
    assert answer.text == "📝 A note now, saved by Igor: the client's cards show it."
    assert labels(answer) == ["↩️ Remove"]
    assert note_lines(card) == [ROSES]
    assert await acts(office) == [(IGOR, "note", f"+{CLIENT}")]


async def test_nothing_is_written_unasked_and_nothing_twice(desk_office: Office) -> None:
    office = desk_office
    card = await missed_card(office)
    [question] = await office.says(IGOR, office.team, "wants roses on Friday", reply_to=card.id)
    assert note_lines(card) == []
    data = question.button("Save as note").data or ""
    await office.presses(IGOR, question, "Save as note")
    await presses_data(office, MARIA, question, data)
    assert note_lines(card) == [ROSES]
    assert len(await acts(office)) == 1


async def test_the_next_card_of_the_client_shows_the_last_two_shortened(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    for text in ("the first", "two\nlines & <b>marks</b>", "x" * 500):
        await noted(office, card, text)
        office.clock.advance(minutes=1)
    await phones.we_called(office)
    office.clock.advance(days=300)
    new = await missed_card(office, callid="c2")
    assert note_lines(new) == [
        "📝 two lines & <b>marks</b>, Igor 18 Mar 2026",
        f"📝 {'x' * 79}…, Igor 18 Mar 2026",
    ]


async def test_the_history_of_the_number_begins_with_them(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await noted(office, card)
    for n in range(10):
        await phones.missed(office, callid=f"again-{n}")
    [page] = await office.says(MARIA, MARIA, f"/history +{CLIENT}")
    assert page.text.splitlines()[:2] == ["🗂 +7 910 000-00-01: 11 calls", ROSES]
    await office.presses(MARIA, page, "»")
    assert page.text.splitlines()[-1] == "Page 2 of 2"
    assert note_lines(page) == []
    [today] = await office.says(MARIA, MARIA, "/history")
    assert note_lines(today) == []


async def test_a_note_has_its_limit(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    [answer] = await office.says(IGOR, office.team, "x" * 501, reply_to=card.id)
    assert answer.text == (
        "This is too long for a note: 501 characters of 500. Send it shorter, as a reply to the card."
    )
    assert labels(answer) == []
    # A program may press what is not drawn.
    refused = await presses_data(office, IGOR, answer, "nt:1")
    assert refused == Answer(answer.text, show_alert=True)
    assert note_lines(card) == []


async def test_who_wrote_or_saved_it_or_a_manager_takes_it_back(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    answer = await noted(office, card, "by Igor")
    refused = await office.presses(MARIA, answer, "Remove")
    assert refused == Answer("Only who wrote or saved this note, or a manager, can remove it.", show_alert=True)
    assert len(note_lines(card)) == 1
    data = answer.button("Remove").data or ""
    await office.presses(IGOR, answer, "Remove")
    assert answer.text == "📝 No note any more, removed by Igor."
    assert labels(answer) == []
    assert note_lines(card) == []
    assert await presses_data(office, IGOR, answer, data) == Answer("This note is gone already.", show_alert=True)
    assert [one[:2] for one in await acts(office)] == [(IGOR, "note_out"), (IGOR, "note")]
    for user_id in (MARIA, ANNA):
        answer = await noted(office, card, "by Maria", MARIA)
        await office.presses(user_id, answer, "Remove")
        assert note_lines(card) == []


async def test_it_is_no_business_of_strangers(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    office.world.join(STRANGER, office.team)
    assert await office.says(STRANGER, office.team, "an aside", reply_to=card.id) == []
    answer = await noted(office, card)
    refused = await office.presses(STRANGER, answer, "Remove")
    assert refused is not None
    assert refused.text.startswith("Only employees can do this.")
    [elsewhere] = await office.says(STRANGER, STRANGER, "/help")
    assert await presses_data(office, STRANGER, elsewhere, answer.button("Remove").data or "") == Answer(
        "This note is gone already.", show_alert=True
    )
    assert note_lines(card) == [ROSES]


async def test_a_card_closed_since_shows_it_too_and_it_is_said_in_the_chats_language(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await phones.we_called(office)
    await office.says(ANNA, office.team, "/settings language ru")
    [question] = await office.says(IGOR, office.team, "ждёт счёт", reply_to=card.id)
    assert question.text == "Сохранить это заметкой о клиенте?"
    await office.presses(IGOR, question, "Сохранить заметкой")
    assert question.text == "📝 Это теперь заметка, сохранено: Igor. Её видно на карточках клиента."
    assert note_lines(card) == ["📝 ждёт счёт, Igor 18 мар."]


async def test_who_is_forgotten_has_no_notes(desk_office: Office) -> None:
    office = desk_office
    card = await missed_card(office)
    answer = await noted(office, card)
    data = answer.button("Remove").data or ""
    known = privacy.document(office.desk, await privacy.known(office.desk, f"+{CLIENT}"))
    assert [one["text"] for one in known["notes"]] == ["wants roses on Friday"]
    done = await privacy.forget(office.desk, f"+{CLIENT}")
    await office.settle()
    assert done.rows["notes"] == 1
    async with office.desk.db.read() as tx:
        assert (await tx.execute(select(tables.notes.c.id))).all() == []
    for pressed, words in ((data, "This note is gone already."), ("nt:1", "This card is gone.")):
        refused = await presses_data(office, IGOR, answer, pressed)
        assert refused is not None
        assert refused.text.startswith(words)
