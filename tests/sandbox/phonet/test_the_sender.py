"""Events are kept until they are taken; UTM labels go out in one array; a flood arrives whole."""

import asyncio

import aiohttp

from sandbox.phonet import Answered, NobodyAnswers, Outage, PhonetOffice, Visit, demo_office
from tests.sandbox.phonet.program import CLIENT, DOMAIN, KEY, Api, Clock, Program


async def test_it_repeats_until_200(pbx: PhonetOffice, program: Program) -> None:
    program.replies = [503, 500, 401]
    assert await pbx.sender.post({"event": "call.dial"})
    assert [(sent.attempt, sent.status) for sent in pbx.sender.log] == [(1, 503), (2, 500), (3, 401), (4, 200)]
    assert (pbx.sender.undelivered, pbx.sender.given_up, len(program.got)) == (0, [], 1)


async def test_it_gives_up_in_the_end(pbx: PhonetOffice, program: Program) -> None:
    pbx.sender.max_tries, program.replies = 2, [500] * 2
    assert not await pbx.sender.post({"event": "call.dial"})
    assert (pbx.sender.undelivered, pbx.sender.given_up) == (0, [{"event": "call.dial"}])


async def test_a_dead_address_is_tried_again_too(pbx: PhonetOffice) -> None:
    pbx.sender.url, pbx.sender.max_tries = "http://127.0.0.1:1/", 3
    assert not await pbx.sender.post({"event": "call.dial"})
    assert [(sent.status, sent.reply) for sent in pbx.sender.log] == [(None, "ClientConnectorError")] * 3


async def test_an_outage_of_the_program_loses_nothing(pbx: PhonetOffice, program: Program) -> None:
    program.replies = [503] * 5
    await pbx.calls.client_calls(CLIENT, "801", NobodyAnswers())
    await pbx.calls.settled()
    legs = [f"{kind} {ext}" for kind in (">dial", ">hangup") for ext in ("001", "002", "003")]
    assert sorted(program.story()) == sorted([*legs, "dial 801", "hangup 801"])


async def test_a_flood_fills_the_connections_and_all_of_it_arrives(
    pbx: PhonetOffice, program: Program, api: Api
) -> None:
    program.hold = asyncio.Event()
    flood = asyncio.create_task(pbx.calls.flood(100))
    await program.crowded.wait()
    program.hold.set()
    report = await flood
    assert (report.sent, report.delivered, program.most_at_once) == (200, 200, 8)
    assert program.asked == []
    missed = [row for offset in (0, 50) for row in await api.calls("missed", f"&offset={offset}")]
    assert len({row["otherLegNum"] for row in missed}) == 100
    assert {row["uuid"] for row in missed} == {one["uuid"] for one in program.got if one["event"] == "call.hangup"}
    one = program.got[0]
    told = [each["event"] for each in program.got if each["uuid"] == one["uuid"]]
    assert (told, one["leg"]["ext"]) == (["call.dial", "call.hangup"], "801")


async def test_utm_labels_of_a_minute_in_one_array(pbx: PhonetOffice, program: Program, clock: Clock) -> None:
    pbx.calls.visits[CLIENT] = Visit(source="google", referrer="https://www.google.com/")
    assert pbx.calls.send_utm() is None
    first = await pbx.calls.client_calls(CLIENT, "801", Answered("002", after=5, talk=60))
    await pbx.calls.client_calls("+380500000999", "801", NobodyAnswers())
    await pbx.calls.employee_dials("002", CLIENT)
    await pbx.calls.client_calls(CLIENT, "801", NobodyAnswers())
    posted = pbx.calls.send_utm()
    assert posted is not None
    assert await posted
    [labels] = program.labels
    assert labels[0] == {
        "utmSource": "google",
        "utmMedium": "cpc",
        "utmCampaign": "(not set)",
        "utmContent": "(not set)",
        "utmTerm": "(not set)",
        "googleClientId": "1000000000.1000000000",
        "clientIp": "192.0.2.1",
        "referrer": "https://www.google.com/",
        "otherLegNum": CLIENT,
        "trunkSource": "380440000001",
        "label": "callcatcher\n firstcall",
        "callDate": clock.ms(65),
        "callStart": clock.ms(),
        "callParentUuid": first.uuid,
    }
    assert [label["label"] for label in labels[1:]] == ["callcatcher\n"]
    assert pbx.calls.send_utm() is None


async def test_it_stops_with_calls_in_progress_requests_hanging_and_events_undelivered() -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        async with PhonetOffice(demo_office(), webhook_url="http://127.0.0.1:1/", api_key=KEY, domain=DOMAIN) as pbx:
            api, watch = Api(http, pbx.url), pbx.sender.watch()
            await api.authorize()
            pbx.calls.start(pbx.calls.client_calls(CLIENT, "801", NobodyAnswers(600)))
            assert (await anext(watch)).what == "call.settings"
            assert (await anext(watch)).status is None
            assert pbx.sender.undelivered > 0
            pbx.outage = Outage.HANG
            pbx.server.arrived.clear()
            hanging = asyncio.create_task(api("GET", "/users"))
            await pbx.server.arrived.wait()
        assert len(await hanging) == 4
    assert pbx.sender.undelivered == 0


async def test_two_offices_do_not_share_their_state() -> None:
    first, second = demo_office(), demo_office()
    first.departments["801"].members.clear()
    first.employees["001"].paused = True
    first.contacts.delete(7001)
    assert second.departments == demo_office().departments
    assert second.employees == demo_office().employees
    assert len(second.contacts) == 1
