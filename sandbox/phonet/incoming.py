"""A client calls: who is asked, whose phone rings, how it ends."""

from contextlib import suppress

from sandbox.phonet.legs import INCOMING, Call, HistoryRow, HungUp, Leg
from sandbox.phonet.people import Department, Employee
from sandbox.phonet.ringing import Ring, rings
from sandbox.phonet.settings import CallSettings
from sandbox.phonet.stories import BUSY, Answered, CannotHappen, Ending, HangsUp, HangsUpInMenu, NobodyAnswers
from sandbox.phonet.telling import Telling


class Incoming:
    def __init__(self, telling: Telling, settings: CallSettings) -> None:
        self.telling, self.office, self.settings = telling, telling.office, settings

    async def play(self, phone: str, to: str, ending: Ending) -> HistoryRow:
        number, target = self.office.route(to)
        client = await self.settings.client(phone, number.num)
        call = self.telling.call(INCOMING, client, number)
        with suppress(HungUp):
            if isinstance(ending, HangsUpInMenu):
                self.telling.dial(call, self.office.menu)
                await call.clock.until(ending.after)
            elif isinstance(target, Employee):
                await self._employee(call, target, ending)
            else:
                await self._department(call, target, ending)
        return self.telling.over(call)

    async def _employee(self, call: Call, employee: Employee, ending: NobodyAnswers | HangsUp | Answered) -> None:
        """One leg and no parent. A pause is heard as busy, and nothing rings."""
        if isinstance(ending, Answered) and not (employee.can_be_rung and self._answerer(ending) is employee):
            raise CannotHappen(f"{ending.by} does not receive this call")
        leg = self.telling.dial(call, employee)
        if employee.paused:
            call.disposition = BUSY
            return
        await call.clock.until(_rings_until(ending))
        if isinstance(ending, Answered):
            await self._talk(leg, ending)

    async def _department(
        self, call: Call, department: Department, ending: NobodyAnswers | HangsUp | Answered
    ) -> None:
        answerer = self._answerer(ending) if isinstance(ending, Answered) else None
        responsible, until = self._responsible(call), _rings_until(ending)
        people = self.office.rung_by(department)
        plan = rings(people, department, responsible, until, answerer)
        self.telling.dial(call, department)
        ringing = await self._ring(call, plan, until)
        answered = next((leg for leg in ringing if leg.entity is answerer), None)
        if answered is not None:
            self.telling.bridge(answered)
        for leg in ringing:
            if leg is not answered:
                self.telling.hang_up(leg)
        if answered is not None and isinstance(ending, Answered):
            await self._talk(answered, ending)

    async def _ring(self, call: Call, plan: list[Ring], until: float) -> list[Leg]:
        """Each phone from its second to its second; the legs that still ring in the end."""
        ringing: dict[Ring, Leg] = {}
        ends = {ring.stop for ring in plan if ring.stop < until}
        for at in sorted(ends | {ring.start for ring in plan}):
            await call.clock.until(at)
            for ring in plan:
                if ring.stop == at < until:
                    self.telling.hang_up(ringing.pop(ring))
            for ring in plan:
                if ring.start == at:
                    ringing[ring] = self.telling.dial(call, ring.employee)
        await call.clock.until(until)
        return list(ringing.values())

    async def _talk(self, leg: Leg, ending: Answered) -> None:
        clock, transfer = leg.call.clock, ending.transfer
        if leg.bridged is None:
            self.telling.bridge(leg)
        if transfer is None:
            await clock.until(clock.elapsed + ending.talk)
            return
        colleague = self.office.employee(transfer.to)
        await clock.until(clock.elapsed + transfer.after)
        second = self.telling.dial(leg.call, colleague)
        await clock.until(clock.elapsed + transfer.ring)
        self.telling.bridge(second)
        if leg.parent is not None:
            self.telling.hang_up(leg)
        await clock.until(clock.elapsed + transfer.talk)

    def _answerer(self, ending: Answered) -> Employee:
        """Who answers; the colleague of a transfer must be able to as well."""
        if ending.transfer is not None and not self.office.employee(ending.transfer.to).can_be_rung:
            raise CannotHappen(f"{ending.transfer.to} receives no calls")
        return self.office.employee(ending.by)

    def _responsible(self, call: Call) -> Employee | None:
        if call.client is None or call.number is None or not call.number.routes_to_responsible:
            return None
        responsible = call.client.responsible
        return responsible if responsible and responsible.can_be_rung else None


def _rings_until(ending: NobodyAnswers | HangsUp | Answered) -> float:
    return ending.ring if isinstance(ending, NobodyAnswers) else ending.after
