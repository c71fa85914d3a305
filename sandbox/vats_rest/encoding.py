"""How a webhook's body and key travel: the vendor's manuals and its installations do not agree."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from urllib.parse import urlencode

from sandbox.vats_rest.office import Json

BOUNDARY = "----vats-office-7d1f"


class Encoding(StrEnum):
    FORM = "form"
    JSON = "json"
    MULTIPART = "multipart"
    #: JSON nested in one form field named `payload`.
    PAYLOAD = "payload"


class TokenPlace(StrEnum):
    BODY = "body"
    HEADER = "X-CRM-Token"
    BEARER = "Bearer"
    BASIC = "Basic"


@dataclass(frozen=True)
class Manner:
    encoding: Encoding = Encoding.FORM
    token: TokenPlace = TokenPlace.BODY
    #: `None` as the encoding wants it, "" none at all, else this one, right or wrong.
    content_type: str | None = None
    #: In a form the object `data` of cmd=webhook: JSON text, `data[telnum]=…`, or plain `telnum=…`.
    nested: Literal["json", "brackets", "flat"] = "json"


def encode(body: Json, token: str, manner: Manner) -> tuple[bytes, dict[str, str]]:
    """The body and the headers to send."""
    full = {**body, "crm_token": token} if manner.token is TokenPlace.BODY else body
    data, content_type = _ENCODERS[manner.encoding](full, manner)
    headers = _token_headers(token, manner.token)
    chosen = content_type if manner.content_type is None else manner.content_type
    return data, {**headers, "Content-Type": chosen} if chosen else headers


def _token_headers(token: str, place: TokenPlace) -> dict[str, str]:
    basic = base64.b64encode(f"vats:{token}".encode()).decode()
    return {
        TokenPlace.BODY: {},
        TokenPlace.HEADER: {"X-CRM-Token": token},
        TokenPlace.BEARER: {"Authorization": f"Bearer {token}"},
        TokenPlace.BASIC: {"Authorization": f"Basic {basic}"},
    }[place]


def _flat(body: Json, manner: Manner) -> dict[str, str]:
    """Every value as text: in a form there are no numbers."""
    found: dict[str, str] = {}
    for name, value in body.items():
        if isinstance(value, Mapping) and manner.nested == "brackets":
            found |= {f"{name}[{inner}]": str(each) for inner, each in value.items()}
        elif isinstance(value, Mapping) and manner.nested == "flat":
            found |= {inner: str(each) for inner, each in value.items()}
        else:
            found[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return found


def _form(body: Json, manner: Manner) -> tuple[bytes, str]:
    return urlencode(_flat(body, manner)).encode(), "application/x-www-form-urlencoded"


def _json(body: Json, manner: Manner) -> tuple[bytes, str]:
    return json.dumps(body, ensure_ascii=False).encode(), "application/json"


def _payload(body: Json, manner: Manner) -> tuple[bytes, str]:
    nested = {"payload": json.dumps(body, ensure_ascii=False)}
    return urlencode(nested).encode(), "application/x-www-form-urlencoded"


def _multipart(body: Json, manner: Manner) -> tuple[bytes, str]:
    parts = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in _flat(body, manner).items()
    )
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"


_ENCODERS = {
    Encoding.FORM: _form,
    Encoding.JSON: _json,
    Encoding.MULTIPART: _multipart,
    Encoding.PAYLOAD: _payload,
}
