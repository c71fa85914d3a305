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
from bot.settings import Settings
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


async def check(settings: Settings) -> bool:
    """Print a line for each thing; whether all hold."""
    async with AsyncExitStack() as stack:
        db = Database(settings.database.url)
        stack.push_async_callback(db.aclose)
        desk = build_desk(settings, db, SystemClock())
        for pbx in desk.pbxes.values():
            stack.push_async_callback(pbx.close)
        http = await stack.enter_async_context(ClientSession(timeout=TIMEOUT))
        checks: list[Check] = [
            ("database", lambda: _database(db)),
            ("telegram", lambda: _telegram(settings)),
            ("clock", lambda: _clock(http, settings.telegram.api_url)),
            ("disk", lambda: check_more.disk(settings)),
            *((f"pbx {one.id}", lambda one=one: _pbx(one)) for one in desk.pbxes.values()),
            ("public address", lambda: _public_url(http, settings)),
        ]
        results = [await _tried(name, one) for name, one in checks]
        if results[0] and await migrate.is_current(db):
            results += [await _tried(name, one) for name, one in _of_the_database(settings, desk)]
    return all(results)


def _of_the_database(settings: Settings, desk: Desk) -> Iterator[Check]:
    """What can be asked once the tables are there."""
    yield "leader", lambda: check_more.leader(settings, desk.db)
    for pbx in desk.pbxes.values():
        if pbx.capabilities.webhook:
            yield f"last event of {pbx.id}", partial(check_more.last_event, desk.db, pbx.id)


async def _tried(name: str, one: Callable[[], Awaitable[str]]) -> bool:
    try:
        typer.echo(f"ok    {name}: {await one()}")
    except Trouble as trouble:
        typer.echo(f"FAIL  {name}: {trouble}")
        return False
    return True


async def _database(db: Database) -> str:
    try:
        if await migrate.is_current(db):
            return "reachable, the schema is current"
    except DatabaseUnavailable as broken:
        raise Trouble(f"can't be used ({broken}). Check database.url, and that the server runs.") from None
    return "reachable; `ringdesk run` will bring the schema up to date"


async def _telegram(settings: Settings) -> str:
    from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramUnauthorizedError

    from desk.limits import Limits
    from handlers.chat import door

    said = settings.telegram
    clock = SystemClock()
    bot = door.connect(
        said.token.get_secret_value(), said.api_url, proxy=said.proxy, limits=Limits(clock), clock=clock
    )
    try:
        me = await bot.get_me(request_timeout=10)
        updates = await check_more.webhook(bot, settings)
    except TelegramUnauthorizedError:
        raise Trouble("the token is refused. Ask @BotFather for it again (/token) and set telegram.token.") from None
    except (TelegramAPIError, ClientDecodeError) as error:
        raise Trouble(
            f"{said.api_url} can't be reached ({type(error).__name__}). "
            "Check the network, telegram.proxy, telegram.api_url."
        ) from None
    finally:
        await bot.session.close()
    groups = "" if me.can_join_groups else "; it may not join groups: allow it at @BotFather (/setjoingroups)"
    return f"the bot is @{me.username}; {updates}{groups}"


async def _clock(http: ClientSession, url: str) -> str:
    """Compared with what Telegram's server says the time is."""
    try:
        async with http.get(url) as response:
            theirs = parsedate_to_datetime(response.headers["Date"])
    except (ClientError, TimeoutError, KeyError, ValueError):
        return "not compared: Telegram did not say what time it is"
    off = abs(datetime.now(UTC) - theirs)
    if off > CLOCK_MAY_BE_OFF:
        raise Trouble(
            f"is {off.total_seconds():.0f} s off. Switch time synchronisation on (timedatectl set-ntp true)."
        )
    return "right"


async def _pbx(pbx: PhoneSystem) -> str:
    try:
        return await pbx.check()
    except AuthFailed as refused:
        right = f" It lacks the right: {refused.missing_right}." if refused.missing_right else ""
        raise Trouble(f"the key is refused.{right} Check `key` of this [[pbx]] against the PBX's cabinet.") from None
    except PbxError as error:
        raise Trouble(f"{error}. Check `url` of this [[pbx]], its proxy and the network.") from None


async def _public_url(http: ClientSession, settings: Settings) -> str:
    url = settings.http.public_url
    if not url:
        return "none configured: fine for polling, but the PBX must be able to reach our /pbx/… address"
    try:
        async with http.get(f"{url}/healthz") as response:
            status = response.status
    except (ClientError, TimeoutError) as error:
        raise Trouble(
            f"{url}/healthz can't be reached ({type(error).__name__}). "
            "Is `ringdesk run` up, and does the proxy forward to it?"
        ) from None
    if status != 200:
        raise Trouble(f"{url}/healthz answered {status}: something else answers there. Check the proxy.")
    return f"{url} reaches us"
