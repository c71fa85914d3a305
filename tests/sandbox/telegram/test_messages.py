"""Sending, editing and deleting, asked over HTTP: what is stored and what is refused, in Telegram's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.telegram import Chat, TelegramStandIn, User

if TYPE_CHECKING:
    from tests.sandbox.telegram.conftest import Asker, Clock

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def buttons(*data: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": one or "empty", "callback_data": one} for one in data]]}


async def test_a_message_is_stored_and_returned_as_documented(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    sent = await ask(
        "SENDMESSAGE",
        chat_id=str(anna.id),
        text="Missed: <b>Иван</b>",
        parse_mode="html",
        reply_markup=buttons("mine"),
        disable_notification=True,
    )
    assert sent == {
        "message_id": 1,
        "date": 1709542800,
        "chat": {"id": 1001, "type": "private", "first_name": "Anna", "username": "anna_example"},
        "from": {"id": 7000000001, "is_bot": True, "first_name": "Ringdesk", "username": "ringdesk_demo_bot"},
        "text": "Missed: Иван",
        "entities": [{"type": "bold", "offset": 8, "length": 4}],
        "reply_markup": {"inline_keyboard": [[{"text": "mine", "callback_data": "mine"}]]},
    }
    (message,) = tg.world.messages(anna.id)
    assert (message.text, message.html, message.silent) == ("Missed: Иван", "Missed: <b>Иван</b>", True)
    assert message.button("mine").data == "mine"


async def test_a_form_and_a_query_say_the_same_as_json(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    form = {"chat_id": str(anna.id), "text": "form", "reply_markup": json.dumps(buttons("x"))}
    async with ask.session.post(ask.url("sendMessage"), data=form) as response:
        assert response.status == 200
    async with ask.session.get(ask.url("sendmessage"), params={"chat_id": "1001", "text": "query"}) as response:
        assert response.status == 200
    assert [one.text for one in tg.world.messages(anna.id)] == ["form", "query"]
    assert tg.journal.requests("sendMessage")[0].params["reply_markup"] == buttons("x")


async def test_a_wrong_token_is_unauthorized_and_an_unknown_method_not_found(ask: Asker, tg: TelegramStandIn) -> None:
    async with ask.session.get(f"{tg.url}/bot1:wrong/getMe") as response:
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
        assert response.status == 401
    assert await ask.answer("getTea") == (404, {"ok": False, "error_code": 404, "description": "Not Found"})


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "я" * 4097}, "message is too long"),
        ({"text": "📞" * 2049}, "message is too long"),
        ({"text": "<x>", "parse_mode": "HTML"}, 'can\'t parse entities: Unsupported start tag "x" at byte offset 0'),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"reply_markup": buttons("")}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": buttons("я" * 33)}, "BUTTON_DATA_INVALID"),
        ({"reply_markup": buttons(*map(str, range(101)))}, "reply markup is too long"),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": "x"}]]}},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"reply_markup": {"inline_keyboard": [[{"text": " ", "url": "example.com"}]]}},
            "inline keyboard button text must be non-empty",
        ),
        ({"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"message_thread_id": 99}, "message thread not found"),
        ({"chat_id": 555}, "chat not found"),
        ({"chat_id": ""}, "chat_id is empty"),
    ],
)
async def test_what_telegram_would_refuse_is_refused(
    ask: Asker, tg: TelegramStandIn, anna: User, params: dict[str, Any], description: str
) -> None:
    given = {"chat_id": anna.id, "text": "text"} | params
    assert await ask.refused("sendMessage", **given) == f"Bad Request: {description}"
    assert tg.world.messages(anna.id) == []


@pytest.mark.parametrize(
    "params",
    [
        {"text": "📞" * 2048},
        {"text": f"<b>{'x' * 4096}</b>", "parse_mode": "HTML"},
        {"reply_markup": buttons("я" * 32, *map(str, range(99)))},
        {"reply_parameters": {"message_id": 99, "allow_sending_without_reply": True}},
        {"link_preview_options": {"is_disabled": True}},
    ],
)
async def test_what_just_fits_is_taken(ask: Asker, anna: User, params: dict[str, Any]) -> None:
    await ask("sendMessage", **({"chat_id": anna.id, "text": "text"} | params))


async def test_a_reply_carries_what_it_answers(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    question = tg.world.say(anna.id, anna.id, "What now?")
    sent = await ask("sendMessage", chat_id=anna.id, text="This", reply_parameters={"message_id": question.id})
    assert sent["reply_to_message"]["text"] == "What now?"
    assert tg.world.messages(anna.id)[-1].reply_to == question.id


async def test_an_edit_replaces_text_and_buttons(ask: Asker, tg: TelegramStandIn, clock: Clock, anna: User) -> None:
    sent = await ask("sendMessage", chat_id=anna.id, text="one", reply_markup=buttons("a"))
    clock.advance(seconds=5)
    edited = await ask("editMessageText", chat_id=anna.id, message_id=sent["message_id"], text="two")
    assert (edited["text"], edited["edit_date"]) == ("two", sent["date"] + 5)
    assert "reply_markup" not in edited
    (message,) = tg.world.messages(anna.id)
    assert (message.text, message.buttons, message.edits) == ("two", (), 1)


async def test_edits_that_can_not_be_are_refused(ask: Asker, tg: TelegramStandIn, team: Chat, anna: User) -> None:
    sent = await ask("sendMessage", chat_id=team.id, text="<b>x</b>", parse_mode="HTML", reply_markup=buttons("a"))
    here: dict[str, Any] = {"chat_id": team.id, "message_id": sent["message_id"]}
    same = here | {"text": "<strong>x</strong>", "parse_mode": "HTML", "reply_markup": buttons("a")}
    assert await ask.refused("editMessageText", **same) == NOT_MODIFIED
    assert await ask.refused("editMessageReplyMarkup", **here, reply_markup=buttons("a")) == NOT_MODIFIED
    assert await ask.refused("editMessageCaption", **here, caption="c") == (
        "Bad Request: there is no caption in the message to edit"
    )
    gone = {"chat_id": team.id, "message_id": 999, "text": "x"}
    assert await ask.refused("editMessageText", **gone) == "Bad Request: message to edit not found"
    theirs = tg.world.say(anna.id, team.id, "mine")
    assert await ask.refused("editMessageText", chat_id=team.id, message_id=theirs.id, text="x") == (
        "Bad Request: message can't be edited"
    )
    tg.world.delete_message(anna.id, team.id, sent["message_id"])
    assert await ask.refused("editMessageText", **here, text="y") == "Bad Request: message to edit not found"


async def test_buttons_alone_can_be_edited_away(ask: Asker, tg: TelegramStandIn, anna: User) -> None:
    sent = await ask("sendMessage", chat_id=anna.id, text="x", reply_markup=buttons("a"))
    await ask("editMessageReplyMarkup", chat_id=anna.id, message_id=sent["message_id"])
    assert (tg.world.messages(anna.id)[0].text, tg.world.messages(anna.id)[0].buttons) == ("x", ())


async def test_a_message_can_be_deleted_for_two_days(
    ask: Asker, tg: TelegramStandIn, clock: Clock, team: Chat, anna: User
) -> None:
    first, second = [await ask("sendMessage", chat_id=team.id, text="x") for _ in range(2)]
    theirs = tg.world.say(anna.id, team.id, "theirs")
    clock.advance(hours=48)
    for message_id in (first["message_id"], theirs.id):
        assert await ask("deleteMessage", chat_id=team.id, message_id=message_id) is True
    clock.advance(seconds=1)
    late = {"chat_id": team.id, "message_id": second["message_id"]}
    assert (await ask.refused("deleteMessage", **late)).startswith("Bad Request: message can't be deleted")
    again = {"chat_id": team.id, "message_id": first["message_id"]}
    assert await ask.refused("deleteMessage", **again) == "Bad Request: message to delete not found"
    assert [one.id for one in tg.world.messages(team.id)] == [second["message_id"]]


async def test_a_bot_that_is_no_administrator_deletes_only_its_own(
    ask: Asker, tg: TelegramStandIn, anna: User
) -> None:
    club = tg.world.add_group("Club", [anna.id], bot="member")
    theirs = tg.world.say(anna.id, club.id, "mine")
    assert await ask.refused("deleteMessage", chat_id=club.id, message_id=theirs.id) == (
        "Bad Request: message can't be deleted"
    )
    own = await ask("sendMessage", chat_id=club.id, text="x")
    await ask("deleteMessages", chat_id=club.id, message_ids=[theirs.id, own["message_id"], 77])
    assert tg.world.messages(club.id) == [theirs]


async def test_pinning_leaves_a_service_message_and_needs_the_right(
    ask: Asker, tg: TelegramStandIn, team: Chat, anna: User
) -> None:
    sent = await ask("sendMessage", chat_id=team.id, text="Rules")
    await ask("pinChatMessage", chat_id=team.id, message_id=sent["message_id"])
    assert (await ask("getChat", chat_id=team.id))["pinned_message"]["text"] == "Rules"
    assert (await ask.updates())[-1]["message"]["pinned_message"]["message_id"] == sent["message_id"]
    await ask("unpinChatMessage", chat_id=team.id)
    assert team.pinned == []
    club = tg.world.add_group("Club", [anna.id], bot="member")
    sent = await ask("sendMessage", chat_id=club.id, text="Rules")
    assert "not enough rights" in await ask.refused("pinChatMessage", chat_id=club.id, message_id=sent["message_id"])


async def test_a_copy_has_no_origin_and_a_forward_has(
    ask: Asker, tg: TelegramStandIn, team: Chat, anna: User
) -> None:
    source = tg.world.say(anna.id, team.id, "call me")
    where = {"chat_id": anna.id, "from_chat_id": team.id, "message_id": source.id}
    forwarded = await ask("forwardMessage", **where)
    assert forwarded["forward_origin"]["sender_user"]["first_name"] == "Anna"
    copied = await ask("copyMessage", **where)
    assert tg.world.message(anna.id, copied["message_id"]).text == "call me"
    assert tg.world.message(anna.id, copied["message_id"]).origin is None


async def test_a_button_asking_for_a_phone_number_belongs_into_private_chats(
    ask: Asker, tg: TelegramStandIn, team: Chat, anna: User
) -> None:
    keyboard = {"keyboard": [[{"text": "Share", "request_contact": True}]], "one_time_keyboard": True}
    await ask("sendMessage", chat_id=anna.id, text="x", reply_markup=keyboard)
    assert tg.world.messages(anna.id)[0].keyboard == keyboard
    assert await ask.refused("sendMessage", chat_id=team.id, text="x", reply_markup=keyboard) == (
        "Bad Request: phone number can be requested in private chats only"
    )
