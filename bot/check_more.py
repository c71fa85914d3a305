"""The parts of `ringdesk check` that look at the database's surroundings and at what Telegram thinks of us."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiogram import Bot
from aiogram.types import WebhookInfo
from sqlalchemy import make_url

from bot.app import telegram_route
from bot.settings import Settings
from storage import inbox
from storage.alone import Alone, AlreadyServed
from storage.database import Database
from storage.leadership import is_led

#: Bytes: with less, SQLite may stop us in the middle of a busy day.
DISK_NEEDED = 500 * 1024 * 1024
#: How far back the last event of a PBX is looked for.
LOOK_BACK = timedelta(days=30)
#: An older failure of Telegram's is over.
RECENT = timedelta(hours=1)


class Trouble(Exception):
    """What is wrong and what to do about it."""


async def leader(settings: Settings, db: Database) -> str:
    """Whether a bot is at work on this database."""
    if not db.is_sqlite:
        async with db.read() as tx:
            led = await is_led(tx)
        return "one process leads" if led else "no process leads: `ringdesk run` is not up"
    alone = Alone(settings.database.url)
    try:
        alone.take()
    except AlreadyServed as busy:
        return f"one process is at work on it ({busy.pid or 'unknown'})"
    except OSError as broken:
        raise Trouble(f"its folder can't be written ({broken.strerror}). Give the bot's user the right to.") from None
    alone.close()
    return "no process is at work on it: `ringdesk run` is not up"


async def disk(settings: Settings) -> str:
    """Room for SQLite; PostgreSQL has its own operators."""
    url = make_url(settings.database.url)
    if not url.drivername.startswith("sqlite") or not url.database:
        return "PostgreSQL's own"
    folder, free = _room(url.database)
    said = f"{free / 1024**3:.1f} GiB free in {folder}"
    if free < DISK_NEEDED:
        raise Trouble(f"{said}. Make room: a full disk stops the bot from taking events.")
    return said


def _room(file: str) -> tuple[Path, int]:
    """The folder, and the bytes that are free there."""
    folder = Path(file).absolute().parent
    return folder, shutil.disk_usage(folder).free


async def last_event(db: Database, pbx_id: str) -> str:
    """What this PBX last told us through its webhook."""
    now = datetime.now(UTC)
    async with db.read() as tx:
        last = await inbox.last_received(tx, pbx_id, now - LOOK_BACK)
    if last is None:
        return "none in 30 days; if calls were made, check the webhook's address and key in the PBX's cabinet"
    return f"{int((now - last).total_seconds() // 60)} min ago"


async def webhook(bot: Bot, settings: Settings) -> str:
    """Where Telegram sends updates, and whether it could."""
    info = await bot.get_webhook_info(request_timeout=10)
    route = telegram_route(settings)
    if route is None:
        if not info.url:
            return "updates are polled"
        return "updates are to be polled, but a webhook is set, maybe another program's: `ringdesk run` takes it away"
    if info.url != f"{settings.http.public_url}/telegram/{route.path_secret}":
        return "not set to us yet: `ringdesk run` sets it"
    _could(info)
    return f"Telegram sends updates to us; {info.pending_update_count} wait"


def _could(info: WebhookInfo) -> None:
    at = info.last_error_date
    if at is not None and datetime.now(UTC) - at < RECENT:
        raise Trouble(
            f"Telegram could not reach us at {at:%H:%M} UTC: {info.last_error_message}. "
            "Check http.public_url, its certificate and the proxy."
        )
