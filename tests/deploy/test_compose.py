"""Both `compose.yaml`s, as far as a machine without a container engine can: keys, references, hardening, pins."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import load
from tests.deploy.files import DEPLOY, ROOT, SECRETS, documents, text

#: Of the compose specification, what we use. A misspelt key would be ignored by nobody but us.
SERVICE_KEYS = frozenset(
    (
        *("image", "build", "command", "user", "read_only", "tmpfs", "cap_drop", "cap_add", "security_opt"),
        *("pids_limit", "mem_limit", "restart", "init", "stop_grace_period", "secrets", "volumes", "depends_on"),
        *("networks", "healthcheck", "logging", "ports", "shm_size", "environment"),
    )
)
HEALTH_KEYS = frozenset(("test", "interval", "timeout", "start_period", "retries"))
[COMPOSE] = documents("compose.yaml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
#: The one at the root: one process on SQLite.
OFFICE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
EVERY = {
    f"{folder}{name}": (whole, ROOT / folder, service)
    for folder, whole in (("", OFFICE), ("docs/deploy/", COMPOSE))
    for name, service in whole["services"].items()
}
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("ringdesk:")}


def test_there_are_two_of_us_and_what_they_need() -> None:
    assert set(OURS) == {"one", "two"}
    assert OURS["one"] == OURS["two"]
    assert set(COMPOSE) == {"name", "x-ringdesk", "services", "networks", "volumes", "secrets"}


@pytest.mark.parametrize("name", EVERY)
def test_only_keys_that_compose_has(name: str) -> None:
    _, _, service = EVERY[name]
    assert set(service) <= SERVICE_KEYS
    assert set(service.get("healthcheck", {})) <= HEALTH_KEYS


@pytest.mark.parametrize("name", EVERY)
def test_hardened(name: str) -> None:
    _, _, service = EVERY[name]
    is_proxy = name.endswith("proxy")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid"} & service.keys()
    # Caddy's own binary asks for the capability and does not start without it.
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if is_proxy else [])
    assert is_proxy or re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert is_proxy or "ports" not in service


@pytest.mark.parametrize("name", EVERY)
def test_pinned(name: str) -> None:
    tag = EVERY[name][2]["image"].rpartition(":")[2]
    assert re.match(r"\d+\.\d+", tag), "a tag that names a version"


@pytest.mark.parametrize("name", EVERY)
def test_whatever_is_referred_to_is_there(name: str) -> None:
    whole, folder, service = EVERY[name]
    assert set(service.get("secrets", [])) <= set(whole.get("secrets", []))
    assert set(service["networks"]) <= set(whole["networks"])
    assert set(service.get("depends_on", [])) <= set(whole["services"])
    for volume in service.get("volumes", []):
        if volume["type"] == "volume":
            assert volume["source"] in whole["volumes"]
        else:
            assert (folder / volume["source"]).is_file()
            assert volume["read_only"] is True


def test_ours_wait_for_the_database() -> None:
    assert OURS["one"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert SERVICES["db"]["healthcheck"]["test"]


def test_an_office_is_one_process_that_believes_its_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What `init` has written goes together with what is said here, which wins."""
    service, proxy = OFFICE["services"]["ringdesk"], OFFICE["services"]["proxy"]
    given = {key: re.sub(r"\$\{.+\}", "bot.example.com", value) for key, value in service["environment"].items()}
    (tmp_path / "ringdesk.toml").write_text(
        f'[telegram]\ntoken = "{SECRETS["telegram_token"]}"\n'
        '[[pbx]]\nid = "main"\nvendor = "vats_rest"\nurl = "https://x"\nkey = "k"\nwebhook_token = "w"\n'
    )
    settings = load(tmp_path / "ringdesk.toml", given)
    assert settings.http.public_url == "https://bot.example.com"
    [range_] = OFFICE["networks"]["inside"]["ipam"]["config"]
    assert [str(one) for one in settings.http.trusted_proxies] == [range_["subnet"]]
    assert OFFICE["networks"]["inside"]["internal"] is True
    assert set(proxy["networks"]) & set(service["networks"]) == {"inside"}
    assert f"reverse_proxy ringdesk:{settings.http.port} " in text("office.Caddyfile")
    [volume] = service["volumes"]
    assert volume["target"] == "/data"
    assert "WORKDIR /data" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert (ROOT / service["build"]["context"]) == ROOT


def test_the_secrets_are_the_files_that_the_configuration_reads() -> None:
    read = set(re.findall(r'_file = "/run/secrets/(\w+)"', text("ringdesk.toml")))
    assert read == set(COMPOSE["secrets"]) == set(SECRETS) == set(OURS["one"]["secrets"])
    assert SERVICES["db"]["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database_password"


def test_the_proxy_is_believed_and_nobody_else() -> None:
    [range_] = COMPOSE["networks"]["inside"]["ipam"]["config"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert set(SERVICES["proxy"]["networks"]) & set(OURS["one"]["networks"]) == {"inside"}
    assert f'trusted_proxies = ["{range_["subnet"]}"]' in text("ringdesk.toml")
    upstreams = re.search(r"reverse_proxy (.+?) \{", text("Caddyfile"))
    assert upstreams
    assert upstreams[1].split() == [f"{name}:8080" for name in OURS]


def test_the_database_is_the_one_of_the_configuration() -> None:
    wanted = SERVICES["db"]["environment"]
    assert f"//{wanted['POSTGRES_USER']}@db:5432/{wanted['POSTGRES_DB']}" in text("ringdesk.toml")
    [volume] = SERVICES["db"]["volumes"]
    assert wanted["PGDATA"].startswith(volume["target"])


def test_it_is_built_from_here() -> None:
    context = OURS["one"]["build"]["context"]
    assert (DEPLOY / context).resolve() == ROOT
    assert (ROOT / "Dockerfile").is_file()
