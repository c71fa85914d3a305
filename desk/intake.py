"""Takes what a PBX says: stored durably before it is acknowledged, or answered while the phone rings."""

import asyncio
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog

from desk.office import Desk
from pbx.later import later
from pbx.phone_system import Answer, PhoneSystem
from pbx.vocabulary import LineLost, Rated, Received, WhoIsCalling
from storage.arrivals import Arrival, InboxWriter

if TYPE_CHECKING:
    from desk import client_names
else:
    client_names = later("desk.client_names")

log = structlog.get_logger()

#: Seconds. The PBX waits about one while the phone rings (CONTRACT: 800 ms), the network takes its share.
ANSWER_WITHIN = 0.5

#: News that looks the same each time it happens, and how far apart two of them are two.
_RECURS = {LineLost: timedelta(minutes=10), Rated: timedelta(days=1)}


class Intake:
    """The one way in for webhooks of every vendor.

    `staffed` is set when who answers questions is there: events are taken before.
    """

    def __init__(self, desk: Desk, inbox: InboxWriter, staffed: asyncio.Event) -> None:
        self._desk = desk
        self._inbox = inbox
        self._staffed = staffed
        self._late: set[asyncio.Task[Answer]] = set()

    async def take(self, pbx: PhoneSystem, body: bytes) -> dict[str, object]:
        """Store a verified body, or answer the question in it; what to reply.

        Raises `Malformed`, `DatabaseUnavailable`.
        """
        now = self._desk.clock.now()
        received = pbx.read(body, received_at=now)
        for one in received:
            if isinstance(one.event, WhoIsCalling):
                return pbx.answer(one.event, await self._who_is(pbx, one.event))
        if received:
            await self._inbox.put(Arrival(pbx.id, key_of(received, now), now, body))
            self._desk.events.ring()
        return {}

    async def _who_is(self, pbx: PhoneSystem, question: WhoIsCalling) -> Answer:
        """Unknown, rather than late: a question left unanswered holds up the client's call."""
        if question.client is None:
            return Answer()
        look_up = asyncio.create_task(self._look_up(question.client, pbx.id))
        self._late.add(look_up)
        look_up.add_done_callback(self._late.discard)
        # Not `wait_for`: a stuck database could hold up the cancellation as well.
        await asyncio.wait({look_up}, timeout=ANSWER_WITHIN)
        if not look_up.done():
            look_up.cancel()
            log.warning("too slow to say who is calling", pbx=pbx.id)
            return Answer()
        if error := look_up.exception():
            log.warning("can't say who is calling", pbx=pbx.id, reason=type(error).__name__)
            return Answer()
        return look_up.result()

    async def _look_up(self, client: str, pbx_id: str) -> Answer:
        await self._staffed.wait()
        async with self._desk.db.read() as tx:
            return await client_names.who_is(self._desk, tx, client, pbx_id)


def key_of(received: list[Received], at: datetime) -> str:
    """By what a repetition of this body is known."""
    keys = "\n".join(_key(one, at) for one in received)
    return keys if len(keys) <= 80 else sha256(keys.encode()).hexdigest()


def _key(one: Received, at: datetime) -> str:
    apart = _RECURS.get(type(one.event))
    if apart is None or (isinstance(one.event, Rated) and one.event.call_id):
        return one.key
    return f"{one.key}@{int(at.timestamp() // apart.total_seconds())}"
