"""Each configuration that the deployment files carry is one that the program takes, its secrets read from files."""

import re
import shlex
from pathlib import Path

import pytest

from bot.cli import secrets_of
from bot.settings import BadSettings, Settings, load
from tests.deploy.files import SECRETS, TOKEN, documents, text


def loaded(toml: str, folder: Path, **environ: str) -> Settings:
    """`toml` with its secrets' folder moved to where the test may write."""
    for name, secret in SECRETS.items():
        (folder / name).write_text(secret + "\n", encoding="utf-8")
    path = folder / "ringdesk.toml"
    path.write_text(toml.replace("/run/secrets", str(folder)), encoding="utf-8")
    return load(path, environ)


def kubernetes() -> str:
    [carried] = [one for one in documents("kubernetes.yaml") if one["kind"] == "ConfigMap"]
    return str(carried["data"]["ringdesk.toml"])


CONFIGURATIONS = {"compose": lambda: text("ringdesk.toml"), "kubernetes": kubernetes}


@pytest.mark.parametrize("where", CONFIGURATIONS)
def test_it_is_a_configuration(where: str, tmp_path: Path) -> None:
    settings = loaded(CONFIGURATIONS[where](), tmp_path)
    assert settings.telegram.token.get_secret_value() == TOKEN
    assert settings.database.url.startswith("postgresql+asyncpg://ringdesk:p%40ss%2Fword%3A1@")
    assert settings.http.trusted_proxies
    [pbx] = settings.pbx
    assert (pbx.id, pbx.webhook_token.get_secret_value()) == ("main", SECRETS["pbx_webhook_token"])
    assert {*SECRETS.values()} <= {*secrets_of(settings)}


@pytest.mark.parametrize("where", CONFIGURATIONS)
def test_no_secret_stands_in_it(where: str) -> None:
    said = re.findall(r"^\s*(\w*(?:token|key|password|secret)\w*)\s*=", CONFIGURATIONS[where](), re.MULTILINE)
    assert said
    assert [name for name in said if not name.endswith("_file")] == []


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml", "ringdesk.service", "README.md"])
def test_every_command_that_is_named_exists(name: str) -> None:
    from typer.testing import CliRunner

    from bot.cli import cli

    commands = set(re.findall(r"(?:^|/bin/|`)ringdesk ((?:contacts |history )?[a-z]+)\b", text(name), re.MULTILINE))
    for command in commands:
        assert CliRunner().invoke(cli, [*shlex.split(command), "--help"]).exit_code == 0, command


# The password of the database

URL = 'url = "postgresql+asyncpg://ringdesk@db:5432/ringdesk"'


@pytest.mark.parametrize(
    "other", ["sqlite+aiosqlite:///x.db", "postgresql+asyncpg://db/x", "postgresql+asyncpg://u:p@db/x"]
)
def test_a_password_needs_a_user_without_one(other: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"database\.url should name a user and no password") as bad:
        loaded(text("ringdesk.toml").replace(URL, f'url = "{other}"'), tmp_path)
    assert SECRETS["database_password"] not in str(bad.value)


def test_a_password_that_can_not_be_read_is_said(tmp_path: Path) -> None:
    toml = text("ringdesk.toml").replace("/run/secrets/database_password", "/run/nowhere/password")
    with pytest.raises(BadSettings, match=r"database\.password_file: /run/nowhere/password can't be read"):
        loaded(toml, tmp_path)
