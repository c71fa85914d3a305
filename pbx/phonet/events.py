"""What Phonet's webhook says, as our events. Pure: the same body and time of receipt give the same events.

An event names one leg. The legs of a call to a department share `parentUuid`, and that is our call's id: how the
call ended is only known once it is asked for (`CallOver`), since a hangup has neither duration nor disposition.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from pbx import numbers, webhook_body
from pbx.errors import Malformed
from pbx.phonet.wire import CallEvent, CallState, Leg, LegType, LgDirection, SettingsRequest, UtmLabels
from pbx.vocabulary import (
    CallOver,
    CallProgress,
    Direction,
    PauseChanged,
    Received,
    SourceKnown,
    Stage,
    UnknownEvent,
    WhoIsCalling,
)

DIRECTIONS: dict[int, Direction] = {
    LgDirection.INTERNAL: Direction.INTERNAL,
    LgDirection.OUT: Direction.OUT,
    LgDirection.IN: Direction.IN,
}
#: Not calls at all, though they come as events of one: an employee left the desk, or is back.
PAUSES: dict[int, bool] = {LgDirection.PAUSE_SET: True, LgDirection.PAUSE_CLEARED: False}

STAGES = {
    "call.dial": Stage.RINGING,
    "call.bridge": Stage.ANSWERED,
    "call.hangup": Stage.ENDED,
}
SETTINGS = "call.settings"

#: What stands in a label that was not set, compared casefolded.
UNSET = frozenset({"", "(not set)", "(none)", "null"})


def events(body: bytes, *, country: str, received_at: datetime) -> list[Received]:
    """A verified body as our events: a list of UTM labels, an event of a call, or the question who is calling."""
    said = _decoded(body)
    if isinstance(said, list):
        return [received for labels in said for received in _source(_mapping(labels), country)]
    told = _mapping(said)
    if told.get("event"):
        return _call_event(CallEvent.model_validate(told), country, received_at)
    if told.get("request"):
        return _request(told, country)
    raise Malformed("neither an event nor a request")


def direction(lg_direction: int | None) -> Direction | None:
    """`lgDirection` as ours; None for one that the manual does not list."""
    return None if lg_direction is None else DIRECTIONS.get(lg_direction)


def stage(name: str | None, way: Direction | None) -> Stage | None:
    """The step an event's name stands for; None for a name that the manual does not list."""
    step = STAGES.get((name or "").strip().casefold())
    return Stage.DIALLING if step is Stage.RINGING and way is Direction.OUT else step


def is_hangup(name: str | None) -> bool:
    return stage(name, None) is Stage.ENDED


def employee(leg: Leg | None) -> str | None:
    """The extension of the employee at this end. Events carry no `type`: a leg without one is taken for a person."""
    return leg.ext if leg and leg.type in (None, LegType.USER) else None


def department(leg: Leg | None) -> str | None:
    return leg.display_name or leg.ext if leg and leg.type == LegType.DEPARTMENT else None


def our_number(trunk: str | None, country: str) -> str | None:
    """`trunkNum` in E.164, or as it came."""
    return numbers.from_pbx(trunk, country)


def client(call: CallState, country: str) -> str | None:
    return numbers.from_pbx(call.client_num, country)


def _call_event(event: CallEvent, country: str, received_at: datetime) -> list[Received]:
    if not event.uuid:
        raise Malformed("an event without uuid")
    if event.lg_direction in PAUSES:
        return [_pause(event, received_at)]
    step = stage(event.event, direction(event.lg_direction))
    if step is None:
        return [_received("unknown", [event.event, event.uuid], UnknownEvent(event.event or ""), event.unknown)]
    told = [_progress(event, step, country)]
    over = step is Stage.ENDED and not _is_between_employees(event)
    return [*told, _over(event, country, received_at)] if over else told


def _is_between_employees(event: CallEvent) -> bool:
    """An internal call that is no leg of another: nobody asks how it ended."""
    return event.lg_direction == LgDirection.INTERNAL and not event.parent_uuid


def _progress(event: CallEvent, step: Stage, country: str) -> Received:
    """Events are repeated, with another `serverTime`: the manual tells them apart by uuid, and so do we."""
    happened_at = {Stage.ANSWERED: event.bridge_at, Stage.ENDED: event.server_time}.get(step, event.dial_at)
    progress = CallProgress(
        call_id=event.call_id or "",
        stage=step,
        client=client(event, country),
        direction=direction(event.lg_direction),
        employee=employee(event.leg),
        department=department(event.leg),
        our_number=our_number(event.trunk_num, country),
        at=happened_at,
    )
    return _received((event.event or "").strip().casefold(), [event.uuid], progress, event.unknown)


def _over(event: CallEvent, country: str, received_at: datetime) -> Received:
    """One per leg, so that the last leg's hangup is news even after the first one's was looked into."""
    over = CallOver(
        call_id=event.call_id or "",
        client=client(event, country),
        direction=direction(event.lg_direction),
        at=event.server_time or received_at,
        began=event.dial_at,
    )
    return _received("over", [event.uuid], over)


def _pause(event: CallEvent, received_at: datetime) -> Received:
    """The manual does not say under which `event` a pause comes: whichever, it is the same news."""
    paused = event.lg_direction == LgDirection.PAUSE_SET
    who = employee(event.leg)
    if who is None:
        return _received("pause", [event.uuid, paused], UnknownEvent("pause of nobody"), event.unknown)
    change = PauseChanged(employee=who, paused=paused, at=event.dial_at or event.server_time or received_at)
    return _received("pause", [event.uuid, paused], change, event.unknown)


def _request(told: dict[str, Any], country: str) -> list[Received]:
    if "otherLegNum" not in told:
        raise Malformed("a request without otherLegNum")
    request = SettingsRequest.model_validate(told)
    name = (request.request or "").strip().casefold()
    news = [name, request.other_leg_num, request.trunk_num]
    if name != SETTINGS:
        return [_received("unknown", news, UnknownEvent(request.request or ""), request.unknown)]
    question = WhoIsCalling(
        client=numbers.from_pbx(request.other_leg_num, country), our_number=our_number(request.trunk_num, country)
    )
    return [_received(name, news, question, request.unknown)]


def _source(told: dict[str, Any], country: str) -> list[Received]:
    """One entry of the UTM list; nothing if it says nothing about where the client came from."""
    labels = UtmLabels.model_validate(told)
    source = source_in_words(labels)
    if not source:
        return []
    known = SourceKnown(
        call_id=labels.call_parent_uuid,
        client=numbers.from_pbx(labels.other_leg_num, country),
        source=source,
        at=labels.call_start,
    )
    documented = labels.model_dump(mode="json", include=set(UtmLabels.model_fields))
    return [_received("utm", documented, known, labels.unknown)]


def source_in_words(labels: UtmLabels) -> str:
    """`google / cpc / spring sale`; the site the client came from where no label is set."""
    said = [labels.utm_source, labels.utm_medium, labels.utm_campaign, labels.utm_content, labels.utm_term]
    known = [text for text in map(_set, said) if text]
    return " / ".join(known) or _set(labels.referrer)


def _set(label: str | None) -> str:
    words = " ".join((label or "").split())
    return "" if words.casefold() in UNSET else words


def _received(kind: str, news: object, event: Any, unknown: dict[str, Any] | None = None) -> Received:
    """`news` is what makes two bodies the same news; its hash keeps keys short whatever a PBX sends."""
    canonical = json.dumps(news, sort_keys=True, default=str).encode()
    key = f"{kind}:{hashlib.sha256(canonical).hexdigest()[:32]}"
    return Received(key=key, event=event, extra={name: _as_text(value) for name, value in (unknown or {}).items()})


def _as_text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("\0", "")


def _decoded(body: bytes) -> object:
    """Keys without quotes are the manual's typography: real bodies are JSON. Content-Type counts for nothing."""
    try:
        said = webhook_body.json_value(body.decode("utf-8-sig"))
        json.dumps(said, ensure_ascii=False).encode()  # JSON can spell half of a surrogate pair, which is no text
    except ValueError:
        raise Malformed("the body is not JSON in UTF-8") from None
    return said


def _mapping(said: object) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise Malformed("the body is no mapping")
    return said
