"""Lines of the trace: what is merged, what is left out, what is worded."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

import sandbox.page
from sandbox.page.scenes import SCENES
from sandbox.page.telegram_trace import note
from sandbox.page.trace import IN_SIGHT, ONE_MOMENT, Party, Trace, pretty
from sandbox.telegram import Request, World

STATIC = Path(sandbox.page.__path__[0]) / "static"
WORDS: dict[str, dict[str, str]] = json.loads((STATIC / "words.json").read_text(encoding="utf-8"))
CODE: dict[str, list[str]] = json.loads((STATIC / "code.json").read_text(encoding="utf-8"))
SOURCES = [*STATIC.glob("*.js"), *STATIC.glob("*.html"), *STATIC.parent.glob("*.py")]
LANGUAGES = {"en", "ru", "uk"}


@pytest.fixture
def told() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def trace(told: list[dict[str, Any]]) -> Trace:
    return Trace(told.append, kept=3)


def request(method: str, status: int = 200, **params: Any) -> Request:
    return Request(method, params, World().clock(), status, done=True)


def test_the_same_line_again_is_counted_not_repeated(trace: Trace, told: list[dict[str, Any]]) -> None:
    for _ in range(3):
        trace.note("bot", "telegram", "bot.asks_for_news", ok=False, status="…")
    (view,) = trace.views()
    assert view["times"] == 3
    assert [one["entry"]["id"] for one in told] == [1, 1, 1]


def test_a_line_in_between_ends_the_counting(trace: Trace) -> None:
    for say in ("bot.sends", "bot.edits", "bot.sends"):
        trace.note("bot", "telegram", say, ok=True)
    assert [one["times"] for one in trace.views()] == [1, 1, 1]


def test_a_line_in_sight_can_be_counted_where_it_stands(told: list[dict[str, Any]]) -> None:
    trace = Trace(told.append)
    asks = trace.note("bot", "pbx", "bot.asks_for_calls", pbx="t2")
    trace.note("stage", "stage", "stage.flood")
    assert trace.again(asks)
    assert [(one["say"], one["times"]) for one in trace.views()] == [("bot.asks_for_calls", 2), ("stage.flood", 1)]
    assert told[-1]["entry"]["id"] == asks.id
    for number in range(IN_SIGHT):
        trace.note("stage", "stage", "stage.flood", {"number": number})
    assert not trace.again(asks)


def test_what_many_are_told_in_one_moment_is_one_line(trace: Trace, told: list[dict[str, Any]]) -> None:
    for who in ("Anna", "Igor", "Maria"):
        trace.note("pbx", "bot", "pbx.rings", {"who": who}, ok=True, pbx="main")
    (view,) = trace.views()
    assert (view["values"], view["others"], view["times"]) == ({"who": "Anna"}, 2, 1)
    assert told[-1]["entry"] == view
    trace.note("pbx", "bot", "pbx.rings", {"who": "Anna"}, ok=False, pbx="main")
    assert [one["others"] for one in trace.views()] == [2, 0]


def test_what_comes_later_has_a_line_of_its_own(told: list[dict[str, Any]]) -> None:
    moment = datetime(2026, 3, 18, 9, tzinfo=UTC)
    trace = Trace(told.append, now=lambda: moment)
    for client in ("1", "2"):
        trace.note("pbx", "bot", "pbx.missed", {"client": client})
        moment += ONE_MOMENT
    assert [one["values"]["client"] for one in trace.views()] == ["1", "2"]


def test_the_same_of_two_pbxes_is_two_lines(trace: Trace) -> None:
    for pbx in ("main", "form"):
        trace.note("bot", "pbx", "bot.reads_users", pbx=pbx)
    assert [(one["pbx"], one["times"]) for one in trace.views()] == [("main", 1), ("form", 1)]


def test_only_the_last_lines_are_kept(trace: Trace) -> None:
    for number in range(5):
        trace.note("stage", "stage", "stage.flood", {"number": number})
    assert [one["values"]["number"] for one in trace.views()] == ["2", "3", "4"]


def test_polling_is_told_only_when_it_fails(trace: Trace) -> None:
    note(World(), trace, request("getUpdates"))
    assert trace.views() == []
    note(World(), trace, request("getUpdates", 502))
    assert [(one["say"], one["ok"], one["status"]) for one in trace.views()] == [("bot.asks_for_news", False, "502")]


def test_an_edit_that_changes_nothing_is_no_line(trace: Trace) -> None:
    edit = request("editMessageText", 400, text="x")
    edit.description = "Bad Request: message is not modified: specified new message content"
    note(World(), trace, edit)
    assert trace.views() == []


def test_a_message_is_told_by_its_first_line_without_tags(trace: Trace) -> None:
    world = World()
    group = world.add_group("Sales")
    note(world, trace, request("sendMessage", chat_id=group.id, text="<b>R&amp;D</b> called\nmore"))
    assert trace.views()[0]["values"] == {"chat": "Sales", "text": "R&D called"}


def test_too_many_requests_stands_out(trace: Trace) -> None:
    note(World(), trace, request("sendMessage", 429, chat_id=5, text="x" * 200))
    (view,) = trace.views()
    assert (view["ok"], view["status"], len(view["values"]["text"])) == (False, "429", 70)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("79000000101", "+7 900 000-01-01"),
        ("+380440000001", "+380 44 000 0001"),
        ("", ""),
        ("48220000001", "48220000001"),
        ("anonymous", "anonymous"),
    ],
)
def test_numbers_are_shown_as_people_write_them(phone: str, shown: str) -> None:
    assert pretty(phone) == shown


@pytest.mark.parametrize("key", WORDS)
def test_every_word_is_there_in_every_language_with_the_same_gaps(key: str) -> None:
    assert set(WORDS[key]) == LANGUAGES
    gaps = {frozenset(re.findall(r"\{(\w+)\}", text)) for text in WORDS[key].values()}
    assert len(gaps) == 1


def test_no_word_is_missing_and_none_is_unused() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    named = set(re.findall(r"""["'`]([a-z]+\.[a-z_]+)["'`]""", code))
    groups = {key.partition(".")[0] for key in WORDS}
    asked = {key for key in named if key.partition(".")[0] in groups}
    parties = {f"party.{name}" for name in get_args(Party)}
    assert asked - WORDS.keys() == set()
    assert WORDS.keys() - asked - parties == set()
    assert parties <= WORDS.keys()


def test_every_line_leads_to_code_that_is_there() -> None:
    says = {key for key in WORDS if key.partition(".")[0] in ("pbx", "bot", "stage")}
    assert CODE.keys() - says == {"pbx", "bot", "stage"}
    for place in {one for places in CODE.values() for one in places}:
        file, _, name = place.partition(": ")
        *_, last = name.split(".")
        found = rf"^(    )?(async def|def|class) {last}\b|^{last}\b"
        assert re.search(found, Path(file).read_text(encoding="utf-8"), re.MULTILINE), place


@pytest.mark.parametrize("name", SCENES)
def test_every_scene_says_in_one_line_what_to_watch_for(name: str) -> None:
    view = SCENES[name].view()
    for words in (view["title"], view["watch"]):
        assert set(words) == LANGUAGES
        assert all(0 < len(text) <= 90 and "\n" not in text for text in words.values())
