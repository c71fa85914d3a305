"""A call and its legs while they last, and the row that stays of each leg."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.phonet.people import Employee, Entity, OurNumber
from sandbox.phonet.stories import NO_ANSWER

Json = dict[str, object]
INTERNAL, OUTGOING, INCOMING, PAUSE, UNPAUSE = 1, 2, 4, 32, 64


class HungUp(Exception):
    """Somebody ended the call by the API: the end of its story, no error."""


class CallClock:
    """One call's own time: when it began, and the seconds of its story so far, however fast they are played."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]], now: Callable[[], datetime]) -> None:
        self._sleep, self._now = sleep, now
        self.began, self.elapsed, self.hung_up = now(), 0.0, False
        self._sleeping: asyncio.Future[None] | None = None

    @property
    def at(self) -> datetime:
        return self.began + timedelta(seconds=self.elapsed)

    async def until(self, at: float) -> None:
        """Returns at the call's second `at`; raises HungUp if the call is ended before."""
        if not self.hung_up and at > self.elapsed:
            fell_asleep = self._now()
            self._sleeping = asyncio.ensure_future(self._sleep(at - self.elapsed))
            try:
                await asyncio.wait({self._sleeping})
            finally:
                self._sleeping.cancel()
            passed = (self._now() - fell_asleep).total_seconds()
            self.elapsed = min(at, self.elapsed + passed) if self.hung_up else at
        if self.hung_up:
            raise HungUp

    def hang_up(self) -> None:
        self.hung_up = True
        if self._sleeping is not None:
            self._sleeping.cancel()


@dataclass
class Client:
    """The outside number and what the connected CRM systems said of it."""

    num: str
    #: As in `otherLegs`, the system of the highest priority first.
    cards: list[Json] = field(default_factory=list)
    #: The employee whom `call.settings` named.
    responsible: Employee | None = None

    @property
    def name(self) -> str:
        return next((str(card["name"]) for card in self.cards if card["name"]), self.num)


@dataclass
class Call:
    direction: int
    client: Client | None
    number: OurNumber | None
    clock: CallClock
    #: The first is the call as a whole; the others are its child legs.
    legs: list["Leg"] = field(default_factory=list)
    #: Extensions of those who talked, in turn.
    taken_by: list[str] = field(default_factory=list)
    disposition: int = NO_ANSWER
    #: The numbers an outgoing call was tried from.
    tried: list[str] = field(default_factory=list)

    @property
    def whole(self) -> "Leg":
        return self.legs[0]


@dataclass(eq=False)
class Leg:
    """One uuid: a ringing phone, or the call to a department with such phones as its child legs."""

    call: Call
    uuid: str
    parent: "Leg | None"
    entity: Entity
    entity2: Entity | None
    dialled: datetime
    bridged: datetime | None = None
    last_event: str = "call.dial"


@dataclass(frozen=True)
class HistoryRow:
    """What the call lists know of one leg. `end_at` is told, `ended` is when the row came to be.

    They differ only where a story is played faster than it is told.
    """

    uuid: str
    parent_uuid: str | None
    direction: int
    client: str
    client_name: str
    entity: Entity
    entity2: Entity | None
    end_at: datetime
    ended: datetime
    bill_secs: int
    duration: int
    disposition: int
    transfer_history: str | None
    trunk: str | None

    @property
    def recorded(self) -> bool:
        return self.bill_secs > 0
