"""What nobody else understood: in private, whoever writes to the bot is told what can be said to it."""

from aiogram import F, Router
from aiogram.types import Message

from desk.access import Rank
from handlers.chat.scene import Scene


def router() -> Router:
    made = Router(name="otherwise")
    made.message.register(not_understood, F.chat.type == "private", F.text)
    return made


async def not_understood(_: Message, scene: Scene) -> None:
    """In groups people talk to each other, and the bot says nothing."""
    say = scene.say
    if scene.who.rank < Rank.EMPLOYEE:
        await scene.reply(say("I don't understand that. /start says where to begin."))
    else:
        await scene.reply(say("I don't understand that. Send me a phone number to call, or /help."))
