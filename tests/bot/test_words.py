"""Every word of the command line is there in three languages, and every vendor has its steps."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import check_words, operator_words
from bot.init import cabinet
from bot.init import words as init_words
from bot.registry import VENDORS
from bot.words import LANGUAGES, Table, Words, language_of

SPOKEN = {"bot/init/*.py": init_words.WORDS, "bot/check*.py": check_words.WORDS, "bot/*.py": operator_words.WORDS}


def said(pattern: str) -> Iterator[str]:
    """The first argument of every `say("…")`, whoever's it is."""
    for path in Path().glob(pattern):
        if pattern == "bot/*.py" and path.name.startswith("check"):
            continue  # they have words of their own
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in ("say", "_say"):
                    yield str(node.args[0].value)


@pytest.mark.parametrize("pattern", SPOKEN)
def test_nothing_is_missing_and_nothing_is_left_over(pattern: str) -> None:
    assert set(said(pattern)) == set(SPOKEN[pattern])


@pytest.mark.parametrize("table", SPOKEN.values(), ids=SPOKEN.keys())
def test_every_translation_has_the_placeholders_of_its_original(table: Table) -> None:
    for english, others in table.items():
        for told in others:
            assert set(re.findall(r"{\w*}", told)) == set(re.findall(r"{\w*}", english)), english


def test_every_vendor_has_its_steps_in_every_language() -> None:
    assert cabinet.CABINETS.keys() == VENDORS.keys()
    for language in LANGUAGES:
        say = Words(language, init_words.WORDS)
        for vendor, about in cabinet.CABINETS.items():
            assert list(about.keys(say)) == cabinet.secrets(vendor)
            assert all(about.steps(say, "https://bot.example.com/pbx/main", "key"))
            assert Path(cabinet.guide(vendor, language)).exists()


def test_the_machine_s_language_is_taken_if_we_speak_it() -> None:
    assert language_of({"LANG": "uk_UA.UTF-8"}) == "uk"
    assert language_of({"LC_ALL": "ru_RU.UTF-8", "LANG": "en_US.UTF-8"}) == "ru"
    assert language_of({"LANG": "de_DE.UTF-8"}) == language_of({}) == "en"
