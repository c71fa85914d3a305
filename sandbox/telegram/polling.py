"""getUpdates: one long poll at a time, ended by a newer one, by a webhook, by bad weather or by the end."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.telegram.errors import Refused, bad_request, conflict
from sandbox.telegram.updates import Updates, Webhook
from sandbox.telegram.weather import Weather

MOST_SECONDS = 50


class Polling:
    """The one who waits for updates now, if anybody does."""

    def __init__(self, updates: Updates, webhook: Webhook, weather: Weather) -> None:
        self._updates = updates
        self._webhook = webhook
        self._weather = weather
        self._current: asyncio.Future[Refused] | None = None
        self._closing = asyncio.Event()

    async def take(self, offset: int, limit: int, timeout: int) -> list[dict[str, Any]]:
        """Updates as soon as there are any, [] after `timeout` seconds.

        Of two polls the older one is ended with 409, as Telegram does when a bot runs twice.
        """
        if self._webhook.url:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        if not 1 <= limit <= 100:
            limit = 100
        self.end("terminated by other getUpdates request; make sure that only one bot instance is running")
        found = self._updates.take(offset, limit)
        if found or timeout <= 0:
            return found
        mine: asyncio.Future[Refused] = asyncio.get_running_loop().create_future()
        self._current = mine
        try:
            await self._wait(mine, min(timeout, MOST_SECONDS))
        finally:
            if self._current is mine:
                self._current = None
        if mine.done():
            raise mine.result()
        return self._updates.take(offset, limit)

    async def _wait(self, mine: asyncio.Future[Refused], timeout: int) -> None:
        waits: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(self._updates.arrival()),
            asyncio.ensure_future(self._weather.turn()),
            asyncio.ensure_future(self._closing.wait()),
        }
        try:
            await asyncio.wait({mine, *waits}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    def end(self, why: str) -> None:
        """Answer the poll that waits with 409."""
        if self._current and not self._current.done():
            self._current.set_result(conflict(why))

    def close(self) -> None:
        """Answer the poll that waits with what there is, and keep none waiting any more."""
        self._closing.set()


def checked_url(url: str) -> str:
    """A webhook's address. Telegram wants HTTPS; plain HTTP is taken too, as by a local Bot API server."""
    if not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    return url
