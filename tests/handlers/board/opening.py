"""The board as a Telegram client opens it: what Telegram signs, written here anew from its manual."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.office import Office


def fields(office: Office, user_id: int, **more: str) -> dict[str, str]:
    """What is signed: who, and when."""
    user = {"id": user_id, "first_name": f"Ünï {user_id}", "language_code": "en"}
    at = str(int(office.clock.now().timestamp()))
    return {"query_id": "AAH", "user": json.dumps(user, ensure_ascii=False), "auth_date": at, **more}


def signed(said: Mapping[str, str], token: str) -> str:
    """`initData` of the bot with that token."""
    lines = "\n".join(f"{name}={value}" for name, value in sorted(said.items()))
    secret = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return urlencode({**said, "hash": hmac.new(secret, lines.encode(), hashlib.sha256).hexdigest()})


def init_data(office: Office, user_id: int, **more: str) -> str:
    return signed(fields(office, user_id, **more), office.tg.token)


@dataclass(frozen=True)
class Answered:
    status: int
    said: Any
    headers: Mapping[str, str]


async def ask(
    office: Office,
    user_id: int | None,
    path: str,
    *,
    data: str | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    **more: str,
) -> Answered:
    """A question of the page; `data` instead of what Telegram signs for `user_id`, who may be nobody."""
    if data is None and user_id is not None:
        data = init_data(office, user_id, **more)
    method = "GET" if body is None else "POST"
    sent = {**({"Authorization": f"tma {data}"} if data is not None else {}), **(headers or {})}
    async with office.http.request(method, f"{office.url}/board/api/{path}", json=body, headers=sent) as response:
        raw = await response.read()
        is_json = response.content_type == "application/json" and raw
        await office.settle()
        return Answered(response.status, json.loads(raw) if is_json else raw, response.headers)


async def act(office: Office, user_id: int, case_id: int, what: str, **body: Any) -> Answered:
    return await ask(office, user_id, f"cases/{case_id}/{what}", body=body)


async def cases(office: Office, user_id: int) -> list[dict[str, Any]]:
    answered = await ask(office, user_id, "now")
    assert answered.status == 200, answered
    found: list[dict[str, Any]] = answered.said["cases"]
    return found
