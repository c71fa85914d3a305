"""A row of the inventory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pbx.vats_rest.client import VatsRestClient

FIXTURES = Path(__file__).parent.parent / "fixtures"


def nothing(result: Any) -> bool:
    return result is None


@dataclass(frozen=True)
class Operation:
    """One documented operation: how it is called, what the manual says must be asked, what its example becomes."""

    section: str
    documented: str
    """As in the list of documented operations."""
    call: Callable[[VatsRestClient], Awaitable[Any]]
    asked: str
    """Verb, path below /crmapi/v1 and query, decoded."""
    reply: str | None = None
    """A fixture; without one the manual's answer is 204 No Content, or it shows none."""
    becomes: Callable[[Any], bool] = nothing
    body: Any = None

    @property
    def title(self) -> str:
        return f"{self.section} {self.asked}"


async def collected(rows: AsyncIterator[Any]) -> list[Any]:
    return [row async for row in rows]
