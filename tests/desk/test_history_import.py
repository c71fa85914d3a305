"""Past calls taken in from the PBX's history, day by day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.imports import brought
from bot.operator_words import WORDS
from bot.words import Words
from desk import totals
from desk.cases import State
from desk.history_import import Report, import_history
from desk.periods import Span
from pbx.errors import Unavailable
from sandbox.vats_rest import Outage
from storage import calls, cases
from tests.desk import phones
from tests.desk.past import happened, phone
from tests.office import IGOR, Office

MOSCOW = ZoneInfo("Europe/Moscow")


def at(day: int, hour: int = 12, minute: int = 0) -> datetime:
    """By Moscow's clocks, in March 2026; today is the 18th."""
    return datetime(2026, 3, day, hour, minute, tzinfo=MOSCOW).astimezone(UTC)


async def imports(office: Office, first: int, last: int) -> tuple[Report, list[tuple[int, int]]]:
    steps: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        steps.append((done, total))

    report = await import_history(office.desk, "main", at(first, 0), at(last + 1, 0), progress)
    await office.settle()
    return report, steps


async def test_past_calls_are_told_in_summaries_and_in_no_chat(team: Office) -> None:
    happened(team, at=at(1), phone=phone(1))
    happened(team, "Success", at=at(2, 9), phone=phone(1), type="out", user="igor", talk=60)
    happened(team, at=at(2, 23, 50), phone=phone(2))
    happened(team, "Success", at=at(3, 0, 10), phone=phone(2), user="maria", talk=60)
    happened(team, at=at(4), phone=phone(3))
    report, steps = await imports(team, 1, 5)
    assert (report, steps[-1], len(steps)) == (Report(days=5, skipped=0, read=5, news=5), (5, 5), 5)
    assert brought(report, Words("en", WORDS)) == "5 days; 5 calls read, 5 of them new or better known."
    assert team.texts(team.team) == []
    async with team.desk.db.read() as tx:
        summary = await totals.of(tx, ["main"], Span(at(1, 0), at(6, 0)))
        [expired] = await cases.of_client_since(tx, f"+{phone(3)}", at(1))
    assert summary.lost == {State.RETURNED: 1, State.REACHED_US: 1, State.EXPIRED: 1}
    assert expired.expired_at == at(11)


async def test_a_client_who_still_waits_is_in_the_list_and_has_a_card_to_open(team: Office) -> None:
    happened(team, at=at(16), phone=phone(1))
    await imports(team, 16, 17)
    await team.link(IGOR, "igor")
    [listed] = await team.says(IGOR, team.team, "/missed")
    assert listed.text.startswith("📞 1 client waits for a call\n1. 🔴 +7 910 000-00-01 · waits 2 d")
    await team.presses(IGOR, listed, "1")
    assert team.texts(team.team)[-1].startswith("🔴 Missed call · +7 910 000-00-01")


async def test_who_calls_again_after_an_import_gets_a_card(team: Office) -> None:
    happened(team, at=at(17), phone=phone(1))
    await imports(team, 17, 17)
    await phones.missed(team, phone=phone(1))
    [card] = team.bot_messages(team.team)
    assert "called 2 times" in card.text


async def test_finished_days_are_not_read_again(team: Office) -> None:
    happened(team, at=at(10), phone=phone(1))
    await imports(team, 9, 11)
    asked = len(team.pbx.server.requests)
    report, _ = await imports(team, 9, 12)
    assert report == Report(days=4, skipped=3, read=0, news=0)
    assert len(team.pbx.server.requests) == asked + 1
    assert (
        brought(report, Words("en", WORDS))
        == "4 days, 3 of them finished before; 0 calls read, 0 of them new or better known."
    )


async def test_today_is_never_finished(team: Office) -> None:
    happened(team, at=at(18, 9), phone=phone(1))
    await imports(team, 18, 18)
    team.clock.advance(hours=2)
    happened(team, at=at(18, 13), phone=phone(2))
    report, _ = await imports(team, 18, 18)
    assert (report.skipped, report.read, report.news) == (0, 2, 1)


async def test_an_import_that_was_cut_off_goes_on(team: Office) -> None:
    happened(team, at=at(10), phone=phone(1))
    happened(team, at=at(12), phone=phone(2))

    def breaks(done: int, total: int) -> None:
        if done == 2:
            team.pbx.outage = Outage.ERROR_500

    with pytest.raises(Unavailable):
        await import_history(team.desk, "main", at(10, 0), at(13, 0), breaks)
    team.pbx.outage = Outage.NONE
    report, _ = await imports(team, 10, 12)
    assert (report.skipped, report.news) == (2, 1)


async def test_what_events_told_is_not_taken_in_twice(team: Office) -> None:
    uid = await phones.missed(team)
    happened(team, ago=timedelta(seconds=20), uid=uid)
    await imports(team, 18, 18)
    async with team.desk.db.read() as tx:
        stored = await calls.by_call_id(tx, "main", uid)
        assert await calls.count_between(tx, ["main"], at(18, 0), at(19, 0), most=2) == 1
    assert stored is not None
    assert stored.via == "event"
