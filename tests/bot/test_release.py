"""`./run release` in a repository of its own, with the real git."""

import re
import subprocess
from pathlib import Path

import pytest

from bot.release import DEPLOYED, main

LOG = "# Changelog\n\n## Unreleased\n\n### Added\n- The desk.\n"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean tree at version 0.1.0 that was not released yet."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Anna")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "anna@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "ringdesk"\nversion = "0.1.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(LOG)
    for name in DEPLOYED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("image: ringdesk:0.1.0\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "All")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_a_release_is_one_commit_and_a_tag(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["0.2.0"], clone) == 0
    assert 'version = "0.2.0"' in (clone / "pyproject.toml").read_text()
    assert re.fullmatch(
        r"# Changelog\n\n## Unreleased\n\n## 0\.2\.0 - \d{4}-\d\d-\d\d\n\n### Added\n- The desk\.\n",
        (clone / "CHANGELOG.md").read_text(),
    )
    assert {(clone / name).read_text() for name in DEPLOYED} == {"image: ringdesk:0.2.0\n"}
    assert git(clone, "log", "-1", "--format=%s") == "Ringdesk 0.2.0"
    assert git(clone, "rev-parse", "v0.2.0^{commit}") == git(clone, "rev-parse", "HEAD")
    assert git(clone, "status", "--porcelain") == ""
    assert capsys.readouterr().out.endswith(
        "Tagged: v0.2.0\nNext:\n  git push origin HEAD v0.2.0\n"
        "  docker build --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) --tag ringdesk:0.2.0 .\n"
    )


def test_a_dry_run_changes_nothing(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["0.2.0", "--dry-run"], clone) == 0
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "tag", "--list") == ""
    assert capsys.readouterr().out.startswith(
        "Would write: pyproject.toml, CHANGELOG.md, compose.yaml, docs/deploy/compose.yaml"
    )


def test_the_first_release_may_keep_the_version_it_has(clone: Path) -> None:
    assert main(["0.1.0"], clone) == 0
    assert git(clone, "tag", "--list") == "v0.1.0"


def test_what_stands_in_the_way_is_said(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refused(version: str) -> str:
        assert main([version], clone) == 1
        return capsys.readouterr().err

    assert main([]) == 2
    assert capsys.readouterr().err == "Which version? ./run release 1.2.3 [--dry-run]\n"
    assert refused("2") == "'2' should look like 1.2.3.\n"
    (clone / "new.py").write_text("")
    assert refused("0.2.0") == "There are changes that are not committed. Commit them first.\n"
    (clone / "new.py").unlink()
    assert main(["0.2.0"], clone) == 0
    capsys.readouterr()
    assert refused("0.2.0") == "The tag v0.2.0 is there already.\n"
    assert refused("0.1.9") == "0.1.9 is not newer than 0.2.0.\n"
    assert refused("0.3.0") == 'CHANGELOG.md has nothing under "Unreleased": say what is new.\n'


def test_our_own_files_are_as_the_release_expects() -> None:
    from bot.release import written

    files = written(Path().resolve(), "99.0.0", "2099-01-01")
    assert len(files) == 5
    for path, text in files.items():
        assert "99.0.0" in text, path
        assert text != path.read_text(encoding="utf-8")
