"""Bot API methods about chats, their members, topics and files."""

from __future__ import annotations

from typing import Any

from sandbox.telegram import wire
from sandbox.telegram.api import Api, Methods
from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import PRESENT, Chat, Topic
from sandbox.telegram.params import Params

method = Methods()


@method("getChat")
async def get_chat(api: Api, params: Params) -> Any:
    chat = api.chat(params)
    pinned = chat.messages[chat.pinned[-1]] if chat.pinned else None
    return wire.chat_json(chat, api.world) | wire.without_none(
        accent_color_id=abs(chat.id) % 7,
        max_reaction_count=11,
        accepted_gift_types={
            "unlimited_gifts": True,
            "limited_gifts": True,
            "unique_gifts": True,
            "premium_subscription": True,
            "gifts_from_channels": True,
        },
        permissions={"can_send_messages": True, "can_invite_users": True} if chat.is_group else None,
        pinned_message=wire.message_json(pinned, api.world, nested=True) if pinned else None,
    )


def _user_id(params: Params) -> int:
    user_id = params.integer("user_id")
    if user_id is None:
        raise bad_request("invalid user_id specified")
    return user_id


@method("getChatMember")
async def get_chat_member(api: Api, params: Params) -> Any:
    chat, user_id = api.chat(params), _user_id(params)
    if user_id not in api.world.users:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return wire.member_json(api.world.users[user_id], chat)


@method("getChatAdministrators")
async def get_chat_administrators(api: Api, params: Params) -> Any:
    """Bots other than the one that asks are left out."""
    chat = api.chat(params)
    if not chat.is_group:
        raise bad_request("there are no administrators in the private chat")
    return [
        wire.member_json(api.world.users[user_id], chat)
        for user_id, status in chat.members.items()
        if status in ("creator", "administrator")
        and (user_id == api.world.bot.id or not api.world.users[user_id].is_bot)
    ]


@method("getChatMemberCount")
async def get_chat_member_count(api: Api, params: Params) -> int:
    return sum(status in PRESENT for status in api.chat(params).members.values())


@method("leaveChat")
async def leave_chat(api: Api, params: Params) -> bool:
    chat = api.chat(params)
    if not chat.is_group:
        raise bad_request("chat member status can't be changed in private chats")
    api.world.bot_leaves(chat)
    return True


# Topics


def _forum(api: Api, params: Params) -> Chat:
    chat = api.chat(params)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    return chat


def _manage_topics(api: Api, chat: Chat, what: str) -> None:
    if not api.world.bot_may(chat, "can_manage_topics"):
        raise bad_request(f"not enough rights to {what}")


def _topic(chat: Chat, params: Params) -> Topic:
    topic = chat.topics.get(params.integer("message_thread_id") or 0)
    if topic is None:
        raise bad_request("message thread not found")
    return topic


@method("createForumTopic")
async def create_forum_topic(api: Api, params: Params) -> Any:
    chat = _forum(api, params)
    _manage_topics(api, chat, "create a topic")
    name = (params.text("name") or "").strip()
    if not 1 <= len(name) <= 128:
        raise bad_request("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
    topic = api.world.open_topic(chat, api.world.bot, name)
    return {"message_thread_id": topic.id, "name": topic.name, "icon_color": 7322096}


async def _close(api: Api, params: Params, *, closed: bool) -> bool:
    chat = _forum(api, params)
    topic = _topic(chat, params)
    _manage_topics(api, chat, "close a topic" if closed else "reopen a topic")
    if topic.closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    api.world.close_topic(api.world.bot.id, chat.id, topic.id, closed=closed)
    return True


@method("closeForumTopic")
async def close_forum_topic(api: Api, params: Params) -> bool:
    return await _close(api, params, closed=True)


@method("reopenForumTopic")
async def reopen_forum_topic(api: Api, params: Params) -> bool:
    return await _close(api, params, closed=False)


@method("deleteForumTopic")
async def delete_forum_topic(api: Api, params: Params) -> bool:
    chat = _forum(api, params)
    topic = _topic(chat, params)
    _manage_topics(api, chat, "delete a topic")
    api.world.delete_topic(api.world.bot.id, chat.id, topic.id)
    return True


@method("getFile")
async def get_file(api: Api, params: Params) -> Any:
    """Where to download a file from; Telegram gives bots files of up to 20 MB."""
    file = api.world.files.get(params.text("file_id") or "")
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.content) > 20 * 1024 * 1024:
        raise bad_request("file is too big")
    return {
        "file_id": file.id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.content),
        "file_path": file.path,
    }
