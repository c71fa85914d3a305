"""Logs: in neither form a secret, a token or a whole phone number, whoever wrote the line."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import secrets_of
from bot.logs import Redacts, configure
from bot.settings import Log, checked
from pbx.phone_system import RotatingTokens
from storage import memory
from tests.office import an_office
from tests.simulators import API_KEY, WEBHOOK_TOKEN, Simulated

KEY = "pbx-api-key-1"
TOKEN = "7000000001:AAStandInTokenThatBelongsToNobody00"
redacted = Redacts([KEY, "", "abc"]).text


@pytest.mark.parametrize(
    ("written", "logged"),
    [
        ("+79101234567", "…4567"),
        ("client 79101234567 called", "client …4567 called"),
        ("+7 910 123-45-67", "…4567"),
        ("8 (910) 123-45-67", "…4567"),
        ("phone=79101234567&callid=7", "phone=…4567&callid=7"),
        ("'79101234567', '79107654321'", "'…4567', '…4321'"),
        ("910123456", "…3456"),
        (f"https://api.telegram.org/bot{TOKEN}/sendMessage", "https://api.telegram.org/bot***/sendMessage"),
        (f"X-API-KEY: {KEY}", "X-API-KEY: ***"),
        ("Authorization: eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3NzQwMDAwMDB9.c2lnbmF0dXJl, 403", "Authorization: ***, 403"),
        ("took 1234567 ms", "took 1234567 ms"),
        ("2026-03-18 12:00:05 done", "2026-03-18 12:00:05 done"),
        ("from 192.168.100.200 port 65000", "from 192.168.100.200 port 65000"),
        ("abc is too short to be a secret", "abc is too short to be a secret"),
    ],
)
def test_text_is_masked(written: str, logged: str) -> None:
    assert redacted(written) == logged


@given(st.from_regex(r"\A\+?[78][ (]{0,2}9\d\d[) ]{0,2}\d{3}[- ]?\d\d[- ]?\d\d\Z"), st.text(max_size=9))
def test_no_number_is_left_whole(number: str, around: str) -> None:
    digits = "".join(filter(str.isdigit, number))
    seen = "".join(filter(str.isdigit, redacted(f"{around} {number} {around}")))
    assert digits not in seen


def test_what_is_within_other_values_is_masked_too() -> None:
    class Odd:
        def __repr__(self) -> str:
            return f"<Odd {KEY}>"

    event = {
        "event": "x",
        "level": "info",
        "timestamp": "2026-03-18T09:00:00.123456789Z",
        "numbers": ["+79101234567"],
        "body": {"phone": "79101234567", "crm_token": "zzz", "n": 5},
        "odd": Odd(),
        "error": ValueError("79101234567"),
        "crm_token": "zzz",
        "Authorization": "Bearer zzz",
        "update": 100000001,
        "nothing": None,
    }
    assert Redacts([KEY])(None, "info", event) == {
        "event": "x",
        "level": "info",
        "timestamp": "2026-03-18T09:00:00.123456789Z",
        "numbers": ["…4567"],
        "body": {"phone": "…4567", "crm_token": "***", "n": 5},
        "odd": "<Odd ***>",
        "error": "ValueError('…4567')",
        "crm_token": "***",
        "Authorization": "***",
        "update": 100000001,
        "nothing": None,
    }


@pytest.fixture
def _as_before() -> Iterator[None]:
    """The program's own logging, for one test."""
    root, kept = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.configure(**kept)


@pytest.mark.usefixtures("_as_before")
@pytest.mark.parametrize("form", ["text", "json"])
def test_our_lines_those_of_libraries_and_tracebacks_are_masked(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(Log.model_validate({"format": form}), [KEY])
    structlog.get_logger().info("a call", client="+79101234567", key_used=KEY)
    logging.getLogger("some.library").warning("GET %s with %s", f"https://x/bot{TOKEN}/getMe", KEY)
    what = f"no such client: 79101234567, key {KEY}"
    try:
        raise ValueError(what)
    except ValueError:
        structlog.get_logger().exception("it failed")
        logging.getLogger("some.library").exception("it failed there")
    logging.getLogger("aiogram.event").info("chatter")
    structlog.get_logger().debug("not at this level")
    written = capsys.readouterr().err
    assert "9101234567" not in written
    assert KEY not in written
    assert TOKEN not in written
    assert written.count("…4567") == 3
    assert written.count("Traceback") == 2
    assert "chatter" not in written
    assert "not at this level" not in written
    if form == "json":
        lines = [json.loads(line) for line in written.splitlines()]
        assert [line["level"] for line in lines] == ["info", "warning", "error", "error"]
        assert all(line["timestamp"].endswith("Z") for line in lines)


async def test_a_token_that_was_replaced_while_the_program_ran_is_masked(sqlite_url: str) -> None:
    async with an_office(sqlite_url, pbxes=(Simulated("t2"),)) as office:
        t2 = office.desk.pbxes["main"]
        assert isinstance(t2, RotatingTokens)
        await t2.refresh_tokens()
        async with office.desk.db.read() as tx:
            pair = json.loads(await memory.recall(tx, "main", "t2-tokens") or "")
    assert redacted(f"refused: {pair['access']} and {pair['refresh']}.") == "refused: *** and ***."


def test_passwords_of_addresses_and_every_key_are_secrets() -> None:
    written = {
        "telegram": {"token": TOKEN, "proxy": "socks5://me:pr0xy-word@198.51.100.1:1080"},
        "database": {"url": "postgresql+asyncpg://ringdesk:data-base-word@127.0.0.1/ringdesk"},
        "pbx": [Simulated(more={"proxy": "http://me:pbx-proxy-word@198.51.100.2:3128"}).entry("http://127.0.0.1:1")],
    }
    known = secrets_of(checked(written, Path("ringdesk.toml")))
    assert {TOKEN, "pr0xy-word", "data-base-word", "pbx-proxy-word", API_KEY, WEBHOOK_TOKEN} <= set(known)
