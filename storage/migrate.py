"""Brings a database to the current schema; several processes may try at once, one does it."""

from pathlib import Path
from typing import TYPE_CHECKING

from storage.database import Database
from storage.driver import lacks_table

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

MIGRATIONS = Path(__file__).with_name("migrations")


async def upgrade(db: Database) -> None:
    """Run the missing steps. Raises `DatabaseUnavailable`.

    Mostly there are none: one question, and the library that runs them is slow to import and not needed.
    """
    if await is_current(db):
        return
    from alembic import command

    async with db.write() as tx:
        await db.one_at_a_time(tx, "migrate")
        await tx.run_sync(lambda connection: command.upgrade(_config(connection), "head"))


async def is_current(db: Database) -> bool:
    """Whether the database has the schema that this version of the program needs. Raises `DatabaseUnavailable`."""
    try:
        return bool(await db.value("SELECT version_num FROM alembic_version") == latest())
    except Exception as broken:
        if lacks_table(broken):  # a new one
            return False
        raise


def latest() -> str:
    """The last step there is: a step's file begins with its number."""
    return max(step.name.partition("_")[0] for step in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _config(connection: "Connection") -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def differences(db: Database) -> list[object]:
    """What the tables in the code have that the migrated database has not, or the other way round; for the tests."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from storage.tables import metadata

    async with db.read() as tx:
        return await tx.run_sync(lambda c: list(compare_metadata(MigrationContext.configure(c), metadata)))


async def write_step(db: Database, message: str, revision: str) -> None:
    """Write a new step from the differences between `db` (current) and the tables in the code."""
    from alembic import command

    async with db.write() as tx:
        await tx.run_sync(
            lambda c: command.revision(_config(c), message, autogenerate=True, rev_id=revision) and None
        )
