"""Telegram's flood limits, kept before it complains: per chat, per group-minute, overall. Edits count too."""

from pyrate_limiter import InMemoryBucket, Rate, RateItem

from desk.clock import Clock

#: Telegram's own, a little inside of them: its clock is not ours, and a second may be cut elsewhere.
PER_CHAT = [Rate(1, 1_050)]
PER_GROUP_MINUTE = [Rate(1, 1_050), Rate(20, 61_000)]
OVERALL = [Rate(25, 1_000)]
#: Of a group's minute, so much is left for answers to people.
KEPT_FOR_ANSWERS = 3


class Limits:
    """Counts what was sent. One for the program, since one bot token has one set of limits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._overall = InMemoryBucket(OVERALL)
        self._chats: dict[int, InMemoryBucket] = {}
        self._paused: dict[int, float] = {}
        self.floods = 0
        """How often Telegram complained all the same."""

    def seconds_until(self, chat_id: int, *, answer: bool = False) -> float:
        """How long to wait before the next message to the chat; 0 takes the place at once."""
        now = self._now()
        paused = self._paused.get(chat_id, 0.0) - now
        if paused > 0:
            return paused / 1000
        self._paused.pop(chat_id, None)
        bucket = self._bucket(chat_id)
        if not answer and chat_id < 0 and self.left_this_minute(chat_id) <= 0:
            return self._until_oldest_leaves(bucket, PER_GROUP_MINUTE[1], now)
        self._overall.leak(int(now))
        if self._overall.count() >= OVERALL[0].limit:
            return self._until_oldest_leaves(self._overall, OVERALL[0], now)
        item = RateItem(str(chat_id), int(now))
        bucket.leak(int(now))
        if not bucket.put(item):
            return max(int(bucket.waiting(item)), 20) / 1000  # type: ignore[arg-type]  # awaitable only for remote buckets
        self._overall.put(item)
        return 0.0

    def left_this_minute(self, chat_id: int) -> int:
        """How many notices a group may still get within this minute, answers to people aside."""
        bucket = self._bucket(chat_id)
        bucket.leak(int(self._now()))
        return PER_GROUP_MINUTE[1].limit - KEPT_FOR_ANSWERS - bucket.count()

    def pause(self, chat_id: int, seconds: float) -> None:
        """Telegram asked for so much silence."""
        self.floods += 1
        self._paused[chat_id] = max(self._paused.get(chat_id, 0.0), self._now() + seconds * 1000)

    def _bucket(self, chat_id: int) -> InMemoryBucket:
        if chat_id not in self._chats:
            self._chats[chat_id] = InMemoryBucket(PER_GROUP_MINUTE if chat_id < 0 else PER_CHAT)
        return self._chats[chat_id]

    def _until_oldest_leaves(self, bucket: InMemoryBucket, rate: Rate, now: float) -> float:
        return max(bucket.items[0].timestamp + rate.interval - now, 20) / 1000

    def _now(self) -> float:
        return self._clock.now().timestamp() * 1000
