"""The command line: `ringdesk run`, `check`, `migrate`, `demo`, `contacts import`, `history import`."""

import asyncio
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import BadSettings, Settings, load

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
contacts_cli = typer.Typer(no_args_is_help=True, help="Clients we have a name for.")
history_cli = typer.Typer(no_args_is_help=True, help="Calls of the past.")
cli.add_typer(contacts_cli, name="contacts")
cli.add_typer(history_cli, name="history")

#: The exit status for a configuration that can't be used.
BAD_CONFIGURATION = 2

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file.")]
CONFIG = Path("ringdesk.toml")


def main() -> None:
    """The console script."""
    cli()


def _settings(path: Path) -> Settings:
    """The checked configuration; logs are set up as it says. Exits with status 2 and a line a trouble."""
    try:
        settings = load(path)
    except BadSettings as bad:
        typer.echo(str(bad), err=True)
        raise typer.Exit(BAD_CONFIGURATION) from None
    from bot.logs import configure

    configure(settings.log, secrets_of(settings))
    return settings


def secrets_of(settings: Settings) -> list[str]:
    """Every secret of the configuration, to be kept out of logs."""
    from pydantic import SecretStr

    parts = [settings.telegram, *settings.pbx]
    values = [value for part in parts for value in dict(part).values() if isinstance(value, SecretStr)]
    password = settings.database.url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    return [value.get_secret_value() for value in values] + [password]


@cli.command()
def run(config: ConfigOption = CONFIG) -> None:
    """Run the bot until it is told to stop (SIGTERM, Ctrl-C)."""
    settings = _settings(config)
    sys.exit(asyncio.run(_run(settings)))


async def _run(settings: Settings) -> int:
    from bot.app import App
    from storage.alone import AlreadyServed
    from storage.database import DatabaseUnavailable

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, stopping.set)
    app = App(settings)
    try:
        await app.start()
        await stopping.wait()
    except AlreadyServed as busy:
        typer.echo(str(busy), err=True)
        return 1
    except DatabaseUnavailable as broken:
        typer.echo(f"The database can't be used: {broken}. Check database.url.", err=True)
        return 1
    except OSError as broken:
        typer.echo(f"Can't listen on {settings.http.host}:{settings.http.port}: {broken.strerror}", err=True)
        return 1
    finally:
        await app.stop()
    return 0


@cli.command()
def check(config: ConfigOption = CONFIG) -> None:
    """Try the token, every PBX's key, the database, the clock and the public address."""
    from bot.check import check as run_checks

    sys.exit(0 if asyncio.run(run_checks(_settings(config))) else 1)


@cli.command()
def migrate(config: ConfigOption = CONFIG) -> None:
    """Bring the database to the current schema."""
    settings = _settings(config)

    async def upgrade() -> None:
        from storage import migrate as migrations
        from storage.database import Database

        db = Database(settings.database.url)
        try:
            await migrations.upgrade(db)
        finally:
            await db.aclose()

    asyncio.run(upgrade())
    typer.echo("The database has the current schema.")


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="The chat page's port.")] = 8080,
    keep: Annotated[Path | None, typer.Option(help="Keep the demo's files in this folder.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the chat page in the browser.")] = True,
) -> None:
    """The whole bot with a simulated office and a Telegram of its own: no token, no PBX needed."""
    from bot.demo import main as play

    play(port, keep, browser)


@contacts_cli.command("import")
def import_contacts(file: Path, config: ConfigOption = CONFIG) -> None:
    """Contacts from `phone,name,responsible` rows; rejected rows are reported with their line numbers."""
    from bot.imports import contacts

    sys.exit(asyncio.run(contacts(_settings(config), file)))


@history_cli.command("import")
def import_history(
    pbx: Annotated[str, typer.Option(help="The id of the PBX.")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Past calls from the PBX. May be interrupted and begun again: finished days are not read twice."""
    from bot.imports import history

    sys.exit(asyncio.run(history(_settings(config), pbx, since, until)))
