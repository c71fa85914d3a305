import aiohttp
import pytest

from sandbox.vats_rest import (
    Answered,
    ClientAnswers,
    ClientIsBusy,
    ClientRefused,
    ClientSilent,
    NobodyAnswers,
    Quirks,
    VatsOffice,
)
from sandbox.vats_rest.stories import Reception
from tests.sandbox.vats_rest.program import Api, Clock, Program

CLIENT = "79000012345"


@pytest.mark.parametrize(
    ("reception", "told", "exported"),
    [
        (ClientAnswers(4, 30), ["ACCEPTED anna", "COMPLETED anna", "history Success"], "success"),
        (ClientIsBusy(), ["CANCELLED anna", "history Busy"], "busy"),
        (ClientSilent(), ["CANCELLED anna", "history Missed"], "missed"),
        (ClientRefused("NotAvailable"), ["CANCELLED anna", "history NotAvailable"], "notavailable"),
        (ClientRefused("NotFound"), ["CANCELLED anna", "history NotFound"], "notfound"),
    ],
)
async def test_makecall_goes_as_the_client_takes_it(
    pbx: VatsOffice, program: Program, api: Api, reception: Reception, told: list[str], exported: str
) -> None:
    pbx.calls.receptions[CLIENT] = reception
    started = await api("POST", "/makecall", {"phone": CLIENT, "user": "701"})
    await pbx.calls.settled()
    assert program.story() == ["OUTGOING anna", *told]
    assert {one["callid"] for one in program.got} == {started["callid"]}
    [row] = await api("GET", "/history/json?type=out")
    assert (row["uid"], row["status"], row["user"]) == (started["callid"], exported, "anna")


async def test_makecall_rings_nobody_who_receives_no_calls(pbx: VatsOffice, program: Program, api: Api) -> None:
    await api("DELETE", "/users/anna/dnd")
    await api("POST", "/makecall", {"phone": CLIENT, "user": "anna"})
    await pbx.calls.settled()
    assert program.story() == ["history Cancel"]


async def test_makecall_for_a_department_names_it(pbx: VatsOffice, program: Program, api: Api) -> None:
    await api("POST", "/makecall", {"phone": CLIENT, "group": "accounts"})
    await pbx.calls.settled()
    assert program.story()[0] == "OUTGOING vera"
    assert program.last("history")["groupRealName"] == "Бухгалтерия"


async def test_a_usable_clid_comes_back_and_carries_the_call(pbx: VatsOffice, program: Program, api: Api) -> None:
    usable = await api("POST", "/makecall", {"phone": CLIENT, "user": "anna", "clid": "74950000002"})
    assert usable["clid"] == "74950000002"
    await pbx.calls.settled()
    assert program.last("history")["diversion"] == "74950000002"
    other = await api("POST", "/makecall", {"phone": CLIENT, "user": "anna", "clid": "74950000003"})
    assert "clid" not in other


@pytest.mark.parametrize(
    "body",
    [
        {"user": "anna"},
        {"phone": CLIENT},
        {"phone": CLIENT, "user": "nobody"},
        {"phone": "+7 900 001", "user": "anna"},
        {"phone": 79000012345, "user": "anna"},
        [],
    ],
)
async def test_makecall_refuses_what_is_not_whole(pbx: VatsOffice, api: Api, body: object) -> None:
    assert (await api("POST", "/makecall", body, status=400))["error"] == "Validation error"
    assert pbx.office.calls == {}


@pytest.mark.parametrize(("reception", "status"), [(ClientAnswers(), 2), (ClientIsBusy(), 4), (None, 3)])
async def test_a_call_back_is_marked_and_closes_the_missed_row(
    pbx: VatsOffice, program: Program, api: Api, reception: Reception | None, status: int
) -> None:
    await pbx.calls.client_calls(CLIENT, "sales", NobodyAnswers())
    await pbx.calls.settled()
    if reception:
        await pbx.calls.employee_dials("igor", CLIENT, reception)
    await pbx.calls.settled()
    if reception:
        assert program.last("history")["missedStatus"] == "2"
    [row] = await api("GET", "/history/json?type=missed&processMissed=true")
    assert row["missedStatus"] == status
    assert len(await api("GET", f"/history/json?missedStatus=1&missedStatus={status}")) == 1
    assert await api("GET", "/history/json?missedStatus=1") is None
    assert "missedStatus" not in (await api("GET", "/history/json?type=missed"))[0]


async def test_a_client_who_got_through_is_owed_nothing(pbx: VatsOffice, program: Program, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, "sales", NobodyAnswers())
    await pbx.calls.client_calls(CLIENT, "sales", Answered("anna"))
    await pbx.calls.settled()
    await pbx.calls.employee_dials("igor", CLIENT)
    await pbx.calls.settled()
    assert "missedStatus" not in program.last("history")
    [row] = await api("GET", "/history/json?type=missed&processMissed=true")
    assert row["missedStatus"] == 1


async def test_a_rating_is_sent_and_exported(pbx: VatsOffice, program: Program, api: Api) -> None:
    row = await pbx.calls.client_calls(CLIENT, "sales", Answered("anna"))
    assert row is not None
    pbx.calls.rate(row.uid, 4)
    await pbx.calls.settled()
    sent = program.last("rating")
    assert (sent["rating"], sent["user"], sent["ext"], sent["callid"]) == ("4", "anna", "701", row.uid)
    assert (await api("GET", "/history/json"))[0]["rating"] == 4
    assert (await api("GET", "/history/csv")).strip().endswith(",4")


async def test_a_recording_appears_after_a_while_and_may_want_the_key(
    pbx: VatsOffice, program: Program, clock: Clock
) -> None:
    pbx.quirks = Quirks(recording_delay=60, recording_needs_key=True)
    await pbx.calls.client_calls(CLIENT, "sales", Answered("anna", talk=10))
    await pbx.calls.settled()
    link, key = program.last("history")["link"], {"X-API-KEY": "api-secret"}
    async with aiohttp.ClientSession() as session:
        async with session.get(link) as response:
            assert response.status == 401
        async with session.get(link, headers=key) as response:
            assert response.status == 404
        await clock.sleep(60)
        async with session.get(link, headers=key) as response:
            assert (response.status, response.content_type) == (200, "audio/mpeg")
            assert (await response.read()).startswith(b"\xff\xfb")


async def test_inner_calls_are_in_the_inner_history_alone(pbx: VatsOffice, program: Program, api: Api) -> None:
    assert await api("GET", "/history/inner/json") is None
    await pbx.calls.inner_call("anna", "702", answered=False)
    await pbx.calls.settled()
    assert program.got == []
    assert await api("GET", "/history/json") is None
    [row] = await api("GET", "/history/inner/json?type=noanswer&user=igor")
    assert (row["from"], row["to"], row["to_name"]) == ("anna", "igor", "Игорь Волков")
    line = (await api("GET", "/history/inner/csv?user=igor")).split(",")
    assert line[1:4] == ["in", "anna@romashka.example", "igor@romashka.example"]
    await api("GET", "/history/inner/json?type=missed", status=400)


async def test_a_lost_registration_reaches_its_subscribers(
    pbx: VatsOffice, program: Program, api: Api, webhook_url: str
) -> None:
    assert pbx.calls.sip_registration_lost("74950000009") == 0
    await api("POST", "/webhook", {"type": "sipregs_error", "url": webhook_url}, status=204)
    [subscription] = await api("GET", "/webhook")
    assert pbx.calls.sip_registration_lost("74950000009") == 1
    await pbx.calls.settled()
    [sent] = program.got
    assert (sent["cmd"], sent["type"], sent["id"]) == ("webhook", "sipregs_error", subscription["id"])
    assert '"telnum": "74950000009"' in sent["data"]
    assert (await api("GET", "/sip-registrations/74950000009"))["status"] == "error"
    await api("DELETE", f"/webhook/{subscription['id']}", status=204)
    assert await api("GET", "/webhook") == []
