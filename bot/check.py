"""`ringdesk check`: tries everything that the program needs, a line each, and says what to do about each failure."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

import typer
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot import check_more
from bot.app import desk as build_desk
from bot.check_more import Trouble
from bot.check_words import WORDS, answered
from bot.settings import Settings
from bot.words import Words
from desk.clock import SystemClock
from desk.office import Desk
from pbx.errors import AuthFailed, PbxError
from pbx.phone_system import PhoneSystem
from storage import migrate
from storage.database import Database, DatabaseUnavailable

#: A clock further off than this makes calls seem to happen in another order.
CLOCK_MAY_BE_OFF = timedelta(seconds=10)
TIMEOUT = ClientTimeout(total=10)


Check = tuple[str, Callable[[], Awaitable[str]]]


async def check(settings: Settings, *, has_begun: bool = True) -> bool:
    """Print a line for each thing, in the office's language; whether all hold.

    Unless `has_begun`, the bot has never run: then nothing of its work is looked for.
    """
    say = Words(settings.office.language, WORDS)
    async with AsyncExitStack() as stack:
        db = Database(settings.database.url)
        stack.push_async_callback(db.aclose)
        desk = build_desk(settings, db, SystemClock())
        for pbx in desk.pbxes.values():
            stack.push_async_callback(pbx.close)
        http = await stack.enter_async_context(ClientSession(timeout=TIMEOUT))
        checks: list[Check] = [
            (say("database"), lambda: _database(say, db)),
            ("telegram", lambda: _telegram(say, settings)),
            (say("clock"), lambda: _clock(say, http, settings.telegram.api_url)),
            (say("disk"), lambda: check_more.disk(say, settings)),
            *((say("pbx {pbx}", pbx=one.id), partial(_pbx, say, one)) for one in desk.pbxes.values()),
        ]
        if has_begun:
            checks.append((say("public address"), lambda: _public_url(say, http, settings)))
        results = [await _tried(name, one) for name, one in checks]
        if has_begun and results[0] and await migrate.is_current(db):
            results += [await _tried(name, one) for name, one in _of_the_database(say, settings, desk)]
    return all(results)


def _of_the_database(say: Words, settings: Settings, desk: Desk) -> Iterator[Check]:
    """What can be asked once the tables are there."""
    yield say("process"), lambda: check_more.leader(say, settings, desk.db)
    for pbx in desk.pbxes.values():
        if pbx.capabilities.webhook:
            yield say("last event of {pbx}", pbx=pbx.id), partial(check_more.last_event, say, desk.db, pbx.id)


async def _tried(name: str, one: Callable[[], Awaitable[str]]) -> bool:
    try:
        typer.echo(f"ok    {name}: {await one()}")
    except Trouble as trouble:
        typer.echo(f"FAIL  {name}: {trouble}")
        return False
    return True


async def _database(say: Words, db: Database) -> str:
    try:
        if await migrate.is_current(db):
            return say("can be used, its schema is current")
    except DatabaseUnavailable as broken:
        raise Trouble(
            say("can't be used ({reason}). Check database.url, and that the server runs.", reason=broken)
        ) from None
    return say("can be used; `ringdesk run` will bring its schema up to date")


async def _telegram(say: Words, settings: Settings) -> str:
    from desk.limits import Limits
    from handlers.chat import door

    said = settings.telegram
    clock = SystemClock()
    bot = door.connect(
        said.token.get_secret_value(), said.api_url, proxy=said.proxy, limits=Limits(clock), clock=clock
    )
    from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramUnauthorizedError  # the door first

    try:
        me = await bot.get_me(request_timeout=10)
        updates = await check_more.webhook(say, bot, settings)
    except TelegramUnauthorizedError:
        raise Trouble(
            say("the token is refused. Ask @BotFather for it again (/token) and set telegram.token.")
        ) from None
    except (TelegramAPIError, ClientDecodeError) as error:
        raise Trouble(
            say(
                "{url} can't be reached ({reason}). Check the network, telegram.proxy, telegram.api_url.",
                url=said.api_url,
                reason=type(error).__name__,
            )
        ) from None
    finally:
        await bot.session.close()
    found = say("the bot is @{name}; {updates}", name=me.username, updates=updates)
    if me.can_join_groups:
        return found
    return f"{found}; {say('it may not join groups: allow it at @BotFather (/setjoingroups).')}"


async def _clock(say: Words, http: ClientSession, url: str) -> str:
    """Compared with what Telegram's server says the time is."""
    try:
        async with http.get(url) as response:
            theirs = parsedate_to_datetime(response.headers["Date"])
    except (ClientError, TimeoutError, KeyError, ValueError):
        return say("not compared: Telegram did not say what time it is")
    off = abs(datetime.now(UTC) - theirs)
    if off > CLOCK_MAY_BE_OFF:
        seconds = f"{off.total_seconds():.0f}"
        raise Trouble(say("is {n} s off. Switch time synchronisation on (timedatectl set-ntp true).", n=seconds))
    return say("right")


async def _pbx(say: Words, pbx: PhoneSystem) -> str:
    try:
        return answered(say, await pbx.check())
    except AuthFailed as refused:
        right = refused.missing_right
        raise Trouble(
            say("the key is refused: it lacks the right {right}. Give it in the PBX's cabinet.", right=right)
            if right
            else say("the key is refused. Check `key` of this [[pbx]] against the PBX's cabinet.")
        ) from None
    except PbxError as error:
        raise Trouble(say("{error}. Check `url` of this [[pbx]], its proxy and the network.", error=error)) from None


async def _public_url(say: Words, http: ClientSession, settings: Settings) -> str:
    url = settings.http.public_url
    if not url:
        return say("none configured: fine for polling, but the PBX must be able to reach our /pbx/… address")
    try:
        async with http.get(f"{url}/healthz") as response:
            status = response.status
    except (ClientError, TimeoutError) as error:
        reason = type(error).__name__
        raise Trouble(
            say(
                "{url}/healthz can't be reached ({reason}). Is `ringdesk run` up, and does the proxy forward to it?",
                url=url,
                reason=reason,
            )
        ) from None
    if status != 200:
        raise Trouble(
            say(
                "{url}/healthz answered {status}: something else answers there. Check the proxy.",
                url=url,
                status=status,
            )
        )
    return say("{url} reaches us", url=url)
