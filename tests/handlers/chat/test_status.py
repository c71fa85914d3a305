"""`/status`: short for employees, whole for administrators, and failed events can be tried again."""

import pytest

from desk import directory
from pbx.errors import PbxError
from sandbox.vats_rest import Outage
from storage.arrivals import Arrival, InboxWriter
from tests.office import ANNA, CLIENT, IGOR, STRANGER, Office

MISSED = {"cmd": "history", "type": "in", "status": "Missed", "phone": CLIENT, "callid": "c1", "duration": "20"}


async def a_failed_event(office: Office) -> None:
    """A stored body that can't be worked any more."""
    writer = InboxWriter(office.desk.db)
    await writer.put(Arrival("gone", "k1", office.clock.now(), b"{}"))
    await office.settle()


async def test_employees_see_whether_all_is_well(desk_office: Office) -> None:
    await desk_office.says(IGOR, IGOR, "/team")
    await desk_office.pbx_says(MISSED)
    [answer] = await desk_office.says(IGOR, IGOR, "/status")
    when = desk_office.clock.now().astimezone(desk_office.desk.office.timezone).strftime("%H:%M")
    assert answer.text == (
        "🟢 All is well\n"
        "📥 From the PBX: 0 events wait\n"
        "📤 To chats: 0 messages wait\n"
        f"☎️ main (vats_rest): last event today {when}; employees 5, linked 3"
    )
    assert not answer.buttons


async def test_strangers_see_nothing(office: Office) -> None:
    [answer] = await office.says(STRANGER, STRANGER, "/status")
    assert answer.text == "Only employees see this. Send /link and an administrator will let you in."


async def test_administrators_see_the_rest(office: Office) -> None:
    await office.says(ANNA, ANNA, "/link anna")
    await office.says(ANNA, office.team, "/connect")
    [answer] = await office.says(ANNA, office.team, "/status")
    first, *lines = answer.text.splitlines()
    assert first == "🟢 All is well"
    assert "☎️ main (vats_rest): no event yet; employees 5, linked 1" in lines
    assert "Telegram: @ringdesk_demo_bot answers" in lines
    assert any(line.startswith("Ringdesk ") and "database" in line for line in lines)
    assert "Connected here: main (missed calls, ratings, summaries, lines that are down)" in lines
    assert lines[-3:] == [
        "Last acts",
        "today 12:00, Anna: connected a chat · Продажи",
        "today 12:00, Anna: link · Анна Смирнова, Anna",
    ]


async def test_the_last_trouble_of_a_pbx_is_shown(office: Office) -> None:
    office.pbx.weather.outage = Outage.ERROR_500
    with pytest.raises(PbxError):
        await directory.refresh(office.desk, "main")
    [answer] = await office.says(ANNA, ANNA, "/status")
    [line] = [line for line in answer.text.splitlines() if line.startswith("⚠️")]
    assert line.startswith("⚠️ main, last trouble today 12:00: Unavailable, ")


async def test_a_refused_key_is_told_to_the_administrators_once_a_day(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    office.pbx.weather.outage = Outage.CRM_DISABLED
    for _ in range(2):
        await office.says(ANNA, ANNA, "/link nobody")
    told = [text for text in office.texts(ANNA) if "refuses our key. Check" in text]
    assert told == ["⚠️ The PBX main refuses our key. Check `key` of this PBX in the configuration."]


async def test_failed_events_are_tried_again_by_a_button(desk_office: Office) -> None:
    await a_failed_event(desk_office)
    [answer] = await desk_office.says(ANNA, ANNA, "/status")
    assert answer.text.startswith("🟠 Something needs attention\n📥 From the PBX: 0 events wait, 1 failed\n")
    assert [[key.text for key in row] for row in answer.buttons] == [
        ["↩️ Try the failed events again"], ["🔄 Refresh", "📜 Log"],
    ]  # fmt: skip
    refused = desk_office.world.press(IGOR, ANNA, answer.id, "st:retry")
    await desk_office.settle()
    assert refused.answered is not None
    assert refused.answered.text == "Only an administrator does that."
    toast = await desk_office.presses(ANNA, answer, "Try")
    assert toast is not None
    assert toast.text == "1 event is tried again."
    assert "1 event waits, the oldest for" in desk_office.texts(ANNA)[-1]
    await desk_office.presses(ANNA, desk_office.bot_messages(ANNA)[-1], "Refresh")
    assert "0 events wait, 1 failed" in desk_office.texts(ANNA)[-1]
