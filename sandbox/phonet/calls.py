"""Everything that happens on the phones: clients calling, us calling clients, pauses, and what else Phonet tells."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sandbox.phonet.incoming import Incoming
from sandbox.phonet.legs import INCOMING, INTERNAL, OUTGOING, PAUSE, UNPAUSE, Client, HistoryRow, HungUp
from sandbox.phonet.messages import Visit
from sandbox.phonet.office import NoSuch, Office, new_uuid
from sandbox.phonet.people import Employee
from sandbox.phonet.sender import Body, FloodReport, Sender
from sandbox.phonet.settings import CallSettings, nobody
from sandbox.phonet.stories import ANSWERED, ClientAnswers, Congested, EmployeeSilent, Ending, Reception, outcome
from sandbox.phonet.telling import Telling

#: How long an employee takes to pick up when `makeCall` rings.
PICK_UP = 3.0
FLOOD_WAIT = 20.0


class Calls:
    def __init__(
        self,
        office: Office,
        sender: Sender,
        *,
        sleep: Callable[[float], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self.office, self.sender = office, sender
        #: How a client takes our calls, by number; others answer.
        self.receptions: dict[str, Reception] = {}
        #: `settings.asked` holds what the program answered to each `call.settings`.
        self.settings = CallSettings(office, sender, now)
        self.telling = Telling(office, sender, sleep, now)
        self._incoming = Incoming(self.telling, self.settings)
        self._under_way: set[asyncio.Task[object]] = set()

    @property
    def visits(self) -> dict[str, Visit]:
        """Clients who came from our site, by number: each call of theirs gets a UTM label."""
        return self.telling.visits

    async def client_calls(self, phone: str, to: str, ending: Ending) -> HistoryRow:
        """Play one call to its end; the row is the call's as a whole (a department's parent call).

        `to` is a department, an employee or one of our numbers; `phone` is "" for a hidden number.
        Raises CannotHappen when the story contradicts the company's state.
        """
        return await self._incoming.play(phone, to, ending)

    def start(self, story: Coroutine[object, object, object]) -> None:
        """Play in the background: `calls.start(calls.client_calls(…))`."""
        task: asyncio.Task[object] = asyncio.create_task(story)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Every story is over and all its events were delivered or given up."""
        while self._under_way:
            await asyncio.gather(*self._under_way)
        await self.sender.drained()

    async def stop(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def make_call(self, ext: str, phone: str) -> str:
        """`makeCall` of the API: returns the call's uuid at once, the call goes on in the background."""
        employee, uuid = self.office.employee(ext), new_uuid()
        self.start(self._dials(employee, phone, uuid, PICK_UP))
        return uuid

    async def employee_dials(self, ext: str, phone: str, reception: Reception | None = None) -> HistoryRow:
        """From a desk phone: as makeCall, but nobody has to pick up first."""
        return await self._dials(self.office.employee(ext), phone, new_uuid(), 0.0, reception)

    async def _dials(
        self, employee: Employee, phone: str, uuid: str, before: float, reception: Reception | None = None
    ) -> HistoryRow:
        """The leg is the employee's from its first ring; it is bridged when the client answers."""
        client = await self.settings.client(phone)
        call = self.telling.call(OUTGOING, client, self.office.main_number)
        leg = self.telling.dial(call, employee, uuid=uuid)
        reception = reception or self.receptions.get(phone, ClientAnswers())
        disposition, after, talk = outcome(reception)
        known = after if isinstance(reception, EmployeeSilent) else before + after
        with suppress(HungUp):
            await call.clock.until(known)
            if isinstance(reception, Congested):
                call.tried = list(self.office.numbers)
            if disposition == ANSWERED:
                self.telling.bridge(leg)
            call.disposition = disposition
            await call.clock.until(known + talk)
        return self.telling.over(call)

    async def inner_call(
        self, caller: str, callee: str, *, answered: bool = True, ring: float = 4, talk: float = 30
    ) -> HistoryRow:
        """Between employees: `leg2` is the one called, and there is no client and no number of ours."""
        first, second = self.office.employee(caller), self.office.employee(callee)
        call = self.telling.call(INTERNAL)
        leg = self.telling.dial(call, first, second)
        with suppress(HungUp):
            await call.clock.until(ring)
            if answered:
                self.telling.bridge(leg)
                await call.clock.until(ring + talk)
        return self.telling.over(call)

    def hang_up(self, uuid: str) -> None:
        """`hangup` of the API: the whole call ends, whichever of its legs is named."""
        leg = self.office.active.get(uuid)
        if leg is None:
            raise NoSuch(f"no active call {uuid!r}")
        leg.call.clock.hang_up()

    def pause(self, ext: str) -> HistoryRow:
        """The employee leaves the desk: departments no longer ring this phone."""
        return self._pause(ext, PAUSE)

    def unpause(self, ext: str) -> HistoryRow:
        return self._pause(ext, UNPAUSE)

    def _pause(self, ext: str, direction: int) -> HistoryRow:
        """A code dialled on the phone: told as a call of its own that is over at once."""
        employee = self.office.employee(ext)
        employee.paused = direction == PAUSE
        call = self.telling.call(direction)
        self.telling.dial(call, employee)
        return self.telling.over(call)

    def send_utm(self) -> "asyncio.Task[bool] | None":
        """What Phonet does each minute: the labels gathered since the last time in one array, if there are any."""
        labels = self.telling.labels
        if not labels:
            return None
        self.telling.labels = []
        return self.sender.post(labels)

    async def flood(
        self, n: int, per_second: float | None = None, *, to: str = "", prefix: str = "+38050"
    ) -> FloodReport:
        """`n` different clients whom nobody answered, all of a sudden: a dial and a hangup each, no child legs.

        Nothing is asked about them; all of them are in the call lists before the first event is sent.
        """
        clients = (Client(f"{prefix}{number:07d}") for number in range(n))
        told = list(self._unanswered(clients, to or self.office.main_number.num))
        return await self.sender.flood(told, per_second)

    def _unanswered(self, clients: Iterator[Client], to: str) -> Iterator[tuple[str, Sequence[Body]]]:
        number, target = self.office.route(to)
        for client in clients:
            call = self.telling.call(INCOMING, client, number)
            call.clock.began -= timedelta(seconds=FLOOD_WAIT)
            client.cards.append(nobody(client.num))
            leg = self.telling.dial(call, target, silent=True)
            dial = self.telling.event(leg, "call.dial")
            call.clock.elapsed = FLOOD_WAIT
            self.telling.over(call, silent=True)
            yield leg.uuid, [dial, self.telling.event(leg, "call.hangup")]
