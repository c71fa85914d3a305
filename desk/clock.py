"""Time, handed in: the system's in the program, a hand-moved one in the tests."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Wake:
    """A bell for a loop that waits for work: rung by whoever made some."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.also: Callable[[], None] | None = None
        """Called when it is rung, to ring it in other processes."""

    def ring(self) -> None:
        self.ring_here()
        if self.also:
            self.also()

    def ring_here(self) -> None:
        self._event.set()

    async def wait(self, clock: Clock, seconds: float) -> None:
        """Until rung, `seconds` at most."""
        ringing = asyncio.create_task(self._event.wait())
        sleeping = asyncio.create_task(clock.sleep(seconds))
        try:
            await asyncio.wait({ringing, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ringing.cancel()
            sleeping.cancel()
            self._event.clear()
