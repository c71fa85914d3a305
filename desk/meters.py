"""What this process counts while it works: plain numbers in memory, for `/metrics` and `/readyz` to read."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from desk.clock import Clock

#: Upper bounds in seconds of the histogram of a PBX's answers. A cabinet answers within one.
BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
#: How a request to a PBX ends when nothing is wrong; else it is the name of the error's class.
FINE = "ok"


class Event(StrEnum):
    """What becomes of an event. It is stored, seen before or refused at the door, or polled; later the rest."""

    STORED = "stored"
    SEEN_BEFORE = "seen_before"
    REFUSED = "refused"
    POLLED = "polled"
    WORKED = "worked"
    UNKNOWN = "unknown"
    FAILED = "failed"


class Message(StrEnum):
    """What became of a message in a chat."""

    SENT = "sent"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(slots=True)
class Asked:
    """How one PBX answers: every request counts, tries one by one."""

    results: Counter[str] = field(default_factory=Counter)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    """Requests that took as long as a bound allows and longer than the one before; the last: longer than all."""
    seconds: float = 0.0
    last: str = FINE
    since: datetime | None = None
    """Since when every request has ended like the last one; None before the first."""

    def count(self, result: str, seconds: float, at: datetime) -> None:
        self.results[result] += 1
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds
        if result != self.last or self.since is None:
            self.last, self.since = result, at


@dataclass(slots=True)
class Meters:
    events: Counter[tuple[str, Event]] = field(default_factory=Counter)
    """By PBX and result."""
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    """HTTP requests, by route and status."""
    messages: Counter[Message] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    """Messages that could not be shown, by the name of the error's class in `desk.delivery`."""
    asked: dict[str, Asked] = field(default_factory=dict)
    """By PBX."""
    started_at: datetime | None = None

    def watch(self, pbx_id: str, clock: Clock) -> Callable[[str, float], None]:
        """What is to be told of every request to that PBX: its result, and seconds."""
        asked = self.asked.setdefault(pbx_id, Asked())
        return lambda result, seconds: asked.count(result, seconds, clock.now())

    def event(self, pbx_id: str, result: Event, count: int = 1) -> None:
        if count:
            self.events[pbx_id, result] += count

    def stored(self, arrived: Mapping[str, int], fresh: Mapping[str, int]) -> None:
        """So many events of each PBX were put into the inbox together, and so many of them were new."""
        for pbx_id, count in arrived.items():
            self.event(pbx_id, Event.STORED, fresh.get(pbx_id, 0))
            self.event(pbx_id, Event.SEEN_BEFORE, count - fresh.get(pbx_id, 0))
