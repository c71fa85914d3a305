"""How a call is told: each leg dialled, bridged and hung up, with its event and, at the end, its row."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sandbox.phonet import messages
from sandbox.phonet.legs import INCOMING, OUTGOING, Call, CallClock, Client, HistoryRow, Json, Leg
from sandbox.phonet.messages import Visit
from sandbox.phonet.office import Office, new_uuid
from sandbox.phonet.people import Entity, OurNumber
from sandbox.phonet.sender import Sender
from sandbox.phonet.stories import ANSWERED


class Telling:
    def __init__(
        self,
        office: Office,
        sender: Sender,
        sleep: Callable[[float], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self.office, self.sender, self.sleep, self.now = office, sender, sleep, now
        #: Clients who came from our site, by number.
        self.visits: dict[str, Visit] = {}
        #: Labels that wait for the next minute's post.
        self.labels: list[Json] = []

    def call(self, direction: int, client: Client | None = None, number: OurNumber | None = None) -> Call:
        tried = [number.num] if number else []
        return Call(direction, client, number, CallClock(self.sleep, self.now), tried=tried)

    def dial(
        self, call: Call, entity: Entity, entity2: Entity | None = None, *, uuid: str = "", silent: bool = False
    ) -> Leg:
        """The first leg dialled is the call as a whole, the later ones are its children."""
        parent = call.whole if call.legs else None
        leg = Leg(call, uuid or new_uuid(), parent, entity, entity2, call.clock.at)
        call.legs.append(leg)
        self.office.active[leg.uuid] = leg
        if not silent:
            self._say(leg, "call.dial")
        return leg

    def bridge(self, leg: Leg) -> None:
        """A child that is bridged bridges the call as a whole, once."""
        call = leg.call
        call.disposition = ANSWERED
        if leg.entity.ext:
            call.taken_by.append(leg.entity.ext)
        for each in dict.fromkeys((leg, call.whole)):
            if each.bridged is None:
                each.bridged = call.clock.at
                self._say(each, "call.bridge")

    def hang_up(self, leg: Leg, *, silent: bool = False) -> HistoryRow:
        row = self._row(leg)
        self.office.history.append(row)
        self.office.active.pop(leg.uuid, None)
        if not silent:
            self._say(leg, "call.hangup")
        return row

    def over(self, call: Call, *, silent: bool = False) -> HistoryRow:
        """Whatever still rings or talks is hung up, the call as a whole last."""
        for child in call.legs[1:]:
            if child.uuid in self.office.active:
                self.hang_up(child, silent=silent)
        row = self.hang_up(call.whole, silent=silent)
        visit = self.visits.get(row.client)
        if visit is not None and call.direction == INCOMING:
            self._label(call, visit, row)
        return row

    def _label(self, call: Call, visit: Visit, row: HistoryRow) -> None:
        own = {leg.uuid for leg in call.legs}
        before = any(each.client == row.client and each.uuid not in own for each in self.office.history)
        label = messages.utm_label(self.office, visit, row, call.clock.began, first_call=not before)
        self.labels.append(label)

    def event(self, leg: Leg, name: str) -> Json:
        leg.last_event = name
        return messages.event(self.office, leg, name, self.now())

    def _say(self, leg: Leg, name: str) -> None:
        if messages.is_told(self.office, leg, name):
            body = self.event(leg, name)
            for _ in range(1 + self.office.quirks.repeats):
                self.sender.post(body, lane=leg.call.whole.uuid)

    def _row(self, leg: Leg) -> HistoryRow:
        call, at = leg.call, leg.call.clock.at
        client = call.client
        answered = leg.bridged is not None
        unanswered = call.disposition if leg is call.whole and call.disposition != ANSWERED else 1
        return HistoryRow(
            uuid=leg.uuid,
            parent_uuid=leg.parent.uuid if leg.parent else None,
            direction=call.direction,
            client=client.num if client else "",
            client_name=client.name if client else "",
            entity=leg.entity,
            entity2=leg.entity2,
            end_at=at,
            ended=self.now(),
            bill_secs=round((at - leg.bridged).total_seconds()) if leg.bridged else 0,
            duration=round((at - leg.dialled).total_seconds()),
            disposition=ANSWERED if answered else unanswered,
            transfer_history=_transfers(leg) if client and answered else None,
            trunk=_trunk(call),
        )


def _transfers(leg: Leg) -> str | None:
    own = [leg.entity.ext] if leg.parent and leg.entity.ext else leg.call.taken_by
    return " > ".join(own) or None


def _trunk(call: Call) -> str | None:
    """An outgoing call names every line it was tried from: `o=380442249895;`."""
    if call.direction == OUTGOING:
        return "".join(f"o={num.lstrip('+')};" for num in call.tried)
    return call.number.num if call.number else None
