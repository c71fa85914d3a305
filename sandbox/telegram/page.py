"""What a chat page shows of a world: JSON-able views of chats and messages, and a plain text for test failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.telegram.model import Chat, Message, User

if TYPE_CHECKING:
    from sandbox.telegram.state import State

View = dict[str, Any]


def user_view(user: User) -> View:
    """id, name, username, language, is_bot."""
    return {
        "id": user.id,
        "name": " ".join(filter(None, (user.first_name, user.last_name))),
        "username": user.username,
        "language": user.language_code,
        "is_bot": user.is_bot,
    }


def message_view(message: Message, state: State) -> View:
    """A message as a page draws it: escaped `html`, buttons, file facts, the line it replies to."""
    replied = state.chats[message.chat_id].messages.get(message.reply_to or 0)
    file = message.media.file if message.media else None
    contact = message.contact
    return {
        "id": message.id,
        "chat": message.chat_id,
        "thread": message.thread_id,
        "from": user_view(message.sender),
        "date": message.date.isoformat(),
        "edited": message.edited.isoformat() if message.edited else None,
        "text": message.text,
        "html": message.html,
        "buttons": [[{"text": one.text, "data": one.data, "url": one.url} for one in row] for row in message.buttons],
        "keyboard": dict(message.keyboard) if message.keyboard else None,
        "reply_to": {"id": replied.id, "text": replied.text[:80]} if replied and not replied.deleted else None,
        "file": {
            "id": file.id,
            "kind": message.media.kind,
            "name": file.name,
            "mime": file.mime,
            "path": file.path,
            "size": len(file.content),
        }
        if file and message.media
        else None,
        "contact": {"phone": contact.phone_number, "name": contact.first_name} if contact else None,
        "service": dict(message.service) if message.service else None,
        "forwarded": bool(message.origin),
        "silent": message.silent,
        "pinned": message.id in state.chats[message.chat_id].pinned,
    }


def chat_view(chat: Chat, state: State) -> View:
    """A chat without its messages."""
    return {
        "id": chat.id,
        "type": chat.kind,
        "title": chat.title,
        "forum": chat.forum,
        "topics": [{"id": one.id, "name": one.name, "closed": one.closed} for one in chat.topics.values()],
        "members": [user_view(state.users[user_id]) | {"status": status} for user_id, status in chat.members.items()],
        "pinned": list(chat.pinned),
        "blocked": chat.blocked,
        "started": chat.started,
        "migrated_to": chat.migrated_to,
    }


def snapshot(state: State, user_id: int | None) -> View:
    """`{"bot", "me", "users", "chats": [chat view + "messages" + "commands"]}`: what that user sees."""
    if user_id is not None:
        state.private(user_id)
    chats = [
        chat
        for chat in state.chats.values()
        if chat.migrated_to is None and (user_id is None or state.in_sight(user_id, chat))
    ]
    return {
        "bot": user_view(state.bot),
        "me": user_view(state.users[user_id]) if user_id is not None else None,
        "users": [user_view(user) for user in state.users.values() if not user.is_bot],
        "chats": [
            chat_view(chat, state)
            | {
                "messages": [message_view(one, state) for one in state.messages(chat.id)],
                "commands": _commands(chat, state, user_id),
            }
            for chat in chats
        ],
    }


def _commands(chat: Chat, state: State, user_id: int | None) -> list[View]:
    user = state.users.get(user_id or 0)
    return state.profile.commands_for(chat, user.id, user.language_code) if user else []


def as_text(state: State, last: int = 8) -> str:
    """The last messages of every chat, for the message of a failed test."""
    lines = []
    for chat in state.chats.values():
        lines.append(f"[{chat.id} {chat.title}]")
        for one in state.messages(chat.id)[-last:]:
            buttons = " ".join(f"[{button.text}]" for row in one.buttons for button in row)
            shown = one.text or (one.media.kind if one.media else str(one.service or one.contact or ""))
            lines.append(f"  #{one.id} {one.sender.first_name}: {shown} {buttons}".rstrip())
    return "\n".join(lines) or "(no chats)"
