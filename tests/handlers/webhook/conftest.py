"""An office on SQLite, and ways to speak to its HTTP routes that no well-behaved client knows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.office import Office, an_office

Raw = Callable[[bytes], Awaitable[bytes]]


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url) as built:
        yield built


@pytest.fixture
def raw(office: Office) -> Raw:
    """Bytes to the server as they stand; the first line that comes back."""

    async def send(request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", office.app.port)
        writer.write(request)
        try:
            return await asyncio.wait_for(reader.readline(), 5)
        finally:
            writer.close()

    return send
