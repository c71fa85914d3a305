"""`./run release X.Y.Z`: the version, the changelog, a commit and a tag. Standard library only; nothing is pushed."""

import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
UNRELEASED = "## Unreleased\n"
#: Files that name the image with the version it has.
DEPLOYED = ("compose.yaml", "docs/deploy/compose.yaml", "docs/deploy/kubernetes.yaml")


class CannotRelease(Exception):
    """Why not, and what to do."""


def parsed(version: str) -> tuple[int, ...]:
    found = VERSION.fullmatch(version)
    if not found:
        raise CannotRelease(f"{version!r} should look like 1.2.3.")
    return tuple(map(int, found.groups()))


def written(folder: Path, version: str, today: str) -> dict[Path, str]:
    """Every file that names the version, as it is to be. Raises `CannotRelease`."""
    project, log = folder / "pyproject.toml", folder / "CHANGELOG.md"
    said = project.read_text(encoding="utf-8")
    old = (re.findall(r'^version = "(.+)"$', said, re.MULTILINE) or ["none"])[0]
    if parsed(version) <= parsed(old) and f"## {old}" in log.read_text(encoding="utf-8"):
        raise CannotRelease(f"{version} is not newer than {old}.")
    files = {
        project: said.replace(f'version = "{old}"', f'version = "{version}"', 1),
        log: _logged(log.read_text(encoding="utf-8"), version, today),
    }
    for name in DEPLOYED:
        text = (folder / name).read_text(encoding="utf-8")
        files[folder / name] = text.replace(f"ringdesk:{old}", f"ringdesk:{version}")
    return files


def _logged(log: str, version: str, today: str) -> str:
    """What was unreleased becomes this version's, and an empty "Unreleased" stands above it."""
    before, found, after = log.partition(UNRELEASED)
    news = after.partition("\n## ")[0]
    if not found or not re.search(r"^- ", news, re.MULTILINE):
        raise CannotRelease('CHANGELOG.md has nothing under "Unreleased": say what is new.')
    return f"{before}{UNRELEASED}\n## {version} - {today}\n{after}"


def git(folder: Path, *arguments: str) -> str:
    """What it says. Raises `CannotRelease` with its complaint."""
    ran = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise CannotRelease(f"git {arguments[0]}: {ran.stderr.strip()}")
    return ran.stdout.strip()


def release(folder: Path, version: str, *, dry_run: bool, today: str) -> None:
    """Raises `CannotRelease` before anything is changed."""
    parsed(version)
    if git(folder, "status", "--porcelain"):
        raise CannotRelease("There are changes that are not committed. Commit them first.")
    if git(folder, "tag", "--list", f"v{version}"):
        raise CannotRelease(f"The tag v{version} is there already.")
    files = written(folder, version, today)
    names = [str(path.relative_to(folder)) for path in files]
    print(f"{'Would write' if dry_run else 'Written'}: {', '.join(names)}")
    if not dry_run:
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        git(folder, "commit", "-q", "-m", f"Ringdesk {version}", "--", *names)
        git(folder, "tag", "-a", f"v{version}", "-m", f"Ringdesk {version}")
    print(f"{'Would tag' if dry_run else 'Tagged'}: v{version}")
    print("Next:")
    print(f"  git push origin HEAD v{version}")
    print(f"  docker build --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) --tag ringdesk:{version} .")


def main(arguments: Sequence[str], folder: Path = Path()) -> int:
    """The exit status."""
    versions = [one for one in arguments if one != "--dry-run"]
    if len(versions) != 1:
        print("Which version? ./run release 1.2.3 [--dry-run]", file=sys.stderr)
        return 2
    try:
        release(
            folder.resolve(), versions[0], dry_run="--dry-run" in arguments, today=f"{datetime.now(UTC):%Y-%m-%d}"
        )
    except CannotRelease as no:
        print(no, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
