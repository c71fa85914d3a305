"""A bot written with aiogram, pointed at the stand-in: the way it is meant to be used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from sandbox.telegram import TelegramStandIn

PAGES = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Next", callback_data="page:2")]])


def bot_for(tg: TelegramStandIn) -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(tg.url))
    return Bot(tg.token, session=session, default=DefaultBotProperties(parse_mode="HTML"))


def dispatcher() -> Dispatcher:
    found = Dispatcher()

    @found.message(CommandStart())
    async def start(message: Message) -> None:
        await message.answer(f"Hello, <b>{message.from_user.first_name}</b>", reply_markup=PAGES)  # type: ignore[union-attr]

    @found.callback_query(F.data == "page:2")
    async def turn(query: CallbackQuery) -> None:
        assert isinstance(query.message, Message)
        await query.message.edit_text("<i>Page two</i>")
        await query.answer("Turned", show_alert=True)

    return found


@asynccontextmanager
async def polling(tg: TelegramStandIn) -> AsyncIterator[Bot]:
    bot, found = bot_for(tg), dispatcher()
    task = asyncio.create_task(found.start_polling(bot, handle_signals=False, polling_timeout=20))
    await tg.world.until(lambda: tg.journal.requests("getUpdates"))
    try:
        yield bot
    finally:
        with suppress(RuntimeError):
            await found.stop_polling()
        await task
        await bot.session.close()


async def test_a_bot_answers_start_gets_the_press_and_edits_its_message() -> None:
    async with TelegramStandIn() as tg:
        anna = tg.world.add_user("Anna", language_code="ru")
        async with polling(tg):
            tg.world.say(anna.id, anna.id, "/start")
            hello = (await tg.world.until(lambda: tg.world.from_bot(anna.id)))[0]
            assert hello.text == "Hello, Anna"
            assert hello.html == "Hello, <b>Anna</b>"
            press = tg.world.press(anna.id, anna.id, hello.id, "Next")
            answer = await press.answer()
    assert (answer.text, answer.show_alert) == ("Turned", True)
    assert (hello.html, hello.buttons, hello.edits) == ("<i>Page two</i>", (), 1)
