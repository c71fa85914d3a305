"""The README's pictures, taken of the real demo: `python -m tests.browser.pictures`."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page

from bot.demo import Demo
from sandbox.demo_office import ANNA, IGOR, TEAM
from sandbox.page.actions import play
from sandbox.page.scenes import SCENES
from sandbox.page.stage import Pace
from tests.browser.chromium import DESKTOP, PHONE, chromium

PICTURES = Path("docs/pictures")
LANGUAGE = "en"
PALETTE, MOST_BYTES = 256, 200_000
PHONE_SCALE = 2


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            chromium() as browser,
            Demo(0, Path(folder), kept=False, language=LANGUAGE, pace=Pace(ring=3, talk=5)) as demo,
        ):
            await demo.begin()
            await _live(demo)
            await _take(browser, demo.url, "demo-desktop", DESKTOP, "light", 1)
            await _take(browser, demo.url, "demo-phone", PHONE, "dark", PHONE_SCALE)


async def _live(demo: Demo) -> None:
    """A morning: a call returned at the second try, a low rating, a call that waits and is somebody's."""
    phones, world = demo.office.phones["main"], demo.office.world
    for name in ("missed", "again", "busy", "through", "rating", "missed"):
        await play(demo.stage, SCENES[name], phones)
        await world.until(lambda: not phones.waiting, 60)
        await asyncio.sleep(demo.stage.pace.breath)
    latest = await world.until(lambda: [one for one in world.from_bot(TEAM) if "📞" in str(one.buttons)], 60)
    mine = next(one for row in latest[-1].buttons for one in row if one.text.startswith("🙋"))
    await world.press(IGOR.user_id, TEAM, latest[-1].id, mine.data).answer(60)
    await _summary_with_a_picture(demo)
    await world.until(lambda: "Игорь" in world.message(TEAM, latest[-1].id).text, 60)


async def _summary_with_a_picture(demo: Demo) -> None:
    """A machine with much else to do draws too slowly, and the first answer comes without it."""
    world, told = demo.office.world, ANNA.user_id
    for _ in range(6):
        said = world.say(told, told, "/summary today")
        await world.until(lambda since=said.id: world.from_bot(told)[-1].id > since, 60)  # type: ignore[misc]
        if world.from_bot(told)[-1].media:
            return
    raise SystemExit("no picture of the day was drawn in time: try again when the machine has less to do")


async def _take(browser: Browser, url: str, name: str, size: dict[str, int], scheme: str, scale: int) -> None:
    page: Page = await browser.new_page(viewport=size, color_scheme=scheme, device_scale_factor=scale)  # type: ignore[arg-type]
    await page.goto(url)
    await page.locator(f"#panel-{TEAM} .message").last.wait_for()
    if size is DESKTOP:
        await page.locator(f"#tab-panel-{ANNA.user_id}").click()
        await page.locator(f"#panel-{ANNA.user_id} .photo img").wait_for()
    written = _small(await page.screenshot(animations="disabled"), PICTURES / f"{name}.png")
    await page.close()
    sys.stdout.write(f"{name}: {written // 1000} kB\n")


def _small(picture: bytes, path: Path) -> int:
    """Few colours are enough for bubbles and letters."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.quantize(PALETTE, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    written = path.stat().st_size
    if written > MOST_BYTES:
        raise SystemExit(f"{path} has {written} bytes, more than {MOST_BYTES}")
    return written


if __name__ == "__main__":
    asyncio.run(main())
