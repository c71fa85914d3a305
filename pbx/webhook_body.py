"""A webhook body as flat text fields, whatever its Content-Type says: form, multipart, JSON, JSON in `payload`.

Everything becomes text, because a form can say nothing else: numbers as written, null as "", nested values as JSON.
"""

import json
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from pbx.errors import Malformed

#: A PBX sends some twenty fields; far more is an attack.
MOST_FIELDS = 200


def fields(body: bytes) -> dict[str, str]:
    """The body's fields. Raises `Malformed` for bad UTF-8 and for what is no mapping."""
    text = _decoded(body)
    read = (
        _flat(_json(text))
        if text.startswith(("{", "["))
        else _multipart(body)
        if text.startswith("--")
        else _form(text)
    )
    payload = read.get("payload", "").strip()
    if payload.startswith("{"):
        del read["payload"]
        read = {**read, **_flat(_json(payload))}
    return {_storable(name): _storable(value) for name, value in read.items()}


def _storable(text: str) -> str:
    """JSON can spell half a surrogate pair, no text (refused), and NUL, no text to PostgreSQL (left out)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Malformed("the body is not UTF-8") from None
    return text.replace("\0", "")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body is no mapping")
    if len(value) > MOST_FIELDS:
        raise Malformed("too many fields")
    return value


def _flat(value: dict[str, Any]) -> dict[str, str]:
    return {name: _as_text(one) for name, one in value.items()}


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _form(text: str) -> dict[str, str]:
    if "=" not in text:
        raise Malformed("the body is no mapping")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Malformed("the form can't be read") from None
    return dict(pairs)


def _multipart(body: bytes) -> dict[str, str]:
    """The boundary is the first line: the Content-Type that should name it may be wrong or missing."""
    boundary = body.lstrip().split(b"\n", 1)[0].strip()[2:]
    if not boundary or len(boundary) > 200:
        raise Malformed("the multipart body can't be read")
    head = b'Content-Type: multipart/form-data; boundary="' + boundary + b'"\r\n\r\n'
    message = BytesParser(policy=HTTP).parsebytes(head + body.lstrip())
    parts = list(message.iter_parts()) if message.is_multipart() else []
    named = {part.get_param("name", header="content-disposition"): part for part in parts}
    if not any(named) or len(parts) > MOST_FIELDS:
        raise Malformed("the multipart body can't be read")
    return {str(name): _decoded(_content(part)) for name, part in named.items() if name}


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
