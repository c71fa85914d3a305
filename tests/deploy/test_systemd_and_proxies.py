"""The systemd unit and the proxies' snippets: by the programs themselves where they are, else what can be read."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, need, text

CADDYFILES = ("Caddyfile", "office.Caddyfile")


def directives(name: str) -> dict[str, list[str]]:
    """Section-less: every `Key=value` of a unit, in order."""
    read: dict[str, list[str]] = {}
    for line in text(name).splitlines():
        key, found, value = line.partition("=")
        if found and not line.startswith("#"):
            read.setdefault(key, []).append(value)
    return read


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """Only the program's place is another one: it has to be there."""
    unit = tmp_path / "ringdesk.service"
    unit.write_text(text("ringdesk.service").replace("/opt/ringdesk/bin/ringdesk", sys.executable), encoding="utf-8")
    command = [need("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(unit)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr.strip()) == (0, "")


def test_systemd_finds_it_well_guarded() -> None:
    """`security` counts what a service may still do, from 0.0 to 10.0. What is left is the network."""
    unit = str(DEPLOY / "ringdesk.service")
    command = [need("systemd-analyze"), "security", "--offline=true", "--threshold=20", "--no-pager", unit]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout[-300:] + ran.stderr


def test_the_unit_says_what_the_program_needs() -> None:
    said = directives("ringdesk.service")
    assert said["ExecStart"] == ["/opt/ringdesk/bin/ringdesk run --config ${CREDENTIALS_DIRECTORY}/ringdesk.toml"]
    assert int(said["TimeoutStopSec"][0]) > 10
    assert said["RestartPreventExitStatus"] == ["2"]
    assert said["LoadCredential"] == ["ringdesk.toml:/etc/ringdesk/ringdesk.toml"]
    parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=False)
    parser.read_string(text("ringdesk.service"))
    assert parser.sections() == ["Unit", "Service", "Install"]


def test_nginx_takes_the_site(tmp_path: Path) -> None:
    nginx = need("nginx")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = [
        need("openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "1",
    ]
    subprocess.run(
        [*request, "-subj", "/CN=x", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    site = re.sub(r"/etc/letsencrypt/\S+/fullchain\.pem", str(certificate), text("nginx.conf"))
    site = re.sub(r"/etc/letsencrypt/\S+/privkey\.pem", str(key), site)
    (tmp_path / "site.conf").write_text(site, encoding="utf-8")
    whole = (
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    command = [nginx, "-t", "-q", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("name", CADDYFILES)
def test_caddy_takes_the_site(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGDESK_HOST", "bot.example.com")
    command = [need("caddy"), "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / name)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_braces_are_balanced_and_directives_end() -> None:
    """What can be said without either program."""
    for name in ("nginx.conf", *CADDYFILES):
        code = [re.sub(r"(^|\s)#.*", "", line).strip() for line in text(name).splitlines()]
        assert "".join(code).count("{") == "".join(code).count("}") > 0
        if name == "nginx.conf":
            assert [line for line in code if line and not line.endswith((";", "{", "}"))] == []


def test_the_proxies_let_in_the_same_and_keep_the_rest_inside() -> None:
    for name in ("nginx.conf", *CADDYFILES):
        let_in = next(line for line in text(name).splitlines() if "/pbx/" in line or "(pbx/" in line)
        assert all(word in let_in for word in ("pbx/", "telegram/", "healthz"))
        assert not any(word in let_in for word in ("metrics", "readyz"))
    assert "X-Forwarded-For $remote_addr" in text("nginx.conf")
