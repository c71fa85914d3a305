"""Taking turns within this process: for acts at a PBX, where no transaction can help."""

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """`async with turns.of("dnd main anna")`: whoever names the same thing waits until the one before is done."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, what: str) -> asyncio.Lock:
        lock = self._locks.get(what)
        if lock is None:
            lock = self._locks[what] = asyncio.Lock()
        return lock
