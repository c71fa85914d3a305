"""While an answer takes long, because a PBX is asked or a picture is drawn, the chat shows that somebody types it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiogram import BaseMiddleware
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.types import TelegramObject

from handlers.chat.scene import Scene

#: Seconds after which somebody wonders whether they were heard, and for which Telegram shows it, a little inside.
PATIENCE, SHOWN_FOR = 0.7, 4.5


class ShowsTyping(BaseMiddleware):
    """Around every handler that answers a message; under a pressed button Telegram itself shows that it works."""

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        scene: Scene | None = data.get("scene")
        if scene is None:
            return await handler(event, data)
        showing = asyncio.create_task(_shown(scene))
        try:
            return await handler(event, data)
        finally:
            showing.cancel()
            await asyncio.wait({showing})


async def _shown(scene: Scene) -> None:
    """Until it is cancelled. In real time: it is people who wait, and nothing depends on it."""
    await asyncio.sleep(PATIENCE)
    while True:
        with suppress(TelegramAPIError, ClientDecodeError):  # a courtesy: the answer will say what is wrong
            await scene.bot.send_chat_action(scene.chat.id, "typing", message_thread_id=scene.thread_id or None)
        await asyncio.sleep(SHOWN_FOR)
