"""Setting up from nothing: `/start` as administrator says at each step what is still missing."""

import pytest

from desk import timers
from sandbox.vats_rest import Outage
from tests.handlers.chat.on_the_phone import labels, missed_call, presses_data
from tests.office import ANNA, IGOR, STRANGER, Office

FIRST = (
    "👋 Anna, you are my administrator.\n"
    "🧭 Setting up: 1 of 5 steps are done. 👉 is the next.\n"
    "✅ 1. The PBX answers: main\n"
    "👉 2. No chat shows missed calls yet\n"
    "Add me to your team's group by the button below, then send /connect there.\n"
    "▫️ 3. People: 0 linked\n"
    "Send /link here to say who you are, so that you can call from the cards.\n"
    "The others press Start in their chat with me and share their phone number, or send /link.\n"
    "▫️ 4. Whom to call upon if nobody calls back: 0 clients with a responsible employee\n"
    "This can wait. /contact NUMBER NAME | LOGIN names one; heads are set at the PBX.\n"
    "▫️ 5. No news yet from PBX main\n"
    "Make a test call: the button below says how."
)


def steps(text: str) -> list[str]:
    """The signs in front of the steps."""
    return [line.split(" ")[0] for line in text.splitlines() if line.split(" ")[1][:-1].isdigit()]


async def test_from_nothing_to_the_first_card(office: Office) -> None:
    [page] = await office.says(ANNA, ANNA, "/start")
    assert page.text == FIRST
    assert labels(page) == ["➕ Add me to a group", "☎️ Test call", "🔄 Check again"]
    assert page.button("Add me").url == "https://t.me/ringdesk_demo_bot?startgroup=connect"
    await office.says(ANNA, office.team, "/connect")
    await office.presses(ANNA, page, "Check again")
    assert steps(page.text) == ["✅", "✅", "👉", "✅", "▫️"]
    assert "✅ 2. Missed calls are shown in: Продажи" in page.text
    assert "👉 3. People: 0 of 5 employees are linked" in page.text
    await office.says(ANNA, ANNA, "/link anna")
    await office.presses(ANNA, page, "Check again")
    assert steps(page.text) == ["✅", "✅", "✅", "✅", "👉"]
    await office.presses(ANNA, page, "Test call")
    assert page.text == (
        "☎️ The test call\n"
        "1. Call your company's number from a mobile phone that is not in the PBX.\n"
        "2. Let it ring for ten seconds and hang up before anybody answers.\n"
        "3. A red card comes to the team's chat. I tell you here, too, when the PBX's first news has come.\n"
        "If nothing comes within a minute:\n"
        "PBX main must send its events to https://…/pbx/main"
    )
    await office.later(seconds=10)
    assert office.texts(ANNA)[-1].startswith("✅ Anna is ")
    await missed_call(office)
    await office.later(seconds=10)
    told = "✅ The first news from PBX main has come: it reaches me. /start shows what is left."
    assert office.texts(ANNA)[-1] == told
    await office.later(minutes=10)
    assert office.texts(ANNA).count(told) == 1
    await office.presses(ANNA, page, "Check again")
    assert page.text.startswith("✅ Everything is set up. /help shows what I can do.\n")
    [greeting] = await office.says(ANNA, ANNA, "/start")
    assert greeting.text.startswith("👋 Anna, at the PBX you are Анна Смирнова (anna).")


@pytest.mark.parametrize(
    ("outage", "told"),
    [
        (Outage.ERROR_500, "PBX main does not answer. Try again in a minute."),
        (
            Outage.CRM_DISABLED,
            "PBX main refuses our key. An administrator must put a valid one into the configuration.",
        ),
    ],
)
async def test_a_pbx_that_does_not_answer_is_the_first_step(office: Office, outage: Outage, told: str) -> None:
    office.pbx.weather.outage = outage
    page, *_ = await office.says(ANNA, ANNA, "/start")
    assert page.text.splitlines()[2:4] == ["👉 1. The PBX does not answer yet", told]
    office.pbx.weather.outage = Outage.NONE
    await office.presses(ANNA, page, "Check again")
    assert "✅ 1. The PBX answers: main" in page.text


async def test_nobody_is_told_of_an_event_that_does_not_come(office: Office) -> None:
    [page] = await office.says(ANNA, ANNA, "/start")
    await office.presses(ANNA, page, "Test call")
    count = len(office.texts(ANNA))
    await office.later(minutes=31)
    await missed_call(office)
    await office.later(minutes=1)
    await timers.run_due(office.desk)
    assert len(office.texts(ANNA)) == count


async def test_only_administrators_press_its_buttons(office: Office) -> None:
    [page] = await office.says(ANNA, office.team, "/help")
    for user_id in (IGOR, STRANGER):
        for data in ("wt:again", "wt:test"):
            refused = await presses_data(office, user_id, page, data)
            assert refused is not None
            assert refused.text == "Only administrators can do this. Ask one of them."
