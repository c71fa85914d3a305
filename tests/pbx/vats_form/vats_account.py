"""A VATS with the form API that answers what a test tells it to, and remembers what it was asked."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from pbx import safe_download
from pbx.vats_form.client import VatsFormClient
from pbx.vats_form.config import VatsFormConfig
from pbx.vats_form.phone_system import VatsForm

KEY = "the-key-of-the-pbx"
TOKEN = "our-own-key-in-the-cabinet"
NOW = datetime(2022, 1, 20, 9, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures"


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


class Account:
    """Replies by command, or by command and user ("groups andy"); unprepared it answers 200 with an empty body."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.replies: dict[str, list[httpx.Response]] = {}

    def will(self, asked: str, *replies: Any) -> None:
        self.replies[asked] = [
            httpx.Response(200, content=reply)
            if isinstance(reply, bytes)
            else reply
            if isinstance(reply, httpx.Response)
            else httpx.Response(200, json=reply)
            for reply in replies
        ]

    @property
    def asked(self) -> list[dict[str, str]]:
        """The fields of every request, the key left out."""
        return [
            {name: value for name, value in parse_qsl(one.content.decode(), strict_parsing=True) if name != "token"}
            for one in self.requests
        ]

    def config(self, **changes: Any) -> VatsFormConfig:
        said = {"id": "main", "vendor": "vats_form", "url": "https://example.megapbx.ru", "key": KEY}
        return VatsFormConfig.model_validate(said | {"webhook_token": TOKEN} | changes)

    def client(self, **changes: Any) -> VatsFormClient:
        return VatsFormClient(self.config(**changes), mounted=httpx.MockTransport(self._answer))

    def vats(self, *, clock: Callable[[], datetime] = lambda: NOW, **changes: Any) -> VatsForm:
        config = self.config(**changes)
        downloads = safe_download.for_pbx(config, mounted=httpx.MockTransport(self._answer))
        return VatsForm(config, self.client(**changes), downloads, country="RU", clock=clock)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        said = self.asked[-1]
        prepared = self.replies.get(f"{said['cmd']} {said.get('user')}") or self.replies.get(said["cmd"])
        if not prepared:
            return httpx.Response(200)
        return prepared.pop(0) if len(prepared) > 1 else prepared[0]
