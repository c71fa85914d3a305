"""`/call`, and numbers and contact cards sent in private."""

import pytest

from sandbox.telegram import Answer
from sandbox.vats_rest import ClientAnswers, Outage
from tests.handlers.chat.on_the_phone import asked_of, labels, missed_call
from tests.office import ANNA, CLIENT, IGOR, STRANGER, Office


async def said(office: Office, text: str, user_id: int = IGOR) -> str:
    news = await office.says(user_id, user_id, text)
    return news[-1].text


@pytest.mark.parametrize("typed", ["8 (910) 123-45-67", "+79101234567", "9101234567", "79101234567"])
async def test_call_rings_my_phone_and_then_the_client(staffed: Office, typed: str) -> None:
    office = staffed
    assert (
        await said(office, f"/call {typed}") == "📞 Your phone is ringing: pick it up and I connect +7 910 123-45-67."
    )
    [row] = [row for row in office.pbx.office.history if row.client == "79101234567"]
    assert row.user == "igor"


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/call", "Whom shall I call? Send the number too: /call +79101234567"),
        ("/call Maria", "“Maria” is no phone number. Send it like this: /call +79101234567"),
        ("/call 12", "“12” is no phone number. Send it like this: /call +79101234567"),
    ],
)
async def test_what_is_no_number_is_explained(staffed: Office, typed: str, answer: str) -> None:
    office = staffed
    assert await said(office, typed) == answer
    assert asked_of(office, "makecall") == 0


async def test_who_is_not_linked_is_told_how(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    assert await said(office, "/call +79101234567", ANNA) == (
        "I don't know which phone is yours. Send me /link in private, then try again."
    )
    assert await said(office, "/call +79101234567", STRANGER) == (
        "Only employees can do this. Send me /link in private, and an administrator will let you in."
    )


async def test_what_the_pbx_refuses_is_said(staffed: Office) -> None:
    office = staffed
    del office.pbx.office.employees["igor"]
    told = await said(office, "/call +79101234567")
    assert told.startswith("PBX main refused: ")
    office.pbx.weather.outage = Outage.SWITCHED_OFF
    assert await said(office, "/call +79101234567") == (
        "PBX main refuses our key. An administrator must put a valid one into the configuration."
    )


async def test_a_call_by_command_closes_the_clients_card(staffed: Office) -> None:
    office = staffed
    await missed_call(office)
    await said(office, f"/call +{CLIENT}")
    assert office.texts(office.team)[-1].startswith("🟢 Called back")


async def test_a_number_in_private_gets_the_actions_of_a_card(staffed: Office) -> None:
    office = staffed
    await said(office, f"/contact +{CLIENT} Мария Петрова | anna")
    await missed_call(office)
    [message] = await office.says(IGOR, IGOR, "кто это? 8 910 000 00 01")
    assert message.text == (
        "☎️ Мария Петрова · +7 910 000-00-01\n"
        "👤 Responsible: Анна Смирнова\n"
        "🔴 Waits for a call back: missed today 12:00"
    )
    assert labels(message) == ["📞 Call", "🗂 History", "🚫 Block"]
    assert await office.presses(IGOR, message, "Call") == Answer(
        "📞 Your phone is ringing: pick it up and I connect +7 910 000-00-01."
    )
    assert office.texts(office.team)[-1].startswith("🟢 Called back")


async def test_several_numbers_get_an_answer_each_up_to_five(staffed: Office) -> None:
    office = staffed
    numbers = ", ".join(f"+7 910 000-00-{n:02}" for n in range(10, 17))
    news = await office.says(IGOR, IGOR, f"позвонить: {numbers}")
    assert [one.text for one in news] == [f"☎️ +7 910 000-00-{n:02}" for n in range(10, 15)] + [
        "2 more numbers are in your message. Send them by themselves."
    ]


async def test_a_contact_card_gets_the_actions_with_every_number_on_it(staffed: Office) -> None:
    office = staffed
    vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:Client\nTEL;TYPE=CELL:+7 910 000-00-02\nitem1.TEL:8(910)0000003\nEND:VCARD"
    news = await office.shares_contact(IGOR, phone="79100000002", vcard=vcard)
    assert [one.text for one in news] == ["☎️ +7 910 000-00-02", "☎️ +7 910 000-00-03"]


async def test_a_forwarded_message_is_read_for_numbers_but_commands_nothing(staffed: Office) -> None:
    office = staffed
    written = office.world.say(ANNA, office.team, "перезвоните 8 910 000-00-04")
    command = office.world.say(ANNA, office.team, "/call 8 910 000-00-05")
    await office.settle()
    calls = asked_of(office, "makecall")
    office.world.forward(IGOR, office.team, written.id, IGOR)
    office.world.forward(IGOR, office.team, command.id, IGOR)
    await office.settle()
    assert office.texts(IGOR)[-1] == "☎️ +7 910 000-00-04"
    assert asked_of(office, "makecall") == calls


async def test_the_team_chats_about_numbers_undisturbed(staffed: Office) -> None:
    office = staffed
    office.world.privacy = False
    assert await office.says(IGOR, office.team, "позвоните 8 910 000-00-04") == []


async def test_blocking_from_a_number_asks_first(staffed: Office) -> None:
    office = staffed
    [message] = await office.says(IGOR, IGOR, "8 910 000-00-04")
    await office.presses(IGOR, message, "Block")
    assert labels(message) == ["🚫 Block +7 910 000-00-04: sure?", "↩️ Back"]
    await office.presses(IGOR, message, "Back")
    assert labels(message) == ["📞 Call", "🗂 History", "🚫 Block"]
    await office.presses(IGOR, message, "Block")
    await office.presses(IGOR, message, "sure?")
    assert "79100000004" in office.pbx.office.blacklist
    assert labels(message) == ["📞 Call", "🗂 History", "🚫 Block"]
    answer = office.bot_messages(IGOR)[-1]
    await office.presses(IGOR, answer, "Unblock")
    assert "79100000004" not in office.pbx.office.blacklist


async def test_a_number_of_a_guest_gets_a_refusal(staffed: Office) -> None:
    office = staffed
    assert await said(office, "8 910 000-00-04", STRANGER) == (
        "Only employees can do this. Send me /link in private, and an administrator will let you in."
    )


async def test_a_client_who_answers_later_still_closes_the_card(staffed: Office) -> None:
    office = staffed
    await missed_call(office)
    office.pbx.calls.receptions[CLIENT] = ClientAnswers()
    [message] = await office.says(IGOR, IGOR, CLIENT)
    await office.presses(IGOR, message, "Call")
    assert "Игорь Волков" in office.texts(office.team)[-1]
