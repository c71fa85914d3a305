"""What every Bot API method gets to work with, and how methods are entered into the table by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.errors import bad_request, too_many_requests
from sandbox.telegram.journal import Journal
from sandbox.telegram.limits import Limits
from sandbox.telegram.model import Chat
from sandbox.telegram.params import Params
from sandbox.telegram.polling import Polling
from sandbox.telegram.weather import Weather
from sandbox.telegram.webhook import Deliverer
from sandbox.telegram.world import World


@dataclass
class Api:
    """One bot's side of the Bot API."""

    world: World
    token: str
    limits: Limits
    weather: Weather
    journal: Journal
    polling: Polling
    deliverer: Deliverer

    def chat(self, params: Params, name: str = "chat_id") -> Chat:
        """The chat a parameter names, open to the bot; else the refusal Telegram gives."""
        return self.world.open_chat(self.chat_id(params, name))

    def chat_id(self, params: Params, name: str = "chat_id") -> int:
        """A chat's id, also from a public group's @username."""
        given = (params.text(name) or "").strip()
        if not given:
            raise bad_request(f"{name} is empty")
        if given.startswith("@"):
            named = (one.id for one in self.world.chats.values() if one.username == given[1:])
            return next(named, 0)
        return params.integer(name) or 0

    def spend(self, chat: Chat, count: int = 1) -> None:
        """Count messages against the flood limits; raises the 429."""
        wait = self.limits.take(chat.id, group=chat.is_group, count=count)
        if wait is not None:
            raise too_many_requests(wait)


Method = Callable[[Api, Params], Awaitable[Any]]


@dataclass
class Methods:
    """Methods by name; the Bot API doesn't mind the letter case."""

    table: dict[str, tuple[str, Method]] = field(default_factory=dict)

    def __call__(self, name: str) -> Callable[[Method], Method]:
        """Enter a coroutine under its Bot API name."""

        def enter(method: Method) -> Method:
            self.table[name.lower()] = (name, method)
            return method

        return enter

    def find(self, name: str) -> tuple[str, Method] | None:
        """The documented name and the method, None for an unknown one."""
        return self.table.get(name.lower())
