"""Brings a database to the current schema; several processes may try at once, one does it."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from storage.database import Database
from storage.tables import metadata

MIGRATIONS = Path(__file__).with_name("migrations")


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def upgrade(db: Database) -> None:
    """Run the missing steps. Raises `DatabaseUnavailable`."""
    async with db.write() as tx:
        await db.one_at_a_time(tx, "migrate")
        await tx.run_sync(lambda connection: command.upgrade(_config(connection), "head"))


async def is_current(db: Database) -> bool:
    """Whether the database has the schema that this version of the program needs. Raises `DatabaseUnavailable`."""
    async with db.read() as tx:
        revision = await tx.run_sync(lambda connection: MigrationContext.configure(connection).get_current_revision())
    return revision == ScriptDirectory.from_config(_config()).get_current_head()


async def differences(db: Database) -> list[object]:
    """What the tables in the code have that the migrated database has not, or the other way round; for the tests."""
    async with db.read() as tx:
        return await tx.run_sync(lambda c: list(compare_metadata(MigrationContext.configure(c), metadata)))


async def write_step(db: Database, message: str, revision: str) -> None:
    """Write a new step from the differences between `db` (current) and the tables in the code."""
    async with db.write() as tx:
        await tx.run_sync(
            lambda c: command.revision(_config(c), message, autogenerate=True, rev_id=revision) and None
        )
