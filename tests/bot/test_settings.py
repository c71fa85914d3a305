"""`ringdesk.toml` and the environment: every key, and one line for everything that can be wrong with them."""

import asyncio
import os
import re
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from bot import cli
from bot.settings import BadSettings, Settings, load

TOKEN = "123456:AAsecretsecretsecretsecret"
SECRETS = (TOKEN, "the-api-key", "the-webhook-token", "dbpassword")

#: The example of CONTRACT.md with its blanks filled in.
WHOLE = """\
[telegram]
token = "123456:AAsecretsecretsecretsecret"
api_url = "https://api.telegram.org"
mode = "polling"
admins = [1001]
proxy = ""

[http]
host = "0.0.0.0"
port = 8080
public_url = ""
trusted_proxies = []

[database]
url = "sqlite+aiosqlite:///ringdesk.db"

[office]
timezone = "Europe/Moscow"
country = "RU"
language = "ru"
working_hours = "Mon-Fri 09:00-18:00"

[retention]
calls_days = 365
raw_days = 30

[log]
level = "info"
format = "text"

[[pbx]]
id = "main"
vendor = "vats_rest"
url = "https://example.megapbx.ru"
key = "the-api-key"
webhook_token = "the-webhook-token"
webhook_networks = []
proxy = ""
country = ""
dnd_state = "receiving"
history_timezone = "UTC"
recording_hosts = []
user_agent = ""
poll_seconds = 20
reconcile_minutes = 8
"""
SHORT = """\
[telegram]
token = "123456:AAsecretsecretsecretsecret"

[[pbx]]
id = "main"
vendor = "vats_rest"
url = "https://example.megapbx.ru"
key = "the-api-key"
webhook_token = "the-webhook-token"
"""


def settings(tmp_path: Path, text: str, **environ: str) -> Settings:
    path = tmp_path / "ringdesk.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def trouble(tmp_path: Path, text: str, **environ: str) -> str:
    """What is said about it, the file's folder left out."""
    with pytest.raises(BadSettings) as bad:
        settings(tmp_path, text, **environ)
    said = str(bad.value)
    assert not any(secret in said for secret in SECRETS)
    return said.replace(f"{tmp_path}/", "")


# What is right


def test_the_contracts_example_is_read_as_it_stands(tmp_path: Path) -> None:
    read = settings(tmp_path, WHOLE)
    assert read.telegram.token.get_secret_value() == TOKEN
    assert read.telegram.admins == (1001,)
    [pbx] = read.pbx
    assert (pbx.id, pbx.vendor, pbx.url, pbx.reconcile_minutes) == (
        "main",
        "vats_rest",
        "https://example.megapbx.ru",
        8,
    )


def test_the_defaults_are_the_contracts(tmp_path: Path) -> None:
    """Whatever the example says beside the secrets and the admins is the default."""
    short, whole = settings(tmp_path, SHORT), settings(tmp_path, WHOLE)
    assert short.model_dump(exclude={"telegram": {"admins"}}) == whole.model_dump(exclude={"telegram": {"admins"}})
    assert short.telegram.admins == ()


@pytest.mark.parametrize(
    "hours", ["Mon-Sun 00:00-24:00", "Mon-Sun 00:00-23:59", "Mon-Fri 9:00-18:00, Sat 10:00-15:00"]
)
def test_working_hours_are_written_as_people_do(tmp_path: Path, hours: str) -> None:
    assert settings(tmp_path, SHORT + "", RINGDESK_OFFICE__WORKING_HOURS=hours).office.working_hours == hours


def test_the_example_file_is_right_but_for_its_blanks() -> None:
    example = Path("ringdesk.example.toml")
    environ = {"RINGDESK_TELEGRAM__TOKEN": TOKEN}
    for pbx_id in re.findall(r'^id = "(.+)"', example.read_text(encoding="utf-8"), re.MULTILINE):
        name = pbx_id.upper().replace("-", "_")
        environ |= {f"RINGDESK_PBX__{name}__KEY": "k", f"RINGDESK_PBX__{name}__WEBHOOK_TOKEN": "t"}
    assert load(example, environ).pbx


# The environment

ENVIRONMENT: list[tuple[str, str, str, object]] = [
    ("RINGDESK_TELEGRAM__API_URL", "http://127.0.0.1:9999/", "telegram.api_url", "http://127.0.0.1:9999"),
    ("RINGDESK_TELEGRAM__ADMINS", "1001, 1002", "telegram.admins", (1001, 1002)),
    ("RINGDESK_TELEGRAM__ADMINS", "[1001]", "telegram.admins", (1001,)),
    ("RINGDESK_TELEGRAM__ADMINS", "", "telegram.admins", ()),
    ("RINGDESK_TELEGRAM__PROXY", "socks5://10.0.0.1:1080", "telegram.proxy", "socks5://10.0.0.1:1080"),
    ("RINGDESK_HTTP__HOST", "127.0.0.1", "http.host", "127.0.0.1"),
    ("RINGDESK_HTTP__PORT", "18080", "http.port", 18080),
    ("RINGDESK_HTTP__PUBLIC_URL", "https://bot.example.com/", "http.public_url", "https://bot.example.com"),
    ("RINGDESK_HTTP__TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.1", "http.trusted_proxies",
     (ip_network("10.0.0.0/8"), ip_network("192.0.2.1"))),
    ("RINGDESK_DATABASE__URL", "postgresql+asyncpg://u:dbpassword@db/x", "database.url",
     "postgresql+asyncpg://u:dbpassword@db/x"),
    ("RINGDESK_OFFICE__TIMEZONE", "Asia/Yekaterinburg", "office.timezone", "Asia/Yekaterinburg"),
    ("RINGDESK_OFFICE__COUNTRY", "ua", "office.country", "UA"),
    ("RINGDESK_OFFICE__LANGUAGE", "uk", "office.language", "uk"),
    ("RINGDESK_RETENTION__CALLS_DAYS", "90", "retention.calls_days", 90),
    ("RINGDESK_RETENTION__RAW_DAYS", "7", "retention.raw_days", 7),
    ("RINGDESK_LOG__LEVEL", "debug", "log.level", "debug"),
    ("RINGDESK_LOG__FORMAT", "json", "log.format", "json"),
    ("RINGDESK_PBX__MAIN__URL", "http://127.0.0.1:1/crmapi/v1/", "pbx.0.url", "http://127.0.0.1:1/crmapi/v1"),
    ("RINGDESK_PBX__MAIN__PROXY", "http://10.0.0.1:3128", "pbx.0.proxy", "http://10.0.0.1:3128"),
    ("RINGDESK_PBX__MAIN__COUNTRY", "ua", "pbx.0.country", "UA"),
    ("RINGDESK_PBX__MAIN__DND_STATE", "do_not_disturb", "pbx.0.dnd_state", "do_not_disturb"),
    ("RINGDESK_PBX__MAIN__HISTORY_TIMEZONE", "Europe/Moscow", "pbx.0.history_timezone", "Europe/Moscow"),
    ("RINGDESK_PBX__MAIN__RECORDING_HOSTS", "rec.example, rec2.example", "pbx.0.recording_hosts",
     ("rec.example", "rec2.example")),
    ("RINGDESK_PBX__MAIN__WEBHOOK_NETWORKS", "192.0.2.0/24", "pbx.0.webhook_networks", (ip_network("192.0.2.0/24"),)),
    ("RINGDESK_PBX__MAIN__USER_AGENT", "curl/8", "pbx.0.user_agent", "curl/8"),
    ("RINGDESK_PBX__MAIN__POLL_SECONDS", "2", "pbx.0.poll_seconds", 2),
    ("RINGDESK_PBX__MAIN__RECONCILE_MINUTES", "3", "pbx.0.reconcile_minutes", 3),
]  # fmt: skip


def _at(read: object, path: str) -> object:
    for part in path.split("."):
        read = read[int(part)] if part.isdigit() else getattr(read, part)  # type: ignore[index]
    return read


@pytest.mark.parametrize(("name", "value", "path", "expected"), ENVIRONMENT)
def test_every_key_may_come_from_the_environment(
    tmp_path: Path, name: str, value: str, path: str, expected: object
) -> None:
    assert _at(settings(tmp_path, WHOLE, **{name: value}), path) == expected


def test_secrets_may_come_from_the_environment(tmp_path: Path) -> None:
    read = settings(
        tmp_path, WHOLE, RINGDESK_TELEGRAM__TOKEN="9:new", RINGDESK_PBX__MAIN__KEY="new-key",
        RINGDESK_PBX__MAIN__WEBHOOK_TOKEN="new-token",
    )  # fmt: skip
    assert read.telegram.token.get_secret_value() == "9:new"
    assert read.pbx[0].key.get_secret_value() == "new-key"  # type: ignore[attr-defined]
    assert read.pbx[0].webhook_token.get_secret_value() == "new-token"


def test_webhook_mode_may_come_from_the_environment(tmp_path: Path) -> None:
    both = {"RINGDESK_TELEGRAM__MODE": "webhook", "RINGDESK_HTTP__PUBLIC_URL": "https://bot.example.com"}
    assert settings(tmp_path, WHOLE, **both).telegram.mode == "webhook"


def test_the_environment_alone_is_enough_beside_an_empty_file(tmp_path: Path) -> None:
    names = {"VENDOR": "vats_rest", "URL": "http://127.0.0.1:1", "KEY": "k", "WEBHOOK_TOKEN": "t"}
    read = settings(tmp_path, "", RINGDESK_TELEGRAM__TOKEN=TOKEN,
                    **{f"RINGDESK_PBX__HEAD_OFFICE__{name}": value for name, value in names.items()})  # fmt: skip
    assert [pbx.id for pbx in read.pbx] == ["head-office"]


def test_the_environment_finds_a_pbx_whose_id_has_a_dash(tmp_path: Path) -> None:
    text = SHORT.replace('"main"', '"head-office"')
    read = settings(tmp_path, text, RINGDESK_PBX__HEAD_OFFICE__USER_AGENT="x")
    assert [(pbx.id, pbx.user_agent) for pbx in read.pbx] == [("head-office", "x")]


def test_other_names_in_the_environment_are_not_ours(tmp_path: Path) -> None:
    settings(tmp_path, SHORT, RINGDESK="1", RINGDESK_HOME="/x", PATH="/bin", TELEGRAM__TOKEN="x")


# Secrets in files


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    (tmp_path / "key").write_text("the-api-key \n", encoding="utf-8")
    text = SHORT.replace(f'token = "{TOKEN}"', f'token_file = "{tmp_path}/token"')
    text = text.replace('key = "the-api-key"', f'key_file = "{tmp_path}/key"')
    read = settings(tmp_path, text)
    assert read.telegram.token.get_secret_value() == TOKEN
    assert read.pbx[0].key.get_secret_value() == "the-api-key"  # type: ignore[attr-defined]
    by_environ = settings(tmp_path, SHORT, RINGDESK_PBX__MAIN__KEY_FILE=f"{tmp_path}/key")
    assert by_environ.pbx[0].key.get_secret_value() == "the-api-key"  # type: ignore[attr-defined]


def test_the_environments_secret_beats_the_files_file(tmp_path: Path) -> None:
    text = SHORT.replace('key = "the-api-key"', 'key_file = "/nowhere"')
    read = settings(tmp_path, text, RINGDESK_PBX__MAIN__KEY="from-env")
    assert read.pbx[0].key.get_secret_value() == "from-env"  # type: ignore[attr-defined]


def test_a_secrets_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    text = SHORT.replace('key = "the-api-key"', f'key_file = "{tmp_path}/nowhere"')
    assert trouble(tmp_path, text) == "ringdesk.toml: pbx.main.key_file: nowhere can't be read (FileNotFoundError)"


def test_a_secret_and_its_file_are_one_too_many(tmp_path: Path) -> None:
    text = SHORT.replace('key = "the-api-key"', 'key = "the-api-key"\nkey_file = "/x"')
    assert trouble(tmp_path, text) == "ringdesk.toml: pbx.main.key and key_file are both set; keep one"


# What is wrong: one line that names the key, the file and what is allowed

WRONG: list[tuple[str, str, str]] = [
    ("[telegram]\n", "[telegram]\nkey = 1\n", "telegram.key is not a key we know; see docs/settings.md"),
    ("[[pbx]]", "[metrics]\nport = 1\n\n[[pbx]]", "metrics is not a key we know; see docs/settings.md"),
    ('id = "main"', 'id = "main"\nkey_id = 1', "pbx.main.key_id is not a key we know; see docs/settings.md"),
    (f'token = "{TOKEN}"', "", "telegram.token is missing"),
    (f'token = "{TOKEN}"', 'token = ""',
     'telegram.token should look like "123456:ABC…", as @BotFather gave it'),
    ('key = "the-api-key"', "", "pbx.main.key is missing"),
    ('key = "the-api-key"', 'key = ""', "pbx.main.key is empty"),
    ('webhook_token = "the-webhook-token"', "", "pbx.main.webhook_token is missing"),
    ('webhook_token = "the-webhook-token"', 'webhook_token = " "', "pbx.main.webhook_token is empty"),
    ('url = "https://example.megapbx.ru"', "", "pbx.main.url is missing"),
    ('url = "https://example.megapbx.ru"', 'url = "example.megapbx.ru"',
     'pbx.main.url should look like "https://example.megapbx.ru", with an optional port and path'),
    ('id = "main"', 'id = "Main PBX"', "pbx.Main PBX.id "),
    ('id = "main"', "", "pbx.1.id is missing"),
    ('vendor = "vats_rest"', 'vendor = "asterisk"',
     "pbx.main.vendor should be one of vats_rest, vats_form, phonet, t2"),
    ('vendor = "vats_rest"', "", "pbx.main.vendor should be one of vats_rest, vats_form, phonet, t2"),
    ('mode = "polling"', 'mode = "push"', "telegram.mode "),
    ('mode = "polling"', 'mode = "webhook"', "http.public_url: is needed when telegram.mode is webhook"),
    ("admins = [1001]", 'admins = ["anna"]', "telegram.admins.0 "),
    ("port = 8080", "port = 80800", "http.port "),
    ('public_url = ""', 'public_url = "bot.example.com"',
     'http.public_url should look like "https://bot.example.com"'),
    ("trusted_proxies = []", 'trusted_proxies = ["everybody"]',
     'http.trusted_proxies.0 should be an address or a network such as "192.0.2.0/24"'),
    ('"sqlite+aiosqlite:///ringdesk.db"', '"mysql://x:dbpassword@y/z"',
     'database.url should begin with "sqlite+aiosqlite:///" or "postgresql+asyncpg://"'),
    ('timezone = "Europe/Moscow"', 'timezone = "Moscow"',
     'office.timezone should be a time zone such as "Europe/Moscow"'),
    ('country = "RU"', 'country = "Russia"', 'office.country should be a two-letter country code such as "RU"'),
    ('language = "ru"', 'language = "de"', "office.language "),
    ('"Mon-Fri 09:00-18:00"', '"always"', 'office.working_hours "always" should look like "Mon-Fri 09:00-18:00"'),
    ('"Mon-Fri 09:00-18:00"', '"Mon-Fri 18:00-09:00"', "office.working_hours "),
    ("calls_days = 365", "calls_days = 0", "retention.calls_days "),
    ('level = "info"', 'level = "loud"', "log.level "),
    ('format = "text"', 'format = "xml"', "log.format "),
    ('dnd_state = "receiving"', 'dnd_state = "on"', "pbx.main.dnd_state "),
    ("poll_seconds = 20", "poll_seconds = 1", "pbx.main.poll_seconds "),
    ("reconcile_minutes = 8", "reconcile_minutes = 0", "pbx.main.reconcile_minutes "),
    ('history_timezone = "UTC"', 'history_timezone = "Mars"', "pbx.main.history_timezone "),
    ("webhook_networks = []", 'webhook_networks = ["x"]', "pbx.main.webhook_networks.0 "),
    ("admins = [1001]", "admins = [1001", "is no TOML: "),
]  # fmt: skip


@pytest.mark.parametrize(("right", "wrong", "said"), WRONG)
def test_what_is_wrong_is_one_line_with_the_file_and_the_key(
    tmp_path: Path, right: str, wrong: str, said: str
) -> None:
    assert right in WHOLE
    told = trouble(tmp_path, WHOLE.replace(right, wrong, 1))
    assert told.startswith(f"ringdesk.toml: {said}")
    assert "\n" not in told
    assert said[-1] != " " or len(told) > len(f"ringdesk.toml: {said}should")


def test_what_is_wrong_by_choice_says_what_there_is_to_choose(tmp_path: Path) -> None:
    told = trouble(tmp_path, WHOLE.replace('language = "ru"', 'language = "de"'))
    assert all(f"'{language}'" in told for language in ("ru", "en", "uk"))


def test_every_trouble_has_its_line(tmp_path: Path) -> None:
    text = WHOLE.replace("port = 8080", "port = -1").replace('level = "info"', 'level = "x"')
    assert len(trouble(tmp_path, text).splitlines()) == 2


def test_no_pbx_at_all_is_said(tmp_path: Path) -> None:
    assert trouble(tmp_path, SHORT[: SHORT.index("[[pbx]]")]) == (
        "ringdesk.toml: pbx needs at least one [[pbx]] section"
    )


@pytest.mark.parametrize(
    "section", ["pbx = 1\n", "pbx = []\n", 'pbx = ["x"]\n', "[pbx]\nid = 'main'\n", "telegram = 7\n"]
)
def test_a_section_that_is_no_section_is_said(tmp_path: Path, section: str) -> None:
    assert trouble(tmp_path, section).startswith("ringdesk.toml: ")
    assert trouble(tmp_path, section, RINGDESK_TELEGRAM__PROXY="x", RINGDESK_PBX__A__URL="y")


def test_two_pbxes_of_one_id_are_refused(tmp_path: Path) -> None:
    twice = SHORT + SHORT[SHORT.index("[[pbx]]") :]
    assert trouble(tmp_path, twice) == "ringdesk.toml: pbx: every [[pbx]] needs an id of its own"


@pytest.mark.parametrize("name", ["RINGDESK_NONSENSE__KEY", "RINGDESK_PBX__KEY", "RINGDESK_HTTP__A__B"])
def test_a_name_in_the_environment_without_meaning_is_refused(tmp_path: Path, name: str) -> None:
    assert name in trouble(tmp_path, SHORT, **{name: "x"})


def test_an_unknown_key_in_the_environment_is_refused(tmp_path: Path) -> None:
    assert "telegram.tokn" in trouble(tmp_path, SHORT, RINGDESK_TELEGRAM__TOKN="the-api-key")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"nowhere\.toml: there is no such file"):
        load(tmp_path / "nowhere.toml", {})


def test_a_folder_and_bad_utf_8_are_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"can't be read \(IsADirectoryError\)"):
        load(tmp_path, {})
    (tmp_path / "latin.toml").write_bytes(b'x = "\xff"')
    with pytest.raises(BadSettings, match=r"can't be read \(UnicodeDecodeError\)"):
        load(tmp_path / "latin.toml", {})


def test_secrets_do_not_show_when_settings_are_printed(tmp_path: Path) -> None:
    shown = repr(settings(tmp_path, WHOLE)) + str(settings(tmp_path, WHOLE).model_dump())
    assert not any(secret in shown for secret in SECRETS)


def test_every_secret_is_known_to_the_logs(tmp_path: Path) -> None:
    read = settings(tmp_path, WHOLE, RINGDESK_DATABASE__URL="postgresql+asyncpg://u:dbpassword@db/x")
    assert set(SECRETS) <= set(cli.secrets_of(read))


# The program


async def ringdesk(*arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        env={**os.environ, **(environ or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_a_configuration_that_is_not_there_ends_the_program_with_status_2(tmp_path: Path) -> None:
    status, out, err = await ringdesk("run", "--config", str(tmp_path / "nowhere.toml"))
    assert (status, out) == (2, "")
    assert err == f"{tmp_path}/nowhere.toml: there is no such file; `ringdesk init` writes it\n"


async def test_a_bad_value_ends_the_program_with_status_2_and_nothing_is_started(tmp_path: Path) -> None:
    path = tmp_path / "ringdesk.toml"
    database = tmp_path / "must-not-be.db"
    path.write_text(WHOLE.replace("ringdesk.db", str(database)), encoding="utf-8")
    status, out, err = await ringdesk(
        "run", "--config", str(path), environ={"RINGDESK_PBX__MAIN__URL": "the-api-key"}
    )
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.startswith(f"{path}: pbx.main.url should look like ")
    assert "the-api-key" not in err
    assert not database.exists()
