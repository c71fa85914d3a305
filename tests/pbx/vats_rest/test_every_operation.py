"""Every documented operation, against the manual's own words and examples."""

import csv
import inspect
from pathlib import Path

import httpx
import pytest

from pbx import vats_dialect
from pbx.vats_rest.client import VatsRestClient
from tests.pbx.vats_rest.inventory import OPERATIONS, Operation
from tests.pbx.vats_rest.vats_account import KEY, Account, fixture

ENDPOINTS = Path(__file__).parent.parent / "endpoints.csv"


def documented(direction: str) -> list[str]:
    with ENDPOINTS.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (row["vendor"], row["direction"]) == ("vats_rest", direction)]
    return [f"{row['method']} {row['path']}" for row in rows]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.title)
async def test_asks_what_the_manual_says_and_reads_its_example(
    account: Account, client: VatsRestClient, operation: Operation
) -> None:
    if operation.reply:
        path = operation.asked.partition("?")[0]
        account.will(path, httpx.Response(200, content=fixture(operation.reply)))
    result = await operation.call(client)
    assert account.asked == [operation.asked]
    assert account.body() == operation.body
    sent = account.requests[0]
    assert str(sent.url).startswith("https://example.megapbx.ru/crmapi/v1/")
    assert sent.headers["X-API-KEY"] == KEY
    assert KEY not in str(sent.url)
    assert operation.becomes(result)


def test_every_documented_operation_has_a_row() -> None:
    assert {operation.documented for operation in OPERATIONS} == set(documented("to_pbx"))
    assert len(documented("to_pbx")) == 102


def test_every_method_of_the_client_has_a_row() -> None:
    offered = {name for name, _ in inspect.getmembers(VatsRestClient, inspect.isroutine) if not name.startswith("_")}
    called = {name for operation in OPERATIONS for name in operation.call.__code__.co_names}
    assert offered - {"close"} <= called


def test_every_documented_command_of_the_pbx_is_read() -> None:
    commands = {row.removeprefix("POST cmd=").split()[0] for row in documented("from_pbx")}
    assert commands == set(vats_dialect.READERS)
