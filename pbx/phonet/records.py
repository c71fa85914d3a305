"""Rows of `company.api` put together to calls: a row has an end and no start, a department's call has many rows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pbx import numbers
from pbx.phonet.events import department, direction, employee
from pbx.phonet.wire import CallRecord, LegType
from pbx.vocabulary import Call, Destination, Direction, Outcome

ANSWERED = 0
#: `disposition` of a call that we made.
OUTGOING = {
    ANSWERED: Outcome.ANSWERED,
    1: Outcome.MISSED,
    2: Outcome.UNAVAILABLE,  # "направление перегружено"
    3: Outcome.UNAVAILABLE,  # "во время набора произошла ошибка"
    4: Outcome.BUSY,
}
#: Whatever kept the office from answering, "busy" too, the client was not talked to.
INCOMING = {ANSWERED: Outcome.ANSWERED, 1: Outcome.MISSED, 2: Outcome.MISSED, 3: Outcome.MISSED, 4: Outcome.MISSED}

DESTINATIONS = {
    LegType.USER: Destination.EMPLOYEE,
    LegType.DEPARTMENT: Destination.DEPARTMENT,
    LegType.SCENARIO: Destination.MENU,
}

#: `o=380442249895;`, one per line that was tried.
_TRUNK = re.compile(r"\s*(?:[a-z]+=)?([^;,]+)", re.IGNORECASE)


def by_call(rows: Iterable[CallRecord]) -> dict[str, list[CallRecord]]:
    """Rows by the call they belong to, each row once. Calls come in the order in which they are first met."""
    calls: dict[str, dict[str, CallRecord]] = {}
    for row in rows:
        if row.call_id and row.lg_direction in (None, 1, 2, 4):
            calls.setdefault(row.call_id, {})[row.uuid or row.call_id] = row
    return {call_id: list(legs.values()) for call_id, legs in calls.items()}


def call(call_id: str, rows: Sequence[CallRecord], *, country: str, now: datetime) -> Call:
    """One call out of its rows. `now` stands in for an end that is missing."""
    legs = _with_client(rows)
    row = max(legs, key=lambda leg: _weight(leg, call_id))
    ended = max(leg.end_at or now for leg in legs)
    started = min((leg.end_at or now) - _seconds(leg.duration) for leg in legs)
    answered = ((row.end_at or now) - _seconds(row.bill_secs)) if row.disposition == ANSWERED else None
    way = direction(row.lg_direction) or Direction.IN
    return Call(
        id=call_id,
        direction=way,
        outcome=outcome(row.disposition, way),
        client=next((client for leg in legs if (client := numbers.from_pbx(leg.other_leg_num, country))), None),
        started_at=started,
        ended_at=ended,
        answered_at=answered,
        wait=answered - started if answered else ended - started,
        talk=_seconds(row.bill_secs) if answered else None,
        our_number=next((number for leg in (row, *legs) if (number := _our_number(leg, country))), None),
        employee=person(row),
        department=next((name for leg in legs if (name := department(leg.leg))), None),
        destination=destination(row) if way is Direction.IN else None,
        recording_url=next((url for leg in (row, *legs) if (url := (leg.audio_rec_url or "").strip())), None),
        status="" if row.disposition is None else str(row.disposition),
    )


def outcome(disposition: int | None, way: Direction) -> Outcome:
    table = INCOMING if way is Direction.IN else OUTGOING
    return Outcome.UNKNOWN if disposition is None else table.get(disposition, Outcome.UNKNOWN)


def person(row: CallRecord) -> str | None:
    """Who talked or tried: the employee's own leg, or the last in the history of transfers of a department's call.

    One leg of many that nobody answered names nobody: the department missed that call.
    """
    if row.disposition != ANSWERED:
        return None if _is_a_leg(row) else employee(row.leg)
    if found := employee(row.leg):
        return found
    names = [name.strip() for name in (row.transfer_history or "").split(">")]
    return names[-1] or None


def destination(row: CallRecord) -> Destination | None:
    if _is_a_leg(row) and row.disposition != ANSWERED:
        return Destination.DEPARTMENT
    kind = row.leg.type if row.leg else None
    return next((found for known, found in DESTINATIONS.items() if known == kind), None)


def trunks(text: str | None) -> tuple[str, ...]:
    """The numbers in `trunk`: bare, or `o=…;` once per line tried, the one that worked last."""
    return tuple(found.strip() for found in _TRUNK.findall(text or "") if found.strip())


def settled(call_id: str, rows: Sequence[CallRecord], now: datetime, grace: timedelta) -> bool:
    """Whether these rows are the whole call. An unanswered one known by its legs alone may yet ring somebody else."""
    if any(row.disposition == ANSWERED or row.uuid == call_id for row in rows):
        return True
    return all(now - (row.end_at or now) >= grace for row in rows)


def needs_confirmation(call: Call) -> bool:
    """An incoming call of which `company.api` does not say that a person answered or that nobody did."""
    nobody_talked = call.outcome is Outcome.ANSWERED and call.employee is None
    return call.direction is Direction.IN and (nobody_talked or call.outcome is Outcome.UNKNOWN)


def confirmed_missed(call: Call) -> Call:
    """`call` as `missed.api` corrects it: what a menu "answered" is no conversation."""
    return replace(call, outcome=Outcome.MISSED, answered_at=None, talk=None, wait=call.ended_at - call.started_at)


def _is_a_leg(row: CallRecord) -> bool:
    return bool(row.parent_uuid) and row.parent_uuid != row.uuid


def _with_client(rows: Sequence[CallRecord]) -> Sequence[CallRecord]:
    """A question put to a colleague during the call is no part of what became of the client."""
    return [row for row in rows if direction(row.lg_direction) is not Direction.INTERNAL] or rows


def _weight(row: CallRecord, call_id: str) -> tuple[bool, bool, int, bool]:
    """Of many rows the one that tells the call: answered, by a person, longest; else the parent's own."""
    answered = row.disposition == ANSWERED
    return answered, answered and person(row) is not None, row.bill_secs or 0 if answered else 0, row.uuid == call_id


def _our_number(row: CallRecord, country: str) -> str | None:
    found = trunks(row.trunk)
    return numbers.from_pbx(found[-1], country) if found else None


def _seconds(count: int | None) -> timedelta:
    """A day at most: more is no duration of a call."""
    return timedelta(seconds=min(max(count or 0, 0), 86_400))
