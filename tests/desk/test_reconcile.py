"""What no event told of is read back from the PBX's history."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk import pbx_troubles
from desk.reconcile import reconcile
from pbx.errors import AuthFailed, Unavailable
from sandbox.vats_rest import Outage
from storage import calls, cases
from tests.clocks import HandClock
from tests.desk import phones
from tests.desk.past import happened, phone
from tests.office import ANNA, CLIENT, IGOR, Office

RECENT, A_DAY = timedelta(hours=2), timedelta(hours=24)
HOUR = timedelta(hours=1)


async def read_back(office: Office, since: timedelta = RECENT) -> None:
    await reconcile(office.desk, "main", since)
    await office.settle()


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


async def test_a_call_no_event_told_of_becomes_a_card(team: Office) -> None:
    happened(team, ago=minutes(10))
    await read_back(team)
    assert team.texts(team.team) == [
        "🔴 Missed call · +7 910 000-00-01\n"
        "🏢 Продажи · to +7 495 000-00-01 «Реклама»\n"
        "🕒 today 11:50 · waited 20 s\n"
        "♻️ Recovered: no event told us of it in time."
    ]


async def test_reading_again_changes_nothing(team: Office) -> None:
    happened(team, ago=minutes(10))
    await read_back(team)
    [card] = team.bot_messages(team.team)
    edits = card.edits
    report = await reconcile(team.desk, "main", A_DAY)
    await team.settle()
    assert (report.read, report.news) == (1, 0)
    [card] = team.bot_messages(team.team)
    assert card.edits == edits


async def test_an_event_on_its_way_is_waited_for(team: Office) -> None:
    uid = happened(team, ago=minutes(0.5))
    await read_back(team)
    assert team.texts(team.team) == []
    await phones.missed(team, callid=uid)
    await team.later(minutes=5)
    await read_back(team)
    [text] = team.texts(team.team)
    assert "Recovered" not in text


class WorksTheInbox(HandClock):
    """While somebody waits, the inbox is worked."""

    def __init__(self, office: Office) -> None:
        super().__init__(office.clock.now())
        self._worker = office.app.worker

    async def sleep(self, seconds: float) -> None:
        await self._worker.settle()


async def test_events_that_are_stored_are_worked_first(team: Office) -> None:
    uid = happened(team, ago=minutes(10))
    start = phones.stamp(team.clock.now() - minutes(10))
    fields = {"type": "in", "status": "Missed", "phone": CLIENT, "callid": uid, "start": start, "duration": "20"}
    await phones.told(team, "history", **fields)
    await reconcile(replace(team.desk, clock=WorksTheInbox(team)), "main", RECENT)
    await team.settle()
    [text] = team.texts(team.team)
    assert "Recovered" not in text


async def test_what_was_returned_already_is_no_news_for_the_chat(team: Office) -> None:
    happened(team, ago=minutes(90))
    happened(team, "Success", ago=minutes(80), type="out", user="igor", talk=60)
    happened(team, ago=minutes(15), phone=phone(2))
    happened(team, "Success", ago=minutes(10), phone=phone(2), user="maria", talk=60)
    await read_back(team)
    assert team.texts(team.team) == []
    async with team.desk.db.read() as tx:
        rows = await cases.opened_between(tx, ["main"], team.clock.now() - A_DAY, team.clock.now())
    assert [(row.state, row.employee) for row in rows] == [("returned", "igor"), ("reached_us", "maria")]


async def test_what_is_old_and_open_comes_in_one_message(team: Office) -> None:
    happened(team, ago=HOUR * 3, phone=phone(1))
    happened(team, ago=HOUR * 2, phone=phone(2))
    happened(team, ago=HOUR * 1, phone=phone(1))
    happened(team, ago=minutes(10), phone=phone(3))
    await read_back(team, A_DAY)
    card, digest = team.bot_messages(team.team)
    assert card.text.startswith("🔴 Missed call · +7 910 000-00-03")
    assert digest.text == (
        "♻️ 2 clients could not reach us, and the PBX told us only now\n"
        "2 still wait for a call. Press a number to open the card.\n"
        "1. 🔴 +7 910 000-00-02 · today 10:00\n"
        "2. 🔴 +7 910 000-00-01 · today 11:00 ×2"
    )
    await read_back(team, A_DAY)
    assert len(team.bot_messages(team.team)) == 2


async def test_a_card_opens_from_the_digest_and_both_stay_true(team: Office) -> None:
    happened(team, ago=HOUR, phone=phone(1))
    await team.link(IGOR, "igor")
    await read_back(team)
    [digest] = team.bot_messages(team.team)
    await team.presses(IGOR, digest, "1")
    digest, card = team.bot_messages(team.team)
    assert card.text.startswith("🔴 Missed call · +7 910 000-00-01")
    await phones.we_called(team, phone=phone(1))
    digest, card = team.bot_messages(team.team)
    assert card.text.startswith("🟢 Called back")
    assert digest.text == (
        "♻️ 1 client could not reach us, and the PBX told us only now\n"
        "All of them are settled.\n"
        "1. 🟢 +7 910 000-00-01 · today 11:00"
    )


async def test_a_client_of_the_digest_who_calls_again_gets_a_card(team: Office) -> None:
    happened(team, ago=HOUR, phone=phone(1))
    await read_back(team)
    await team.later(minutes=6)
    await phones.missed(team, phone=phone(1))
    _, card = team.bot_messages(team.team)
    assert card.text.startswith("🔴 Missed call · +7 910 000-00-01")
    assert "called 2 times" in card.text


async def test_a_digest_too_long_for_a_message_says_how_many_more(team: Office) -> None:
    for number in range(43):
        happened(team, ago=minutes(100 - number), phone=phone(number + 1))
    await read_back(team)
    [digest] = team.bot_messages(team.team)
    lines = digest.text.splitlines()
    assert lines[0] == "♻️ 43 clients could not reach us, and the PBX told us only now"
    assert lines[1].startswith("43 still wait")
    assert lines[-1] == "… and 3 more: /missed"
    assert len(lines) == 43


async def test_every_chat_gets_its_own_digest_and_one_that_wants_no_missed_calls_gets_none(team: Office) -> None:
    other = team.world.add_group("Сервис", [ANNA, IGOR]).id
    quiet = team.world.add_group("Тихо", [ANNA]).id
    await team.bind(other)
    await team.bind(quiet, "summary")
    happened(team, ago=HOUR)
    await read_back(team)
    assert len(team.texts(team.team)) == len(team.texts(other)) == 1
    assert team.texts(quiet) == []


async def test_a_better_known_call_completes_the_card(team: Office) -> None:
    uid = await phones.missed(team, duration="20")
    await team.later(minutes=3)
    happened(team, ago=minutes(3) + timedelta(seconds=20), uid=uid, rating=2)
    await read_back(team)
    async with team.desk.db.read() as tx:
        stored = await calls.by_call_id(tx, "main", uid)
    assert stored is not None
    assert (stored.call.rating, stored.via) == (2, "event")


async def test_a_row_under_another_id_is_the_call_we_know(team: Office) -> None:
    await phones.missed(team, callid="as-the-webhook-says")
    await team.later(minutes=5)
    happened(team, ago=minutes(5) + timedelta(seconds=18), uid="as-the-history-says")
    await read_back(team)
    assert len(team.texts(team.team)) == 1
    async with team.desk.db.read() as tx:
        known = await calls.known(tx, "main", ["as-the-history-says"])
        assert known["as-the-history-says"].call.id == "as-the-webhook-says"
        assert await calls.count_with_client(tx, f"+{CLIENT}", ["main"], most=9) == 1


async def test_two_redials_within_two_minutes_stay_two_calls(team: Office) -> None:
    await phones.missed(team, callid="first")
    team.clock.advance(seconds=60)
    happened(team, ago=timedelta(seconds=80), uid="row-1")
    happened(team, ago=timedelta(seconds=20), uid="row-2")
    await team.later(minutes=5)
    await read_back(team)
    async with team.desk.db.read() as tx:
        assert await calls.count_with_client(tx, f"+{CLIENT}", ["main"], most=9) == 2
        [case] = await cases.open_for(tx, f"+{CLIENT}")
    assert case.missed_count == 2


async def test_after_an_outage_history_is_read_from_where_it_was_read_last(team: Office) -> None:
    await read_back(team)
    team.clock.advance(hours=30)
    happened(team, ago=HOUR * 29)
    await read_back(team)
    assert team.texts(team.team)[0].startswith("♻️ 1 client could not reach us")


async def test_a_pbx_out_of_reach_is_noted_and_read_from_there_the_next_time(team: Office) -> None:
    await read_back(team)
    happened(team)
    team.clock.advance(hours=4)
    team.pbx.outage = Outage.ERROR_500
    with pytest.raises(Unavailable):
        await reconcile(team.desk, "main", RECENT)
    async with team.desk.db.read() as tx:
        trouble = await pbx_troubles.last(tx, "main")
    assert trouble is not None
    assert trouble.kind == "Unavailable"
    team.pbx.outage = Outage.NONE
    await read_back(team)
    assert len(team.texts(team.team)) == 1


async def test_a_refused_key_is_told_to_the_administrators_once(team: Office) -> None:
    await team.says(ANNA, ANNA, "/start")
    before = len(team.texts(ANNA))
    team.pbx.outage = Outage.SWITCHED_OFF
    for _ in range(3):
        with pytest.raises(AuthFailed):
            await reconcile(team.desk, "main", RECENT)
        await team.settle()
    assert team.texts(ANNA)[before:] == [
        "⚠️ The PBX main refuses our key. Check `key` of this PBX in the configuration."
    ]
