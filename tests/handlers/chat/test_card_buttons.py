"""Pressing the buttons of cards."""

from functools import partial

import pytest

from desk import calling
from desk.calling import Result
from sandbox.telegram import Answer, Message
from sandbox.vats_rest import ClientIsBusy, Outage
from tests.handlers.chat.on_the_phone import asked_of, labels, missed_call, missed_card, presses_data
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office

OWN = ["📞 Call back", "🙋 Mine", "✅ Handled", "🗂 History", "🚫 Block"]


def first_line(message: Message) -> str:
    return message.text.splitlines()[0]


async def test_calling_back_rings_the_pressers_phone_and_closes_the_card(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    answer = await office.presses(IGOR, card, "Call back")
    assert answer == Answer("📞 Your phone is ringing: pick it up and I connect +7 910 000-00-01.")
    assert first_line(card) == "🟢 Called back · +7 910 000-00-01"
    assert labels(card) == ["▶️ Recording", "🗂 History"]


async def test_who_is_not_linked_is_told_how_to_link(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await office.says(MARIA, MARIA, "/unlink")
    office.world.join(STRANGER, office.team)
    answer = await office.presses(MARIA, card, "Call back")
    assert answer == Answer(
        "Only employees can do this. Send me /link in private, and an administrator will let you in.", show_alert=True
    )
    assert asked_of(office, "makecall") == 0
    assert first_line(card) == "🔴 Missed call · +7 910 000-00-01"


async def test_an_administrator_without_a_link_has_no_phone_to_ring(office: Office) -> None:
    await office.says(ANNA, office.team, "/connect main")
    card = await missed_card(office)
    answer = await office.presses(ANNA, card, "Call back")
    assert answer == Answer(
        "I don't know which phone is yours. Send me /link in private, then try again.", show_alert=True
    )


async def test_a_second_press_of_the_same_person_does_not_ring_twice(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    office.pbx.calls.receptions[CLIENT] = ClientIsBusy()
    presses = [office.world.press(IGOR, office.team, card.id, card.button("Call back").data) for _ in range(2)]
    await office.settle()
    assert [press.answered.text for press in presses if press.answered] == [
        "📞 Your phone is ringing: pick it up and I connect +7 910 000-00-01.",
        "📞 I am ringing your phone for this client already: pick it up.",
    ]
    assert asked_of(office, "makecall") == 1


async def test_a_wish_that_comes_again_after_a_crash_does_not_ring_twice(desk_office: Office) -> None:
    office = desk_office
    before = asked_of(office, "makecall")
    wish = partial(calling.call, office.desk, "main", IGOR, "igor", f"+{CLIENT}", once="7")
    assert (await wish()).result is Result.RINGING
    assert (await wish()).result is Result.ALREADY_YOURS
    await office.settle()
    assert (await wish()).result is Result.UNKNOWN
    assert asked_of(office, "makecall") == before + 1


async def test_a_card_that_was_deleted_meanwhile_is_acted_on_all_the_same(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    mine, back = (f"c:{act}:{card_case(card)}:" for act in ("mine", "back"))
    office.world.add_bot(ANNA, office.team, "administrator")
    office.world.remove(card)
    assert await presses_data(office, IGOR, card, mine) == Answer("It is yours. Your name is on the card now.")
    assert "🙋 Igor takes care of it since 12:00" in office.texts(office.team)[-1]
    assert await presses_data(office, IGOR, card, back) == Answer("")


async def test_while_a_colleague_calls_only_a_second_press_calls_too(desk_office: Office) -> None:
    office = desk_office
    card = await missed_card(office)
    office.pbx.weather.outage = Outage.ERROR_500
    unsure = await office.presses(IGOR, card, "Call back")
    assert unsure == Answer(
        "❓ PBX main did not answer: your phone may ring or not. Wait half a minute before you try again.",
        show_alert=True,
    )
    office.pbx.weather.clear()
    told = await office.presses(MARIA, card, "Call back")
    assert told is not None
    assert told.show_alert
    assert told.text.endswith(
        "has been calling this client since 12:00. Ask again within a minute to call all the same."
    )
    before = asked_of(office, "makecall")
    office.clock.advance(seconds=10)
    again = await office.presses(MARIA, card, "Call back")
    assert again == Answer("📞 Your phone is ringing: pick it up and I connect +7 910 000-00-01.")
    assert asked_of(office, "makecall") == before + 1


async def test_asking_again_much_later_is_told_again(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    office.pbx.weather.outage = Outage.ERROR_500
    await office.presses(IGOR, card, "Call back")
    office.pbx.weather.clear()
    await office.presses(MARIA, card, "Call back")
    office.clock.advance(seconds=61)
    again = await office.presses(MARIA, card, "Call back")
    assert again is not None
    assert "has been calling this client" in again.text


async def test_the_first_who_says_mine_has_it(desk_office: Office) -> None:
    office = desk_office
    card = await missed_card(office)
    assert await office.presses(IGOR, card, "Mine") == Answer("It is yours. Your name is on the card now.")
    assert "🙋 Igor takes care of it since 12:00" in card.text
    late = await presses_data(office, MARIA, card, f"c:mine:{card_case(card)}:")
    assert late == Answer(
        "Igor has taken it at 12:00. Talk to them; they or a manager can give it back.", show_alert=True
    )
    assert await presses_data(office, IGOR, card, f"c:mine:{card_case(card)}:") == Answer("It is yours already.")


async def test_a_claim_is_given_back_by_its_holder_or_a_manager(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await office.presses(IGOR, card, "Mine")
    refused = await office.presses(MARIA, card, "Not mine any more")
    assert refused is not None
    assert refused.show_alert
    assert "🙋 Igor takes care of it since 12:00, until 12:15" in card.text
    assert await office.presses(ANNA, card, "Not mine any more") == Answer("It is nobody's now: anybody may take it.")
    assert card.text.splitlines()[-1] == "🙅 12:00: Anna ended Igor's claim"
    assert labels(card) == OWN


async def test_handled_asks_how_and_can_be_taken_back(desk_office: Office) -> None:
    office = desk_office
    card = await missed_card(office)
    await office.presses(IGOR, card, "Handled")
    assert labels(card) == ["met in person", "wrote back", "wrong number", "settled otherwise", "↩️ Back"]
    assert await office.presses(IGOR, card, "wrote back") == Answer("Closed: wrote back.")
    assert first_line(card) == "✅ Handled · +7 910 000-00-01"
    assert "✅ Igor, today 12:00: wrote back" in card.text
    assert labels(card) == ["↩️ Open again", "🗂 History"]
    assert await office.presses(MARIA, card, "Open again") == Answer("It is open again.")
    assert first_line(card) == "🔴 Missed call · +7 910 000-00-01"
    assert labels(card) == OWN


async def test_back_gives_the_card_its_buttons_again(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await office.presses(IGOR, card, "Handled")
    assert await office.presses(MARIA, card, "Back") == Answer("")
    assert labels(card) == OWN


async def test_a_question_nobody_answers_goes_away(desk_office: Office) -> None:
    office = desk_office
    card = await missed_card(office)
    await office.presses(IGOR, card, "Block")
    assert labels(card) == ["🚫 Block +7 910 000-00-01: sure?", "↩️ Back"]
    await office.later(seconds=50)
    assert len(labels(card)) == 2
    await office.later(seconds=15)
    assert labels(card) == OWN


async def test_a_card_closed_meanwhile_says_so(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    case_id = card_case(card)
    await office.presses(IGOR, card, "Handled")
    await office.presses(IGOR, card, "met in person")
    for act in ("call", "mine", "done", "why"):
        late = await presses_data(office, MARIA, card, f"c:{act}:{case_id}:")
        assert late == Answer("This case is closed already: the card shows how.", show_alert=True), act
    assert asked_of(office, "makecall") == 0
    assert "Igor" in card.text


async def test_a_card_is_not_opened_again_once_there_is_a_newer_one(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await office.presses(IGOR, card, "Handled")
    await office.presses(IGOR, card, "met in person")
    office.clock.advance(minutes=10)
    await missed_call(office, callid="c2")
    assert await office.presses(IGOR, card, "Open again") == Answer(
        "The client has called again since: see the newer card, or /missed.", show_alert=True
    )


async def test_history_of_the_client(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await office.presses(IGOR, card, "History")
    assert "+7 910 000-00-01" in office.texts(office.team)[-1]
    assert office.bot_messages(office.team)[-1].id > card.id


async def test_blocking_asks_first_and_can_be_undone(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await office.presses(IGOR, card, "Block")
    assert CLIENT not in office.pbx.office.blacklist
    await office.presses(IGOR, card, "sure?")
    assert office.pbx.office.blacklist[CLIENT].comment == "Igor"
    answer = office.bot_messages(office.team)[-1]
    assert answer.text == (
        "🚫 +7 910 000-00-01 is blocked: its calls no longer reach us.\n"
        "To undo: the button, or /blacklist remove +79100000001"
    )
    assert answer.reply_to == card.id
    assert labels(card) == OWN
    await office.presses(MARIA, answer, "Unblock")
    assert CLIENT not in office.pbx.office.blacklist
    assert answer.text == "✅ +7 910 000-00-01 is unblocked: its calls reach us again."
    assert answer.buttons == ()


async def test_a_pbx_that_is_out_blocks_nothing_and_says_so(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    await office.presses(IGOR, card, "Block")
    office.pbx.weather.outage = Outage.ERROR_500
    assert await office.presses(IGOR, card, "sure?") == Answer(
        "PBX main does not answer. Try again in a minute.", show_alert=True
    )
    assert labels(card) == OWN


async def test_nobody_acts_on_the_cards_of_others(staffed: Office) -> None:
    """A button's data is written by the presser's program: a guest in a chat of their own may send anything."""
    office = staffed
    case_id = card_case(await missed_card(office))
    [greeting] = (await office.says(STRANGER, STRANGER, "/start"))[-1:]
    for act in ("call", "mine", "done", "why", "open", "hist", "block", "sure", "back", "show"):
        answer = await presses_data(office, STRANGER, greeting, f"c:{act}:{case_id}:")
        assert answer == Answer("This card is gone. /missed shows who waits for a call.", show_alert=True), act
    assert CLIENT not in office.pbx.office.blacklist
    assert "🔴 Missed call" in office.texts(office.team)[-1]


@pytest.mark.parametrize("data", ["c:mine:999999:", "c:nonsense:1:", "c:why:1:nonsense"])
async def test_nonsense_in_a_button_harms_nobody(staffed: Office, data: str) -> None:
    office = staffed
    card = await missed_card(office)
    assert await presses_data(office, IGOR, card, data) is not None


async def test_a_guest_in_the_teams_chat_may_look_but_not_act(staffed: Office) -> None:
    office = staffed
    office.world.join(STRANGER, office.team)
    card = await missed_card(office)
    refused = await office.presses(STRANGER, card, "Mine")
    assert refused == Answer(
        "Only employees can do this. Send me /link in private, and an administrator will let you in.", show_alert=True
    )
    await office.presses(STRANGER, card, "History")
    assert "+7 910 000-00-01" in office.texts(office.team)[-1]


async def test_a_number_under_a_roll_opens_the_card_and_the_roll_goes_on(desk_office: Office) -> None:
    office = desk_office
    await flood(office, 30)
    [roll] = [one for one in office.bot_messages(office.team) if "could not reach us" in one.text]
    before = len(office.bot_messages(office.team))
    number = labels(roll)[2]
    line = next(one for one in roll.text.splitlines() if one.startswith(f"{number}. "))
    assert await office.presses(IGOR, roll, number) == Answer("The card is below.")
    card = office.bot_messages(office.team)[-1]
    assert len(office.bot_messages(office.team)) == before + 1
    client = first_line(card).split(" · ")[1]
    assert client in line
    await office.presses(IGOR, roll, number)
    assert len(office.bot_messages(office.team)) == before + 1
    await office.presses(IGOR, card, "Handled")
    await office.presses(IGOR, card, "met in person")
    assert f"{number}. ✅ {client}" in roll.text


async def flood(office: Office, clients: int) -> None:
    """Missed calls that are all there before the first of them is shown."""
    for client in range(clients):
        phone, callid = f"7910000{client:04}", f"flood{client}"
        body = {
            "cmd": "history",
            "type": "in",
            "status": "Missed",
            "phone": phone,
            "callid": callid,
            "duration": "20",
        }
        form = {"crm_token": "webhook-token-of-the-tests", **body}
        async with office.http.post(f"{office.url}/pbx/main", data=form) as response:
            assert response.status == 200
    await office.settle()


def card_case(card: Message) -> int:
    """The case's number, out of the card's own buttons."""
    return int((card.buttons[0][0].data or "").split(":")[2])
