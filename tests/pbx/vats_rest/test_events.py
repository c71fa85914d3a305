"""What a VATS posts to us, fixture by fixture."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from pbx import vats_dialect
from pbx.errors import Malformed, NotAuthentic
from pbx.phone_system import Answer, WebhookRequest
from pbx.vats_rest import events
from pbx.vats_rest.phone_system import VatsRest
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
from tests.pbx.vats_rest.vats_account import TOKEN, Account, fixture

RECEIVED_AT = datetime(2022, 1, 20, 9, 0, tzinfo=UTC)
STARTED_AT = datetime(2022, 1, 20, 8, 59, 22, tzinfo=UTC)


def received(name: str) -> Received:
    (one,) = events.read(fixture(name), received_at=RECEIVED_AT, country="RU")
    return one


def event(name: str) -> Event:
    return received(name).event


def call(name: str) -> Call:
    ended = event(name)
    assert isinstance(ended, CallEnded)
    return ended.call


def read(**said: Any) -> Event:
    (one,) = events.read(urlencode(said).encode(), received_at=RECEIVED_AT, country="RU")
    return one.event


MISSED = Call(
    id="3934307521",
    direction=Direction.IN,
    outcome=Outcome.MISSED,
    client="+79263808397",
    started_at=STARTED_AT,
    ended_at=STARTED_AT + timedelta(seconds=13),
    wait=timedelta(seconds=13),
    our_number="+74954010121",
    department="Отдел продаж",
    status="Missed",
)


@pytest.mark.parametrize("name", ["missed_by_department_user_empty.form", "missed_in_multipart.form"])
def test_a_department_missed_a_call(name: str) -> None:
    assert call(name) == MISSED
    assert call(name).is_missed


def test_json_nested_in_a_form_field() -> None:
    assert call("json_in_payload.form") == replace(MISSED, department=None)


def test_a_live_history_without_type_start_and_user_is_an_incoming_call_that_just_ended() -> None:
    missed = call("missed_live_without_type_start_user.form")
    assert missed == replace(
        MISSED,
        id="3934307522",
        started_at=RECEIVED_AT - timedelta(seconds=13),
        ended_at=RECEIVED_AT,
        our_number=None,
        status="missed",
    )


@pytest.mark.parametrize("name", ["missed_lower_case_user_pbx.form", "missed_user_is_a_department_login.form"])
def test_nobody_is_named_where_the_pbx_or_a_department_stands_for_the_user(name: str) -> None:
    assert call(name).is_missed
    assert call(name).employee is None


def test_fields_without_a_name_of_ours_are_kept_but_never_the_key() -> None:
    kept = received("missed_lower_case_user_pbx.form")
    assert kept.extra == {"z_flag": "1"}
    assert call("missed_lower_case_user_pbx.form").our_number_name == "Главный"


def test_a_client_who_gave_up_is_a_missed_call_too() -> None:
    hung_up = call("hung_up.form")
    assert (hung_up.outcome, hung_up.is_missed, hung_up.wait) == (Outcome.HUNG_UP, True, timedelta(seconds=4))


def test_an_anonymous_caller_has_no_number() -> None:
    anonymous = call("anonymous_caller.form")
    assert anonymous.client is None
    assert anonymous.is_missed


def test_an_unknown_status_is_kept_and_is_no_missed_call() -> None:
    unknown = call("unknown_status.form")
    assert (unknown.outcome, unknown.status) == (Outcome.UNKNOWN, "Teleported")
    assert not unknown.is_missed
    assert not unknown.is_answered


def test_a_history_of_an_unknown_type_is_kept_as_unknown() -> None:
    assert event("unknown_type.form") == UnknownEvent("history sideways")


def test_an_answered_call_says_how_long_it_rang_and_how_long_they_talked() -> None:
    """`duration` of the webhook is the whole call."""
    answered = call("incoming_answered.form")
    assert answered.answered_at == STARTED_AT + timedelta(seconds=5)
    assert (answered.wait, answered.talk) == (timedelta(seconds=5), timedelta(seconds=23))
    assert answered.ended_at == STARTED_AT + timedelta(seconds=28)
    assert (answered.employee, answered.recording_url, answered.rating) == ("admin", "https://link/file.mp3", 5)


def test_without_a_wait_the_talk_is_unknown_and_the_start_is_the_answer() -> None:
    answered = call("outgoing_answered.form")
    assert (answered.answered_at, answered.talk) == (answered.started_at, None)
    assert answered.ended_at - answered.started_at == timedelta(minutes=4)


def test_the_manual_s_example_in_capitals() -> None:
    answered = call("history_out_answered_uppercase.json")
    assert (answered.direction, answered.outcome, answered.status) == (Direction.OUT, Outcome.ANSWERED, "SUCCESS")
    assert answered.started_at == datetime(2017, 7, 3, 12, 11, 10, tzinfo=UTC)
    assert (answered.client, answered.our_number) == ("+74951904198", None)


def test_our_own_attempt_that_failed_is_never_a_missed_call() -> None:
    attempt = call("outgoing_missed_is_our_own_attempt.form")
    assert (attempt.direction, attempt.outcome, attempt.is_missed) == (Direction.OUT, Outcome.MISSED, False)
    assert call("outgoing_busy.form").outcome is Outcome.BUSY


@pytest.mark.parametrize(
    ("name", "followup"),
    [
        ("outgoing_call_back_answered.form", Followup.RETURNED),
        ("outgoing_call_back_not_available.form", Followup.NOT_REACHED),
        ("outgoing_answered.form", None),
        ("missed_by_department_user_empty.form", None),
    ],
)
def test_an_outgoing_call_says_whether_it_returned_a_missed_one(name: str, followup: Followup | None) -> None:
    assert call(name).followup is followup


@pytest.mark.parametrize("missed_status", ["1", "2", "3", "4"])
def test_a_missed_call_s_own_webhook_never_says_it_is_done(missed_status: str) -> None:
    ended = read(cmd="history", callid="1", phone="79263808397", status="Missed", missedStatus=missed_status)
    assert isinstance(ended, CallEnded)
    assert ended.call.followup is None


def test_numbers_that_are_none_count_as_missing() -> None:
    odd = call("numbers_that_are_none.form")
    assert (odd.started_at, odd.ended_at, odd.answered_at) == (RECEIVED_AT, RECEIVED_AT, RECEIVED_AT)
    assert (odd.wait, odd.talk, odd.rating) == (None, None, None)


@pytest.mark.parametrize("duration", ["1e400", "nan", "99999999999", "-5", "1:30"])
@pytest.mark.parametrize("start", ["99991231T235959Z", "00010101T000000+1400", "20220230T000000Z", "1642669162"])
def test_absurd_numbers_break_nothing(duration: str, start: str) -> None:
    ended = read(cmd="history", callid="1", phone="1", status="Missed", duration=duration, start=start)
    assert isinstance(ended, CallEnded)
    assert ended.call.started_at == ended.call.ended_at == RECEIVED_AT


def test_where_only_the_wait_is_told_the_ringing_ended_with_it() -> None:
    ended = read(cmd="history", callid="1", phone="1", status="Missed", start="20220120T085922Z", wait="13")
    assert isinstance(ended, CallEnded)
    assert ended.call.ended_at == STARTED_AT + timedelta(seconds=13)


def test_a_start_with_an_offset_is_brought_to_utc() -> None:
    ended = read(cmd="history", callid="1", phone="1", status="Missed", start="2022-01-20T11:59:22+03:00")
    assert isinstance(ended, CallEnded)
    assert ended.call.started_at == STARTED_AT


def test_a_phone_rings() -> None:
    """The example leaves out `direction`, which the table requires."""
    assert event("event_incoming_without_direction.json") == CallProgress(
        call_id="33274237",
        stage=Stage.RINGING,
        client="+79261904198",
        direction=Direction.IN,
        employee="admin",
        our_number="+74952005060",
    )


def test_a_leg_that_lost_the_race_says_nothing_about_the_call() -> None:
    assert event("event_cancelled_lost_the_race.form") == CallProgress(
        call_id="3934307521",
        stage=Stage.CANCELLED,
        client="+79263808397",
        direction=Direction.IN,
        employee="ivan",
        department="Отдел продаж",
        our_number="+74954010121",
    )


def test_a_transfer_ties_two_calls() -> None:
    transferred = event("event_transferred_with_second_callid.form")
    assert isinstance(transferred, CallProgress)
    assert (transferred.stage, transferred.second_call_id) == (Stage.TRANSFERRED, "3934307600")


@pytest.mark.parametrize(
    ("kind", "stage", "direction"),
    [
        ("INCOMING", Stage.RINGING, Direction.IN),
        ("ACCEPTED", Stage.ANSWERED, None),
        ("COMPLETED", Stage.ENDED, None),
        ("CANCELLED", Stage.CANCELLED, None),
        ("OUTGOING", Stage.DIALLING, Direction.OUT),
        ("transferred", Stage.TRANSFERRED, None),
    ],
)
def test_every_stage_of_a_call(kind: str, stage: Stage, direction: Direction | None) -> None:
    progress = read(cmd="event", type=kind, callid="1", phone="79263808397", user="admin")
    assert isinstance(progress, CallProgress)
    assert (progress.stage, progress.direction) == (stage, direction)


def test_an_event_of_an_unknown_type_is_kept() -> None:
    assert event("event_unknown_type.form") == UnknownEvent("event TELEPORTED")


def test_who_is_calling() -> None:
    assert event("contact.json") == WhoIsCalling(client="+79261904198", call_id="33274237", our_number="+74952005060")


def test_a_client_rates_us() -> None:
    assert event("rating.json") == Rated(stars=4, call_id="33274237", client="+79261904198", employee="user")
    assert event("rating_without_callid.form") == Rated(stars=4, call_id=None, client="+79261904198", employee="user")


@pytest.mark.parametrize("rating", ["0", "6", "4.5", "-1"])
def test_a_rating_beyond_the_stars_is_kept_as_unknown(rating: str) -> None:
    assert read(cmd="rating", callid="1", rating=rating) == UnknownEvent(f"rating {rating}")


@pytest.mark.parametrize(
    "name",
    [
        "sipregs_error_object.json",
        "sipregs_error_json_text.form",
        "sipregs_error_flattened.form",
        "sipregs_error_dotted.form",
    ],
)
def test_a_lost_line_however_its_data_arrives(name: str) -> None:
    assert event(name) == LineLost(number="+79262005060", name="Тест")


@pytest.mark.parametrize("data", ["", "[1]", "{", "null", '"text"', "{}"])
def test_a_lost_line_that_cannot_be_read_is_a_lost_line(data: str) -> None:
    assert read(cmd="webhook", type="sipregs_error", data=data) == LineLost(number=None)


def test_a_line_lost_again_later_is_news_and_a_repetition_is_not() -> None:
    body = fixture("sipregs_error_object.json")
    keys = [
        events.read(body, received_at=RECEIVED_AT + timedelta(minutes=minutes), country="RU")[0].key
        for minutes in (0, 5, 180)
    ]
    assert keys[0] == keys[1] != keys[2]


def test_a_subscription_we_do_not_know_is_kept() -> None:
    assert read(cmd="webhook", type="disk_full") == UnknownEvent("webhook disk_full")


@pytest.mark.parametrize(
    "said",
    [
        {"cmd": "history", "phone": "79263808397", "status": "Missed"},
        {"cmd": "history", "callid": "1", "status": "Missed"},
        {"cmd": "history", "callid": "1", "phone": "79263808397"},
        {"cmd": "history", "callid": " ", "phone": "79263808397", "status": "Missed"},
        {"cmd": "event", "phone": "79263808397", "type": "INCOMING"},
        {"cmd": "event", "callid": "1", "type": "INCOMING"},
        {"cmd": "event", "callid": "1", "phone": "79263808397"},
        {"cmd": "contact", "callid": "1"},
        {"cmd": "rating", "callid": "1"},
        {"cmd": "rating", "rating": "4"},
        {"cmd": "rating", "callid": "1", "rating": "x"},
        {"cmd": "rating", "callid": "1", "rating": ""},
        {"cmd": "webhook", "data": "{}"},
        {"cmd": "teleport", "callid": "1"},
        {"callid": "1", "phone": "79263808397", "status": "Missed"},
    ],
)
def test_a_required_field_that_is_missing_is_malformed(said: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        read(**said)


def test_every_ringing_phone_is_news_of_its_own() -> None:
    def key(user: str) -> str:
        body = urlencode({"cmd": "event", "type": "INCOMING", "callid": "1", "phone": "1", "user": user}).encode()
        return events.read(body, received_at=RECEIVED_AT, country="RU")[0].key

    assert key("anna") != key("ivan")


def test_the_key_of_an_event_does_not_depend_on_our_token_or_the_order_of_fields() -> None:
    said = {"cmd": "event", "type": "INCOMING", "callid": "1", "phone": "1", "crm_token": "old"}
    turned = dict(reversed((said | {"crm_token": "new"}).items()))
    one, other = (
        events.read(json.dumps(body).encode(), received_at=RECEIVED_AT, country="RU")[0].key
        for body in (said, turned)
    )
    assert one == other
    assert one.startswith("event:")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CRM-Token": TOKEN},
        {"x-crm-token": TOKEN},
        {"Authorization": f"Bearer {TOKEN}"},
        {"authorization": f"bearer  {TOKEN}"},
        {"Authorization": "Basic dXNlcjpkNDdmOWU4OC1jYmUzLTQ5NjEtOGRlYi1jZTU1YzE2OWY0MGM="},
        {"Authorization": "Basic ZDQ3ZjllODgtY2JlMy00OTYxLThkZWItY2U1NWMxNjlmNDBjOg=="},
        {"Authorization": "Basic ZDQ3ZjllODgtY2JlMy00OTYxLThkZWItY2U1NWMxNjlmNDBj"},
    ],
)
def test_the_key_may_come_in_a_header(vats: VatsRest, headers: dict[str, str]) -> None:
    vats.verify(WebhookRequest(headers, b"cmd=contact&phone=1"))


@pytest.mark.parametrize("key", ["", " "])
def test_without_a_key_of_ours_nothing_is_authentic(key: str) -> None:
    with pytest.raises(NotAuthentic):
        vats_dialect.verify(WebhookRequest({"X-CRM-Token": key}, b"cmd=contact&phone=1&crm_token="), key)


async def test_a_key_need_not_be_ascii() -> None:
    vats = Account().vats(webhook_token="ключ")
    vats.verify(WebhookRequest({}, "cmd=contact&phone=1&crm_token=ключ".encode()))
    vats.verify(WebhookRequest({"X-CRM-Token": "ключ"}, b"cmd=contact&phone=1"))
    await vats.close()


def test_the_answer_to_who_is_calling(vats: VatsRest) -> None:
    question = WhoIsCalling(client="+79261904198")
    known = Answer(name="Менеджер Мебель", responsible="admin")
    assert vats.answer(question, known) == {"contact_name": "Менеджер Мебель", "responsible": "admin"}
    assert vats.answer(question, Answer(name="Анна")) == {"contact_name": "Анна"}
    assert vats.answer(question, Answer()) == {}
