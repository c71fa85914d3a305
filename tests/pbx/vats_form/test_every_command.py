"""Every documented command, against the manual's own words and examples."""

import csv
import inspect
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from pbx import vats_dialect
from pbx.vats_form.client import VatsFormClient
from tests.pbx.vats_form.inventory import COMMANDS, Command
from tests.pbx.vats_form.vats_account import KEY, Account, fixture

ENDPOINTS = Path(__file__).parent.parent / "endpoints.csv"


def documented(direction: str) -> set[str]:
    with ENDPOINTS.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (row["vendor"], row["direction"]) == ("vats_form", direction)]
    return {row["path"].partition("cmd=")[2] for row in rows}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.title)
async def test_sends_what_the_manual_says_and_reads_its_example(
    account: Account, client: VatsFormClient, command: Command
) -> None:
    if command.reply:
        account.will(command.asked["cmd"], fixture(command.reply))
    result = await command.call(client)
    (sent,) = account.requests
    assert (sent.method, str(sent.url)) == ("POST", "https://example.megapbx.ru/sys/crm_api.wcgp")
    assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert dict(parse_qsl(sent.content.decode(), strict_parsing=True)) == command.asked | {"token": KEY}
    assert command.becomes(result)


def test_every_documented_command_has_a_row() -> None:
    assert {command.asked["cmd"] for command in COMMANDS} == documented("to_pbx")
    assert len(documented("to_pbx")) == 8


def test_every_method_of_the_client_has_a_row() -> None:
    offered = {name for name, _ in inspect.getmembers(VatsFormClient, inspect.isroutine) if not name.startswith("_")}
    called = {name for command in COMMANDS for name in command.call.__code__.co_names}
    assert offered - {"close"} <= called


def test_every_callback_of_the_pbx_is_read() -> None:
    assert documented("from_pbx") <= set(vats_dialect.READERS)
    assert len(documented("from_pbx")) == 3


@pytest.mark.parametrize("url", ["https://example.megapbx.ru/", "https://example.megapbx.ru/sys/crm_api.wcgp"])
async def test_the_url_may_end_in_the_api_s_own_path_or_not(account: Account, url: str) -> None:
    client = account.client(url=url)
    await client.accounts()
    assert str(account.requests[0].url) == "https://example.megapbx.ru/sys/crm_api.wcgp"
    await client.close()
