"""Tries a token and a key as they are given. Each try opens what it needs and closes it.

Telegram is asked over plain HTTP: the chat door's library takes longer to load than all the questions to answer.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.init.asking import Refused
from bot.registry import connect
from bot.settings import Telegram
from bot.words import Words
from desk.clock import SystemClock
from pbx.config import PbxConfig
from pbx.vocabulary import Tried

#: Seconds: how long somebody has to find the bot and press Start; how long one request may take.
WRITES_WITHIN, ANSWERS_WITHIN = 120.0, 10
#: How @BotFather writes them.
TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who wrote to the bot in private."""

    user_id: int
    name: str


class Chats:
    """Telegram, as far as it is tried. Raises `Refused` with what to do."""

    def __init__(self, say: Words, section: Telegram) -> None:
        self._say = say
        self._section = section

    async def name(self) -> str:
        """The bot's own, without the @."""
        async with self._http() as http:
            return str((await self._ask(http, "getMe")).get("username", ""))

    async def writers(self, seconds: float = WRITES_WITHIN) -> list[Writer]:
        """Who wrote to the bot, the last one first; empty if nobody does in time.

        Nothing is taken away: without an offset Telegram keeps the updates, and the bot answers them once it runs.
        """
        until = monotonic() + seconds
        async with self._http() as http:
            while True:
                left = until - monotonic()
                updates = await self._ask(http, "getUpdates", timeout=max(min(int(left), ANSWERS_WITHIN), 0))
                found = {user["id"]: user for user in map(_writer, reversed(updates)) if user}
                if found or left <= 0:
                    return [Writer(user_id, _named(user)) for user_id, user in found.items()]
                await asyncio.sleep(min(1.0, left))

    async def send(self, user_id: int, text: str) -> None:
        async with self._http() as http:
            await self._ask(http, "sendMessage", chat_id=user_id, text=text)

    @asynccontextmanager
    async def _http(self) -> AsyncIterator[ClientSession]:
        """Through the proxy, if there is one; half a minute for an answer that may be waited for."""
        connector = None
        if self._section.proxy:
            from aiohttp_socks import ProxyConnector

            try:
                connector = ProxyConnector.from_url(self._section.proxy)
            except ValueError:
                raise Refused(
                    self._say(
                        "The proxy can't be used: --telegram-proxy should look like {example}.",
                        example="socks5://127.0.0.1:1080",
                    )
                ) from None
        timeout = ClientTimeout(total=ANSWERS_WITHIN * 2)
        async with ClientSession(connector=connector, timeout=timeout) as http:
            yield http

    async def _ask(self, http: ClientSession, method: str, **values: int | str) -> Any:
        token = self._section.token.get_secret_value()
        if not TOKEN.fullmatch(token):
            raise Refused(self._say("It should look like 123456:ABC…, as @BotFather gave it."))
        try:
            url = f"{self._section.api_url}/bot{token}/{method}"
            async with http.post(url, json=values) as response:
                if response.status == 200:
                    return (await response.json(content_type=None))["result"]
        except (ClientError, TimeoutError, ValueError, LookupError, TypeError) as broken:
            raise self._out(type(broken).__name__) from None
        say = self._say
        refusals = {
            401: say("Telegram refuses the token. Ask @BotFather for it again: /token."),
            404: say("Telegram refuses the token. Ask @BotFather for it again: /token."),
            409: say("Another program reads this bot's messages. End it, or type your user id."),
            403: say("I may not write to you yet. Send /start to the bot first."),
            400: say("I may not write to you yet. Send /start to the bot first."),
        }
        if response.status in refusals:
            raise Refused(refusals[response.status])
        raise self._out(str(response.status))

    def _out(self, reason: str) -> Refused:
        return Refused(
            self._say(
                "Telegram can't be reached ({reason}). Check the network, or give --telegram-proxy.", reason=reason
            )
        )


def _writer(update: Mapping[str, Any]) -> Mapping[str, Any] | None:
    message = update.get("message") or {}
    return message.get("from") if message.get("chat", {}).get("type") == "private" else None


def _named(user: Mapping[str, Any]) -> str:
    known = f"@{user['username']}, {user['id']}" if user.get("username") else str(user["id"])
    full_name = " ".join(part for part in (user.get("first_name"), user.get("last_name")) if part)
    return f"{full_name} ({known})"


@dataclass(slots=True)
class KeptHere:
    """t2 may have exchanged the pair while it was tried: then only the new one is good."""

    values: dict[str, str] = field(default_factory=dict)

    async def load(self, name: str) -> str | None:
        return self.values.get(name)

    async def save(self, name: str, value: str) -> None:
        self.values[name] = value

    def exchanged(self) -> dict[str, str]:
        """The keys of the `[[pbx]]` entry that have to change."""
        pairs = [json.loads(value) for value in self.values.values()]
        return {"access_token": pairs[-1]["access"], "refresh_token": pairs[-1]["refresh"]} if pairs else {}


async def phones(config: PbxConfig, country: str) -> tuple[Tried, dict[str, str]]:
    """What the PBX says when it is tried, and keys that it changed meanwhile. Raises `PbxError`."""
    keeper = KeptHere()
    pbx = connect(config, country=country, keeper=keeper, clock=SystemClock().now)
    try:
        return await pbx.check(), keeper.exchanged()
    finally:
        await pbx.close()
