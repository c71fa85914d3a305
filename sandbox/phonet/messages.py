"""What Phonet posts: the events, `call.settings`, the UTM labels, and the active calls that look like events."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.phonet.contacts import digits
from sandbox.phonet.legs import HistoryRow, Json, Leg
from sandbox.phonet.office import Office
from sandbox.phonet.people import Department, Entity
from sandbox.phonet.quirks import TimeUnit

NOT_SET = "(not set)"


def stamp(at: datetime | None, unit: TimeUnit) -> int | None:
    if at is None:
        return None
    return round(at.timestamp() * 1000) if unit == "ms" else int(at.timestamp())


def millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def person(entity: Entity | None) -> Json | None:
    return None if entity is None else {"id": entity.id, "ext": entity.ext, "displayName": entity.name}


def is_department_parent(leg: Leg) -> bool:
    return isinstance(leg.entity, Department)


def is_told(office: Office, leg: Leg, name: str) -> bool:
    if not is_department_parent(leg):
        return True
    return office.quirks.parent_events and (name != "call.bridge" or office.quirks.parent_bridges)


def event(office: Office, leg: Leg, name: str, now: datetime) -> Json:
    quirks = office.quirks
    body: Json = {"event": name, "accountDomain": office.domain, **_leg(office, leg)}
    if quirks.server_time:
        body["serverTime"] = stamp(now, quirks.event_times)
    return {**body, "reserved": None} if quirks.extra_fields else body


def active(office: Office, leg: Leg) -> Json:
    """A row of `/rest/calls/active/v3`, where the manual's example has the client's id as text."""
    row = _leg(office, leg)
    cards = leg.call.client.cards if leg.call.client else None
    as_text = cards and [{**card, "id": str(card["id"]) if card["id"] else None} for card in cards]
    return {**row, "lastEvent": leg.last_event, "otherLegs": as_text}


def _leg(office: Office, leg: Leg) -> Json:
    call, unit = leg.call, office.quirks.event_times
    hidden = is_department_parent(leg) and not office.quirks.parent_bridges
    return {
        "uuid": leg.uuid,
        "parentUuid": leg.parent.uuid if leg.parent else None,
        "dialAt": stamp(leg.dialled, unit),
        "bridgeAt": None if hidden else stamp(leg.bridged, unit),
        "lgDirection": call.direction,
        "leg": person(leg.entity),
        "leg2": person(leg.entity2),
        "otherLegs": call.client.cards if call.client else None,
        "trunkNum": call.number.num if call.number else None,
        "trunkName": call.number.name if call.number else None,
    }


def settings(phone: str, trunk: str | None) -> Json:
    """`trunkNum` goes only with an incoming call."""
    body: Json = {"request": "call.settings", "otherLegNum": phone}
    return {**body, "trunkNum": trunk} if trunk else body


@dataclass(frozen=True)
class Visit:
    """How a client came to our site before calling."""

    source: str = "google"
    medium: str = "cpc"
    campaign: str = NOT_SET
    content: str = NOT_SET
    term: str = NOT_SET
    google_client_id: str = "1000000000.1000000000"
    client_ip: str = "192.0.2.1"
    referrer: str = NOT_SET


def utm_label(office: Office, visit: Visit, row: HistoryRow, began: datetime, *, first_call: bool) -> Json:
    body: Json = {
        "utmSource": visit.source,
        "utmMedium": visit.medium,
        "utmCampaign": visit.campaign,
        "utmContent": visit.content,
        "utmTerm": visit.term,
        "googleClientId": visit.google_client_id,
        "clientIp": visit.client_ip,
        "referrer": visit.referrer,
        "otherLegNum": row.client,
        "trunkSource": digits(row.trunk or ""),
        "label": "callcatcher\n firstcall" if first_call else "callcatcher\n",
        "callDate": millis(row.end_at),
        "callStart": millis(began),
        "callParentUuid": row.uuid,
    }
    return {**body, "reserved": None} if office.quirks.extra_fields else body
