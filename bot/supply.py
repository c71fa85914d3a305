"""What the program is built from, by its lock files: is anything in it known to be vulnerable, and a list of it all.

`python -m bot.supply audit LOCK…` and `python -m bot.supply sbom LOCK`; in a clone `./run audit` and `./run sbom`.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

#: Seconds for the whole look-up.
LOOK_UP_WITHIN = 120
_PINNED = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;\\]+)\s*(?:;\s*(?P<marker>[^\\]+?))?\s*\\?$"
)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pinned:
    """A line of a lock file."""

    name: str
    version: str
    marker: str
    """Where it is needed; empty: everywhere."""
    hashes: tuple[str, ...]
    """SHA-256 of each file that may be installed."""


def pinned(lock: Path) -> list[Pinned]:
    """Every package of a lock file, in its order. Raises ValueError for a line that pins nothing."""
    return list(_read(lock.read_text(encoding="utf-8").splitlines()))


def _read(lines: Sequence[str]) -> Iterator[Pinned]:
    heads = [number for number, line in enumerate(lines) if line.strip() and line[0] not in " #"]
    for start, end in zip(heads, [*heads[1:], len(lines)], strict=True):
        found = _PINNED.match(lines[start])
        if found is None:
            raise ValueError(f"line {start + 1} pins nothing: {lines[start]}")
        hashes = tuple(_HASH.findall("\n".join(lines[start:end])))
        yield Pinned(found["name"], found["version"], (found["marker"] or "").strip(), hashes)


# The list


def bill(lock: Path) -> dict[str, Any]:
    """CycloneDX 1.6. The same lock gives the same bytes: it holds no time, and its number comes from the contents."""
    packages = pinned(lock)
    version = _own_version()
    number = uuid5(NAMESPACE_URL, f"ringdesk {version} " + " ".join(f"{one.name}=={one.version}" for one in packages))
    us = {"type": "application", "bom-ref": "ringdesk", "name": "ringdesk", "version": version}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
        "metadata": {"component": {**us, "licenses": [{"license": {"id": "MIT"}}]}},
        "components": [_component(one) for one in packages],
        "dependencies": [{"ref": "ringdesk", "dependsOn": [_purl(one) for one in packages]}],
    }


def _component(one: Pinned) -> dict[str, Any]:
    hashes = [[{"alg": "SHA-256", "content": each}] for each in one.hashes]
    files = [{"type": "distribution", "url": _purl(one), "hashes": each} for each in hashes]
    said = {"type": "library", "bom-ref": _purl(one), "name": one.name, "version": one.version, "purl": _purl(one)}
    where = [{"name": "ringdesk:marker", "value": one.marker}] if one.marker else []
    return {**said, "externalReferences": files, **({"properties": where} if where else {})}


def _purl(one: Pinned) -> str:
    return f"pkg:pypi/{re.sub(r'[-_.]+', '-', one.name).lower()}@{one.version}"


def _own_version() -> str:
    said = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^version = "(.+)"', said, re.MULTILINE)
    return found[1] if found else "0"


# The audit


def audit(lock: Path, command: Sequence[str] = (sys.executable, "-m", "pip_audit")) -> tuple[int, str]:
    """Exit status and what to say. 1 only for what is known to be vulnerable: failing to look up fails nothing."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = ["--requirement", str(lock), "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
        whole = [*command, *options, "--format", "json", "--output", str(report)]
        try:
            ran = subprocess.run(whole, capture_output=True, text=True, check=False, timeout=LOOK_UP_WITHIN)
        except (OSError, subprocess.TimeoutExpired) as broken:
            return 0, _skipped(lock, type(broken).__name__)
        try:
            found = json.loads(report.read_text(encoding="utf-8"))["dependencies"]
        except (OSError, ValueError, KeyError):
            return 0, _skipped(lock, (ran.stderr.strip().splitlines() or ["it said nothing"])[-1])
    return _verdict(lock, found)


def _verdict(lock: Path, found: list[dict[str, Any]]) -> tuple[int, str]:
    """Where the index can't be asked, pip-audit skips each package and calls the whole harmless: we don't."""
    looked_up = [one for one in found if "skip_reason" not in one]
    bad = [(one, trouble) for one in looked_up for trouble in one.get("vulns", [])]
    if bad:
        return 1, "\n".join(f"{lock.name}: {_trouble(one, trouble)}" for one, trouble in bad)
    if not looked_up:
        return 0, _skipped(lock, "the index knows nothing of vulnerabilities")
    unknown = len(found) - len(looked_up)
    also = f", {unknown} could not be looked up" if unknown else ""
    return 0, f"{lock.name}: {len(looked_up)} packages looked up{also}, nothing known against them"


def _trouble(one: dict[str, Any], trouble: dict[str, Any]) -> str:
    mended = ", ".join(trouble.get("fix_versions", [])) or "no version yet"
    return f"{one['name']} {one['version']} is vulnerable: {trouble['id']}, mended in {mended}"


def _skipped(lock: Path, reason: str) -> str:
    return f"{lock.name}: the audit was skipped, known vulnerabilities could not be looked up ({reason[:200]})"


def main(arguments: Sequence[str]) -> int:
    """The exit status."""
    what, *files = arguments
    if what == "sbom":
        print(json.dumps(bill(Path(files[0])), indent=2))
        return 0
    verdicts = [audit(Path(file)) for file in files]
    for _, said in verdicts:
        print(said)
    return max(status for status, _ in verdicts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
