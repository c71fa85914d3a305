"""`/active` where a PBX can't be asked: as far as its events told."""

from sandbox.telegram import Answer
from storage import contacts
from storage.contacts import Contact
from tests.desk.phones import SALES, missed, says
from tests.handlers.chat.on_the_phone import labels, presses_data
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office

BY_EVENTS = "As far as the PBX's events told: it can't be asked."


async def step(
    office: Office, kind: str, user: str, callid: str = "c1", phone: str = CLIENT, way: str = "in"
) -> None:
    about = {"callid": callid, "phone": phone, "user": user, "direction": way, **SALES}
    await says(office, "event", type=kind, **about)


async def test_calls_that_go_on_are_listed_with_who_and_since_when(staffed: Office) -> None:
    office = staffed
    async with office.desk.db.write() as tx:
        known = Contact("+" + CLIENT, "ООО <Ромашка>", None, office.clock.now(), ANNA)
        await contacts.save(office.desk.db, tx, known)
    await step(office, "INCOMING", "igor")
    await step(office, "INCOMING", "maria")
    office.clock.advance(minutes=1)
    await step(office, "INCOMING", "maria", "c2", "79100000002")
    office.clock.advance(minutes=2)
    await step(office, "ACCEPTED", "maria", "c2", "79100000002")
    await step(office, "OUTGOING", "anna", "c3", "79100000003", "out")
    [message] = await office.says(IGOR, office.team, "/active")
    assert message.text == (
        "📞 3 calls are going on\n"
        "1. 📳 ООО <Ромашка>, +7 910 000-00-01 · rings: Игорь Волков, Мария Орлова · Продажи · since 12:00\n"
        "2. 🗣 +7 910 000-00-02 · talks with Мария Орлова · Продажи · since 12:03\n"
        "3. 📲 +7 910 000-00-03 · Анна Смирнова is calling · Продажи · since 12:03\n"
        f"{BY_EVENTS}"
    )
    assert labels(message) == ["🔄 Refresh"]


async def test_refreshing_changes_the_message_in_place(staffed: Office) -> None:
    office = staffed
    await step(office, "INCOMING", "igor")
    [message] = await office.says(IGOR, office.team, "/active")
    office.clock.advance(seconds=20)
    await missed(office, callid="c1")
    assert await office.presses(MARIA, message, "Refresh") == Answer("")
    assert message.text == f"📞 No call with a client is going on.\n{BY_EVENTS}"


async def test_a_call_nobody_heard_of_for_hours_is_not_believed(staffed: Office) -> None:
    office = staffed
    await step(office, "INCOMING", "igor")
    office.clock.advance(hours=4, minutes=1)
    [message] = await office.says(IGOR, office.team, "/active")
    assert message.text.startswith("📞 No call with a client is going on.")


async def test_many_calls_come_in_pages(staffed: Office) -> None:
    office = staffed
    for n in range(17):
        await step(office, "INCOMING", "igor", f"c{n}", f"791000001{n:02}")
    [message] = await office.says(IGOR, IGOR, "/active")
    assert message.text.splitlines()[0] == "📞 17 calls are going on"
    assert message.text.splitlines()[-1] == "Page 1 of 2"
    await office.presses(IGOR, message, "»")
    assert message.text.splitlines()[1].startswith("16. 📳 ")
    assert labels(message) == ["«", "🔄 Refresh"]


async def test_where_calls_can_t_be_ended_that_is_said_whatever_a_button_says(staffed: Office) -> None:
    office = staffed
    await step(office, "INCOMING", "igor")
    [message] = await office.says(ANNA, office.team, "/active")
    for act in ("ask", "end"):
        answer = await presses_data(office, ANNA, message, f"ac:{act}:main:abcdef:0")
        assert answer == Answer("PBX main can't end a call for us. Hang up on the phone.", show_alert=True)


async def test_strangers_are_told_nothing(staffed: Office) -> None:
    office = staffed
    await step(office, "INCOMING", "igor")
    [told] = await office.says(STRANGER, STRANGER, "/active")
    assert told.text == "Calls are shown to employees. Send /link, and an administrator will let you in."
    for data in ("ac:page:main::0", "ac:page:::0", "ac:end:main:abcdef:0", "ac:ask:::0", "ac:ask:nowhere::0"):
        answer = await presses_data(office, STRANGER, told, data)
        assert answer is not None
        assert answer.show_alert, data
    assert CLIENT[-4:] not in "".join(office.texts(STRANGER))


async def test_several_pbxs_are_listed_together_and_named(two_pbxes: Office) -> None:
    office = two_pbxes
    await office.bind(office.team)
    await office.bind(office.team, pbx_id="spb")
    await office.link(IGOR, "igor")
    await step(office, "INCOMING", "igor")
    about = {"callid": "s1", "phone": "79100000002", "user": "igor", "direction": "in"}
    await says(office, "event", pbx="spb", type="INCOMING", **about)
    [message] = await office.says(IGOR, office.team, "/active")
    assert [line.split(" · ")[-1] for line in message.text.splitlines()[1:3]] == ["PBX main", "PBX spb"]
    [one] = await office.says(IGOR, office.team, "/active spb")
    assert one.text.splitlines()[0] == "📞 1 call is going on"


async def test_in_russian_and_ukrainian(staffed: Office) -> None:
    office = staffed
    await step(office, "INCOMING", "igor")
    for language, first in (("ru", "📞 Сейчас идёт 1 звонок"), ("uk", "📞 Зараз триває 1 дзвінок")):
        await office.bind(office.team, settings={"language": language})
        [message] = await office.says(IGOR, office.team, "/active")
        assert message.text.splitlines()[0] == first
