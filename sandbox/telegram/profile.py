"""What a bot tells about itself: commands by scope and language, name, descriptions, menu buttons."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.model import Chat


def scope_key(scope: dict[str, Any]) -> str:
    """A BotCommandScope as something to look up by."""
    return json.dumps(scope, sort_keys=True)


@dataclass
class Profile:
    """Values as the bot set them: commands by (scope, language), words by (field, language), buttons by chat."""

    commands: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_buttons: dict[int, dict[str, Any]] = field(default_factory=dict)
    has_main_web_app: bool = False
    """Somebody has given the bot a Mini App at BotFather."""

    def commands_for(self, chat: Chat, user_id: int, language: str | None) -> list[dict[str, Any]]:
        """The menu somebody sees in a chat: the narrowest scope that has any, their language before the rest."""
        for scope in _scopes(chat, user_id):
            for code in dict.fromkeys((language or "", "")):
                if (scope_key(scope), code) in self.commands:
                    return self.commands[scope_key(scope), code]
        return []


def _scopes(chat: Chat, user_id: int) -> list[dict[str, Any]]:
    """Scopes that cover somebody in a chat, narrowest first, as the docs order them."""
    here = {"chat_id": chat.id}
    if not chat.is_group:
        return [{"type": "chat", **here}, {"type": "all_private_chats"}, {"type": "default"}]
    admin = chat.status(user_id) in ("creator", "administrator")
    return [
        {"type": "chat_member", **here, "user_id": user_id},
        *([{"type": "chat_administrators", **here}] if admin else []),
        {"type": "chat", **here},
        *([{"type": "all_chat_administrators"}] if admin else []),
        {"type": "all_group_chats"},
        {"type": "default"},
    ]
