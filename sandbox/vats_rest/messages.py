"""The webhook bodies of section 2, as this PBX with its quirks words them."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.vats_rest.history import STAMP, statuses
from sandbox.vats_rest.lines import SipRegistration
from sandbox.vats_rest.office import Department, HistoryRow, Json, Office, OurNumber, Subscription

MINIMAL_HISTORY = ("cmd", "status", "callid", "phone", "groupRealName", "wait", "duration")
CALL_BACK = 2


@dataclass(frozen=True)
class Leg:
    """What all messages about one call id share."""

    callid: str
    direction: str
    phone: str
    number: OurNumber
    department: Department | None
    start: datetime
    #: The call whose webhooks go out in one line with these: its own id, or the call it was transferred from.
    follows: str = ""

    @property
    def lane(self) -> str:
        return self.follows or self.callid


def _person(office: Office, login: str) -> Json:
    employee = office.employees.get(login)
    if employee is None:
        return {}
    found: Json = {"ext": employee.ext}
    return {**found, "telnum": employee.telnum} if employee.telnum else found


def _department(leg: Leg) -> Json:
    return {"groupRealName": leg.department.name} if leg.department else {}


def event(office: Office, leg: Leg, kind: str, login: str, second_callid: str = "") -> Json:
    body: Json = {"cmd": "event", "type": kind, "callid": leg.callid, "phone": leg.phone, "user": login}
    if not office.quirks.omit_optional:
        body |= {"direction": leg.direction, "diversion": leg.number.telnum}
        body |= {"telnum_name": leg.number.name} if leg.number.name else {}
    body |= _department(leg) | _person(office, login)
    return {**body, "second_callid": second_callid} if second_callid else body


def contact(leg: Leg) -> Json:
    return {"cmd": "contact", "phone": leg.phone, "callid": leg.callid, "diversion": leg.number.telnum}


def history(office: Office, leg: Leg, row: HistoryRow, *, calls_back: bool) -> Json:
    """`duration` is the whole call here, while the export's is the talk alone."""
    quirks = office.quirks
    body: Json = {
        "cmd": "history",
        "type": row.type,
        "status": _status(office, row.status),
        "callid": row.uid,
        "phone": row.client,
        "user": row.user or (quirks.department_user if leg.department else ""),
        "start": row.start.strftime(STAMP),
        "duration": row.wait + row.duration,
    }
    if not quirks.omit_optional:
        body |= {"diversion": row.diversion}
        body |= {"telnum_name": row.telnum_name} if row.telnum_name else {}
    body |= _department(leg) | _person(office, row.user)
    body |= {"link": row.record} if row.record else {}
    if quirks.field_extras or quirks.minimal_history:
        body["wait"] = row.wait
    if quirks.field_extras and calls_back:
        body["missedStatus"] = CALL_BACK
    if quirks.minimal_history:
        return {name: body[name] for name in MINIMAL_HISTORY if name in body}
    return body


def _status(office: Office, status: str) -> str:
    return {"table": status, "upper": status.upper(), "lower": status.lower()}[office.quirks.status_case]


def owes_a_call(office: Office, phone: str) -> bool:
    """Whether a missed call of the client is neither returned nor made good."""
    mine = (row for row in office.history if row.client == phone)
    return bool(phone) and bool({3, 4} & set(statuses(mine).values()))


def rating(office: Office, row: HistoryRow, stars: int) -> Json:
    body: Json = {"cmd": "rating", "phone": row.client, "callid": row.uid, "rating": stars, "user": row.user}
    employee = office.employees.get(row.user)
    return {**body, "ext": employee.ext} if employee else body


def registration_lost(to: Subscription, line: SipRegistration) -> Json:
    data = {"telnum": line.telnum, "name": line.name, "domain": line.domain}
    return {"cmd": "webhook", "type": to.type, "id": to.id, "data": data}
