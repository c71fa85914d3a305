"""A webhook body as flat text fields, whatever its Content-Type says: form, multipart, JSON, JSON in `payload`.

Everything becomes text, because a form can say nothing else: numbers as written, null as "", nested values as JSON.
"""

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from pbx.errors import Malformed

#: A PBX sends some twenty fields; far more is an attack.
MOST_FIELDS = 200
#: Lists and mappings within one another; PBXs send three at most.
MOST_LEVELS = 30
_QUOTED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_FIELD_NAME = re.compile(
    r'^content-disposition:[^\r\n]*?[; \t]name=(?:"([^"\r\n]+)"|([^;\s"]+))', re.IGNORECASE | re.MULTILINE
)


@lru_cache(maxsize=1)  # who verified a body reads it next
def fields(body: bytes) -> Mapping[str, str]:
    """The body's fields. Raises `Malformed` for bad UTF-8 and for what is no mapping."""
    text = _decoded(body)
    if text.startswith(("{", "[")):
        read = _flat(_json(text))
    else:
        text = storable(text)
        read = _multipart(text) if text.startswith("--") else _form(text)
    payload = read.get("payload", "").strip()
    if payload.startswith("{"):
        del read["payload"]
        read = {**read, **_flat(_json(payload))}
    return read


def storable(text: str) -> str:
    """JSON can spell half a surrogate pair, no text (refused), and NUL, no text to PostgreSQL (left out)."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise Malformed("the body is not UTF-8") from None
    return text.replace("\0", "") if "\0" in text else text


def _decoded(body: bytes) -> str:
    try:
        return body.decode().removeprefix("\ufeff").strip()
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None


def json_value(text: str) -> Any:
    """Raises `Malformed` for what is no JSON, and for what is nested so deeply that it might not be written again."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    level = [value]
    for _ in range(MOST_LEVELS):
        level = [inner for one in level for inner in _inside(one)]
    if level:
        raise Malformed("the body is nested too deeply")
    return value


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _json(text: str) -> dict[str, Any]:
    value = json_value(text)
    if not isinstance(value, dict):
        raise Malformed("the body is no mapping")
    if len(value) > MOST_FIELDS:
        raise Malformed("too many fields")
    return value


def _flat(value: dict[str, Any]) -> dict[str, str]:
    return {storable(name): storable(_as_text(one)) for name, one in value.items()}


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _form(text: str) -> dict[str, str]:
    """As the standard library reads one, which takes four times as long: every event comes this way."""
    if "=" not in text:
        raise Malformed("the body is no mapping")
    parts = text.replace("+", " ").split("&")
    if len(parts) > MOST_FIELDS:
        raise Malformed("the form can't be read")
    read = {}
    try:
        for part in filter(None, parts):
            name, _, value = part.partition("=")
            if "%" in part:
                name, value = _unquoted(name), _unquoted(value)
            read[name] = value
    except UnicodeDecodeError:
        raise Malformed("the form can't be read") from None
    return read


def _unquoted(text: str) -> str:
    return _QUOTED.sub(_bytes_as_text, text) if "%" in text else text


def _bytes_as_text(quoted: re.Match[str]) -> str:
    return storable(bytes.fromhex(quoted[0].replace("%", "")).decode())


def _multipart(text: str) -> dict[str, str]:
    """The boundary is the first line: the Content-Type that should name it may be wrong or missing.

    Read here, in one pass: the standard library takes minutes over a header made to be slow, before any key was seen.
    """
    first, _, rest = text.partition("\n")
    boundary = first.rstrip()
    parts = f"\n{rest}".split(f"\n{boundary}", MOST_FIELDS + 1)
    read = dict(field for part in parts if (field := _part(part)))
    if len(boundary) == 2 or len(boundary) > 200 or len(parts) > MOST_FIELDS + 1 or not read:
        raise Malformed("the multipart body can't be read")
    return read


def _part(part: str) -> tuple[str, str] | None:
    """Name and value; None for what stands after the last boundary, or has no name."""
    end = _BLANK_LINE.search(part)
    found = _FIELD_NAME.search(_FOLD.sub(" ", part[: end.start()])) if end else None
    return (found[1] or found[2], part[end.end() :].removesuffix("\r")) if end and found else None
