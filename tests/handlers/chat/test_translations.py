"""Every word people read exists in every language, with its placeholders, once, and none is left over."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from handlers.chat.texts import CATALOGUES, LANGUAGES, Texts

CHAT = CATALOGUES.parent
#: `say("…")` and `say.count("one", "many", n)`, also where the speaker is a scene's; `self(…)` in `Texts` itself.
KEYWORDS = {"say": None, "self": None, "count": (1, 2)}
OTHERS = [language for language in LANGUAGES if language != "en"]


def used() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(str(CHAT), method_map=[("**.py", "python")], keywords=KEYWORDS)
    return {message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found}


def messages(language: str) -> Iterator[tuple[Path, Message]]:
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as source:
            catalogue: Catalog = read_po(source, locale=language)
        yield from ((path, message) for message in catalogue if message.id)


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_missing(language: str) -> None:
    known = {message.id for _, message in messages(language)}
    missing = sorted(map(str, used() - known))
    assert missing == [], f"to be translated, each beside its like, in {CATALOGUES / language}/*.po"


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_over_or_there_twice(language: str) -> None:
    ids = Counter(message.id for _, message in messages(language))
    assert sorted(map(str, ids.keys() - used())) == []
    assert [one for one, times in ids.items() if times > 1] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_is_whole(language: str) -> None:
    """No empty form, and the same placeholders and tags as the original."""
    for path, message in messages(language):
        translated = message.string if isinstance(message.string, tuple | list) else [message.string]
        forms = [form or "" for form in translated]
        assert all(forms), f"{path.name}: {message.id!r} is not translated"
        assert not message.fuzzy, f"{path.name}: {message.id!r} is marked fuzzy"
        original = message.id[-1] if isinstance(message.id, tuple | list) else message.id
        for form in forms:
            assert placeholders(form) == placeholders(original), f"{path.name}: {message.id!r}"
            assert tags(form) == tags(original), f"{path.name}: {message.id!r}"


#: Letters of the neighbour, and an apostrophe from the keyboard.
FOREIGN = {"ru": "[іїєґ]", "uk": "[ыэёъ]|(?<=[а-яіїєґ])'"}


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_is_of_another_language(language: str) -> None:
    forms = [
        form
        for _, message in messages(language)
        for form in (message.string if isinstance(message.string, tuple | list) else [message.string])
    ]
    assert [form for form in forms if re.search(FOREIGN[language], (form or "").casefold())] == []


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["called 1 time", "called 2 times", "called 5 times", "called 21 times"]),
        ("ru", ["1 звонок", "2 звонка", "5 звонков", "21 звонок"]),
        ("uk", ["1 дзвінок", "2 дзвінки", "5 дзвінків", "21 дзвінок"]),
    ],
)
def test_plurals_are_right(language: str, told: list[str]) -> None:
    say = Texts(language, ZoneInfo("Europe/Moscow"))
    assert [str(say.count("called {n} time", "called {n} times", n)) for n in (1, 2, 5, 21)] == told


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def tags(text: str) -> list[str]:
    return sorted(re.findall(r"</?[a-z]+", text))
