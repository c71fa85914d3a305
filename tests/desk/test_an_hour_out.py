"""Telegram out for an hour, or the PBX: what happened meanwhile is told afterwards, once, and not as a flood."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from desk import reconcile
from sandbox.telegram import Answer
from sandbox.vats_rest import ClientAnswers, NobodyAnswers, Outage
from tests.desk.phones import SALES, stamp, told
from tests.office import CLIENT, IGOR, Office
from tests.program.report import note

NUMBERS = tuple(f"7910000{n:04}" for n in range(1, 13))


def refuse(office: Office) -> None:
    office.tg.weather.refuse()


def error_page(office: Office) -> None:
    office.tg.weather.status(502)


def half_an_answer(office: Office) -> None:
    office.tg.weather.truncated(methods={"getMe", "getUpdates"})
    office.tg.weather.refuse(methods={"sendMessage", "editMessageText"})


async def missed(office: Office, number: str) -> None:
    start = stamp(office.clock.now() - timedelta(seconds=20))
    body = {"type": "in", "status": "Missed", **SALES, "start": start, "duration": "20"}
    await told(office, "history", phone=number, callid=f"c{number}", **body)
    await office.app.worker.settle()


async def an_hour_of_calls(office: Office) -> None:
    for number in NUMBERS:
        await missed(office, number)
        await minutes_pass(office, 5)


async def minutes_pass(office: Office, minutes: int) -> None:
    assert office.app.chat is not None
    until = office.clock.now() + timedelta(minutes=minutes)
    while office.clock.now() < until:
        office.clock.advance(seconds=max(await office.app.chat.deliverer.settle(), 0.05))


@pytest.fixture
async def team(sqlite_office: Office) -> Office:
    """An hour takes long enough on one database."""
    await sqlite_office.bind(sqlite_office.team)
    return sqlite_office


@pytest.mark.parametrize("outage", [refuse, error_page, half_an_answer])
async def test_an_hour_without_telegram_ends_in_one_list(team: Office, outage: Callable[[Office], None]) -> None:
    outage(team)
    await an_hour_of_calls(team)
    assert team.texts(team.team) == []
    team.tg.weather.clear()
    await minutes_pass(team, 1)
    await team.settle()
    [message] = team.texts(team.team)
    assert message.startswith("📞 12 clients could not reach us\n12 still wait for a call.")
    assert [line.split(" · ")[0] for line in message.splitlines()[2:4]] == [
        "1. 🔴 +7 910 000-00-01",
        "2. 🔴 +7 910 000-00-02",
    ]
    note(
        "an hour without Telegram: " + outage.__name__.replace("_", " "),
        str(team.desk.db.engine.url),
        calls_missed=len(NUMBERS),
        messages_afterwards=1,
    )


async def test_an_hour_of_waiting_for_telegram_ends_in_two_lists_at_most(team: Office) -> None:
    """It asks for half an hour of silence each time."""
    team.tg.weather.flood(1800, methods={"sendMessage", "editMessageText"})
    await an_hour_of_calls(team)
    assert len(team.tg.journal.requests("sendMessage")) <= 3
    team.tg.weather.clear()
    await minutes_pass(team, 31)
    await team.settle()
    messages = team.texts(team.team)
    assert len(messages) <= 2
    assert [n for n in range(1, 13) if f"+7 910 000-00-{n:02}" not in "\n".join(messages)] == []


async def test_a_minute_without_telegram_ends_in_cards(team: Office) -> None:
    team.tg.weather.refuse()
    for number in NUMBERS[:3]:
        await missed(team, number)
    await minutes_pass(team, 1)
    team.tg.weather.clear()
    await team.settle()
    assert [text.split(" · ")[0] for text in team.texts(team.team)] == ["🔴 Missed call"] * 3


async def test_an_hour_without_the_pbx_is_read_back(desk_office: Office) -> None:
    """Its webhooks don't come and its API does not answer; a press says so, and nothing is repeated blindly."""
    office = desk_office
    await office.pbx.calls.client_calls(CLIENT, "sales", NobodyAnswers())
    await office.settle()
    [card] = office.cards()
    office.pbx.weather.outage = Outage.ERROR_500
    assert await office.presses(IGOR, card, "Call back") == Answer(
        "❓ PBX main did not answer: your phone may ring or not. Wait half a minute before you try again.",
        show_alert=True,
    )
    sender, office.pbx.sender.url = office.pbx.sender.url, "http://127.0.0.1:1/"
    await office.pbx.calls.client_calls("79100000002", "sales", NobodyAnswers())
    await office.pbx.calls.employee_dials("maria", CLIENT, ClientAnswers())
    for _ in range(60):
        await office.later(minutes=1)
    calls_made = len([one for one in office.pbx.server.requests if one[1].endswith("makecall")])
    office.pbx.weather.clear()
    await reconcile.reconcile(office.desk, "main", timedelta(hours=24))
    await office.settle()
    first = next(one for one in office.cards() if one.id == card.id)
    assert first.text.startswith("🟢 Called back")
    assert any("+7 910 000-00-02" in one.text and "♻️" in one.text for one in office.cards())
    assert calls_made == len([one for one in office.pbx.server.requests if one[1].endswith("makecall")]) <= 1
    office.pbx.sender.url = sender
