"""What t2 sends and takes, in its own words. Every documented field; unknown ones are kept.

Liberal in what is read: a field that can't be read becomes None, so that one odd row never hides the others.
"""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

#: Epoch numbers from here on are milliseconds.
_MILLISECONDS_FROM = 10**11
#: What lies outside is a misread number, and near the ends of the calendar no other zone can write it.
_YEARS = range(1970, 2200)


def _text(value: Any) -> str | None:
    """Blank is nothing: the manual's own example has `"calleeName": " "`. What can't be stored is left out."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).replace("\0", "").encode(errors="ignore").decode().strip() or None


def _number(value: Any) -> float | None:
    try:
        return float(value) if not isinstance(value, bool) else None
    except (TypeError, ValueError, OverflowError):
        return None


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and abs(number) < 10**15 else None


def _seconds(value: Any) -> timedelta | None:
    number = _number(value)
    return timedelta(milliseconds=round(number * 1000)) if number is not None and 0 <= number < 10**7 else None


def _flag(value: Any) -> bool:
    return value is True or str(value).casefold() == "true"


def _moment(value: Any) -> datetime | None:
    """ISO 8601 (left naive if it names no offset) or epoch seconds or milliseconds."""
    number = _number(value)
    try:
        if number is not None:
            scale = 1000 if number >= _MILLISECONDS_FROM else 1
            at = datetime.fromtimestamp(number / scale, UTC)
        else:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.year in _YEARS else None


Text = Annotated[str | None, BeforeValidator(_text)]
Number = Annotated[float | None, BeforeValidator(_number)]
Count = Annotated[int | None, BeforeValidator(_count)]
Seconds = Annotated[timedelta | None, BeforeValidator(_seconds)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: [text for one in value or () if (text := _text(one))])
]
Flag = Annotated[bool, BeforeValidator(_flag)]


class Wire(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, alias_generator=to_camel)


class Tokens(Wire):
    """The reply to a refresh: both are new, the old ones are dead."""

    access_token: str = Field(min_length=1, repr=False)
    refresh_token: str = Field(min_length=1, repr=False)


class CurrentCall(Wire):
    """A call going on. No id, no state; the called side is missing until the caller is sent on."""

    call_type: Text = None
    caller_number_short: Text = None
    caller_number_full: Text = None
    called_number_short: Text = None
    called_number_full: Text = None


class Queue(Wire):
    """The callers waiting in a queue of the call centre."""

    queue_name: Text = None
    calls: Texts = ()


class Employee(Wire):
    """A number registered at the PBX. Only the id is always there, see the manual's example."""

    employee_id: Count = None
    name: Text = None
    surname: Text = None
    full_number: Text = None
    short_number: Text = None
    email: Text = None


class CommonStatistics(Wire):
    """Durations in seconds. The manual's table jumbles some rows; the names are those of its example."""

    all_call_count: Count = None
    success_call_count: Count = None
    outgoing_call_count: Count = None
    lost_call_count: Count = None
    common_call_duration: Seconds = None
    average_call_duration: Seconds = None
    max_call_duration: Seconds = None
    call_count_per_day: Number = None
    call_count_per_hour: Number = None
    mn_avg_call_duration: Seconds = None
    mn_max_call_duration: Seconds = None
    average_call_count_per_hour: Number = None
    transfer_call_count: Count = None
    transfer_call_duration: Seconds = None
    average_transfer_call_duration: Seconds = None
    hangup_a_call_count: Count = None
    """Hung up by who began the call."""
    hangup_b_call_count: Count = None
    """Hung up by the employee."""
    unique_call_count: Count = None
    redial_count: Count = None
    internal_call_count: Count = None
    internal_call_duration: Seconds = None
    average_internal_call_duration: Seconds = None


class Journal(Wire):
    """Calls of one number in a period. The time stamps are epoch seconds."""

    number: Text = None
    start_timestamp: Moment = None
    end_timestamp: Moment = None
    number_of_calls: Count = None
    number_of_success_calls: Count = None


class MissedRow(Wire):
    """A missed call on a multichannel number. `start_date` carries the local offset."""

    id: Text = None
    start_date: Moment = None
    wait_duration: Seconds = None
    caller_number: Text = None
    destination_number: Text = None
    caller_company_id: Count = None
    callee_company_id: Count = None
    """Its name in the example; the table says `callerCompanyId`."""
    callee_number: Text = None
    """By the table empty when the call ended at the multichannel number; the example repeats that number."""
    callee_name: Text = None


class RecordRow(Wire):
    """A call, recorded or not."""

    uuid: Text = None
    """Seen in the field, not in the manual."""
    call_timestamp: Moment = None
    """ISO 8601 in UTC by the manual, epoch seconds in the field."""
    date: Moment = None
    """Seen in the field, with an offset; the manual only sorts by it."""
    call_type: Text = None
    destination_number: Text = None
    """The number first dialled."""
    caller_number: Text = None
    caller_name: Text = None
    callee_number: Text = None
    """Who answered, or where the call ended."""
    callee_name: Text = None
    call_duration: Seconds = None
    """The whole call, from its arrival at the PBX."""
    conversation_duration: Seconds = None
    call_status: Text = None
    record_file_name: Text = None


class Word(Wire):
    """One recognised word. Times in seconds from the start of the recording."""

    channel: Text = None
    """A called, B was called."""
    start_time: Seconds = None
    end_time: Seconds = None
    word: Text = None


class Customer(Wire):
    """A client who belongs to a manager."""

    id: Count = None
    client_id: Count = None
    """Only in the example of creating a manager, as the next."""
    company_id: Count = None
    real_number: Text = None
    name: Text = None
    company_name: Text = None
    info: Text = None
    is_vip: Flag = Field(
        default=False,
        # the table says isVIP, every example isVip
        validation_alias=AliasChoices("isVip", "isVIP", "is_vip"),
        serialization_alias="isVip",
    )


class Manager(Wire):
    """An employee to whom the calls of certain clients are sent; our word is "responsible"."""

    id: Count = None
    employee_id: Count = None
    company_id: Count = None
    name: Text = None
    customers: Annotated[tuple[Customer, ...], BeforeValidator(lambda value: value or ())] = ()
    handle_all_customers: Flag = False


class BlacklistRow(Wire):
    id: Count = None
    number: Text = None
    source_type: Text = None
    """MANUAL, or FILE if it came in by a file in the cabinet."""


class Saved(StrEnum):
    """The words with which t2 answers a change."""

    SUCCESS = "SUCCESS"
    DUPLICATE = "DUPLICATE_BLACK_LIST_NUMBER"
    HANDLES_ALL_EXISTS = "MANAGER_HANDLING_ALL_CUSTOMERS_ALREADY_EXISTS"
    CUSTOMER_ASSIGNED = "CUSTOMER_ALREADY_ASSIGNED"


def manager_body(manager: Manager) -> dict[str, Any]:
    """A manager as t2 takes it: the documented fields that have a value. The id only where there is one."""
    documented = set(Manager.model_fields) - {"customers"}
    body = manager.model_dump(by_alias=True, exclude_none=True, include=documented)
    fields = set(Customer.model_fields)
    body["customers"] = [
        one.model_dump(by_alias=True, exclude_none=True, include=fields) for one in manager.customers
    ]
    return body
