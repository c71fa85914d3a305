"""Where the bot is: its greeting, and what happens to a chat's notices when it goes, comes back, or moves."""

from storage import chats, people
from tests.office import ANNA, CLIENT, IGOR, Office


def missed(call_id: str, phone: str = CLIENT) -> dict[str, str]:
    return {"cmd": "history", "type": "in", "status": "Missed", "phone": phone, "callid": call_id, "duration": "20"}


async def test_a_new_group_is_told_the_next_step(office: Office) -> None:
    group = office.world.add_group("Новая", [IGOR, ANNA], bot=None)
    office.world.add_bot(IGOR, group.id)
    await office.settle()
    assert office.texts(group.id) == [
        "👋 I show missed calls here until somebody has called the client back.\n"
        "Next step: an administrator sends /connect here, in the topic where the cards should come."
    ]


async def test_being_made_administrator_is_no_news(office: Office) -> None:
    group = office.world.add_group("Новая", [IGOR, ANNA], bot="member")
    office.world.add_bot(IGOR, group.id, "administrator")
    await office.settle()
    assert office.texts(group.id) == []


async def test_a_chat_that_removed_us_gets_nothing_and_the_administrators_hear_of_it(desk_office: Office) -> None:
    desk_office.world.kick_bot(IGOR, desk_office.team)
    await desk_office.settle()
    assert desk_office.texts(ANNA)[-1] == (
        "⚠️ I was removed from the chat “Продажи”. Its notices stop until somebody adds me again."
    )
    desk_office.tg.journal.clear()
    await desk_office.pbx_says(missed("c1"))
    assert desk_office.tg.journal.requests("sendMessage") == []


async def test_back_in_the_chat_those_who_waited_meanwhile_are_shown(desk_office: Office) -> None:
    desk_office.world.kick_bot(IGOR, desk_office.team)
    await desk_office.settle()
    await desk_office.pbx_says(missed("c1"))
    desk_office.world.add_bot(IGOR, desk_office.team)
    await desk_office.settle()
    shown = desk_office.texts(desk_office.team)[-2:]
    assert "👋 I am back. Notices from main come here again; clients who still wait follow." in shown
    assert [text for text in shown if text.startswith("🔴 Missed call · +7 910 000-00-01")]


async def test_who_blocks_us_is_not_reachable_until_they_come_back(desk_office: Office) -> None:
    async def reachable() -> bool:
        async with desk_office.desk.db.read() as tx:
            person = await people.get(tx, IGOR)
        return person is not None and person.reachable

    desk_office.world.block_bot(IGOR)
    await desk_office.settle()
    assert not await reachable()
    desk_office.world.unblock_bot(IGOR)
    await desk_office.settle()
    assert await reachable()


async def test_a_group_that_moves_takes_its_binding_and_settings_along(office: Office) -> None:
    group = office.world.add_group("Группа", [ANNA, IGOR], kind="group")
    await office.says(ANNA, group.id, "/connect")
    await office.says(ANNA, group.id, "/settings summary 18:30")
    await office.pbx_says(missed("c1"))
    new_id = office.world.migrate_group(group.id)
    await office.settle()
    async with office.desk.db.read() as tx:
        [binding] = await chats.bindings_of_chat(tx, new_id)
        chat = await chats.get(tx, new_id)
        assert await chats.get(tx, group.id) is None
    assert binding.pbx_id == "main"
    assert chat is not None
    assert chat.settings == {"summary_at": "18:30"}
    await office.pbx_says(missed("c2", "79100000002"))
    assert office.texts(new_id)[-1].startswith("🔴 Missed call · +7 910 000-00-02")
    await office.pbx_says(missed("c3"))
    assert "called 2 times" in office.texts(new_id)[-1]
