"""Who has opened the board: what Telegram signed for the page (`initData`), checked before anything is read from it.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl

#: A board that stays open for longer is opened anew: whoever has its address by then may be somebody else.
LASTS = timedelta(hours=24)
#: Telegram's clock and ours need not agree to the second.
SKEW = timedelta(minutes=1)
#: Characters; a real one has about five hundred.
LONGEST = 4096
#: Telegram's user ids have 52 bits at most.
LARGEST_ID = 2**52


class NotSigned(Exception):
    """Nothing that Telegram has signed for this bot."""


class TooOld(NotSigned):
    """It was once."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Who has opened the board, and from which chat, if the link named one."""

    user_id: int
    name: str
    chat_id: int | None


def key_of(token: str) -> bytes:
    """The key that a bot's openings are signed with."""
    return hmac.digest(b"WebAppData", token.encode(), sha256)


def opening(init_data: str, key: bytes, now: datetime) -> Opening:
    """Raises `NotSigned`, or `TooOld`."""
    said = _fields(init_data)
    given = said.pop("hash", "")
    # `signature`, which others than the bot may check, is one of the fields that `hash` covers.
    lines = "\n".join(f"{name}={said[name]}" for name in sorted(said))
    expected = hmac.new(key, _bytes(lines), sha256).hexdigest()
    if not hmac.compare_digest(_bytes(given), expected.encode()):
        raise NotSigned("another hash")
    _check_age(said.get("auth_date", ""), now)
    return Opening(*_user(said.get("user", "")), _chat(said.get("start_param", "")))


def _fields(init_data: str) -> dict[str, str]:
    if len(init_data) > LONGEST:
        raise NotSigned("too long")
    try:
        pairs = parse_qsl(init_data, keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise NotSigned("no form") from None
    said = dict(pairs)
    if len(said) != len(pairs):
        raise NotSigned("a field twice")
    return said


def _bytes(text: str) -> bytes:
    """Whatever characters somebody sends in a header."""
    return text.encode("utf-8", "surrogateescape")


def _check_age(said: str, now: datetime) -> None:
    if not (said.isascii() and said.isdigit() and len(said) <= 11):
        raise NotSigned("no date")
    signed_at = datetime.fromtimestamp(int(said), UTC)
    if signed_at > now + SKEW:
        raise NotSigned("from the future")
    if signed_at < now - LASTS:
        raise TooOld("too old")


def _user(said: str) -> tuple[int, str]:
    try:
        user = json.loads(said)
        user_id, names = user["id"], (user.get("first_name", ""), user.get("last_name", ""))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise NotSigned("no user") from None
    if type(user_id) is not int or not 0 < user_id < LARGEST_ID or user.get("is_bot"):
        raise NotSigned("no person")
    return user_id, " ".join(name for name in names if isinstance(name, str) and name)


def _chat(said: str) -> int | None:
    """``-1001234``: what our links name. Anything else means no chat."""
    figures = said.removeprefix("-")
    return int(said) if figures.isascii() and figures.isdigit() and len(figures) <= 16 else None
