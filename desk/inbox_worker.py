"""Works the inbox: an event becomes state and due notices in one transaction, once."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from desk.happenings import News, happened, turn_of
from desk.meters import Event
from desk.office import Desk
from pbx.errors import Malformed
from pbx.vocabulary import CallEnded, CallProgress, Received
from storage import inbox
from storage.arrivals import InboxWriter
from storage.database import DatabaseUnavailable, Tx
from storage.inbox import Row

log = structlog.get_logger()


class Sizes(NamedTuple):
    """Events in one transaction: few enough to leave the database to others, many enough to share what is read."""

    full: int
    small: int
    """While others wait for the database."""


#: SQLite has one writer: for as long as a batch takes, events that come wait.
ON_SQLITE, ON_POSTGRES = Sizes(full=32, small=8), Sizes(full=240, small=50)
#: Bodies read before others get the event loop.
AT_A_STRETCH = 16
#: Seconds between looks when nobody rings, and while the database is out.
IDLE = 1.0
#: While events come in crowds the worker rests so many times as long as its last batch took, seconds at most, and how
#: often it looks round meanwhile. Still it works as much as Telegram lets anybody say, thirty messages a second.
REST, LONGEST_REST, LOOK = 100, 1.0, 0.01
#: Seconds until it has been patient with a crowd for long enough, and rests no longer than it works.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class _Read:
    """A row and what it says."""

    row: Row
    received: Sequence[Received]

    @property
    def news(self) -> list[News]:
        return [News(one, self.row.received_at) for one in self.received]


@dataclass(frozen=True, slots=True)
class _Failed:
    row: Row
    broken: Exception


class Courtesy:
    """How much the worker leaves to a crowd at the door: nearly all at first, half when the crowd stays."""

    def __init__(self) -> None:
        self._crowded_since: float | None = None

    def rest(self, took: float, now: float, *, crowded: bool) -> float:
        """Seconds to rest after a batch that `took` so long; `now` on any clock that goes on."""
        if not crowded:
            self._crowded_since = None
            return 0.0
        if self._crowded_since is None:
            self._crowded_since = now
        times = REST if now - self._crowded_since < PATIENCE else 1
        return min(LONGEST_REST, times * took)


class InboxWorker:
    """The worker loop. `run` for the program, `settle` for whoever wants the inbox worked now.

    Events that `arrivals` is storing go first: a PBX waits for them, and for those in the inbox nobody does.
    """

    def __init__(self, desk: Desk, arrivals: InboxWriter | None = None) -> None:
        self._desk = desk
        self._arrivals = arrivals
        self._courtesy = Courtesy()
        self._tired_until = 0.0

    async def run(self) -> None:
        """Work for ever; cancelled to stop."""
        while True:
            try:
                await self.settle()
            except DatabaseUnavailable as broken:
                log.warning("the inbox waits for the database", reason=str(broken))
            await self._desk.events.wait(self._desk.clock, IDLE)

    async def settle(self) -> None:
        """Work until nothing waits. What comes after a batch that was not full rings by itself."""
        while True:
            await self._rest()
            size = self._size()
            worked = await self._work_a_batch(size)
            if worked:
                self._desk.deliveries.ring()
            if worked < size:
                return

    async def _rest(self) -> None:
        """While a crowd is at the door, but not for ever."""
        for _ in range(round(LONGEST_REST / LOOK)):
            rested = asyncio.get_running_loop().time() >= self._tired_until
            if rested or not self._is_crowded:
                return
            await asyncio.sleep(LOOK)

    @property
    def _is_crowded(self) -> bool:
        return self._arrivals is not None and self._arrivals.is_crowded

    def _size(self) -> int:
        waited_for = self._is_crowded or (self._arrivals is not None and self._arrivals.presses)
        sizes = ON_SQLITE if self._desk.db.is_sqlite else ON_POSTGRES
        return sizes.small if waited_for else sizes.full

    async def _work_a_batch(self, size: int) -> int:
        """How many events there were."""
        began = asyncio.get_running_loop().time()
        became: Counter[tuple[str, Event]] = Counter()
        async with self._desk.db.write(quick=True, replayable=True) as tx:
            rows = await inbox.waiting(tx, size)
            read, unreadable = await self._read(rows)
            await self._desk.db.one_at_a_time(tx, *_turns(read))
            failed = [*unreadable, *await self._work(tx, read)]
            for one in failed:
                await self._give_up(tx, one)
                became[one.row.pbx_id, Event.FAILED] += 1
            bad = {one.row.id for one in failed}
            became += await _done(tx, [one for one in read if one.row.id not in bad])
        ended = asyncio.get_running_loop().time()
        self._tired_until = ended + self._courtesy.rest(ended - began, ended, crowded=self._is_crowded)
        for (pbx_id, result), count in became.items():
            self._desk.meters.event(pbx_id, result, count)
        return len(rows)

    async def _read(self, rows: Sequence[Row]) -> tuple[list[_Read], list[_Failed]]:
        read, unreadable = [], []
        for number, row in enumerate(rows, start=1):
            try:
                read.append(_Read(row, self._received(row)))
            except Exception as broken:  # one bad row must not stop the others
                unreadable.append(_Failed(row, broken))
            if number % AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return read, unreadable

    def _received(self, row: Row) -> list[Received]:
        pbx = self._desk.pbxes.get(row.pbx_id)
        if pbx is None:
            raise Malformed(f"no [[pbx]] with the id {row.pbx_id} is configured any more")
        return pbx.read(row.body, received_at=row.received_at)

    async def _work(self, tx: Tx, read: Sequence[_Read]) -> list[_Failed]:
        """All at once; where that fails, half and half, until what can't be worked stands alone."""
        try:
            async with self._desk.db.savepoint(tx):
                await self._work_together(tx, read)
        except DatabaseUnavailable:
            raise
        except Exception as broken:
            if len(read) == 1:
                return [_Failed(read[0].row, broken)]
            middle = len(read) // 2
            return [*await self._work(tx, read[:middle]), *await self._work(tx, read[middle:])]
        return []

    async def _work_together(self, tx: Tx, read: Sequence[_Read]) -> None:
        of_pbx: dict[str, list[News]] = defaultdict(list)
        for one in read:
            of_pbx[one.row.pbx_id] += one.news
        for pbx_id, news in of_pbx.items():
            await happened(self._desk, tx, pbx_id, news)

    async def _give_up(self, tx: Tx, failed: _Failed) -> None:
        row, broken = failed.row, failed.broken
        log.error("an event could not be worked", pbx=row.pbx_id, inbox=row.id, exc_info=broken)
        await inbox.failed(tx, row.id, f"{type(broken).__name__}: {broken}")


def _turns(read: Sequence[_Read]) -> list[str]:
    """Whose calls and cases the batch may touch."""
    events = [received.event for one in read for received in one.received]
    return [turn_of(event) for event in events if isinstance(event, CallEnded | CallProgress)]


async def _done(tx: Tx, worked: Sequence[_Read]) -> Counter[tuple[str, Event]]:
    """What became of them, by PBX."""
    unknown = {one.row.id for one in worked if not any(news.is_understood for news in one.news)}
    await inbox.done(tx, [one.row.id for one in worked], unknown=sorted(unknown))
    return Counter((one.row.pbx_id, Event.UNKNOWN if one.row.id in unknown else Event.WORKED) for one in worked)
