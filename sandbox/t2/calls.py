"""Everything that happens on the phones: clients calling us, us calling clients, employees calling each other."""

import asyncio
import itertools
import secrets
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sandbox.t2.office import CallRow, Employee, Line, LiveCall, Office, Target
from sandbox.t2.stories import (
    Answered,
    CannotHappen,
    ClientAnswers,
    Ending,
    LineIsBusy,
    Outcome,
    OutsideHours,
    Reception,
    ending_outcome,
    reception_outcome,
)

#: How long an employee takes to pick up when `call/outgoing` rings.
PICK_UP = 3.0
#: A multichannel number greets the client before it directs the call to anybody, then rings its members in turn.
GREETING, TURN = 2.0, 10.0
FLOOD_WAIT = 20.0


class Calls:
    def __init__(
        self, office: Office, *, sleep: Callable[[float], Awaitable[None]], now: Callable[[], datetime]
    ) -> None:
        self.office, self.sleep, self.now = office, sleep, now
        #: How a client takes our calls, by number; others answer.
        self.receptions: dict[str, Reception] = {}
        self._under_way: set[asyncio.Task[object]] = set()

    async def client_calls(self, phone: str, to: str, ending: Ending) -> CallRow:
        """Play one call to its end. `to` is a multichannel number, its queue's name, or an employee.

        `phone` is "" for a hidden number. A blacklisted client is denied at once, whatever the ending.
        Raises CannotHappen when the story contradicts the company's state.
        """
        target, start = self.office.target(to, phone), self.now()
        if phone in self.office.blacklist:
            denied = Outcome("DENIED_DUE_TO_BLACK_LISTED", 0)
            return self._record(target.call_type, denied, start, phone, target.number, target.number)
        answering = self._answering(target, ending)
        outcome = ending_outcome(
            ending, queued=bool(target.queue), forwarded=answering is not None and answering not in target.people
        )
        with self._listed(LiveCall(target.call_type, Line(phone), phone)) as live:
            await self._rings(live, target, ending, outcome.wait)
            if answering is not None:
                live.called, live.queue = answering.line, ""
            await self.sleep(outcome.talk or 0)
        ended_at = live.called.full if live.called else target.number
        return self._record(target.call_type, outcome, start, phone, target.number, ended_at)

    def _answering(self, target: Target, ending: Ending) -> Employee | None:
        if isinstance(ending, LineIsBusy) and target.queue:
            raise CannotHappen(f"{target.number} has a queue and is never busy")
        if not isinstance(ending, Answered):
            return None
        employee = self.office.employee(ending.by)
        if target.queue and employee not in target.people:
            raise CannotHappen(f"{target.number} does not ring {ending.by}")
        return employee

    async def _rings(self, live: LiveCall, target: Target, ending: Ending, seconds: float) -> None:
        if isinstance(ending, OutsideHours):
            return await self.sleep(seconds)
        live.queue = target.queue
        greeting = min(GREETING, seconds) if target.queue else 0
        await self.sleep(greeting)
        left, turns = seconds - greeting, itertools.cycle(target.people)
        while left > 0:
            rung = next(turns, None)
            live.called = rung.line if rung else None
            await self.sleep(min(TURN, left))
            left -= TURN
        return None

    def make_call(self, phone: str, employee: Employee) -> None:
        """`call/outgoing` of the API: answered at once and without an id, the call goes on in the background."""
        self.start(self._rings_us_first(phone, employee))

    async def employee_dials(self, employee: str, phone: str, reception: Reception | None = None) -> CallRow:
        """From the employee's own phone: as `make_call`, but nobody has to pick up first."""
        caller, start = self.office.employee(employee), self.now()
        with self._listed(LiveCall("SINGLE_CHANNEL", caller.line, phone)) as live:
            outcome = await self._dials(live, phone, reception)
        return self._record("OUTGOING", outcome, start, caller.full_number, phone, phone)

    async def _rings_us_first(self, phone: str, employee: Employee) -> CallRow:
        """An employee who does not pick up: the client's phone never rings, the call ends on the employee's."""
        start, ours = self.now(), employee.full_number
        with self._listed(LiveCall("SINGLE_CHANNEL", employee.line, phone)) as live:
            await self.sleep(PICK_UP)
            if not employee.picks_up:
                return self._record("CRM_OUTGOING", Outcome("NOT_ANSWERED_COMMON", PICK_UP), start, ours, phone, ours)
            outcome = await self._dials(live, phone)
        waited = Outcome(outcome.status, PICK_UP + outcome.wait, outcome.talk)
        return self._record("CRM_OUTGOING", waited, start, ours, phone, phone)

    async def _dials(self, live: LiveCall, phone: str, reception: Reception | None = None) -> Outcome:
        outcome = reception_outcome(reception or self.receptions.get(phone, ClientAnswers()))
        live.called = Line(phone)
        await self.sleep(outcome.wait + (outcome.talk or 0))
        return outcome

    async def inner_call(
        self, caller: str, callee: str, *, answered: bool = True, wait: float = 4, talk: float = 30
    ) -> CallRow:
        """Between employees: in the same lists as everything else, with its own type."""
        first, second, start = self.office.employee(caller), self.office.employee(callee), self.now()
        outcome = Outcome("ANSWERED_COMMON", wait, talk) if answered else Outcome("NOT_ANSWERED_COMMON", wait)
        with self._listed(LiveCall("INTERNAL", first.line, "", second.line)):
            await self.sleep(wait + (outcome.talk or 0))
        ours, theirs = first.full_number, second.full_number
        return self._record("INTERNAL", outcome, start, ours, theirs, theirs)

    def flood(self, n: int, *, to: str = "", prefix: str = "79001") -> list[CallRow]:
        """`n` different clients whom nobody answered, all of a sudden; `to` the first multichannel number."""
        target = self.office.target(to or next(iter(self.office.numbers)), "")
        start = self.now() - timedelta(seconds=FLOOD_WAIT)
        outcome, number = Outcome("NOT_ANSWERED_COMMON", FLOOD_WAIT), target.number
        clients = (f"{prefix}{client:06d}" for client in range(n))
        return [self._record(target.call_type, outcome, start, one, number, number) for one in clients]

    def start(self, story: Coroutine[object, object, object]) -> None:
        """Play in the background: `calls.start(calls.client_calls(…))`."""
        task: asyncio.Task[object] = asyncio.create_task(story)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Every story is over."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    async def stop(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    @contextmanager
    def _listed(self, live: LiveCall) -> Iterator[LiveCall]:
        """Among the calls under way; by identity, since two of them may look alike."""
        self.office.live.append(live)
        try:
            yield live
        finally:
            self.office.live[:] = [call for call in self.office.live if call is not live]

    def _record(
        self, kind: str, outcome: Outcome, start: datetime, caller: str, destination: str, callee: str
    ) -> CallRow:
        talked = outcome.talk is not None
        recorded = self.office.records_calls and (talked or self.office.quirks.unanswered_recorded)
        row = CallRow(
            id=next(self.office.ids),
            uuid=str(uuid.uuid4()),
            type=kind,
            status=outcome.status,
            start=start,
            ended=self.now(),
            caller=caller,
            destination=destination,
            callee=callee,
            duration=round(outcome.wait + (outcome.talk or 0)),
            talk=None if outcome.talk is None else round(outcome.talk),
            recording=self._file_name(start) if recorded else "",
        )
        self.office.rows.append(row)
        return row

    def _file_name(self, start: datetime) -> str:
        local = start.astimezone(self.office.zone)
        return f"{local:%Y-%m-%d}/mo_{int(start.timestamp())}{secrets.randbelow(10**8):08d}"
