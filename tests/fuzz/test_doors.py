"""Doors tried from outside: what is too much of anything is refused, and nothing from outside becomes a statement."""

import ast
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from desk.contact_import import import_csv
from handlers.chat.summary_csv import cell
from pbx.webhook_body import MOST_FIELDS, MOST_LEVELS
from storage import contacts
from tests.handlers.webhook.wire import KEY, MISSED, as_json, first_line, form, multipart, post, stored
from tests.office import Office, an_office

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "handlers", "desk", "storage")
#: Run with nothing but what stands in them: the steps of the schema; and the settings of a connection.
CLOSED, SETTINGS = "migrations", "PRAGMA "
#: What takes SQL as text. The first argument must stand in the source, whole.
TAKES_SQL = frozenset({"text", "exec_driver_sql", "execute", "executemany", "executescript", "fetch", "fetchval"})


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url) as built:
        yield built


def with_fields(count: int) -> dict[str, str]:
    known = {**KEY, **MISSED}
    return {**known, **{f"more{n}": "x" for n in range(count - len(known))}}


@pytest.mark.parametrize("written", [form, as_json, multipart])
async def test_more_fields_than_a_pbx_sends_are_refused(office: Office, written: type[bytes]) -> None:
    refused = await post(office, written(**with_fields(MOST_FIELDS + 1)))
    assert (refused.status, refused.json, await stored(office)) == (400, {"error": "Invalid parameters"}, [])
    assert (await post(office, written(**with_fields(MOST_FIELDS)))).status == 200


@pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 100_000])
async def test_more_levels_than_a_pbx_sends_are_refused(office: Office, levels: int) -> None:
    fields = json.dumps({**KEY, **MISSED})
    body = f'{fields[:-1]}, "more": {"[" * levels}{"]" * levels}}}'.encode()
    assert len(body) < 256 * 1024
    assert ((await post(office, body)).status, await stored(office)) == (400, [])


async def test_more_headers_than_anybody_sends_are_refused(office: Office) -> None:
    head = b"POST /pbx/main HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    for many in (b"X-A: b\r\n" * 1000, b"X-A: " + b"b" * 9000 + b"\r\n"):
        assert b" 400 " in await first_line(office, head + many + b"\r\n")
    assert (await post(office, form(**KEY, **MISSED))).status == 200


async def test_a_name_that_a_spreadsheet_would_calculate_stays_a_name(office: Office, tmp_path: Path) -> None:
    """As our own tables have it, with an apostrophe, or bare: kept as it is, given out again with the apostrophe."""
    evil = '=HYPERLINK("http://evil.example")'
    file = tmp_path / "contacts.csv"
    quoted = evil.replace('"', '""')
    file.write_text(f'phone,name\n\'+79100000001,"\'{quoted}"\n+79100000002,"{quoted}"\n', encoding="utf-8")
    assert (await import_csv(office.desk, file)).added == 2
    async with office.desk.db.read() as tx:
        known = [await contacts.get(tx, f"+7910000000{n}") for n in (1, 2)]
    assert [one.name for one in known if one] == [evil, evil]
    assert cell(evil) == f"'{evil}"


def sql_of(room: str) -> Iterator[tuple[str, ast.expr]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse("" if CLOSED in path.parts else path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in TAKES_SQL:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[0]


def is_put_together(one: ast.expr) -> bool:
    """Out of pieces that are not all in the source: f-strings with values, `+`, `%`, `.format`, `.join`."""
    if isinstance(one, ast.JoinedStr):
        first = one.values[0]
        if isinstance(first, ast.Constant) and first.value == SETTINGS:
            return False
        values = [part.value for part in one.values if isinstance(part, ast.FormattedValue)]
        return not all(isinstance(value, ast.Name) and value.id.isupper() for value in values)
    if isinstance(one, ast.BinOp):
        return isinstance(one.op, ast.Add | ast.Mod)
    if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
        return one.func.attr in {"format", "join", "replace"} and isinstance(one.func.value, ast.Constant)
    return False


@pytest.mark.parametrize("room", ROOMS)
def test_values_reach_the_database_as_parameters_alone(room: str) -> None:
    """Statements are SQLAlchemy's, or stand in the source; only constants of a module are ever put into one."""
    assert [where for where, statement in sql_of(room) if is_put_together(statement)] == []


def test_a_statement_put_together_would_be_found() -> None:
    for bad in ('tx.execute(text(f"SELECT {name}"))', 'tx.execute("SELECT " + name)', 'tx.execute("%s" % name)'):
        calls = [node for node in ast.walk(ast.parse(bad)) if isinstance(node, ast.Call) and node.args]
        assert any(is_put_together(node.args[0]) for node in calls)
