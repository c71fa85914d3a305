"""The database under its house rules: nothing written is lost, outages are told from mistakes, both kinds alike."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from storage import inbox as inbox_queries
from storage import memory, migrate
from storage.arrivals import Arrival, InboxWriter
from storage.database import Database, DatabaseUnavailable, Tx
from storage.one_hop import Answer, Connection
from storage.tables import firings, inbox, kept
from tests.storage.outages import closed, cut_connections, without_patience

NOW = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    without_patience(monkeypatch)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.aclose()


def arrival(n: int) -> Arrival:
    return Arrival("main", f"key {n}", NOW + timedelta(seconds=n), f"body {n}".encode())


async def _count(db: Database, table: object = inbox) -> int:
    async with db.read() as tx:
        return (await tx.execute(select(func.count()).select_from(table))).scalar_one()  # type: ignore[arg-type]


# Schema


async def test_the_migrations_make_the_tables_of_the_code(db: Database) -> None:
    assert await migrate.differences(db) == []
    assert await migrate.is_current(db)


async def test_migrating_again_changes_nothing(db: Database) -> None:
    async with db.write() as tx:
        await memory.fire(db, tx, "once", NOW)
    await migrate.upgrade(db)
    assert await _count(db, firings) == 1


async def test_an_empty_database_is_not_current(tmp_path: Path) -> None:
    empty = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    assert not await migrate.is_current(empty)
    await migrate.upgrade(empty)
    assert await migrate.is_current(empty)
    await empty.aclose()


async def test_two_processes_may_migrate_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the second waits for the first's lock
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    first, second = Database(url), Database(url)
    async with first.write() as tx:
        await tx.execute(text("SELECT 1"))
    await asyncio.gather(migrate.upgrade(first), migrate.upgrade(second))
    assert await migrate.differences(second) == []
    await first.aclose()
    await second.aclose()


# Writing


async def test_writers_at_the_same_time_lose_nothing(db: Database) -> None:
    async def count_up(times: int) -> None:
        for _ in range(times):
            async with db.write() as tx:
                await db.one_at_a_time(tx, "counter")
                seen = int(await memory.recall(tx, "", "counter") or 0)
                await asyncio.sleep(0)
                await memory.keep(db, tx, "", "counter", str(seen + 1), NOW)

    await asyncio.gather(*(count_up(5) for _ in range(8)))
    async with db.read() as tx:
        assert await memory.recall(tx, "", "counter") == "40"


async def test_two_processes_on_one_database_lose_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    one, other = Database(database_url), Database(database_url)

    async def fill(db: Database, first: int) -> None:
        writer = InboxWriter(db)
        await asyncio.gather(*(writer.put(arrival(n)) for n in range(first, first + 60)))

    await asyncio.gather(fill(one, 0), fill(other, 30))
    assert await _count(one) == 90
    await one.aclose()
    await other.aclose()


async def test_a_write_that_fails_leaves_nothing_behind(db: Database) -> None:
    async def half() -> None:
        async with db.write() as tx:
            await memory.fire(db, tx, "half done", NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    assert await _count(db, firings) == 0


async def test_a_part_that_fails_leaves_the_rest_of_the_write(db: Database) -> None:
    async def part(tx: Tx) -> None:
        async with db.savepoint(tx):
            await memory.fire(db, tx, "lost", NOW)
            raise ZeroDivisionError

    async with db.write() as tx:
        await memory.fire(db, tx, "before", NOW)
        with pytest.raises(ZeroDivisionError):
            await part(tx)
        await memory.fire(db, tx, "after", NOW)
    async with db.read() as tx:
        assert sorted((await tx.execute(select(firings.c.what))).scalars()) == ["after", "before"]


async def test_a_write_that_is_cancelled_while_it_waits_for_the_lock_keeps_no_lock(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # it waits
    one, other = Database(sqlite_url), Database(sqlite_url)
    begins, asked = asyncio.Event(), Connection.asked

    async def told(driver: Connection, sql: str, parameters: Sequence[Any]) -> Answer:
        begins.set()
        return await asked(driver, sql, parameters)

    async def write(db: Database, what: str) -> None:
        async with db.write(quick=True) as tx:
            await memory.fire(db, tx, what, NOW)

    async with other.write():
        monkeypatch.setattr(Connection, "asked", told)
        waiting = asyncio.create_task(write(one, "cancelled"))
        await begins.wait()
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await write(other, "second")
    await write(one, "third")
    assert await _count(one, firings) == 2
    await one.aclose()
    await other.aclose()


async def _waits_for_the_disk(tx: Tx) -> bool:
    """2 is FULL: a commit is on the disk when it returns."""
    return bool((await tx.execute(text("PRAGMA synchronous"))).scalar_one() == 2)


async def _fails(db: Database) -> None:
    async with db.write(quick=True, replayable=True) as tx:
        await memory.fire(db, tx, "once", NOW)
        raise ZeroDivisionError


async def test_only_what_can_be_replayed_does_not_wait_for_the_disk(sqlite_url: str) -> None:
    """The connection is the same each time: whatever becomes of it, the next transaction waits."""
    db = Database(sqlite_url)
    async with db.write(quick=True, replayable=True) as tx:
        assert not await _waits_for_the_disk(tx)
    async with db.write(quick=True) as tx:
        assert await _waits_for_the_disk(tx)
    with pytest.raises(ZeroDivisionError):
        await _fails(db)
    async with db.write() as tx:
        assert await _waits_for_the_disk(tx)
    assert await _count(db, firings) == 0
    await db.aclose()


async def test_a_thing_fires_once_however_many_try(db: Database) -> None:
    async def fire() -> bool:
        async with db.write() as tx:
            return await memory.fire(db, tx, "the summary", NOW)

    assert sorted(await asyncio.gather(*(fire() for _ in range(10)))) == [False] * 9 + [True]


async def test_a_reader_sees_what_was_committed_and_not_what_was_not(db: Database) -> None:
    async with db.write() as tx:
        await memory.fire(db, tx, "soon", NOW)
        assert await _count(db, firings) == 0
    assert await _count(db, firings) == 1


# The inbox


async def test_events_that_wait_together_are_committed_together(db: Database) -> None:
    commits: list[Mapping[str, int]] = []
    writer = InboxWriter(db, lambda arrived, fresh: commits.append(fresh))
    await asyncio.gather(*(writer.put(arrival(n % 450)) for n in range(500)))
    assert await _count(db) == 450
    assert commits == [{"main": 256}, {"main": 194}]


async def test_an_event_is_stored_once_though_it_comes_many_times(db: Database) -> None:
    writer = InboxWriter(db)
    await asyncio.gather(*(writer.put(arrival(7)) for _ in range(20)))
    await writer.put(arrival(7))
    assert await _count(db) == 1


async def test_the_same_key_at_another_pbx_is_another_event(db: Database) -> None:
    writer = InboxWriter(db)
    await asyncio.gather(writer.put(arrival(1)), writer.put(Arrival("branch", "key 1", NOW, b"body 1")))
    assert await _count(db) == 2


async def test_put_returns_when_its_event_is_committed(database_url: str, db: Database) -> None:
    await InboxWriter(db).put(arrival(1))
    another = Database(database_url)
    assert await _count(another) == 1
    await another.aclose()


async def test_closing_waits_for_what_was_put(db: Database) -> None:
    writer = InboxWriter(db)
    putting = asyncio.create_task(writer.put(arrival(1)))
    await asyncio.sleep(0)
    await writer.aclose()
    assert await _count(db) == 1
    await putting


async def test_two_workers_never_get_the_same_event(database_url: str, db: Database) -> None:
    writer = InboxWriter(db)
    await asyncio.gather(*(writer.put(arrival(n)) for n in range(40)))
    another = Database(database_url)
    worked: list[int] = []

    async def work(where: Database) -> None:
        while True:
            async with where.write() as tx:
                rows = await inbox_queries.waiting(tx, 7)
                await asyncio.sleep(0)
                await inbox_queries.done(tx, [row.id for row in rows])
                worked.extend(row.id for row in rows)
            if not rows:
                return

    if db.is_sqlite:
        await work(db)
    else:
        await asyncio.gather(work(db), work(another))
    assert len(worked) == len(set(worked)) == 40
    await another.aclose()


# Values


async def test_times_come_back_as_they_went_in(db: Database) -> None:
    moments = [
        NOW,
        datetime(2026, 3, 29, 1, 59, 59, 999000, tzinfo=UTC),
        datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=3))),
        datetime(1999, 12, 31, tzinfo=UTC),
    ]
    async with db.write() as tx:
        for n, moment in enumerate(moments):
            await memory.fire(db, tx, str(n), moment)
    async with db.read() as tx:
        back = list((await tx.execute(select(firings.c.at).order_by(firings.c.what))).scalars())
    assert back == moments
    assert all(moment.tzinfo is UTC for moment in back)


async def test_a_time_without_a_zone_is_refused(db: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        async with db.write() as tx:
            await memory.fire(db, tx, "when?", NOW.replace(tzinfo=None))


async def test_text_comes_back_as_it_went_in(db: Database) -> None:
    said = "«Ромашка» & <b>Co</b> '; DROP TABLE kept; -- 📞 \u2028 ї"
    async with db.write() as tx:
        await memory.keep(db, tx, "main", "x", said, NOW)
    async with db.read() as tx:
        assert await memory.recall(tx, "main", "x") == said


# Outages


async def test_a_closed_database_is_unavailable_and_works_again_by_itself(database_url: str, db: Database) -> None:
    writer = InboxWriter(db)
    await writer.put(arrival(1))
    async with closed(database_url):
        with pytest.raises(DatabaseUnavailable):
            await writer.put(arrival(2))
        with pytest.raises(DatabaseUnavailable):
            async with db.write():
                pass
    await writer.put(arrival(3))
    assert await _count(db) == 2


async def test_a_connection_cut_within_a_transaction_is_an_outage(postgres_url: str) -> None:
    db = Database(postgres_url)

    async def cut(statements_after: int) -> None:
        async with db.write() as tx:
            await tx.execute(insert(inbox).values(pbx_id="main", key="x", received_at=NOW))
            await cut_connections(postgres_url)
            for _ in range(statements_after):
                await tx.execute(text("SELECT 1"))

    for statements in (0, 1):
        with pytest.raises(DatabaseUnavailable):
            await cut(statements)
    assert await _count(db) == 0
    await db.aclose()


async def test_a_deadlock_is_an_outage_and_not_the_events_fault(postgres_url: str) -> None:
    db = Database(postgres_url)
    both = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> None:
        async with db.write() as tx:
            await tx.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
            await db.one_at_a_time(tx, first)
            await both.wait()
            async with db.savepoint(tx):
                await db.one_at_a_time(tx, second)

    ends = await asyncio.gather(lock("a", "b"), lock("b", "a"), return_exceptions=True)
    assert [type(end) for end in ends if end] == [DatabaseUnavailable]
    await db.aclose()


async def test_a_file_that_is_no_database_is_an_outage(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"not a database at all " * 100)
    db = Database(f"sqlite+aiosqlite:///{path}")
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        await migrate.upgrade(db)
    await db.aclose()


async def test_a_folder_that_is_not_there_is_an_outage(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'x.db'}")
    with pytest.raises(DatabaseUnavailable, match="unable to open"):
        await migrate.upgrade(db)
    await db.aclose()


async def test_nobody_at_the_address_is_an_outage() -> None:
    db = Database("postgresql+asyncpg://nobody:s3cret@127.0.0.1:1/x")
    with pytest.raises(DatabaseUnavailable) as broken:
        await migrate.upgrade(db)
    assert "s3cret" not in str(broken.value)
    await db.aclose()


async def test_a_wrong_statement_is_our_mistake_and_no_outage(db: Database) -> None:
    row = {"pbx_id": "", "name": "x", "value": "1", "at": NOW}
    async with db.write() as tx:
        await tx.execute(insert(kept).values(row))
    with pytest.raises(IntegrityError):
        async with db.write() as tx:
            await tx.execute(insert(kept).values(row))
    with pytest.raises(Exception, match="nowhere") as wrong:
        async with db.read() as tx:
            await tx.execute(text("SELECT * FROM nowhere"))
    assert not isinstance(wrong.value, DatabaseUnavailable)


async def test_what_an_outage_says_holds_no_values(database_url: str, db: Database) -> None:
    with pytest.raises(DatabaseUnavailable) as broken:
        async with closed(database_url), db.write() as tx:
            await memory.keep(db, tx, "main", "79100000001", "79100000001", NOW)
    assert "79100000001" not in str(broken.value)
