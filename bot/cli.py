"""The command line: every command that `ringdesk --help` lists."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.init.command import init
from bot.running import run as run_bot
from bot.running import run_until_stopped, secrets_of, settings_of

__all__ = ["cli", "main", "run_until_stopped", "secrets_of", "settings_of"]

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The missed-call desk in a team's Telegram chat.",
)
contacts_cli = typer.Typer(no_args_is_help=True, help="Clients we have a name for.")
history_cli = typer.Typer(no_args_is_help=True, help="Calls of the past.")
cli.add_typer(contacts_cli, name="contacts")
cli.add_typer(history_cli, name="history")
events_cli = typer.Typer(no_args_is_help=True, help="What the PBXs told us.")
cli.add_typer(events_cli, name="events")
cli.command()(init)

ConfigOption = Annotated[Path, typer.Option("--config", help="The configuration file.")]
CONFIG = Path("ringdesk.toml")


def main() -> None:
    """The console script."""
    cli()


@cli.command()
def run(config: ConfigOption = CONFIG) -> None:
    """Run the bot until it is told to stop (SIGTERM, Ctrl-C)."""
    sys.exit(run_bot(config))


@cli.command()
def check(config: ConfigOption = CONFIG) -> None:
    """Try the token, every PBX's key, the database, the clock and the public address."""
    from bot.check import check as run_checks

    sys.exit(0 if asyncio.run(run_checks(settings_of(config))) else 1)


@cli.command()
def migrate(config: ConfigOption = CONFIG) -> None:
    """Bring the database to the current schema."""
    from bot import operator_words

    settings = settings_of(config)

    async def upgrade() -> None:
        from storage import migrate as migrations
        from storage.database import Database, DatabaseUnavailable

        db = Database(settings.database.url)
        try:
            await migrations.upgrade(db)
        except DatabaseUnavailable as broken:
            typer.echo(operator_words.why_not(settings, broken), err=True)
            raise typer.Exit(1) from None
        finally:
            await db.aclose()

    asyncio.run(upgrade())
    say = operator_words.voice(settings)
    typer.echo(say("The database has the current schema."))


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

    sys.exit(asyncio.run(contacts(settings_of(config), file)))


@history_cli.command("import")
def import_history(
    pbx: Annotated[str, typer.Option(help="The id of the PBX.")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.")],
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Past calls from the PBX. May be interrupted and begun again: finished days are not read twice."""
    from bot.imports import history

    sys.exit(asyncio.run(history(settings_of(config), pbx, since, until)))


@cli.command()
def export(
    number: Annotated[str, typer.Argument(help="The client's number, as people write it.")],
    to: Annotated[Path | None, typer.Option(help="Write to this file instead of the standard output.")] = None,
    config: ConfigOption = CONFIG,
) -> None:
    """Everything that is known about a client, as JSON."""
    from bot.privacy import export as write_out

    sys.exit(asyncio.run(write_out(settings_of(config), number, to)))


@cli.command()
def forget(
    number: Annotated[str, typer.Argument(help="The client's number, as people write it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether you are sure.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Remove everything about a client: calls, cases, contact, ratings, raw events, and messages in chats."""
    from bot.privacy import forget as take_out

    sys.exit(asyncio.run(take_out(settings_of(config), number, sure=yes)))


@cli.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes.")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file if it is there.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    """A consistent copy of the database, also while the bot runs."""
    from bot.backup import make

    sys.exit(make(settings_of(config), file, force=force))


@events_cli.command("failed")
def failed_events(
    bodies: Annotated[bool, typer.Option("--bodies", help="Show what the PBX sent, numbers included.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Events that could not be worked, and why."""
    from bot.events_cli import failed

    sys.exit(asyncio.run(failed(settings_of(config), bodies=bodies)))


@events_cli.command("retry")
def retry_events(
    ids: Annotated[list[int] | None, typer.Argument(help="Which, as `ringdesk events failed` lists them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every one that failed.")] = False,
    config: ConfigOption = CONFIG,
) -> None:
    """Have failed events worked again."""
    from bot.events_cli import retry

    sys.exit(asyncio.run(retry(settings_of(config), ids or [], every=every)))
