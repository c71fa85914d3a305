"""`call-records`: the rows in every shape they come in, their pages, the recordings and the words."""

from datetime import timedelta

import pytest

from sandbox.t2 import Answered, HangsUp, NobodyAnswers, Quirks, T2Office
from sandbox.t2.demo import SALES
from sandbox.t2.quirks import Slash
from tests.sandbox.t2.program import INFO, NOON, Api, Clock

CLIENT, PAVEL = "79000012345", "79000001101"
EMPTY = {"message": "Some of fields empty"}


async def test_a_row_is_the_manuals_own(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, PAVEL, Answered("101", after=5, talk=60))
    [row] = await api("GET", INFO)
    assert row.pop("recordFileName").startswith("2026-03-12/mo_1773316800")
    assert row == {
        "callTimestamp": "2026-03-12T12:00:00.000Z",
        "callType": "SINGLE_CHANNEL",
        "destinationNumber": PAVEL,
        "callerNumber": CLIENT,
        "calleeNumber": PAVEL,
        "calleeName": "Павел Новиков",
        "callDuration": 65,
        "conversationDuration": 60,
        "callStatus": "ANSWERED_BY_ORIGINAL_CLIENT",
    }


async def test_rows_seen_in_the_field_differ(pbx: T2Office, api: Api) -> None:
    pbx.quirks = Quirks(wrapped_records=True, record_time="epoch", record_uuid=True, record_date=True)
    played = await pbx.calls.client_calls(CLIENT, PAVEL, HangsUp())
    [row] = (await api("GET", INFO))["content"]
    assert row["callTimestamp"] == 1773316800
    assert (row["uuid"], row["date"]) == (played.uuid, "2026-03-12T15:00:00.000+03:00")


@pytest.mark.parametrize(
    ("quirks", "name"),
    [
        (Quirks(), ""),
        (Quirks(no_recording="null"), None),
        (Quirks(no_recording="absent"), "absent"),
    ],
)
async def test_an_unanswered_call_has_an_empty_record_name(
    pbx: T2Office, api: Api, quirks: Quirks, name: str | None
) -> None:
    pbx.quirks = quirks
    await pbx.calls.client_calls(CLIENT, PAVEL, NobodyAnswers())
    [row] = await api("GET", INFO)
    assert row.get("recordFileName", "absent") == name
    assert await api("GET", f"{INFO}&is_recorded=true") == []


async def test_an_unanswered_call_may_be_recorded_as_in_the_example(pbx: T2Office, api: Api) -> None:
    pbx.quirks = Quirks(unanswered_recorded=True)
    await pbx.calls.client_calls(CLIENT, PAVEL, NobodyAnswers())
    [row] = await api("GET", f"{INFO}&is_recorded=true")
    assert row["callStatus"] == "NOT_ANSWERED_COMMON"
    assert row["recordFileName"]


async def test_rows_come_ten_to_a_page_the_oldest_first(pbx: T2Office, api: Api) -> None:
    for n in range(12):
        await pbx.calls.client_calls(f"790000123{n:02d}", PAVEL, HangsUp())

    async def asked(more: str = "") -> list[int]:
        return [int(row["callerNumber"][-2:]) for row in await api("GET", INFO + more)]

    assert await asked() == list(range(10))
    assert await asked("&page=1") == [10, 11]
    assert await asked("&page=2") == []
    assert await asked("&size=3&page=1&sort=date%2CDESC") == [8, 7, 6]
    assert await asked("&sort=callerNumber,DESC&size=2") == [11, 10]
    assert await asked("&caller=79000012304") == [4]
    assert await asked("&callee=79000012304") == []
    assert await asked(f"&caller=79000012304&callee={PAVEL}") == [4]


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        (
            "end=2026-03-13T00%3A00%3A00Z",
            "Required request parameter 'start' for method parameter type OffsetDateTime is not present",
        ),
        (
            "start=&end=2026-03-13T00%3A00%3A00Z",
            "Required request parameter 'start' for method parameter type OffsetDateTime is present but "
            "converted to null",
        ),
    ],
)
async def test_a_parameter_that_is_not_there_is_named(api: Api, asked: str, body: str) -> None:
    assert await api("GET", f"/call-records/info?{asked}", status=400) == {**EMPTY, "details": body}


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("start=2026-03-12T00:00:00+03:00&end=2026-03-13T00:00:00Z", "start"),
        ("start=2026-03-12T00:00:00&end=2026-03-13T00:00:00Z", "start"),
        ("start=2026-03-12&end=2026-03-13T00:00:00Z", "start"),
        ("start=2026-03-12T25:00:00Z&end=2026-03-13T00:00:00Z", "start"),
        ("start=2026-03-12T00:00:00Z&end=1773316800", "end"),
        ("start=2026-03-12T00:00:00Z&end=2026-03-11T00:00:00Z", "end"),
        ("start=2026-03-12T00:00:00Z&end=2026-03-13T00:00:00Z&size=0", "size"),
        ("start=2026-03-12T00:00:00Z&end=2026-03-13T00:00:00Z&page=-1", "page"),
        ("start=2026-03-12T00:00:00Z&end=2026-03-13T00:00:00Z&sort=mood", "sort"),
        ("start=2026-03-12T00:00:00Z&end=2026-03-13T00:00:00Z&sort=date,UP", "sort"),
        ("start=2026-03-12T00:00:00Z&end=2026-03-13T00:00:00Z&is_recorded=True", "is_recorded"),
    ],
)
async def test_a_wrong_parameter_is_named(api: Api, asked: str, name: str) -> None:
    refused = await api("GET", f"/call-records/info?{asked}", status=400)
    assert refused == {"details": "Bad request", "message": f"Wrong parameter {name}"}


async def test_the_period_covers_calls_by_their_beginning(pbx: T2Office, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, PAVEL, HangsUp())
    at_noon = "start=2026-03-12T12:00:00Z&end=2026-03-12T15:00:00%2B03:00"
    assert len(await api("GET", f"/call-records/info?{at_noon}")) == 1
    before = "start=2026-03-12T11:00:00Z&end=2026-03-12T11:59:59.999Z"
    assert await api("GET", f"/call-records/info?{before}") == []


async def test_rows_may_be_late(pbx: T2Office, api: Api, clock: Clock) -> None:
    pbx.quirks = Quirks(records_late=30)
    row = await pbx.calls.client_calls(CLIENT, PAVEL, NobodyAnswers(20))
    clock.at = row.ended + timedelta(seconds=29)
    assert await api("GET", INFO) == []
    clock.at = row.ended + timedelta(seconds=30)
    assert len(await api("GET", INFO)) == 1


async def recording(pbx: T2Office) -> tuple[str, str, str]:
    """A recording's name, with its slash encoded not at all, once and twice."""
    name = (await pbx.calls.client_calls(CLIENT, SALES, Answered("101", talk=3))).recording
    return name, name.replace("/", "%2F"), name.replace("/", "%252F")


@pytest.mark.parametrize(
    ("slash", "plain", "once", "twice"),
    [("once", 200, 200, 404), ("twice", 404, 404, 200), ("either", 200, 200, 200)],
)
async def test_a_recording_is_named_with_its_slash_encoded_as_asked(
    pbx: T2Office, api: Api, slash: Slash, plain: int, once: int, twice: int
) -> None:
    pbx.quirks = Quirks(file_slash=slash, stt_slash=slash)
    for name, status in zip(await recording(pbx), (plain, once, twice), strict=True):
        await api("GET", f"/call-records/file/stt?filename={name}", status=status)
        await api("GET", f"/call-records/file?filename={name}", status=status)


async def test_a_recording_is_an_mp3_and_as_long_as_the_call(pbx: T2Office, api: Api) -> None:
    _, once, _ = await recording(pbx)
    url = f"{pbx.url}/crm/openapi/call-records/file?filename={once}"
    async with api.session.get(url, headers={"Authorization": api.token}) as response:
        body = await response.read()
    assert (response.status, response.content_type) == (200, "audio/mpeg")
    assert body.startswith(b"\xff\xfb")
    assert len(body) == 417 * 38 * 8


async def test_a_recording_nobody_made_is_not_found(api: Api) -> None:
    missing = await api("GET", "/call-records/file?filename=2026-03-12%2F1", status=404)
    assert missing == {"details": "Record not found by filename", "message": "Object not found"}


async def test_a_transcript_says_who_spoke_which_word(pbx: T2Office, api: Api) -> None:
    *_, twice = await recording(pbx)
    words = await api("GET", f"/call-records/file/stt?filename={twice}")
    assert words[0] == {"channel": "B", "startTime": 0.3, "endTime": 1.07998, "word": "информируем"}
    assert max(word["endTime"] for word in words) <= 3
    missing = await api("GET", "/call-records/file/stt?filename=2026-03-12%252F1", status=404)
    assert missing == {"details": "Transcription not found for filename", "message": "Object not found"}


async def test_a_recording_may_be_late(pbx: T2Office, api: Api, clock: Clock) -> None:
    pbx.quirks = Quirks(recordings_late=60)
    _, once, _ = await recording(pbx)
    await api("GET", f"/call-records/file?filename={once}", status=404)
    clock.at = NOON + timedelta(minutes=5)
    await api("GET", f"/call-records/file?filename={once}")
