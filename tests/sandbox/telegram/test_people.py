"""What people do, and what the bot and the pages get to know of it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.telegram import Chat, TelegramStandIn, User

if TYPE_CHECKING:
    from tests.sandbox.telegram.conftest import Asker, Clock

MINE: dict[str, Any] = {"inline_keyboard": [[{"text": "🙋 Mine", "callback_data": "claim:7"}]]}


async def test_a_press_waits_for_its_answer(ask: Asker, tg: TelegramStandIn, team: Chat, anna: User) -> None:
    sent = await ask("sendMessage", chat_id=team.id, text="Missed", reply_markup=MINE)
    press = tg.world.press(anna.id, team.id, sent["message_id"], "🙋 Mine")
    (update,) = await ask.updates()
    query = update["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]["text"]) == ("claim:7", anna.id, "Missed")
    assert press.answered is None
    await ask("answerCallbackQuery", callback_query_id=query["id"], text="Yours now", show_alert=True)
    answer = await press.answer()
    assert (answer.text, answer.show_alert, answer.url) == ("Yours now", True, None)


async def test_an_unknown_or_old_press_can_not_be_answered(
    ask: Asker, tg: TelegramStandIn, clock: Clock, team: Chat, anna: User
) -> None:
    sent = await ask("sendMessage", chat_id=team.id, text="Missed", reply_markup=MINE)
    press = tg.world.press(anna.id, team.id, sent["message_id"])
    clock.advance(minutes=16)
    for query_id in (press.id, "12345"):
        assert await ask.refused("answerCallbackQuery", callback_query_id=query_id) == (
            "Bad Request: query is too old and response timeout expired or query ID is invalid"
        )


async def test_a_press_on_a_deleted_message_comes_without_its_text(
    ask: Asker, tg: TelegramStandIn, anna: User
) -> None:
    sent = await ask("sendMessage", chat_id=anna.id, text="Missed", reply_markup=MINE)
    await ask("deleteMessage", chat_id=anna.id, message_id=sent["message_id"])
    tg.world.press(anna.id, anna.id, sent["message_id"])
    (update,) = await ask.updates()
    assert update["callback_query"]["message"] == {
        "message_id": sent["message_id"],
        "date": 0,
        "chat": sent["chat"],
    }


async def test_ones_own_contact_carries_ones_id_and_a_clients_does_not(
    ask: Asker, tg: TelegramStandIn, anna: User
) -> None:
    tg.world.share_contact(anna.id)
    tg.world.share_contact(anna.id, phone="+79100000001", first_name="Client")
    own, other = [one["message"]["contact"] for one in await ask.updates()]
    assert own == {"phone_number": "+79101234567", "first_name": "Anna", "user_id": anna.id}
    assert other == {"phone_number": "+79100000001", "first_name": "Client"}


async def test_editing_and_forwarding_reach_the_bot(ask: Asker, tg: TelegramStandIn, team: Chat, anna: User) -> None:
    said = tg.world.say(anna.id, team.id, "+7 910 123-45-6")
    tg.world.edit_own_message(anna.id, team.id, said.id, "+7 910 123-45-67")
    tg.world.forward(anna.id, team.id, said.id, anna.id)
    _, edited, forwarded = await ask.updates()
    assert edited["edited_message"]["text"] == "+7 910 123-45-67"
    assert "edit_date" in edited["edited_message"]
    assert forwarded["message"]["chat"]["id"] == anna.id
    assert forwarded["message"]["forward_origin"]["type"] == "user"


async def test_a_bot_can_not_begin_a_conversation(ask: Asker, tg: TelegramStandIn, boris: User) -> None:
    to_boris: dict[str, Any] = {"chat_id": boris.id, "text": "x"}
    assert await ask.refused("sendMessage", **to_boris) == ("Forbidden: bot can't initiate conversation with a user")
    tg.world.say(boris.id, boris.id, "/start")
    await ask("sendMessage", **to_boris)
    tg.world.block_bot(boris.id)
    assert await ask.refused("sendMessage", **to_boris) == "Forbidden: bot was blocked by the user"
    tg.world.unblock_bot(boris.id)
    await ask("sendMessage", **to_boris)
    _, blocked, unblocked = await ask.updates()
    assert blocked["my_chat_member"]["new_chat_member"]["status"] == "kicked"
    assert unblocked["my_chat_member"]["new_chat_member"]["status"] == "member"


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_bot_comes_and_goes_as_people_like(ask: Asker, tg: TelegramStandIn, anna: User, kind: Any) -> None:
    chat = tg.world.add_group("New", [anna.id], kind=kind, bot=None)
    assert await ask.refused("sendMessage", chat_id=chat.id, text="x") == (
        f"Forbidden: bot is not a member of the {kind} chat"
    )
    tg.world.add_bot(anna.id, chat.id)
    await ask("sendMessage", chat_id=chat.id, text="x")
    tg.world.add_bot(anna.id, chat.id, "administrator")
    tg.world.kick_bot(anna.id, chat.id)
    assert await ask.refused("sendMessage", chat_id=chat.id, text="x") == (
        f"Forbidden: bot was kicked from the {kind} chat"
    )
    changes = [one["my_chat_member"] for one in await ask.updates() if "my_chat_member" in one]
    assert [(one["old_chat_member"]["status"], one["new_chat_member"]["status"]) for one in changes] == [
        ("left", "member"),
        ("member", "administrator"),
        ("administrator", "kicked"),
    ]


async def test_the_bot_can_leave_and_count_those_who_stay(ask: Asker, tg: TelegramStandIn, team: Chat) -> None:
    assert await ask("getChatMemberCount", chat_id=team.id) == 3
    assert (await ask("getChatMember", chat_id=team.id, user_id=1001))["status"] == "creator"
    admins = await ask("getChatAdministrators", chat_id=team.id)
    assert [one["user"]["first_name"] for one in admins] == ["Anna", "Ringdesk"]
    assert admins[1]["can_manage_topics"] is False
    await ask("leaveChat", chat_id=team.id)
    assert await ask.refused("getChat", chat_id=team.id) == ("Forbidden: bot is not a member of the supergroup chat")


async def test_a_migrated_group_names_its_new_id(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    old = tg.world.add_group("Sales", [anna.id], kind="group")
    new_id = tg.world.migrate_group(old.id)
    there, here = [one["message"] for one in await ask.updates()]
    assert (there["chat"]["id"], there["migrate_to_chat_id"]) == (old.id, new_id)
    assert (here["chat"]["id"], here["migrate_from_chat_id"]) == (new_id, old.id)
    status, body = await ask.answer("sendMessage", chat_id=old.id, text="x")
    assert (status, body["parameters"]) == (400, {"migrate_to_chat_id": new_id})
    assert body["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert (await ask("sendMessage", chat_id=new_id, text="x"))["chat"]["type"] == "supergroup"


async def test_topics_open_close_and_vanish(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    forum = tg.world.add_group("Office", [anna.id], forum=True)
    topic = tg.world.create_topic(anna.id, forum.id, "Calls")
    here = {"chat_id": forum.id, "message_thread_id": topic.id, "text": "x"}
    sent = await ask("sendMessage", **here)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic.id, True)
    tg.world.say(anna.id, forum.id, "/who", thread_id=topic.id)
    opened, said = [one["message"] for one in await ask.updates()]
    assert opened["forum_topic_created"]["name"] == "Calls"
    assert said["message_thread_id"] == topic.id
    tg.world.close_topic(anna.id, forum.id, topic.id)
    assert await ask.refused("sendMessage", **here) == "Bad Request: TOPIC_CLOSED"
    tg.world.close_topic(anna.id, forum.id, topic.id, closed=False)
    await ask("sendMessage", **here)
    tg.world.delete_topic(anna.id, forum.id, topic.id)
    assert await ask.refused("sendMessage", **here) == "Bad Request: message thread not found"
    assert tg.world.messages(forum.id) == []


async def test_a_bot_with_the_right_keeps_topics_itself(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    plain = tg.world.add_group("Plain", [anna.id], forum=True)
    assert await ask.refused("createForumTopic", chat_id=plain.id, name="Calls") == (
        "Bad Request: not enough rights to create a topic"
    )
    forum = tg.world.add_group("Office", [anna.id], forum=True, rights=["can_manage_topics"])
    topic = await ask("createForumTopic", chat_id=forum.id, name="Calls")
    here = {"chat_id": forum.id, "message_thread_id": topic["message_thread_id"]}
    await ask("closeForumTopic", **here)
    assert await ask.refused("closeForumTopic", **here) == "Bad Request: TOPIC_NOT_MODIFIED"
    await ask("sendMessage", text="those who manage topics may write into closed ones", **here)
    await ask("reopenForumTopic", **here)
    await ask("deleteForumTopic", **here)
    assert await ask.refused("reopenForumTopic", **here) == "Bad Request: message thread not found"


async def test_a_page_sees_every_change_of_its_own_chats(
    ask: Asker, tg: TelegramStandIn, anna: User, boris: User, team: Chat
) -> None:
    async with tg.world.watch(anna.id) as changes:
        tg.world.say(boris.id, boris.id, "not for Anna")
        sent = await ask("sendMessage", chat_id=team.id, text="<b>x</b>", parse_mode="HTML", reply_markup=MINE)
        press = tg.world.press(anna.id, team.id, sent["message_id"])
        await ask("answerCallbackQuery", callback_query_id=press.id, text="ok")
        await ask("editMessageText", chat_id=team.id, message_id=sent["message_id"], text="y")
        await ask("deleteMessage", chat_id=team.id, message_id=sent["message_id"])
        await ask("sendChatAction", chat_id=team.id, action="typing")
        seen = [await anext(changes) for _ in range(5)]
    json.dumps(seen)
    assert [one["kind"] for one in seen] == ["message", "answer", "edit", "delete", "chat_action"]
    assert {one["chat"] for one in seen} == {team.id}
    assert seen[0]["message"]["html"] == "<b>x</b>"
    assert seen[0]["message"]["buttons"] == [[{"text": "🙋 Mine", "data": "claim:7", "url": None}]]


async def test_a_page_that_falls_behind_is_told_to_reload(tg: TelegramStandIn, anna: User) -> None:
    changes = tg.world.watch(size=2)
    for number in range(3):
        tg.world.say(anna.id, anna.id, str(number))
    assert (await anext(changes))["kind"] == "reload"
    changes.close()
    assert [one async for one in changes] == []


async def test_a_snapshot_shows_what_one_person_sees(
    ask: Asker, tg: TelegramStandIn, anna: User, boris: User, team: Chat
) -> None:
    await ask("sendMessage", chat_id=team.id, text="x")
    tg.world.leave(boris.id, team.id)
    shown = tg.world.snapshot(anna.id)
    json.dumps(shown)
    assert {one["id"] for one in shown["chats"]} == {anna.id, team.id}
    assert next(one for one in shown["chats"] if one["id"] == team.id)["messages"][0]["text"] == "x"
    assert {one["id"] for one in tg.world.snapshot(boris.id)["chats"]} == {boris.id}


async def test_waiting_for_what_never_happens_says_what_is_there_instead(tg: TelegramStandIn, anna: User) -> None:
    tg.world.say(anna.id, anna.id, "hello?")
    with pytest.raises(TimeoutError, match="Anna: hello"):
        await tg.world.until(lambda: False, timeout=0.01)
    waiting = asyncio.create_task(tg.world.until(lambda: len(tg.world.messages(anna.id)) == 2))
    await asyncio.sleep(0)
    tg.world.say(anna.id, anna.id, "anybody?")
    assert await waiting


async def test_the_bot_keeps_its_commands_by_scope_and_language(ask: Asker) -> None:
    commands = [{"command": "missed", "description": "Пропущенные"}]
    where = {"scope": {"type": "all_group_chats"}, "language_code": "ru"}
    await ask("setMyCommands", commands=commands, **where)
    assert await ask("getMyCommands", **where) == commands
    assert await ask("getMyCommands") == []
    await ask("deleteMyCommands", **where)
    assert await ask("getMyCommands", **where) == []
    bad = [{"command": "Missed calls", "description": "x"}]
    assert await ask.refused("setMyCommands", commands=bad) == "Bad Request: BOT_COMMAND_INVALID"


async def test_a_person_sees_the_commands_meant_for_them(
    ask: Asker, tg: TelegramStandIn, anna: User, boris: User, team: Chat
) -> None:
    def menu(user: User, chat_id: int) -> list[str]:
        shown = next(one for one in tg.world.snapshot(user.id)["chats"] if one["id"] == chat_id)
        return [one["description"] for one in shown["commands"]]

    async def tell(description: str, **where: Any) -> None:
        await ask("setMyCommands", commands=[{"command": "missed", "description": description}], **where)

    await tell("Missed")
    await tell("Пропущенные", language_code="ru")
    await tell("Here", scope={"type": "chat_administrators", "chat_id": team.id})
    assert menu(anna, anna.id) == ["Пропущенные"]
    assert menu(anna, team.id) == ["Here"]
    assert menu(boris, team.id) == ["Missed"]


async def test_the_bot_keeps_its_name_and_descriptions_by_language(ask: Asker) -> None:
    assert await ask("getMyName") == {"name": "Ringdesk"}
    await ask("setMyName", name="Звонки", language_code="ru")
    await ask("setMyDescription", description="Missed calls")
    await ask("setMyShortDescription", short_description="Calls")
    assert await ask("getMyName", language_code="ru") == {"name": "Звонки"}
    assert await ask("getMyDescription", language_code="uk") == {"description": "Missed calls"}
    assert await ask("getMyShortDescription") == {"short_description": "Calls"}
    assert await ask.refused("setMyName", name="x" * 65) == "Bad Request: name is too long"
    await ask("setChatMenuButton", menu_button={"type": "commands"})
    assert await ask("getChatMenuButton", chat_id=1001) == {"type": "commands"}
