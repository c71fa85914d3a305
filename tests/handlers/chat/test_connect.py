"""`/connect`: an administrator ties a chat or a topic to a PBX, and unties it."""

from dataclasses import replace

from desk import binding
from storage import chats
from storage.chats import Binding
from tests.office import ANNA, CLIENT, IGOR, Office

MISSED = {"cmd": "history", "type": "in", "status": "Missed", "phone": CLIENT, "callid": "c1", "duration": "20"}


async def bindings(office: Office, chat_id: int) -> list[tuple[int, str]]:
    async with office.desk.db.read() as tx:
        return [(one.thread_id, one.pbx_id) for one in await chats.bindings_of_chat(tx, chat_id)]


async def bound(office: Office) -> list[Binding]:
    async with office.desk.db.read() as tx:
        return await chats.bindings_of_chat(tx, office.team)


async def test_a_group_is_bound_and_told_what_will_come(office: Office) -> None:
    [answer] = await office.says(ANNA, office.team, "/connect main")
    assert answer.text == (
        "✅ PBX main is connected here.\n"
        "Here will come: missed calls, ratings, lines that are down, and a summary each day.\n"
        "/settings changes what comes and when, /team shows who is linked."
    )
    await office.pbx_says(MISSED)
    assert office.texts(office.team)[-1].startswith("🔴 Missed call")


async def test_binding_twice_says_so(office: Office) -> None:
    await office.says(ANNA, office.team, "/connect main")
    [answer] = await office.says(ANNA, office.team, "/connect")
    assert answer.text == ("PBX main is connected here already. /settings changes what comes, /connect off ends it.")
    assert await bindings(office, office.team) == [(0, "main")]


async def test_only_an_administrator_binds(desk_office: Office) -> None:
    [answer] = await desk_office.says(IGOR, IGOR, "/connect main")
    assert answer.text == ("Only an administrator of Ringdesk connects chats. They are named in its configuration.")
    assert await bindings(desk_office, IGOR) == []


async def test_an_unknown_pbx_is_named_with_those_there_are(office: Office) -> None:
    [answer] = await office.says(ANNA, office.team, "/connect mian")
    assert answer.text == "There is no PBX “mian” in the configuration. Known: main"


async def test_a_topic_is_bound_by_itself(office: Office) -> None:
    forum = office.world.add_group("Форум", [ANNA, IGOR], forum=True)
    topic = office.world.create_topic(ANNA, forum.id, "Звонки")
    await office.says(ANNA, forum.id, "/connect main", thread_id=topic.id)
    assert await bindings(office, forum.id) == [(topic.id, "main")]
    await office.pbx_says(MISSED)
    [card] = [one for one in office.bot_messages(forum.id) if one.text.startswith("🔴")]
    assert card.thread_id == topic.id
    [elsewhere] = await office.says(ANNA, forum.id, "/connect off")
    assert elsewhere.text == (
        "Nothing is connected in this topic. Send /connect off in the topic where the cards come."
    )
    await office.says(ANNA, forum.id, "/connect off", thread_id=topic.id)
    assert await bindings(office, forum.id) == []


async def test_off_unbinds(office: Office) -> None:
    await office.says(ANNA, office.team, "/connect main")
    [answer] = await office.says(ANNA, office.team, "/connect off")
    assert answer.text == ("Disconnected from PBX main: no new notices come here. /connect turns them on again.")
    await office.pbx_says(MISSED)
    assert office.texts(office.team)[-1] == answer.text
    [again] = await office.says(ANNA, office.team, "/connect off")
    assert again.text == "Nothing is connected here. /connect connects this chat."
    assert await bindings(office, office.team) == []


async def test_a_wrong_off_is_taken_back_and_everything_is_as_it_was(office: Office) -> None:
    await office.says(ANNA, office.team, "/connect main")
    [before] = await bound(office)
    async with office.desk.db.write() as tx:
        await binding.take(tx, before, ["missed", "summary", "escalations"])
        await binding.choose_filter(tx, before, "departments", ["Sales"])
        await binding.choose_filter(tx, before, "numbers", ["+78000000001"])
    [chosen] = await bound(office)
    await office.pbx_says(MISSED)
    office.clock.advance(minutes=10)
    [answer] = await office.says(ANNA, office.team, "/connect off")
    await office.pbx_says(MISSED | {"callid": "c2", "phone": "79100000002"})
    assert len(office.cards()) == 2
    refused = await office.presses(IGOR, answer, "↩️ Connect main again")
    assert refused is not None
    assert refused.text == "Only an administrator of Ringdesk connects chats. They are named in its configuration."
    await office.presses(ANNA, answer, "↩️ Connect main again")
    assert answer.text == "✅ PBX main is connected here again, as it was."
    [after] = await bound(office)
    assert replace(after, id=chosen.id) == chosen
    assert [one.text.split("\n")[0] for one in office.cards()] == [
        "🔴 Missed call · +7 910 000-00-01",
        "🔴 Missed call · +7 910 000-00-02",
    ]


async def test_after_a_new_connect_there_is_nothing_to_take_back(office: Office) -> None:
    await office.says(ANNA, office.team, "/connect main")
    [off] = await office.says(ANNA, office.team, "/connect off")
    await office.says(ANNA, office.team, "/connect main")
    fresh = await bound(office)
    await office.presses(ANNA, off, "↩️ Connect main again")
    assert off.text.startswith("PBX main is connected here already.")
    assert await bound(office) == fresh


async def test_several_pbxes_are_asked_about_by_buttons(two_pbxes: Office) -> None:
    [which] = await two_pbxes.says(ANNA, two_pbxes.team, "/connect")
    assert which.text == "Which PBX should tell its news here?"
    refused = await two_pbxes.presses(IGOR, which, "spb")
    assert refused is not None
    assert refused.show_alert
    assert await bindings(two_pbxes, two_pbxes.team) == []
    await two_pbxes.presses(ANNA, which, "spb")
    assert two_pbxes.texts(two_pbxes.team)[-1].startswith("✅ PBX spb is connected here.")
    assert await bindings(two_pbxes, two_pbxes.team) == [(0, "spb")]


async def test_an_administrator_binds_their_own_private_chat(office: Office) -> None:
    await office.says(ANNA, ANNA, "/connect")
    await office.pbx_says(MISSED)
    assert office.texts(ANNA)[-1].startswith("🔴 Missed call")
