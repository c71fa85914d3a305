"""What people do in Telegram: write, press, share, join, block. Each tells the bot what Telegram would tell it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.telegram import rich_text, wire
from sandbox.telegram.errors import bad_request
from sandbox.telegram.model import USUAL_RIGHTS, Chat, Contact, Media, Message, Status, Topic, User
from sandbox.telegram.state import State, real_clock

#: After this an unanswered press can no longer be answered.
ANSWER_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a press brought up: a toast, an alert, or a link to open. An empty text only stops the spinner."""

    text: str = ""
    show_alert: bool = False
    url: str | None = None


@dataclass
class Press:
    """A tap on a button, waiting for answerCallbackQuery."""

    id: str
    user_id: int
    chat_id: int
    message_id: int
    data: str
    at: datetime
    _answered: asyncio.Future[Answer] = field(repr=False)

    async def answer(self, timeout: float = 5.0) -> Answer:
        """What the bot answered; TimeoutError if it didn't."""
        return await asyncio.wait_for(asyncio.shield(self._answered), timeout)

    @property
    def answered(self) -> Answer | None:
        """The answer if there is one already."""
        return self._answered.result() if self._answered.done() else None

    def settle(self, answer: Answer) -> None:
        """Called for the bot. Only the first answer shows."""
        if not self._answered.done():
            self._answered.set_result(answer)


class World(State):
    """One small Telegram around one bot. Methods that act return at once; the bot learns by its updates."""

    def __init__(
        self, *, bot: User | None = None, clock: Callable[[], datetime] = real_clock, privacy: bool = True
    ) -> None:
        super().__init__(bot=bot, clock=clock, privacy=privacy)
        self.presses: dict[str, Press] = {}

    # Writing

    def say(
        self,
        user_id: int,
        chat_id: int,
        text: str,
        reply_to: int | None = None,
        thread_id: int | None = None,
    ) -> Message:
        """Somebody types a message. In the private chat this also starts it (and unblocks nothing)."""
        if not text.strip():
            raise ValueError("there is nothing to send")
        return self._send(user_id, chat_id, body=rich_text.plain(text), reply_to=reply_to, thread_id=thread_id)

    def send_document(self, user_id: int, chat_id: int, name: str, content: bytes) -> Message:
        """Somebody sends a file."""
        file = self.store(content, kind="documents", name=name, mime="application/octet-stream")
        return self._send(user_id, chat_id, media=Media("document", file))

    def share_contact(
        self,
        user_id: int,
        chat_id: int | None = None,
        phone: str | None = None,
        contact_user_id: int | None = None,
        first_name: str | None = None,
        vcard: str | None = None,
    ) -> Message:
        """Somebody sends a contact card: their own unless `phone` says whose. Own ones carry their user id.

        `contact_user_id` with `phone` is a card of another Telegram user, `phone` alone of somebody unknown.
        """
        user = self.users[user_id]
        if phone is None and contact_user_id is None:
            contact_user_id = user_id
        subject = self.users.get(contact_user_id) if contact_user_id is not None else None
        number = phone or (subject.phone if subject else None)
        if number is None:
            raise ValueError(f"{user.first_name} has no phone number to share")
        name = first_name or (subject.first_name if subject else "Client")
        contact = Contact(
            number, name, last_name=subject.last_name if subject else None, user_id=contact_user_id, vcard=vcard
        )
        return self._send(user_id, chat_id if chat_id is not None else user_id, contact=contact)

    def edit_own_message(self, user_id: int, chat_id: int, message_id: int, text: str) -> Message:
        """Somebody corrects what they wrote."""
        message = self._own(user_id, chat_id, message_id)
        message.body = rich_text.plain(text)
        self.changed(message)
        self.notify("edited_message", message)
        return message

    def forward(
        self, user_id: int, from_chat_id: int, message_id: int, to_chat_id: int, thread_id: int | None = None
    ) -> Message:
        """Somebody forwards a message they see."""
        source = self.message(from_chat_id, message_id)
        origin = forward_origin(source)
        return self._send(
            user_id,
            to_chat_id,
            body=source.body,
            media=source.media,
            contact=source.contact,
            origin=origin,
            thread_id=thread_id,
        )

    def delete_message(self, user_id: int, chat_id: int, message_id: int) -> None:
        """Somebody deletes a message for everyone. The Bot API tells bots nothing about it."""
        chat = self.chat(chat_id)
        message = chat.messages[message_id]
        admin = chat.status(user_id) in ("creator", "administrator")
        if message.sender.id != user_id and chat.is_group and not admin:
            raise PermissionError("only administrators delete what others wrote")
        self.remove(message)

    def press(self, user_id: int, chat_id: int, message_id: int, data: str | None = None) -> Press:
        """Somebody taps an inline button; await `.answer()` for what the bot says to it.

        `data` is the button's callback data or its label; None when the message has only one button.
        A button that is no longer there can still be tapped by its data: pages lag behind.
        """
        chat = self.chat(chat_id)
        message = chat.messages[message_id]
        data = _meant(message, data)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        press = Press(str(5_000_000_000 + next(self._ids)), user_id, chat_id, message_id, data, self.clock(), future)
        self.presses[press.id] = press
        # A deleted message comes as an InaccessibleMessage, told by its date 0.
        shown = (
            {"message_id": message.id, "date": 0, "chat": wire.chat_json(chat, self)}
            if message.deleted
            else wire.message_json(message, self)
        )
        query = {
            "id": press.id,
            "from": wire.user_json(self.users[user_id]),
            "chat_instance": str(abs(chat.id) * 7919),
            "data": data,
            "message": shown,
        }
        self.updates.push("callback_query", query)
        return press

    def answer_press(self, press_id: str, answer: Answer) -> None:
        """The bot answers a press; raises `Refused` for one that is unknown or too old."""
        press = self.presses.get(press_id)
        if press is None or self.clock() - press.at > ANSWER_WITHIN:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        press.settle(answer)
        self.feed.tell(
            {
                "kind": "answer",
                "chat": press.chat_id,
                "user": press.user_id,
                "message_id": press.message_id,
                "text": answer.text,
                "show_alert": answer.show_alert,
                "url": answer.url,
            }
        )

    # Coming and going

    def join(self, user_id: int, chat_id: int) -> None:
        """Somebody joins a group."""
        chat, user = self.chat(chat_id), self.users[user_id]
        before = chat.status(user_id)
        chat.members[user_id] = "member"
        self._service(chat, user, new_chat_members=[wire.user_json(user)])
        self._member_update("chat_member", chat, user, user, before)

    def leave(self, user_id: int, chat_id: int) -> None:
        """Somebody leaves a group."""
        chat, user = self.chat(chat_id), self.users[user_id]
        before = chat.status(user_id)
        self._service(chat, user, left_chat_member=wire.user_json(user))
        chat.members[user_id] = "left"
        self._member_update("chat_member", chat, user, user, before)

    def add_bot(
        self, user_id: int, chat_id: int, status: Status = "member", rights: Iterable[str] = USUAL_RIGHTS
    ) -> None:
        """Somebody puts the bot into a group, or changes what it is there (`administrator`, `member`)."""
        chat, was_in = self.chat(chat_id), self.chat(chat_id).has(self.bot.id)
        chat.rights = frozenset(rights)
        self._bot_becomes(user_id, chat, status)
        if not was_in:
            self._service(chat, self.users[user_id], new_chat_members=[wire.user_json(self.bot)])

    def kick_bot(self, user_id: int, chat_id: int) -> None:
        """Somebody removes the bot from a group."""
        self._bot_becomes(user_id, self.chat(chat_id), "kicked")

    def block_bot(self, user_id: int) -> None:
        """Somebody stops and blocks the bot in their private chat."""
        self._bot_becomes(user_id, self.private(user_id), "kicked")

    def unblock_bot(self, user_id: int) -> None:
        """Somebody lets the bot write to them again."""
        self._bot_becomes(user_id, self.private(user_id), "member")

    def bot_leaves(self, chat: Chat) -> None:
        """The bot goes of its own accord."""
        self._service(chat, self.bot, left_chat_member=wire.user_json(self.bot))
        before = chat.status(self.bot.id)
        chat.members[self.bot.id] = "left"
        self._member_update("my_chat_member", chat, self.bot, self.bot, before)

    def migrate_group(self, chat_id: int) -> int:
        """A group becomes a supergroup with a new id, returned. What was written stays under the old one."""
        old = self.chat(chat_id)
        if old.kind != "group":
            raise ValueError(f"{old.title} is a {old.kind}, only groups migrate")
        new = Chat(-(1000000000000 + next(self._ids)), "supergroup", old.title, rights=old.rights)
        new.members, new.migrated_from = dict(old.members), old.id
        self.chats[new.id] = new
        somebody = next((self.users[one] for one in old.members if one != self.bot.id), self.bot)
        self.tell("chat", new)
        self._service(old, somebody, migrate_to_chat_id=new.id)
        old.migrated_to = new.id
        self._service(new, somebody, migrate_from_chat_id=old.id)
        self.tell("chat", old)
        return new.id

    # Topics

    def create_topic(self, user_id: int, chat_id: int, name: str) -> Topic:
        """Somebody opens a forum topic."""
        chat = self.chat(chat_id)
        topic = self.open_topic(chat, self.users[user_id], name)
        self.notify("message", chat.messages[topic.id])
        return topic

    def close_topic(self, user_id: int, chat_id: int, thread_id: int, *, closed: bool = True) -> None:
        """Somebody closes a topic, or opens it again with `closed=False`."""
        chat = self.chat(chat_id)
        chat.topics[thread_id].closed = closed
        word = "forum_topic_closed" if closed else "forum_topic_reopened"
        self._service(chat, self.users[user_id], thread_id, **{word: {}})
        self.tell("chat", chat)

    def delete_topic(self, user_id: int, chat_id: int, thread_id: int) -> None:
        """Somebody deletes a topic with everything in it. The Bot API tells bots nothing about it."""
        chat = self.chat(chat_id)
        if chat.status(user_id) not in ("creator", "administrator"):
            raise PermissionError("only administrators delete topics")
        del chat.topics[thread_id]
        for message in self.messages(chat_id, thread_id=thread_id):
            self.remove(message)
        self.tell("chat", chat)

    # Inner parts

    def _send(self, user_id: int, chat_id: int, **fields: Any) -> Message:
        chat, sender = self.chat(chat_id), self.users[user_id]
        if chat.migrated_to is not None:
            chat = self.chats[chat.migrated_to]
        if not self.in_sight(user_id, chat):
            raise PermissionError(f"{sender.first_name} is not in {chat.title}")
        thread_id = fields.get("thread_id")
        if thread_id is not None and thread_id not in chat.topics:
            raise KeyError(f"no topic {thread_id} in {chat.title}")
        chat.started = chat.started or not chat.is_group
        message = self.new_message(chat, sender, **fields)
        self.notify("message", message)
        return message

    def _own(self, user_id: int, chat_id: int, message_id: int) -> Message:
        message = self.message(chat_id, message_id)
        if message.sender.id != user_id:
            raise PermissionError("people edit only what they wrote")
        return message

    def _service(self, chat: Chat, actor: User, thread_id: int | None = None, **service: Any) -> Message:
        message = self.new_message(chat, actor, service=service, thread_id=thread_id)
        self.notify("message", message)
        return message

    def _bot_becomes(self, user_id: int, chat: Chat, status: Status) -> None:
        before = chat.status(self.bot.id)
        chat.members[self.bot.id] = status
        if not chat.is_group:
            chat.blocked = status == "kicked"
        self._member_update("my_chat_member", chat, self.users[user_id], self.bot, before)

    def _member_update(self, kind: str, chat: Chat, actor: User, subject: User, before: Status) -> None:
        self.tell("chat", chat)
        if kind == "chat_member" and chat.status(self.bot.id) != "administrator":
            return
        self.updates.push(
            kind,
            {
                "chat": wire.chat_json(chat, self),
                "from": wire.user_json(actor),
                "date": wire.stamp(self.clock()),
                "old_chat_member": wire.member_json(subject, chat, before),
                "new_chat_member": wire.member_json(subject, chat),
            },
        )


def forward_origin(source: Message) -> dict[str, Any]:
    """Where a forwarded message comes from; forwarding a forward keeps the first origin."""
    if source.origin:
        return dict(source.origin)
    return {"type": "user", "date": wire.stamp(source.date), "sender_user": wire.user_json(source.sender)}


def _meant(message: Message, data: str | None) -> str:
    buttons = [one for row in message.buttons for one in row if one.data is not None]
    if data is None:
        if len(buttons) != 1:
            raise ValueError(f"which button of {[one.text for one in buttons]}?")
        return buttons[0].data or ""
    if any(one.data == data for one in buttons):
        return data
    return next((one.data for one in buttons if one.text == data and one.data), data)
