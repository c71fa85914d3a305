"""Telegram's updates: stored by their id before they are acknowledged, so none is lost and none handled twice."""

import json
from collections import deque

from desk.clock import Wake
from desk.office import Desk
from storage import memory
from storage.database import DatabaseUnavailable

#: Those who wrote last are told that it waits.
REFUSED = 100


class BadUpdate(ValueError):
    """Not an update as Telegram sends it."""


class UpdateIntake:
    """The one way in for updates, polled or pushed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.arrived = Wake()
        self.refused: deque[bytes] = deque(maxlen=REFUSED)
        """What could not be stored lately; `trouble` is rung when there is more of it."""
        self.trouble = Wake()

    async def take(self, body: bytes) -> None:
        """Store a pushed update. Raises `BadUpdate`, `DatabaseUnavailable`."""
        try:
            update_id = json.loads(body)["update_id"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BadUpdate("no update") from None
        if not isinstance(update_id, int) or isinstance(update_id, bool) or not 0 <= update_id < 2**63:
            raise BadUpdate("no update id")
        await self.take_many([(update_id, body)])

    async def take_many(self, updates: list[tuple[int, bytes]]) -> None:
        """Store polled updates. Raises `DatabaseUnavailable`."""
        try:
            async with self._desk.db.write() as tx:
                await memory.store_updates(self._desk.db, tx, updates, self._desk.clock.now())
        except DatabaseUnavailable:
            self.refused.extend(body for _, body in updates)
            self.trouble.ring()
            raise
        self.arrived.ring()
