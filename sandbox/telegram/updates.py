"""The bot's queue of updates, and who may take them: one getUpdates at a time, or a webhook."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: Only sent to a bot that names them in `allowed_updates`.
ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass
class Updates:
    """Waiting updates, oldest first. `allowed` None means every kind but those on request."""

    waiting: deque[dict[str, Any]] = field(default_factory=deque)
    allowed: frozenset[str] | None = None
    next_id: int = 100_000_001
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, kind: str, payload: dict[str, Any]) -> None:
        """Queue an update unless the bot doesn't want its kind."""
        if kind in ON_REQUEST if self.allowed is None else kind not in self.allowed:
            return
        self.waiting.append({"update_id": self.next_id, kind: payload})
        self.next_id += 1
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()

    def allow(self, kinds: Sequence[str] | None) -> None:
        """None keeps what was set before, an empty list asks for the default. Updates already queued stay."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def take(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Forget what lies before `offset` (a negative one counts from the end) and give the rest."""
        if offset < 0:
            while len(self.waiting) > -offset:
                self.waiting.popleft()
        while offset > 0 and self.waiting and self.waiting[0]["update_id"] < offset:
            self.waiting.popleft()
        return [update for update, _ in zip(self.waiting, range(limit), strict=False)]

    def drop(self) -> None:
        """Forget everything that waits."""
        self.waiting.clear()

    def arrival(self) -> Coroutine[Any, Any, object]:
        """To be awaited: the next update after this call."""
        return self._arrived.wait()


@dataclass
class Webhook:
    """Where updates are posted to, and how the last attempts went, as getWebhookInfo tells."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error: str = ""
    last_error_at: datetime | None = None
