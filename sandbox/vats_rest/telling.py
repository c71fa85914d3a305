"""How a call is told: its events at their seconds, its row in the history, its `history` at the end."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sandbox.vats_rest import messages
from sandbox.vats_rest.messages import Leg
from sandbox.vats_rest.office import ActiveCall, Department, HistoryRow, Office, OurNumber
from sandbox.vats_rest.ringing import Beat
from sandbox.vats_rest.sender import Sender

#: Events that a late PBX sends after history.
LATE = ("ACCEPTED", "COMPLETED", "CANCELLED")


class Telling:
    def __init__(
        self,
        office: Office,
        sender: Sender,
        sleep: Callable[[float], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self.office, self.sender, self.sleep, self.now = office, sender, sleep, now

    def leg(
        self,
        direction: str,
        phone: str,
        number: OurNumber,
        department: Department | None = None,
        follows: str = "",
    ) -> Leg:
        return Leg(self.office.new_callid(), direction, phone, number, department, self.now(), follows)

    def begin(self, leg: Leg) -> None:
        self.office.calls[leg.callid] = ActiveCall(leg.callid, leg.direction, leg.phone, leg.number.telnum, leg.start)

    async def play(self, leg: Leg, plan: list[Beat]) -> list[Beat]:
        """Each event at its second; those that this PBX sends late are handed back."""
        at, late = 0.0, []
        for beat in plan:
            if beat.at > at:
                await self.sleep(beat.at - at)
                at = beat.at
            if self.office.quirks.events_after_history and beat.kind in LATE:
                late.append(beat)
            else:
                self.event(leg, beat.kind, beat.login)
        return late

    def say_late(self, leg: Leg, late: list[Beat]) -> None:
        for beat in late:
            self.event(leg, beat.kind, beat.login)

    def event(self, leg: Leg, kind: str, login: str, second_callid: str = "") -> None:
        active = self.office.calls.get(leg.callid)
        if active is not None:
            active.ringing = [other for other in active.ringing if other != login]
            active.ringing += [login] if kind in ("INCOMING", "OUTGOING") else []
            active.talking = login if kind == "ACCEPTED" else active.talking
        self.sender.post(messages.event(self.office, leg, kind, login, second_callid), lane=leg.lane)

    def end(
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
        row = self.record(leg, status, wait, destination, talk, user, first_user)
        self.office.calls.pop(leg.callid, None)
        self.sender.post(messages.history(self.office, leg, row, calls_back=calls_back), lane=leg.lane)
        return row

    def record(
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
            self.now(),
            telnum_name=leg.number.name,
            destination=destination,
            user=user,
            first_user=first_user,
            group=leg.department.id if leg.department else "",
            record=f"{office.base_url}/records/{leg.callid}.mp3" if recorded else "",
        )
        office.history.append(row)
        return row
