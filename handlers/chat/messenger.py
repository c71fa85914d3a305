"""Renders notices and shows them: the desk's `Messenger`, made of Telegram."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import TypeVar

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InlineKeyboardMarkup
from aiohttp import ClientConnectorError

from desk import chat_settings
from desk.call_view import CallView
from desk.case_view import CaseView
from desk.chat_settings import ChatSettings
from desk.clock import Clock
from desk.delivery import (
    MessengerError,
    Moved,
    NoSuchMessage,
    Place,
    PlaceGone,
    Refused,
    TooFast,
    TopicGone,
    Unreachable,
)
from desk.limits import Limits
from desk.office import Desk
from desk.views import (
    EscalationView,
    LineView,
    MorningView,
    PlainView,
    RatingView,
    RollView,
    SummaryView,
    View,
)
from handlers.chat import (
    board_key,
    cards,
    escalation_text,
    heard,
    live_text,
    morning_text,
    notices,
    summary_picture,
    summary_text,
)
from handlers.chat.buttons import rows
from handlers.chat.fitting import CAPTION, fit
from handlers.chat.scene import NO_PREVIEW
from handlers.chat.texts import Html, Texts
from storage import people

log = structlog.get_logger()
T = TypeVar("T")
Rendered = tuple[Html, InlineKeyboardMarkup | None]

#: What Telegram says in a 400, compared casefolded, and what it means for us.
BAD_REQUESTS: list[tuple[str, type[MessengerError]]] = [
    ("message to edit not found", NoSuchMessage),
    ("message can't be edited", NoSuchMessage),
    ("message_id_invalid", NoSuchMessage),
    ("message thread not found", TopicGone),
    ("topic_closed", TopicGone),
    ("topic_deleted", TopicGone),
    ("chat not found", PlaceGone),
    ("user is deactivated", PlaceGone),
    ("peer_id_invalid", PlaceGone),
]
NOT_MODIFIED = "message is not modified"
NO_TEXT = "there is no text in the message to edit"


class TelegramMessenger:
    """Shows views in chats, each in the chat's language and time zone."""

    def __init__(self, desk: Desk, bot: Bot) -> None:
        self._desk = desk
        self._bot = bot

    async def send(self, place: Place, view: View, *, uncertain: bool) -> int:
        text, keyboard = await self._render(place, view, uncertain)
        if isinstance(view, SummaryView) and (sent := await self._with_picture(place, view, text, keyboard)):
            return sent
        message = await _translated(
            lambda: self._bot.send_message(
                place.chat_id,
                fit(text),
                message_thread_id=place.thread_id or None,
                reply_markup=keyboard,
                link_preview_options=NO_PREVIEW,
            )
        )
        return message.message_id

    async def _with_picture(
        self, place: Place, view: SummaryView, text: Html, keyboard: InlineKeyboardMarkup | None
    ) -> int | None:
        """None where there is none, or the chat takes none: then the words go alone."""
        say = await self._voice(place.chat_id)
        picture = await summary_picture.of(view, summary_text.of_notice(view, say), say)
        if picture is None:
            return None
        try:
            message = await _translated(
                lambda: self._bot.send_photo(
                    place.chat_id,
                    picture,
                    caption=fit(text, CAPTION),
                    message_thread_id=place.thread_id or None,
                    reply_markup=keyboard,
                )
            )
        except Refused as refused:
            log.warning("a summary goes without its picture", reason=str(refused))
            return None
        return message.message_id

    async def edit(self, place: Place, message_id: int, view: View, *, uncertain: bool) -> None:
        text, keyboard = await self._render(place, view, uncertain)
        try:
            await _translated(
                lambda: self._bot.edit_message_text(
                    fit(text),
                    chat_id=place.chat_id,
                    message_id=message_id,
                    reply_markup=keyboard,
                    link_preview_options=NO_PREVIEW,
                )
            )
        except Refused as refused:
            if NO_TEXT in str(refused):
                await self._edit_caption(place, message_id, text, keyboard)
            elif NOT_MODIFIED not in str(refused):
                raise

    async def _edit_caption(
        self, place: Place, message_id: int, text: Html, keyboard: InlineKeyboardMarkup | None
    ) -> None:
        """The message has a picture: its words are the caption."""
        try:
            await _translated(
                lambda: self._bot.edit_message_caption(
                    chat_id=place.chat_id,
                    message_id=message_id,
                    caption=fit(text, CAPTION),
                    reply_markup=keyboard,
                )
            )
        except Refused as refused:
            if NOT_MODIFIED not in str(refused):
                raise

    async def delete(self, place: Place, message_id: int) -> None:
        try:
            await _translated(lambda: self._bot.delete_message(place.chat_id, message_id))
        except (Refused, NoSuchMessage):
            return  # gone already, or too old to be deleted

    async def greet(self) -> None:
        await _translated(self._bot.get_me)

    async def _render(self, place: Place, view: View, uncertain: bool) -> Rendered:
        say, settings = await voice(self._desk, place.chat_id)
        now = self._desk.clock.now()
        match view:
            case CaseView():
                return cards.card(view, say, now, uncertain=uncertain)
            case RollView():
                return cards.roll(view, say, now, uncertain=uncertain)
            case CallView():
                return live_text.call(view, say, now, uncertain=uncertain)
            case EscalationView():
                return escalation_text.escalation(view, say, now, uncertain=uncertain)
            case MorningView():
                return morning_text.morning(view, say, now, uncertain=uncertain)
            case RatingView():
                theirs = not view.managers or place.chat_id in view.managers
                text = notices.rating(view, say, now, settings.low_rating, for_managers=theirs)
                return text, rows(heard.keys(view.playable, say))
            case LineView():
                return notices.line(view, say, now), None
            case SummaryView():
                about = summary_text.of_notice(view, say)
                text, keys = summary_text.brief(view, about, summary_text.Asked(), say, now)
                return text, await self._with_board(keys, place.chat_id, say)
            case PlainView():
                return notices.plain(view, say, now)

    async def _with_board(
        self, keys: InlineKeyboardMarkup | None, chat_id: int, say: Texts
    ) -> InlineKeyboardMarkup | None:
        return await _translated(lambda: board_key.under(keys, self._desk, self._bot, chat_id, say))

    async def _voice(self, chat_id: int) -> Texts:
        say, _ = await voice(self._desk, chat_id)
        return say


async def voice(desk: Desk, chat_id: int) -> tuple[Texts, ChatSettings]:
    """The language and the zone in which a chat is spoken to, and what else it has chosen."""
    async with desk.db.read(quick=True) as tx:
        settings = await chat_settings.of_chat(desk, tx, chat_id)
        person = await people.get(tx, chat_id) if chat_id > 0 else None
    own = person.language if person and person.language else settings.language
    return Texts(own, settings.zone), settings


async def _translated(call: Callable[[], Awaitable[T]]) -> T:
    """A call of the delivery loop, which has taken its place within the limits already."""
    token = delivering.set(True)
    try:
        return await translated(call)
    finally:
        delivering.reset(token)


async def translated(call: Callable[[], Awaitable[T]]) -> T:
    """Telegram's errors as the desk's, each of which says what to do."""
    try:
        return await call()
    except TelegramEntityTooLarge as error:
        raise Refused("request entity too large") from error
    except TelegramRetryAfter as error:
        raise TooFast(error.retry_after) from error
    except TelegramMigrateToChat as error:
        raise Moved(error.migrate_to_chat_id) from error
    except TelegramForbiddenError as error:
        raise PlaceGone(error.message) from error
    except (TelegramBadRequest, TelegramNotFound) as error:
        said = error.message.casefold()
        meaning = next((kind for words, kind in BAD_REQUESTS if words in said), Refused)
        raise meaning(said) from error
    except TelegramUnauthorizedError as error:
        raise Unreachable("Telegram refuses the token", maybe_done=False) from error
    except TelegramServerError as error:
        raise Unreachable("Telegram has an outage", maybe_done=False) from error
    except ClientDecodeError as error:
        # An error page that is not JSON, or a reply cut off: the message may have been taken.
        raise Unreachable("Telegram answered something else than JSON", maybe_done=True) from error
    except TelegramNetworkError as error:
        never_sent = isinstance(error.__cause__ or error.__context__, ClientConnectorError)
        raise Unreachable("Telegram can't be reached", maybe_done=not never_sent) from error


#: Methods that count against Telegram's limits. Their `chat_id` says against whose.
LIMITED = (
    "SendMessage",
    "SendPhoto",
    "SendAudio",
    "SendDocument",
    "EditMessageText",
    "EditMessageMedia",
    "EditMessageCaption",
    "EditMessageReplyMarkup",
)
#: Set while the delivery loop sends: it has taken its place already.
delivering: ContextVar[bool] = ContextVar("delivering", default=False)
#: Seconds between looks at a limit that is far away.
PATIENCE = 20.0


class KeepsLimits(BaseRequestMiddleware):
    """Lets answers to people wait their turn, and obeys a 429 once."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock

    async def __call__(
        self, make_request: NextRequestMiddlewareType[TelegramType], bot: Bot, method: TelegramMethod[TelegramType]
    ) -> Response[TelegramType]:
        chat_id = getattr(method, "chat_id", None)
        if type(method).__name__ not in LIMITED or not isinstance(chat_id, int) or delivering.get():
            return await make_request(bot, method)
        while (wait := self._limits.seconds_until(chat_id, answer=True)) > 0:
            await self._clock.sleep(min(wait, PATIENCE))
        try:
            return await make_request(bot, method)
        except TelegramRetryAfter as error:
            self._limits.pause(chat_id, error.retry_after)
            await self._clock.sleep(error.retry_after)
            return await make_request(bot, method)
