"""Bot API methods that send, edit and delete messages, and answer presses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.telegram import content, wire
from sandbox.telegram.api import Api, Methods
from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import Chat, Contact, Keyboard, Media, Message
from sandbox.telegram.params import Params
from sandbox.telegram.rich_text import Rich
from sandbox.telegram.world import Answer, forward_origin

method = Methods()

#: A bot may delete nothing older than this.
DELETABLE_FOR = timedelta(hours=48)


def _post(api: Api, params: Params, chat: Chat, **fields: Any) -> Message:
    """Send into a chat, with everything the send methods have in common."""
    reply_to = content.replied_to(params, chat)
    thread_id = content.thread(params, chat, api.world, reply_to)
    buttons, keyboard = content.markup(params, chat)
    preview = params.object("link_preview_options", "link preview options")
    api.spend(chat)
    message = api.world.new_message(
        chat,
        api.world.bot,
        reply_to=reply_to,
        thread_id=thread_id,
        buttons=buttons,
        keyboard=keyboard,
        silent=params.flag("disable_notification"),
        protected=params.flag("protect_content"),
        link_preview=preview or None,
        **fields,
    )
    api.limits.accepted(chat.id)
    return message


@method("sendMessage")
async def send_message(api: Api, params: Params) -> Any:
    chat = api.chat(params)
    return wire.message_json(_post(api, params, chat, body=content.body_text(params)), api.world)


async def _send_media(kind: str, api: Api, params: Params) -> Any:
    chat = api.chat(params)
    reference = params.files.get(kind) or params.text(kind)
    carried = content.media(kind, reference, params, api.world, params.values)
    message = _post(api, params, chat, body=content.caption(params), media=carried)
    return wire.message_json(message, api.world)


@method("sendPhoto")
async def send_photo(api: Api, params: Params) -> Any:
    return await _send_media("photo", api, params)


@method("sendAudio")
async def send_audio(api: Api, params: Params) -> Any:
    return await _send_media("audio", api, params)


@method("sendDocument")
async def send_document(api: Api, params: Params) -> Any:
    return await _send_media("document", api, params)


@method("sendVoice")
async def send_voice(api: Api, params: Params) -> Any:
    return await _send_media("voice", api, params)


@method("sendVideo")
async def send_video(api: Api, params: Params) -> Any:
    return await _send_media("video", api, params)


def _input_media(api: Api, params: Params, given: Mapping[str, Any]) -> tuple[Media, Rich]:
    kind = given.get("type", "")
    if kind not in content.FOLDERS or kind == "voice":
        raise bad_request(f'type "{kind}" of the media can\'t be used')
    carried = content.media(kind, given.get("media"), params, api.world, given)
    return carried, content.caption(Params(given))


@method("sendMediaGroup")
async def send_media_group(api: Api, params: Params) -> Any:
    """An album: as many messages as files, which is how many the flood limits count."""
    chat = api.chat(params)
    given = params.items("media", "media") or []
    if not 2 <= len(given) <= 10:
        raise bad_request("expected between 2 and 10 messages to send in the album" if given else "no media")
    items = [_input_media(api, params, one) for one in given]
    reply_to = content.replied_to(params, chat)
    thread_id = content.thread(params, chat, api.world, reply_to)
    api.spend(chat, len(items))
    group = str(13_000_000_000 + chat.next_id)
    sent = [
        api.world.new_message(
            chat,
            api.world.bot,
            body=body,
            media=carried,
            reply_to=reply_to,
            thread_id=thread_id,
            media_group_id=group,
            silent=params.flag("disable_notification"),
        )
        for carried, body in items
    ]
    api.limits.accepted(chat.id, len(sent))
    return [wire.message_json(one, api.world) for one in sent]


@method("sendContact")
async def send_contact(api: Api, params: Params) -> Any:
    chat = api.chat(params)
    number, name = params.text("phone_number"), params.text("first_name")
    if not number:
        raise bad_request("contact phone number must be non-empty")
    if not name:
        raise bad_request("contact first name must be non-empty")
    contact = Contact(number, name, params.text("last_name"), vcard=params.text("vcard"))
    return wire.message_json(_post(api, params, chat, contact=contact), api.world)


CHAT_ACTIONS = frozenset(
    {"typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"}
    | {"upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"}
)


@method("sendChatAction")
async def send_chat_action(api: Api, params: Params) -> bool:
    chat = api.chat(params)
    action = params.text("action")
    if action not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    api.world.tell("chat_action", chat, action=action, thread=params.integer("message_thread_id"))
    return True


def _source(api: Api, params: Params, what: str) -> Message:
    chat = api.chat(params, "from_chat_id")
    message = chat.messages.get(params.integer("message_id") or 0)
    if message is None or message.deleted:
        raise bad_request(f"message to {what} not found")
    if message.service:
        raise bad_request(f"message can't be {'copied' if what == 'copy' else 'forwarded'}")
    return message


@method("forwardMessage")
async def forward_message(api: Api, params: Params) -> Any:
    chat, source = api.chat(params), _source(api, params, "forward")
    message = _post(
        api,
        params,
        chat,
        body=source.body,
        media=source.media,
        contact=source.contact,
        origin=forward_origin(source),
    )
    return wire.message_json(message, api.world)


@method("copyMessage")
async def copy_message(api: Api, params: Params) -> Any:
    """A forward without its origin; a new caption replaces the old one."""
    chat, source = api.chat(params), _source(api, params, "copy")
    body = content.caption(params) if source.media and params.text("caption") is not None else source.body
    message = _post(api, params, chat, body=body, media=source.media, contact=source.contact)
    return {"message_id": message.id}


# Edits


def _editable(api: Api, params: Params) -> tuple[Chat, Message]:
    chat = api.chat(params)
    message_id = params.integer("message_id")
    if not message_id:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(message_id)
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    if message.sender != api.world.bot or message.service or message.origin:
        raise bad_request("message can't be edited")
    return chat, message


def _edit(api: Api, chat: Chat, message: Message, body: Rich, buttons: Keyboard, carried: Media | None) -> Any:
    api.spend(chat)
    if content.same(message, body, buttons, carried):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    message.body, message.buttons, message.media = body, buttons, carried
    api.world.changed(message)
    api.limits.accepted(chat.id)
    return wire.message_json(message, api.world)


@method("editMessageText")
async def edit_message_text(api: Api, params: Params) -> Any:
    """New text; without a `reply_markup` the buttons go."""
    chat, message = _editable(api, params)
    body = content.body_text(params)
    if message.media or message.contact:
        raise bad_request("there is no text in the message to edit")
    return _edit(api, chat, message, body, content.inline_markup(params), None)


@method("editMessageCaption")
async def edit_message_caption(api: Api, params: Params) -> Any:
    chat, message = _editable(api, params)
    if not message.media:
        raise bad_request("there is no caption in the message to edit")
    return _edit(api, chat, message, content.caption(params), content.inline_markup(params), message.media)


@method("editMessageMedia")
async def edit_message_media(api: Api, params: Params) -> Any:
    chat, message = _editable(api, params)
    given = params.object("media", "input media")
    if not given:
        raise bad_request("input media is not specified")
    carried, body = _input_media(api, params, given)
    return _edit(api, chat, message, body, content.inline_markup(params), carried)


@method("editMessageReplyMarkup")
async def edit_message_reply_markup(api: Api, params: Params) -> Any:
    chat, message = _editable(api, params)
    return _edit(api, chat, message, message.body, content.inline_markup(params), message.media)


# Deleting, pinning, answering


def _refusal_to_delete(api: Api, chat: Chat, message: Message) -> str | None:
    """The bot's own and, in a private chat or as an administrator, other people's; for two days."""
    own = message.sender == api.world.bot
    if not (own or not chat.is_group or api.world.bot_may(chat, "can_delete_messages")):
        return "message can't be deleted"
    if api.world.clock() - message.date > DELETABLE_FOR:
        return "message can't be deleted for everyone"
    return None


@method("deleteMessage")
async def delete_message(api: Api, params: Params) -> bool:
    chat = api.chat(params)
    message = chat.messages.get(params.integer("message_id") or 0)
    if message is None or message.deleted:
        raise bad_request("message to delete not found")
    refusal = _refusal_to_delete(api, chat, message)
    if refusal:
        raise bad_request(refusal)
    api.world.remove(message)
    return True


@method("deleteMessages")
async def delete_messages(api: Api, params: Params) -> bool:
    """Up to 100 at once; those that can't be found are skipped, and so are those that can't be deleted."""
    chat = api.chat(params)
    ids = params.items("message_ids", "message identifiers") or []
    if not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified" if not ids else "too many message identifiers")
    for message_id in ids:
        message = chat.messages.get(int(message_id))
        if message and not message.deleted and not _refusal_to_delete(api, chat, message):
            api.world.remove(message)
    return True


@method("pinChatMessage")
async def pin_chat_message(api: Api, params: Params) -> bool:
    chat = api.chat(params)
    message = chat.messages.get(params.integer("message_id") or 0)
    if message is None or message.deleted:
        raise bad_request("message to pin not found")
    _may_pin(api, chat)
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
        pinned = {"pinned_message": wire.message_json(message, api.world, nested=True)}
        service = api.world.new_message(
            chat,
            api.world.bot,
            service=pinned,
            thread_id=message.thread_id,
            silent=params.flag("disable_notification"),
        )
        api.world.notify("message", service)
        api.world.tell("chat", chat)
    return True


def _may_pin(api: Api, chat: Chat) -> None:
    if chat.is_group and not api.world.bot_may(chat, "can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")


@method("unpinChatMessage")
async def unpin_chat_message(api: Api, params: Params) -> bool:
    """Without a `message_id` the latest pinned one."""
    chat = api.chat(params)
    _may_pin(api, chat)
    message_id = params.integer("message_id") or (chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    api.world.tell("chat", chat)
    return True


@method("unpinAllChatMessages")
async def unpin_all_chat_messages(api: Api, params: Params) -> bool:
    chat = api.chat(params)
    _may_pin(api, chat)
    chat.pinned.clear()
    api.world.tell("chat", chat)
    return True


@method("answerCallbackQuery")
async def answer_callback_query(api: Api, params: Params) -> bool:
    text = params.text("text") or ""
    if len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    answer = Answer(text, params.flag("show_alert"), params.text("url"))
    api.world.answer_press(params.text("callback_query_id") or "", answer)
    return True
