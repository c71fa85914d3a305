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
        self._is_rung = False
        self._waiting: asyncio.Future[None] | None = None
        self.also: Callable[[], None] | None = None
        """Called when it is rung, to ring it in other processes."""

    def ring(self) -> None:
        self.ring_here()
        if self.also:
            self.also()

    def ring_here(self) -> None:
        self._is_rung = True
        self._wake()

    async def wait(self, clock: Clock, seconds: float) -> None:
        """Until rung, `seconds` at most. For one loop at a time."""
        try:
            if self._is_rung:
                await asyncio.sleep(0)  # others get their turn all the same
            else:
                await self._wait(clock, seconds)
        finally:
            self._is_rung = False

    async def _wait(self, clock: Clock, seconds: float) -> None:
        self._waiting = asyncio.get_running_loop().create_future()
        sleeping = asyncio.create_task(clock.sleep(seconds))
        sleeping.add_done_callback(self._wake)
        try:
            await self._waiting
        finally:
            sleeping.remove_done_callback(self._wake)
            sleeping.cancel()
            self._waiting = None

    def _wake(self, _: object = None) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
