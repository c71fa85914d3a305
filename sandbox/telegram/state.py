"""The state of one small Telegram: people, chats and messages around one bot, with a feed of every change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from sandbox.telegram import page, wire
from sandbox.telegram.errors import bad_request, forbidden
from sandbox.telegram.feed import Change, Feed, Watcher
from sandbox.telegram.model import (
    PRESENT,
    USUAL_RIGHTS,
    Chat,
    ChatKind,
    Message,
    Status,
    StoredFile,
    Topic,
    User,
)
from sandbox.telegram.profile import Profile
from sandbox.telegram.updates import Updates, Webhook

T = TypeVar("T")


def real_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class State:
    """What is; `World` adds what people do. Everything happens in one event loop.

    `clock` gives aware UTC times. With `privacy` on, as Telegram sets every new bot, a bot that is not an
    administrator sees in groups only commands, replies to it, mentions of it and service messages.
    """

    def __init__(
        self,
        *,
        bot: User | None = None,
        clock: Callable[[], datetime] = real_clock,
        privacy: bool = True,
    ) -> None:
        self.bot = bot or User(7000000001, "Ringdesk", "ringdesk_demo_bot", is_bot=True)
        self.clock = clock
        self.privacy = privacy
        self.users: dict[int, User] = {self.bot.id: self.bot}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.updates = Updates()
        self.webhook = Webhook()
        self.profile = Profile()
        self.feed = Feed()
        self._ids: Iterator[int] = count(1)

    def add_user(
        self,
        first_name: str,
        *,
        id: int | None = None,
        username: str | None = None,
        language_code: str | None = None,
        phone: str | None = None,
        last_name: str | None = None,
        is_bot: bool = False,
    ) -> User:
        """A person (or another bot). They meet our bot when they first write to it or share a group."""
        user_id = id if id is not None else 1000 + next(self._ids)
        user = User(user_id, first_name, username, language_code, phone, is_bot, last_name)
        self.users[user.id] = user
        return user

    def add_group(
        self,
        title: str,
        members: Iterable[int] = (),
        *,
        kind: ChatKind = "supergroup",
        forum: bool = False,
        bot: Status | None = "administrator",
        rights: Iterable[str] = USUAL_RIGHTS,
        id: int | None = None,
    ) -> Chat:
        """A group that exists already, silently: no update tells the bot. The first member is its creator.

        `bot` is what our bot is in it, None for not there; `rights` are its administrator rights. Unlike
        the usual ones, `can_manage_topics` lets it open topics and write into closed ones.
        """
        number = next(self._ids)
        chat_id = id if id is not None else -(1000000000000 + number) if kind == "supergroup" else -(4000 + number)
        chat = Chat(chat_id, kind, title, forum=forum, rights=frozenset(rights))
        for position, user_id in enumerate(members):
            chat.members[self.users[user_id].id] = "member" if position else "creator"
        if bot:
            chat.members[self.bot.id] = bot
        self.chats[chat.id] = chat
        self.tell("chat", chat)
        return chat

    def private(self, user_id: int) -> Chat:
        """Somebody's private chat with the bot, made when first asked for."""
        if user_id not in self.chats:
            user = self.users[user_id]
            members: dict[int, Status] = {user.id: "member", self.bot.id: "member"}
            self.chats[user_id] = Chat(user_id, "private", user.first_name, members=members)
        return self.chats[user_id]

    def chat(self, chat_id: int) -> Chat:
        """A chat that exists; a person's id means their private chat. KeyError for an unknown id."""
        return self.private(chat_id) if chat_id in self.users else self.chats[chat_id]

    def message(self, chat_id: int, message_id: int) -> Message:
        """One message, deleted or not; KeyError if there never was one."""
        return self.chats[chat_id].messages[message_id]

    def messages(self, chat_id: int, *, thread_id: int | None = None) -> list[Message]:
        """What is visible in a chat (or in one of its topics), in order."""
        chat = self.chats.get(chat_id)
        return [
            one
            for one in (chat.messages.values() if chat else ())
            if not one.deleted and (thread_id is None or one.thread_id == thread_id)
        ]

    def from_bot(self, chat_id: int) -> list[Message]:
        """The bot's own visible messages in a chat, in order."""
        return [one for one in self.messages(chat_id) if one.sender == self.bot and not one.service]

    # Change feed

    def watch(self, user_id: int | None = None, *, size: int = 1000) -> Watcher:
        """Changes from now on: all of them, or those one person sees. Close it when done."""
        return self.feed.watch(size, lambda change: user_id is None or self._sees(user_id, change))

    def _sees(self, user_id: int, change: Change) -> bool:
        if "user" in change:
            return bool(change["user"] == user_id)
        chat = self.chats.get(change.get("chat", 0))
        return chat is None or self.in_sight(user_id, chat)

    @staticmethod
    def in_sight(user_id: int, chat: Chat) -> bool:
        """Whether a chat is on somebody's list: their private chat with the bot, or a group they are in."""
        return chat.id == user_id if chat.kind == "private" else chat.has(user_id)

    def snapshot(self, user_id: int | None = None) -> dict[str, Any]:
        """All that a page shows when it loads: for one person, or everything. The shapes are in `page`."""
        return page.snapshot(self, user_id)

    async def until(self, predicate: Callable[[], T], timeout: float = 5.0) -> T:
        """What `predicate` returns as soon as it is true, asked again after every change (no polling).

        TimeoutError after `timeout` seconds, with what the chats look like then.
        """
        try:
            return await self.feed.until(predicate, timeout)
        except TimeoutError:
            raise TimeoutError(f"not so within {timeout} s; the chats show:\n{page.as_text(self)}") from None

    def tell(self, kind: str, chat: Chat, message: Message | None = None, **more: Any) -> None:
        """Put a change on the feed."""
        change: Change = {"kind": kind, "chat": chat.id}
        if message:
            change |= {"message_id": message.id, "message": page.message_view(message, self)}
        elif kind == "chat":
            change["about"] = page.chat_view(chat, self)
        self.feed.tell(change | more)

    # What both people and the bot do to the state

    def post(self, message: Message) -> Message:
        """Put a new message into its chat; its id is the chat's next."""
        chat = self.chats[message.chat_id]
        message.id = chat.next_id
        chat.next_id += 1
        chat.messages[message.id] = message
        self.tell("message", chat, message)
        return message

    def new_message(self, chat: Chat, sender: User, **fields: Any) -> Message:
        """Post a message of now."""
        return self.post(Message(0, chat.id, sender, self.clock(), **fields))

    def changed(self, message: Message) -> None:
        """A message was edited."""
        message.edited = self.clock()
        message.edits += 1
        self.tell("edit", self.chats[message.chat_id], message)

    def remove(self, message: Message) -> None:
        """A message disappears for everyone."""
        chat = self.chats[message.chat_id]
        message.deleted = True
        if message.id in chat.pinned:
            chat.pinned.remove(message.id)
        self.feed.tell({"kind": "delete", "chat": chat.id, "message_id": message.id})

    def open_topic(self, chat: Chat, creator: User, name: str) -> Topic:
        """A new topic, whose id is that of the service message saying so."""
        service = {"forum_topic_created": {"name": name, "icon_color": 7322096}}
        message = Message(0, chat.id, creator, self.clock(), service=service)
        message.thread_id = chat.next_id
        topic = Topic(chat.next_id, name)
        chat.topics[topic.id] = topic
        self.post(message)
        self.tell("chat", chat)
        return topic

    def store(self, content: bytes, *, kind: str, name: str, mime: str) -> StoredFile:
        """Keep a file; its path is where it can be downloaded from."""
        number = next(self._ids)
        suffix = "." + name.rsplit(".", 1)[-1] if "." in name else ""
        digest = hashlib.sha256(content).hexdigest()
        file = StoredFile(
            f"BQAC{number:06d}{digest[:40]}",
            f"AgAD{digest[:12]}",
            f"{kind}/file_{number}{suffix}",
            name,
            mime,
            content,
        )
        self.files[file.id] = file
        return file

    # What the bot may do where

    def open_chat(self, chat_id: int) -> Chat:
        """The chat the bot wants to talk in; raises `Refused` as Telegram would if it can't."""
        chat = self.chats.get(chat_id)
        if chat is None or (chat.kind == "private" and not chat.started):
            if chat_id in self.users:
                raise forbidden("bot can't initiate conversation with a user")
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise bad_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
        if chat.kind == "private":
            if chat.blocked:
                raise forbidden("bot was blocked by the user")
            return chat
        status = chat.status(self.bot.id)
        if status not in PRESENT:
            was = "was kicked from" if status == "kicked" else "is not a member of"
            raise forbidden(f"bot {was} the {chat.kind} chat")
        return chat

    def bot_may(self, chat: Chat, right: str) -> bool:
        """Whether the bot has an administrator right there."""
        return chat.status(self.bot.id) == "administrator" and right in chat.rights

    def bot_sees(self, message: Message) -> bool:
        """Whether an update about a person's message reaches the bot, privacy mode considered."""
        chat = self.chats[message.chat_id]
        if chat.kind == "private":
            return not chat.blocked
        if not chat.has(self.bot.id):
            return False
        if not self.privacy or chat.status(self.bot.id) == "administrator" or message.service:
            return True
        replied = chat.messages.get(message.reply_to or 0)
        return bool(replied and replied.sender == self.bot) or self._addressed(message)

    def _addressed(self, message: Message) -> bool:
        units = message.body.text.encode("utf-16-le")
        me = f"@{self.bot.username}".lower()
        for entity in message.body.entities:
            words = units[entity.offset * 2 : entity.end * 2].decode("utf-16-le").lower()
            if entity.type == "bot_command" and ("@" not in words or words.endswith(me)):
                return True
            if entity.type == "mention" and words == me:
                return True
        return False

    def notify(self, kind: str, message: Message) -> None:
        """Queue a message update for the bot, if it is one the bot gets to see."""
        if self.bot_sees(message):
            self.updates.push(kind, wire.message_json(message, self))
