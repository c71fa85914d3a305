"""What can go wrong with a phone system, and whether trying again helps.

    PbxError
    ├── Unavailable      network, time-out, 5xx           try again
    ├── RateLimited      429, with retry_after            try again then
    ├── Rejected         the PBX understood and said no   don't
    ├── AuthFailed       key or token refused             don't; tell the admins once
    ├── Unsupported      this vendor has no such thing    don't; say so to the person
    └── BadPayload       not what the manual promises     keep the raw body, count it

And what can be wrong with a request that a PBX makes to us:

    WebhookRefused
    ├── NotAuthentic     no key, a wrong one, a foreign address    answered 401
    └── Malformed        unreadable, or a required field missing   answered 400

No message of these holds a key, a token or a whole phone number.
"""

from datetime import timedelta


class PbxError(Exception):
    """A phone system did not do what it was asked."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        """The HTTP status it answered with, if it answered."""


class Unavailable(PbxError):
    """Network, time-out, 5xx: whether it was done is unknown; trying again may help."""


class RateLimited(PbxError):
    """Too many requests; try again after `retry_after`."""

    def __init__(self, message: str, *, retry_after: timedelta, status: int | None = 429) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class Rejected(PbxError):
    """The PBX understood and said no. `reason` is its own wording, fit to be shown to a person."""

    def __init__(self, message: str, *, reason: str = "", status: int | None = None) -> None:
        super().__init__(message, status=status)
        self.reason = reason


class AuthFailed(PbxError):
    """The key or token was refused, or lacks a right; `missing_right` names it where the manual does."""

    def __init__(self, message: str, *, status: int | None = None, missing_right: str | None = None) -> None:
        super().__init__(message, status=status)
        self.missing_right = missing_right


class Unsupported(PbxError):
    """This vendor has no such thing."""


class BadPayload(PbxError):
    """The PBX answered something its manual does not promise. `body` is what came, for the log and the count."""

    def __init__(self, message: str, *, body: bytes = b"", status: int | None = None) -> None:
        super().__init__(message, status=status)
        self.body = body


class WebhookRefused(Exception):
    """A request to our webhook that is not taken."""


class NotAuthentic(WebhookRefused):
    """No key, a wrong one, or a foreign address."""


class Malformed(WebhookRefused):
    """Not readable, an unknown command, or a required field is missing."""
