"""Users' pages are printed and hung beside the phone: each is one sheet of A4, both sides, in a real browser."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from playwright.async_api import PdfMargins

from tests.browser.chromium import chromium

PAGES = sorted(Path("docs/users").rglob("*.md"))
MARGINS: PdfMargins = {"top": "12mm", "bottom": "12mm", "left": "12mm", "right": "12mm"}
LOOK = """
body { font: 10.5pt/1.3 sans-serif }
table { border-collapse: collapse; width: 100% }
td, th { border: 1px solid; padding: 1pt 4pt; text-align: left }
"""


async def printed(texts: list[str]) -> list[int]:
    """How many pages of A4 each text takes."""
    counts = []
    async with chromium() as browser:
        page = await browser.new_page()
        for text in texts:
            html = MarkdownIt("commonmark").enable("table").render(text)
            await page.set_content(f"<!doctype html><meta charset=utf-8><style>{LOOK}</style>{html}")
            pdf = await page.pdf(format="A4", margin=MARGINS)
            counts.append(pdf.count(b"/Type /Page\n"))
    return counts


@pytest.mark.browser
async def test_every_users_page_is_one_sheet_of_both_sides() -> None:
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    *sheets, too_long = await printed([*texts, "\n\n".join(texts[:3])])
    assert {str(page): count for page, count in zip(PAGES, sheets, strict=True) if not 1 <= count <= 2} == {}
    assert too_long > 2
