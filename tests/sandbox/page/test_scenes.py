"""Every scene against the fake bot: what the chats and the trace show when it is over."""

from __future__ import annotations

import pytest

from sandbox.demo_office import CLIENTS, TEAM
from sandbox.page.actions import play
from sandbox.page.scenes import SCENES, Scene, Words
from sandbox.page.stage import Stage
from sandbox.telegram import Message
from tests.sandbox.page.conftest import Page
from tests.sandbox.page.fake_bot import FakeBot

OLGA = CLIENTS[0].phone


async def played(stage: Stage, name: str) -> list[Message]:
    """The bot's messages in the team chat after the scene, once all webhooks were taken."""
    await play(stage, SCENES[name], stage.office.phones["main"])
    phones = stage.office.phones["main"]
    journal = stage.office.journal
    await stage.world.until(lambda: not phones.waiting and not any(one.done for one in journal.untold), 20)
    return stage.world.from_bot(TEAM)


def said(stage: Stage) -> list[str]:
    return [one["say"] for one in stage.trace.views()]


async def test_a_missed_call_becomes_a_card_and_lines_of_the_trace(stage: Stage) -> None:
    (card,) = await played(stage, "missed")
    assert card.text == f"🔴 Missed +{OLGA}"
    lines = said(stage)
    assert lines.index("stage.calls_in_vain") < lines.index("pbx.rings") < lines.index("pbx.missed")
    missed = next(one for one in stage.trace.views() if one["say"] == "pbx.missed")
    assert (missed["source"], missed["target"], missed["ok"]) == ("pbx", "bot", True)
    assert missed["values"]["client"] == "+7 900 000-01-01"


async def test_the_same_client_calls_again(stage: Stage) -> None:
    await played(stage, "missed")
    (card,) = await played(stage, "again")
    assert card.text.endswith("called 2 times")


async def test_two_missed_scenes_are_two_clients(stage: Stage) -> None:
    await played(stage, "missed")
    assert [one.text[-11:] for one in await played(stage, "missed")] == [OLGA, CLIENTS[1].phone]


async def test_a_scene_that_needs_an_open_case_makes_one(stage: Stage) -> None:
    (card,) = await played(stage, "again")
    assert card.text.endswith("called 2 times")


async def test_igor_presses_the_cards_button_and_the_client_is_busy(stage: Stage) -> None:
    (card,) = await played(stage, "busy")
    assert card.text == f"🟠 Busy +{OLGA}"
    assert "stage.presses" in said(stage)
    assert "bot.makes_call" in said(stage)
    assert "stage.dials" not in said(stage)


async def test_without_a_card_igor_dials_himself(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.page.stage.CALL_BACK", "no such button")
    monkeypatch.setattr(Stage.card_of, "__defaults__", (0.05,))
    (card,) = await played(stage, "busy")
    assert card.text == f"🟠 Busy +{OLGA}"
    assert "stage.dials" in said(stage)


async def test_maria_gets_through_and_the_next_scene_is_about_somebody_else(stage: Stage) -> None:
    (card,) = await played(stage, "through")
    assert card.text == f"🟢 Called back +{OLGA}"
    assert [one.text for one in await played(stage, "missed")][1:] == [f"🔴 Missed +{CLIENTS[1].phone}"]


async def test_when_everybody_waits_for_a_call_strangers_call(stage: Stage) -> None:
    for _ in range(len(CLIENTS) + 1):
        cards = await played(stage, "missed")
    assert cards[-1].text == "🔴 Missed +79000000200"


async def test_a_rating_is_told(stage: Stage) -> None:
    assert [one.text for one in await played(stage, "rating")] == [f"⭐ 2 from {OLGA}"]


async def test_two_hundred_calls_reach_the_bot(stage: Stage) -> None:
    await played(stage, "flood")
    missed = [one for one in stage.trace.views() if one["say"] == "pbx.missed"]
    assert sum(one["times"] + one["others"] for one in missed) == 200
    assert len(missed) < 20


async def test_in_the_outage_calls_go_on_and_the_weather_clears(stage: Stage, bot: FakeBot) -> None:
    await play(stage, SCENES["outage"], stage.office.phones["main"])
    lines = said(stage)
    assert lines.count("stage.calls_in_vain") == 2
    assert lines.index("stage.telegram_down") < lines.index("stage.dials") < lines.index("stage.telegram_back")
    assert any(one["ok"] is False and one["target"] == "telegram" for one in stage.trace.views())
    assert stage.office.telegram.weather.fair
    assert stage.status()["outage_until"] is None


async def test_the_bot_is_killed_and_the_call_meanwhile_comes_once(stage: Stage, bot: FakeBot) -> None:
    (card,) = await played(stage, "kill")
    assert card.text == f"🔴 Missed +{OLGA}"
    assert bot.starts == 2
    failed = [one for one in stage.trace.views() if one["source"] == "pbx" and one["ok"] is False]
    assert failed


async def test_a_scene_is_not_played_twice_at_once_and_says_when_it_is_over(page: Page) -> None:
    assert (await page.post("/api/scene/missed"))[0] == 202
    assert (await page.post("/api/scene/missed"))[0] == 409
    assert page.stage.status()["playing"] == ["missed"]
    await page.world.until(lambda: not page.stage.playing)


async def test_a_scene_that_breaks_off_says_so(stage: Stage) -> None:
    async def broken(*_: object) -> None:
        raise ValueError("no electricity")

    words = Words("x", "x", "x")
    await play(stage, Scene("broken", "x", words, words, broken), stage.office.phones["main"])
    assert stage.trace.views()[-1]["values"] == {"why": "ValueError: no electricity"}
    assert not stage.playing
