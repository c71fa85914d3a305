"""A database of the version before keeps what is in it when it is brought to the current schema."""

from alembic import command
from sqlalchemy import text

from storage import chats, migrate
from storage.database import Database

#: As the first version wrote it.
BINDING = """INSERT INTO bindings (chat_id, thread_id, pbx_id, notices, since)
VALUES (-5, 0, 'main', '["missed"]', 1700000000000)"""

TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, relname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal",
}


async def test_what_was_there_before_the_second_step_is_there_after_it(database_url: str) -> None:
    db = Database(database_url)
    try:
        async with db.write() as tx:
            await tx.run_sync(lambda connection: command.downgrade(migrate._config(connection), "0001"))
            await tx.execute(text(BINDING))
        assert not await migrate.is_current(db)
        await migrate.upgrade(db)
        assert await migrate.is_current(db)
        assert await migrate.differences(db) == []
        async with db.read() as tx:
            [bound] = await chats.bindings_of_chat(tx, -5)
        assert (bound.pbx_id, bound.notices, bound.filters) == ("main", ["missed"], {})
    finally:
        await db.aclose()


async def test_what_summaries_count_has_its_triggers(database_url: str) -> None:
    """A step that rebuilds one of these tables on SQLite takes its triggers away, and has to make them anew."""
    db = Database(database_url)
    try:
        async with db.read() as tx:
            found = {tuple(row) for row in await tx.execute(text(TRIGGERS[tx.dialect.name]))}
    finally:
        await db.aclose()
    counted = ("calls", "cases", "ratings")
    each = {(f"{table}_{what}", table) for table in counted for what in ("added", "changed", "gone")}
    assert found == each | {("calls_assigned", "calls")}
