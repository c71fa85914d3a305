"""What a VATS posts to us, the same from both of its APIs: is it really it, and what happened.

Knows nothing of what we ask a VATS. Field names are the manuals' (REST, chapter 2 and 15.6, 18.4; form, callbacks).
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pbx import numbers, webhook_body
from pbx.errors import Malformed, NotAuthentic
from pbx.phone_system import Answer, WebhookRequest
from pbx.vocabulary import (
    Call,
    CallEnded,
    CallProgress,
    Direction,
    Event,
    Followup,
    LineLost,
    Outcome,
    Rated,
    Received,
    Stage,
    UnknownEvent,
    WhoIsCalling,
)

#: VATS writes "Success" in its table, "SUCCESS" in its example, "success" in its export: looked up casefolded.
OUTCOMES = {
    "success": Outcome.ANSWERED,
    "missed": Outcome.MISSED,
    "cancel": Outcome.HUNG_UP,  # the client gave up before anybody answered
    "busy": Outcome.BUSY,  # outgoing only, as the three below
    "notavailable": Outcome.UNAVAILABLE,
    "notallowed": Outcome.NOT_ALLOWED,
    "notfound": Outcome.NO_SUCH_NUMBER,
}

#: A live `history` may leave `type` out: then the call came in.
DIRECTIONS = {"": Direction.IN, "in": Direction.IN, "out": Direction.OUT}

STAGES = {
    "incoming": Stage.RINGING,
    "accepted": Stage.ANSWERED,
    "completed": Stage.ENDED,
    "cancelled": Stage.CANCELLED,  # for a department also: somebody else was quicker
    "outgoing": Stage.DIALLING,
    "transferred": Stage.TRANSFERRED,
}

#: `direction` is required by the table and missing from the example.
DIRECTION_BY_STAGE = {Stage.RINGING: Direction.IN, Stage.DIALLING: Direction.OUT}

#: What stands in `user` and `account` when no person had the call.
NOBODY = frozenset({"", "pbx", "ivr", "fax"})
_DEPARTMENT_LOGIN = re.compile(r"g_[0-9a-f]{8}-", re.IGNORECASE)

#: The cipher of `missedStatus` by which an outgoing call is a call-back to a missed one.
CALL_BACK = "2"

#: A call beyond these is a misread number, not a call.
_LONGEST_SECONDS = timedelta(days=7).total_seconds()
_YEARS = range(2000, 2100)
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def verify(request: WebhookRequest, webhook_token: str) -> None:
    """Raise `NotAuthentic` unless the request brings our key, `Malformed` if it can't be read at all.

    The key may come in the body or in a header; never in the query string, which ends up in proxies' logs.
    """
    fields = webhook_body.fields(request.body)
    wanted = _bytes(webhook_token)
    in_body = fields.get("crm_token", "")
    if wanted and hmac.compare_digest(_bytes(in_body), wanted):
        return
    in_headers = list(_keys_in_headers(request.headers))
    right = [hmac.compare_digest(_bytes(key), wanted) for key in in_headers]
    if not wanted or not any(right):
        raise NotAuthentic("the key is wrong" if in_body or any(in_headers) else "the key is missing")


def read(body: bytes, *, received_at: datetime, country: str) -> list[Received]:
    """A verified body as our events. Raises `Malformed`."""
    fields = webhook_body.fields(body)
    cmd = fields.get("cmd", "").strip().casefold()
    reader = READERS.get(cmd)
    if reader is None:
        raise Malformed("an unknown cmd" if cmd else "cmd is missing")
    reading = Reading(fields, received_at, country)
    event = reader(reading)
    unnamed = {name: value for name, value in fields.items() if name not in NAMED}
    return [Received(key=_key(cmd, reading), event=event, extra=unnamed)]


def answer(answer: Answer) -> dict[str, object]:
    """The reply to `contact`: an unknown client is ``{}``, never ``[]``."""
    said = {"contact_name": answer.name, "responsible": answer.responsible}
    return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Reading:
    """One body being read."""

    fields: Mapping[str, str]
    received_at: datetime
    country: str

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def required(self, name: str) -> str:
        if not self.text(name):
            raise Malformed(f"{name} is missing")
        return self.text(name)

    def client(self) -> str | None:
        """Must be there; an empty one is a caller who hides the number."""
        if "phone" not in self.fields:
            raise Malformed("phone is missing")
        return numbers.from_pbx(self.text("phone"), self.country)

    def our_number(self) -> str | None:
        return numbers.from_pbx(self.text("diversion"), self.country)


def _history(reading: Reading) -> Event:
    """The final word on a call. `duration` is the whole call here, ringing included (in the export: the talk)."""
    call_id, status, client = reading.required("callid"), reading.required("status"), reading.client()
    direction = DIRECTIONS.get(reading.text("type").casefold())
    if direction is None:
        return UnknownEvent(_name("history", reading.text("type")))
    outcome = OUTCOMES.get(status.casefold(), Outcome.UNKNOWN)
    answered = outcome is Outcome.ANSWERED
    whole, wait = seconds(reading.text("duration")), seconds(reading.text("wait"))
    lasted = max(whole or timedelta(0), wait or timedelta(0))
    started_at = moment(reading.text("start")) or reading.received_at - lasted
    if wait is None and not answered and direction is Direction.IN:
        wait = whole
    return CallEnded(
        Call(
            id=call_id,
            direction=direction,
            outcome=outcome,
            client=client,
            started_at=started_at,
            ended_at=started_at + lasted,
            answered_at=started_at + (wait or timedelta(0)) if answered else None,
            wait=wait,
            talk=whole - wait if answered and whole is not None and wait is not None and whole >= wait else None,
            our_number=reading.our_number(),
            our_number_name=reading.text("telnum_name") or None,
            employee=person(reading.text("user")),
            department=reading.text("groupRealName") or None,
            recording_url=reading.text("link") or None,
            rating=stars(reading.text("rating")),
            followup=call_back(direction, outcome, reading.text("missedStatus")),
            status=status,
        )
    )


def _event(reading: Reading) -> Event:
    """A step of a call, told once per employee it rings for; proves nothing about the end."""
    call_id, kind, client = reading.required("callid"), reading.required("type"), reading.client()
    stage = STAGES.get(kind.casefold())
    if stage is None:
        return UnknownEvent(_name("event", kind))
    said = reading.text("direction").casefold()
    return CallProgress(
        call_id=call_id,
        stage=stage,
        client=client,
        direction=DIRECTIONS.get(said) if said else DIRECTION_BY_STAGE.get(stage),
        employee=person(reading.text("user")),
        department=reading.text("groupRealName") or None,
        our_number=reading.our_number(),
        at=moment(reading.text("start")),
        second_call_id=reading.text("second_callid") or None,
    )


def _contact(reading: Reading) -> Event:
    return WhoIsCalling(
        client=reading.client(), call_id=reading.text("callid") or None, our_number=reading.our_number()
    )


def _rating(reading: Reading) -> Event:
    given = reading.required("rating")
    call_id = reading.text("callid") or None
    client = numbers.from_pbx(reading.text("phone"), reading.country) if call_id else reading.client()
    if number(given) is None:
        raise Malformed("rating is no number")
    shown = stars(given)
    if shown is None:
        return UnknownEvent(_name("rating", given))
    return Rated(stars=shown, call_id=call_id, client=client, employee=person(reading.text("user")))


def _webhook(reading: Reading) -> Event:
    """A subscription's event; the one there is says that an operator line lost its registration."""
    kind = reading.required("type")
    if kind.casefold() != "sipregs_error":
        return UnknownEvent(_name("webhook", kind))
    data = _data(reading)
    return LineLost(number=numbers.from_pbx(data.get("telnum"), reading.country), name=data.get("name") or None)


READERS: dict[str, Callable[[Reading], Event]] = {
    "history": _history,
    "event": _event,
    "contact": _contact,
    "rating": _rating,
    "webhook": _webhook,
}

#: Fields that became part of an event, and the key; the others are kept as `Received.extra`.
NAMED = frozenset(
    (
        "cmd",
        "crm_token",
        "type",
        "status",
        "callid",
        "second_callid",
        "phone",
        "user",
        "groupRealName",
        "diversion",
        "telnum_name",
        "start",
        "duration",
        "wait",
        "link",
        "rating",
        "missedStatus",
        "direction",
    )
)


def moment(text: str) -> datetime | None:
    """``20170703T121110Z`` or ISO 8601, UTC where it names no zone; None if unreadable."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if at.year not in _YEARS:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def number(text: str) -> float | None:
    """A number as the PBX writes it; None if it is none."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def seconds(text: str) -> timedelta | None:
    """A length of time; None if unreadable, negative or absurd."""
    value = number(text)
    if value is None or not 0 <= value <= _LONGEST_SECONDS:
        return None
    return timedelta(seconds=int(value))


def stars(text: str) -> int | None:
    """A rating from 1 to 5, None for anything else (0 and nothing mean: not rated)."""
    value = number(text)
    return int(value) if value in (1, 2, 3, 4, 5) else None


def person(login: str) -> str | None:
    """An employee's login; None where the PBX names itself, a menu or a department (``g_<uuid>@tenant``)."""
    bare = login.strip().partition("@")[0]
    return None if bare.casefold() in NOBODY or _DEPARTMENT_LOGIN.match(bare) else bare


def call_back(direction: Direction, outcome: Outcome, missed_status: str) -> Followup | None:
    """Whether an outgoing call with `missedStatus` 2 returned a missed call, or only tried to."""
    if direction is not Direction.OUT or missed_status != CALL_BACK or outcome is Outcome.UNKNOWN:
        return None
    return Followup.RETURNED if outcome is Outcome.ANSWERED else Followup.NOT_REACHED


def _data(reading: Reading) -> dict[str, str]:
    """`data` of a subscription's event: an object, as JSON text in a form, or flattened to ``data[telnum]``."""
    try:
        inside = json.loads(reading.text("data") or "{}")
    except (ValueError, RecursionError):
        inside = {}
    if isinstance(inside, dict) and inside:
        return {name: "" if value is None else webhook_body.storable(str(value)) for name, value in inside.items()}
    return {
        name: found
        for name in ("telnum", "name")
        if (found := reading.text(f"data[{name}]") or reading.text(f"data.{name}") or reading.text(name))
    }


def _keys_in_headers(headers: Mapping[str, str]) -> Iterator[str]:
    lower = {name.lower(): value for name, value in headers.items()}
    yield lower.get("x-crm-token", "").strip()
    scheme, _, credentials = lower.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        yield credentials.strip()
    elif scheme.lower() == "basic":
        try:
            decoded = base64.b64decode(_bytes(credentials.strip()), validate=True)
        except binascii.Error:
            return
        yield from decoded.decode(errors="replace").split(":", 1)


def _bytes(text: str) -> bytes:
    """For comparison; what is no UTF-8 in a header arrives as lone surrogates."""
    return text.strip().encode("utf-8", "surrogatepass")


def _key(cmd: str, reading: Reading) -> str:
    """The same for a repetition. Where no callid tells one piece of news from another, the hour of receipt does."""
    said = {name: value for name, value in reading.fields.items() if name != "crm_token"}
    hour = "" if reading.text("callid") else reading.received_at.astimezone(UTC).strftime("%Y%m%dT%H")
    return f"{cmd}:{hashlib.sha256(_canonical([said, hour]).encode()).hexdigest()[:40]}"


def _name(cmd: str, value: str) -> str:
    return f"{cmd} {value}"[:60]
