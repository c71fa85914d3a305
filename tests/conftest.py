"""Fixtures for every test: databases, and the office."""

import ssl
from collections.abc import AsyncIterator, Iterator
from functools import cache
from zlib import crc32

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


#: What is about the differences between the databases: always tried on both.
BOTH = (
    *("tests/bot/", "tests/handlers/webhook/", "tests/program/", "tests/storage/"),
    *(
        f"tests/desk/test_{one}.py"
        for one in ("any_order", "delivery", "privacy", "query_plans", "retention", "storm", "summary_counts")
    ),
    *(f"tests/desk/test_{one}.py" for one in ("timers", "together", "totals", "two_at_once")),
)
#: Of so many stories that any database could tell, one is told on PostgreSQL.
SHARE = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--both", action="store_true", help="every test on SQLite and on PostgreSQL")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Which tests are run, and in what order: heavy ones first, so that no worker is left alone with them."""
    told = {one: config.getoption("both") or _is_told(one) for one in items}
    config.hook.pytest_deselected(items=[one for one in items if not told[one]])
    items[:] = sorted((one for one in items if told[one]), key=lambda one: not one.nodeid.startswith(HEAVY))


def _is_told(item: pytest.Item) -> bool:
    """A story that is not about the database is told on one of the two: always on the same, chosen by its name."""
    kind = item.callspec.params.get("database_url") if hasattr(item, "callspec") else None
    if kind is None or item.nodeid.startswith(BOTH):
        return True
    is_postgres = crc32(item.nodeid.replace(kind, "").encode()) % SHARE == 0
    return bool(is_postgres == (kind == "postgres"))


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
