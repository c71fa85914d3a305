"""Every documented operation, against the manual's own words and examples."""

import csv
import inspect
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pbx.errors import BadPayload
from pbx.t2 import wire
from pbx.t2.phone_system import T2
from pbx.t2.wire import Saved
from tests.pbx.t2.inventory import CORRECTIONS, END, OPERATIONS, START, Operation
from tests.pbx.t2.t2_account import API, Account, fixture, said

DOCUMENTED = Path(__file__).parents[1] / "endpoints.csv"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.documented)
async def test_asks_what_the_manual_says_and_reads_its_example(
    account: Account, t2: T2, operation: Operation
) -> None:
    content = operation.reply if isinstance(operation.reply, bytes) else json.dumps(operation.reply).encode()
    account.will(f"{operation.method} {operation.asked.split('?')[0]}", httpx.Response(200, content=content))
    result = await operation.call(t2.client)
    sent = account.asked[0]
    assert (sent.method, sent.url.raw_path.decode()) == (operation.method, API + operation.asked)
    assert {name: sent.headers.get(name) for name in operation.headers} == operation.headers
    assert sent.headers["Authorization"] == operation.token
    assert _body(sent, operation) == operation.body
    assert operation.becomes(result)


def _body(sent: httpx.Request, operation: Operation) -> Any:
    if not sent.content:
        return None
    return sent.content if isinstance(operation.body, bytes) else json.loads(sent.content)


def test_no_documented_operation_is_left_out_and_none_is_made_up() -> None:
    lines = DOCUMENTED.read_text(encoding="utf-8").splitlines()
    rows = [row for row in csv.DictReader(lines) if row["vendor"] == "t2"]
    assert sorted(f"{row['method']} {row['path']}" for row in rows) == sorted(one.documented for one in OPERATIONS)
    source = inspect.getsource(inspect.getmodule(Operation) or Operation)
    offered = {
        name
        for name, _ in inspect.getmembers(T2.__init__.__annotations__["client"], inspect.isroutine)
        if not name.startswith("_") and name not in ("close", "record_file_url", "recording_keys")
    }
    assert {name for name in offered if f"client.{name}(" not in source} == set()
    assert len(offered) == len(OPERATIONS) == 20
    assert all(CORRECTIONS.values())


@pytest.mark.parametrize("url", ["https://ats2.t2.ru", "https://ats2.t2.ru/crm/openapi/"])
async def test_the_url_may_end_in_the_api_s_own_path_or_not(account: Account, url: str) -> None:
    t2 = account.t2(url=url)
    await t2.client.employees()
    assert str(account.asked[0].url) == "https://ats2.t2.ru/crm/openapi/employees"
    await t2.close()


async def test_pages_are_asked_for_until_one_is_all_but_empty(account: Account, t2: T2) -> None:
    pages = [[{"id": page * 100 + row} for row in range(size)] for page, size in enumerate((100, 100, 3))]
    account.will("GET /statistics/missing", *map(said, pages))
    rows = [row async for row in t2.client.missing(START, END)]
    assert len({row.id for row in rows}) == 203
    asked = [dict(request.url.params) for request in account.requests("/statistics/missing")]
    assert [(page["page"], page["size"], page["sort"]) for page in asked] == [
        ("0", "100", "startDate,ASC"),
        ("1", "100", "startDate,ASC"),
        ("2", "100", "startDate,ASC"),
    ]


async def test_a_server_that_keeps_to_its_own_ten_rows_a_page_hides_none(account: Account, t2: T2) -> None:
    pages = [[{"uuid": f"{page}-{row}"} for row in range(size)] for page, size in enumerate((10, 10, 0))]
    account.will("GET /call-records/info", *map(said, pages))
    assert len([row async for row in t2.client.call_records(START, END)]) == 20


async def test_a_server_that_knows_no_pages_is_not_asked_for_ever(account: Account, t2: T2) -> None:
    account.will("GET /call-records/info", said([{"uuid": str(row)} for row in range(50)]))
    assert len([row async for row in t2.client.call_records(START, END)]) == 50
    assert len(account.requests("/call-records/info")) == 2


async def test_records_in_content_and_its_last_page(account: Account, t2: T2) -> None:
    page = fixture("call_records_in_content_with_uuid_epoch_and_date")
    account.will("GET /call-records/info", said({**page, "content": page["content"] * 30}))
    rows = [row async for row in t2.client.call_records(START, END)]
    assert (len(rows), rows[0].uuid) == (30, "89f69952-fad7-4142-8d5d-1b1e11138813")
    assert rows[0].call_timestamp == datetime(2023, 8, 28, 12, 3, 19, tzinfo=UTC)
    assert len(account.requests("/call-records/info")) == 1


@pytest.mark.parametrize("reply", [b"null", b"", b"{}", b"[]"])
async def test_an_empty_list_may_be_nothing_at_all(account: Account, t2: T2, reply: bytes) -> None:
    account.will("GET /call-records/info", httpx.Response(200, content=reply))
    assert [row async for row in t2.client.call_records(START, END)] == []


@pytest.mark.parametrize("reply", [b"<html>welcome</html>", b'"SUCCESS"', b'{"content": 1}'])
async def test_what_is_no_list_is_said_to_be_none(account: Account, t2: T2, reply: bytes) -> None:
    account.will("GET /employees", httpx.Response(200, content=reply))
    with pytest.raises(BadPayload):
        await t2.client.employees()


async def test_an_odd_field_hides_no_row(account: Account, t2: T2) -> None:
    odd = {"callDuration": "abc", "callTimestamp": "yesterday", "callStatus": 7, "calleeName": ["x"], "new": 1}
    account.will("GET /call-records/info", said([odd, *fixture("call_records")]))
    rows = [row async for row in t2.client.call_records(START, END)]
    assert len(rows) == 3
    assert (rows[0].call_duration, rows[0].call_timestamp, rows[0].call_status) == (None, None, "7")
    assert rows[0].model_extra == {"new": 1}


@pytest.mark.parametrize("name", ["isVip", "isVIP"])
def test_a_vip_by_the_table_or_by_the_example(name: str) -> None:
    assert wire.Customer.model_validate({name: True}).is_vip


def test_a_changed_manager_sends_back_what_is_documented_only() -> None:
    manager = wire.Manager.model_validate({**fixture("manager"), "shoeSize": 44})
    assert wire.manager_body(manager) == fixture("manager")


async def test_a_manager_without_an_id_can_t_be_changed(account: Account, t2: T2) -> None:
    with pytest.raises(ValueError, match="has an id"):
        await t2.client.update_manager(wire.Manager(name="Petrov"))
    assert account.asked == []


async def test_a_time_without_an_offset_is_never_sent(account: Account, t2: T2) -> None:
    with pytest.raises(ValueError, match="offset"):
        await t2.client.journal(datetime(2023, 8, 1), END)  # noqa: DTZ001 - that is the point
    assert account.asked == []


async def test_a_result_that_is_no_known_word_is_not_taken_for_success(account: Account, t2: T2) -> None:
    account.will("POST /blacklist", httpx.Response(200, content=b"MAYBE"))
    with pytest.raises(BadPayload):
        await t2.client.add_to_blacklist("79998887766")
    account.will("POST /blacklist", httpx.Response(200, content=b' "SUCCESS"\n'))
    assert await t2.client.add_to_blacklist("79998887766") is Saved.SUCCESS
