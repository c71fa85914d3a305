"""The operators' page names commands, settings, files and words that the program really has."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import cli
from bot.settings import Settings

PAGE = Path("docs/operating.md").read_text(encoding="utf-8")
ROOMS = ("bot", "desk", "handlers", "pbx", "storage")
SYMPTOMS = re.findall(r"^\| `([^`]+)` \(", PAGE, re.MULTILINE)


def source() -> str:
    """Every text of the program, parts that are joined or filled in made whole as far as they stand side by side."""
    code = "\n".join(path.read_text(encoding="utf-8") for room in ROOMS for path in sorted(Path(room).rglob("*.py")))
    return re.sub(r'"\s*\n\s*f?"', "", code)


def commands(group: Any, before: str = "ringdesk") -> dict[str, set[str]]:
    """Each command to its options."""
    found: dict[str, set[str]] = {}
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            found |= commands(command, f"{before} {name}")
        else:
            found[f"{before} {name}"] = {option for param in command.params for option in param.opts}
    return found


def known() -> dict[str, set[str]]:
    return commands(typer.main.get_command(cli))


@pytest.mark.parametrize("words", SYMPTOMS)
def test_every_symptom_is_said_by_the_program(words: str) -> None:
    assert words in source()


def test_there_are_symptoms_to_look_for() -> None:
    assert len(SYMPTOMS) >= 15


def test_every_command_of_the_page_exists() -> None:
    named = re.findall(r"`(ringdesk [a-z][^`]*)`", PAGE)
    assert len(named) > 10
    for command in named:
        words = command.split()
        match = next((" ".join(words[:n]) for n in (3, 2) if " ".join(words[:n]) in known()), None)
        assert match, command
        assert set(re.findall(r"--[a-z]+", command)) <= known()[match], command


def test_every_command_for_operators_is_on_the_page() -> None:
    for command in known().keys() - {"ringdesk demo", "ringdesk contacts import"}:
        assert command in PAGE, command


def test_every_setting_and_file_of_the_page_exists() -> None:
    for section, key in re.findall(r"`(retention|log|telegram|http)\.(\w+)", PAGE):
        field = Settings.model_fields[section].annotation
        assert field is not None
        assert key in field.model_fields, key
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (Path("docs") / target).exists(), target
