"""The chat door in the running program: the bot, its loops, and how Telegram comes to know us."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog
from aiogram.exceptions import ClientDecodeError, TelegramAPIError

from desk.delivery import Deliverer
from desk.recordings import Fetcher
from handlers.chat import door
from handlers.chat.apologies import Apologies
from handlers.chat.menu_shown import Menus
from handlers.chat.messenger import TelegramMessenger
from handlers.chat.recordings import TelegramPlayer
from handlers.chat.updates import WANTED, Poller, UpdateWorker

if TYPE_CHECKING:
    from bot.app import App

log = structlog.get_logger()


class Chat:
    """What speaks with Telegram."""

    def __init__(self, app: "App") -> None:
        said = app.settings.telegram
        self._app = app
        self.bot = door.connect(
            said.token.get_secret_value(), said.api_url, proxy=said.proxy, limits=app.limits, clock=app.clock
        )
        self.deliverer = Deliverer(app.desk, TelegramMessenger(app.desk, self.bot), app.limits)
        self.recordings = Fetcher(app.desk, TelegramPlayer(app.desk, self.bot))
        self.poller = Poller(app.desk, self.bot, app.updates)
        self.worker = UpdateWorker(app.desk, self.bot, door.dispatcher(app.desk), app.updates)
        self.apologies = Apologies(app.desk, self.bot, app.updates)
        self.menus = Menus(app.desk, self.bot)
        self._introduced = False
        app.health.parts["telegram"] = self._what_is_wrong

    @property
    def loops(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """Name to what runs until cancelled."""
        return {
            "deliveries": self.deliverer.run,
            "recordings": self.recordings.run,
            "updates": self.worker.run,
            "apologies": self.apologies.run,
            "telegram": self._listen,
            "menus": self.menus.run,
        }

    async def aclose(self) -> None:
        await self.bot.session.close()

    async def introduce(self) -> None:
        """Tell Telegram how we want updates. Raises aiogram's errors."""
        from bot.app import telegram_route

        route = telegram_route(self._app.settings)
        if route is None:
            await self.bot.delete_webhook()
        else:
            url = f"{self._app.settings.http.public_url}/telegram/{route.path_secret}"
            await self.bot.set_webhook(url, secret_token=route.header_secret, allowed_updates=WANTED)
        self._introduced = True

    async def _listen(self) -> None:
        await self._until_told(self.introduce)
        if self._app.settings.telegram.mode == "polling":
            await self.poller.run()

    async def _until_told(self, tell: Callable[[], Awaitable[None]]) -> None:
        """Try until Telegram has heard it."""
        delay = 1.0
        while True:
            try:
                return await tell()
            except (TelegramAPIError, ClientDecodeError) as error:
                log.warning("Telegram is out of reach", reason=type(error).__name__)
                await self._app.clock.sleep(delay)
                delay = min(delay * 2, 15.0)

    def _what_is_wrong(self) -> str | None:
        if not self._introduced:
            return "Telegram has not answered yet; check the token and the way to telegram.api_url"
        if self.poller.is_out or self.deliverer.is_out:
            return "Telegram is out of reach; messages wait"
        return None
