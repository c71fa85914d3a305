"""The parts of `ringdesk check` that look at the database's surroundings and at what Telegram thinks of us."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from bot.app import telegram_route
from bot.settings import Settings
from bot.words import Words
from storage import inbox
from storage.alone import Alone, AlreadyServed
from storage.database import Database
from storage.leadership import is_led

if TYPE_CHECKING:
    from aiogram import Bot
    from aiogram.types import WebhookInfo

#: Bytes: with less, SQLite may stop us in the middle of a busy day.
DISK_NEEDED = 500 * 1024 * 1024
#: How far back the last event of a PBX is looked for.
LOOK_BACK = timedelta(days=30)
#: An older failure of Telegram's is over.
RECENT = timedelta(hours=1)


class Trouble(Exception):
    """What is wrong and what to do about it."""


async def leader(say: Words, settings: Settings, db: Database) -> str:
    """Whether a bot is at work on this database."""
    if not db.is_sqlite:
        async with db.read() as tx:
            led = await is_led(tx)
        return say("one process leads") if led else say("no process leads: `ringdesk run` is not up")
    alone = Alone(settings.database.url)
    try:
        alone.take()
    except AlreadyServed as busy:
        return say("the bot runs (process {pid})", pid=busy.pid or "?")
    except OSError as broken:
        reason = broken.strerror
        raise Trouble(
            say("its folder can't be written ({reason}). Give the bot's user the right to.", reason=reason)
        ) from None
    alone.close()
    return say("the bot does not run: `ringdesk run` starts it")


async def disk(say: Words, settings: Settings) -> str:
    """Room for SQLite; PostgreSQL has its own operators."""
    url = make_url(settings.database.url)
    if not url.drivername.startswith("sqlite") or not url.database:
        return say("PostgreSQL's own")
    folder, free = _room(url.database)
    said = say("{free} GiB free in {folder}", free=f"{free / 1024**3:.1f}", folder=folder)
    if free < DISK_NEEDED:
        raise Trouble(say("{said}. Make room: a full disk stops the bot from taking events.", said=said))
    return said


def _room(file: str) -> tuple[Path, int]:
    """The folder, and the bytes that are free there."""
    folder = Path(file).absolute().parent
    return folder, shutil.disk_usage(folder).free


async def last_event(say: Words, db: Database, pbx_id: str) -> str:
    """What this PBX last told us through its webhook."""
    now = datetime.now(UTC)
    async with db.read() as tx:
        last = await inbox.last_received(tx, pbx_id, now - LOOK_BACK)
    if last is None:
        return say("none in 30 days; if calls were made, check the webhook's address and key in the PBX's cabinet")
    return say("{n} min ago", n=int((now - last).total_seconds() // 60))


async def webhook(say: Words, bot: "Bot", settings: Settings) -> str:
    """Where Telegram sends updates, and whether it could."""
    info = await bot.get_webhook_info(request_timeout=10)
    route = telegram_route(settings)
    if route is None:
        if not info.url:
            return say("messages are fetched")
        return say(
            "messages are to be fetched, but a webhook is set, maybe another program's: `ringdesk run` takes it away"
        )
    if info.url != f"{settings.http.public_url}/telegram/{route.path_secret}":
        return say("the webhook is not set to us yet: `ringdesk run` sets it")
    _could(say, info)
    return say("Telegram sends messages to us; {n} wait", n=info.pending_update_count)


def _could(say: Words, info: "WebhookInfo") -> None:
    at = info.last_error_date
    if at is not None and datetime.now(UTC) - at < RECENT:
        said = {"at": f"{at:%H:%M}", "reason": info.last_error_message}
        raise Trouble(
            say(
                "Telegram could not reach us at {at} UTC: {reason}. Check http.public_url, its certificate, proxy.",
                **said,
            )
        )
