"""What people do in their chats while a scene is played: they write, press, and wait for the bot.

Whatever waits raises `NoAnswer` when that was in vain.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from sandbox.demo_people import Client, Person
from sandbox.page.stage import Stage
from sandbox.telegram import Answer, Button, Message

#: In a group that has had its twenty messages of a minute the bot waits for the next.
ANSWERS_WITHIN = 90.0
T = TypeVar("T")


class NoAnswer(RuntimeError):
    """What a scene waited for did not come; the text is for the trace."""


async def writes(stage: Stage, person: Person, chat_id: int, text: str) -> Message:
    """Somebody writes, and the bot answers: in a group, by a reply."""
    stage.narrate("stage.writes", who=person.first_name, text=text)
    stage.look(chat_id)
    said = stage.world.say(person.user_id, chat_id, text)

    def answer(one: Message) -> bool:
        return chat_id > 0 or one.reply_to == said.id

    return await news(stage, chat_id, said.id, answer, f"answer to {text}")


async def presses(stage: Stage, person: Person, message: Message, button: Button) -> Answer:
    """Somebody presses a button; it may be gone already, as on a page that lags behind."""
    stage.narrate("stage.presses", who=person.first_name, button=button.text)
    stage.look(message.chat_id)
    told = {"kind": "press", "chat": message.chat_id, "message_id": message.id, "data": button.data}
    stage.world.feed.tell(told)
    pressed = stage.world.press(person.user_id, message.chat_id, message.id, button.data)
    try:
        return await pressed.answer(ANSWERS_WITHIN)
    except TimeoutError:
        raise NoAnswer(f"no answer to the button {button.text}") from None


async def offered(stage: Stage, message: Message, data: str, label: str = "") -> Button:
    """The button of the message whose data begins and whose label holds so, once it is there."""
    return await _until(stage, lambda: key(message, data, label), f"no button {data} {label}")


async def becomes(stage: Stage, true: Callable[[], bool], what: str) -> None:
    """Until it is so."""
    await _until(stage, true, what)


async def news(
    stage: Stage, chat_id: int, since: int, true: Callable[[Message], bool], what: str, within: float = ANSWERS_WITHIN
) -> Message:
    """The bot's next message of that kind in a chat, after the one with the id `since`."""

    def found() -> Message | None:
        return next((one for one in stage.world.from_bot(chat_id) if one.id > since and true(one)), None)

    return await _until(stage, found, f"there was no {what}", within)


async def _until(stage: Stage, true: Callable[[], T | None], what: str, within: float = ANSWERS_WITHIN) -> T:
    try:
        found = await stage.world.until(true, within)
    except TimeoutError:
        raise NoAnswer(what) from None
    assert found is not None
    return found


def key(message: Message, data: str, label: str = "") -> Button | None:
    """The first button whose data begins and whose label holds so."""
    every = (one for row in message.buttons for one in row)
    return next((one for one in every if (one.data or "").startswith(data) and label in one.text), None)


def newest(stage: Stage, chat_id: int) -> int:
    """The id of the last message there; 0 in an empty chat."""
    return max((one.id for one in stage.world.messages(chat_id)), default=0)


def names(text: str, client: Client) -> bool:
    """Whether it is about that client."""
    return client.phone in re.sub(r"\D", "", text) or bool(client.name and client.name in text)
