"""The real `ringdesk demo`: every scene played by a click on the page, what the chats show, and pictures of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.demo import Demo
from sandbox.demo_office import ANNA, CLIENTS, IGOR, MANAGERS, MARIA, TEAM
from sandbox.page.stage import Pace
from tests.browser.chromium import DESKTOP, PHONE, Trouble, chromium, shot

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
#: A minute without Telegram is shown to people; a test sees the same in less.
PACE = Pace(ring=2, talk=4, outage=25, breath=0.3)
#: The processors of a build machine are shared.
PATIENCE = 90_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    async with Demo(0, folder, kept=False, language="en", pace=PACE) as running:
        await running.begin()
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def tab(demo: Demo, browser: Browser) -> AsyncIterator[Page]:
    opened = await browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]
    trouble = Trouble(opened)
    opened.set_default_timeout(PATIENCE)
    await opened.goto(demo.url)
    await opened.locator(".scene").first.wait_for()
    yield opened
    await opened.close()
    assert trouble.found == []


async def play(tab: Page, demo: Demo, name: str) -> None:
    """Click the scene, see that it plays, and wait until it is over and the bot has nothing left to say."""
    button = tab.locator(f"[data-scene={name}]")
    await button.click()
    await expect(button).to_have_class(re.compile("playing"))
    await expect(button).not_to_have_class(re.compile("playing"), timeout=PATIENCE)
    await demo.office.world.until(lambda: not demo.office.phones["main"].waiting, PATIENCE / 1000)


async def take(tab: Page, chat_id: int) -> Locator:
    """Bring a chat to the front of the phone that shows everybody's own and the managers'."""
    await tab.locator(f"#tab-panel-{chat_id}").click()
    return tab.locator(f"#panel-{chat_id}")


def cards(tab: Page, *words: str) -> Locator:
    """Messages of the team chat that hold all of these words."""
    found = tab.locator(f"#panel-{TEAM} .message")
    for word in words:
        found = found.filter(has_text=word)
    return found


def latest(tab: Page, demo: Demo) -> Locator:
    """The card about the client of the last scene."""
    assert demo.stage.latest is not None
    return cards(tab, _shown(demo.stage.latest.phone), "waited").last


def new_in_team(demo: Demo, since: int) -> int:
    """How many messages of the bot came to the team chat after the one with that id."""
    return sum(1 for one in demo.office.world.from_bot(TEAM) if one.id > since)


async def shows(found: Locator, *words: str) -> None:
    """One message, and what it says in the end."""
    await expect(found).to_have_count(1, timeout=PATIENCE)
    for word in words:
        await expect(found).to_contain_text(word, timeout=PATIENCE)


async def test_the_people_have_set_the_bot_up_before_a_newcomers_eyes(tab: Page, demo: Demo) -> None:
    pbxes = list(demo.office.phones)
    connecting = [re.compile(f"/connect {pbx_id}") for pbx_id in pbxes]
    await expect(tab.locator(f"#panel-{TEAM} .mine")).to_have_text(connecting)
    for pbx_id in pbxes:
        await shows(cards(tab, f"PBX {pbx_id} is connected here"))
    for person in (ANNA, IGOR, MARIA):
        chat = tab.locator(f"#panel-{person.user_id}")
        await expect(chat.locator(".contact")).to_contain_text(person.phone)
        await expect(chat.locator(".message").filter(has_text=f"({person.login}) at PBX main now")).to_have_count(1)
    await shot(tab, "demo-start")


async def test_a_missed_call_is_a_card_and_the_next_call_is_counted_on_it(tab: Page, demo: Demo) -> None:
    mark = demo.office.world.messages(TEAM)[-1].id
    await play(tab, demo, "missed")
    card = latest(tab, demo)
    await shows(card, "Missed call", "Продажи", "waited 2 s")
    await expect(card.get_by_role("button", name="Call back")).to_be_visible()
    await shot(tab, "demo-missed")
    await play(tab, demo, "again")
    await shows(card, "called 2 times")
    assert new_in_team(demo, mark) == 1


async def test_an_attempt_is_written_on_the_card_and_a_call_back_turns_it_green(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "busy")
    card = latest(tab, demo)
    await shows(card, "Not reached yet", "Игорь Волков", "busy")
    await shot(tab, "demo-busy")
    assert [one["say"] for one in demo.stage.trace.views()].count("stage.presses") == 1
    await play(tab, demo, "through")
    await shows(card, "Called back", "Мария Орлова", "talked 8 s")
    await expect(card.get_by_role("button", name="Call back")).to_have_count(0)
    await shot(tab, "demo-through")


async def test_a_low_rating_reaches_the_chat(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "rating")
    await shows(cards(tab, "2 of 5"), "Мария Орлова")
    await take(tab, MANAGERS)
    await shot(tab, "demo-rating")


async def test_a_person_claims_a_card_and_looks_up_its_history(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "missed")
    team = tab.locator(f"#panel-{TEAM}")
    card = cards(tab, "Missed call").last
    await team.get_by_role("radio", name="Игорь").check(force=True)
    await card.get_by_role("button", name="Mine").click()
    await expect(card).to_contain_text("Игорь Волков takes care of it")
    await card.get_by_role("button", name="History").click()
    await expect(team.locator(".message").last).not_to_contain_text("takes care", timeout=PATIENCE)
    await shot(tab, "demo-claimed")


async def test_commands_are_offered_and_answered(tab: Page, demo: Demo) -> None:
    annas = await take(tab, ANNA.user_id)
    box = annas.get_by_role("combobox")
    await box.fill("/su")
    await expect(annas.get_by_role("option", name="/summary")).to_be_visible()
    await shot(tab, "demo-commands")
    before = await annas.locator(".theirs").count()
    await box.fill("/summary today")
    await box.press("Enter")
    await expect(annas.locator(".theirs")).not_to_have_count(before, timeout=PATIENCE)
    await shot(tab, "demo-summary")


async def test_the_bot_is_killed_and_the_call_meanwhile_is_told_once(tab: Page, demo: Demo) -> None:
    await tab.locator("[data-scene=kill]").click()
    await expect(tab.locator(".light.bad").first).to_be_visible()
    await shot(tab, "demo-killed")
    await expect(tab.locator("[data-scene=kill]")).not_to_have_class(re.compile("playing"), timeout=PATIENCE)
    await demo.office.world.until(lambda: not demo.office.phones["main"].waiting, PATIENCE / 1000)
    await shows(latest(tab, demo), "Missed call")
    await shot(tab, "demo-restarted")


async def test_telegram_is_down_and_afterwards_the_chat_shows_how_things_stand(tab: Page, demo: Demo) -> None:
    history = demo.office.phones["main"].vats.office.history  # type: ignore[attr-defined]
    before, mark = len(history), demo.office.world.messages(TEAM)[-1].id
    await tab.locator("[data-scene=outage]").click()
    await expect(tab.locator(".light.bad")).to_contain_text("Telegram is down")
    await expect(tab.locator("[data-scene=outage]")).not_to_have_class(re.compile("playing"), timeout=PATIENCE)
    first, second, _ = history[before:]
    await shows(cards(tab, _shown(first.client), "Called back").last, "Игорь Волков")
    await shows(cards(tab, _shown(second.client), "Missed call").last)
    assert new_in_team(demo, mark) == 2
    await expect(tab.locator(".light.bad")).to_have_count(0)
    await shot(tab, "demo-outage")


async def test_two_hundred_missed_calls_stay_within_telegrams_limits(tab: Page, demo: Demo) -> None:
    await play(tab, demo, "flood")
    listed = re.compile(r"\+7 900 100-0\d-\d\d")

    def all_told() -> bool:
        texts = "\n".join(one.text for one in demo.office.world.from_bot(TEAM))
        return len(set(listed.findall(texts))) == 200

    await demo.office.world.until(all_told, PATIENCE / 1000)
    assert demo.office.telegram.limits.refused == 0
    await shot(tab, "demo-flood")


@pytest.mark.parametrize("language", ["ru", "uk", "en"])
async def test_the_bot_speaks_the_language_of_the_page(tab: Page, demo: Demo, language: str) -> None:
    await tab.locator("#language").select_option(language)
    await demo.office.world.until(lambda: demo.bot.language == language and demo.bot.state == "up", PATIENCE / 1000)
    await expect(tab.locator(".light.good")).to_have_count(3, timeout=PATIENCE)
    box = (await take(tab, MARIA.user_id)).get_by_role("combobox")
    await box.fill("/help")
    await box.press("Enter")
    words = {"ru": "не беспокоить", "uk": "не турбувати", "en": "do not disturb"}[language]
    last = tab.locator(f"#panel-{MARIA.user_id} .theirs").last
    await expect(last).to_contain_text(re.compile(words, re.IGNORECASE), timeout=PATIENCE)
    await shot(tab, f"demo-{language}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_it_fits_a_desktop_and_a_phone(
    demo: Demo, browser: Browser, viewport: dict[str, int], scheme: str
) -> None:
    kind = "phone" if viewport is PHONE else "desktop"
    tab = await browser.new_page(viewport=viewport, color_scheme=scheme, has_touch=kind == "phone")  # type: ignore[arg-type]
    await tab.goto(demo.url)
    await tab.locator(f"#panel-{TEAM} .message").last.wait_for()
    await shot(tab, f"demo-{kind}-{scheme}")
    assert await tab.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    assert await tab.evaluate("document.documentElement.scrollHeight") == viewport["height"]
    await tab.close()


def _shown(phone: str) -> str:
    """How a card names the client: a contact by name, anybody else by number."""
    known = {one.phone: one.name for one in CLIENTS if one.responsible}
    return known.get(phone) or f"+7 {phone[1:4]} {phone[4:7]}-{phone[7:9]}-{phone[9:]}"
