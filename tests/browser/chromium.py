"""A real chromium for tests, and pages that report what should not happen."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
SHOTS = Path(os.environ.get("RINGDESK_SHOTS", "screenshots"))


def executable(own: str) -> str | None:
    """The system's, else playwright's `own` where that was installed."""
    return next((path for name in (*NAMES, own) if (path := shutil.which(name))), None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The system's chromium, else playwright's own. Without either the test is skipped, under CI it fails."""
    async with async_playwright() as playwright:
        found = executable(playwright.chromium.executable_path)
        if found is None:
            missing = "no chromium: install it, or run `playwright install chromium`"
            if os.environ.get("CI") == "true":
                pytest.fail(missing)
            pytest.skip(missing)
        browser = await playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Trouble:
    """What a page must not do: errors, a refused resource, a request to anybody but its server."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("pageerror", lambda error: self.found.append(f"error: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        # A stream that ends with its server is part of the tests about that.
        if message.type in ("error", "warning") and "api/stream" not in message.location.get("url", ""):
            self.found.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.found.append(f"foreign address: {request.url}")


async def shot(page: Page, name: str) -> None:
    """Keep a picture for people to look at."""
    await page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")
