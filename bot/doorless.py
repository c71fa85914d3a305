"""The office's desk without doors, for commands that work on its database, also beside the running bot."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import typer
from sqlalchemy import make_url

from bot import operator_words
from bot.app import desk as build_desk
from bot.settings import Settings
from bot.words import Words
from desk.clock import SystemClock
from desk.office import Desk
from storage import migrate
from storage.database import Database, DatabaseUnavailable

#: Exit statuses: all done; something was not; the call itself was wrong.
DONE, NOT_ALL, WRONG = 0, 1, 2


@asynccontextmanager
async def new_or_old(settings: Settings) -> AsyncIterator[Desk]:
    """A desk on a database that is brought to the current schema, and made if there is none."""
    async with _desk(settings) as desk:
        await migrate.upgrade(desk.db)
        yield desk


@asynccontextmanager
async def as_it_is(settings: Settings) -> AsyncIterator[Desk]:
    """A desk on the database that is there; a bot may be at work on it. Exits with words if it can't be used."""
    file, say = sqlite_file(settings), operator_words.voice(settings)
    if file and not file.exists():
        typer.echo(no_database(say, file), err=True)
        raise typer.Exit(NOT_ALL)
    with told(say):
        async with _desk(settings) as desk:
            if not await migrate.is_current(desk.db):
                typer.echo(
                    say("The database has the schema of another version. Run `ringdesk migrate` first."), err=True
                )
                raise typer.Exit(NOT_ALL)
            yield desk


def no_database(say: Words, file: Path) -> str:
    return say("There is no database at {file}. Check database.url, and the folder you are in.", file=file)


@contextmanager
def told(say: Words) -> Iterator[None]:
    """A database that can't be used is said in one line; exit status 1."""
    try:
        yield
    except DatabaseUnavailable as broken:
        typer.echo(
            say("The database can't be used: {reason}. Nothing was changed; try again.", reason=broken), err=True
        )
        raise typer.Exit(NOT_ALL) from None


def sqlite_file(settings: Settings) -> Path | None:
    """None for PostgreSQL."""
    url = make_url(settings.database.url)
    return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None


@asynccontextmanager
async def _desk(settings: Settings) -> AsyncIterator[Desk]:
    db = Database(settings.database.url)
    desk = build_desk(settings, db, SystemClock())
    try:
        yield desk
    finally:
        for pbx in desk.pbxes.values():
            await pbx.close()
        await db.aclose()
