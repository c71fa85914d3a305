"""t2's rows as our calls: one call for one call, however many rows it has and however they write its time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pbx.t2 import events
from pbx.t2.events import DIRECTIONS, INCOMING, OUTGOING, Office
from pbx.t2.wire import MissedRow, RecordRow
from pbx.vocabulary import Call, CallEnded, Destination, Direction, Outcome, UnknownEvent
from tests.pbx.t2.t2_account import fixture

ARTEM, OTHER = "79081560008", "74534534454"
OFFICE = Office("RU", {f"+{ARTEM}": ARTEM, "+74534534454": OTHER, "0001": ARTEM})

#: The manual's two lists (call-records, "Возможные значения"), copied from it.
CALL_TYPES = [
    "SINGLE_CHANNEL",
    "MULTI_CHANNEL",
    "UNKNOWN_CALL",
    "INTERNAL",
    "HIMSELF",
    "INTERNAL_QUEUE",
    "CRM_OUTGOING",
    "VOICEMAIL",
    "CONFERENCE",
    "CALLBACK",
    "PICKUP_CALL",
    "FAX",
    "OUTGOING",
    "CRM_CALLBACK",
]
CALL_STATUSES = [
    "ANSWERED_COMMON",
    "ANSWERED_BY_ORIGINAL_CLIENT",
    "ANSWERED_BY_BUSY_FORWARD_CLIENT",
    "ANSWERED_BY_NO_ANSWER_FORWARD_CLIENT",
    "NOT_ANSWERED_COMMON",
    "CANCELLED_BY_CALLER",
    "DENIED_DUE_TO_MAX_SESSION",
    "DENIED_DUE_TO_INCOMING_CALLS_BLOCKED",
    "DENIED_DUE_TO_OUTGOING_CALLS_BLOCKED",
    "DENIED_DUE_TO_ONLY_INTERNAL_CALLS_ENABLED",
    "DENIED_DUE_TO_BLACK_LISTED",
    "DENIED_NOT_IN_WHITE_LIST",
    "DENIED_DUE_TO_NOT_WORK_TIME",
    "DENIED_DUE_TO_UNKNOWN_NUMBER",
    "DESTINATION_BUSY",
    "CANCELLED_BY_PICKUP",
]


def records(*names: str) -> list[RecordRow]:
    return [RecordRow.model_validate(row) for name in names for row in fixture(name)]


def missing(*names: str) -> list[MissedRow]:
    return [MissedRow.model_validate(row) for name in names for row in fixture(name)]


def calls(rows: list[RecordRow], missed: list[MissedRow] | None = None, **told: Any) -> list[Call]:
    return events.calls(rows, missed or [], OFFICE, **told)


def one(*names: str, **changed: Any) -> Call:
    (call,) = calls([row.model_copy(update=changed) for row in records(*names)])
    return call


def test_a_missed_call_on_an_employee_s_own_number() -> None:
    call = one("missed_on_an_employee_s_own_number")
    began = datetime(2023, 8, 28, 12, 20, 0, 250_000, tzinfo=UTC)
    assert call == Call(
        id=call.id,
        direction=Direction.IN,
        outcome=Outcome.MISSED,
        client="+79993388398",
        started_at=began,
        ended_at=began + timedelta(seconds=30),
        wait=timedelta(seconds=30),
        our_number="+79081560008",
        employee=ARTEM,
        status="NOT_ANSWERED_COMMON",
    )
    assert call.is_missed


def test_the_examples_of_the_manual_are_two_calls() -> None:
    missed, answered = calls(records("call_records"))
    assert (missed.outcome, missed.wait, missed.answered_at) == (Outcome.MISSED, timedelta(seconds=25), None)
    assert (answered.outcome, answered.wait, answered.talk) == (
        Outcome.ANSWERED,
        timedelta(seconds=14),
        timedelta(seconds=6),
    )
    assert answered.answered_at == answered.started_at + timedelta(seconds=14)
    assert answered.recording_url == "t2:2022-08-12/mo_166030684915821522"
    assert missed.recording_url is None
    assert missed.id != answered.id


def test_a_row_of_the_multichannel_list_alone_is_a_missed_call() -> None:
    earlier, later = calls([], missing("missing_with_local_offset"))
    assert [call.started_at.isoformat() for call in (earlier, later)] == [
        "2023-08-28T06:43:18.221000+00:00",
        "2023-08-28T12:03:19.680000+00:00",
    ]
    assert (later.client, later.our_number, later.outcome) == ("+79365113627", "+79779117670", Outcome.MISSED)
    assert later.ended_at == later.started_at + timedelta(seconds=1)
    assert later.employee is None


def test_the_same_call_in_both_lists_with_other_zones_is_one() -> None:
    _, alone = calls([], missing("missing_with_local_offset"))
    _, both = calls(records("missed_on_multichannel_in_records_with_utc"), missing("missing_with_local_offset"))
    recorded = one("missed_on_multichannel_in_records_with_utc")
    assert alone.id == both.id == recorded.id
    assert (both.outcome, both.status) == (Outcome.HUNG_UP, "CANCELLED_BY_CALLER")


def test_a_row_with_uuid_whole_seconds_and_a_date_is_the_same_call_too() -> None:
    _, alone = calls([], missing("missing_with_local_offset"))
    rows = fixture("call_records_in_content_with_uuid_epoch_and_date")["content"]
    (recorded,) = calls([RecordRow.model_validate(row) for row in rows])
    assert recorded.id == alone.id
    assert recorded.started_at == alone.started_at


def test_a_row_that_leaves_out_half_joins_the_one_it_may_be() -> None:
    vague = records("missed_on_multichannel_without_the_dialled_number")
    _, alone = calls([], missing("missing_with_local_offset"))
    _, both = calls(vague, missing("missing_with_local_offset"))
    assert both.id == alone.id
    assert both.wait == timedelta(seconds=21)
    (first,) = calls(vague)
    _, later = calls(vague, missing("missing_with_local_offset"), told={first.id})
    assert later.id == first.id != alone.id


def test_two_redials_within_a_second_stay_two_calls() -> None:
    first = fixture("missing_with_local_offset")[0]
    second = {**first, "id": 31495477, "startDate": "2023-08-28T15:03:19+03:00"}
    rows = [MissedRow.model_validate(row) for row in (first, second)]
    assert len({call.id for call in calls([], rows)}) == 2


def test_two_hidden_callers_of_one_second_stay_two_calls() -> None:
    first = fixture("missing_with_local_offset")[0]
    hidden = [
        MissedRow.model_validate({**first, "callerNumber": "anonymous", "startDate": f"2023-08-28T15:03:19.{part}Z"})
        for part in (1, 2)
    ]
    assert [call.client for call in calls([], hidden)] == [None, None]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_call_that_rang_two_employees_is_one_and_answered(order: tuple[int, ...]) -> None:
    rows = records("one_call_that_rang_two_employees")
    also_missing = MissedRow.model_validate(
        {
            "id": 1,
            "startDate": "2023-08-28T15:10:00.5+03:00",
            "waitDuration": 15,
            "callerNumber": "79365113627",
            "destinationNumber": "79779117670",
        }
    )
    (call,) = calls([rows[index] for index in order], [also_missing])
    assert (call.outcome, call.employee) == (Outcome.ANSWERED, ARTEM)
    assert call.recording_url == "t2:2023-08-28/mo_169322460050000000"


def test_an_answered_outgoing_call() -> None:
    call = one("outgoing_answered")
    assert (call.direction, call.client, call.employee) == (Direction.OUT, "+79993388398", ARTEM)
    assert (call.our_number, call.answered_at) == ("+79081560008", datetime(2023, 8, 28, 12, 25, 15, tzinfo=UTC))


def test_an_unanswered_outgoing_call_is_no_missed_call() -> None:
    call = one("outgoing_answered", call_status="NOT_ANSWERED_COMMON")
    assert (call.outcome, call.is_missed, call.recording_url) == (Outcome.MISSED, False, None)


def test_calls_between_colleagues_are_left_out() -> None:
    assert calls(records("internal_call_missed")) == []
    assert (
        calls([row.model_copy(update={"call_type": "SINGLE_CHANNEL"}) for row in records("internal_call_missed")])
        == []
    )


def test_an_employee_s_call_to_a_client_under_an_incoming_type_goes_out() -> None:
    call = one("outgoing_answered", call_type="SINGLE_CHANNEL")
    assert (call.direction, call.client) == (Direction.OUT, "+79993388398")


def test_a_call_back_that_begins_with_the_client_is_outgoing_to_the_client() -> None:
    call = one(
        "outgoing_answered",
        call_type="CALLBACK",
        caller_number="79993388398",
        destination_number=ARTEM,
        callee_number=ARTEM,
    )
    assert (call.direction, call.client, call.employee) == (Direction.OUT, "+79993388398", ARTEM)
    assert call.our_number is None


@pytest.mark.parametrize("status", CALL_STATUSES)
def test_every_status_of_the_manual_means_something_both_ways(status: str) -> None:
    assert status in INCOMING
    assert status in OUTGOING


@pytest.mark.parametrize("call_type", CALL_TYPES)
def test_every_type_of_the_manual_has_a_direction_or_leaves_it_to_the_numbers(call_type: str) -> None:
    left_to_the_numbers = {"UNKNOWN_CALL", "CONFERENCE"}
    assert (call_type in DIRECTIONS) != (call_type in left_to_the_numbers)


@pytest.mark.parametrize("call_type", ["UNKNOWN_CALL", "CONFERENCE", "TELEPORT", None])
def test_where_the_type_does_not_say_the_numbers_do(call_type: str | None) -> None:
    assert one("missed_on_an_employee_s_own_number", call_type=call_type).is_missed
    assert one("outgoing_answered", call_type=call_type).direction is Direction.OUT
    assert calls([row.model_copy(update={"call_type": call_type}) for row in records("internal_call_missed")]) == []


def test_not_answered_contains_answered_and_is_compared_whole() -> None:
    assert one("missed_on_an_employee_s_own_number", call_status="NOT_ANSWERED_COMMON").is_missed
    assert one("missed_on_an_employee_s_own_number", call_status="ANSWERED_COMMON").is_answered


@pytest.mark.parametrize(
    ("status", "missed"),
    [
        ("CANCELLED_BY_CALLER", True),
        ("DESTINATION_BUSY", True),
        ("DENIED_DUE_TO_MAX_SESSION", True),
        ("DENIED_DUE_TO_MAX_CHANNEL_LIMIT", True),
        ("DENIED_DUE_TO_NOT_WORK_TIME", True),
        ("DENIED_DUE_TO_BLACK_LISTED", False),
        ("DENIED_NOT_IN_WHITE_LIST", False),
        ("CANCELLED_BY_PICKUP", False),
        ("ANSWERED_BY_A_ROBOT", False),
        ("", False),
    ],
)
def test_which_unanswered_calls_are_missed(status: str, missed: bool) -> None:
    assert one("missed_on_an_employee_s_own_number", call_status=status).is_missed is missed


def test_an_unknown_status_is_kept_as_it_came() -> None:
    call = one("missed_on_an_employee_s_own_number", call_status="ANSWERED_BY_A_ROBOT")
    assert (call.outcome, call.status, call.recording_url) == (Outcome.UNKNOWN, "ANSWERED_BY_A_ROBOT", None)


def test_a_call_picked_up_from_a_colleague_s_phone_was_answered_by_another() -> None:
    call = one("missed_on_an_employee_s_own_number", call_status="CANCELLED_BY_PICKUP")
    assert (call.outcome, call.employee) == (Outcome.ANSWERED, None)


def test_where_a_call_ended_is_said() -> None:
    assert one("missed_on_an_employee_s_own_number").destination is None
    outside = one("missed_on_an_employee_s_own_number", call_status="DENIED_DUE_TO_NOT_WORK_TIME")
    assert outside.destination is Destination.OUTSIDE_HOURS
    answered = one("missed_on_an_employee_s_own_number", call_status="ANSWERED_COMMON")
    assert answered.destination is Destination.EMPLOYEE


def test_a_message_on_voicemail_is_a_missed_call_with_a_recording() -> None:
    call = one("voicemail_left")
    assert call.is_missed
    assert (call.destination, call.recording_url) == (Destination.VOICEMAIL, "t2:2023-08-28/vm_169322526025000000")


def test_a_time_without_an_offset_is_in_the_configured_zone() -> None:
    office = Office("RU", zone=ZoneInfo("Europe/Moscow"))
    (left,) = fixture("voicemail_left")
    rows = [RecordRow.model_validate({**left, "callTimestamp": "2023-08-28T15:03:00"})]
    (call,) = events.calls(rows, [], office)
    assert call.started_at == datetime(2023, 8, 28, 12, 3, tzinfo=UTC)


def test_news_has_a_key_that_repeats_with_it_and_changes_with_it() -> None:
    rows = records("one_call_that_rang_two_employees")
    key = [received.key for received in events.news(rows, [], OFFICE)]
    assert key == [received.key for received in events.news(list(reversed(rows)), [], OFFICE)]
    unrecorded = [row.model_copy(update={"record_file_name": None}) for row in rows]
    assert key != [received.key for received in events.news(unrecorded, [], OFFICE)]
    assert key[0].startswith("call:")


def test_a_row_without_a_time_survives_as_unknown_and_hides_no_other() -> None:
    missed, unknown = events.news(
        [*records("row_without_a_time"), *records("missed_on_an_employee_s_own_number")], [], OFFICE
    )
    assert isinstance(missed.event, CallEnded)
    assert unknown.event == UnknownEvent("row without a time")
    assert unknown.key.startswith("unknown:")
