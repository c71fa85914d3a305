"""Opens the bot's board for one of the people, as their Telegram would: with what Telegram signs for the bot."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from aiohttp import web

from sandbox.page.actions import STAGE, Refused
from sandbox.page.stage import Stage


async def opening(request: web.Request) -> web.Response:
    """`/board?as=ID`: on to the board's own address, which says after the ``#`` who opens it."""
    stage, asked = request.app[STAGE], request.query.get("as", "")
    if not (asked.isascii() and asked.isdigit() and int(asked) in stage.world.users):
        raise Refused(404, f"there is no user {asked}")
    signed = init_data(stage, int(asked))
    address = f"{stage.office.bot_url}/board#tgWebAppData={quote(signed, safe='')}"
    return web.Response(status=302, headers={"Location": address})


def init_data(stage: Stage, user_id: int) -> str:
    """Telegram's manual, "Validating data received via the Mini App", from the other end."""
    user = stage.world.users[user_id]
    person = {"id": user.id, "first_name": user.first_name, "language_code": user.language_code}
    said = {
        "query_id": f"demo{user_id}",
        "user": json.dumps(person, ensure_ascii=False),
        "auth_date": str(int(stage.office.now().timestamp())),
    }
    return urlencode({**said, "hash": _hash(said, stage.office.telegram.token)})


def _hash(said: Mapping[str, str], token: str) -> str:
    lines = "\n".join(f"{name}={value}" for name, value in sorted(said.items()))
    secret = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return hmac.new(secret, lines.encode(), hashlib.sha256).hexdigest()
