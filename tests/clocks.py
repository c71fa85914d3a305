"""A clock moved by hand: nothing in the tests waits for real time."""

import asyncio
from datetime import UTC, datetime, timedelta

#: A Wednesday noon in Moscow.
NOON = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


class HandClock:
    """Time stands until somebody moves it. Whoever sleeps moves it."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds=seconds)
        await asyncio.sleep(0)

    def advance(self, **span: float) -> None:
        """`advance(minutes=5)`."""
        self._now += timedelta(**span)

    def set(self, moment: datetime) -> None:
        self._now = moment
