"""Handing a case over from the card, and what claims look like in a chat."""

import pytest

from desk import directory
from pbx.vocabulary import Employee
from sandbox.telegram import Answer, Message
from storage import people
from tests.handlers.chat.on_the_phone import labels, missed_call, missed_card, presses_data
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office

HELD = [
    "📞 Call back",
    "🙅 Not mine any more",
    "👉 Hand over",
    "✅ Handled",
    "🗂 History",
    "🚫 Block",
]


async def igors(office: Office) -> Message:
    """A missed call that Igor has claimed at noon: its card."""
    card = await missed_card(office)
    await office.presses(IGOR, card, "Mine")
    return card


def last(card: Message) -> str:
    return card.text.splitlines()[-1]


def case_of(card: Message) -> int:
    return int((card.buttons[0][0].data or "").split(":")[2])


def give(card: Message, to: int, holder: int = IGOR) -> str:
    """The data of the button that hands the case over."""
    return f"c:give:{case_of(card)}:{to}.{holder}"


async def test_the_holder_hands_over_to_a_colleague_who_is_told(desk_office: Office) -> None:
    office = desk_office
    card = await igors(office)
    await office.later(minutes=5)
    assert await office.presses(IGOR, card, "Hand over") == Answer("")
    assert labels(card) == ["Anna", "Maria", "↩️ Back"]
    answer = await office.presses(IGOR, card, "Maria")
    assert answer == Answer("Maria has it now, and I have told them.")
    assert last(card) == "🙋 Maria takes care of it since 12:05, until 12:20, from Igor"
    assert labels(card) == HELD
    private = office.bot_messages(MARIA)[-1]
    assert private.text == (
        "👉 Igor has handed a client over to you: +7 910 000-00-01.\n"
        "It is yours until 12:20, and longer once you try to call."
    )
    assert labels(private) == ["📞 Call back", "🗒 Show the card"]
    await office.presses(MARIA, private, "Call back")
    assert card.text.startswith("🟢 Called back")


async def test_names_are_the_pbxs_and_the_client_is_named(staffed: Office) -> None:
    office = staffed
    await office.says(ANNA, ANNA, f"/contact +{CLIENT} Acme <Ltd>")
    card = await igors(office)
    await office.presses(IGOR, card, "Hand over")
    assert labels(card) == ["Анна Смирнова", "Мария Орлова", "↩️ Back"]
    await office.presses(IGOR, card, "Анна")
    assert office.texts(ANNA)[-1].splitlines()[0] == (
        "👉 Igor has handed a client over to you: Acme <Ltd>, +7 910 000-00-01."
    )


async def test_the_receiver_opens_the_card_in_private(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    await presses_data(office, IGOR, card, give(card, MARIA))
    private = office.bot_messages(MARIA)[-1]
    assert await office.presses(MARIA, private, "Show the card") == Answer("The card is below.")
    shown = office.bot_messages(MARIA)[-1]
    assert last(shown) == "🙋 Maria takes care of it since 12:00, until 12:15, from Igor"
    await office.presses(MARIA, shown, "Not mine any more")
    assert last(card) == "🙅 12:00: Maria gave it back"
    assert last(shown) == last(card)


async def test_a_manager_hands_over_for_others_and_nobody_else(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    refused = await office.presses(MARIA, card, "Hand over")
    assert refused == Answer(
        "Igor has taken it at 12:00. Talk to them; they or a manager can give it back.", show_alert=True
    )
    assert await presses_data(office, MARIA, card, give(card, ANNA)) == refused
    await office.presses(ANNA, card, "Hand over")
    assert labels(card) == ["Мария Орлова", "↩️ Back"]
    await office.presses(ANNA, card, "Мария")
    assert last(card) == "🙋 Maria takes care of it since 12:00, until 12:15, from Anna"


async def test_who_has_no_private_chat_open_has_to_be_told_by_the_giver(staffed: Office) -> None:
    office = staffed
    office.world.block_bot(MARIA)
    await office.settle()
    card = await igors(office)
    assert await presses_data(office, IGOR, card, give(card, MARIA)) == Answer(
        "Maria has it now, but has no private chat open with me: tell them yourself.", show_alert=True
    )
    assert last(card) == "🙋 Maria takes care of it since 12:00, until 12:15, from Igor"


async def test_who_was_unlinked_meanwhile_gets_nothing(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    await office.presses(IGOR, card, "Hand over")
    data = card.button("Мария").data
    assert data
    await office.says(MARIA, MARIA, "/unlink")
    assert await presses_data(office, IGOR, card, data) == Answer(
        "They are not linked at PBX main any more. Choose somebody else.", show_alert=True
    )
    assert last(card) == "🙋 Igor takes care of it since 12:00, until 12:15"
    assert labels(card) == HELD


async def test_the_second_of_two_who_hand_over_is_told_who_has_it(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    await presses_data(office, ANNA, card, give(card, MARIA))
    for user_id in (ANNA, IGOR):
        late = await presses_data(office, user_id, card, give(card, ANNA))
        assert late == Answer(
            "Maria has taken it at 12:00. Talk to them; they or a manager can give it back.", show_alert=True
        )
    assert last(card) == "🙋 Maria takes care of it since 12:00, until 12:15, from Anna"


async def test_the_colleagues_have_pages(staffed: Office) -> None:
    office = staffed
    async with office.desk.db.write() as tx:
        known = await people.employees_of(tx, "main")
        more = [Employee(f"login{n}", f"Employee {n:02}") for n in range(21)]
        await people.save_employees(office.desk.db, tx, "main", [*known, *more])
        for n in range(21):
            await people.meet(office.desk.db, tx, 5000 + n, f"Person {n}", None, reachable=False)
            await people.link(office.desk.db, tx, 5000 + n, "main", f"login{n}", office.clock.now(), ANNA)
    card = await igors(office)
    await office.presses(IGOR, card, "Hand over")
    assert labels(card) == [f"Employee {n:02}" for n in range(10)] + ["»", "↩️ Back"]
    assert [len(row) for row in card.buttons] == [2, 2, 2, 2, 2, 1, 1]
    await office.presses(IGOR, card, "»")
    await office.presses(IGOR, card, "»")
    assert labels(card) == ["Employee 20", "Анна Смирнова", "Мария Орлова", "«", "↩️ Back"]
    await office.presses(IGOR, card, "Employee 20")
    assert last(card) == "🙋 Person 20 takes care of it since 12:00, until 12:15, from Igor"


async def test_the_menu_goes_away_by_itself(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    await office.presses(IGOR, card, "Hand over")
    await office.later(seconds=65)
    assert labels(card) == HELD
    await office.presses(IGOR, card, "Hand over")
    await office.presses(MARIA, card, "Back")
    assert labels(card) == HELD


async def test_alone_there_is_nobody_to_hand_over_to(office: Office) -> None:
    await office.connected(logins={IGOR: "igor"})
    card = await igors(office)
    assert await office.presses(IGOR, card, "Hand over") == Answer(
        "Nobody else is linked at PBX main. /team shows who is.", show_alert=True
    )


async def test_who_has_left_the_pbx_is_not_offered(staffed: Office) -> None:
    office = staffed
    del office.pbx.office.employees["maria"]
    await directory.refresh(office.desk, "main")
    card = await igors(office)
    await office.presses(IGOR, card, "Hand over")
    assert labels(card) == ["Анна Смирнова", "↩️ Back"]
    await presses_data(office, IGOR, card, give(card, MARIA))
    assert "Maria" not in card.text


async def test_what_lapsed_or_was_closed_is_not_handed_over(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    data = give(card, MARIA)
    hand = f"c:hand:{case_of(card)}:"
    await office.presses(IGOR, card, "Hand over")
    await office.later(minutes=15)
    assert await presses_data(office, IGOR, card, data) == Answer("Nobody has it: anybody may take it.")
    assert await presses_data(office, IGOR, card, hand) == Answer("Nobody has it: anybody may take it.")
    assert last(card) == "⌛ 12:15: Igor's claim lapsed, no attempt in 15 min"
    await office.presses(IGOR, card, "Handled")
    await office.presses(IGOR, card, "met in person")
    for late in (data, hand):
        assert await presses_data(office, IGOR, card, late) == Answer(
            "This case is closed already: the card shows how.", show_alert=True
        )


@pytest.mark.parametrize(
    "arg", ["", "nonsense", "1002", "1.2.3", "99999999999999999.1002", "1003.9999999999999999", "-1003.1002", "٣.٤"]
)
async def test_nonsense_in_a_button_hands_nothing_over(staffed: Office, arg: str) -> None:
    office = staffed
    card = await igors(office)
    for act in ("give", "hand"):
        assert await presses_data(office, IGOR, card, f"c:{act}:{case_of(card)}:{arg}") is not None
    assert last(card) == "🙋 Igor takes care of it since 12:00, until 12:15"


async def test_a_number_no_database_holds_is_no_card(desk_office: Office) -> None:
    office = desk_office
    card = await missed_card(office)
    gone = Answer("This card is gone. /missed shows who waits for a call.", show_alert=True)
    for number in (2**63, -1, 0, 10**30):
        assert await presses_data(office, IGOR, card, f"c:mine:{number}:") == gone


async def test_a_guest_and_a_stranger_hand_nothing_over(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    office.world.join(STRANGER, office.team)
    for act in ("hand", "give"):
        refused = await presses_data(office, STRANGER, card, f"c:{act}:{case_of(card)}:{MARIA}.{IGOR}")
        assert refused is not None
        assert refused.text.startswith("Only employees can do this.")
    assert last(card) == "🙋 Igor takes care of it since 12:00, until 12:15"


async def test_handing_over_is_in_the_log(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    await presses_data(office, IGOR, card, give(card, MARIA))
    async with office.desk.db.read() as tx:
        [act] = await people.last_acts(tx, 1)
    assert (act.user_id, act.what, act.pbx_id, act.about) == (
        IGOR,
        "hand_over",
        "main",
        f"case {case_of(card)}, Maria",
    )


async def test_a_client_who_calls_again_is_still_theirs(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    await office.later(minutes=3)
    await missed_call(office, callid="c2")
    assert "called 2 times" in card.text
    assert last(card) == "🙋 Igor takes care of it since 12:00, until 12:15"


async def test_in_russian_and_ukrainian(staffed: Office) -> None:
    office = staffed
    card = await igors(office)
    await presses_data(office, IGOR, card, give(card, MARIA))
    for language, told in (
        ("ru", "🙋 Занимается Maria с 12:00, до 12:15, кто передал: Igor"),
        ("uk", "🙋 Займається Maria з 12:00, до 12:15, хто передав: Igor"),
    ):
        await office.bind(office.team, settings={"language": language})
        await presses_data(office, MARIA, card, f"c:back:{case_of(card)}:")
        assert last(card) == told
