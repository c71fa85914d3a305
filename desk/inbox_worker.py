"""Works the inbox: an event becomes state and due notices in one transaction, once."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import structlog

from desk.happenings import happened, turn_of
from desk.meters import Event
from desk.office import Desk
from pbx.errors import Malformed
from pbx.vocabulary import CallEnded, CallProgress
from storage import inbox
from storage.database import DatabaseUnavailable, Tx
from storage.inbox import InboxWriter, Row

log = structlog.get_logger()

#: Events in one transaction: few enough to leave the database to others, many enough to share the commit.
BATCH = 50
#: Seconds between looks when nobody rings, and while the database is out.
IDLE = 1.0
#: Seconds: while events come in crowds the worker rests so long between batches, looking round so often, and keeps
#: the database from them no longer than that.
REST, LOOK, TURN = 0.1, 0.01, 0.005


class InboxWorker:
    """The worker loop. `run` for the program, `settle` for whoever wants the inbox worked now.

    Events that `arrivals` is storing go first: a PBX waits for them, and for those in the inbox nobody does.
    """

    def __init__(self, desk: Desk, arrivals: InboxWriter | None = None) -> None:
        self._desk = desk
        self._arrivals = arrivals

    async def run(self) -> None:
        """Work for ever; cancelled to stop."""
        while True:
            try:
                await self.settle()
            except DatabaseUnavailable as broken:
                log.warning("the inbox waits for the database", reason=str(broken))
            await self._desk.events.wait(self._desk.clock, IDLE)

    async def settle(self) -> None:
        """Work until nothing waits."""
        while await self._work_a_batch():
            self._desk.deliveries.ring()

    async def _rest(self) -> None:
        """While a crowd is at the door, but not for ever."""
        for _ in range(round(REST / LOOK)):
            if self._arrivals is None or not self._arrivals.is_crowded:
                return
            await asyncio.sleep(LOOK)

    def _is_pressed(self, since: float) -> bool:
        """Whether an event waits to be stored, and the batch has had its turn."""
        waiting = self._arrivals is not None and self._arrivals.presses
        return waiting and asyncio.get_running_loop().time() - since > TURN

    async def _work_a_batch(self) -> bool:
        await self._rest()
        async with self._desk.db.write(quick=True) as tx:
            rows = await inbox.waiting(tx, BATCH)
            await self._desk.db.one_at_a_time(tx, *self._turns(rows))
            became = await self._work(tx, rows)
        for (pbx_id, result), count in became.items():
            self._desk.meters.event(pbx_id, result, count)
        return bool(rows)

    async def _work(self, tx: Tx, rows: Sequence[Row]) -> Counter[tuple[str, Event]]:
        """What became of them, by PBX."""
        became: Counter[tuple[str, Event]] = Counter()
        worked, unknown = [], []
        began = asyncio.get_running_loop().time()
        for row in rows:
            if self._is_pressed(began):
                break
            try:
                async with self._desk.db.savepoint(tx):
                    known = await self._work_one(tx, row)
            except DatabaseUnavailable:
                raise
            except Exception as broken:  # one bad row must not stop the others
                log.exception("an event could not be worked", pbx=row.pbx_id, inbox=row.id)
                await inbox.failed(tx, row.id, f"{type(broken).__name__}: {broken}")
                became[row.pbx_id, Event.FAILED] += 1
                continue
            worked.append(row.id)
            if not known:
                unknown.append(row.id)
            became[row.pbx_id, Event.WORKED if known else Event.UNKNOWN] += 1
        await inbox.done(tx, worked, unknown=unknown)
        return became

    def _turns(self, rows: Sequence[Row]) -> list[str]:
        """Whose calls and cases the batch may touch. What can't be read is dealt with in its turn."""
        turns: list[str] = []
        for row in rows:
            with suppress(Exception):
                received = self._desk.pbxes[row.pbx_id].read(row.body, received_at=row.received_at)
                turns += [turn_of(one.event) for one in received if isinstance(one.event, CallEnded | CallProgress)]
        return turns

    async def _work_one(self, tx: Tx, row: Row) -> bool:
        """False if there was nothing in it that we have a meaning for."""
        pbx = self._desk.pbxes.get(row.pbx_id)
        if pbx is None:
            raise Malformed(f"no [[pbx]] with the id {row.pbx_id} is configured any more")
        known = False
        for received in pbx.read(row.body, received_at=row.received_at):
            known |= await happened(self._desk, tx, row.pbx_id, received, row.received_at)
        return known
