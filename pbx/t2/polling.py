"""Asking t2 what is new: overlapping windows over both of its lists, and what needs not be told again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from pbx.errors import Rejected
from pbx.t2 import events
from pbx.t2.client import T2Client
from pbx.t2.events import Office
from pbx.t2.wire import MissedRow, RecordRow
from pbx.vocabulary import Call, CallEnded, Direction, Received

#: Each reading goes back so far before the last one: a row is found by the start of its call, but appears only when
#: the call is over and the PBX has got round to it.
OVERLAP = timedelta(hours=2)
#: The PBX's clock may be ahead of ours.
AHEAD = timedelta(minutes=5)
#: The longest piece of history asked for at once.
PIECE = timedelta(days=1)


class Polling:
    def __init__(
        self, client: T2Client, *, office: Callable[[], Awaitable[Office]], clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._office = office
        self._now = clock
        self._ids: dict[str, datetime] = {}
        """Calls told lately, by id: a call first seen in one list keeps its id when it shows up in the other."""
        self._cursors = count(1)
        self._cursor = ""
        self._told: frozenset[str] = frozenset()
        """What came with `_cursor`. The caller has it once that cursor comes back."""

    async def news(self, cursor: str | None) -> tuple[list[Received], str]:
        now = self._now()
        start = min(_moment(cursor) or now, now) - OVERLAP
        if cursor != self._cursor:
            self._ids = _ids(cursor) | self._ids
        received = events.news(*await self._rows(start, now + AHEAD), await self._office(), told=self._ids)
        self._remember([one.event.call for one in received if isinstance(one.event, CallEnded)], start)
        kept = self._told if cursor == self._cursor else frozenset()
        self._told = frozenset(one.key for one in received)
        self._cursor = " ".join([now.isoformat(), str(next(self._cursors)), *self._uncertain(received)])
        return [one for one in received if one.key not in kept], self._cursor

    async def history(self, start: datetime, end: datetime) -> AsyncIterator[Call]:
        """Day by day. Whether t2 counts the very end in is not said, so it is cut here."""
        office = await self._office()
        while start < end:
            until = min(start + PIECE, end)
            for call in events.calls(*await self._rows(start, until), office, told=self._ids):
                if start <= call.started_at < until:
                    yield call
            start = until

    async def _rows(self, start: datetime, end: datetime) -> tuple[list[RecordRow], list[MissedRow]]:
        records = [row async for row in self._client.call_records(start, end)]
        try:
            missing = [row async for row in self._client.missing(start, end)]
        except Rejected:
            # An office without a multichannel number has no such list; `call-records` has every call anyway.
            missing = []
        return records, missing

    def _uncertain(self, received: list[Received]) -> list[str]:
        """The calls that the other list may name more exactly later, which would give them another id.

        Another process has to know them too, so they go into the cursor: each as ``id@second of its start``.
        """
        calls = [one.event.call for one in received if isinstance(one.event, CallEnded)]
        vague = [call for call in calls if not call.started_at.microsecond or call.our_number is None]
        return [f"{one.id}@{one.started_at.timestamp():.0f}" for one in vague if one.direction is Direction.IN]

    def _remember(self, calls: list[Call], since: datetime) -> None:
        self._ids |= {call.id: call.started_at for call in calls}
        self._ids = {id: began for id, began in self._ids.items() if began >= since}


def _ids(cursor: str | None) -> dict[str, datetime]:
    """The uncertain calls in a cursor, each with its start."""
    words = [word.partition("@") for word in (cursor or "").split(" ")[2:]]
    return {id: datetime.fromtimestamp(int(start), UTC) for id, _, start in words if start.isdecimal()}


def _moment(cursor: str | None) -> datetime | None:
    """A cursor is when its reading began, a number that tells two of one moment apart, and uncertain calls."""
    try:
        moment = datetime.fromisoformat((cursor or "").split(" ")[0])
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
