"""What the desk asks of t2, through its own doors."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import ValidationError

from pbx.errors import AuthFailed, Rejected, Unavailable, Unsupported
from pbx.phone_system import Answer, WebhookRequest
from pbx.t2.phone_system import T2
from pbx.vocabulary import (
    ActiveCall,
    Blocked,
    Call,
    CallEnded,
    Direction,
    Outcome,
    PbxStatistics,
    Phrase,
    Received,
    Stage,
    Tried,
    WhoIsCalling,
)
from tests.pbx.t2.t2_account import ACCESS, NOW, REFRESH, Account, config, fixture, said

RECORDS = "GET /call-records/info"
MISSING = "GET /statistics/missing"


def ended(received: list[Received]) -> list[Call]:
    return [one.event.call for one in received if isinstance(one.event, CallEnded)]


# polling


async def test_a_call_in_both_lists_is_told_once(account: Account, t2: T2) -> None:
    account.will(MISSING, said(fixture("missing_with_local_offset")[:1]))
    account.will(RECORDS, said(fixture("missed_on_multichannel_in_records_with_utc")))
    received, _ = await t2.poll(None)
    (call,) = ended(received)
    assert (call.outcome, call.client) == (Outcome.HUNG_UP, "+79365113627")


async def test_its_statistics_tell_what_its_calls_do_not(account: Account, t2: T2) -> None:
    account.will("GET /statistics/common", said(fixture("common_statistics")))
    told = await t2.statistics(datetime(2023, 8, 1, tzinfo=UTC), datetime(2023, 8, 4, tzinfo=UTC))
    assert told == PbxStatistics(
        internal=9,
        internal_talk=timedelta(seconds=717),
        transfers=0,
        clients=2,
        redials=6,
        longest_talk=timedelta(seconds=72),
    )
    (asked,) = account.requests("/statistics/common")
    assert dict(asked.url.params) == {"start": "2023-08-01T00:00:00+00:00", "end": "2023-08-04T00:00:00+00:00"}


async def test_each_reading_goes_two_hours_back_and_a_little_ahead(account: Account, t2: T2) -> None:
    _, cursor = await t2.poll(None)
    account.now += timedelta(hours=5)
    await t2.poll(cursor)
    asked = [dict(request.url.params) for request in account.requests("/call-records/info")]
    assert [(one["start"], one["end"]) for one in asked] == [
        ("2023-08-28T10:30:00+00:00", "2023-08-28T12:35:00+00:00"),
        ("2023-08-28T10:30:00+00:00", "2023-08-28T17:35:00+00:00"),
    ]
    also = [dict(request.url.params) for request in account.requests("/statistics/missing")]
    assert [(one["start"], one["end"]) for one in also] == [(one["start"], one["end"]) for one in asked]


async def test_what_the_caller_has_kept_is_not_told_again(account: Account, t2: T2) -> None:
    account.will(RECORDS, said(fixture("missed_on_an_employee_s_own_number")))
    first, cursor = await t2.poll(None)
    again, cursor = await t2.poll(cursor)
    assert (len(first), again) == (1, [])
    both = [*fixture("missed_on_an_employee_s_own_number"), *fixture("outgoing_answered")]
    account.will(RECORDS, said(both))
    more, _ = await t2.poll(cursor)
    assert [call.direction for call in ended(more)] == [Direction.OUT]


async def test_what_the_caller_could_not_keep_is_told_again(account: Account, t2: T2) -> None:
    _, before = await t2.poll(None)
    account.will(RECORDS, said(fixture("missed_on_an_employee_s_own_number")))
    lost, _ = await t2.poll(before)
    again, _ = await t2.poll(before)
    assert [one.key for one in lost] == [one.key for one in again]
    assert len(lost) == 1


async def test_a_restart_repeats_keys_and_skips_nothing(account: Account, t2: T2) -> None:
    account.will(RECORDS, said(fixture("missed_on_an_employee_s_own_number")))
    before, cursor = await t2.poll(None)
    restarted = account.t2()
    account.will(RECORDS, said([*fixture("missed_on_an_employee_s_own_number"), *fixture("outgoing_answered")]))
    after, _ = await restarted.poll(cursor)
    assert [one.key for one in before] == [one.key for one in after][:1]
    assert len(after) == 2
    await restarted.close()


async def test_a_recording_that_comes_later_is_news_of_the_same_call(account: Account, t2: T2) -> None:
    row = fixture("outgoing_answered")[0]
    account.will(RECORDS, said([{**row, "recordFileName": ""}]))
    first, cursor = await t2.poll(None)
    account.will(RECORDS, said([row]))
    second, _ = await t2.poll(cursor)
    assert ended(first)[0].id == ended(second)[0].id
    assert ended(second)[0].recording_url == "t2:2023-08-28/mo_169322550000000000"


async def test_a_call_keeps_the_id_by_which_it_was_first_told(account: Account, t2: T2) -> None:
    account.will(RECORDS, said(fixture("missed_on_multichannel_without_the_dialled_number")))
    first, cursor = await t2.poll(None)
    account.will(MISSING, said(fixture("missing_with_local_offset")[:1]))
    second, _ = await t2.poll(cursor)
    assert {call.id for call in ended(second)} <= {call.id for call in ended(first)}


async def test_an_office_without_a_multichannel_number_is_polled_all_the_same(account: Account, t2: T2) -> None:
    account.will(MISSING, httpx.Response(404))
    account.will(RECORDS, said(fixture("missed_on_an_employee_s_own_number")))
    received, _ = await t2.poll(None)
    assert len(received) == 1


@pytest.mark.parametrize("status", [401, 503])
async def test_a_list_that_can_t_be_read_moves_no_cursor(account: Account, t2: T2, status: int) -> None:
    account.will(MISSING, httpx.Response(status))
    with pytest.raises((Unavailable, AuthFailed)):
        await t2.poll(None)


@pytest.mark.parametrize("cursor", ["", "rubbish", "2023-08-28T12:30:00"])
async def test_a_cursor_that_can_t_be_read_is_none(account: Account, t2: T2, cursor: str) -> None:
    await t2.poll(cursor)
    assert account.requests("/call-records/info")[0].url.params["start"] == "2023-08-28T10:30:00+00:00"


async def test_a_clock_set_back_skips_nothing(account: Account, t2: T2) -> None:
    _, cursor = await t2.poll(None)
    account.now -= timedelta(hours=1)
    await t2.poll(cursor)
    assert account.requests("/call-records/info")[1].url.params["start"] == "2023-08-28T09:30:00+00:00"


async def test_employees_are_not_asked_for_with_every_poll(account: Account, t2: T2) -> None:
    cursor = None
    for _ in range(4):
        _, cursor = await t2.poll(cursor)
    assert len(account.requests("/employees")) == 1
    account.now += timedelta(minutes=5)
    await t2.poll(cursor)
    assert len(account.requests("/employees")) == 2


async def test_history_is_read_by_the_day_oldest_first_and_ends_before_its_end(account: Account, t2: T2) -> None:
    account.will(RECORDS, said(fixture("missed_on_an_employee_s_own_number")), said(fixture("outgoing_answered")))
    account.will(MISSING, said(fixture("missing_with_local_offset")), said([]))
    start = datetime(2023, 8, 27, 12, 21, tzinfo=UTC)
    history = [call async for call in t2.history(start, datetime(2023, 8, 28, 12, 25, 1, tzinfo=UTC))]
    assert [(call.client, call.direction) for call in history] == [
        ("+79993388398", Direction.IN),
        ("+79365113627", Direction.IN),
        ("+79993388398", Direction.IN),
        ("+79993388398", Direction.OUT),
    ]
    up_to = datetime(2023, 8, 28, 12, 25, tzinfo=UTC)
    account.will(RECORDS, said(fixture("outgoing_answered")))
    assert [call async for call in t2.history(up_to - timedelta(hours=1), up_to)] == []


# what it lacks


async def test_it_has_no_webhook_to_be_called_at(t2: T2) -> None:
    assert (t2.capabilities.webhook, t2.capabilities.polling) == (False, True)
    with pytest.raises(Unsupported, match="polled"):
        t2.verify(WebhookRequest({}, b"{}"))
    with pytest.raises(Unsupported, match="polled"):
        t2.read(b"{}", received_at=NOW)
    with pytest.raises(Unsupported):
        t2.answer(WhoIsCalling(client=None), Answer())


# people


async def test_an_employee_answers_to_short_and_full_number_mail_and_id(account: Account, t2: T2) -> None:
    account.will("GET /employees", said(fixture("employees_with_short_numbers")))
    artem, nobody, *_ = await t2.employees()
    assert all(artem.answers_to(word) for word in ("0001", "79081560008", "+79081560008", "ASD@asd.ru", "433"))
    assert (artem.login, artem.name, artem.numbers) == ("79081560008", "Артем Исаев", ("+79081560008",))
    assert (nobody.login, nobody.name, nobody.numbers, nobody.aliases) == ("5412", "5412", (), ("5412",))


async def test_the_responsible_employee_of_a_client(account: Account, t2: T2) -> None:
    account.will("GET /managers", said([fixture("manager")]))
    account.will("GET /employees", said(fixture("employees_with_short_numbers")))
    assert await t2.responsible_for("+79081581621") == "79527745939"
    assert await t2.responsible_for("+79990001122") is None
    assert len(account.requests("/managers")) == 1


# calls


@pytest.mark.parametrize(
    ("employee", "source"),
    [("79081560008", "79081560008"), ("0001", "79081560008"), ("asd@asd.ru", "79081560008"), ("433", "433")],
)
async def test_a_call_rings_the_employee_s_own_number(account: Account, t2: T2, employee: str, source: str) -> None:
    """433 is one's short number and another's id: the number goes first."""
    account.will("GET /employees", said(fixture("employees_with_short_numbers")))
    account.will("POST /call/outgoing", httpx.Response(200))
    started = await t2.make_call(employee, "+79533933557")
    assert dict(account.asked[-1].url.params) == {"destination": "79533933557", "source": source}
    assert (started.id, started.at) == (None, NOW)


@pytest.mark.parametrize(("employee", "reason"), [("5412", "no phone number"), ("nobody", "no employee nobody")])
async def test_who_can_t_be_rung_is_said(account: Account, t2: T2, employee: str, reason: str) -> None:
    account.will("GET /employees", said(fixture("employees_with_short_numbers")))
    with pytest.raises(Rejected) as caught:
        await t2.make_call(employee, "+79533933557")
    assert reason in caught.value.reason
    assert account.requests("/call/outgoing") == []


async def test_a_flicker_ends_no_call_and_two_absences_do(account: Account, t2: T2) -> None:
    row = {"callType": "MULTI_CHANNEL", "callerNumberFull": "79535548834"}
    answered = {**row, "calledNumberFull": "79081560008"}
    account.will("GET /monitoring/calls", *map(said, ([row], [answered], [], [answered], [], [])))
    employees = [[call.employee for call in await t2.active_calls()] for _ in range(6)]
    assert employees == [[None], ["79081560008"], ["79081560008"], ["79081560008"], ["79081560008"], []]


async def test_a_call_seen_long_ago_is_no_flicker(account: Account, t2: T2) -> None:
    account.will("GET /monitoring/calls", said(fixture("monitoring_calls")), said([]))
    assert len(await t2.active_calls()) == 1
    account.now += timedelta(minutes=1)
    assert await t2.active_calls() == []


async def test_two_calls_of_one_number_are_two(account: Account, t2: T2) -> None:
    row = {"callType": "MULTI_CHANNEL", "callerNumberFull": "79535548834"}
    account.will("GET /monitoring/calls", said([row, row]))
    assert len(await t2.active_calls()) == 2


@pytest.mark.parametrize(
    ("kind", "caller", "called", "seen"),
    [
        ("INTERNAL", "79535548834", "79527745939", ActiveCall(None, None, Direction.INTERNAL)),
        (
            "SINGLE_CHANNEL",
            "79535548834",
            "79081560008",
            ActiveCall(None, "+79535548834", Direction.IN, employee="79081560008", our_number="+79081560008"),
        ),
        (
            "SINGLE_CHANNEL",
            "79081560008",
            "79535548834",
            ActiveCall(None, "+79535548834", Direction.OUT, employee="79081560008", our_number="+79081560008"),
        ),
        ("MULTI_CHANNEL", "79535548834", None, ActiveCall(None, "+79535548834", Direction.IN)),
    ],
)
async def test_which_way_an_active_call_goes(
    account: Account, t2: T2, kind: str, caller: str, called: str | None, seen: ActiveCall
) -> None:
    row = {"callType": kind, "callerNumberFull": caller, "calledNumberFull": called}
    account.will("GET /monitoring/calls", said([row]))
    assert await t2.active_calls() == [seen]


async def test_who_waits_in_a_queue_rings_there_with_or_without_a_row(account: Account, t2: T2) -> None:
    rows = [{"callType": "MULTI_CHANNEL", "callerNumberFull": number} for number in ("79527648162", "79535548834")]
    account.will("GET /monitoring/calls", said(rows))
    account.will("GET /monitoring/calls/pending", said(fixture("pending_calls")))
    assert await t2.active_calls() == [
        ActiveCall(None, "+79527648162", Direction.IN, Stage.RINGING, department="1"),
        ActiveCall(None, "+79535548834", Direction.IN),
        ActiveCall(None, "+79527648163", Direction.IN, Stage.RINGING, department="1"),
    ]


# recordings


async def test_a_recording_and_what_was_said_by_the_reference_of_the_call(account: Account, t2: T2) -> None:
    account.will(
        "GET /call-records/file", httpx.Response(200, headers={"Content-Type": "audio/mpeg"}, content=b"ID3")
    )
    account.will("GET /call-records/file/stt", said(fixture("transcript_words")))
    async with t2.recording("t2:2022-07-15/165787002922476116") as recording:
        assert (recording.content_type, [chunk async for chunk in recording.chunks]) == ("audio/mpeg", [b"ID3"])
    assert account.asked[-1].url.raw_path.endswith(b"?filename=2022-07-15%2F165787002922476116")
    assert await t2.transcript("t2:2022-07-15/165787002922476116") == [
        Phrase(by_caller=False, text="информируем что разговор", start=timedelta(milliseconds=300)),
        Phrase(by_caller=True, text="двенадцать лет", start=timedelta(milliseconds=4770)),
    ]
    assert [request.url.params["filename"] for request in account.asked] == [
        "2022-07-15/165787002922476116",
        "2022-07-15%2F165787002922476116",
    ]


async def test_a_recording_that_is_not_t2_s_is_not_asked_for(account: Account, t2: T2) -> None:
    with pytest.raises(Unsupported):
        t2.recording("https://elsewhere.example/1.mp3")
    assert account.asked == []


# blacklist


async def test_the_blacklist_in_our_numbers(account: Account, t2: T2) -> None:
    account.will("GET /blacklist", said(fixture("blacklist")))
    assert await t2.blacklist() == [Blocked("+79023581212"), Blocked("+79998889988")]


async def test_blocking_twice_is_blocking(account: Account, t2: T2) -> None:
    account.will("POST /blacklist", httpx.Response(200, text="DUPLICATE_BLACK_LIST_NUMBER"))
    await t2.block("+79998887766")
    assert account.asked[-1].content == b"79998887766"


async def test_unblocking(account: Account, t2: T2) -> None:
    account.will("DELETE /blacklist/by-msisdn/77473370262", httpx.Response(200, text='"SUCCESS"'))
    await t2.unblock("+77473370262")
    account.will("DELETE /blacklist/by-msisdn/77473370262", httpx.Response(200, text="CUSTOMER_ALREADY_ASSIGNED"))
    with pytest.raises(Rejected):
        await t2.unblock("+77473370262")


async def test_a_check_says_what_it_found(account: Account, t2: T2) -> None:
    assert await t2.check() == Tried(3, tokens_until=datetime(2023, 9, 4, 12, 30, tzinfo=UTC))


# configuration


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"key": "k"}, "access_token and refresh_token"),
        ({"access_token": ""}, "access_token is empty"),
        ({"refresh_token": " "}, "refresh_token is empty"),
        ({"refresh_token": ACCESS}, "are the same"),
        ({"access_token": "to ken"}, "copy it anew"),
        ({"access_token": "токен"}, "copy it anew"),
        ({"poll_seconds": 1}, "greater than or equal to 2"),
        ({"history_timezone": "Mars"}, "time zone"),
        ({"shoe_size": 44}, "not permitted"),
    ],
)
def test_a_bad_setting_says_what_to_do(changed: dict[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        config(**changed)
    assert REFRESH not in str(caught.value)


def test_the_defaults() -> None:
    assert (config().url, config().poll_seconds, config().history_timezone) == ("https://ats2.t2.ru", 20, "UTC")
