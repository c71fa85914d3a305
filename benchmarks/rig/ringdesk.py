"""The real program, `ringdesk run`, on a database of its own; and the databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.rig.processes import Process, a_folder
from tests.databases import PostgresServer
from tests.ports import free_port
from tests.program.process import toml

#: What the simulated PBX sends with every event.
WEBHOOK_TOKEN = "bench-webhook-token"
#: Whose Telegram it is; of the right form and nobody's.
BOT_TOKEN = "7000000001:AABenchTokenThatBelongsToNobody00000"
ADMIN = 1001


class Ringdesk(Process):
    """The program as an operator runs it."""

    def __init__(self, folder: Path, configuration: dict[str, Any], **environment: str) -> None:
        self.port: int = configuration["http"]["port"]
        file = folder / f"ringdesk-{self.port}.toml"
        file.write_text(toml(configuration), encoding="utf-8")
        super().__init__(["bot", "run", "--config", str(file)], folder / f"ringdesk-{self.port}.log", **environment)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/pbx/main"


def configuration(
    database_url: str, *, telegram: str = "http://127.0.0.1:1", vendor: str = "vats_form", **sections: dict[str, Any]
) -> dict[str, Any]:
    """One PBX that speaks forms and can't be asked anything; a Telegram that nobody answers for, if none is named."""
    return {
        "telegram": {"token": BOT_TOKEN, "api_url": telegram, "admins": [ADMIN]},
        "http": {"host": "127.0.0.1", "port": free_port()},
        "database": {"url": database_url},
        "log": {"level": "warning"},
        **sections,
        "pbx": [
            {
                "id": "main",
                "vendor": vendor,
                "url": "http://127.0.0.1:1",
                "key": "bench-key",
                "webhook_token": WEBHOOK_TOKEN,
            }
        ],
    }


@contextmanager
def running(configuration: dict[str, Any], **environment: str) -> Iterator[Ringdesk]:
    """Until the block ends; when it begins the program takes events, and its start is over."""
    with a_folder() as folder, Ringdesk(folder, configuration, **environment) as program:
        program.until_it_listens(program.port)
        program.until_it_rests()
        yield program


@contextmanager
def a_sqlite() -> Iterator[str]:
    """The URL of a database file that is not there yet."""
    with a_folder() as folder:
        yield f"sqlite+aiosqlite:///{folder / 'bench.db'}"


@contextmanager
def a_postgres() -> Iterator[str]:
    """The URL of a database with the current schema."""
    with _server().fresh() as url:
        yield url


@cache
def _server() -> PostgresServer:
    """One for the run; the wheel that carries it stops it at exit."""
    return PostgresServer()
