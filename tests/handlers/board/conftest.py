"""The connected office whose employees have names."""

from collections.abc import AsyncIterator

import pytest

from desk import directory
from tests.office import Office, an_office


@pytest.fixture
async def staffed(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url) as office:
        await office.connected()
        await directory.refresh(office.desk, "main")
        yield office
