"""The real `ringdesk demo`: what the desk does with calls, each scene played by a click, and pictures of it.

The demo's own clock begins at ten in the morning, so that nothing here depends on when it is run.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.demo import Demo
from sandbox.demo_office import ANNA, MANAGERS, MARIA, TEAM
from sandbox.page.stage import Pace
from tests.browser.chromium import shot
from tests.browser.test_demo_scenes import PATIENCE, browser, play, shows, tab, take

__all__ = ["browser", "tab"]

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
PACE = Pace(ring=1, talk=3, breath=0.2)
#: Whether a player knows how long its sound is, and so can play it.
PLAYABLE = """(one) => new Promise((done) => {
  if (one.readyState) done(one.duration);
  else one.onloadedmetadata = () => done(one.duration);
})"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    async with Demo(0, tmp_path_factory.mktemp("demo"), kept=False, language="en", pace=PACE) as running:
        running.stage.later(running.stage.until_clock("10:00"))
        await running.begin()
        yield running
        failed = [one["values"] for one in running.stage.trace.views() if one["say"] == "stage.failed"]
        assert failed == []


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def later(demo: Demo) -> None:
    """A new minute for each scene: Telegram lets the bot say twenty things to a group in one."""
    demo.stage.later(timedelta(minutes=2))


def said(tab: Page, chat_id: int, *words: str) -> Locator:
    """Messages of the bot in a chat that hold all of these words."""
    found = tab.locator(f"#panel-{chat_id} .theirs")
    for word in words:
        found = found.filter(has_text=word)
    return found


async def test_the_managers_chat_is_set_up_beside_the_teams(tab: Page) -> None:
    await take(tab, MANAGERS)
    page = said(tab, MANAGERS, "What should come here?")
    await shows(page)
    pressed = page.get_by_role("button")
    for label in ("✅ low ratings", "✅ escalations", "▫️ missed calls", "✓ 👔 A managers' chat"):
        await expect(pressed.filter(has_text=label)).to_be_visible()
    await expect(tab.locator(f"#panel-{MANAGERS}").get_by_role("radio")).to_have_count(0)


async def test_a_claim_is_refused_to_the_second_handed_over_and_lapses(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "claim")
    card = said(tab, TEAM, "🔴 Missed call")
    await shows(card, "Мария Орлова's claim lapsed, no attempt in 15 min")
    await expect(card.get_by_role("button", name="Mine")).to_be_visible()
    pressed = [one for one in demo.office.world.presses.values() if one.user_id == MARIA.user_id]
    assert [one for one in pressed if one.answered and "Игорь Волков" in (one.answered.text or "")]
    await shows(said(tab, MARIA.user_id, "Игорь Волков has handed a client over to you: Ольга Кузнецова"))
    await shows(said(tab, MARIA.user_id, "your claim on Ольга Кузнецова", "has lapsed: no attempt in 15 min"))
    await shot(tab, "desk-claim")


async def test_half_an_hour_calls_upon_more_and_more_people_until_somebody_calls(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "escalation")
    card = said(tab, TEAM, "Called back · Пекарня «Колосок»")
    await shows(
        card,
        "Мария Орлова was called upon (responsible)",
        "Игорь Волков was called upon (head of the department)",
        "the managers were called upon",
        "Игорь Волков · after 3",  # minutes, and the next one may have begun
    )
    green = re.compile(r"🟢 Пекарня «Колосок», \+7 900 000-01-02 was called back \(Игорь Волков\)")
    await expect(said(tab, TEAM, "was called back").first).to_contain_text(green, timeout=PATIENCE)
    await expect(said(tab, MANAGERS, "was called back")).to_contain_text(green, timeout=PATIENCE)
    await expect(said(tab, TEAM, "«Колосок», +7 900 000-01-02 has waited")).to_have_count(0, timeout=PATIENCE)
    await shot(tab, "desk-escalation")


async def test_a_live_card_ends_with_the_recordings_button_and_is_switched_off(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "live")
    over = said(tab, TEAM, "☎️ Игорь Волков talked 3 s")
    await shows(over)
    await expect(over.get_by_role("button", name="Recording")).to_be_visible()
    switch = said(tab, TEAM, "What should be shown about calls?").get_by_role("button", name="live card")
    await expect(switch).to_have_text("▫️ a live card for each call")
    await shot(tab, "desk-live")


async def test_a_recording_comes_as_sound_that_plays(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "recording")
    for chat_id in (TEAM, MANAGERS):
        player = said(tab, chat_id).locator("audio")
        await expect(player).to_have_count(1, timeout=PATIENCE)
        assert await player.evaluate(PLAYABLE) == pytest.approx(3, abs=0.5)
    await shows(said(tab, MANAGERS, "2 of 5", "Recording"), "Мария Орлова", "For managers: a low rating.")
    await take(tab, MANAGERS)
    await shot(tab, "desk-recording")


async def test_what_came_in_a_quiet_night_is_one_list_in_the_morning(tab: Page, demo: Demo) -> None:
    mark = demo.office.world.messages(TEAM)[-1].id
    await play(tab, demo, "night")
    morning = said(tab, TEAM, "While it was quiet")
    await shows(morning, "still wait for a call. Press a number to open the card.")
    # Whoever waited from before, and was to be escalated in the night, is in it too.
    listed = (await morning.inner_text()).count("yesterday 22:30")
    assert listed == 2
    assert await morning.locator(".key").count() >= listed
    fresh = [one.text for one in demo.office.world.from_bot(TEAM) if one.id > mark]
    assert not [text for text in fresh if text.startswith("🔴")]
    assert "🌙 Quiet hours: off" in fresh[-1]
    assert demo.office.now() - demo.office.world.messages(TEAM)[-1].date < timedelta(minutes=1)
    await shot(tab, "desk-night")


async def test_the_day_is_a_picture_and_a_file(tab: Page, demo: Demo) -> None:
    annas = tab.locator(f"#panel-{ANNA.user_id}")
    picture = annas.locator(".photo img").last
    for _ in range(3):  # a machine with much else to do draws too slowly, and the answer comes without it
        await play(tab, demo, "summary")
        if await picture.count():
            break
    await picture.scroll_into_view_if_needed()
    await expect(picture).to_have_js_property("complete", value=True)
    assert await picture.evaluate("(one) => one.naturalWidth") > 300
    await expect(said(tab, ANNA.user_id, "Waiting times").last).to_contain_text("Missed after")
    await expect(annas.locator("a.file").last).to_contain_text(".csv")
    await shot(tab, "desk-summary")


async def test_who_is_on_a_call_is_told_while_it_goes_on(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "who")
    await shows(said(tab, ANNA.user_id, "Who is where, PBX main"), "Игорь Волков · 702 · talks with")
    await shows(said(tab, ANNA.user_id, "1 call is going on"), "talks with Игорь Волков")
    await shot(tab, "desk-who")
