"""The history export as calls."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from pbx.vats_rest.phone_system import VatsRest
from pbx.vocabulary import Call, Destination, Direction, Followup, Outcome
from tests.pbx.vats_rest.vats_account import Account, fixture

SINCE, UNTIL = datetime(2022, 1, 20, 8, tzinfo=UTC), datetime(2022, 1, 20, 10, tzinfo=UTC)
HISTORY = "GET /history/json"


def row(**changes: Any) -> dict[str, Any]:
    said = {"uid": "1", "type": "in", "status": "missed", "client": "79263808397", "start": "2022-01-20T08:59:22Z"}
    return said | {"wait": 13, "duration": 0} | changes


async def history(vats: VatsRest, since: datetime = SINCE, until: datetime = UNTIL) -> list[Call]:
    return [call async for call in vats.history(since, until)]


async def test_the_manual_s_example_oldest_first(account: Account, vats: VatsRest) -> None:
    account.will(HISTORY, httpx.Response(200, content=fixture("history_json_missed_by_department.json")))
    answered, missed = await history(vats)
    assert account.asked == [f"{HISTORY}?start=20220120T080000Z&end=20220120T100000Z&type=all&processMissed=true"]
    assert missed == Call(
        id="3934307521",
        direction=Direction.IN,
        outcome=Outcome.MISSED,
        client="+79263808397",
        started_at=datetime(2022, 1, 20, 8, 59, 22, tzinfo=UTC),
        ended_at=datetime(2022, 1, 20, 8, 59, 35, tzinfo=UTC),
        wait=timedelta(seconds=13),
        our_number="+74954010121",
        department="Отдел продаж",
        destination=Destination.DEPARTMENT,
        status="missed",
    )
    assert (answered.outcome, answered.employee) == (Outcome.ANSWERED, "admin")
    assert answered.answered_at == datetime(2022, 1, 20, 8, 58, 47, tzinfo=UTC)
    assert (answered.talk, answered.ended_at) == (
        timedelta(seconds=23),
        datetime(2022, 1, 20, 8, 59, 10, tzinfo=UTC),
    )


async def test_revision_1_says_direction_for_type(account: Account, vats: VatsRest) -> None:
    account.will(HISTORY, json.loads(fixture("history_json_revision_1.json")))
    assert [(call.direction, call.is_missed) for call in await history(vats)] == [
        (Direction.IN, False),
        (Direction.IN, True),
    ]


@pytest.mark.parametrize("nothing", [b"null", b"[]", b"", b'{"items": []}'])
async def test_an_empty_window(account: Account, vats: VatsRest, nothing: bytes) -> None:
    account.will(HISTORY, httpx.Response(200, content=nothing))
    assert await history(vats) == []


@pytest.mark.parametrize(
    ("missed_status", "followup"),
    [
        (1, Followup.REACHED_US),
        ("2", Followup.RETURNED),
        (3, Followup.NOT_RETURNED),
        (4, Followup.NOT_REACHED),
        (5, None),
        (None, None),
    ],
)
async def test_what_became_of_a_missed_call(
    account: Account, vats: VatsRest, missed_status: Any, followup: Followup | None
) -> None:
    account.will(HISTORY, [row(missedStatus=missed_status)])
    (call,) = await history(vats)
    assert call.followup is followup


@pytest.mark.parametrize(
    ("written", "destination"),
    [
        ("user", Destination.EMPLOYEE),
        ("telnum", Destination.OUTSIDE_NUMBER),
        ("ivr", Destination.MENU),
        ("onduty", Destination.ON_DUTY),
        ("on duty", Destination.ON_DUTY),
        ("offtime", Destination.OUTSIDE_HOURS),
        ("hello", Destination.GREETING),
        ("vm", Destination.VOICEMAIL),
        ("am", Destination.ANSWERING_MACHINE),
        ("moon", None),
    ],
)
async def test_a_destination_is_told_and_the_status_decides(
    account: Account, vats: VatsRest, written: str, destination: Destination | None
) -> None:
    account.will(HISTORY, [row(destination=written)])
    (call,) = await history(vats)
    assert (call.destination, call.is_missed) == (destination, True)


async def test_an_unknown_status_or_type_is_never_a_missed_call(account: Account, vats: VatsRest) -> None:
    account.will(HISTORY, [row(status="teleported"), row(uid="2", type="sideways")])
    assert [(call.outcome, call.is_missed) for call in await history(vats)] == [(Outcome.UNKNOWN, False)] * 2


async def test_our_own_attempt_is_never_a_missed_call(account: Account, vats: VatsRest) -> None:
    account.will(HISTORY, [row(type="out")])
    (call,) = await history(vats)
    assert (call.direction, call.outcome, call.is_missed) == (Direction.OUT, Outcome.MISSED, False)


async def test_only_calls_that_began_within_the_window(account: Account, vats: VatsRest) -> None:
    starts = ["2022-01-20T07:59:59Z", "2022-01-20T08:00:00Z", "2022-01-20T09:59:59Z", "2022-01-20T10:00:00Z"]
    account.will(HISTORY, [row(uid=start, start=start) for start in reversed(starts)])
    assert [call.id for call in await history(vats)] == starts[1:3]


async def test_the_second_that_a_window_ends_in_is_asked_for_whole(account: Account, vats: VatsRest) -> None:
    await history(vats, until=UNTIL.replace(microsecond=1))
    assert httpx.URL(str(account.requests[0].url)).params["end"] == "20220120T100001Z"


async def test_several_rows_of_one_call_are_one_call_and_an_answer_counts(account: Account, vats: VatsRest) -> None:
    account.will(HISTORY, [row(), row(status="success", user="admin", duration=5), row(user="ivan")])
    (call,) = await history(vats)
    assert (call.is_answered, call.employee) == (True, "admin")


@pytest.mark.parametrize("start", ["2022-01-20T11:59:22Z", "2022-01-20T11:59:22", "2022-01-20T08:59:22+00:00"])
async def test_the_export_s_times_may_be_another_zone_s(account: Account, start: str) -> None:
    vats = account.vats(history_timezone="Europe/Moscow")
    account.will(HISTORY, [row(start=start)])
    (call,) = await history(vats)
    assert call.started_at == datetime(2022, 1, 20, 8, 59, 22, tzinfo=UTC)
    await vats.close()


async def test_the_window_is_wide_enough_for_either_reading_of_the_zone(account: Account) -> None:
    """Whether the PBX takes our times as UTC or as its own is unknown, so rows are chosen here."""
    vats = account.vats(history_timezone="Europe/Moscow")
    account.will(HISTORY, [row(start="2022-01-20T10:59:59Z"), row(uid="2", start="2022-01-20T11:00:00Z")])
    assert [call.id for call in await history(vats)] == ["2"]
    asked = httpx.URL(str(account.requests[0].url)).params
    assert asked["start"] < "20220120T080000Z"
    assert asked["end"] > "20220120T130000Z"
    await vats.close()


async def test_a_long_time_is_asked_for_by_the_week(account: Account, vats: VatsRest) -> None:
    account.will(HISTORY, [row(start="2022-01-02T00:00:00Z")], [row(uid="2", start="2022-01-09T00:00:00Z")], None)
    found = await history(vats, datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 1, 16, tzinfo=UTC))
    assert [call.id for call in found] == ["1", "2"]
    assert [httpx.URL(str(one.url)).params["start"] for one in account.requests] == [
        "20220101T000000Z",
        "20220108T000000Z",
        "20220115T000000Z",
    ]


async def test_a_row_without_an_id_or_a_start_is_not_lost(account: Account, vats: VatsRest) -> None:
    account.will(HISTORY, [row(uid=None, start="whenever", wait="soon", rating="x", user=None, note=["?"])])
    (call,) = await history(vats)
    assert call.id.startswith("row-")
    assert (call.started_at, call.wait, call.rating, call.is_missed) == (SINCE, None, None, True)
    assert (await history(vats))[0].id == call.id


async def test_a_rating_and_a_recording_are_kept(account: Account, vats: VatsRest) -> None:
    url = "https://example.megapbx.ru/records/1.mp3"
    account.will(
        HISTORY, [row(status="success", rating=5, record=url, telnum_name="Главный", diversion="74954010121")]
    )
    (call,) = await history(vats)
    assert (call.rating, call.recording_url, call.our_number_name) == (5, url, "Главный")
