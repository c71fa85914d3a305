"""The office for stories about calls: the team's chat is bound, the employees have been read."""

import pytest

from desk import directory
from tests.office import Office


@pytest.fixture
async def team(office: Office) -> Office:
    await office.bind(office.team)
    await directory.refresh(office.desk, "main")
    return office
