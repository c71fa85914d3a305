"""The connected office whose employees have names."""

from collections.abc import AsyncIterator

import pytest

from desk import directory
from handlers.chat import summary_picture
from tests.office import Office, an_office


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine draws slowly, and that is no failure."""
    monkeypatch.setattr(summary_picture, "PATIENCE", 120.0)


@pytest.fixture
async def staffed(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url) as office:
        await office.connected()
        await directory.refresh(office.desk, "main")
        yield office
