"""What the bot asked, in order: the request log tests look into."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Request:
    """One request: the method as documented, its parameters (nested ones decoded), and the status it got.

    It is logged as it comes; until it is `done`, and for good if the connection was cut, `status` is 0.
    `description` is what an error said.
    """

    method: str
    params: Mapping[str, Any]
    at: datetime
    status: int = 0
    description: str = ""
    done: bool = False


class Journal:
    """The last `size` requests, oldest first."""

    def __init__(self, size: int = 10_000) -> None:
        self._requests: deque[Request] = deque(maxlen=size)

    def note(self, request: Request) -> None:
        """Called by the server when a request comes."""
        self._requests.append(request)

    def requests(self, *methods: str, since: datetime | None = None) -> list[Request]:
        """Requests of these methods (of any, if none is named), in any letter case."""
        wanted = {method.lower() for method in methods}
        return [
            one
            for one in self._requests
            if (not wanted or one.method.lower() in wanted) and (since is None or one.at >= since)
        ]

    def clear(self) -> None:
        """Forget everything so far."""
        self._requests.clear()
