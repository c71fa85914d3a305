"""The pair of tokens: an access token for a day, a refresh token for a week, each refresh replaces both."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum


class Kind(Enum):
    """As the token's `sub` names it."""

    ACCESS = "ACCESS_OPENAPI_TOKEN"
    REFRESH = "REFRESH_OPENAPI_TOKEN"


LIFETIME = {Kind.ACCESS: timedelta(days=1), Kind.REFRESH: timedelta(days=7)}
MISSING = "Authorization header required"
UPDATED = "The token has already been updated"
EXPIRED = "The token is expired"
BAD = "Bad token"
WRONG_TYPE = "Invalid token type"


@dataclass(frozen=True)
class Pair:
    access: str
    refresh: str


class TokenRefused(Exception):
    """`details` of the manual's section "HTTP 403"."""

    def __init__(self, details: str) -> None:
        super().__init__(details)
        self.details = details


@dataclass(frozen=True)
class _Known:
    kind: Kind
    expires: datetime


class Tokens:
    """The first pair is handed in: its lifetime is what its `exp` says, or begins now if it has none."""

    def __init__(self, first: Pair, *, now: Callable[[], datetime], company_id: int = 559) -> None:
        self.current, self.now, self.company_id = first, now, company_id
        #: The pair is replaced, then the connection breaks before the answer is out.
        self.lose_refresh_reply = False
        self._known = {
            token: _Known(kind, expiry(token) or now() + LIFETIME[kind])
            for kind, token in ((Kind.ACCESS, first.access), (Kind.REFRESH, first.refresh))
        }

    def check(self, given: str, wanted: Kind) -> None:
        """What can be read off the token itself comes first: the manual sets no order."""
        if not given:
            raise TokenRefused(MISSING)
        known = self._known.get(given)
        if known is None:
            raise TokenRefused(BAD)
        if self.now() >= known.expires:
            raise TokenRefused(EXPIRED)
        if known.kind is not wanted:
            raise TokenRefused(WRONG_TYPE)
        if given not in (self.current.access, self.current.refresh):
            raise TokenRefused(UPDATED)

    def replace(self) -> Pair:
        """By a refresh, or by hand in the cabinet ("generate"): either makes the pair before it worthless."""
        self.current = new_pair(self.now(), self.company_id)
        for kind, token in ((Kind.ACCESS, self.current.access), (Kind.REFRESH, self.current.refresh)):
            self._known[token] = _Known(kind, expiry(token) or self.now())
        return self.current

    def expires(self, token: str) -> datetime:
        return self._known[token].expires


def new_pair(now: datetime, company_id: int = 559) -> Pair:
    return Pair(*(_token(kind, now + LIFETIME[kind], company_id) for kind in Kind))


def _token(kind: Kind, expires: datetime, company_id: int) -> str:
    details = {"companyId": company_id, "userId": 5976, "jti": secrets.token_hex(8)}
    claims = {"userDetailsImpl": details, "exp": int(expires.timestamp()), "sub": kind.value}
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS512"}, claims))
    return f"{signed}.{_encoded(hmac.digest(secrets.token_bytes(32), signed.encode(), hashlib.sha512))}"


def expiry(token: str) -> datetime | None:
    """The token's `exp`; None when it doesn't look like a JWT."""
    try:
        _, claims, _ = token.split(".")
        found = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        return datetime.fromtimestamp(found, UTC)
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
