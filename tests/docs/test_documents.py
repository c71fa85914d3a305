"""Documents name what the program has: commands, buttons, settings, files; and say the same in every language."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot import check_words
from bot.cli import cli
from bot.registry import VENDORS
from bot.settings import SECTIONS, Settings
from desk import periods
from desk.until import until
from handlers.chat.dnd_wish import LENGTHS
from handlers.chat.menu import COMMANDS
from handlers.chat.settings_choices import CHOICES, OFF, OWN_CARDS, own_cards
from handlers.chat.texts import CATALOGUES, LANGUAGES, Texts
from pbx import numbers

USERS, OPERATORS = Path("docs/users"), Path("docs/operators")
TRANSLATED = [one for one in LANGUAGES if one != "en"]
ROLES = ("employee", "manager", "admin")
USERS_PAGES = [USERS / language / f"{role}.md" for language in LANGUAGES for role in ROLES]
OPERATORS_PAGES = sorted(OPERATORS.rglob("*.md"))
PAGES = sorted([Path("README.md"), Path("CONTRIBUTING.md"), *Path("docs").rglob("*.md"), *Path("pbx").rglob("*.md")])
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def quoted(page: Path) -> list[str]:
    """What stands in backticks outside of blocks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text_of(page), flags=re.MULTILINE | re.DOTALL))


def chat_commands(page: Path) -> list[str]:
    """``/dnd 45m``; addresses such as `/pbx/main` and placeholders are none."""
    return [one.replace("\\|", "|") for one in quoted(page) if re.match(r"/[a-z]+(?: |$)", one)]


# Words in the chat


@cache
def words(language: str) -> frozenset[str]:
    """Every text the program has in that language, without tags, and the headlines in them by themselves."""
    if language == "en":
        keys: dict[str, tuple[int, ...] | None] = {"say": None, "self": None, "count": (1, 2)}
        found = extract_from_dir(str(CATALOGUES.parent), method_map=[("**.py", "python")], keywords=keys)
        texts: list[Any] = [message for *_, message, _, _ in found]
    else:
        texts = []
        for path in sorted((CATALOGUES / language).glob("*.po")):
            with path.open("rb") as source:
                texts += [message.string for message in read_po(source, locale=language) if message.id]
    forms = [form for text in texts for form in ([text] if isinstance(text, str) else text)]
    headlines = [one for form in forms for one in re.findall(r"<b>(.+?)</b>", form)]
    return frozenset([*(re.sub(r"</?[a-z]+>", "", form) for form in forms), *headlines])


@pytest.mark.parametrize("page", USERS_PAGES, ids=str)
def test_what_is_bold_stands_in_the_chat(page: Path) -> None:
    bold = re.findall(r"\*\*(.+?)\*\*", text_of(page))
    assert len(bold) > 10
    by_itself = {"bold", "жирным", "жирним"}
    assert [one for one in bold if one not in words(page.parent.name) | by_itself] == []


def test_a_button_that_is_not_there_is_noticed() -> None:
    assert "🙋 Mine" in words("en")
    assert "🙋 Беру" in words("ru")
    assert "🙋 Mein" not in words("en") | words("ru") | words("uk")


@pytest.mark.parametrize("role", ROLES)
def test_every_language_quotes_the_same_buttons(role: str) -> None:
    counts = {language: text_of(USERS / language / f"{role}.md").count("**") for language in LANGUAGES}
    assert len(set(counts.values())) == 1, counts


# Commands


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_of_the_chat_exists(page: Path) -> None:
    known = {f"/{one.name}" for one in COMMANDS}
    others = {"/healthz", "/readyz", "/metrics", "/board", "/rest", "/tmp"}  # addresses and folders
    others |= {"/newbot", "/setprivacy"}  # @BotFather's own
    assert {one.split()[0] for one in chat_commands(page)} - others <= known


def understood(command: str, language: str) -> bool:
    """Whether the command's words are ones that the program reads. Raises where they are not."""
    name, _, rest = command.removeprefix("/").partition(" ")
    say = Texts(language, ZoneInfo("Europe/Moscow"))
    word, _, value = rest.partition(" ")
    if name == "settings" and rest:
        read = own_cards if word == OWN_CARDS else CHOICES[word].read
        read(value, say)
    elif name == "dnd" and rest not in ("", "on", "off") and rest not in LENGTHS:
        until(value if word == "anna" else rest, NOON, say.zone)
    elif name in ("summary", "history") and rest:
        asked = value if word in ("me", "я", "anna") else rest
        is_number = name == "history" and numbers.parse(asked, "RU") is not None
        return is_number or periods.read(asked, date(2026, 11, 21)) is not None
    elif name in ("call", "contact") and rest not in ("", "export"):
        return numbers.parse(word, "RU") is not None
    elif name == "connect":
        return rest in ("", "main", *OFF)
    return True


@pytest.mark.parametrize("page", USERS_PAGES, ids=str)
def test_every_example_is_understood(page: Path) -> None:
    asked = chat_commands(page)
    assert len(asked) > 5
    assert [one for one in asked if not understood(one, page.parent.name)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_explained_to_somebody(language: str) -> None:
    told = {one.split()[0] for role in ROLES for one in chat_commands(USERS / language / f"{role}.md")}
    assert {f"/{one.name}" for one in COMMANDS} - told == set()


@cache
def on_the_machine() -> dict[str, set[str]]:
    """Each command of the program to its options."""

    def below(group: object, before: str) -> Iterator[tuple[str, set[str]]]:
        for name, command in getattr(group, "commands", {}).items():
            yield from below(command, f"{before} {name}")
            if not hasattr(command, "commands"):
                yield f"{before} {name}", {option for param in command.params for option in param.opts}

    return dict(below(typer.main.get_command(cli), "ringdesk"))


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_command_of_the_machine_exists(page: Path) -> None:
    for command in re.findall(r"(?:`|^|\./run )(ringdesk [a-z][^`\n#]*)", text_of(page), re.MULTILINE):
        known = [one for one in on_the_machine() if f"{command.strip()} ".startswith(f"{one} ")]
        assert known, command
        options = set(re.findall(r"--[a-z][a-z-]*", command)) - {"--config", "--help"}
        assert options <= set().union(*(on_the_machine()[one] for one in known)), command


# Settings


@cache
def keys() -> frozenset[str]:
    """``telegram.token``, and a PBX's by themselves: ``poll_seconds``."""
    found = set()
    for section in SECTIONS:
        model = Settings.model_fields[section].annotation
        assert model is not None
        found |= {f"{section}.{key}" for key in getattr(model, "model_fields")}  # noqa: B009
    return frozenset(found | {key for vendor in VENDORS.values() for key in vendor.config.model_fields})


def table_of_settings(page: Path) -> dict[str, str]:
    """Each key to its default, as it stands."""
    rows = re.findall(r"^\| ((?:`[a-z_.]+`(?:, )?)+) \| ([^|]*) \|", text_of(page), re.MULTILINE)
    return {key: default.strip() for named, default in rows for key in re.findall(r"`([a-z_.]+)`", named)}


SETTINGS_PAGES = [Path("docs/settings.md"), *(page for page in OPERATORS_PAGES if page.name == "settings.md")]


@pytest.mark.parametrize("page", SETTINGS_PAGES, ids=str)
def test_every_key_is_in_the_table_and_no_other(page: Path) -> None:
    assert set(table_of_settings(page)) ^ keys() == set()


@pytest.mark.parametrize("page", SETTINGS_PAGES[1:], ids=str)
def test_the_defaults_are_those_of_the_english_page(page: Path) -> None:
    def plain(table: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in table.items() if value.startswith("`")}

    assert plain(table_of_settings(page)) == plain(table_of_settings(SETTINGS_PAGES[0]))


@pytest.mark.parametrize("page", SETTINGS_PAGES, ids=str)
def test_every_choice_of_a_chat_is_in_the_table(page: Path) -> None:
    language = page.parent.name if page.parent.name in LANGUAGES else "en"
    told = re.findall(r"^\| `([a-z]+) ([^`]+)`", text_of(page), re.MULTILINE)
    assert {key for key, _ in told} | {OWN_CARDS} == {*CHOICES, OWN_CARDS}
    assert all(understood(f"/settings {key} {value}", language) for key, value in told)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    sections = "|".join(SECTIONS)
    named = [one for one in quoted(page) if re.fullmatch(rf"(?:{sections})\.[a-z_]+", one)]
    assert [one for one in named if one.removesuffix("_file") not in keys()] == []


# Links and languages


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.casefold()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file) if file else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def shape(page: Path) -> tuple[list[str], int, list[str], list[str]]:
    """Levels of headings, rows of tables, commands and links."""
    text = text_of(page)
    commands = sorted(one.split()[0] for one in chat_commands(page))
    typed = sorted(" ".join(one.split()[:2]) for one in quoted(page) if one.startswith("ringdesk "))
    return re.findall(r"^#+(?= )", text, re.MULTILINE), text.count("\n|"), commands, typed


@pytest.mark.parametrize("role", ROLES)
def test_the_users_pages_say_the_same_in_every_language(role: str) -> None:
    english = shape(USERS / "en" / f"{role}.md")
    assert [language for language in TRANSLATED if shape(USERS / language / f"{role}.md") != english] == []


def test_the_operators_pages_say_the_same_in_every_language() -> None:
    names = Counter(page.name for page in OPERATORS_PAGES)
    assert len(names) >= 6
    assert [name for name, times in names.items() if times != len(TRANSLATED)] == []
    for name in names:
        assert len({repr(shape(OPERATORS / language / name)) for language in TRANSLATED}) == 1, name


def symptoms(page: Path) -> list[str]:
    return re.findall(r"^\| `([^`]+)` \(", text_of(page), re.MULTILINE)


@pytest.mark.parametrize("page", [one for one in OPERATORS_PAGES if one.name == "trouble.md"], ids=str)
def test_every_symptom_of_the_english_page_is_there(page: Path) -> None:
    """In the program's own words, or in those that the chat or `ringdesk check` has in that language."""
    english, told = symptoms(Path("docs/operating.md")), symptoms(page)
    assert len(told) == len(english)
    checks = {text for both in check_words.WORDS.values() for text in both}
    others = [one for one in told if one not in english]
    assert others
    assert [one for one in others if not any(one in text for text in words(page.parent.name) | checks)] == []


# Engineers' pages


def defined(file: Path) -> set[str]:
    """Functions, classes, their methods and names of a module: ``stories``, ``Intake.take``."""
    found = set()
    for node in ast.parse(text_of(file)).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            functions = [one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
            found |= {f"{node.name}.{one.name}" for one in functions}
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found |= {one.id for one in targets if isinstance(one, ast.Name)}
    return found


def test_the_ways_through_the_house_lead_to_code_that_is_there() -> None:
    page = Path("docs/house.md")
    named = [re.fullmatch(r"([\w/]+\.py): ([\w.]+)", one) for one in quoted(page)]
    pairs = [(one[1], one[2]) for one in named if one]
    assert len(pairs) > 15
    for file, name in pairs:
        assert name in defined(Path(file)) | {one.partition(".")[2] for one in defined(Path(file))}, f"{file}: {name}"
    for file in (one for one in quoted(page) if re.fullmatch(r"[\w/]+\.py", one)):
        assert Path(file).exists(), file
    for text, target in re.findall(r"\[`([\w/]+\.py): [\w.]+`\]\(([^)]+)\)", text_of(page)):
        assert target == f"../{text}"


def test_the_index_leads_to_every_page() -> None:
    index = Path("docs/index.md")
    linked = {(index.parent / one).resolve() for one in re.findall(r"\]\(([^)#]+)", text_of(index))}
    assert [one for one in Path("docs").rglob("*.md") if one != index and one.resolve() not in linked] == []


ICON = re.compile("[\u2194-\u2199\u21a9-\u21ff\u2300-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff\u25a0-\u25ff]")


def icons_of_the_chat() -> dict[str, str]:
    """Each icon to the module that has it; what is written about the code does not count."""
    found: dict[str, str] = {}
    for file in sorted(CATALOGUES.parent.glob("*.py")):
        tree = ast.parse(text_of(file))
        prose = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        strings = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node not in prose]
        for text in (one.value for one in strings if isinstance(one.value, str)):
            found |= dict.fromkeys(ICON.findall(text), file.name)
    return found


def test_every_icon_has_its_meaning() -> None:
    rows = re.findall(r"^\| (\S+) \| ", text_of(Path("docs/style.md")), re.MULTILINE)
    told = [one.removesuffix("\ufe0f") for one in rows if ICON.match(one)]
    assert len(told) == len(set(told))
    chat = icons_of_the_chat()
    assert {icon: file for icon, file in chat.items() if icon not in told} == {}, "not in docs/style.md"
    assert [one for one in told if one not in chat] == [], "nowhere in the chat"
