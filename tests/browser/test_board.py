"""The board in a real browser, opened as Telegram does: a call appears live, is claimed, and the chat says so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, expect

from bot.demo import Demo
from desk import directory
from handlers.chat import summary_picture
from sandbox import demo_office
from sandbox.page.stage import Pace
from tests.browser.chromium import DESKTOP, PHONE, Trouble, shot
from tests.handlers.board.opening import init_data
from tests.handlers.chat.on_the_phone import missed_call
from tests.office import ANNA, CLIENT, IGOR, Office, an_office

pytestmark = pytest.mark.browser
OTHER = "79100000002"
#: What Telegram's own clients hand over, night and day.
DARK = {"bg_color": "#17212b", "text_color": "#f5f5f5", "hint_color": "#708499", "button_color": "#5288c1",
        "button_text_color": "#ffffff", "secondary_bg_color": "#232e3c", "link_color": "#6ab3f3"}  # fmt: skip
LIGHT = {"bg_color": "#ffffff", "text_color": "#000000", "hint_color": "#707579", "button_color": "#3390ec",
         "button_text_color": "#ffffff", "secondary_bg_color": "#f4f4f5", "link_color": "#00488f"}  # fmt: skip
PATIENCE = 30_000


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine draws slowly, and that is no failure."""
    monkeypatch.setattr(summary_picture, "PATIENCE", 120.0)


@pytest.fixture
async def live(sqlite_url: str) -> AsyncIterator[Office]:
    """The connected office, one of whose clients has a name that looks like markup."""
    async with an_office(sqlite_url) as office:
        await office.connected()
        await directory.refresh(office.desk, "main")
        async with office.desk.db.write() as tx:
            from storage.contacts import Contact, save

            await save(office.desk.db, tx, Contact(f"+{CLIENT}", "Фёдор <b>Жук</b>", None, office.clock.now(), ANNA))
        yield office


async def opened(office: Office, browser: Browser, user_id: int, theme: dict[str, str]) -> tuple[Page, Trouble]:
    page = await browser.new_page(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    trouble = Trouble(page)
    page.set_default_timeout(PATIENCE)
    data = init_data(office, user_id)
    await page.goto(f"{office.url}/board#tgWebAppData={quote(data)}&tgWebAppThemeParams={quote(json.dumps(theme))}")
    return page, trouble


async def test_a_call_appears_is_claimed_and_the_chat_says_so(live: Office, browser: Browser) -> None:
    page, trouble = await opened(live, browser, IGOR, DARK)
    await expect(page.locator("#headline")).to_have_text("🟢 Nobody waits for a call.")
    await missed_call(live)
    card = page.locator("[data-case]")
    await expect(card).to_have_count(1, timeout=PATIENCE)
    await expect(card.locator("h2")).to_have_text("🔴 Фёдор <b>Жук</b>, +7 910 000-00-01")
    live.clock.advance(seconds=1)  # what happens in the very same moment is no news
    await card.get_by_role("button", name="🙋 Mine").click()
    await expect(page.locator("#told")).to_have_text("It is yours. Your name is on the card now.")
    await live.settle()
    assert "🙋 Igor takes care of it since 12:0" in live.cards()[-1].text
    await expect(card.locator(".owner")).to_contain_text("Igor takes care of it")
    await shot(page, "board-phone-dark")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await card.get_by_role("button", name="✅ Handled").press("Enter")
    await page.get_by_role("button", name="wrote back").press("Enter")
    await expect(page.locator("#headline")).to_have_text("🟢 Nobody waits for a call.")
    assert trouble.found == []
    await page.close()


async def test_every_part_is_shown_by_day(live: Office, browser: Browser) -> None:
    await missed_call(live)
    await missed_call(live, OTHER, "c2")
    await live.pbx_says({"cmd": "rating", "callid": "c9", "phone": OTHER, "rating": "5", "user": "igor"})
    live.clock.advance(minutes=12)
    page, trouble = await opened(live, browser, ANNA, LIGHT)
    await expect(page.locator("[data-case]")).to_have_count(2)
    await shot(page, "board-phone-light")
    tabs = page.get_by_role("tab")
    await tabs.first.focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tiles dd").first).to_have_text("2")
    await expect(page.locator("#picture")).to_be_visible(timeout=PATIENCE)
    await shot(page, "board-today-light")
    await tabs.filter(has_text="History").click()
    await expect(page.locator("#calls li")).to_have_count(2)
    await shot(page, "board-history-latest-light")
    await page.get_by_label("Name or number").fill("жук")
    await page.keyboard.press("Enter")
    await expect(page.locator("#calls li")).to_have_count(1)
    await shot(page, "board-history-light")
    await tabs.filter(has_text="Ratings").click()
    await expect(page.locator("#rated .stars")).to_have_text("★★★★★ 5 of 5")
    await tabs.filter(has_text="People").click()
    await expect(page.locator("#team li").first).to_contain_text("Anna")
    await shot(page, "board-people-light")
    assert trouble.found == []
    await page.close()


async def test_blocking_asks_first_and_is_undone(live: Office, browser: Browser) -> None:
    await missed_call(live)
    page, trouble = await opened(live, browser, ANNA, LIGHT)
    block = page.get_by_role("button", name="🚫 Block").first
    await block.click()
    await shot(page, "board-block-light")
    await page.get_by_role("button", name="↩️ Back").click()
    assert CLIENT not in live.pbx.office.blacklist
    await block.click()
    await page.get_by_role("button", name="sure?").click()
    await expect(page.locator("#told")).to_contain_text("is blocked")
    assert CLIENT in live.pbx.office.blacklist
    await page.get_by_role("button", name="Unblock").click()
    await expect(page.locator("#told")).to_contain_text("is unblocked")
    assert CLIENT not in live.pbx.office.blacklist
    assert trouble.found == []
    await page.close()


async def test_a_page_that_nobody_signed_says_what_to_do(live: Office, browser: Browser) -> None:
    page = await browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    await page.goto(f"{live.url}/board")
    words = "Open the board from a chat with me in Telegram: only so I know who you are."
    await expect(page.locator("#refusal")).to_have_text(words, timeout=PATIENCE)
    await expect(page.locator("#page")).to_be_hidden()
    await page.close()


async def test_the_demo_opens_it_for_whose_chat_it_is(tmp_path: Path, browser: Browser) -> None:
    """The program itself: what is claimed on the board is claimed on the card in the team's chat."""
    async with Demo(0, tmp_path, kept=False, language="en", pace=Pace(ring=1, talk=1, breath=0.1)) as demo:
        await demo.begin()
        page = await browser.new_page(viewport=DESKTOP)  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE)
        await page.goto(demo.url)
        async with page.context.expect_page() as opening:
            await page.locator(f"#tab-panel-{demo_office.IGOR.user_id}").click()
            await page.locator(f"#panel-{demo_office.IGOR.user_id} .to-board").click()
        board = await opening.value
        board.set_default_timeout(PATIENCE)
        await expect(board.locator("#headline")).to_have_text("🟢 Nobody waits for a call.", timeout=PATIENCE)
        await demo.stage.missed_call(demo.office.phones["main"], demo_office.CLIENTS[0])
        await board.locator("[data-act=claim]").first.click()
        card = await demo.stage.card_of(demo_office.CLIENTS[0], 60)
        assert card is not None
        world = demo.office.world
        assert await world.until(lambda: "🙋" in world.message(demo_office.TEAM, card.id).text, 60)
        await shot(page, "board-link-in-the-demo")
        await board.close()
        await page.close()
