"""The session under every request: authorise, send its cookie, authorise again when the PBX forgot it; and paging."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from pbx.errors import AuthFailed, BadPayload, PbxError, Rejected
from pbx.phonet.wire import Authorize, Wire
from pbx.transport import Mounted, Query, Reply, Transport, classify, excerpt

Row = TypeVar("Row", bound=Wire)

_COOKIE = re.compile(r'(?:^|[;,\s])JSESSIONID="?([^;,\s"]+)')
#: Statuses of `authorize` that speak of the key or the domain. The manual only says ">= 400".
REFUSED = frozenset({400, 401, 402, 403, 409, 422})


class Session:
    """One account's connection. Nothing is asked before the first request needs it."""

    def __init__(
        self,
        base_url: str,
        key: SecretStr,
        *,
        proxy: str = "",
        user_agent: str = "",
        mounted: Mounted | None = None,
    ) -> None:
        """`base_url` ends in `/rest`; its host is the `domain` to authorise for, as the manual demands."""
        self._base = base_url
        self._domain = urlsplit(base_url).hostname or ""
        self._key = key
        self._session = ""
        self._authorizing = asyncio.Lock()
        self._transport = Transport(
            base_url,
            # The manual asks for it on lists too, where there is no body.
            headers={"Content-Type": "application/json"},
            proxy=proxy,
            user_agent=user_agent,
            classify=self._classify,
            mounted=mounted,
        )

    async def authorize(self) -> None:
        """Begin a session: `POST /rest/security/authorize`. Section "Авторизация в Phonet".

        Safe to repeat: it only opens another session. A refused key or domain is `AuthFailed`.
        """
        asked = Authorize(domain=self._domain, api_key=self._key.get_secret_value())
        reply = await self._transport.request(
            "POST", "/security/authorize", json=asked.body(), repeatable=True, classify=self._classify_authorize
        )
        cookies = _COOKIE.findall(reply.headers.get("set-cookie", ""))
        if not cookies:
            raise BadPayload(f"{reply.request}: no JSESSIONID in the answer", body=reply.body, status=reply.status)
        self._session = cookies[-1]

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _ask(
        self, method: str, path: str, *, query: Query | None = None, json: Any = None, repeatable: bool | None = None
    ) -> Reply:
        """Ask within the session. A 403 says that it is gone: a new one is begun and the request made once more.

        That holds for what must never be repeated too, because a refusal proves that nothing was done.
        """
        used = self._session or await self._renewed("")
        try:
            return await self._send(used, method, path, query, json, repeatable)
        except AuthFailed:  # by the manual 403 alone; a 401 would say the same
            pass
        return await self._send(await self._renewed(used), method, path, query, json, repeatable)

    async def _send(
        self, session: str, method: str, path: str, query: Query | None, json: Any, repeatable: bool | None
    ) -> Reply:
        cookie = {"Cookie": f"JSESSIONID={session}"}
        return await self._transport.request(
            method, path, query=query, json=json, headers=cookie, repeatable=repeatable
        )

    async def _renewed(self, stale: str) -> str:
        """The session after `stale`; of many requests that find it gone, one authorises."""
        async with self._authorizing:
            if self._session == stale:
                await self.authorize()
            return self._session

    async def _paged(self, path: str, model: type[Row], most: int, **query: Any) -> AsyncIterator[Row]:
        """Every row, page after page, until a page is not full: the manual's rule. Notes under `company.api`."""
        offset = 0
        before: list[dict[str, Any]] = []
        while True:
            reply = await self._ask("GET", path, query={**query, "limit": most, "offset": offset})
            page = objects(reply)
            if page == before:  # an `offset` that is not heeded would go round for ever
                return
            for row in page:
                yield read(model, row, reply)
            if len(page) < most:
                return
            offset += len(page)
            before = page

    def _classify(self, reply: Reply) -> PbxError | None:
        """The common table. Error bodies are plain text; an HTML page of the server in front is nobody's reason."""
        error = classify(reply)
        if isinstance(error, Rejected):
            text = "" if reply.text.lstrip().startswith("<") else self._without_secrets(reply.text)
            return Rejected(str(error), reason=excerpt(text), status=reply.status)
        return error

    def _classify_authorize(self, reply: Reply) -> PbxError | None:
        if reply.status in REFUSED:
            return AuthFailed(f"{reply.request}: the key or the domain was refused", status=reply.status)
        return self._classify(reply)

    def _without_secrets(self, text: str) -> str:
        for secret in (self._key.get_secret_value(), self._session):
            text = text.replace(secret, "…") if secret else text
        return text


def objects(reply: Reply) -> list[dict[str, Any]]:
    """The rows of a list. No body or `null` is an empty one, a lone object a list of one."""
    value = reply.json()
    if value is None:
        return []
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(row, dict) for row in rows):
        raise BadPayload(f"{reply.request}: not a list of objects", body=reply.body, status=reply.status)
    return rows


def read(model: type[Row], value: Any, reply: Reply) -> Row:
    """`value` as `model`, or `BadPayload`."""
    try:
        return model.model_validate(value)
    except ValidationError:
        raise BadPayload(f"{reply.request}: not a {model.__name__}", body=reply.body, status=reply.status) from None


def succeeded(reply: Reply) -> bool:
    """Deletions and updates answer with a bare `1`."""
    return reply.text.strip() == "1"
