"""The real `python -m bot demo`: on each of its four PBXs a missed call becomes a card that a call back closes."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from sandbox.demo_office import ANNA, IGOR, PEOPLE, TEAM
from sandbox.page.t2_phones import POLL_SECONDS
from tests.browser.test_demo_command import command

pytestmark = pytest.mark.asyncio(loop_scope="module")
FOUR = ("main", "form", "phonet", "t2")
CALL_BACK = "📞 Call back"
#: The processors of a build machine are shared.
PATIENCE, SLACK = 120.0, 4.0
Message = dict[str, Any]


class Watched:
    """The demo as its page sees it: the chats, the lines of the trace, and what is being played."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url, self._session = url, session
        self.messages: dict[tuple[int, int], Message] = {}
        #: When each message was first seen, and each line of the trace, with what it says.
        self.seen: dict[tuple[int, int], float] = {}
        self.lines: list[tuple[float, dict[str, Any]]] = []
        self.playing: list[str] = []
        self._news = asyncio.Event()

    async def follow(self) -> None:
        async with self._session.get(self.url + "api/stream", timeout=aiohttp.ClientTimeout(total=None)) as stream:
            async for line in stream.content:
                if line.startswith(b"data: "):
                    await self._take(json.loads(line[6:]))
                    self._news.set()

    async def _take(self, change: dict[str, Any]) -> None:
        match change["kind"]:
            case "hello":
                async with self._session.get(self.url + "api/state") as response:
                    for chat in (await response.json())["chats"]:
                        for message in chat["messages"]:
                            self._keep(chat["id"], message)
            case "message" | "edit":
                self._keep(change["chat"], change["message"])
            case "delete":
                self.messages.pop((change["chat"], change["message_id"]), None)
            case "status":
                self.playing = change["status"]["playing"]
            case "trace":
                self.lines.append((time.monotonic(), change["entry"]))

    def _keep(self, chat: int, message: Message) -> None:
        key = (chat, message["id"])
        self.messages[key] = message
        self.seen.setdefault(key, time.monotonic())

    async def until(self, true: Callable[[], Any]) -> Any:
        async with asyncio.timeout(PATIENCE):
            while not (found := true()):
                self._news.clear()
                await self._news.wait()
        return found

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(self.url + path, json=body) as response:
            answer: dict[str, Any] = await response.json()
            assert response.ok, answer
            return answer

    def said(self, chat: int, words: str) -> list[Message]:
        return [one for (where, _), one in self.messages.items() if where == chat and words in one["text"]]


@dataclass
class Story:
    """One PBX's missed call; moments by this process's clock."""

    over_at: float
    card: Message
    card_at: float
    pressed: dict[str, Any]
    in_the_end: Message


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stories() -> AsyncIterator[tuple[Watched, dict[str, Story]]]:
    """Played once on each PBX; while one client is called back, the next one calls."""
    async with command("--port", "0", LC_ALL="C") as process, aiohttp.ClientSession() as session:
        assert process.stdout is not None
        found = re.search(r"http://\S+/", (await process.stdout.readline()).decode())
        assert found
        demo = Watched(found[0], session)
        following = asyncio.create_task(demo.follow())
        await settled(demo)
        told = [await missed(demo, pbx_id) for pbx_id in FOUR]
        yield demo, dict(zip(FOUR, await asyncio.gather(*told), strict=True))
        following.cancel()
        with suppress(asyncio.CancelledError, aiohttp.ClientError):
            await following


async def settled(demo: Watched) -> None:
    """The people have set the bot up."""
    await demo.until(lambda: len(demo.said(TEAM, "is connected here")) == len(FOUR))
    await demo.until(lambda: all(demo.said(one.user_id, "✅") for one in PEOPLE))
    await demo.until(lambda: len(demo.said(ANNA.user_id, "Written down")) == 2)


async def missed(demo: Watched, pbx_id: str) -> asyncio.Task[Story]:
    """A client calls in vain; returns when that call is over, what follows goes on."""
    await demo.post("api/scene/missed", {"pbx": pbx_id})
    await demo.until(lambda: demo.playing == ["missed"])
    await demo.until(lambda: demo.playing == [])
    return asyncio.create_task(returned(demo, pbx_id, time.monotonic()))


async def returned(demo: Watched, pbx_id: str, over_at: float) -> Story:
    """Igor presses the card's button, and the client answers."""
    (card,) = await demo.until(lambda: demo.said(TEAM, f"PBX {pbx_id}\n"))
    key = (TEAM, card["id"])
    (call,) = (one["data"] for row in card["buttons"] for one in row if one["text"] == CALL_BACK)
    who = {"as": IGOR.user_id, "chat": TEAM}
    pressed = await demo.post("api/press", {**who, "message": card["id"], "data": call})
    await demo.until(lambda: demo.messages[key]["text"].startswith("🟢"))
    return Story(over_at, card, demo.seen[key], pressed, demo.messages[key])


@pytest.mark.parametrize("pbx_id", FOUR)
async def test_a_missed_call_becomes_a_card_that_a_call_back_from_the_chat_closes(
    stories: tuple[Watched, dict[str, Story]], pbx_id: str
) -> None:
    demo, by_pbx = stories
    story = by_pbx[pbx_id]
    assert story.card["text"].startswith("🔴 Missed call")
    assert "Your phone is ringing" in story.pressed["text"]
    assert story.in_the_end["text"].startswith("🟢 Called back")
    assert IGOR.name in story.in_the_end["text"]
    assert CALL_BACK not in json.dumps(story.in_the_end["buttons"], ensure_ascii=False)
    assert len(demo.said(TEAM, f"PBX {pbx_id}\n")) == 1
    said = [line["say"] for _, line in demo.lines if line["pbx"] == pbx_id]
    assert said.index("pbx.missed") < said.index("bot.makes_call") < said.index("pbx.reached")


async def test_t2_is_asked_so_often_that_the_card_comes_within_one_interval(
    stories: tuple[Watched, dict[str, Story]],
) -> None:
    demo, by_pbx = stories
    story = by_pbx["t2"]
    assert POLL_SECONDS == 2
    assert story.card_at - story.over_at < POLL_SECONDS + SLACK
    asked = [at for at, line in demo.lines if line["say"] == "bot.asks_for_calls"]
    assert sum(story.over_at < at < story.card_at for at in asked) <= 2


async def test_everybody_is_known_on_every_pbx(stories: tuple[Watched, dict[str, Story]]) -> None:
    demo, _ = stories
    for person in PEOPLE:
        (linked,) = demo.said(person.user_id, f"({person.login}) at PBX main now")
        assert linked["text"].count("✅") == 3
    assert len(demo.said(ANNA.user_id, "at PBX phonet. Allowed by")) == 2


@pytest.mark.parametrize("pbx_id", ["phonet", "t2"])
async def test_a_quiet_night_ends_in_one_list_where_calls_are_told_late(
    stories: tuple[Watched, dict[str, Story]], pbx_id: str
) -> None:
    """What either PBX tells of a call that is over comes when it is asked."""
    demo, _ = stories
    already = len(demo.said(TEAM, "While it was quiet"))
    await demo.post("api/scene/night", {"pbx": pbx_id})
    await demo.until(lambda: demo.playing == ["night"])
    await demo.until(lambda: demo.playing == [])
    assert [line for _, line in demo.lines if line["say"] == "stage.failed"] == []
    assert len(demo.said(TEAM, "While it was quiet")) == already + 1
