"""Fixtures for every test: databases, and the office."""

import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache

import hypothesis
import pytest
import stamina
import structlog
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling, Scheduling

from tests.databases import PostgresServer, SqliteFiles
from tests.office import Office, an_office

#: A loaded machine is slow and no failure.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


#: What starts programs and browsers. Each of these folders is one worker's: no more than two do so at once.
HEAVY = ("tests/browser/", "tests/program/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They are begun first, so that no worker is left alone with them in the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(HEAVY))


class _ByFile(LoadFileScheduling):  # type: ignore[misc]  # the plugin has no types
    """A file is one worker's, so that what it shares is built once; and so is a heavy folder.

    The plugin's own groups do not reach it from here: since pytest 9.2 it can't write them into a test's name.
    """

    def _split_scope(self, nodeid: str) -> str:
        heavy = next((one for one in HEAVY if nodeid.startswith(one)), None)
        return heavy or str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return _ByFile(config, log)


@pytest.fixture(autouse=True, scope="session")
def _retries_do_not_wait() -> Iterator[None]:
    """The same number of tries as in the program, without the pauses between them."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture(autouse=True, scope="session")
def _certificates_are_read_once() -> Iterator[None]:
    """No test speaks TLS to anybody who would mind; reading them for each bot takes longer than many a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> None:
    """Drawing the frames of a traceback with all that is in them takes longer than most tests."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database with the current schema, of each kind in turn."""
    source = request.getfixturevalue("sqlite_files" if request.param == "sqlite" else "postgres_server")
    with source.fresh() as url:
        yield url


@pytest.fixture
def sqlite_url(sqlite_files: SqliteFiles) -> Iterator[str]:
    """A fresh SQLite database, for what does not depend on the kind."""
    with sqlite_files.fresh() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A fresh PostgreSQL database, for what SQLite does not have."""
    with postgres_server.fresh() as url:
        yield url


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url) as built:
        yield built


@pytest.fixture
async def desk_office(office: Office) -> Office:
    """An office whose team chat is connected and whose people are linked."""
    return await office.connected()
