"""`ringdesk backup`: a copy of the database to a file, while the bot goes on working."""

from pathlib import Path

import typer
from sqlalchemy import make_url

from bot import doorless, operator_words
from bot.doorless import DONE, NOT_ALL
from bot.settings import Settings
from storage import backup
from storage.backup import BackupFailed, NoPgDump


def make(settings: Settings, target: Path, *, force: bool) -> int:
    """The exit status."""
    say = operator_words.voice(settings)
    if target.exists() and not force:
        words = say("{file} is there already. Choose another name, or overwrite it with --force.", file=target)
        typer.echo(words, err=True)
        return NOT_ALL
    source = doorless.sqlite_file(settings)
    if source and not source.exists():
        typer.echo(doorless.no_database(say, source), err=True)
        return NOT_ALL
    try:
        if source:
            backup.of_sqlite(source, target)
        else:
            backup.of_postgres(make_url(settings.database.url), target)
    except NoPgDump as lacking:
        told = {"reason": say("pg_dump is not installed here"), "command": lacking.command}
        where = say("{reason}. Run this where it is, with the password in place of “…”:\n{command}", **told)
        typer.echo(where, err=True)
        return NOT_ALL
    except BackupFailed as failed:
        typer.echo(say("There is no backup: {reason}.", reason=failed), err=True)
        return NOT_ALL
    except OSError as broken:
        typer.echo(say("{file} can't be written: {reason}.", file=target, reason=broken.strerror), err=True)
        return NOT_ALL
    size = f"{target.stat().st_size / 1024:.0f}"
    typer.echo(say("{file}: {size} KiB, checked. It holds clients' data: keep it safe.", file=target, size=size))
    return DONE
