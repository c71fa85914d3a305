"""`ringdesk backup`: a copy of the database to a file, while the bot goes on working."""

from pathlib import Path

import typer
from sqlalchemy import make_url

from bot import doorless
from bot.doorless import DONE, NOT_ALL
from bot.settings import Settings
from storage import backup
from storage.backup import BackupFailed, NoPgDump


def make(settings: Settings, target: Path, *, force: bool) -> int:
    """The exit status."""
    if target.exists() and not force:
        typer.echo(f"{target} is there already. Choose another name, or overwrite it with --force.", err=True)
        return NOT_ALL
    source = doorless.sqlite_file(settings)
    if source and not source.exists():
        typer.echo(f"There is no database at {source}. Check database.url, and the folder you are in.", err=True)
        return NOT_ALL
    try:
        if source:
            backup.of_sqlite(source, target)
        else:
            backup.of_postgres(make_url(settings.database.url), target)
    except NoPgDump as lacking:
        typer.echo(
            f"{lacking}. Run this where it is, with the password in place of “…”:\n{lacking.command}", err=True
        )
        return NOT_ALL
    except BackupFailed as failed:
        typer.echo(f"There is no backup: {failed}.", err=True)
        return NOT_ALL
    except OSError as broken:
        typer.echo(f"{target} can't be written: {broken.strerror}.", err=True)
        return NOT_ALL
    typer.echo(f"{target}: {target.stat().st_size / 1024:.0f} KiB, checked. It holds clients' data: keep it safe.")
    return DONE
