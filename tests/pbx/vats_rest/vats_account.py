"""A VATS that answers what a test tells it to, and remembers what it was asked."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx

from pbx import safe_download
from pbx.vats_rest.client import VatsRestClient
from pbx.vats_rest.config import VatsRestConfig
from pbx.vats_rest.phone_system import VatsRest

KEY = "the-key-of-the-pbx"
TOKEN = "d47f9e88-cbe3-4961-8deb-ce55c169f40c"
NOW = datetime(2022, 1, 20, 9, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures"


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


class Account:
    """Replies by "VERB /path" below /crmapi/v1, several in order; unprepared it answers 204."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.replies: dict[str, list[httpx.Response]] = {}

    def will(self, asked: str, *replies: Any) -> None:
        self.replies[asked] = [
            reply if isinstance(reply, httpx.Response) else httpx.Response(200, json=reply) for reply in replies
        ]

    @property
    def asked(self) -> list[str]:
        """Verb, path and query of every request, decoded."""
        return [
            f"{one.method} {unquote(one.url.raw_path.decode()).removeprefix('/crmapi/v1')}" for one in self.requests
        ]

    def body(self, index: int = -1) -> Any:
        content = self.requests[index].content
        return json.loads(content) if content else None

    def config(self, **changes: Any) -> VatsRestConfig:
        said = {"id": "main", "vendor": "vats_rest", "url": "https://example.megapbx.ru", "key": KEY}
        return VatsRestConfig.model_validate(said | {"webhook_token": TOKEN} | changes)

    def client(self, **changes: Any) -> VatsRestClient:
        return VatsRestClient(self.config(**changes), mounted=httpx.MockTransport(self._answer))

    def vats(self, *, clock: Callable[[], datetime] = lambda: NOW, **changes: Any) -> VatsRest:
        config = self.config(**changes)
        downloads = safe_download.for_pbx(config, mounted=httpx.MockTransport(self._answer))
        return VatsRest(config, self.client(**changes), downloads, country="RU", clock=clock)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        prepared = self.replies.get(f"{request.method} {request.url.path.removeprefix('/crmapi/v1')}", [])
        if not prepared:
            return httpx.Response(204)
        return prepared.pop(0) if len(prepared) > 1 else prepared[0]
