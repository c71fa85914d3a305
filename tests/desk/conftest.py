"""The office for stories about calls: the team's chat is bound, the employees have been read."""

from collections.abc import AsyncIterator

import pytest

from desk import directory
from tests.office import Office, an_office


@pytest.fixture
async def team(office: Office) -> Office:
    await office.bind(office.team)
    await directory.refresh(office.desk, "main")
    return office


@pytest.fixture
async def sqlite_office(sqlite_url: str) -> AsyncIterator[Office]:
    """For what does not depend on the database."""
    async with an_office(sqlite_url) as built:
        yield built
