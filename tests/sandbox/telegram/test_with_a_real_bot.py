"""A bot written with aiogram, pointed at the stand-in: the way it is meant to be used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiogram import Bot, Dispatcher, F
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.filters import CommandStart
from aiogram.methods import SendMessage
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

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


async def test_aiogram_understands_the_refusals() -> None:
    async with TelegramStandIn() as tg, bot_for(tg) as bot:
        anna = tg.world.add_user("Anna")
        group = tg.world.add_group("Sales", [anna.id], kind="group")
        new_id = tg.world.migrate_group(group.id)
        with pytest.raises(TelegramMigrateToChat) as migrated:
            await bot.send_message(group.id, "x")
        assert migrated.value.migrate_to_chat_id == new_id
        with pytest.raises(TelegramForbiddenError):
            await bot.send_message(anna.id, "x")
        tg.weather.flood(17, times=1)
        with pytest.raises(TelegramRetryAfter) as flood:
            await bot.get_me()
        assert flood.value.retry_after == 17
        tg.weather.status(502, times=1)
        with pytest.raises(ClientDecodeError):
            await bot.get_me()
        tg.weather.lose_reply()
        with pytest.raises(TelegramNetworkError):
            await bot.send_message(new_id, "x")
        assert len(tg.world.from_bot(new_id)) == 1


async def test_aiogram_reads_every_object_it_asks_for() -> None:
    async with TelegramStandIn() as tg, bot_for(tg) as bot:
        anna = tg.world.add_user("Anna", username="anna_example")
        chat = tg.world.add_group("Office", [anna.id], forum=True, rights=["can_manage_topics"])
        assert (await bot.get_me()).username == "ringdesk_demo_bot"
        full = await bot.get_chat(chat.id)
        assert (full.title, full.is_forum) == ("Office", True)
        admins = await bot.get_chat_administrators(chat.id)
        assert [type(one).__name__ for one in admins] == ["ChatMemberOwner", "ChatMemberAdministrator"]
        topic = await bot.create_forum_topic(chat.id, "Calls")
        sent = await bot.send_document(
            chat.id,
            BufferedInputFile(b"phone;name", "contacts.csv"),
            caption="<b>Contacts</b>",
            message_thread_id=topic.message_thread_id,
        )
        assert sent.document is not None
        assert sent.document.file_name == "contacts.csv"
        content = await bot.download(sent.document)
        assert content is not None
        assert content.read() == b"phone;name"
        assert (await bot.get_webhook_info()).url == ""


@pytest.mark.parametrize("background", [True, False])
async def test_an_aiogram_webhook_is_served_and_its_answers_are_carried_out(background: bool) -> None:
    async with TelegramStandIn() as tg, bot_for(tg) as bot:
        app, found = web.Application(), Dispatcher()

        @found.message()
        async def echo(message: Message) -> SendMessage:
            return message.answer(f"<u>{message.text}</u>")

        handler = SimpleRequestHandler(found, bot, handle_in_background=background, secret_token="s3cret")
        handler.register(app, "/telegram")
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
            await bot.set_webhook(url, secret_token="s3cret")
            anna = tg.world.add_user("Anna")
            tg.world.say(anna.id, anna.id, "hi")
            (message,) = await tg.world.until(lambda: tg.world.from_bot(anna.id))
            assert message.html == "<u>hi</u>"
        finally:
            await runner.cleanup()
