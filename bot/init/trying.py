"""Tries a token and a key as they are given. Each try opens what it needs and closes it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.types import Update, User
from aiogram.utils.token import TokenValidationError

from bot.init.asking import Refused
from bot.registry import connect
from bot.settings import Telegram
from bot.words import Words
from desk.clock import SystemClock
from pbx.config import PbxConfig
from pbx.vocabulary import Tried

#: Seconds: how long somebody has to find the bot and press Start; how long one request may take.
WRITES_WITHIN, ANSWERS_WITHIN = 120.0, 10


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who wrote to the bot in private."""

    user_id: int
    name: str


class Chats:
    """Telegram, as far as it is tried. Raises `Refused` with what to do."""

    def __init__(self, say: Words, section: Telegram) -> None:
        self._say = say
        self._section = section

    async def name(self) -> str:
        """The bot's own, without the @."""
        async with self._bot() as bot:
            return (await bot.get_me(request_timeout=ANSWERS_WITHIN)).username or ""

    async def writers(self, seconds: float = WRITES_WITHIN) -> list[Writer]:
        """Who wrote to the bot, the last one first; empty if nobody does in time.

        Nothing is taken away: without an offset Telegram keeps the updates, and the bot answers them once it runs.
        """
        until = monotonic() + seconds
        async with self._bot() as bot:
            while True:
                left = until - monotonic()
                updates = await bot.get_updates(timeout=max(min(int(left), ANSWERS_WITHIN), 0))
                found = {user.id: user for user in map(_writer, reversed(updates)) if user}
                if found or left <= 0:
                    return [Writer(one.id, _named(one)) for one in found.values()]
                await asyncio.sleep(min(1.0, left))

    async def send(self, user_id: int, text: str) -> None:
        async with self._bot() as bot:
            await bot.send_message(user_id, text, request_timeout=ANSWERS_WITHIN)

    @asynccontextmanager
    async def _bot(self) -> AsyncIterator[Bot]:
        said, say = self._section, self._say
        try:
            # Not by the chat door: a handful of requests needs no limits and none of its routers.
            session = AiohttpSession(api=TelegramAPIServer.from_base(said.api_url), proxy=said.proxy or None)
            bot = Bot(said.token.get_secret_value(), session=session)
        except ValueError:  # of the proxy's address
            example = "socks5://127.0.0.1:1080"
            raise Refused(
                say("The proxy can't be used: --telegram-proxy should look like {example}.", example=example)
            ) from None
        except TokenValidationError:
            raise Refused(say("It should look like 123456:ABC…, as @BotFather gave it.")) from None
        try:
            yield bot
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise Refused(say("Telegram refuses the token. Ask @BotFather for it again: /token.")) from None
        except TelegramConflictError:
            raise Refused(say("Another program reads this bot's messages. End it, or type your user id.")) from None
        except (TelegramForbiddenError, TelegramBadRequest):
            raise Refused(say("I may not write to you yet. Send /start to the bot first.")) from None
        except (TelegramAPIError, ClientDecodeError) as error:
            reason = type(error).__name__
            raise Refused(
                say(
                    "Telegram can't be reached ({reason}). Check the network, or give --telegram-proxy.",
                    reason=reason,
                )
            ) from None
        finally:
            await bot.session.close()


def _writer(update: Update) -> User | None:
    message = update.message
    return message.from_user if message and message.chat.type == "private" else None


def _named(user: User) -> str:
    known = f"@{user.username}, {user.id}" if user.username else str(user.id)
    return f"{user.full_name} ({known})"


@dataclass(slots=True)
class KeptHere:
    """t2 may have exchanged the pair while it was tried: then only the new one is good."""

    values: dict[str, str] = field(default_factory=dict)

    async def load(self, name: str) -> str | None:
        return self.values.get(name)

    async def save(self, name: str, value: str) -> None:
        self.values[name] = value

    def exchanged(self) -> dict[str, str]:
        """The keys of the `[[pbx]]` entry that have to change."""
        pairs = [json.loads(value) for value in self.values.values()]
        return {"access_token": pairs[-1]["access"], "refresh_token": pairs[-1]["refresh"]} if pairs else {}


async def phones(config: PbxConfig, country: str) -> tuple[Tried, dict[str, str]]:
    """What the PBX says when it is tried, and keys that it changed meanwhile. Raises `PbxError`."""
    keeper = KeptHere()
    pbx = connect(config, country=country, keeper=keeper, clock=SystemClock().now)
    try:
        return await pbx.check(), keeper.exchanged()
    finally:
        await pbx.close()
