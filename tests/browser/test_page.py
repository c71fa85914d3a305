"""What people see and do on the page, against a tiny bot."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import Locator, expect
from playwright.async_api import Page as Tab

import sandbox.page
from sandbox.demo_office import ANNA, CLIENTS, IGOR, TEAM
from sandbox.page.server import page_app
from sandbox.telegram import rich_text
from tests.browser.chromium import PHONE
from tests.browser.conftest import Opens
from tests.sandbox.page.conftest import Page

pytestmark = pytest.mark.browser
WORDS = json.loads((Path(sandbox.page.__path__[0]) / "static/words.json").read_text(encoding="utf-8"))

#: The accessible name of everything that can be operated, [] if each has one.
NAMELESS = """() => [...document.querySelectorAll(
    'button, a, input, select, textarea, [role=log], audio, img, section')]
  .filter((one) => one.checkVisibility())
  .filter((one) => !(one.getAttribute('aria-label') || one.textContent.trim()))
  .filter((one) => !(one.hasAttribute('alt') || one.labels?.length))
  .map((one) => one.outerHTML)"""


def chat(tab: Tab, chat_id: int) -> Locator:
    return tab.locator(f"#panel-{chat_id}")


async def take(tab: Tab, chat_id: int) -> Locator:
    """Bring the chat to the front of the one phone that shows everybody's own."""
    await tab.locator(f"#tab-panel-{chat_id}").click()
    return chat(tab, chat_id)


def bubbles(tab: Tab, chat_id: int) -> Locator:
    return chat(tab, chat_id).locator(".message .text")


async def types(tab: Tab, chat_id: int, text: str) -> None:
    if not await chat(tab, chat_id).is_visible():
        await take(tab, chat_id)
    box = chat(tab, chat_id).get_by_role("combobox")
    await box.fill(text)
    await box.press("Enter")


async def test_a_newcomer_sees_five_chats_the_scenes_and_the_trace(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    headings = await tab.locator("h2:visible").all_inner_texts()
    assert headings == ["Make something happen", "Продажи", "Руководители", "Behind the scenes"]
    await expect(tab.get_by_role("tab")).to_have_text(["Руководители", "Анна", "Игорь", "Мария"])
    await expect(tab.locator(".scene")).to_have_count(15)
    await expect(tab.locator(".light.good")).to_have_count(3)
    assert await tab.title() == "Ringdesk: a demo"


async def test_a_conversation_by_keyboard_alone(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await tab.get_by_role("tab").first.focus()
    await tab.keyboard.press("ArrowRight")
    box = chat(tab, ANNA.user_id).get_by_role("combobox")
    await box.focus()
    await tab.keyboard.type("/")
    hint = chat(tab, ANNA.user_id).get_by_role("option", name="/help")
    await expect(hint).to_contain_text("What I can do")
    await tab.keyboard.press("ArrowDown")
    await expect(hint).to_have_attribute("aria-selected", "true")
    await tab.keyboard.press("Enter")
    await expect(box).to_have_value("/help ")
    await tab.keyboard.press("Enter")
    await expect(bubbles(tab, ANNA.user_id)).to_have_text(["/help", "You said /help"])
    await expect(box).to_have_value("")


async def test_sharing_ones_number_is_a_press_on_the_bots_keyboard(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await types(tab, IGOR.user_id, "/start")
    await chat(tab, IGOR.user_id).get_by_role("button", name="Share my number").click()
    await expect(bubbles(tab, IGOR.user_id).last).to_have_text("Linked: 79000000002")
    await expect(chat(tab, IGOR.user_id).locator(".contact")).to_contain_text("+79000000002")
    await expect(chat(tab, IGOR.user_id).locator(".keyboard")).to_be_hidden()


async def test_a_command_in_a_text_can_be_tapped(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await types(tab, ANNA.user_id, "/start")
    await bubbles(tab, ANNA.user_id).last.get_by_role("button", name="/help").click()
    await expect(bubbles(tab, ANNA.user_id).last).to_have_text("You said /help")


async def test_the_team_chat_is_written_as_whoever_is_chosen(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await chat(tab, TEAM).get_by_role("radio", name="Игорь").check(force=True)
    await types(tab, TEAM, "hello")
    await expect(chat(tab, TEAM).locator(".mine .text")).to_have_text("hello")
    assert page.world.messages(TEAM)[0].sender.id == IGOR.user_id
    await chat(tab, TEAM).get_by_role("radio", name="Мария").check(force=True)
    await expect(chat(tab, TEAM).locator(".theirs .sender").first).to_have_text("Игорь Волков")


async def test_a_reply_quotes_what_it_answers(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    page.world.say(IGOR.user_id, TEAM, "who am I?")
    await chat(tab, TEAM).get_by_role("button", name="Reply").first.click(force=True)
    await expect(chat(tab, TEAM).locator(".replying")).to_contain_text("who am I?")
    await types(tab, TEAM, "/link igor")
    await expect(chat(tab, TEAM).locator(".mine .quote")).to_have_text("who am I?")
    await expect(chat(tab, TEAM).locator(".replying")).to_be_hidden()


async def test_a_card_changes_in_place_and_its_buttons_answer(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await tab.locator("[data-scene=missed]").click()
    await expect(bubbles(tab, TEAM)).to_have_text([f"🔴 Missed +{CLIENTS[0].phone}"])
    await expect(tab.locator("[data-scene=missed]")).to_have_attribute("aria-disabled", "false")
    await chat(tab, TEAM).get_by_role("button", name="Mine").click()
    await expect(chat(tab, TEAM).locator(".toast")).to_have_text("Анна: mine")
    await tab.locator("[data-scene=again]").click()
    await expect(bubbles(tab, TEAM)).to_have_text([re.compile("called 2 times")])
    await expect(chat(tab, TEAM).locator(".message.flash")).to_have_count(1)
    await expect(chat(tab, TEAM).locator(".edited")).to_have_text("edited")
    await tab.locator("[data-scene=through]").click()
    await expect(bubbles(tab, TEAM)).to_have_text([re.compile("Called back")])
    await expect(chat(tab, TEAM).locator(".key")).to_have_count(0)


async def test_what_somebody_else_is_told_does_not_stop_everything(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await types(tab, TEAM, "/alert")
    asked = await page.world.until(lambda: page.world.from_bot(TEAM), 10)
    page.world.press(IGOR.user_id, TEAM, asked[-1].id, "alert")
    await expect(chat(tab, TEAM).locator(".toast .alert")).to_have_text("Игорь: Read this")
    await expect(tab.get_by_role("dialog")).to_be_hidden()


async def test_an_edit_above_what_is_read_says_so_and_leads_there(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    card = page.world.new_message(page.world.chat(TEAM), page.world.bot, body=rich_text.plain("a card"))
    for number in range(60):
        page.world.say(IGOR.user_id, TEAM, f"line {number}")
    await expect(bubbles(tab, TEAM)).to_have_count(61)
    card.body = rich_text.plain("another")
    page.world.changed(card)
    await chat(tab, TEAM).get_by_role("button", name="A message above has changed").click()
    await expect(bubbles(tab, TEAM).first).to_be_in_viewport()
    await expect(chat(tab, TEAM).get_by_role("log")).to_be_focused()


async def test_a_scene_is_followed_to_where_it_happens_but_not_away_from_a_half_written_message(
    page: Page, opens: Opens
) -> None:
    tab = await opens(page.url)
    page.stage.look(IGOR.user_id)
    await expect(chat(tab, IGOR.user_id)).to_be_visible()
    await chat(tab, IGOR.user_id).get_by_role("combobox").fill("one mo")
    page.stage.look(ANNA.user_id)
    page.stage.tell_status()
    page.world.say(IGOR.user_id, TEAM, "later")
    await expect(bubbles(tab, TEAM)).to_have_count(1)
    await expect(chat(tab, IGOR.user_id)).to_be_visible()


async def test_scenes_wait_until_the_people_have_set_the_bot_up(page: Page, opens: Opens) -> None:
    page.stage.settled.clear()
    tab = await opens(page.url)
    await expect(tab.locator(".scenes .about")).to_contain_text("The people are setting the bot up")
    await tab.locator("[data-scene=missed]").click()
    await expect(tab.locator("[data-scene=missed]")).to_have_class(re.compile("playing"))
    assert page.world.messages(TEAM) == []
    page.stage.settled.set()
    page.stage.tell_status()
    await expect(bubbles(tab, TEAM)).to_have_count(1)
    await expect(tab.locator(".scenes .about")).to_contain_text("Only the bot is real")


async def test_an_alert_is_a_box_to_be_closed(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await types(tab, ANNA.user_id, "/alert")
    await chat(tab, ANNA.user_id).get_by_role("button", name="Alert", exact=True).click()
    await expect(tab.get_by_role("dialog")).to_contain_text("Read this")
    await tab.keyboard.press("Enter")
    await expect(tab.get_by_role("dialog")).to_be_hidden()


async def test_a_deleted_message_goes(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    message = page.world.say(ANNA.user_id, TEAM, "a slip")
    await expect(bubbles(tab, TEAM)).to_have_count(1)
    page.world.delete_message(ANNA.user_id, TEAM, message.id)
    await expect(bubbles(tab, TEAM)).to_have_count(0)


async def test_photos_sound_and_files_are_shown_as_such(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    for command in ("/photo", "/audio", "/file"):
        await types(tab, ANNA.user_id, command)
    mine = chat(tab, ANNA.user_id)
    await expect(mine.locator("a.file")).to_contain_text("document")
    await expect(mine.locator("audio")).to_have_attribute("aria-label", re.compile("Sound recording"))
    assert (
        await mine.get_by_alt_text("A chart").evaluate("(image) => image.decode().then(() => image.naturalWidth)")
        == 1
    )
    await mine.get_by_role("button", name="Open the photo").click()
    await expect(tab.get_by_role("dialog").get_by_alt_text("A chart")).to_be_visible()
    async with tab.expect_download() as download:
        await tab.keyboard.press("Escape")
        await mine.locator("a.file").click()
    assert _content(await (await download.value).path()) == b"a,b\n"


def _content(path: Path) -> bytes:
    return path.read_bytes()


async def test_formatting_is_telegrams_and_nothing_else_gets_in(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await types(tab, ANNA.user_id, "/format")
    text = bubbles(tab, ANNA.user_id).last
    await expect(text.locator("b")).to_have_text("bold")
    await expect(text.locator("code")).to_have_text("x < y")
    await text.get_by_role("button", name="Show the hidden text").click()
    await expect(text).to_contain_text("secret")
    await types(tab, ANNA.user_id, "<img src=x onerror=alert(1)><script>alert(1)</script>")
    await expect(bubbles(tab, ANNA.user_id).last).to_have_text(
        "<img src=x onerror=alert(1)><script>alert(1)</script>"
    )
    assert await tab.locator(".log img").count() == 0


async def test_on_a_phone_one_chat_at_a_time_with_unread_marks(page: Page, opens: Opens) -> None:
    tab = await opens(page.url, PHONE)
    tabs = tab.get_by_role("tab")
    await expect(tabs).to_have_text(["Продажи", "Руководители", "Анна", "Игорь", "Мария", "Trace"])
    await expect(tab.locator(".panel:visible")).to_have_count(1)
    page.world.say(IGOR.user_id, IGOR.user_id, "/start")
    igors = tabs.nth(3)
    await expect(igors).to_have_accessible_name("Игорь, 1 new")
    await expect(igors.locator(".badge")).to_have_text("1")
    await tabs.first.focus()
    for _ in range(3):
        await tab.keyboard.press("ArrowRight")
    await expect(igors).to_have_attribute("aria-selected", "true")
    await expect(bubbles(tab, IGOR.user_id).last).to_be_visible()
    await expect(igors).to_have_accessible_name("Игорь")
    for number in range(6):
        await tabs.nth(number).click()
        box = await tab.locator(".panel:visible").bounding_box()
        assert box
        assert (box["x"], box["width"]) == (0, PHONE["width"])
    assert await tab.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


async def test_what_came_while_one_read_above_is_counted(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    for number in range(60):
        page.world.say(IGOR.user_id, TEAM, f"line {number}")
    await expect(bubbles(tab, TEAM)).to_have_count(60)
    await chat(tab, TEAM).get_by_role("log").evaluate("(log) => { log.scrollTop = 0 }")
    await chat(tab, TEAM).locator(".jump").wait_for()
    page.world.new_message(page.world.chat(TEAM), page.world.bot, body=rich_text.plain("a card"))
    await expect(chat(tab, TEAM).locator(".jump")).to_have_text("↓ 1 new")
    await chat(tab, TEAM).locator(".jump").click()
    await expect(chat(tab, TEAM).locator(".jump")).to_be_hidden()


@pytest.mark.parametrize("language", ["en", "ru", "uk"])
async def test_every_word_is_in_the_chosen_language(page: Page, opens: Opens, language: str) -> None:
    tab = await opens(page.url)
    await types(tab, ANNA.user_id, "/alert")
    await tab.locator("#language").select_option(language)
    await expect(tab.locator("html")).to_have_attribute("lang", language)
    await expect(tab.locator("#scenes h2")).to_have_text(WORDS["scenes.title"][language])
    await expect(tab.locator(".line").last).to_be_visible()
    shown = await tab.locator("body").inner_text()
    assert [key for key in WORDS if key in shown] == []
    assert page.stage.bot.language == language
    assert await tab.evaluate(NAMELESS) == []


async def test_colours_follow_the_system_until_somebody_chooses(page: Page, opens: Opens) -> None:
    tab = await opens(page.url, color_scheme="dark")
    surface = "getComputedStyle(document.querySelector('.top')).backgroundColor"
    dark = await tab.evaluate(surface)
    await tab.locator("#theme").select_option("light")
    assert await tab.evaluate(surface) != dark
    await tab.reload()
    await tab.locator(".panel").first.wait_for()
    assert await tab.evaluate(surface) != dark


async def test_a_dead_bot_is_seen_and_can_be_started(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await page.stage.bot.kill()
    await expect(tab.locator(".light.bad")).to_have_text("Bot is not running")
    await tab.get_by_role("button", name="Start it").click()
    await expect(tab.locator(".light.bad")).to_have_count(0)


async def test_the_page_comes_back_with_its_server(page: Page, opens: Opens) -> None:
    runner = web.AppRunner(page_app(page.stage), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    tab = await opens(f"http://127.0.0.1:{port}")
    await runner.cleanup()
    await expect(tab.get_by_role("alert")).to_be_visible()
    page.world.say(ANNA.user_id, TEAM, "said meanwhile")
    again = web.AppRunner(page_app(page.stage), access_log=None, shutdown_timeout=0.1)
    await again.setup()
    await web.TCPSite(again, "127.0.0.1", port).start()
    await expect(bubbles(tab, TEAM)).to_have_text(["said meanwhile"], timeout=10_000)
    await expect(tab.get_by_role("alert")).to_be_hidden()
    await tab.close()
    await again.cleanup()


async def test_the_trace_tells_what_went_where(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    await tab.locator("[data-scene=missed]").click()
    lines = tab.locator(".line")
    await expect(lines.filter(has_text="PBX main → bot")).not_to_have_count(0)
    sent = lines.filter(has_text="bot → Telegram").filter(has_text="new message in Продажи: 🔴 Missed")
    await expect(sent).to_have_count(1)
    await sent.locator("summary").click()
    await expect(sent.locator("pre")).to_contain_text('"parse_mode": "HTML"')


async def test_a_client_calls_on_the_pbx_that_is_chosen(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    choice = tab.get_by_role("combobox", name="Clients call on PBX")
    await expect(choice.locator("option")).to_have_text(
        ["main · VATS REST", "form · VATS form", "phonet · Phonet", "t2"]
    )
    await choice.select_option("t2")
    async with tab.expect_request("**/api/scene/missed") as asked:
        await tab.locator("[data-scene=missed]").click()
    assert (await asked.value).post_data_json == {"pbx": "t2"}
    t2 = page.stage.office.phones["t2"]
    await page.stage.world.until(lambda: (called := page.stage.latest) and t2.owes(called.phone), 30)


async def test_a_scene_that_the_chosen_pbx_cannot_play_says_where_it_is_played(page: Page, opens: Opens) -> None:
    tab = await opens(page.url)
    rating = tab.locator("[data-scene=rating]")
    await expect(rating).not_to_contain_text("Only on")
    await tab.get_by_role("combobox", name="Clients call on PBX").select_option("phonet")
    await expect(rating).to_contain_text("Only on PBX main.")
    await expect(tab.locator("[data-scene=missed]")).not_to_contain_text("Only on")
    async with tab.expect_request("**/api/scene/rating") as asked:
        await rating.click()
    assert (await asked.value).post_data_json == {"pbx": "main"}
    await expect(bubbles(tab, TEAM)).to_have_text([re.compile("⭐ 2")])
