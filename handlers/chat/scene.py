"""What a handler is handed: the desk, who speaks, where, in what words. Built once for each update."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import BaseMiddleware, Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    CallbackQuery,
    Chat,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
    TelegramObject,
    Update,
    User,
)

from desk import access, chat_settings
from desk.access import Who
from desk.office import Desk
from handlers.chat.fitting import CAPTION, fit
from handlers.chat.texts import LANGUAGES, Html, Texts
from pbx.phone_system import PhoneSystem
from storage import chats, people

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
#: What Telegram says when the message to be changed was deleted or is older than two days.
UNEDITABLE = ("message to edit not found", "message can't be edited")
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


@dataclass(frozen=True, slots=True)
class Scene:
    """One update's circumstances."""

    desk: Desk
    bot: Bot
    say: Texts
    who: Who
    chat: Chat
    thread_id: int
    update_id: int
    message: Message | None
    """The message somebody wrote, or the one whose button was pressed."""
    query: CallbackQuery | None

    @property
    def is_private(self) -> bool:
        return self.chat.type == "private"

    @property
    def country(self) -> str:
        """How a bare local number is read here."""
        return next((pbx.country for pbx in self.desk.pbxes.values()), self.desk.office.country)

    @property
    def place(self) -> tuple[int, int]:
        return self.chat.id, self.thread_id

    async def reply(self, html: str, keyboard: Markup | None = None, *, quote: bool | None = None) -> Message:
        """A new message in this chat and topic; in a group it quotes what it answers, elsewhere if asked to."""
        return await self.bot.send_message(
            self.chat.id,
            fit(html),
            message_thread_id=self.thread_id or None,
            reply_parameters=self._quoting(quote),
            reply_markup=keyboard,
            link_preview_options=NO_PREVIEW,
        )

    async def reply_photo(self, photo: InputFile, html: str, keyboard: Markup | None = None) -> Message:
        """A picture with a caption, which is shorter than a message can be. Raises aiogram's errors."""
        return await self.bot.send_photo(
            self.chat.id,
            photo,
            caption=fit(html, CAPTION),
            message_thread_id=self.thread_id or None,
            reply_parameters=self._quoting(None),
            reply_markup=keyboard,
        )

    def _quoting(self, quote: bool | None) -> ReplyParameters | None:
        quoting = (self.query is None and not self.is_private) if quote is None else quote
        if not quoting or self.message is None:
            return None
        return ReplyParameters(message_id=self.message.message_id, allow_sending_without_reply=True)

    async def change(self, html: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Rewrite the message whose button was pressed; one that is gone or too old is answered instead.

        Under a picture or a file it is the caption.
        """
        if self.message is None:
            await self.reply(html, keyboard)
            return
        where: dict[str, Any] = {"chat_id": self.chat.id, "message_id": self.message.message_id}
        try:
            if self.message.text is None and self.message.caption is not None:
                await self.bot.edit_message_caption(caption=fit(html, CAPTION), reply_markup=keyboard, **where)
            else:
                await self.bot.edit_message_text(
                    fit(html), reply_markup=keyboard, link_preview_options=NO_PREVIEW, **where
                )
        except TelegramBadRequest as refused:
            if any(words in refused.message for words in UNEDITABLE):
                await self.reply(html, keyboard)
            elif "message is not modified" not in refused.message:
                raise

    async def put_buttons(self, keyboard: InlineKeyboardMarkup | None) -> None:
        """Give the message whose button was pressed other buttons. One that can't be changed keeps its own."""
        if self.message is not None:
            with suppress(TelegramBadRequest):  # it shows them already, or somebody has deleted it
                await self.bot.edit_message_reply_markup(
                    chat_id=self.chat.id, message_id=self.message.message_id, reply_markup=keyboard
                )

    async def toast(self, text: str = "", *, alert: bool = False) -> None:
        """Answer a press: a line at the top of the screen, or a box to be closed. Plain text, 200 characters."""
        if self.query is not None:
            plain = str(text.unescape()) if isinstance(text, Html) else text
            with suppress(TelegramBadRequest):  # too late: the person has stopped waiting
                await self.bot.answer_callback_query(self.query.id, text=plain[:200] or None, show_alert=alert)

    async def pbxes(self) -> list[PhoneSystem]:
        """The PBXs that a command here may mean; one: that is it."""
        async with self.desk.db.read() as tx:
            meant = await access.pbxes_meant(self.desk, tx, self.chat.id, self.thread_id, self.who)
        return [self.desk.pbxes[pbx_id] for pbx_id in meant]

    def speaking(self, language: str) -> "Scene":
        return replace(self, say=Texts(language, self.say.zone))


def language_of(desk: Desk, user: User | None, chosen: str | None) -> str:
    """A person's own choice, else the office's language."""
    return chosen if chosen in LANGUAGES else desk.office.language


class SetsTheScene(BaseMiddleware):
    """Outermost middleware: remembers who and where, and hands the handlers a `Scene`.

    Channel posts, anonymous administrators, other bots and edited messages command nothing: they stop here.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        assert isinstance(event, Update)
        user, chat = _who_and_where(event)
        if user is None or chat is None or user.is_bot:
            return await handler(event, data) if event.my_chat_member or _is_service(event) else None
        data["scene"] = await self._scene(event, user, chat, data["bot"])
        return await handler(event, data)

    async def _scene(self, update: Update, user: User, chat: Chat, bot: Bot) -> Scene:
        desk = self._desk
        is_private = chat.type == "private"
        async with desk.db.write() as tx:
            await people.meet(desk.db, tx, user.id, user.full_name, user.username, reachable=is_private)
            await chats.meet(desk.db, tx, chat.id, chat.type, chat.title or user.full_name)
            person = await people.get(tx, user.id)
            settings = await chat_settings.of_chat(desk, tx, chat.id)
            asker = await access.who(desk, tx, user.id, user.full_name)
        own = language_of(desk, user, person.language if person else None)
        message = update.message or (update.callback_query.message if update.callback_query else None)
        written = message if isinstance(message, Message) else None
        return Scene(
            desk=desk,
            bot=bot,
            say=Texts(own if is_private else settings.language, ZoneInfo(settings.zone.key)),
            who=asker,
            chat=chat,
            thread_id=(written.message_thread_id or 0) if written and written.is_topic_message else 0,
            update_id=update.update_id,
            message=written,
            query=update.callback_query,
        )


def _who_and_where(update: Update) -> tuple[User | None, Chat | None]:
    if update.callback_query and update.callback_query.message:
        return update.callback_query.from_user, update.callback_query.message.chat
    message = update.message
    if message and message.sender_chat is None and (message.forward_origin is None or _is_for_reading(message)):
        return message.from_user, message.chat
    return None, None


def _is_for_reading(message: Message) -> bool:
    """What is forwarded commands nothing, but in private it may hold a phone number to act on."""
    said = message.text or message.caption or ""
    return message.chat.type == "private" and not said.startswith("/")


def _is_service(update: Update) -> bool:
    return bool(update.message and (update.message.migrate_to_chat_id or update.message.migrate_from_chat_id))
