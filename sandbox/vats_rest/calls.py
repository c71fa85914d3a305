"""Everything that happens on the phones: clients calling, us calling clients, and what else the PBX tells."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime

from sandbox.vats_rest import messages
from sandbox.vats_rest.incoming import Incoming
from sandbox.vats_rest.messages import Leg
from sandbox.vats_rest.office import HistoryRow, InnerRow, Json, NoSuch, Office, OurNumber
from sandbox.vats_rest.ringing import Beat
from sandbox.vats_rest.sender import FloodReport, Sender
from sandbox.vats_rest.stories import ClientAnswers, Ending, Reception, outcome
from sandbox.vats_rest.telling import Telling

#: How long an employee takes to pick up when `makecall` rings.
PICK_UP = 3.0
FLOOD_WAIT = 20


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
        #: What the program answered to `contact`, by call id; {} is an unknown client.
        self.contacts: dict[str, Json] = {}
        self.telling = Telling(office, sender, sleep, now)
        self._incoming = Incoming(self.telling, self.contacts)
        self._under_way: set[asyncio.Task[object]] = set()

    async def client_calls(self, phone: str, to: str, ending: Ending) -> HistoryRow | None:
        """Play one call to its end. `to` is a department, an employee or one of our numbers.

        `phone` is "" for a hidden number. None: the PBX let nobody hear of it (blacklist, number off).
        Raises CannotHappen when the story contradicts the company's state.
        """
        return await self._incoming.play(phone, to, ending)

    def start(self, story: Coroutine[object, object, object]) -> None:
        """Play in the background: `calls.start(calls.client_calls(…))`."""
        task: asyncio.Task[object] = asyncio.create_task(story)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Every story is over and all its webhooks were delivered or given up."""
        while self._under_way:
            await asyncio.gather(*self._under_way)
        await self.sender.drained()

    async def stop(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def make_call(self, phone: str, logins: list[str], *, group: str = "", clid: str = "") -> str:
        """`makecall` of the API: returns the call's id at once, the call goes on in the background."""
        number = self.office.numbers.get(clid) or self._outgoing_number
        leg = self.telling.leg("out", phone, number, self.office.departments.get(group))
        self.telling.begin(leg)
        self.start(self._rings_us_first(leg, logins))
        return leg.callid

    async def employee_dials(self, login: str, phone: str, reception: Reception | None = None) -> HistoryRow:
        """From a desk phone: as makecall, but nobody has to pick up first."""
        employee = self.office.employee(login)
        leg = self.telling.leg("out", phone, self._outgoing_number)
        self.telling.begin(leg)
        return await self._dials(leg, employee.login, 0, reception)

    @property
    def _outgoing_number(self) -> OurNumber:
        return self.office.numbers.get(self.office.caller_ids.main) or self.office.main_number

    async def _rings_us_first(self, leg: Leg, logins: list[str]) -> HistoryRow:
        """Who receives no calls is not rung, and the client hears nothing of it: the call is a Cancel."""
        able = [login for login in logins if self.office.employee(login).can_be_rung]
        if not able:
            return self.telling.end(leg, "Cancel", wait=0, user=logins[0] if logins else "")
        await self.telling.sleep(PICK_UP)
        return await self._dials(leg, able[0], PICK_UP)

    async def _dials(self, leg: Leg, login: str, before: float, reception: Reception | None = None) -> HistoryRow:
        telling = self.telling
        status, after, talk = outcome(reception or self.receptions.get(leg.phone, ClientAnswers()))
        telling.event(leg, "OUTGOING", login)
        answered = [Beat(after, "ACCEPTED", login), Beat(after + talk, "COMPLETED", login)]
        late = await telling.play(leg, answered if status == "Success" else [Beat(after, "CANCELLED", login)])
        row = telling.end(leg, status, wait=before + after, talk=talk, user=login)
        telling.say_late(leg, late)
        return row

    async def inner_call(
        self, caller: str, callee: str, *, answered: bool = True, wait: float = 4, talk: float = 30
    ) -> InnerRow:
        """Between employees: no webhook speaks of it, only the inner history does."""
        start = self.telling.now()
        first, second = (self.office.employee(name).login for name in (caller, callee))
        talk = talk if answered else 0
        await self.telling.sleep(wait + talk)
        status, ended = "success" if answered else "noanswer", self.telling.now()
        callid = self.office.new_callid()
        row = InnerRow(callid, status, first, second, start, round(wait), round(talk), ended)
        self.office.inner_history.append(row)
        return row

    def rate(self, callid: str, stars: int) -> None:
        """The client pressed a key after the talk."""
        row = self.office.row(callid)
        if row is None:
            raise NoSuch(f"no call {callid}")
        row.rating = stars
        self.sender.post(messages.rating(self.office, row, stars), lane=callid)

    def sip_registration_lost(self, telnum: str) -> int:
        """Tells every subscription; the number of them."""
        line = self.office.sip_registrations[telnum]
        line.status = "error"
        told = [s for s in self.office.subscriptions.values() if s.type == "sipregs_error"]
        for subscription in told:
            self.sender.post(messages.registration_lost(subscription, line), url=subscription.url)
        return len(told)

    async def flood(
        self, n: int, per_second: float | None = None, *, to: str = "", prefix: str = "79001"
    ) -> FloodReport:
        """`n` different clients whom nobody answered, all of a sudden: one `history` each, all exported."""
        number, department, _ = self._incoming.route(to or self.office.main_number.telnum)
        telling = self.telling
        legs = (telling.leg("in", f"{prefix}{client:06d}", number, department) for client in range(n))
        rows = ((leg, telling.record(leg, "Missed", FLOOD_WAIT, "group")) for leg in legs)
        bodies = (messages.history(self.office, leg, row, calls_back=False) for leg, row in rows)
        return await self.sender.flood(bodies, per_second)
