"""A Bot API request's parameters, however they came: query, JSON, form or multipart with files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web

from sandbox.telegram.errors import Refused, bad_request

#: Telegram takes files of up to 50 MB from a bot.
MOST_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a request."""

    name: str
    mime: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Params:
    """Values as they came; the getters read them as Telegram does, strings and JSON alike."""

    values: Mapping[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A string, None when missing."""
        value = self.values.get(name)
        return None if value is None else value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str) -> int | None:
        """A number; what can't be read as one counts as missing, as with Telegram."""
        value = self.values.get(name)
        try:
            return None if value is None or value == "" else int(value)
        except (TypeError, ValueError):
            return None

    def flag(self, name: str) -> bool:
        """True for true, "True", "1", "yes"."""
        return str(self.values.get(name, "")).lower() in ("true", "1", "yes", "y", "t")

    def json(self, name: str, what: str) -> Any:
        """A nested value, written as JSON or given as such; None when missing. `what` names it in the 400."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def object(self, name: str, what: str) -> dict[str, Any]:
        """A nested object, {} when missing."""
        value = self.json(name, what)
        if value is not None and not isinstance(value, dict):
            raise bad_request(f"can't parse {what} JSON object: Object expected")
        return value or {}

    def items(self, name: str, what: str) -> list[Any] | None:
        """A nested list, None when missing."""
        value = self.json(name, what)
        if value is not None and not isinstance(value, list):
            raise bad_request(f"can't parse {what}: expected an Array")
        return value

    def loggable(self) -> dict[str, Any]:
        """The parameters for the request log: nested values decoded, files by name and size."""
        shown = {name: _decoded(value) for name, value in self.values.items()}
        return shown | {name: f"<{one.name}, {len(one.content)} bytes>" for name, one in self.files.items()}


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


async def _parts(reader: MultipartReader) -> Params:
    values: dict[str, Any] = {}
    files: dict[str, Upload] = {}
    async for part in reader:
        if not isinstance(part, BodyPartReader) or not part.name:
            continue
        content = bytes(await part.read(decode=True))
        if len(content) > MOST_BYTES:
            raise Refused(413, "Request Entity Too Large")
        if part.filename:
            mime = part.headers.get("Content-Type", "application/octet-stream")
            files[part.name] = Upload(part.filename, mime, content)
        else:
            values[part.name] = content.decode()
    return Params(values, files)


async def read(request: web.Request) -> Params:
    """The parameters of a request. Those in the query count too, those in the body win."""
    values: dict[str, Any] = dict(request.query)
    if request.method != "POST" or not request.can_read_body:
        return Params(values)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise bad_request("can't parse request body as JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("can't parse request body as JSON object")
        return Params(values | body)
    if request.content_type == "multipart/form-data":
        parts = await _parts(await request.multipart())
        return Params(values | dict(parts.values), parts.files)
    return Params(values | dict(await request.post()))


async def from_reply(content_type: str, headers: Mapping[str, str], body: Any) -> Params:
    """A method call in the answer to a webhook; `body` is the response's stream."""
    if content_type == "multipart/form-data":
        return await _parts(MultipartReader(headers, body))
    try:
        values = json.loads(await body.read() or b"{}")
    except ValueError:
        return Params({})
    return Params(values if isinstance(values, dict) else {})
