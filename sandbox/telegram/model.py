"""What a Telegram holds: people, chats, topics, files, messages. Plain data; `wire` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.telegram.rich_text import Rich

ChatKind = Literal["private", "group", "supergroup"]
Status = Literal["creator", "administrator", "member", "left", "kicked"]

#: Members whose messages arrive and who see the chat.
PRESENT: frozenset[Status] = frozenset({"creator", "administrator", "member"})

#: What an administrator bot may do unless told otherwise. Managing topics is not among it, as when people
#: promote a bot with the usual switches.
USUAL_RIGHTS = frozenset(
    {"can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"}
    | {"can_change_info", "can_invite_users", "can_pin_messages"}
)


@dataclass(frozen=True, slots=True)
class User:
    """A person or a bot. `phone` is what sharing one's contact gives away; the Bot API never shows it otherwise."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    phone: str | None = None
    is_bot: bool = False
    last_name: str | None = None


@dataclass(slots=True)
class Topic:
    """A forum topic; its id is the id of the service message that opened it."""

    id: int
    name: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as Telegram keeps it; `path` is what getFile gives for downloading."""

    id: str
    unique_id: str
    path: str
    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Media:
    """What a message carries: `kind` is photo, audio, document, voice or video; `details` its other fields."""

    kind: str
    file: StoredFile
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """A shared phone number."""

    phone_number: str
    first_name: str
    last_name: str | None = None
    user_id: int | None = None
    vcard: str | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: its label and what it does; `raw` is the button as the bot sent it."""

    text: str
    data: str | None = None
    url: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


Keyboard = tuple[tuple[Button, ...], ...]


@dataclass(slots=True)
class Message:
    """One message. `body` is its text, or the caption of its media; ids grow within a chat."""

    id: int
    chat_id: int
    sender: User
    date: datetime
    body: Rich = field(default_factory=Rich)
    media: Media | None = None
    contact: Contact | None = None
    service: Mapping[str, Any] | None = None
    reply_to: int | None = None
    thread_id: int | None = None
    buttons: Keyboard = ()
    keyboard: Mapping[str, Any] | None = None
    edited: datetime | None = None
    edits: int = 0
    deleted: bool = False
    silent: bool = False
    origin: Mapping[str, Any] | None = None
    media_group_id: str | None = None
    link_preview: Mapping[str, Any] | None = None
    protected: bool = False

    @property
    def text(self) -> str:
        """What a reader sees: the text, or the caption."""
        return self.body.text

    @property
    def html(self) -> str:
        """The same with formatting, in Telegram's HTML tags, escaped."""
        return self.body.html

    @property
    def caption(self) -> str | None:
        """The caption, None for a message without media."""
        return self.body.text if self.media else None

    def button(self, label: str) -> Button:
        """The button whose label contains `label`; KeyError, naming those there are, if there is none."""
        for row in self.buttons:
            for one in row:
                if label in one.text:
                    return one
        raise KeyError(f"no button {label!r}, there are {[one.text for row in self.buttons for one in row]}")


@dataclass(slots=True)
class Chat:
    """A conversation. A private chat has the person's id, and `started` once they wrote to the bot."""

    id: int
    kind: ChatKind
    title: str = ""
    forum: bool = False
    username: str | None = None
    members: dict[int, Status] = field(default_factory=dict)
    rights: frozenset[str] = USUAL_RIGHTS
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None
    migrated_from: int | None = None
    started: bool = False
    blocked: bool = False
    next_id: int = 1

    @property
    def is_group(self) -> bool:
        """Anything but a private chat."""
        return self.kind != "private"

    def status(self, user_id: int) -> Status:
        """What somebody is in this chat; who was never there has left."""
        return self.members.get(user_id, "left")

    def has(self, user_id: int) -> bool:
        """Whether somebody is in the chat now."""
        return self.status(user_id) in PRESENT
