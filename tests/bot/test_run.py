"""`./run`: what it lists, and which command becomes which; installing is left out."""

import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
import yaml

RUN = Path("run")
COMMANDS = ["demo", "test", "ringdesk", "lock", "lint", "dev", "release", "audit", "sbom", "reliability", "bench"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The script, with `called` instead of doing anything."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = spec_from_loader("run", SourceFileLoader("run", str(RUN)))
    assert spec is not None
    assert spec.loader is not None
    module: Any = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.called = []
    module.install = lambda lock_file: None
    module.call = module.become = lambda command: module.called.append([Path(command[0]).name, *command[1:]]) or 0
    return module


def test_alone_it_lists_what_it_can_do() -> None:
    ran = subprocess.run([sys.executable, str(RUN)], capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    listed = re.findall(r"^  \./run (\w+) +(.+)$", ran.stdout, re.MULTILINE)
    assert sorted(name for name, _ in listed) == sorted(COMMANDS)
    assert all(says[0].islower() and "\n" not in says for _, says in listed)
    unknown = subprocess.run([sys.executable, str(RUN), "fly"], capture_output=True, text=True, check=False)
    assert (unknown.returncode, unknown.stdout) == (2, ran.stdout)


def test_lint_is_all_tools_or_one_with_files(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run.lint([]) == 0
    assert [command[0] for command in run.called] == ["ruff", "ruff", run.PYTHON.name, "lint-imports"]
    run.called.clear()
    assert run.lint(["ruff", "bot/cli.py"]) == 0
    assert run.called == [["ruff", "check", "bot/cli.py"]]
    assert run.lint(["black"]) == 2
    assert capsys.readouterr().err == "Not one of ruff, format, mypy, imports: black\n"


def test_the_first_tool_that_complains_decides(run: Any) -> None:
    run.call = lambda command: 3 if command[-1] == "check" else 0
    assert run.lint([]) == 3


def test_dev_and_release_hand_on_what_they_get(run: Any) -> None:
    run.dev(["--port", "8090"])
    run.release(["1.2.3", "--dry-run"])
    assert [command[1:] for command in run.called] == [
        ["-m", "bot.dev", "--port", "8090"],
        ["-m", "bot.release", "1.2.3", "--dry-run"],
    ]


def test_what_is_done_before_a_commit_is_what_run_can_do_and_fetches_nothing(run: Any) -> None:
    text = Path(".pre-commit-config.yaml").read_text(encoding="utf-8")
    [repo] = yaml.safe_load(text)["repos"]
    assert repo["repo"] == "local"
    assert "://" not in text
    for hook in repo["hooks"]:
        program, *arguments = hook["entry"].split()
        assert (program, hook["language"]) == ("./run", "system")
        assert getattr(run, arguments[0])(arguments[1:]) == 0
    assert len(run.called) == len(repo["hooks"]) == 4


def test_templates_are_well_formed() -> None:
    for path in Path(".github/ISSUE_TEMPLATE").glob("*.yml"):
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
        for part in read.get("body", []):
            assert part["type"] in ("markdown", "textarea", "input", "dropdown")
            assert part["type"] == "markdown" or part["attributes"]["label"]
    assert "./run test" in Path(".github/pull_request_template.md").read_text(encoding="utf-8")
