"""Webhook bodies in, our events out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.errors import Malformed
from pbx.phonet.events import events
from pbx.vocabulary import (
    CallOver,
    CallProgress,
    Direction,
    Event,
    PauseChanged,
    Received,
    SourceKnown,
    Stage,
    UnknownEvent,
    WhoIsCalling,
)
from tests.pbx.phonet.phonet_account import body, fixture

RECEIVED_AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DIALLED_AT = datetime(2015, 5, 15, 10, 35, tzinfo=UTC)
UUID = "47a968893984475b8c20e29dec144ce3"
PARENT = "d267486fa53945ddc5f5e735a5870b80"


def read(raw: bytes) -> list[Received]:
    return events(raw, country="UA", received_at=RECEIVED_AT)


def told(name: str) -> list[Event]:
    return [received.event for received in read(body(name))]


def changed(name: str, **fields: Any) -> bytes:
    return json.dumps({**fixture(name), **fields}).encode()


def test_the_manual_s_dial_is_read_with_its_times_in_seconds() -> None:
    assert told("dial_outgoing_times_in_seconds") == [
        CallProgress(
            call_id=UUID,
            stage=Stage.DIALLING,
            client="+380000000000",
            direction=Direction.OUT,
            employee="001",
            our_number="+380442246595",
            at=DIALLED_AT,
        )
    ]


def test_a_bridge_is_an_answer_at_its_time_in_milliseconds() -> None:
    (bridge,) = told("bridge_outgoing_times_in_milliseconds")
    assert isinstance(bridge, CallProgress)
    assert (bridge.stage, bridge.at) == (Stage.ANSWERED, DIALLED_AT + timedelta(seconds=9))


def test_an_incoming_dial_rings() -> None:
    (dial,) = [received.event for received in read(changed("dial_outgoing_times_in_seconds", lgDirection=4))]
    assert isinstance(dial, CallProgress)
    assert (dial.stage, dial.direction) == (Stage.RINGING, Direction.IN)


def test_a_hangup_says_that_it_is_over_and_not_how() -> None:
    ended, over = told("hangup_outgoing_without_duration_or_disposition")
    assert isinstance(ended, CallProgress)
    assert (ended.stage, ended.at) == (Stage.ENDED, DIALLED_AT + timedelta(seconds=60.5))
    assert over == CallOver(
        call_id=UUID,
        client="+380000000000",
        direction=Direction.OUT,
        at=DIALLED_AT + timedelta(seconds=60.5),
        began=DIALLED_AT,
    )


def test_without_a_server_time_the_receipt_is_the_end() -> None:
    _, over = [
        received.event
        for received in read(changed("hangup_outgoing_without_duration_or_disposition", serverTime=None))
    ]
    assert isinstance(over, CallOver)
    assert over.at == RECEIVED_AT


def test_all_legs_of_a_department_are_one_call() -> None:
    said = [
        *told("hangup_of_one_leg_of_a_department"),
        *told("bridge_of_its_sibling"),
        *told("hangup_of_its_sibling"),
    ]
    assert {event.call_id for event in said if isinstance(event, CallProgress | CallOver)} == {PARENT}
    assert [event.employee for event in said if isinstance(event, CallProgress)] == ["001", "002", "002"]


def test_every_leg_s_hangup_asks_again_how_the_call_ended() -> None:
    first, last = read(body("hangup_of_one_leg_of_a_department"))[1], read(body("hangup_of_its_sibling"))[1]
    assert isinstance(first.event, CallOver)
    assert isinstance(last.event, CallOver)
    assert first.event.call_id == last.event.call_id
    assert first.key != last.key


def test_an_event_repeated_with_another_server_time_is_the_same_news() -> None:
    first = read(body("hangup_outgoing_without_duration_or_disposition"))
    again = read(body("hangup_repeated_with_another_server_time"))
    assert [received.key for received in first] == [received.key for received in again]


def test_dial_bridge_and_hangup_of_one_call_are_different_news() -> None:
    names = (
        "dial_outgoing_times_in_seconds",
        "bridge_outgoing_times_in_milliseconds",
        "hangup_outgoing_without_duration_or_disposition",
        "hangup_of_one_leg_of_a_department",
    )
    keys = [received.key for name in names for received in read(body(name))]
    assert len(set(keys)) == len(keys) == 6


def test_nobody_asks_how_an_internal_call_ended() -> None:
    (ended,) = told("hangup_internal")
    assert isinstance(ended, CallProgress)
    assert (ended.direction, ended.stage, ended.client) == (Direction.INTERNAL, Stage.ENDED, None)


def test_an_internal_leg_of_another_call_asks_for_that_call() -> None:
    over = read(changed("hangup_internal", parentUuid=PARENT))[1].event
    assert isinstance(over, CallOver)
    assert over.call_id == PARENT


@pytest.mark.parametrize(("name", "paused"), [("pause_set", True), ("pause_cleared", False)])
def test_a_pause_is_no_call(name: str, paused: bool) -> None:
    assert told(name) == [PauseChanged(employee="001", paused=paused, at=DIALLED_AT)]


def test_a_pause_told_under_two_events_is_one_news() -> None:
    (dial,), (hangup,) = read(body("pause_set")), read(changed("pause_set", event="call.hangup"))
    assert dial.key == hangup.key


def test_a_pause_of_nobody_is_kept_and_unknown() -> None:
    (received,) = read(changed("pause_set", leg=None))
    assert isinstance(received.event, UnknownEvent)


def test_the_question_who_is_calling() -> None:
    assert told("settings") == [WhoIsCalling(client="+380442246595", our_number="+380800218500")]


@pytest.mark.parametrize("hidden", ["", None, "anonymous"])
def test_a_hidden_number_is_asked_about_too(hidden: str | None) -> None:
    (received,) = read(changed("settings", otherLegNum=hidden))
    assert received.event == WhoIsCalling(client=None, our_number="+380800218500")


def test_utm_labels_come_as_an_array_and_unset_ones_are_not_repeated() -> None:
    assert told("utm_labels_an_array") == [
        SourceKnown(
            call_id="005f1dfae76d4c379e1d4095c07a76a2",
            client="+380505826633",
            source="google / cpc",
            at=datetime(2019, 2, 12, 7, 1, 13, tzinfo=UTC),
        ),
        SourceKnown(
            call_id="032e13417526409a98a0967f11f8b6fa",
            client="+380934434012",
            source="google / cpc",
            at=datetime(2019, 2, 11, 14, 23, 28, tzinfo=UTC),
        ),
    ]


def test_labels_sent_again_with_the_next_minute_are_the_same_news() -> None:
    both = read(body("utm_labels_an_array"))
    again = read(json.dumps(fixture("utm_labels_an_array")[1:]).encode())
    assert [received.key for received in again] == [both[1].key]
    assert both[0].key != both[1].key


def test_without_labels_the_site_the_client_came_from_is_the_source() -> None:
    labels = {**fixture("utm_labels_an_array")[0], "utmSource": "(not set)", "utmMedium": None}
    (received,) = read(json.dumps([labels]).encode())
    assert isinstance(received.event, SourceKnown)
    assert received.event.source == "https://www.google.com/"


def test_labels_that_say_nothing_are_no_news() -> None:
    labels = {**fixture("utm_labels_an_array")[1], "utmSource": "(not set)", "utmMedium": ""}
    assert read(json.dumps([labels]).encode()) == []
    assert read(b"[]") == []


@pytest.mark.parametrize("name", ["call.park", "CALL", "1"])
def test_an_event_nobody_knows_survives(name: str) -> None:
    (received,) = read(changed("dial_outgoing_times_in_seconds", event=name))
    assert received.event == UnknownEvent(name)


def test_a_request_nobody_knows_survives() -> None:
    (received,) = read(changed("settings", request="call.routing"))
    assert received.event == UnknownEvent("call.routing")


def test_a_direction_nobody_knows_is_no_direction() -> None:
    (received,) = read(changed("dial_outgoing_times_in_seconds", lgDirection=128))
    assert isinstance(received.event, CallProgress)
    assert (received.event.direction, received.event.stage) == (None, Stage.RINGING)


def test_fields_nobody_knows_are_kept() -> None:
    (received,) = read(changed("dial_outgoing_times_in_seconds", queueName="Продажи", tags=["a", 1], gone="\0x"))
    assert received.extra == {"queueName": "Продажи", "tags": '["a", 1]', "gone": "x"}


def test_numbers_written_as_text_and_names_in_other_case_are_read() -> None:
    raw = changed(
        "dial_outgoing_times_in_seconds",
        event="Call.Dial ",
        dialAt="1431686100",
        lgDirection="2",
        trunkNum=380442246595,
    )
    assert [received.event for received in read(raw)] == told("dial_outgoing_times_in_seconds")


@pytest.mark.parametrize("wrong", ["yesterday", -5, 0, 10**30, 1e300, [1], {"a": 1}, True])
def test_a_time_that_is_none_is_read_as_missing(wrong: object) -> None:
    (received,) = read(changed("dial_outgoing_times_in_seconds", dialAt=wrong))
    assert isinstance(received.event, CallProgress)
    assert received.event.at is None


def test_strange_legs_do_not_lose_the_event() -> None:
    (received,) = read(changed("dial_outgoing_times_in_seconds", leg="001", otherLegs={"num": "+380000000001"}))
    assert isinstance(received.event, CallProgress)
    assert (received.event.employee, received.event.client) == (None, "+380000000001")


def test_the_card_s_address_in_other_legs_is_no_recording() -> None:
    assert "contacts/1" not in repr(told("hangup_outgoing_without_duration_or_disposition"))


def test_a_department_at_the_end_of_a_leg_is_no_employee() -> None:
    (received,) = read(
        changed("dial_outgoing_times_in_seconds", leg={"id": 5, "type": 2, "ext": "900", "displayName": "Продажи"})
    )
    assert isinstance(received.event, CallProgress)
    assert (received.event.employee, received.event.department) == (None, "Продажи")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"7",
        b'"text"',
        b"{}",
        b"[1]",
        b'[{"utmSource": "google"}, []]',
        b'{event: "call.dial"}',
        b'{"event": "call.dial"}',
        b'{"event": "call.dial", "uuid": ""}',
        b'{"event": "", "uuid": "u1"}',
        b'{"uuid": "u1"}',
        b'{"otherLegNum": "+380442246595"}',
        b'{"request": "call.settings"}',
        b"\xff\xfe",
        b'{"event": "call.dial", "uuid": "\\ud800"}',
        b"[" * 100_000,
        b'{"event": "call.dial", "uuid": "u1", "dialAt": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_can_t_be_read_or_lacks_what_it_must_have_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(sorted(fixture("hangup_of_one_leg_of_a_department")))


@given(name=FIELDS, value=JSON_VALUES)
def test_no_value_of_any_field_breaks_the_reading(name: str, value: object) -> None:
    raw = changed("hangup_of_one_leg_of_a_department", **{name: value})
    try:
        first, again = read(raw), read(raw)
    except Malformed:
        assert name in ("uuid", "event")
    else:
        assert first == again
        assert all(received.key for received in first)
