"""What the Bot API says when it will not do something: an HTTP status, a description, sometimes parameters."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A Bot API error answer. `parameters` is what the docs call ResponseParameters."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(f"{status} {description}")
        self.status = status
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """The answer as Telegram writes it."""
        answer: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(what: str, **parameters: int) -> Refused:
    """400, the way Telegram words it."""
    return Refused(400, f"Bad Request: {what}", **parameters)


def forbidden(what: str) -> Refused:
    """403: a person or a chat has shut the bot out."""
    return Refused(403, f"Forbidden: {what}")


def conflict(what: str) -> Refused:
    """409: somebody else is already taking the updates."""
    return Refused(409, f"Conflict: {what}")


def too_many_requests(retry_after: int) -> Refused:
    """429 with the seconds to wait, in the words and in the parameters."""
    return Refused(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)
