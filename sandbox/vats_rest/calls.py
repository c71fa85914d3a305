"""Calls as they happen: each is a story told in webhooks, and a row in the history at its end."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime

from sandbox.vats_rest import messages
from sandbox.vats_rest.messages import Leg
from sandbox.vats_rest.office import (
    ActiveCall,
    Department,
    Employee,
    HistoryRow,
    InnerRow,
    Json,
    NoSuch,
    Office,
    OurNumber,
)
from sandbox.vats_rest.ringing import Beat, beats, rings
from sandbox.vats_rest.sender import FloodReport, Sender
from sandbox.vats_rest.stories import (
    Answered,
    CannotHappen,
    ClientAnswers,
    Ending,
    HangsUp,
    HangsUpInMenu,
    NobodyAnswers,
    OutsideHours,
    Reception,
    Transfer,
    Voicemail,
    outcome,
)

PICK_UP = 3.0
#: Events that a late PBX sends after history.
LATE = ("ACCEPTED", "COMPLETED", "CANCELLED")
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
        self._sleep, self._now = sleep, now
        self._under_way: set[asyncio.Task[object]] = set()

    # A client calls us

    async def client_calls(self, phone: str, to: str, ending: Ending) -> HistoryRow | None:
        """Play one call to its end. `to` is a department, an employee or one of our numbers.

        `phone` is "" for a hidden number. None: the PBX let nobody hear of it (blacklist, number off).
        """
        number, department, people = self._route(to)
        if self._is_blocked(phone) or not number.enabled:
            return None
        leg = Leg(self.office.new_callid(), "in", phone, number, department, self._now())
        match ending:
            case OutsideHours(listens):
                return await self._only_hears(leg, "Missed", "offtime", listens)
            case HangsUpInMenu(after, where):
                return await self._only_hears(leg, "Cancel", where, after)
            case NobodyAnswers(ring):
                return await self._unanswered(leg, people, "Missed", ring)
            case HangsUp(after):
                return await self._unanswered(leg, people, "Cancel", after)
            case Voicemail(ring, message):
                return await self._unanswered(leg, people, "Missed", ring, message)
            case Answered():
                return await self._answered(leg, people, ending)

    def start(self, story: Coroutine[object, object, object]) -> None:
        """Play in the background: `calls.start(calls.client_calls(…))`."""
        task = asyncio.ensure_future(story)
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

    def _route(self, to: str) -> tuple[OurNumber, Department | None, list[Employee]]:
        office = self.office
        if to in office.numbers:
            number = office.number(to)
            where = number.work or {} if number.type == "scheduler" else {}
            target = where.get("group") or where.get("user") or number.user or number.group
            user, group = where.get("user") or number.user, where.get("group") or number.group
            if (where.get("type") or number.type) == "user":
                target = user
            elif group:
                target = group
            _, department, people = self._route(str(target))
            return number, department, people
        try:
            department = office.department(to)
        except NoSuch:
            employee = office.employee(to)
            number = self._number_of("user", employee.login)
            return number, None, [employee] if employee.can_be_rung else []
        return self._number_of("group", department.id), department, office.rung_by(department)

    def _number_of(self, kind: str, name: str) -> OurNumber:
        """The number whose route leads there, else the main one."""
        for number in self.office.numbers.values():
            if name == (number.work or {}).get(kind) or (number.type == kind and name == getattr(number, kind)):
                return number
        return self.office.main_number

    def _is_blocked(self, phone: str) -> bool:
        if not phone:
            return self.office.block_anonymous
        ban = self.office.ban_on(phone)
        if ban is not None:
            ban.blocked.append(self._now())
        return ban is not None

    async def _asks_who_calls(self, leg: Leg) -> Employee | None:
        """Whom the program's answer to `contact` names, if calls are routed so and the person can be rung."""
        if not leg.phone:
            return None
        answer = self.contacts[leg.callid] = await self.sender.ask(messages.contact(leg))
        employee = self.office.responsible(str(answer.get("responsible") or ""))
        return employee if employee and employee.can_be_rung and leg.number.crm else None

    async def _only_hears(self, leg: Leg, status: str, destination: str, seconds: float) -> HistoryRow:
        await self._asks_who_calls(leg)
        self._begin(leg)
        await self._sleep(seconds)
        bare = Leg(leg.callid, leg.direction, leg.phone, leg.number, None, leg.start)
        return self._end(bare, status, wait=seconds, destination=destination)

    async def _unanswered(
        self, leg: Leg, people: list[Employee], status: str, ring: float, message: float = 0
    ) -> HistoryRow:
        responsible = await self._asks_who_calls(leg)
        self._begin(leg)
        late = await self._play(leg, beats(rings(people, leg.department, responsible, ring, None), ring, None))
        await self._sleep(message)
        user = "" if leg.department else people[0].login if people else ""
        destination = "vm" if message else "group" if leg.department else "user"
        row = self._end(leg, status, wait=ring + message, destination=destination, user=user)
        self._say_late(leg, late)
        return row

    async def _answered(self, leg: Leg, people: list[Employee], ending: Answered) -> HistoryRow:
        login = self.office.employee(ending.by).login
        ending = Answered(login, ending.after, ending.talk, ending.transfer, ending.destination)
        responsible = await self._asks_who_calls(leg)
        able = people if responsible is None or responsible in people else [*people, responsible]
        planned = rings(able, leg.department, responsible, ending.after, ending)
        self._begin(leg)
        late = await self._play(leg, beats(planned, ending.after, ending))
        if ending.transfer is not None:
            return await self._transferred(leg, ending, ending.transfer, late)
        talk = ending.talk
        row = self._end(
            leg,
            "Success",
            wait=ending.after,
            talk=talk,
            destination=ending.destination,
            user=login,
        )
        self._say_late(leg, late)
        return row

    async def _transferred(self, leg: Leg, ending: Answered, transfer: Transfer, late: list[Beat]) -> HistoryRow:
        """Blind: a second call id, which TRANSFERRED names. Attended: the same id, another employee."""
        colleague = self.office.employee(transfer.to)
        if not colleague.can_be_rung:
            raise CannotHappen(f"{colleague.login} receives no calls")
        await self._sleep(transfer.after)
        second = self.office.new_callid() if transfer.blind else leg.callid
        following = Leg(second, "in", leg.phone, leg.number, leg.department, self._now(), leg.callid)
        self._event(leg, "TRANSFERRED", ending.by, second if transfer.blind else "")
        if transfer.blind:
            self._event(leg, "COMPLETED", ending.by)
            first = self._end(
                leg,
                "Success",
                wait=ending.after,
                talk=transfer.after,
                destination="user",
                user=ending.by,
            )
            self._begin(following)
        self._event(following, "INCOMING", colleague.login)
        await self._sleep(transfer.ring)
        self._event(following, "ACCEPTED" if transfer.answered else "CANCELLED", colleague.login)
        talk = transfer.talk if transfer.answered else 0
        await self._sleep(talk)
        if transfer.answered:
            self._event(following, "COMPLETED", colleague.login)
        status = "Success" if transfer.answered or not transfer.blind else "Missed"
        if transfer.blind:
            self._end(following, status, wait=transfer.ring, talk=talk, destination="user", user=colleague.login)
            return first
        if not transfer.answered:
            self._event(leg, "COMPLETED", ending.by)
        return self._end(
            leg,
            "Success",
            wait=ending.after,
            talk=transfer.after + transfer.ring + talk,
            destination="user",
            user=colleague.login if transfer.answered else ending.by,
            first_user=ending.by,
        )

    # We call a client

    def make_call(self, phone: str, logins: list[str], *, group: str = "", clid: str = "") -> str:
        """`makecall` of the API: returns at once, the call goes on in the background."""
        office = self.office
        number = office.numbers.get(clid) or office.numbers.get(office.caller_ids.main) or office.main_number
        department = office.departments.get(group)
        leg = Leg(office.new_callid(), "out", phone, number, department, self._now())
        self._begin(leg)
        self.start(self._rings_us_first(leg, logins))
        return leg.callid

    async def employee_dials(self, login: str, phone: str, reception: Reception | None = None) -> HistoryRow:
        """From a desk phone: as makecall, but nobody has to pick up first."""
        office = self.office
        number = office.numbers.get(office.caller_ids.main) or office.main_number
        leg = Leg(office.new_callid(), "out", phone, number, None, self._now())
        self._begin(leg)
        return await self._dials(leg, office.employee(login).login, 0, reception)

    async def _rings_us_first(self, leg: Leg, logins: list[str]) -> HistoryRow:
        """Who receives no calls is not rung, and the client hears nothing of it: the call is a Cancel."""
        able = [login for login in logins if self.office.employee(login).can_be_rung]
        if not able:
            return self._end(leg, "Cancel", wait=0, user=logins[0] if logins else "")
        await self._sleep(PICK_UP)
        return await self._dials(leg, able[0], PICK_UP)

    async def _dials(self, leg: Leg, login: str, before: float, reception: Reception | None = None) -> HistoryRow:
        status, after, talk = outcome(reception or self.receptions.get(leg.phone, ClientAnswers()))
        self._event(leg, "OUTGOING", login)
        answered = status == "Success"
        ends = [Beat(after, "ACCEPTED", login), Beat(after + talk, "COMPLETED", login)]
        late = await self._play(leg, ends if answered else [Beat(after, "CANCELLED", login)])
        row = self._end(leg, status, wait=before + after, talk=talk, user=login)
        self._say_late(leg, late)
        return row

    async def inner_call(
        self, caller: str, callee: str, *, answered: bool = True, wait: float = 4, talk: float = 30
    ) -> InnerRow:
        """Between employees: no webhook speaks of it, only the inner history does."""
        start = self._now()
        first, second = (self.office.employee(name).login for name in (caller, callee))
        talk = talk if answered else 0
        await self._sleep(wait + talk)
        status = "success" if answered else "noanswer"
        row = InnerRow(self.office.new_callid(), status, first, second, start, round(wait), round(talk), self._now())
        self.office.inner_history.append(row)
        return row

    # What else the PBX tells

    def rate(self, callid: str, stars: int) -> None:
        """The client pressed a key after the talk."""
        row = self.office.row(callid)
        if row is None:
            raise NoSuch(f"no call {callid}")
        row.rating = stars
        self.sender.post(messages.rating(self.office, row, stars))

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
        """`n` different clients whom nobody answered, all of a sudden: one `history` each."""
        number, department, _ = self._route(to or self.office.main_number.telnum)
        legs = (
            Leg(self.office.new_callid(), "in", f"{prefix}{client:06d}", number, department, self._now())
            for client in range(n)
        )
        bodies = (
            messages.history(self.office, leg, self._record(leg, "Missed", FLOOD_WAIT, "group"), calls_back=False)
            for leg in legs
        )
        return await self.sender.flood(bodies, per_second)

    # How it is told

    def _begin(self, leg: Leg) -> None:
        self.office.calls[leg.callid] = ActiveCall(leg.callid, leg.direction, leg.phone, leg.number.telnum, leg.start)

    async def _play(self, leg: Leg, plan: list[Beat]) -> list[Beat]:
        """Each event at its second; those that this PBX sends late are handed back."""
        at, late = 0.0, []
        for beat in plan:
            if beat.at > at:
                await self._sleep(beat.at - at)
                at = beat.at
            if self.office.quirks.events_after_history and beat.kind in LATE:
                late.append(beat)
            else:
                self._event(leg, beat.kind, beat.login)
        return late

    def _say_late(self, leg: Leg, late: list[Beat]) -> None:
        for beat in late:
            self._event(leg, beat.kind, beat.login)

    def _event(self, leg: Leg, kind: str, login: str, second_callid: str = "") -> None:
        active = self.office.calls.get(leg.callid)
        if active is not None:
            active.ringing = [other for other in active.ringing if other != login]
            active.ringing += [login] if kind in ("INCOMING", "OUTGOING") else []
            active.talking = login if kind == "ACCEPTED" else active.talking
        self.sender.post(messages.event(self.office, leg, kind, login, second_callid), lane=leg.lane)

    def _end(
        self,
        leg: Leg,
        status: str,
        *,
        wait: float,
        talk: float = 0,
        destination: str = "",
        user: str = "",
        first_user: str = "",
    ) -> HistoryRow:
        calls_back = leg.direction == "out" and messages.owes_a_call(self.office, leg.phone)
        row = self._record(leg, status, wait, destination, talk, user, first_user)
        self.office.calls.pop(leg.callid, None)
        self.sender.post(messages.history(self.office, leg, row, calls_back=calls_back), lane=leg.lane)
        return row

    def _record(
        self,
        leg: Leg,
        status: str,
        wait: float,
        destination: str,
        talk: float = 0,
        user: str = "",
        first_user: str = "",
    ) -> HistoryRow:
        office = self.office
        recorded = status == "Success" and talk > 0 and office.recorded(user)
        row = HistoryRow(
            leg.callid,
            leg.direction,
            status,
            leg.phone,
            leg.number.telnum,
            leg.start,
            round(wait),
            round(talk),
            self._now(),
            telnum_name=leg.number.name,
            destination=destination,
            user=user,
            first_user=first_user,
            group=leg.department.id if leg.department else "",
            record=f"{office.base_url}/records/{leg.callid}.mp3" if recorded else "",
        )
        office.history.append(row)
        return row
