"""What the page does: people write, press and share; scenes are played; the bot is started and told its language."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.page.phones import Phones
from sandbox.page.scenes import SCENES, Scene
from sandbox.page.stage import Stage

STAGE: web.AppKey[Stage] = web.AppKey("stage", Stage)
SCENES_PLAYED: web.AppKey[set[asyncio.Task[None]]] = web.AppKey("scenes", set[asyncio.Task[None]])
ANSWER_WITHIN = 10.0
B = TypeVar("B", bound="Asked")


class Refused(Exception):
    """What was asked can't be done; the text goes to the page."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class InChat(Asked):
    """Who does it and where; a chat they don't see is none."""

    who: int = Field(alias="as")
    chat: int


class Say(InChat):
    text: str = Field(min_length=1, max_length=4096)
    reply_to: int | None = None


class PressButton(InChat):
    message: int
    data: str = Field(min_length=1, max_length=64)


class ShareContact(InChat):
    pass


class PlayScene(Asked):
    pbx: str | None = None


class SkipTime(Asked):
    """So many minutes, or until the local clock shows that time next."""

    minutes: int = Field(default=0, ge=0, le=7 * 24 * 60)
    until: str = Field(default="", pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^$")


class ChooseLanguage(Asked):
    language: Literal["en", "ru", "uk"]


async def _asked(request: web.Request, model: type[B]) -> B:
    try:
        asked = model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Refused(400, f"{'.'.join(map(str, first['loc'])) or 'body'}: {first['msg']}") from None
    if isinstance(asked, InChat):
        world = request.app[STAGE].world
        chat = world.chats.get(asked.chat)
        if chat is None or asked.who not in world.users or not world.in_sight(asked.who, chat):
            raise Refused(404, f"user {asked.who} sees no chat {asked.chat}")
    return asked


async def say(request: web.Request) -> web.Response:
    world, asked = request.app[STAGE].world, await _asked(request, Say)
    if not asked.text.strip():
        raise Refused(400, "text: there is nothing to send")
    if asked.reply_to is not None and asked.reply_to not in world.chats[asked.chat].messages:
        raise Refused(404, f"no message {asked.reply_to}")
    message = world.say(asked.who, asked.chat, asked.text, reply_to=asked.reply_to)
    return web.json_response({"message": message.id})


async def press(request: web.Request) -> web.Response:
    """Answers when the bot did; the toast itself comes by the stream."""
    world, asked = request.app[STAGE].world, await _asked(request, PressButton)
    if asked.message not in world.chats[asked.chat].messages:
        raise Refused(404, f"no message {asked.message}")
    pressed = world.press(asked.who, asked.chat, asked.message, asked.data)
    try:
        answer = await pressed.answer(ANSWER_WITHIN)
    except TimeoutError:
        return web.json_response({"answered": False})
    return web.json_response({"answered": True, "text": answer.text, "show_alert": answer.show_alert})


async def contact(request: web.Request) -> web.Response:
    world, asked = request.app[STAGE].world, await _asked(request, ShareContact)
    message = world.share_contact(asked.who, asked.chat)
    return web.json_response({"message": message.id})


async def language(request: web.Request) -> web.Response:
    """The people's own Telegram speaks it too, so that the bot's menu does."""
    stage, asked = request.app[STAGE], await _asked(request, ChooseLanguage)
    stage.office.speak(asked.language)
    await stage.bot.speak(asked.language)
    return web.json_response({"language": asked.language})


async def later(request: web.Request) -> web.Response:
    """Moves the clock of the bot, of Telegram and of every PBX."""
    stage, asked = request.app[STAGE], await _asked(request, SkipTime)
    if stage.skip is None:
        raise Refused(409, "this demo has no clock of its own")
    span = timedelta(minutes=asked.minutes)
    stage.later(span + stage.until_clock(asked.until) if asked.until else span)
    return web.json_response({"now": stage.office.now().isoformat()})


async def start_bot(request: web.Request) -> web.Response:
    """For a bot that died outside a scene."""
    stage = request.app[STAGE]
    if stage.bot.state == "down":
        await stage.bot.start()
    return web.json_response({"bot": stage.bot.state})


async def scene(request: web.Request) -> web.Response:
    """Begins to play; what happens comes by the stream."""
    stage, asked = request.app[STAGE], await _asked(request, PlayScene)
    found = SCENES.get(request.match_info["name"])
    phones = stage.office.phones.get(asked.pbx or next(iter(stage.office.phones)))
    if found is None or phones is None:
        raise Refused(404, "there is no such scene or no such PBX")
    if not found.plays_on(phones):
        raise Refused(409, f"PBX {phones.id} has no part in this scene")
    if found.name in stage.playing:
        raise Refused(409, "this scene is being played")
    task = asyncio.create_task(play(stage, found, phones))
    request.app[SCENES_PLAYED].add(task)
    task.add_done_callback(request.app[SCENES_PLAYED].discard)
    return web.json_response({"playing": found.name}, status=202)


async def play(stage: Stage, found: Scene, phones: Phones) -> None:
    """Play a scene to its end; one that fails says so in the trace instead of vanishing."""
    stage.playing.add(found.name)
    stage.tell_status()
    try:
        await stage.settled.wait()
        await stage.introduce(phones)
        await found.play(stage, phones)
    except Exception as error:
        stage.trace.note("stage", "stage", "stage.failed", {"why": f"{type(error).__name__}: {error}"}, ok=False)
    finally:
        stage.playing.discard(found.name)
        stage.tell_status()
