"""What a chat decides for itself; the office's values where it has not decided."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from desk.office import Desk
from storage import chats
from storage.database import Tx

#: The local time at which a chat gets its daily summary where it has not chosen one: when the working day is over.
SUMMARY_AT = "19:00"
_ZONES = available_timezones()


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """One chat's choices, resolved."""

    language: str
    zone: ZoneInfo
    summary_at: str | None
    """``HH:MM`` in the chat's zone; None: no daily summary."""
    hide_shorter_than: int
    """Seconds: missed calls shorter than this are not shown. 0 shows all."""


async def of_chat(desk: Desk, tx: Tx, chat_id: int) -> ChatSettings:
    chat = await chats.get(tx, chat_id)
    return resolved(desk, chat.settings if chat else {})


def resolved(desk: Desk, chosen: dict[str, Any]) -> ChatSettings:
    """Unreadable choices (from an older version, say) count as not made."""
    zone = chosen.get("timezone")
    return ChatSettings(
        language=chosen.get("language") or desk.office.language,
        zone=ZoneInfo(zone) if zone in _ZONES else desk.office.timezone,
        summary_at=chosen.get("summary_at", SUMMARY_AT),
        hide_shorter_than=int(chosen.get("hide_shorter_than", 0)),
    )


async def choose(tx: Tx, chat_id: int, **choices: Any) -> None:
    """Change some of a chat's settings; a choice of None takes the office's value again (but for `summary_at`)."""
    chat = await chats.get(tx, chat_id)
    if chat is not None:
        await chats.change_settings(tx, chat_id, {**chat.settings, **choices})
