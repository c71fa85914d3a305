"""The page's HTTP API over real HTTP."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from sandbox.demo_office import ANNA, IGOR, MANAGERS, TEAM, set_up
from sandbox.page.server import POLICY
from sandbox.page.stage import Stage
from sandbox.skipped_time import SkippedTime
from tests.sandbox.page.conftest import Page
from tests.sandbox.page.fake_bot import PNG

ANNAS = {"as": ANNA.user_id, "chat": ANNA.user_id}


async def test_the_state_holds_all_that_the_page_shows(page: Page) -> None:
    status, state = await page.get("/api/state")
    assert status == 200
    assert {chat["id"] for chat in state["chats"]} == {TEAM, MANAGERS, 1001, 1002, 1003}
    assert (state["team"], state["managers"]) == (TEAM, MANAGERS)
    assert [one["name"] for one in state["people"]] == ["Анна", "Игорь", "Мария"]
    assert state["menus"]["1001"][str(TEAM)] == [{"command": "help", "description": "What I can do"}]
    assert datetime.fromisoformat(state["status"].pop("now")).utcoffset() == timedelta(0)
    assert state["status"] == {
        "bot": "up",
        "language": "en",
        "telegram": True,
        "outage_until": None,
        "waiting": {"main": 0, "form": 0, "phonet": 0, "t2": 0},
        "playing": [],
        "settled": True,
    }
    assert [one["name"] for one in state["scenes"]] == [
        *("missed", "again", "busy", "through", "claim", "escalation", "live"),
        *("rating", "recording", "night", "summary", "who", "flood", "outage", "kill"),
    ]
    everywhere = ["main", "form", "phonet", "t2"]
    assert [one["id"] for one in state["pbxes"]] == everywhere
    limited = {one["name"]: one["pbxes"] for one in state["scenes"] if one["pbxes"] != everywhere}
    assert limited == {"rating": ["main"], "live": ["main", "form", "phonet"]}


async def test_the_state_of_one_person_holds_only_what_they_see(page: Page) -> None:
    _, state = await page.get(f"/api/state?as={IGOR.user_id}")
    assert {chat["id"] for chat in state["chats"]} == {TEAM, IGOR.user_id}
    assert (await page.get("/api/state?as=5"))[0] == 404


async def test_what_somebody_types_reaches_the_bot_and_the_answer_the_chat(page: Page) -> None:
    assert (await page.post("/api/say", {**ANNAS, "text": "/start"}))[0] == 200
    answer = await page.world.until(lambda: page.world.from_bot(ANNA.user_id))
    assert answer[0].text == "Hello. /help"
    await page.post("/api/contact", ANNAS)
    await page.world.until(lambda: page.world.from_bot(ANNA.user_id)[-1].text == "Linked: 79000000001")


async def test_a_reply_names_the_message_it_answers(page: Page) -> None:
    _, first = await page.post("/api/say", {"as": IGOR.user_id, "chat": TEAM, "text": "hello"})
    _, second = await page.post(
        "/api/say", {"as": ANNA.user_id, "chat": TEAM, "text": "/link igor", "reply_to": first["message"]}
    )
    assert page.world.message(TEAM, second["message"]).reply_to == first["message"]


async def test_a_press_answers_when_the_bot_did(page: Page) -> None:
    await page.post("/api/say", {**ANNAS, "text": "/alert"})
    (message,) = await page.world.until(lambda: page.world.from_bot(ANNA.user_id))
    status, answer = await page.post("/api/press", {**ANNAS, "message": message.id, "data": "alert"})
    assert (status, answer) == (200, {"answered": True, "text": "Read this", "show_alert": True})


async def test_a_press_that_the_bot_ignores_does_not_wait_for_ever(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.page.actions.ANSWER_WITHIN", 0.05)
    await page.post("/api/say", {**ANNAS, "text": "/alert"})
    (message,) = await page.world.until(lambda: page.world.from_bot(ANNA.user_id))
    assert await page.post("/api/press", {**ANNAS, "message": message.id, "data": "silence"}) == (
        200,
        {"answered": False},
    )


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/say", {"as": 1002, "chat": 1001, "text": "peeping"}, 404),
        ("/api/say", {"as": 77, "chat": TEAM, "text": "a stranger"}, 404),
        ("/api/say", {**ANNAS, "text": ""}, 400),
        ("/api/say", {**ANNAS, "text": "   "}, 400),
        ("/api/say", {**ANNAS, "text": 5}, 400),
        ("/api/say", {**ANNAS, "text": "x", "reply_to": 99}, 404),
        ("/api/press", {**ANNAS, "message": 99, "data": "x"}, 404),
        ("/api/scene/nothing", {}, 404),
        ("/api/scene/missed", {"pbx": "other"}, 404),
        ("/api/scene/rating", {"pbx": "t2"}, 409),
        ("/api/language", {"language": "de"}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused_with_a_reason(
    page: Page, path: str, body: dict[str, object], status: int
) -> None:
    answered, answer = await page.post(path, body)
    assert answered == status
    assert answer["error"]


async def test_other_names_other_sites_and_forms_are_refused(page: Page) -> None:
    assert (await page.get("/api/state", Host="evil.example"))[0] == 403
    assert (await page.post("/api/say", {**ANNAS, "text": "x"}, Origin="https://evil.example"))[0] == 403
    own = page.url
    assert (await page.post("/api/say", {**ANNAS, "text": "x"}, Origin=own))[0] == 200
    async with page.session.post(page.url + "/api/start", data="{}") as response:
        assert response.status == 415


@pytest.mark.parametrize("path", ["/", "/static/main.js", "/api/state", "/nowhere", "/files/nothing"])
async def test_every_answer_forbids_other_addresses_and_inline_script(page: Page, path: str) -> None:
    async with page.session.get(page.url + path) as response:
        assert response.headers["Content-Security-Policy"] == POLICY
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


async def test_files_are_shown_whole_and_in_parts(page: Page) -> None:
    await page.post("/api/say", {**ANNAS, "text": "/photo"})
    (message,) = await page.world.until(lambda: page.world.from_bot(ANNA.user_id))
    assert message.media is not None
    url = f"{page.url}/files/{message.media.file.id}"
    async with page.session.get(url) as response:
        assert (response.content_type, await response.read()) == ("image/jpeg", PNG)
        assert "Content-Disposition" not in response.headers
    async with page.session.get(url, headers={"Range": "bytes=1-3"}) as response:
        assert (response.status, await response.read()) == (206, b"PNG")
        assert response.headers["Content-Range"] == f"bytes 1-3/{len(PNG)}"
    async with page.session.get(url, headers={"Range": "bytes=900-"}) as response:
        assert response.status == 416


async def test_a_document_is_a_download(page: Page) -> None:
    await page.post("/api/say", {**ANNAS, "text": "/file"})
    (message,) = await page.world.until(lambda: page.world.from_bot(ANNA.user_id))
    assert message.media is not None
    async with page.session.get(f"{page.url}/files/{message.media.file.id}") as response:
        assert response.headers["Content-Disposition"] == "attachment"


async def test_the_stream_tells_messages_lines_and_the_end(page: Page) -> None:
    async with page.session.get(page.url + "/api/stream") as response:
        assert response.content_type == "text/event-stream"
        lines = response.content
        told: list[dict[str, Any]] = []
        await page.post("/api/say", {**ANNAS, "text": "/start"})
        async with asyncio.timeout(5):
            while "trace" not in [one["kind"] for one in told] or len(told) < 4:
                line = await lines.readline()
                if line.startswith(b"data: "):
                    told.append(json.loads(line[6:]))
    assert told[0] == {"kind": "hello"}
    assert [one["message"]["text"] for one in told if one["kind"] == "message"] == ["/start", "Hello. /help"]
    (entry,) = (one["entry"] for one in told if one["kind"] == "trace")
    assert entry["say"] == "bot.sends"
    assert entry["values"] == {"chat": "Анна", "text": "Hello. /help"}


async def test_a_page_that_goes_away_is_forgotten(page: Page) -> None:
    watching = len(page.world.feed.watchers)
    async with aiohttp.ClientSession() as browser, browser.get(page.url + "/api/stream") as response:
        await response.content.readline()
        assert len(page.world.feed.watchers) == watching + 1
    async with asyncio.timeout(5):
        while len(page.world.feed.watchers) > watching:
            page.world.feed.tell({"kind": "status"})
            await asyncio.sleep(0)


async def test_the_language_is_the_bots_too(page: Page) -> None:
    assert await page.post("/api/language", {"language": "uk"}) == (200, {"language": "uk"})
    assert (await page.get("/api/state"))[1]["status"]["language"] == "uk"


async def test_a_bot_that_will_not_start_says_why(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> None:
        raise RuntimeError("no electricity")

    await page.stage.bot.kill()
    monkeypatch.setattr(page.stage.bot, "start", broken)
    assert await page.post("/api/start") == (500, {"error": "no electricity"})


async def test_the_people_set_themselves_up_once(page: Page) -> None:
    world = page.world
    assert await set_up(world, ["main", "spare"])
    assert [one.text for one in world.from_bot(1002)] == ["Hello. /help", "Linked: 79000000002"]
    assert [one.text for one in world.messages(TEAM)] == [
        *("/connect main", "Connected", "/connect spare", "Connected")
    ]
    pressed = [press.data for press in world.presses.values()]
    assert pressed == ["s:kinds:", "s:kinds.1:bosses"]
    assert [one.text for one in world.messages(MANAGERS)][:3] == ["/connect main", "Connected", "/settings"]
    before = len(world.messages(1001))
    assert await set_up(world, ["main", "spare"])
    assert len(world.presses) == 2
    assert len(world.messages(1001)) == before


async def test_a_silent_bot_does_not_stop_the_set_up(page: Page) -> None:
    await page.stage.bot.kill()
    assert not await set_up(page.world, ["main"], wait=0.01)
    assert [one.text for one in page.world.messages(TEAM)] == ["/connect main"]


async def test_the_demos_time_is_skipped_for_everybody(stage: Stage, page: Page, tmp_path: Path) -> None:
    assert (await page.get("/api/state"))[1]["skips"] is False
    assert await page.post("/api/later", {"minutes": 10}) == (409, {"error": "this demo has no clock of its own"})
    time = SkippedTime(tmp_path / "time")
    stage.office.now, stage.skip = time.now, time.skip
    before = datetime.now(UTC)
    status, said = await page.post("/api/later", {"minutes": 90})
    assert status == 200
    assert timedelta(0) <= datetime.fromisoformat(said["now"]) - before - timedelta(minutes=90) < timedelta(minutes=1)
    _, said = await page.post("/api/later", {"until": "09:00"})
    assert datetime.fromisoformat(said["now"]).astimezone(ZoneInfo("Europe/Moscow")).strftime("%H:%M") == "09:00"
    assert SkippedTime(tmp_path / "time").now() - datetime.now(UTC) > timedelta(minutes=89)
    assert [one["say"] for one in stage.trace.views()] == ["stage.later", "stage.later"]
    for wrong in ({"minutes": -1}, {"until": "25:00"}, {"minutes": "ten"}):
        assert (await page.post("/api/later", wrong))[0] == 400
