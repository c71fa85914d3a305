"""Outages a scene or a test switches on: what the network and Telegram's front do to a request."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any


class Kind(Enum):
    """What happens to a request in this weather. Only TRUNCATED and LOST requests are carried out."""

    REFUSE = auto()
    HANG = auto()
    STATUS = auto()
    FLOOD = auto()
    TRUNCATED = auto()
    LOST = auto()


@dataclass(slots=True)
class Storm:
    """One outage: its kind, which methods it meets (lower case; None for all), how often it still strikes."""

    kind: Kind
    methods: frozenset[str] | None = None
    times: int | None = None
    number: int = 0


class Weather:
    """Fair until told otherwise. Every outage takes `methods` to strike only those, and `times` to end by itself."""

    def __init__(self) -> None:
        self._storms: list[Storm] = []
        self._turned = asyncio.Event()
        self._cleared = asyncio.Event()
        self.struck = 0

    def refuse(self, *, methods: Collection[str] | None = None, times: int | None = None) -> None:
        """The connection is closed without a word; the request is not carried out."""
        self._add(Kind.REFUSE, methods, times)

    def hang(self, *, methods: Collection[str] | None = None, times: int | None = None) -> None:
        """No answer comes until `clear()`, which then closes the connection; the request is not carried out."""
        self._add(Kind.HANG, methods, times)

    def status(self, code: int = 502, *, methods: Collection[str] | None = None, times: int | None = None) -> None:
        """An HTML error page with that status, as a front server gives; the request is not carried out."""
        self._add(Kind.STATUS, methods, times, code)

    def truncated(self, *, methods: Collection[str] | None = None, times: int | None = None) -> None:
        """The request is carried out; its answer is 200 with half a JSON body."""
        self._add(Kind.TRUNCATED, methods, times)

    def flood(self, retry_after: int, *, methods: Collection[str] | None = None, times: int | None = None) -> None:
        """429 with that `retry_after` whatever was asked; the request is not carried out."""
        self._add(Kind.FLOOD, methods, times, retry_after)

    def lose_reply(self, *, methods: Collection[str] | None = ("sendMessage",), times: int = 1) -> None:
        """The unknowable case: the request is carried out, the connection is cut before the answer."""
        self._add(Kind.LOST, methods, times)

    def clear(self) -> None:
        """Fair weather again; requests left hanging are cut off."""
        self._storms.clear()
        self.release()
        self._turn()

    def release(self) -> None:
        """Cut off the requests that hang, without changing the weather."""
        cleared, self._cleared = self._cleared, asyncio.Event()
        cleared.set()

    @property
    def fair(self) -> bool:
        """Whether no outage is on."""
        return not self._storms

    def strike(self, method: str) -> Storm | None:
        """The outage that meets this request, used up by one; None in fair weather."""
        for storm in self._storms:
            if storm.methods is None or method.lower() in storm.methods:
                self.struck += 1
                if storm.times is not None:
                    storm.times -= 1
                    if not storm.times:
                        self._storms.remove(storm)
                return storm
        return None

    def turn(self) -> Coroutine[Any, Any, object]:
        """To be awaited: the next change of the weather after this call."""
        return self._turned.wait()

    def cleared(self) -> Coroutine[Any, Any, object]:
        """To be awaited: the next `clear()` or `release()` after this call."""
        return self._cleared.wait()

    def _add(self, kind: Kind, methods: Collection[str] | None, times: int | None, number: int = 0) -> None:
        wanted = None if methods is None else frozenset(method.lower() for method in methods)
        self._storms.append(Storm(kind, wanted, times, number))
        self._turn()

    def _turn(self) -> None:
        turned, self._turned = self._turned, asyncio.Event()
        turned.set()
