"""Phonet's own words: every documented field, unknown ones kept, nothing a PBX may send makes reading fail.

A value of the wrong shape is read as missing: news with one strange field is still news.
"""

import math
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The manual says milliseconds everywhere; its examples of `dialAt` hold seconds. No call was made before 2001-09-09,
#: which is this many milliseconds.
LEAST_MILLISECONDS = 10**12


class LgDirection(IntEnum):
    """`lgDirection`, and the values of the query parameter `directions`."""

    INTERNAL = 1
    OUT = 2
    IN = 4
    PAUSE_SET = 32
    PAUSE_CLEARED = 64


class LegType(IntEnum):
    """`leg.type`: what a call came to or went out from. Only call lists carry it."""

    USER = 1
    DEPARTMENT = 2
    SCENARIO = 4


class Track(StrEnum):
    """Which side of a conversation a recording holds. The single sides exist where the account records them."""

    BOTH = ""
    INCOMING = "-rx"
    OUTGOING = "-tx"


def moment(value: object) -> datetime | None:
    """A time as Phonet writes it, in milliseconds or in seconds since 1970; None for zero and for what is no time."""
    number = _number(value)
    if number is None or number <= 0:
        return None
    unit = timedelta(milliseconds=1) if number >= LEAST_MILLISECONDS else timedelta(seconds=1)
    try:
        return EPOCH + number * unit
    except OverflowError:
        return None


def milliseconds(at: datetime) -> int:
    """A time as it is sent to Phonet."""
    return (at - EPOCH) // timedelta(milliseconds=1)


def _text(value: object) -> str | None:
    """PostgreSQL keeps no NUL, UTF-8 no half of a surrogate pair: both are left out."""
    if isinstance(value, str):
        return value.replace("\0", "").encode(errors="ignore").decode()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.strip().lstrip("-").isdecimal() and len(value) < 30:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _object(value: object) -> object:
    return value if isinstance(value, dict | BaseModel) else None


def _objects(value: object) -> object:
    """A list; the manual's example of a list of contacts is a lone object."""
    many = value if isinstance(value, list | tuple) else [value]
    return [one for one in many if isinstance(one, dict | BaseModel)]


def _json_time(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


Text = Annotated[str | None, BeforeValidator(_text)]
Number = Annotated[int | None, BeforeValidator(_number)]
Moment = Annotated[datetime | None, BeforeValidator(moment), PlainSerializer(_json_time, when_used="json")]


class Wire(BaseModel):
    """camelCase outside, unknown fields kept."""

    model_config = ConfigDict(frozen=True, extra="allow", alias_generator=to_camel, populate_by_name=True)

    @property
    def unknown(self) -> dict[str, Any]:
        """Fields that the manual does not name."""
        return dict(self.model_extra or {})


class Sent(BaseModel):
    """What we say: exactly the documented fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    def body(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)


# What it tells us


class Leg(Wire):
    """Somebody or something of the office at one end of a call."""

    id: Number = None
    type: Number = None
    ext: Text = None
    display_name: Text = None


class OtherLeg(Wire):
    """The client, as one of the connected CRMs knows them. `url` is the client's card, not audio."""

    id: Text = None
    name: Text = None
    num: Text = None
    company_name: Text = None
    url: Text = None
    priority: Number = None


MaybeLeg = Annotated[Leg | None, BeforeValidator(_object)]
OtherLegs = Annotated[tuple[OtherLeg, ...], BeforeValidator(_objects)]


class CallState(Wire):
    """What an event and a row of active calls have in common."""

    uuid: Text = None
    parent_uuid: Text = None
    """The call to a department that this one is a leg of."""
    dial_at: Moment = None
    bridge_at: Moment = None
    lg_direction: Number = None
    leg: MaybeLeg = None
    leg2: MaybeLeg = None
    """The called employee of an internal call."""
    other_legs: OtherLegs = ()
    trunk_num: Text = None
    trunk_name: Text = None

    @property
    def call_id(self) -> str | None:
        """The one id that all legs of a call share."""
        return self.parent_uuid or self.uuid

    @property
    def client_num(self) -> str | None:
        return next((leg.num for leg in self.other_legs if leg.num), None)


class CallEvent(CallState):
    """Section "Передача событий о звонках"."""

    event: Text = None
    account_domain: Text = None
    server_time: Moment = None


class SettingsRequest(Wire):
    """Section "Получение имени контакта с CRM системы"."""

    request: Text = None
    other_leg_num: Text = None
    trunk_num: Text = None


class OtherLegAnswer(Sent):
    """The answer's `otherLeg`: a client we know."""

    name: str | None
    url: str | None = None
    url_text: str | None
    new_entry: bool = False
    responsible_employee_ext: str | None = None
    responsible_employee_email: str | None = None


class UtmLabels(Wire):
    """Section "Передача UTM меток"."""

    utm_source: Text = None
    utm_medium: Text = None
    utm_campaign: Text = None
    utm_content: Text = None
    utm_term: Text = None
    google_client_id: Text = None
    client_ip: Text = None
    referrer: Text = None
    other_leg_num: Text = None
    trunk_source: Text = None
    label: Text = None
    call_date: Moment = None
    """When the call ended."""
    call_start: Moment = None
    call_parent_uuid: Text = None


# Calls and users


class Authorize(Sent):
    domain: str
    api_key: str


class MakeCall(Sent):
    leg_ext: str
    other_leg_num: str


class StartedCall(Wire):
    uuid: Text = None


class ActiveCall(CallState):
    """A row of `/rest/calls/active/v3`."""

    last_event: Text = None


class CallRecord(Wire):
    """A row of `company.api`, `missed.api` and `users.api`. There is no start: `end_at` minus `duration`."""

    uuid: Text = None
    parent_uuid: Text = None
    end_at: Moment = None
    lg_direction: Number = None
    other_leg_num: Text = None
    other_leg_name: Text = None
    leg: MaybeLeg = None
    leg2: MaybeLeg = None
    bill_secs: Number = None
    """Seconds of talk."""
    duration: Number = None
    """Seconds in all, ringing and talk."""
    disposition: Number = None
    transfer_history: Text = None
    """`003 > 001`: who had the call, the last of them at its end."""
    audio_rec_url: Text = None
    trunk: Text = None

    @property
    def call_id(self) -> str | None:
        return self.parent_uuid or self.uuid


class User(Wire):
    id: Number = None
    display_name: Text = None
    ext: Text = None
    email: Text = None


class UserStatus(Wire):
    """0 online, 1 offline, 2 not monitored; of the one user that the key belongs to."""

    status: Number = None


# Contacts and notes


class ContactValue(Wire):
    id: Number = None
    enum_value_code: Text = None
    last_modified: Moment = None
    value: Text = None


class ContactField(Wire):
    id: Number = None
    enum_code: Text = None
    """A name such as "Имя" or "Телефон"; each office may have its own."""
    values: Annotated[tuple[ContactValue, ...], BeforeValidator(_objects)] = ()


class Contact(Wire):
    id: Number = None
    first_name: Text = None
    last_name: Text = None
    company_title: Text = None
    last_modified: Moment = None
    responsible_user_id: Number = None
    date_create: Moment = None
    create_user_id: Number = None
    fields: Annotated[tuple[ContactField, ...], BeforeValidator(_objects)] = ()

    def body(self) -> dict[str, Any]:
        """As it is sent back: what was never set stays unsaid."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class BatchResult(Wire):
    succeeded: Number = None
    failed: Number = None


class ContactNote(Wire):
    """The defaults are the manual's own; it wants every field said (400 "один из параметров отсутствует")."""

    id: Number = 0
    element_id: Number = 0
    element_type: Number = 0
    note_type: Number = 0
    date_create: Number = 0
    last_modified: Number = 0
    content: Text = None
    responsible_user_id: Number = 0
    other_leg_num: Text = ""
    other_leg_name: Text = None
    status: Text = None
    error_msg: Text = None
    uuid: Text = ""
    end: Number = 0
    leg_id: Number = 0
    logic_direction: Number = 0
    bill_sec: Number = 0
    record_link: Text = ""
    trunk: Text = ""
    tag: Text = ""

    def body(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)
