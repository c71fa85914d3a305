"""An office on SQLite, and ways to speak to its HTTP routes that no well-behaved client knows."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.handlers.webhook.wire import first_line
from tests.office import Office, an_office

Raw = Callable[[bytes], Awaitable[bytes]]


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url) as built:
        yield built


@pytest.fixture
def raw(office: Office) -> Raw:
    """Bytes to the server as they stand."""

    return lambda request: first_line(office, request)
