"""Telegram's flood limits: per second overall and per chat, per minute in groups. Sends and edits count alike."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A 429 that was given: when, for which chat (None for the overall limit), how long to wait, and why."""

    at: datetime
    chat_id: int | None
    retry_after: int
    reason: str


@dataclass(slots=True)
class _Bucket:
    """Tokens that come back with time: `burst` at once, `rate` a second after that."""

    burst: float
    rate: float
    tokens: float
    at: datetime

    def seconds_until(self, wanted: float, now: datetime) -> float:
        """0 when `wanted` tokens are there. A request larger than the burst goes through a full bucket."""
        self.tokens = min(self.burst, self.tokens + self.rate * (now - self.at).total_seconds())
        self.at = now
        missing = min(wanted, self.burst) - self.tokens
        return missing / self.rate if missing > 1e-9 else 0.0


@dataclass
class Limits:
    """Counts what a bot sends and says when it is too much.

    `clock` is an aware UTC clock. Change the public numbers at any time; `enabled = False` lets everything
    through and still counts. After a 429 every request to that chat is refused until the penalty is over.
    """

    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    enabled: bool = True
    overall_per_second: int = 30
    chat_burst: int = 3
    chat_per_second: float = 1.0
    group_per_minute: int = 20
    refusals: list[Refusal] = field(default_factory=list)
    _sent: dict[int, deque[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(deque))
    _all: deque[datetime] = field(default_factory=deque)
    _minutes: dict[int, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    _buckets: dict[int, _Bucket] = field(default_factory=dict)
    _penalties: dict[int | None, datetime] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """How many 429s these limits have given."""
        return len(self.refusals)

    def sent(self, chat_id: int, since: datetime | None = None) -> int:
        """Messages sent to and edited in a chat (accepted ones), since a moment or ever."""
        return sum(count for at, count in self._sent[chat_id] if since is None or at >= since)

    def busiest_minute(self, chat_id: int) -> int:
        """The most sends and edits that one chat saw within any sixty seconds."""
        times = [at for at, count in self._sent[chat_id] for _ in range(count)]
        return max((sum(at <= other < at + MINUTE for other in times) for at in times), default=0)

    def accepted(self, chat_id: int, count: int = 1) -> None:
        """Note that a request got through and was carried out."""
        self._sent[chat_id].append((self.clock(), count))

    def take(self, chat_id: int, *, group: bool, count: int = 1) -> int | None:
        """Spend `count` messages; None when allowed, else the `retry_after` seconds of the 429."""
        if not self.enabled:
            return None
        now = self.clock()
        for key in (None, chat_id):
            left = (self._penalties.get(key, now) - now).total_seconds()
            if left > 0:
                return self._refuse(now, key, left, "penalty")
        bucket = self._bucket(chat_id, now)
        waits = (
            (None, "overall", self._window(self._all, now, SECOND, self.overall_per_second, count)),
            (chat_id, "chat", bucket.seconds_until(count, now)),
            (chat_id, "group minute", self._group_wait(chat_id, now, count) if group else 0.0),
        )
        key, reason, wait = max(waits, key=lambda one: one[2])
        if wait > 0:
            return self._refuse(now, key, wait, reason)
        bucket.tokens -= count
        self._all.extend([now] * count)
        if group:
            self._minutes[chat_id].extend([now] * count)
        return None

    def _bucket(self, chat_id: int, now: datetime) -> _Bucket:
        bucket = self._buckets.setdefault(
            chat_id, _Bucket(self.chat_burst, self.chat_per_second, self.chat_burst, now)
        )
        bucket.burst, bucket.rate = self.chat_burst, self.chat_per_second
        return bucket

    def _group_wait(self, chat_id: int, now: datetime, count: int) -> float:
        return self._window(self._minutes[chat_id], now, MINUTE, self.group_per_minute, count)

    @staticmethod
    def _window(times: deque[datetime], now: datetime, span: timedelta, most: int, count: int) -> float:
        """Seconds until `count` more fit among the `most` of a sliding window."""
        while times and times[0] <= now - span:
            times.popleft()
        surplus = len(times) + min(count, most) - most
        return (times[surplus - 1] + span - now).total_seconds() if surplus > 0 else 0.0

    def _refuse(self, now: datetime, key: int | None, wait: float, reason: str) -> int:
        retry_after = max(1, math.ceil(wait - 1e-6))
        if reason != "penalty":
            self._penalties[key] = now + timedelta(seconds=retry_after)
        self.refusals.append(Refusal(now, key, retry_after, reason))
        return retry_after
