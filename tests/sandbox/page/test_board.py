"""The demo's way to the board: on to the bot, with what Telegram would sign for that person."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, parse_qsl, urlsplit

from aiogram.utils.web_app import check_webapp_signature

from sandbox.demo_office import IGOR
from tests.sandbox.page.conftest import Page


async def test_it_leads_to_the_bots_board_as_that_person(page: Page) -> None:
    async with page.session.get(f"{page.url}/board?as={IGOR.user_id}", allow_redirects=False) as response:
        address = urlsplit(response.headers["Location"])
    office = page.stage.office
    assert (response.status, f"{address.scheme}://{address.netloc}", address.path) == (302, office.bot_url, "/board")
    [signed] = parse_qs(address.fragment)["tgWebAppData"]
    assert check_webapp_signature(office.telegram.token, signed)
    assert json.loads(dict(parse_qsl(signed))["user"])["id"] == IGOR.user_id


async def test_nobody_else_is_let_through(page: Page) -> None:
    for asked in ("", "?as=5", "?as=x", "?as=²"):
        async with page.session.get(f"{page.url}/board{asked}", allow_redirects=False) as response:
            assert response.status == 404, asked
