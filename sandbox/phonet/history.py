"""The call lists: which rows `company.api`, `users.api` and `missed.api` hold, and how a row looks. Newest first."""

from collections.abc import Iterable
from datetime import datetime

from sandbox.phonet.legs import INCOMING, HistoryRow, Json
from sandbox.phonet.messages import millis, person, stamp
from sandbox.phonet.office import Office
from sandbox.phonet.people import Department, Employee, Entity
from sandbox.phonet.stories import ANSWERED


def company(office: Office) -> list[HistoryRow]:
    """Calls as the company had them: one row each, whoever's phone rang. Pauses are not among them."""
    return [row for row in reversed(office.history) if row.direction <= INCOMING and _of_company(office, row)]


def users(office: Office) -> list[HistoryRow]:
    """Every employee's own: each phone that rang, and the pauses."""
    return [row for row in reversed(office.history) if isinstance(row.entity, Employee)]


def missed(office: Office) -> list[HistoryRow]:
    """The last unanswered call of each client whom nobody has talked to since."""
    owed: dict[str, HistoryRow] = {}
    for row in office.history:
        if row.parent_uuid or not row.client:
            continue
        if row.disposition == ANSWERED or row.direction == INCOMING:
            owed.pop(row.client, None)
        if row.disposition != ANSWERED and row.direction == INCOMING:
            owed[row.client] = row
    return list(reversed(owed.values()))


def _of_company(office: Office, row: HistoryRow) -> bool:
    shown, answered = office.quirks.department_row, row.disposition == ANSWERED
    if row.parent_uuid:
        return answered and shown != "parent"
    return not (answered and shown == "answerer" and isinstance(row.entity, Department))


def window(office: Office, rows: Iterable[HistoryRow], first: int, last: int, now: datetime) -> list[HistoryRow]:
    """Those that ended between two times in milliseconds and may be seen already."""
    delay = office.quirks.history_delay
    seen = (row for row in rows if (now - row.ended).total_seconds() >= delay)
    return [row for row in seen if first <= millis(row.ended) <= last]


def row_json(office: Office, row: HistoryRow) -> Json:
    return {
        "parentUuid": row.parent_uuid,
        "uuid": row.uuid,
        "endAt": stamp(row.end_at, office.quirks.history_times),
        "lgDirection": row.direction,
        "otherLegNum": row.client or None,
        "otherLegName": row.client_name or None,
        "leg": _entity(row.entity),
        "leg2": _entity(row.entity2),
        "billSecs": row.bill_secs,
        "duration": row.duration,
        "disposition": row.disposition,
        "transferHistory": row.transfer_history,
        "audioRecUrl": audio_url(office, row) if row.recorded else None,
        "trunk": row.trunk,
    }


def audio_url(office: Office, row: HistoryRow) -> str:
    space = " " if office.quirks.audio_url_ends_in_space else ""
    return f"{office.base_url}/rest/public/calls/{row.uuid}/audio{space}"


def _entity(entity: Entity | None) -> Json | None:
    found = person(entity)
    return found if found is None or entity is None else {**found, "type": entity.type}
