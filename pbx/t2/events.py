"""t2's rows as our calls and news. Pure; what the PBX calls things is in the tables.

The same call may stand in both lists, with its time written in different zones, and in `call-records` once per
employee it rang: it becomes one `Call` with one id.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from pbx import numbers
from pbx.t2.wire import MissedRow, RecordRow, Wire
from pbx.vocabulary import Call, CallEnded, Destination, Direction, Outcome, Received, UnknownEvent

#: `callType`: which way a call went, where that is all it takes to know. For the others the numbers say.
DIRECTIONS = {
    "SINGLE_CHANNEL": Direction.IN,
    "MULTI_CHANNEL": Direction.IN,
    "VOICEMAIL": Direction.IN,
    "FAX": Direction.IN,
    "PICKUP_CALL": Direction.IN,
    "OUTGOING": Direction.OUT,
    "CRM_OUTGOING": Direction.OUT,
    "CALLBACK": Direction.OUT,
    "CRM_CALLBACK": Direction.OUT,
    "INTERNAL": Direction.INTERNAL,
    "INTERNAL_QUEUE": Direction.INTERNAL,
    "HIMSELF": Direction.INTERNAL,
}

#: `callType`: where an incoming call ended, if not with a person.
DESTINATIONS = {"VOICEMAIL": Destination.VOICEMAIL, "FAX": Destination.FAX}

ANSWERED = {
    "ANSWERED_COMMON": Outcome.ANSWERED,
    "ANSWERED_BY_ORIGINAL_CLIENT": Outcome.ANSWERED,
    "ANSWERED_BY_BUSY_FORWARD_CLIENT": Outcome.ANSWERED,
    "ANSWERED_BY_NO_ANSWER_FORWARD_CLIENT": Outcome.ANSWERED,
}

#: `callStatus` of an incoming call, compared as whole words: NOT_ANSWERED_COMMON contains ANSWERED_COMMON.
INCOMING = {
    **ANSWERED,
    "CANCELLED_BY_PICKUP": Outcome.ANSWERED,  # a colleague picked it up from this one's phone
    "NOT_ANSWERED_COMMON": Outcome.MISSED,
    "CANCELLED_BY_CALLER": Outcome.HUNG_UP,
    # The client heard "busy" or an announcement and was lost all the same:
    "DESTINATION_BUSY": Outcome.MISSED,
    "DENIED_DUE_TO_MAX_SESSION": Outcome.MISSED,
    "DENIED_DUE_TO_MAX_CHANNEL_LIMIT": Outcome.MISSED,  # seen in the field, not in the manual
    "DENIED_DUE_TO_NOT_WORK_TIME": Outcome.MISSED,
    "DENIED_DUE_TO_INCOMING_CALLS_BLOCKED": Outcome.MISSED,
    "DENIED_DUE_TO_ONLY_INTERNAL_CALLS_ENABLED": Outcome.MISSED,
    # The office wants no calls from this one:
    "DENIED_DUE_TO_BLACK_LISTED": Outcome.NOT_ALLOWED,
    "DENIED_NOT_IN_WHITE_LIST": Outcome.NOT_ALLOWED,
    "DENIED_DUE_TO_OUTGOING_CALLS_BLOCKED": Outcome.NOT_ALLOWED,
    "DENIED_DUE_TO_UNKNOWN_NUMBER": Outcome.NO_SUCH_NUMBER,
}

#: `callStatus` of an outgoing call: the client did not answer, or was never reached.
OUTGOING = {
    **ANSWERED,
    "CANCELLED_BY_PICKUP": Outcome.ANSWERED,
    "NOT_ANSWERED_COMMON": Outcome.MISSED,
    "CANCELLED_BY_CALLER": Outcome.HUNG_UP,
    "DESTINATION_BUSY": Outcome.BUSY,
    "DENIED_DUE_TO_MAX_SESSION": Outcome.UNAVAILABLE,
    "DENIED_DUE_TO_MAX_CHANNEL_LIMIT": Outcome.UNAVAILABLE,
    "DENIED_DUE_TO_INCOMING_CALLS_BLOCKED": Outcome.UNAVAILABLE,
    "DENIED_DUE_TO_NOT_WORK_TIME": Outcome.NOT_ALLOWED,
    "DENIED_DUE_TO_OUTGOING_CALLS_BLOCKED": Outcome.NOT_ALLOWED,
    "DENIED_DUE_TO_ONLY_INTERNAL_CALLS_ENABLED": Outcome.NOT_ALLOWED,
    "DENIED_DUE_TO_BLACK_LISTED": Outcome.NOT_ALLOWED,
    "DENIED_NOT_IN_WHITE_LIST": Outcome.NOT_ALLOWED,
    "DENIED_DUE_TO_UNKNOWN_NUMBER": Outcome.NO_SUCH_NUMBER,
}

OUTCOMES = {Direction.IN: INCOMING, Direction.OUT: OUTGOING, Direction.INTERNAL: OUTGOING}

#: `Call.recording_url` is this and the `recordFileName`: only t2's API can fetch it, by that name and with the token.
RECORDING = "t2:"


@dataclass(frozen=True, slots=True)
class Office:
    """What is needed to tell our own people from clients."""

    country: str
    logins: Mapping[str, str] = field(default_factory=dict)
    """Of employees, by their numbers as `number` writes them."""
    zone: tzinfo = UTC
    """Of times without an offset."""

    def number(self, text: str | None) -> str | None:
        return numbers.from_pbx(text, self.country)

    def login(self, number: str | None) -> str | None:
        return self.logins.get(number) if number else None

    def utc(self, moment: datetime) -> datetime:
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)


class Source(StrEnum):
    """The two lists that a call may stand in; the one that knows more first."""

    RECORDS = "records"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One row read: a call, and what tells it from others."""

    source: Source
    at: datetime
    caller: str | None
    dialled: str | None
    call: Call

    @property
    def vagueness(self) -> int:
        """How much is left out of what tells a call from others: the number dialled, the fraction of the second."""
        return 2 * (self.dialled is None) + (not self.at.microsecond)

    def may_be(self, other: "Sighting") -> bool:
        return (
            self.caller == other.caller
            and self.at.replace(microsecond=0) == other.at.replace(microsecond=0)
            and (self.at == other.at or not self.at.microsecond or not other.at.microsecond)
            and (self.dialled == other.dialled or self.dialled is None or other.dialled is None)
        )


def news(
    records: Iterable[RecordRow], missing: Iterable[MissedRow], office: Office, *, told: Collection[str] = ()
) -> list[Received]:
    """What the two lists say, as news: ended calls with clients, oldest first, and rows that say nothing readable."""
    records, missing = list(records), list(missing)
    received = [
        Received(key=f"call:{_digest(asdict(call))}", event=CallEnded(call))
        for call in calls(records, missing, office, told=told)
    ]
    timeless: list[Wire] = [row for row in records if _began(row) is None]
    timeless += [row for row in missing if row.start_date is None]
    return received + [
        Received(key=f"unknown:{_digest(row.model_dump(mode='json'))}", event=UnknownEvent("row without a time"))
        for row in timeless
    ]


def calls(
    records: Iterable[RecordRow], missing: Iterable[MissedRow], office: Office, *, told: Collection[str] = ()
) -> list[Call]:
    """The calls with clients in both lists, each once, oldest first. `told`: ids by which calls are already known."""
    seen = [sighting for row in records if (sighting := _recorded(row, office))]
    seen += [sighting for row in missing if (sighting := _missed(row, office))]
    with_clients = (_one(group, told) for group in _grouped(seen))
    return sorted(
        (call for call in with_clients if call.direction is not Direction.INTERNAL),
        key=lambda call: (call.started_at, call.id),
    )


def call_id(at: datetime, caller: str | None, dialled: str | None) -> str:
    """Rows have no id that both lists know, so when it began, who called and what was dialled make one."""
    parts = f"{at.astimezone(UTC).isoformat(timespec='milliseconds')} {caller or ''} {dialled or ''}"
    return f"t2-{hashlib.sha256(parts.encode()).hexdigest()[:20]}"


def _grouped(seen: Sequence[Sighting]) -> list[list[Sighting]]:
    """Rows of the same call together: first those that agree in full, then vague ones with what they may be."""
    alike: dict[tuple[datetime, str | None, str | None], list[Sighting]] = defaultdict(list)
    for one in seen:
        alike[(one.at, one.caller, one.dialled)].append(one)
    second: dict[tuple[datetime, str | None], list[list[Sighting]]] = defaultdict(list)
    for group in sorted(alike.values(), key=lambda group: (group[0].vagueness, group[0].at)):
        near = second[(group[0].at.replace(microsecond=0), group[0].caller)]
        host = next((other for other in near if _fit(group, other)), None)
        if host is None:
            near.append(group)
        else:
            host += group
    return [group for near in second.values() for group in near]


def _fit(group: list[Sighting], other: list[Sighting]) -> bool:
    """Two rows of one list that differ are two calls; two of different lists may be the same."""
    apart = {one.source for one in group}.isdisjoint(one.source for one in other)
    return apart and all(one.may_be(another) for one in group for another in other)


def _one(group: list[Sighting], told: Collection[str]) -> Call:
    """One call of a group's rows: an answer outweighs, then the list that knows more, then the longer row."""

    def rank(one: Sighting) -> tuple[bool, bool, bool, timedelta]:
        call = one.call
        duration = call.ended_at - call.started_at
        return (not call.is_answered, call.outcome is Outcome.UNKNOWN, one.source is Source.MISSING, -duration)

    best = min(group, key=rank).call
    ids = [one.call.id for one in group]
    known = next((id for id in ids if id in told), ids[0])
    recording = best.recording_url or next((one.call.recording_url for one in group if one.call.recording_url), None)
    return replace(best, id=known, recording_url=recording)


def _began(row: RecordRow) -> datetime | None:
    """`callTimestamp`, or `date` where that is finer: in the field the former is in whole seconds."""
    if row.call_timestamp and row.date:
        return row.call_timestamp if row.call_timestamp.microsecond else row.date
    return row.call_timestamp or row.date


def _recorded(row: RecordRow, office: Office) -> Sighting | None:
    moment = _began(row)
    if moment is None:
        return None
    at = office.utc(moment)
    caller, dialled, callee = (
        office.number(text) for text in (row.caller_number, row.destination_number, row.callee_number)
    )
    direction = _direction(row.call_type or "", caller, callee or dialled, office)
    outcome = OUTCOMES[direction].get(row.call_status or "", Outcome.UNKNOWN)
    if row.call_type == "VOICEMAIL" and direction is Direction.IN and outcome is Outcome.ANSWERED:
        outcome = Outcome.MISSED  # by a machine: the client still waits for a person
    ours = (callee, dialled) if direction is Direction.IN else (caller, callee, dialled)
    client = caller if direction is Direction.IN else _client(office, dialled, callee, caller)
    picked_up_elsewhere = row.call_status == "CANCELLED_BY_PICKUP"
    our_number = dialled if direction is Direction.IN else caller
    call = Call(
        id=call_id(at, caller, dialled),
        direction=direction,
        outcome=outcome,
        client=client,
        started_at=at,
        ended_at=at + (row.call_duration or timedelta(0)),
        our_number=our_number if our_number != client else None,
        employee=None if picked_up_elsewhere else next(filter(None, map(office.login, ours)), None),
        destination=_destination(row, direction),
        recording_url=f"{RECORDING}{row.record_file_name}" if row.record_file_name and _recordable(row) else None,
        status=row.call_status or "",
    )
    return Sighting(Source.RECORDS, at, caller, dialled, _with_talk(call, row))


def _with_talk(call: Call, row: RecordRow) -> Call:
    """`callDuration` is the whole call, `conversationDuration` its end."""
    if not call.is_answered:
        return replace(call, wait=row.call_duration)
    if row.conversation_duration is None or row.call_duration is None:
        return replace(call, answered_at=call.started_at, talk=row.conversation_duration)
    wait = max(row.call_duration - row.conversation_duration, timedelta(0))
    return replace(call, answered_at=call.started_at + wait, wait=wait, talk=row.conversation_duration)


def _recordable(row: RecordRow) -> bool:
    """By the text only answered calls have a recording, though an example shows one without an answer."""
    return row.call_status in ANSWERED


def _missed(row: MissedRow, office: Office) -> Sighting | None:
    if row.start_date is None:
        return None
    at = office.utc(row.start_date)
    caller, dialled = office.number(row.caller_number), office.number(row.destination_number)
    wait = row.wait_duration or timedelta(0)
    call = Call(
        id=call_id(at, caller, dialled),
        direction=_direction("MULTI_CHANNEL", caller, dialled, office),
        outcome=Outcome.MISSED,
        client=caller,
        started_at=at,
        ended_at=at + wait,
        wait=row.wait_duration,
        our_number=dialled,
        employee=office.login(office.number(row.callee_number)),
    )
    return Sighting(Source.MISSING, at, caller, dialled, call)


def _direction(call_type: str, caller: str | None, called: str | None, office: Office) -> Direction:
    """By its type; a call that an employee begins may bear an incoming type as well: they called a number of ours."""
    by_type = DIRECTIONS.get(call_type)
    if by_type in (Direction.OUT, Direction.INTERNAL):
        return by_type
    if office.login(caller) is None:
        return Direction.IN
    # Multichannel numbers are ours, though no list of ours has them.
    inside = call_type == "MULTI_CHANNEL" or office.login(called) is not None
    return Direction.INTERNAL if inside else Direction.OUT


def _client(office: Office, *candidates: str | None) -> str | None:
    """The first number that is no employee's."""
    return next((number for number in candidates if number and office.login(number) is None), None)


def _destination(row: RecordRow, direction: Direction) -> Destination | None:
    if direction is not Direction.IN:
        return None
    if row.call_status == "DENIED_DUE_TO_NOT_WORK_TIME":
        return Destination.OUTSIDE_HOURS
    by_type = DESTINATIONS.get(row.call_type or "")
    return by_type or (Destination.EMPLOYEE if row.call_status in ANSWERED else None)


def _digest(values: object) -> str:
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:40]
