"""Every documented operation, against the manual's own words and examples."""

import csv
import inspect
import json
from pathlib import Path

import httpx
import pytest

from pbx.phonet.client import PhonetClient
from tests.pbx.phonet.inventory import OPERATIONS, Operation
from tests.pbx.phonet.phonet_account import Account, said

ENDPOINTS = Path(__file__).parent.parent / "endpoints.csv"
AUTHORIZE = "POST /rest/security/authorize"
PUBLIC = "GET /rest/public/calls/{uuid}/audio"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.documented)
async def test_asks_what_the_manual_says_and_reads_its_example(
    account: Account, client: PhonetClient, operation: Operation
) -> None:
    if operation.documented != AUTHORIZE:
        reply = httpx.Response(operation.status, content=b"" if operation.reply is None else _json(operation.reply))
        reply.headers["content-type"] = "application/json"
        account.will(f"{operation.method} {operation.path}", reply)
    result = await operation.call(client)
    sent = account.asked[-1]
    assert (sent.method, sent.url.path) == (operation.method, operation.path)
    assert sent.url.params.multi_items() == operation.query
    assert (json.loads(sent.content) if sent.content else None) == operation.body
    assert sent.headers["Content-Type"] == "application/json"
    assert operation.becomes(result)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.documented)
async def test_every_operation_but_two_goes_within_the_session(
    account: Account, client: PhonetClient, operation: Operation
) -> None:
    if operation.documented != AUTHORIZE:
        account.will(f"{operation.method} {operation.path}", said(operation.reply))
    await operation.call(client)
    alone = operation.documented in (AUTHORIZE, PUBLIC)
    assert account.asked[-1].headers.get("Cookie") == (None if alone else "JSESSIONID=session-1")


def test_no_documented_operation_is_without_a_row() -> None:
    with ENDPOINTS.open(newline="") as listed:
        rows = [row for row in csv.DictReader(listed) if (row["vendor"], row["direction"]) == ("phonet", "to_pbx")]
    assert [operation.documented for operation in OPERATIONS] == [f"{row['method']} {row['path']}" for row in rows]


def test_no_method_of_the_client_is_untried() -> None:
    offered = {name for name, _ in inspect.getmembers(PhonetClient, inspect.isroutine) if not name.startswith("_")}
    tried = inspect.getsource(inspect.getmodule(Operation) or Operation)
    assert {name for name in offered if f"client.{name}(" not in tried} == {
        "aclose",
        "recording_url",
        "recording_keys",
    }


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://test4.phonet.com.ua", "https://test4.phonet.com.ua/rest/users"),
        ("https://test4.phonet.com.ua/rest/", "https://test4.phonet.com.ua/rest/users"),
        ("http://127.0.0.1:9000/office", "http://127.0.0.1:9000/office/rest/users"),
    ],
)
async def test_the_url_may_end_in_the_api_s_own_path_or_not(account: Account, url: str, asked: str) -> None:
    phonet = account.phonet(url=url)
    account.will("GET /rest/users", said([]))
    account.will("GET /office/rest/users", said([]))
    account.will("POST /office/rest/security/authorize", httpx.Response(200))
    account.replies["POST /office/rest/security/authorize"] = [
        lambda _: httpx.Response(200, headers={"Set-Cookie": "JSESSIONID=session-1"})
    ]
    await phonet.employees()
    assert str(account.asked[-1].url) == asked
    await phonet.close()


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
