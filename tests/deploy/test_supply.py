"""What we are built from: every package pinned by hash, an honest audit, a bill of materials."""

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from bot import supply
from tests.deploy.files import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")


# The locks


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_pinned_and_has_hashes(name: str) -> None:
    packages = supply.pinned(ROOT / name)
    assert len(packages) > 50
    assert [one.name for one in packages if not one.hashes] == []


@pytest.mark.parametrize("name", LOCKS)
def test_no_registry_is_named(name: str) -> None:
    for line in (ROOT / name).read_text().splitlines():
        assert "://" not in line
        assert not line.startswith("-"), line


def test_the_tools_run_with_what_the_program_runs_with() -> None:
    theirs = {(one.name, one.version): one for one in supply.pinned(ROOT / "requirements-dev.lock")}
    for one in supply.pinned(ROOT / "requirements.lock"):
        assert set(one.hashes) == set(theirs[one.name, one.version].hashes)


@pytest.mark.parametrize("line", ["-e .", "aiohttp>=3", "--index-url x", "https://example.com/a.whl"])
def test_what_pins_nothing_is_an_error(line: str, tmp_path: Path) -> None:
    (lock := tmp_path / "some.lock").write_text(f"{line}\n")
    with pytest.raises(ValueError, match="line 1 pins nothing"):
        supply.pinned(lock)


# The audit


def found(*vulnerable: str, skipped: int = 0) -> dict[str, Any]:
    """What pip-audit reports."""
    good: list[dict[str, Any]] = [{"name": "fine", "version": "1.0", "vulns": []}]
    bad = [{"name": one, "version": "1.0", "vulns": [{"id": "X-1", "fix_versions": ["1.1"]}]} for one in vulnerable]
    unknown = [{"name": f"unknown{number}", "skip_reason": "not found"} for number in range(skipped)]
    return {"dependencies": unknown if skipped and not bad else good + bad + unknown}


def look_up(tmp_path: Path, does: str) -> tuple[int, str]:
    """The audit with a look-up that `does` something, `out` being the file to report into."""
    program = f"import sys; out = sys.argv[sys.argv.index('--output') + 1]\n{does}"
    (lock := tmp_path / "some.lock").write_text("fine==1.0\n")
    return supply.audit(lock, (sys.executable, "-c", program))


def reports(report: object) -> str:
    return f"open(out, 'w').write({json.dumps(report)!r})"


def test_a_known_vulnerability_fails_and_is_named(tmp_path: Path) -> None:
    status, said = look_up(tmp_path, reports(found("leaky")) + "; sys.exit(1)")
    assert (status, said) == (1, "some.lock: leaky 1.0 is vulnerable: X-1, mended in 1.1")


def test_nothing_known_passes(tmp_path: Path) -> None:
    assert look_up(tmp_path, reports(found())) == (
        0,
        "some.lock: 1 packages looked up, nothing known against them",
    )


SKIPPED = "some.lock: the audit was skipped, known vulnerabilities could not be looked up "


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("sys.exit('ConnectionError: no route')", "(ConnectionError: no route)"),
        ("pass", "(it said nothing)"),
        ("open(out, 'w').write('{')", "(it said nothing)"),
        (reports(found(skipped=3)), "(the index knows nothing of vulnerabilities)"),
    ],
    ids=["no network", "no report", "half a report", "an index that can't say"],
)
def test_without_a_look_up_it_says_that_it_was_skipped(tmp_path: Path, does: str, reason: str) -> None:
    assert look_up(tmp_path, does) == (0, SKIPPED + reason)


def test_without_the_tool_it_says_so_too(tmp_path: Path) -> None:
    (lock := tmp_path / "some.lock").write_text("fine==1.0\n")
    assert supply.audit(lock, ("/nowhere/pip-audit",)) == (0, SKIPPED + "(FileNotFoundError)")


def test_it_never_waits_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supply, "LOOK_UP_WITHIN", 0.3)
    assert look_up(tmp_path, "import time; time.sleep(60)") == (0, SKIPPED + "(TimeoutExpired)")


def test_the_real_tool_without_a_network_is_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its options are those it has, and its refusal is understood."""
    nowhere = "http://127.0.0.1:9"
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, nowhere)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    lock = tmp_path / "some.lock"
    lock.write_text(f"fine==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    status, said = supply.audit(lock)
    assert status == 0
    assert said.startswith(SKIPPED)
    assert "usage" not in said


# The bill of materials


def cyclonedx() -> jsonschema_rs.Validator:
    """The format's own schema, as its library carries it."""
    shelf = files("cyclonedx.schema._res")
    names = [one.name for one in shelf.iterdir() if one.name.endswith(".SNAPSHOT.schema.json")]
    schemas = {name: json.loads((shelf / name).read_text(encoding="utf-8")) for name in names}
    registry = jsonschema_rs.Registry([(f"http://cyclonedx.org/schema/{name}", one) for name, one in schemas.items()])
    return jsonschema_rs.validator_for(schemas["bom-1.6.SNAPSHOT.schema.json"], registry=registry)


def test_it_is_cyclonedx_and_holds_what_the_lock_holds() -> None:
    lock = ROOT / "requirements.lock"
    bill = supply.bill(lock)
    assert [str(error) for error in cyclonedx().iter_errors(bill)] == []
    assert not cyclonedx().is_valid({**bill, "components": [{"type": "nonsense"}]})
    packages = supply.pinned(lock)
    assert [(one["name"], one["version"]) for one in bill["components"]] == [
        (one.name, one.version) for one in packages
    ]
    assert len({one["bom-ref"] for one in bill["components"]}) == len(packages)
    aiohttp = next(one for one in bill["components"] if one["name"] == "aiohttp")
    assert aiohttp["purl"] == f"pkg:pypi/aiohttp@{aiohttp['version']}"
    assert len(aiohttp["externalReferences"]) > 10


def test_the_command_prints_the_same_bytes_each_time() -> None:
    command = [sys.executable, str(ROOT / "run"), "sbom"]
    first, again = (
        subprocess.run(command, capture_output=True, check=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    )
    assert first == again
    assert json.loads(first)["bomFormat"] == "CycloneDX"


def test_run_knows_its_commands_and_the_audit_is_part_of_the_tests() -> None:
    said = subprocess.run([sys.executable, str(ROOT / "run"), "--help"], capture_output=True, text=True, check=True)
    for name in ("demo", "test", "ringdesk", "lock", "audit", "sbom", "reliability"):
        assert f"./run {name} " in said.stdout
    steps = (ROOT / "run").read_text().partition("steps = [")[2].partition("]\n    return")[0]
    assert "AUDIT," in steps
