"""How the Bot API writes what Telegram holds: User, Chat, Message and ChatMember objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from sandbox.telegram.model import Button, Chat, Contact, Keyboard, Media, Message, Status, User
from sandbox.telegram.rich_text import Rich, entity_json

Json = dict[str, Any]

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_pin_messages",
    "can_manage_topics",
)


class Known(Protocol):
    """What writing a message needs to look up."""

    @property
    def users(self) -> Mapping[int, User]: ...
    @property
    def chats(self) -> Mapping[int, Chat]: ...


def stamp(moment: datetime) -> int:
    """Unix time, as every date in the Bot API."""
    return int(moment.timestamp())


def without_none(**fields: Any) -> Json:
    """The fields that have a value: the Bot API leaves the others out."""
    return {key: value for key, value in fields.items() if value is not None}


def user_json(user: User) -> Json:
    return without_none(
        id=user.id,
        is_bot=user.is_bot,
        first_name=user.first_name,
        last_name=user.last_name,
        username=user.username,
        language_code=user.language_code,
    )


def chat_json(chat: Chat, known: Known) -> Json:
    if chat.kind == "private":
        user = known.users[chat.id]
        return without_none(
            id=chat.id,
            type="private",
            first_name=user.first_name,
            last_name=user.last_name,
            username=user.username,
        )
    return without_none(
        id=chat.id, type=chat.kind, title=chat.title, username=chat.username, is_forum=chat.forum or None
    )


def contact_json(contact: Contact) -> Json:
    return without_none(
        phone_number=contact.phone_number,
        first_name=contact.first_name,
        last_name=contact.last_name,
        user_id=contact.user_id,
        vcard=contact.vcard,
    )


def media_json(media: Media) -> Any:
    """The value of a message's photo, audio, document, voice or video field; photos come as a list of sizes."""
    file: Json = {
        "file_id": media.file.id,
        "file_unique_id": media.file.unique_id,
        "file_size": len(media.file.content),
    }
    if media.kind == "photo":
        return [file | dict(media.details)]
    named = {} if media.kind == "voice" else {"file_name": media.file.name}
    return file | named | {"mime_type": media.file.mime} | dict(media.details)


def button_json(button: Button) -> Json:
    if button.raw:
        return dict(button.raw)
    return without_none(text=button.text, callback_data=button.data, url=button.url)


def markup_json(keyboard: Keyboard) -> Json:
    return {"inline_keyboard": [[button_json(button) for button in row] for row in keyboard]}


def _body_json(body: Rich, prefix: str, known: Known) -> Json:
    if not body.text:
        return {}
    mentioned = (known.users.get(one.user_id) for one in body.entities if one.user_id is not None)
    people = {user.id: user_json(user) for user in mentioned if user}
    written: Json = {"caption" if prefix else "text": body.text}
    if body.entities:
        written[f"{prefix}entities"] = [entity_json(one, people) for one in body.entities]
    return written


def message_json(message: Message, known: Known, *, nested: bool = False) -> Json:
    """A Message as the bot sees it; a reply carries the message it answers, one level deep."""
    chat = known.chats[message.chat_id]
    replied = chat.messages.get(message.reply_to) if message.reply_to and not nested else None
    written = without_none(
        message_id=message.id,
        date=stamp(message.date),
        chat=chat_json(chat, known),
        message_thread_id=message.thread_id,
        is_topic_message=True if message.thread_id and chat.forum else None,
        reply_to_message=message_json(replied, known, nested=True) if replied and not replied.deleted else None,
        edit_date=stamp(message.edited) if message.edited else None,
        forward_origin=dict(message.origin) if message.origin else None,
        media_group_id=message.media_group_id,
        link_preview_options=dict(message.link_preview) if message.link_preview else None,
        has_protected_content=message.protected or None,
        contact=contact_json(message.contact) if message.contact else None,
        reply_markup=markup_json(message.buttons) if message.buttons else None,
    )
    written["from"] = user_json(message.sender)
    written |= _body_json(message.body, "caption_" if message.media else "", known)
    if message.media:
        written[message.media.kind] = media_json(message.media)
        if message.media.kind == "audio":
            written["audio"].setdefault("duration", 0)
    return written | dict(message.service or {})


def member_json(user: User, chat: Chat, status: Status | None = None) -> Json:
    """A ChatMember of the kind its status asks for."""
    status = status or chat.status(user.id)
    written: Json = {"user": user_json(user), "status": status}
    match status:
        case "creator":
            written["is_anonymous"] = False
        case "administrator":
            rights = chat.rights if user.is_bot else frozenset(ADMIN_RIGHTS)
            written |= {right: right in rights for right in ADMIN_RIGHTS}
            written |= {"can_be_edited": False, "is_anonymous": False}
        case "kicked":
            written["until_date"] = 0
    return written
