"""While an answer takes long, the chat shows that somebody types it."""

import pytest

from handlers.chat import typing_shown
from tests.office import MARIA, Office


def shown(office: Office) -> list[tuple[object, object]]:
    requests = office.tg.journal.requests("sendChatAction")
    return [(int(one.params["chat_id"]), one.params["action"]) for one in requests]


async def test_who_waits_sees_that_it_is_under_way(staffed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing_shown, "PATIENCE", 0)
    await staffed.says(MARIA, staffed.team, "/who")
    assert shown(staffed) == [(staffed.team, "typing")]


async def test_a_quick_answer_needs_none(staffed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing_shown, "PATIENCE", 60)
    await staffed.says(MARIA, staffed.team, "/who")
    assert shown(staffed) == []


async def test_that_it_can_not_be_shown_keeps_nobody_waiting(
    staffed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing_shown, "PATIENCE", 0)
    staffed.tg.weather.flood(5, methods=["sendChatAction"])
    [answer] = await staffed.says(MARIA, staffed.team, "/who")
    assert answer.text.startswith("🧭 Who is where")
