"""Offices for the tests of the chat door: one whose employees have names, one with two PBXs."""

from collections.abc import AsyncIterator

import pytest

from bot.app import KeptInDatabase
from bot.registry import connect
from desk import directory
from tests.office import Office, an_office


@pytest.fixture
async def two_pbxes(sqlite_url: str) -> AsyncIterator[Office]:
    """The same company at two PBXs, `main` and `spb`."""
    async with an_office(sqlite_url) as office:
        entry = office.app.settings.pbx[0].model_copy(update={"id": "spb"})
        keeper = KeptInDatabase(office.desk.db, office.clock, "spb")
        second = connect(entry, country="RU", keeper=keeper, clock=office.clock.now)
        office.desk.pbxes["spb"] = second  # type: ignore[index]
        yield office
        await second.close()


@pytest.fixture
async def one_office(sqlite_url: str) -> AsyncIterator[Office]:
    """The connected office, where nothing depends on the kind of database."""
    async with an_office(sqlite_url) as office:
        yield await office.connected()


@pytest.fixture
async def staffed(sqlite_url: str) -> AsyncIterator[Office]:
    """The connected office, once the PBX's employees have been read: they have names."""
    async with an_office(sqlite_url) as office:
        await office.connected()
        await directory.refresh(office.desk, "main")
        yield office
