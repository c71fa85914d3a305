"""The button that opens the manager's board: in private as a web app, in a group as a link, where web apps can't be.

Telegram opens web pages by https only, and a link only if the bot has been given a main Mini App at BotFather.
"""

from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, MenuButtonDefault, MenuButtonWebApp, WebAppInfo

from desk.office import Desk
from handlers.chat.scene import Scene
from handlers.chat.texts import Texts


def address_of(desk: Desk) -> str | None:
    """None where Telegram would not open it."""
    address = f"{desk.office.public_url}/board"
    return address if address.startswith("https://") else None


def menu_button(desk: Desk, say: Texts) -> MenuButtonWebApp | MenuButtonDefault:
    """Beside the field where people write to the bot in private."""
    address = address_of(desk)
    if address is None:
        return MenuButtonDefault()
    return MenuButtonWebApp(text=str(say("📋 Board").unescape()), web_app=WebAppInfo(url=address))


async def row(desk: Desk, bot: Bot, chat_id: int, say: Texts) -> list[InlineKeyboardButton]:
    """Empty where the board can't be opened. May ask Telegram who we are, once; raises aiogram's network errors."""
    address = address_of(desk)
    if address is None:
        return []
    label = str(say("📋 Board").unescape())
    if chat_id > 0:
        return [InlineKeyboardButton(text=label, web_app=WebAppInfo(url=address))]
    me = await bot.me()
    link = f"https://t.me/{me.username}?startapp={chat_id}"
    return [InlineKeyboardButton(text=label, url=link)] if me.has_main_web_app else []


async def under(
    keyboard: InlineKeyboardMarkup | None, desk: Desk, bot: Bot, chat_id: int, say: Texts
) -> InlineKeyboardMarkup | None:
    """The keyboard with the button below, as far as there is either."""
    key = await row(desk, bot, chat_id, say)
    lines = [*(keyboard.inline_keyboard if keyboard else []), *([key] if key else [])]
    return InlineKeyboardMarkup(inline_keyboard=lines) if lines else None


async def here(keyboard: InlineKeyboardMarkup | None, scene: Scene) -> InlineKeyboardMarkup | None:
    """`under`, in the chat of a scene."""
    return await under(keyboard, scene.desk, scene.bot, scene.chat.id, scene.say)
