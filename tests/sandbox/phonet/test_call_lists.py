"""The lists' parameters and pages, and the recordings they point at."""

import io
import wave

import pytest

from sandbox.phonet import Answered, NobodyAnswers, PhonetOffice, Quirks
from tests.sandbox.phonet.program import CLIENT, Api, Clock

WINDOW = "timeFrom=0&timeTo=9999999999999"


@pytest.mark.parametrize("listed", ["company", "missed", "users"])
@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("timeTo=1", "timeFrom is required"),
        ("timeFrom=0", "timeTo is required"),
        ("timeFrom=noon&timeTo=1", "timeFrom must be a number"),
        (f"{WINDOW}&limit=51", "limit is out of range"),
        (f"{WINDOW}&offset=-1", "offset is out of range"),
    ],
)
async def test_wrong_parameters_are_400_in_plain_text(api: Api, listed: str, query: str, why: str) -> None:
    assert await api("GET", f"/calls/{listed}.api?{query}", status=400) == why


async def test_at_most_fifty_calls_come_at_once_newest_first(pbx: PhonetOffice, api: Api) -> None:
    await pbx.calls.flood(120)
    pages = [await api.calls("company", f"&limit=50&offset={offset}") for offset in (0, 50, 100)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert await api.calls() == pages[0]
    numbers = [row["otherLegNum"] for page in pages for row in page]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 120


async def test_the_window_is_of_ends_in_milliseconds(pbx: PhonetOffice, api: Api, clock: Clock) -> None:
    await pbx.calls.client_calls(CLIENT, "001", NobodyAnswers(ring=20))
    end = clock.ms(20)
    for first, last, found in [(end, end, 1), (end + 1, end + 9, 0), (0, end - 1, 0), (0, end // 1000, 0)]:
        assert len(await api("GET", f"/calls/company.api?timeFrom={first}&timeTo={last}")) == found


async def test_directions_are_repeated_or_summed(pbx: PhonetOffice, api: Api) -> None:
    await pbx.calls.inner_call("001", "002")
    await pbx.calls.employee_dials("001", CLIENT)
    await pbx.calls.client_calls(CLIENT, "001", NobodyAnswers())
    pbx.calls.pause("001")
    for query, found in [
        ("", [4, 2, 1]),
        ("&directions=2", [2]),
        ("&directions=1&directions=4", [4, 1]),
        ("&directions=6", [4, 2]),
    ]:
        for listed in ("company", "users"):
            assert [row["lgDirection"] for row in await api.calls(listed, query)] == found
    assert [row["lgDirection"] for row in await api.calls("users", "&directions=36")] == [32, 4]
    await api("GET", f"/calls/company.api?{WINDOW}&directions=32", status=400)
    await api("GET", f"/calls/users.api?{WINDOW}&directions=8", status=400)


async def test_a_recording_is_public_and_each_side_differs(pbx: PhonetOffice, api: Api) -> None:
    row = await pbx.calls.client_calls(CLIENT, "801", Answered("002", talk=3))
    [told] = await api.calls()
    assert told["audioRecUrl"] == f"{pbx.url}/rest/public/calls/{row.uuid}/audio"
    answers = [await api.bytes(f"/public/calls/{row.uuid}{side}/audio") for side in ("", "-rx", "-tx")]
    assert {(status, kind) for status, kind, _ in answers} == {(200, "audio/wav")}
    assert len({data for _, _, data in answers}) == 3
    with wave.open(io.BytesIO(answers[0][2])) as sound:
        assert sound.getnframes() / sound.getframerate() == 3
    child = next(each for each in pbx.office.history if each.parent_uuid and each.recorded)
    assert (await api.bytes(f"/public/calls/{child.uuid}/audio"))[0] == 200


async def test_a_recording_may_be_late_one_sided_or_none(pbx: PhonetOffice, api: Api, clock: Clock) -> None:
    missed = await pbx.calls.client_calls(CLIENT, "001", NobodyAnswers())
    talk = await pbx.calls.client_calls(CLIENT, "001", Answered("001"))
    pbx.quirks = Quirks(recording_delay=30, separate_recordings=False, audio_url_ends_in_space=True)

    async def status(uuid: str) -> int:
        return (await api.bytes(f"/public/calls/{uuid}/audio"))[0]

    assert await status(talk.uuid) == 404
    await clock.sleep(30)
    assert await status(talk.uuid) == 200
    assert await status(f"{talk.uuid}-rx") == await status(missed.uuid) == await status("unknown") == 404
    assert (await api.calls())[0]["audioRecUrl"].endswith("/audio ")
