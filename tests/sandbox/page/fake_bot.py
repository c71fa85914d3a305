"""A tiny bot that talks to the stand-in and the PBX over HTTP as the real one does: enough to try the page with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.demo_office import TEAM, DemoOffice
from sandbox.page.stage import BotState
from sandbox.page.vats_phones import VatsPhones

#: One red pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f"
    "0005000201fc9a2a5b0000000049454e44ae426082"
)
PRESETS = {"The team's": "s:kinds.1:team", "The managers'": "s:kinds.1:bosses"}
ASK_PHONE = {"keyboard": [[{"text": "Share my number", "request_contact": True}]], "one_time_keyboard": True}
FORMATTED = "<b>bold</b> <i>italic</i> <code>x &lt; y</code> <tg-spoiler>secret</tg-spoiler> /help +7 900 000-01-01"


def _keys(*rows: dict[str, str]) -> dict[str, Any]:
    return {
        "inline_keyboard": [[{"text": text, "callback_data": data} for text, data in row.items()] for row in rows]
    }


class FakeBot:
    """`Bot` of the stage in this very process. `cards` is by client: message id and what it says."""

    def __init__(self, port: int) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.language = "en"
        self.office: DemoOffice | None = None
        self.starts = 0
        self.port = port
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self._polling: asyncio.Task[None] | None = None
        self._cards: dict[str, tuple[int, int]] = {}
        self._offset = 0

    @property
    def state(self) -> BotState:
        return "up" if self._runner else "down"

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/pbx/main", self._webhook)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self._session = aiohttp.ClientSession()
        self._polling = asyncio.create_task(self._poll())
        self.starts += 1
        await self.ask("setMyCommands", commands=[{"command": "help", "description": "What I can do"}])
        self.on_change()

    async def caught_up(self) -> None:
        """It does everything at once."""

    async def kill(self) -> None:
        runner, self._runner = self._runner, None
        if runner is None or self._polling is None or self._session is None:
            return
        self._polling.cancel()
        with suppress(asyncio.CancelledError):
            await self._polling
        await runner.cleanup()
        await self._session.close()
        self.on_change()

    async def speak(self, language: str) -> None:
        self.language = language
        self.on_change()

    # Telegram

    async def ask(self, method: str, **params: Any) -> Any:
        assert self._session is not None
        assert self.office is not None
        url = f"{self.office.telegram.url}/bot{self.office.telegram.token}/{method}"
        form = aiohttp.FormData()
        for name, value in params.items():
            if isinstance(value, bytes):
                form.add_field(name, value, filename=f"{name}.{'png' if name == 'photo' else 'mp3'}")
            else:
                form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        async with self._session.post(url, data=form) as response:
            return (await response.json())["result"]

    async def say(self, chat_id: int, text: str, markup: dict[str, Any] | None = None) -> int:
        given = {"reply_markup": markup} if markup else {}
        return int(
            (await self.ask("sendMessage", chat_id=chat_id, text=text, parse_mode="HTML", **given))["message_id"]
        )

    async def _poll(self) -> None:
        while True:
            try:
                updates = await self.ask("getUpdates", offset=self._offset, timeout=20)
            except (aiohttp.ClientError, KeyError, ValueError):
                await asyncio.sleep(0.05)
                continue
            for update in updates:
                self._offset = update["update_id"] + 1
                await self._take(update)

    async def _take(self, update: dict[str, Any]) -> None:
        if query := update.get("callback_query"):
            await self._pressed(query)
        elif message := update.get("message"):
            await self._told(message["chat"]["id"], message)

    async def _told(self, chat_id: int, message: dict[str, Any]) -> None:
        if "contact" in message:
            await self.say(chat_id, f"Linked: {message['contact']['phone_number']}", {"remove_keyboard": True})
            return
        command = message.get("text", "").split(" ")[0]
        answers: dict[str, Callable[[], Awaitable[Any]]] = {
            "/start": lambda: self.say(chat_id, "Hello. /help", ASK_PHONE),
            "/settings": lambda: self.say(chat_id, "Settings", _keys({"Notices": "s:kinds:"})),
            "/connect": lambda: self.say(chat_id, "Connected"),
            "/photo": lambda: self.ask("sendPhoto", chat_id=chat_id, photo=PNG, caption="A chart"),
            "/audio": lambda: self.ask("sendAudio", chat_id=chat_id, audio=b"\xff\xfb\x90\x00" + bytes(413)),
            "/file": lambda: self.ask("sendDocument", chat_id=chat_id, document=b"a,b\n"),
            "/format": lambda: self.say(chat_id, FORMATTED),
            "/alert": lambda: self.say(chat_id, "Press", _keys({"Alert": "alert", "Silence": "silence"})),
        }
        if command.startswith("/"):
            await answers.get(command, lambda: self.say(chat_id, f"You said {command}"))()

    async def _pressed(self, query: dict[str, Any]) -> None:
        act, _, client = query["data"].partition(":")
        if act == "silence":
            return
        text = "Read this" if act == "alert" else f"{query['from']['first_name']}: {act}"
        await self.ask("answerCallbackQuery", callback_query_id=query["id"], text=text, show_alert=act == "alert")
        if act == "call":
            await self._call(client)
        elif query["data"] == "s:kinds:":
            where = {"chat_id": query["message"]["chat"]["id"], "message_id": query["message"]["message_id"]}
            await self.ask("editMessageText", **where, text="Notices", reply_markup=_keys(PRESETS))

    async def _call(self, client: str) -> None:
        assert self.office is not None
        assert self._session is not None
        phones = self.office.phones["main"]
        assert isinstance(phones, VatsPhones)
        settings = phones.settings()
        url, headers = f"{settings['url']}/crmapi/v1/makecall", {"X-API-KEY": str(settings["key"])}
        async with self._session.post(url, json={"phone": client, "user": "igor"}, headers=headers) as response:
            assert response.status == 200

    # The PBX

    async def _webhook(self, request: web.Request) -> web.Response:
        body = {name: str(value) for name, value in (await request.post()).items()}
        client, cmd = body.get("phone", ""), body["cmd"]
        if cmd == "rating":
            await self.say(TEAM, f"⭐ {body['rating']} from {client}")
        elif cmd == "history" and (body["type"], body["status"]) == ("in", "Missed"):
            await self._card(client)
        elif cmd == "history" and body["type"] == "out" and client in self._cards:
            state = "🟢 Called back" if body["status"] == "Success" else f"🟠 {body['status']}"
            await self._edit(client, f"{state} +{client}", closed=body["status"] == "Success")
        return web.json_response({})

    async def _card(self, client: str) -> None:
        if client in self._cards:
            message_id, times = self._cards[client]
            self._cards[client] = message_id, times + 1
            await self._edit(client, f"🔴 Missed +{client}, called {times + 1} times", closed=False)
        elif len(self._cards) < 15:
            self._cards[client] = await self.say(TEAM, f"🔴 Missed +{client}", self._buttons(client)), 1

    async def _edit(self, client: str, text: str, *, closed: bool) -> None:
        markup = {"inline_keyboard": []} if closed else self._buttons(client)
        message_id = self._cards[client][0]
        if closed:
            del self._cards[client]
        await self.ask("editMessageText", chat_id=TEAM, message_id=message_id, text=text, reply_markup=markup)

    @staticmethod
    def _buttons(client: str) -> dict[str, Any]:
        return _keys({"📞 Call back": f"call:{client}", "🙋 Mine": f"mine:{client}"})
