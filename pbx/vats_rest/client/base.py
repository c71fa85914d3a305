"""What every chapter of the client stands on: one request, its errors in the manual's terms, pages followed."""

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from pbx import transport
from pbx.errors import AuthFailed, PbxError, Rejected
from pbx.transport import Query, Reply, Transport, excerpt
from pbx.vats_rest.wire import base as wire

#: Section 3.3. All three are 401.
REFUSALS = {
    "crm disabled": "the CRM service of this PBX is not available",
    "invalid token": "the key is wrong",
    "crm switched off": "access to the API is switched off in the PBX's cabinet",
}

#: A query being put together.
Values = dict[str, str | int | bool | Sequence[str] | None]


class Chapter:
    """A chapter of the manual. `key` goes in the header X-API-KEY."""

    def __init__(self, transport: Transport, key: str) -> None:
        self._transport = transport
        self._key = key

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        right: str = "",
        repeatable: bool | None = None,
    ) -> Reply:
        """`right` is what the manual says the key must be allowed to do, in the cabinet's words."""
        return await self._transport.request(
            method,
            path,
            query=query,
            json=body,
            headers={"X-API-KEY": self._key},
            repeatable=repeatable,
            classify=partial(_classify, key=self._key, right=right),
        )

    async def _pages(
        self, path: str, model: type[wire.Model], *, query: Query | None = None, right: str = ""
    ) -> AsyncIterator[wire.Model]:
        """Every item of a list, `info.next` followed until it is absent (section 3.2)."""
        start: int | None = None
        while True:
            reply = await self._ask("GET", path, query={**(query or {}), "start": start}, right=right)
            items, following = wire.page(reply, model)
            for item in items:
                yield item
            if following is None or following <= (start or 0) or not items:
                return
            start = following


def segment(name: str) -> str:
    """A login, id or number as one part of a path."""
    return quote(name, safe="")


def _classify(reply: Reply, *, key: str, right: str) -> PbxError | None:
    if reply.status == 401:
        told = REFUSALS.get(_reason(reply, key).casefold(), "the PBX refuses the key")
        return AuthFailed(f"{reply.request}: {told}", status=401)
    if reply.status == 403:
        lacks = f": {right}" if right else ""
        return AuthFailed(f"{reply.request}: the key lacks the right{lacks}", status=403, missing_right=right or None)
    error = transport.classify(reply)
    if isinstance(error, Rejected):
        return Rejected(str(error), reason=_reason(reply, key), status=reply.status)
    return error


def _reason(reply: Reply, key: str) -> str:
    """The PBX's own words, which come as JSON or bare; never with our key in them."""
    try:
        said = reply.json()
    except PbxError:
        said = reply.text
    if isinstance(said, dict):
        said = next((said[name] for name in ("error", "message", "errors") if said.get(name)), "")
    text = said if isinstance(said, str) else "" if said is None else str(said)
    return "" if text.lstrip().startswith("<") else excerpt(text.replace(key, "…"))
