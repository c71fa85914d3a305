"""A plain client of the form API."""

import json
from typing import Any

import aiohttp

from sandbox.vats_form import ENDPOINT

KEY = "form-secret"


class Form:
    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url + ENDPOINT

    async def raw(
        self, cmd: str, *, token: str | None = KEY, method: str = "POST", **said: str
    ) -> tuple[int, str, str]:
        """Status, content type and body."""
        fields = {"cmd": cmd, **({} if token is None else {"token": token}), **said}
        place = {"params": fields} if method == "GET" else {"data": fields}
        async with self.session.request(method, self.url, **place) as response:  # type: ignore[arg-type]
            return response.status, response.content_type, await response.text()

    async def __call__(self, cmd: str, *, method: str = "POST", **said: str) -> Any:
        """The parsed answer of a command that must succeed; the text of what is no JSON."""
        status, content_type, text = await self.raw(cmd, method=method, **said)
        assert status == 200, (status, text)
        return json.loads(text) if content_type == "application/json" else text

    async def refused(
        self, cmd: str, *, token: str | None = KEY, method: str = "POST", **said: str
    ) -> tuple[int, str]:
        status, content_type, text = await self.raw(cmd, token=token, method=method, **said)
        assert content_type == "application/json"
        [(name, error)] = json.loads(text).items()
        assert name == "error"
        return status, error
