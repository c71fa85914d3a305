"""The command line as an operator uses it."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot import logs
from bot.cli import cli
from sandbox.vats_rest import NobodyAnswers
from tests.program.process import toml
from tests.program.town import Town


async def ringdesk(*arguments: str) -> tuple[int, str]:
    """Exit status, and what was said on both channels. In a thread of ours, since Python starts slowly."""

    def done() -> Result:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(logs, "configure", lambda *_: None)  # the logs of the tests stay as they are
            return CliRunner().invoke(cli, arguments)

    result = await asyncio.to_thread(done)
    return result.exit_code, result.output


async def a_process(*arguments: str) -> tuple[int, str]:
    """The same, as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


def written(town: Town, folder: Path, url: str, **changes: Any) -> str:
    """The path of a configuration file, with `changes` to its PBX."""
    configuration = town.configuration(url)
    configuration["pbx"][0].update(changes)
    path = folder / "ringdesk.toml"
    path.write_text(toml(configuration), encoding="utf-8")
    return str(path)


async def test_check_says_what_holds_and_what_to_do(town: Town, sqlite_url: str, tmp_path: Path) -> None:
    status, said = await ringdesk("check", "--config", written(town, tmp_path, sqlite_url))
    assert status == 0, said
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        f"ok    {name}"
        for name in (
            *("database", "telegram", "clock", "disk", "pbx main", "public address"),
            *("process", "last event of main"),
        )
    ]
    assert "messages are fetched" in said
    assert "5 employees; 5 of 5 receive calls\n" in said
    assert "the bot does not run: `ringdesk run` starts it" in said
    assert "none in 30 days; if calls were made, check the webhook's address" in said
    status, said = await ringdesk("check", "--config", written(town, tmp_path, sqlite_url, key="a-wrong-key"))
    assert status == 1
    assert "FAIL  pbx main: the key is refused. Check `key` of this [[pbx]]" in said
    assert "a-wrong-key" not in said


async def test_contacts_are_imported_once(town: Town, sqlite_url: str, tmp_path: Path) -> None:
    config = written(town, tmp_path, sqlite_url)
    file = tmp_path / "clients.csv"
    file.write_text("phone,name,responsible\n79100000001,Ольга,igor\nnonsense,Nobody,\n", encoding="utf-8")
    status, said = await ringdesk("contacts", "import", str(file), "--config", config)
    assert status == 1
    assert "1 added, 0 updated, 0 already there." in said
    assert "line 3:" in said
    _, said = await ringdesk("contacts", "import", str(file), "--config", config)
    assert "0 added, 0 updated, 1 already there." in said


async def test_the_past_is_read_from_the_pbx(town: Town, sqlite_url: str, tmp_path: Path) -> None:
    # Told as one second long, which is over before a process is up: what goes on is not history yet.
    await town.pbx.calls.client_calls("79100000001", "sales", NobodyAnswers(ring=1))
    config = written(town, tmp_path, sqlite_url)
    status, said = await a_process(
        "history", "import", "--pbx", "nowhere", "--from", "2026-01-01", "--config", config
    )
    assert (status, "configured: main" in said) == (2, True)
    status, said = await ringdesk("history", "import", "--pbx", "main", "--from", "2026-11-01", "--config", config)
    assert status == 0, said
    assert "1 calls read, 1 of them new or better known." in said


async def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    status, said = await a_process("run", "--config", str(tmp_path / "none.toml"))
    assert status == 2
    assert said.strip() == f"{tmp_path}/none.toml: there is no such file; `ringdesk init` writes it"
