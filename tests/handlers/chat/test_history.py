"""`/history`: of a period, of a number, in pages."""

import pytest

from handlers.chat import history
from sandbox.telegram import Message
from storage import contacts
from storage.contacts import Contact
from tests.desk import phones
from tests.desk.past import phone
from tests.handlers.chat.on_the_phone import labels, presses_data
from tests.office import ANNA, CLIENT, IGOR, STRANGER, Office


async def names_the_client(office: Office, number: str, name: str) -> None:
    async with office.desk.db.write() as tx:
        await contacts.save(office.desk.db, tx, Contact(f"+{number}", name, None, office.clock.now(), None))


async def a_day(office: Office) -> None:
    """One call of each sort, a minute or two apart."""
    await names_the_client(office, CLIENT, "Fedor <Ltd>")
    await phones.missed(office)
    await phones.missed(office, status="Cancel", phone=phone(2))
    await phones.we_called(office, "Busy")
    await phones.we_called(office)
    await phones.got_through(office, phone="")


async def test_todays_calls_are_listed_newest_first(staffed: Office) -> None:
    await a_day(staffed)
    [answer] = await staffed.says(IGOR, staffed.team, "/history")
    assert answer.text == (
        "🗂 Today, 18 March: 5 calls\n"
        "↙️ 12:02 · hidden number · Мария Орлова · waited 10 s · talked 60 s\n"
        "↗️ 12:00 · Fedor <Ltd>, +7 910 000-00-01 · Игорь Волков · talked 2 min\n"
        "📵 12:00 · Fedor <Ltd>, +7 910 000-00-01 · Игорь Волков · busy\n"
        "🔴 11:59 · +7 910 000-00-02 · Продажи · hung up · waited 20 s\n"
        "🔴 11:59 · Fedor <Ltd>, +7 910 000-00-01 · Продажи · missed · waited 20 s"
    )
    assert labels(answer) == []


async def test_a_numbers_calls_are_listed_with_their_days(staffed: Office) -> None:
    await a_day(staffed)
    staffed.clock.advance(days=1)
    await phones.got_through(staffed)
    [answer] = await staffed.says(IGOR, IGOR, "/history 8 (910) 000-00-01")
    assert answer.text == (
        "🗂 Fedor <Ltd>, +7 910 000-00-01: 4 calls\n"
        "↙️ today 12:03 · Мария Орлова · waited 10 s · talked 60 s\n"
        "↗️ yesterday 12:00 · Игорь Волков · talked 2 min\n"
        "📵 yesterday 12:00 · Игорь Волков · busy\n"
        "🔴 yesterday 11:59 · Продажи · missed · waited 20 s"
    )


async def test_periods_are_understood_and_empty_ones_say_so(staffed: Office) -> None:
    await a_day(staffed)
    for words, title in [
        ("сегодня", "🗂 Today, 18 March: 5 calls"),
        ("yesterday", "🗂 Yesterday, 17 March: no calls"),
        ("this_week", "🗂 This week, 16 March – 22 March: 5 calls"),
        ("прошлый месяц", "🗂 Last month, 1 February – 28 February: no calls"),
    ]:
        [answer] = await staffed.says(IGOR, IGOR, f"/history {words}")
        assert answer.text.splitlines()[0] == title


async def test_what_is_no_period_and_no_number_is_told_what_is(staffed: Office) -> None:
    [answer] = await staffed.says(IGOR, IGOR, "/history soon")
    assert answer.text == (
        "I know /history today, yesterday, this_week, last_week, this_month, last_month "
        "or a phone number: /history +79101234567"
    )


async def many(office: Office, count: int) -> Message:
    for number in range(count):
        await phones.missed(office, phone=phone(number + 1))
        office.clock.advance(minutes=1)
    [answer] = await office.says(IGOR, IGOR, "/history")
    return answer


async def test_pages_turn_in_place(staffed: Office) -> None:
    answer = await many(staffed, 21)
    assert (len(answer.text.splitlines()), answer.text.splitlines()[-1], labels(answer)) == (12, "Page 1 of 3", ["»"])
    await staffed.presses(IGOR, answer, "»")
    assert (answer.text.splitlines()[-1], labels(answer)) == ("Page 2 of 3", ["«", "»"])
    await staffed.presses(IGOR, answer, "»")
    assert (len(answer.text.splitlines()), answer.text.splitlines()[-1], labels(answer)) == (3, "Page 3 of 3", ["«"])
    await staffed.presses(IGOR, answer, "«")
    await staffed.presses(IGOR, answer, "«")
    assert answer.text.splitlines()[-1] == "Page 1 of 3"
    assert staffed.bot_messages(IGOR)[-1] is answer


async def test_a_page_that_is_not_there_any_more_is_the_last_one(staffed: Office) -> None:
    answer = await many(staffed, 11)
    data = answer.button("»").data
    assert data is not None
    staffed.clock.advance(days=1)
    await phones.missed(staffed)
    await presses_data(staffed, IGOR, answer, data)
    assert answer.text.startswith("🗂 Today, 19 March: 1 call\n")


async def test_more_calls_than_anybody_turns_to_are_not_counted(
    staffed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "COUNTED", 20)
    answer = await many(staffed, 21)
    assert answer.text.splitlines()[0] == "🗂 Today, 18 March: more than 20 calls"
    assert answer.text.splitlines()[-1] == "Page 1 of 2"
    await staffed.presses(IGOR, answer, "»")
    assert labels(answer) == ["«"]


async def test_a_stranger_sees_no_calls_in_private_but_those_of_the_chat_in_the_chat(staffed: Office) -> None:
    await a_day(staffed)
    [refusal] = await staffed.says(STRANGER, STRANGER, "/history")
    assert refusal.text == "Calls are shown to employees. Send /link, and an administrator will let you in."
    staffed.world.join(STRANGER, staffed.team)
    [answer] = await staffed.says(STRANGER, staffed.team, "/history")
    assert answer.text.startswith("🗂 Today, 18 March: 5 calls")


async def test_a_group_that_is_not_connected_is_told_how_to_be(staffed: Office) -> None:
    other = staffed.world.add_group("Другая", [STRANGER, ANNA]).id
    [refusal] = await staffed.says(STRANGER, other, "/history")
    assert refusal.text == "This chat is not connected to a PBX. An administrator can send /connect here."


async def test_a_stranger_cannot_turn_pages_by_a_made_up_button(staffed: Office) -> None:
    await a_day(staffed)
    [refusal] = await staffed.says(STRANGER, STRANGER, "/history")
    answer = await presses_data(staffed, STRANGER, refusal, "h:today:0:main")
    assert answer is not None
    assert answer.show_alert
    assert "11:59" not in "".join(staffed.texts(STRANGER))


async def test_a_chat_of_one_pbx_does_not_see_anothers_calls(two_pbxes: Office) -> None:
    office = two_pbxes
    await office.bind(office.team, pbx_id="main")
    await office.link(IGOR, "igor", "spb")
    await phones.missed(office, phone=phone(1), pbx="main")
    await phones.missed(office, phone=phone(2), pbx="spb")
    [here] = await office.says(IGOR, office.team, "/history")
    assert "000-00-01" in here.text
    assert "000-00-02" not in here.text
    [mine] = await office.says(IGOR, IGOR, "/history")
    assert "000-00-02" in mine.text
    assert "000-00-01" not in mine.text
    [outright] = await office.says(IGOR, IGOR, "/history main: today")
    assert "000-00-01" not in outright.text


async def test_an_administrator_is_asked_which_pbx_or_says_it_outright(two_pbxes: Office) -> None:
    office = two_pbxes
    await phones.missed(office, phone=phone(2), pbx="spb")
    [asked] = await office.says(ANNA, ANNA, "/history")
    assert (asked.text, labels(asked)) == ("Which PBX?", ["main", "spb"])
    await office.presses(ANNA, asked, "spb")
    assert asked.text.splitlines()[0] == "🗂 Today, 18 March: 1 call"
    assert asked.text.endswith("missed · waited 20 s · PBX spb")
    [outright] = await office.says(ANNA, ANNA, f"/history spb: +{phone(2)}")
    assert outright.text.splitlines()[0] == "🗂 +7 910 000-00-02: 1 call"


async def test_the_cards_button_shows_the_clients_calls(staffed: Office) -> None:
    await phones.missed(staffed)
    staffed.clock.advance(minutes=2)
    [card] = [one for one in staffed.bot_messages(staffed.team) if one.text.startswith("🔴")]
    await staffed.presses(IGOR, card, "History")
    assert staffed.texts(staffed.team)[-1] == (
        "🗂 +7 910 000-00-01: 1 call\n🔴 today 11:59 · Продажи · missed · waited 20 s"
    )


async def test_another_language_has_its_own_plurals(staffed: Office) -> None:
    await staffed.bind(staffed.team, settings={"language": "ru"})
    for expected in ("🗂 Сегодня, 18 марта: 1 звонок", "🗂 Сегодня, 18 марта: 2 звонка"):
        await phones.missed(staffed)
        staffed.clock.advance(seconds=30)
        [answer] = await staffed.says(IGOR, staffed.team, "/history")
        assert answer.text.splitlines()[0] == expected


async def test_a_local_number_is_read_as_people_write_it(staffed: Office) -> None:
    await phones.missed(staffed, phone=phone(7))
    staffed.clock.advance(minutes=1)
    [answer] = await staffed.says(IGOR, IGOR, "/history 910 000 00 07")
    assert answer.text.splitlines()[0] == "🗂 +7 910 000-00-07: 1 call"
