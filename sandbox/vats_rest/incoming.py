"""A client calls: who is asked, whose phone rings, how it ends."""

from dataclasses import replace

from sandbox.vats_rest import messages, transfers
from sandbox.vats_rest.messages import Leg
from sandbox.vats_rest.office import Department, Employee, HistoryRow, Json, NoSuch, OurNumber
from sandbox.vats_rest.ringing import beats, rings
from sandbox.vats_rest.stories import (
    Answered,
    CannotHappen,
    Ending,
    HangsUp,
    HangsUpInMenu,
    NobodyAnswers,
    OutsideHours,
    Voicemail,
)
from sandbox.vats_rest.telling import Telling


class Incoming:
    def __init__(self, telling: Telling, contacts: dict[str, Json]) -> None:
        self.telling, self.office, self.contacts = telling, telling.office, contacts

    async def play(self, phone: str, to: str, ending: Ending) -> HistoryRow | None:
        number, department, people = self.route(to)
        if self._is_blocked(phone) or not number.enabled:
            return None
        leg = self.telling.leg("in", phone, number, department)
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
                return await self._answered(leg, people, self._by_login(ending))

    def route(self, to: str) -> tuple[OurNumber, Department | None, list[Employee]]:
        """Our number that is dialled, the department behind it if there is one, and whom it rings."""
        office = self.office
        if to in office.numbers:
            number = office.number(to)
            _, department, people = self.route(_target(number))
            return number, department, people
        try:
            department = office.department(to)
        except NoSuch:
            employee = office.employee(to)
            return self._number_of(employee.login), None, office.rung_directly(employee)
        return self._number_of(department.id), department, office.rung_by(department)

    def _number_of(self, target: str) -> OurNumber:
        leading = (n for n in self.office.numbers.values() if _target(n) == target)
        return next(leading, self.office.main_number)

    def _is_blocked(self, phone: str) -> bool:
        if not phone:
            return self.office.block_anonymous
        ban = self.office.ban_on(phone)
        if ban is not None:
            ban.blocked.append(self.telling.now())
        return ban is not None

    async def _asks_who_calls(self, leg: Leg) -> Employee | None:
        """Whom the program's answer to `contact` names, if calls are routed so and the person can be rung."""
        if not leg.phone:
            return None
        answer = self.contacts[leg.callid] = await self.telling.sender.ask(messages.contact(leg))
        employee = self.office.responsible(str(answer.get("responsible") or ""))
        return employee if employee and employee.can_be_rung and leg.number.crm else None

    async def _only_hears(self, leg: Leg, status: str, destination: str, seconds: float) -> HistoryRow:
        """A recorded voice: no phone rings, no department is named."""
        await self._asks_who_calls(leg)
        self.telling.begin(leg)
        await self.telling.sleep(seconds)
        return self.telling.end(replace(leg, department=None), status, wait=seconds, destination=destination)

    async def _unanswered(
        self, leg: Leg, people: list[Employee], status: str, ring: float, message: float = 0
    ) -> HistoryRow:
        telling, responsible = self.telling, await self._asks_who_calls(leg)
        telling.begin(leg)
        plan = beats(rings(people, leg.department, responsible, ring, None), ring, None)
        late = await telling.play(leg, plan)
        await telling.sleep(message if plan else message + ring)
        user = "" if leg.department or not people else people[0].login
        destination = "vm" if message else "group" if leg.department else "user"
        row = telling.end(leg, status, wait=ring + message, destination=destination, user=user)
        telling.say_late(leg, late)
        return row

    async def _answered(self, leg: Leg, people: list[Employee], ending: Answered) -> HistoryRow:
        telling, responsible = self.telling, await self._asks_who_calls(leg)
        able = people if responsible is None or responsible in people else [*people, responsible]
        plan = beats(rings(able, leg.department, responsible, ending.after, ending), ending.after, ending)
        telling.begin(leg)
        late = await telling.play(leg, plan)
        if ending.transfer is not None:
            follow = transfers.blind if ending.transfer.blind else transfers.attended
            row = await follow(telling, leg, ending, ending.transfer)
        else:
            row = telling.end(
                leg,
                "Success",
                wait=ending.after,
                talk=ending.talk,
                destination=ending.destination,
                user=ending.by,
            )
        telling.say_late(leg, late)
        return row

    def _by_login(self, ending: Answered) -> Answered:
        """Extensions made logins; a colleague who can't be rung makes no transfer."""
        transfer = ending.transfer
        if transfer is not None:
            colleague = self.office.employee(transfer.to)
            if not colleague.can_be_rung:
                raise CannotHappen(f"{colleague.login} receives no calls")
            transfer = replace(transfer, to=colleague.login)
        return replace(ending, by=self.office.employee(ending.by).login, transfer=transfer)


def _target(number: OurNumber) -> str:
    """The employee or department that the number's route (in working hours) leads to."""
    if number.type == "scheduler":
        work = number.work or {}
        return str(work.get("user") if work.get("type") == "user" else work.get("group") or "")
    return number.user if number.type == "user" else number.group
