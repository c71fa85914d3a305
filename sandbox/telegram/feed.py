"""The change feed: everything that happens in a world, as small JSON-able dicts, to any number of watchers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
Change = dict[str, Any]


class Watcher:
    """An async iterator of changes from the moment it was made; `close()` ends it, and so does `async with`.

    Holds at most `size` changes: a watcher that falls behind loses them and gets one `{"kind": "reload"}`,
    upon which a page asks for a snapshot.
    """

    def __init__(self, feed: Feed, size: int, wanted: Callable[[Change], bool]) -> None:
        self._feed = feed
        self._size = size
        self._wanted = wanted
        self._waiting: deque[Change] = deque()
        self._news = asyncio.Event()
        self._closed = False

    def offer(self, change: Change) -> None:
        """Called by the feed."""
        if not self._wanted(change):
            return
        if len(self._waiting) >= self._size:
            self._waiting.clear()
            change = {"kind": "reload"}
        self._waiting.append(change)
        self._news.set()

    def close(self) -> None:
        """No more changes; an iteration that waits ends."""
        self._closed = True
        self._feed.watchers.discard(self)
        self._news.set()

    def __aiter__(self) -> Watcher:
        return self

    async def __anext__(self) -> Change:
        while not self._waiting:
            if self._closed:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._waiting.popleft()

    async def __aenter__(self) -> Watcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


class Feed:
    """Hands changes to watchers and wakes whoever waits for a state of the world."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self._stirred = asyncio.Event()

    def tell(self, change: Change) -> None:
        """Something visible happened."""
        for watcher in tuple(self.watchers):
            watcher.offer(change)
        self.stir()

    def stir(self) -> None:
        """Something happened that no page shows, but a waiting test may look at."""
        stirred, self._stirred = self._stirred, asyncio.Event()
        stirred.set()

    def watch(self, size: int, wanted: Callable[[Change], bool]) -> Watcher:
        """A new watcher for the changes it wants."""
        watcher = Watcher(self, size, wanted)
        self.watchers.add(watcher)
        return watcher

    async def until(self, predicate: Callable[[], T], timeout: float) -> T:
        """What `predicate` returns once that is true; it is asked again after every change. TimeoutError else."""
        async with asyncio.timeout(timeout):
            while not (found := predicate()):
                await self._stirred.wait()
        return found
