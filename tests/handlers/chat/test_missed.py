"""`/missed`: who waits for a call."""

from tests.desk import phones
from tests.desk.past import phone
from tests.handlers.chat.on_the_phone import labels
from tests.office import ANNA, IGOR, STRANGER, Office


async def test_nobody_waits(staffed: Office) -> None:
    [answer] = await staffed.says(IGOR, staffed.team, "/missed")
    assert (answer.text, labels(answer)) == ("🟢 Nobody waits for a call.", [])


async def test_the_longest_waiting_comes_first(staffed: Office) -> None:
    await phones.missed(staffed, phone=phone(1))
    staffed.clock.advance(minutes=30)
    await phones.missed(staffed, phone=phone(2))
    await phones.missed(staffed, phone=phone(3))
    await phones.we_called(staffed, "Busy", phone=phone(2))
    await phones.we_called(staffed, phone=phone(3))
    staffed.clock.advance(minutes=29)
    await phones.missed(staffed, phone=phone(1))
    card = next(one for one in reversed(staffed.bot_messages(staffed.team)) if "000-00-02" in one.text)
    await staffed.presses(ANNA, card, "Mine")
    [answer] = await staffed.says(IGOR, staffed.team, "/missed")
    assert answer.text == (
        "📞 2 clients wait for a call\n"
        "1. 🔴 +7 910 000-00-01 · waits 1 h 2 min · called 2 times\n"
        "2. 🟠 +7 910 000-00-02 · waits 32 min · 🙋 Anna\n"
        "Press a number to open the card."
    )
    assert labels(answer) == ["1", "2"]


async def test_a_number_opens_the_card_at_the_bottom(staffed: Office) -> None:
    await phones.missed(staffed, phone=phone(1))
    staffed.clock.advance(minutes=10)
    [answer] = await staffed.says(IGOR, staffed.team, "/missed")
    await staffed.presses(IGOR, answer, "1")
    assert staffed.texts(staffed.team)[-1].startswith("🔴 Missed call · +7 910 000-00-01")


async def test_pages_turn_in_place(staffed: Office) -> None:
    for number in range(12):
        await phones.missed(staffed, phone=phone(number + 1))
        staffed.clock.advance(minutes=2)
    [answer] = await staffed.says(IGOR, IGOR, "/missed")
    assert answer.text.splitlines()[0] == "📞 12 clients wait for a call"
    assert answer.text.splitlines()[-1] == "Page 1 of 2"
    assert labels(answer) == [*(str(number) for number in range(1, 11)), "»"]
    await staffed.presses(IGOR, answer, "»")
    assert answer.text.splitlines()[1].startswith("11. 🔴 +7 910 000-00-11")
    assert labels(answer) == ["11", "12", "«"]
    await phones.we_called(staffed, phone=phone(1))
    await phones.we_called(staffed, phone=phone(2))
    await staffed.presses(IGOR, answer, "«")
    assert answer.text.splitlines()[0] == "📞 10 clients wait for a call"
    assert "Page" not in answer.text


async def test_a_stranger_is_told_how_to_be_let_in(staffed: Office) -> None:
    [answer] = await staffed.says(STRANGER, STRANGER, "/missed")
    assert answer.text == "Calls are shown to employees. Send /link, and an administrator will let you in."


async def test_two_pbxs_are_told_apart(two_pbxes: Office) -> None:
    office = two_pbxes
    await office.bind(office.team, pbx_id="main")
    await office.bind(office.team, pbx_id="spb")
    await phones.missed(office, phone=phone(1), pbx="main")
    office.clock.advance(minutes=5)
    await phones.missed(office, phone=phone(2), pbx="spb")
    office.clock.advance(minutes=5)
    [both] = await office.says(IGOR, office.team, "/missed")
    assert [line.rsplit(" · ", 1)[1] for line in both.text.splitlines()[1:3]] == ["PBX main", "PBX spb"]
    [one] = await office.says(IGOR, office.team, "/missed spb")
    assert one.text.splitlines()[0] == "📞 1 client waits for a call"
