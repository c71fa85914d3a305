"""An address means the same to the driver, which stores events, and to SQLAlchemy, which does all the rest."""

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from storage.driver import file_of, postgres_options


@pytest.mark.parametrize(
    "address",
    [
        "desk:secret@db.example.com:5433/ringdesk",
        "desk@db.example.com/ringdesk",
        "db.example.com",
        "desk:p%40ss%2F%3Fw%C3%B6rd@10.0.0.5/ring%20desk",
        "desk:p/a?s#s@db/ringdesk",
        "desk:secret@[2001:db8::1]:5433/ringdesk",
        "postgres:@/ringdesk?host=/run/postgresql",
        "/ringdesk?host=/run/postgresql&user=desk",
        "desk:secret@db/ringdesk?ssl=require&server_settings=x",
        "desk:secret@/ringdesk?host=one:5432&host=two:5433",
        "desk:secret@/ringdesk?host=one,two&port=5432,5433",
        "desk:secret@/ringdesk?host=one:5434",
    ],
)
def test_a_server_s_address(address: str) -> None:
    url = f"postgresql+asyncpg://{address}"
    _, told = dialect().create_connect_args(make_url(url))  # type: ignore[no-untyped-call]
    assert postgres_options(url) == told


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:///ringdesk.db",
        "sqlite+aiosqlite:////var/lib/ringdesk/ringdesk.db",
        "sqlite+aiosqlite:///the%20desk/ringdesk.db",
        "sqlite+aiosqlite:///ringdesk.db?timeout=30",
    ],
)
def test_a_file_s_address(url: str) -> None:
    assert str(file_of(url)) == make_url(url).database


def test_what_is_in_no_file() -> None:
    assert file_of("sqlite+aiosqlite:///:memory:") is None
    assert file_of("postgresql+asyncpg://desk@db/ringdesk") is None
