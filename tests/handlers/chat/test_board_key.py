"""The button that opens the board: only where Telegram can open it."""

from collections.abc import AsyncIterator

import pytest

from desk import regular_summaries
from sandbox.telegram import Button, Message
from tests.handlers.chat.on_the_phone import missed_call
from tests.office import IGOR, STRANGER, Office, an_office

PUBLIC = "https://bot.example.com"


@pytest.fixture
async def public(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url, http={"public_url": PUBLIC}) as office:
        office.world.profile.has_main_web_app = True
        yield await office.connected()


def board(message: Message) -> Button | None:
    return next((one for row in message.buttons for one in row if one.text == "📋 Board"), None)


async def test_in_private_it_is_a_web_app(public: Office) -> None:
    await missed_call(public)
    for command in ("/start", "/missed", "/summary"):
        key = board((await public.says(IGOR, IGOR, command))[-1])
        assert key is not None, command
        assert (key.raw["web_app"], key.url) == ({"url": f"{PUBLIC}/board"}, None)


async def test_it_is_the_menu_button_of_private_chats_as_long_as_there_is_an_address(database_url: str) -> None:
    async with an_office(database_url, http={"public_url": PUBLIC}) as office:
        await published(office)
        app = {"type": "web_app", "text": "📋 Board", "web_app": {"url": f"{PUBLIC}/board"}}
        assert office.world.profile.menu_buttons == {0: app}
        object.__setattr__(office.desk.office, "public_url", "")
        await published(office)
        assert office.world.profile.menu_buttons == {0: {"type": "default"}}


async def published(office: Office) -> None:
    assert office.app.chat is not None
    await office.app.chat.menus.look()


async def test_in_a_group_it_is_a_link_that_names_the_group(public: Office) -> None:
    await missed_call(public)
    link = f"https://t.me/{public.world.bot.username}?startapp={public.team}"
    for command in ("/missed", "/summary"):
        key = board((await public.says(IGOR, public.team, command))[-1])
        assert key is not None, command
        assert (key.raw.get("web_app"), key.url) == (None, link)


async def test_it_stands_under_the_summary_that_comes_by_itself(public: Office) -> None:
    await missed_call(public)
    await regular_summaries.due(public.desk)
    public.clock.advance(hours=8)
    await regular_summaries.due(public.desk)
    await public.settle()
    summaries = [one for one in public.bot_messages(public.team) if one.text.startswith("📊")]
    assert summaries
    assert board(summaries[-1]) is not None


async def test_a_bot_without_a_mini_app_offers_no_link_in_groups(public: Office) -> None:
    public.world.profile.has_main_web_app = False
    await public.restarted()
    assert board((await public.says(IGOR, public.team, "/summary"))[-1]) is None
    assert board((await public.says(IGOR, IGOR, "/summary"))[-1]) is not None


async def test_guests_are_offered_none(public: Office) -> None:
    assert board((await public.says(STRANGER, STRANGER, "/start"))[-1]) is None


@pytest.mark.parametrize("url", ["", "http://bot.example.com"])
async def test_without_an_https_address_there_is_none(sqlite_url: str, url: str) -> None:
    async with an_office(sqlite_url, http={"public_url": url}) as office:
        await office.connected()
        await missed_call(office)
        for chat in (IGOR, office.team):
            for command in ("/start", "/missed", "/summary"):
                assert board((await office.says(IGOR, chat, command))[-1]) is None
