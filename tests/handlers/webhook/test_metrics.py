"""What the desk counts on its way, read where an operator reads it: `/metrics` and the warnings of `/readyz`."""

import pytest

from desk import directory, polling, reconcile, tokens
from pbx.errors import PbxError, Unavailable
from pbx.recording import NotThere
from sandbox.t2 import Outage as T2Outage
from sandbox.t2 import T2Office
from sandbox.vats_rest import Outage
from storage.arrivals import Arrival, InboxWriter
from tests.handlers.webhook.wire import KEY, MISSED, form, post
from tests.office import ANNA, CLIENT, Office, an_office
from tests.simulators import Simulated

BOTH = (Simulated(), Simulated("t2", "second"))


async def scraped(office: Office) -> dict[str, float]:
    async with office.http.get(f"{office.url}/metrics") as response:
        lines = (await response.text()).splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def events(seen: dict[str, float], pbx: str = "main") -> dict[str, float]:
    """What became of events, without the zeros."""
    start = f'ringdesk_events_total{{pbx="{pbx}",result="'
    return {name.removeprefix(start)[:-2]: n for name, n in seen.items() if name.startswith(start) and n}


async def warnings(office: Office) -> list[dict[str, str]]:
    assert office.app.chat is not None
    await office.app.chat.introduce()
    answered = await post(office, None, "/readyz", method="GET")
    assert answered.status == 200
    assert answered.json["status"] == "ready"
    found: list[dict[str, str]] = answered.json.get("warnings", [])
    return found


async def test_each_event_is_counted_by_what_became_of_it(office: Office) -> None:
    assert events(await scraped(office)) == {}
    assert (await post(office, form(**KEY, **MISSED))).status == 200
    assert (await post(office, form(**KEY, **MISSED))).status == 200
    assert (await post(office, form(**MISSED))).status == 401
    assert (await post(office, b"cmd=nonsense&" + form(**KEY))).status == 400
    assert (await post(office, form(**KEY, **MISSED), "/pbx/nobody")).status == 404
    assert events(await scraped(office)) == {"stored": 1, "seen_before": 1, "refused": 2}
    await office.settle()
    assert events(await scraped(office)) == {"stored": 1, "seen_before": 1, "refused": 2, "worked": 1}
    odd = {"cmd": "event", "type": "SOMETHING_NEW", "callid": "c9", "phone": CLIENT}
    assert (await post(office, form(**KEY, **odd))).status == 200
    await InboxWriter(office.desk.db).put(Arrival("main", "k", office.clock.now(), b"\xff{"))
    await office.settle()
    seen = events(await scraped(office))
    assert (seen["worked"], seen["unknown"], seen["failed"]) == (1, 1, 1)


async def test_messages_are_counted_and_so_are_telegrams_complaints(office: Office) -> None:
    await office.bind(office.team)
    office.tg.weather.flood(3, methods=["sendMessage"], times=1)
    await office.pbx_says(MISSED)
    await office.pbx_says({**MISSED, "callid": "c2"})
    seen = await scraped(office)
    assert seen['ringdesk_messages_total{result="sent"}'] == 1
    assert seen['ringdesk_messages_total{result="edited"}'] == 1
    assert seen["ringdesk_telegram_floods_total"] == 1
    assert seen['ringdesk_message_failures_total{kind="TooFast"}'] == 1


async def test_requests_to_a_pbx_are_counted_timed_and_their_errors_named(office: Office) -> None:
    await directory.refresh(office.desk, "main")
    seen = await scraped(office)
    asked = seen['ringdesk_pbx_requests_total{pbx="main",result="ok"}']
    assert asked > 0
    assert seen['ringdesk_pbx_request_seconds_count{pbx="main"}'] == asked
    assert seen['ringdesk_pbx_request_seconds_bucket{le="+Inf",pbx="main"}'] == asked
    assert seen['ringdesk_pbx_request_seconds_bucket{le="30.0",pbx="main"}'] == asked
    assert 0 < seen['ringdesk_pbx_request_seconds_sum{pbx="main"}'] < 30 * asked
    office.pbx.weather.outage = Outage.ERROR_500
    with pytest.raises(PbxError):
        await directory.refresh(office.desk, "main")
    seen = await scraped(office)
    assert seen['ringdesk_pbx_requests_total{pbx="main",result="Unavailable"}'] == 3  # tried again twice
    assert seen['ringdesk_pbx_trouble{kind="Unavailable",pbx="main"}'] == 1
    office.pbx.weather.outage = Outage.NONE
    await directory.refresh(office.desk, "main")
    assert (await scraped(office))['ringdesk_pbx_trouble{kind="Unavailable",pbx="main"}'] == 0


async def test_downloads_are_requests_too_and_a_missing_file_is_no_trouble_with_the_key(office: Office) -> None:
    await directory.refresh(office.desk, "main")
    before = (await scraped(office))['ringdesk_pbx_request_seconds_count{pbx="main"}']
    pbx = office.desk.pbxes["main"]
    with pytest.raises(NotThere):
        async with pbx.recording(f"{office.pbx.url}/records/no-such-call.mp3"):
            pass
    office.pbx.weather.outage = Outage.ERROR_500
    with pytest.raises(Unavailable):
        async with pbx.recording(f"{office.pbx.url}/records/no-such-call.mp3"):
            pass
    seen = await scraped(office)
    assert seen['ringdesk_pbx_requests_total{pbx="main",result="NoRecording"}'] == 1
    assert seen['ringdesk_pbx_requests_total{pbx="main",result="Unavailable"}'] == 1
    assert seen['ringdesk_pbx_request_seconds_count{pbx="main"}'] == before + 2


async def test_what_is_late_shows_its_age(sqlite_url: str) -> None:
    async with an_office(sqlite_url, pbxes=BOTH) as office:
        await polling.poll(office.desk, "second")
        await tokens.keep_alive(office.desk, office.desk.pbxes["second"])
        await reconcile.reconcile(office.desk, "main", reconcile.LONGEST)
        office.clock.advance(minutes=10)
        seen = await scraped(office)
        assert seen['ringdesk_poll_lag_seconds{pbx="second"}'] == 600
        assert seen['ringdesk_history_age_seconds{pbx="main"}'] == 600
        assert 6.9 < seen['ringdesk_pbx_token_days{pbx="second"}'] < 7
        assert seen["ringdesk_timers_overdue"] == 0
        assert (seen["ringdesk_leader"], seen["ringdesk_working_hours"], seen["ringdesk_ready"]) == (1, 1, 0)
        assert seen["ringdesk_start_timestamp_seconds"] == office.clock.now().timestamp() - 600
        await office.pbx_says({"cmd": "event", "type": "COMPLETED", "callid": "c5", "phone": CLIENT})
        office.simulator(T2Office, "second")
        assert events(seen, "second") == {}


async def test_labels_hold_nothing_from_outside(office: Office) -> None:
    await office.connected()
    await post(office, form(**KEY, **MISSED))
    await post(office, form(**KEY, **MISSED), "/pbx/79100000001")
    await post(office, b"", "/79100000001")
    await office.settle()
    seen = await scraped(office)
    assert not [name for name in seen if "9100000001" in name or str(ANNA) in name or KEY["crm_token"] in name]
    labels = {label.split("=")[0] for name in seen if "{" in name for label in name.split("{")[1].split(",")}
    assert labels == {"route", "status", "version", "database", "pbx", "result", "kind", "le"}


# /readyz


async def test_all_well_has_no_warnings(office: Office) -> None:
    assert await warnings(office) == []


async def test_a_refused_key_is_a_warning_until_the_pbx_takes_it(office: Office) -> None:
    office.pbx.weather.outage = Outage.CRM_DISABLED
    with pytest.raises(PbxError):
        await directory.refresh(office.desk, "main")
    assert await warnings(office) == [
        {
            "part": "pbx main",
            "problem": "the key is refused: check `key` of this [[pbx]] against the PBX's cabinet",
        }
    ]
    office.pbx.weather.outage = Outage.NONE
    await directory.refresh(office.desk, "main")
    assert await warnings(office) == []


async def test_a_pbx_that_is_out_is_a_warning_after_ten_minutes(office: Office) -> None:
    office.pbx.weather.outage = Outage.ERROR_500
    for minutes in (0, 9):
        office.clock.advance(minutes=minutes)
        with pytest.raises(PbxError):
            await directory.refresh(office.desk, "main")
        assert await warnings(office) == []
    office.clock.advance(minutes=3)
    assert await warnings(office) == [
        {"part": "pbx main", "problem": "out of reach for 12 min: check its url, its proxy and the network"}
    ]


async def test_dead_tokens_and_dying_ones_are_warnings(sqlite_url: str) -> None:
    async with an_office(sqlite_url, pbxes=(Simulated("t2"),)) as office:
        t2 = office.simulator(T2Office)
        await polling.poll(office.desk, "main")
        t2.outage = T2Outage.ERROR_500
        office.clock.advance(days=4, hours=12)
        said = await warnings(office)
        assert said == [
            {
                "part": "pbx main",
                "problem": "its tokens end in 60 h and could not be replaced: see the log, or renew them by hand",
            }
        ]
        t2.outage = T2Outage.NONE
        office.clock.advance(days=5)
        with pytest.raises(PbxError):
            await polling.poll(office.desk, "main")
        [warning] = await warnings(office)
        assert warning["problem"].startswith("the tokens are refused: make new ones in the PBX's cabinet")


async def test_events_that_wait_or_failed_are_warnings(office: Office) -> None:
    await InboxWriter(office.desk.db).put(Arrival("gone", "k", office.clock.now(), b"{}"))
    office.clock.advance(minutes=6)
    assert await warnings(office) == [{"part": "inbox", "problem": "1 events wait, the oldest for 360 s"}]
    await office.settle()
    assert await warnings(office) == [
        {"part": "inbox", "problem": "1 events could not be worked: ringdesk events failed"}
    ]
