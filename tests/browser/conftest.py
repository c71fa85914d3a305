"""The page in a real browser over the fake bot; the demo with the real bot has a file of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser, Page

from tests.browser.chromium import DESKTOP, Trouble, chromium
from tests.sandbox.page import conftest as page_tests

Opens = Callable[..., Awaitable[Page]]

bot, stage, page = page_tests.bot, page_tests.stage, page_tests.page


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest.fixture
async def opens(browser: Browser) -> AsyncIterator[Opens]:
    """`await opens(url, viewport, color_scheme=…)` is a page that has loaded; trouble on any fails the test."""
    troubles: list[Trouble] = []

    async def open_page(url: str, viewport: dict[str, int] = DESKTOP, **choices: object) -> Page:
        opened = await browser.new_page(viewport=viewport, reduced_motion="reduce", **choices)  # type: ignore[arg-type]
        troubles.append(Trouble(opened))
        await opened.goto(url)
        await opened.locator("#panel-trace").wait_for(state="attached")
        return opened

    yield open_page
    assert [one for trouble in troubles for one in trouble.found] == []
