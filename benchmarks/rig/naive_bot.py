"""What there is to compare with: a bot that tells the chat of every event before it answers. `… PORT API_URL CHAT…`.

Nothing is stored: what comes while Telegram is out is lost, and a call's six events are six messages.
"""

import sys
from collections.abc import Sequence

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiohttp import web

TOKEN = "7000000001:AABenchTokenThatBelongsToNobody00000"


def main(port: int, api: str, chats: Sequence[int]) -> None:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))

    async def receive(request: web.Request) -> web.Response:
        form = await request.post()
        text = " ".join(str(form.get(name, "")) for name in ("cmd", "type", "status", "phone"))
        chat = request.match_info["id"]
        await bot.send_message(chats[int(chat) if chat.isdecimal() else 0], text)
        return web.Response()

    app = web.Application()
    app.router.add_post("/pbx/{id}", receive)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], [int(chat) for chat in sys.argv[3:]])
