"""A database with a year of calls in it, filled by SQL in bulk: as many as are asked for, alike in kind.

Fourteen calls or fourteen thousand a day, they are of the same hundred employees; a sixth of those that come in is
missed and becomes a case with a card; of some clients there are contacts, of some calls ratings.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
from sqlalchemy import make_url

from storage import migrate
from storage.database import Database

YEAR = timedelta(days=365)
#: How much of the inbox is still there: what came within so many days.
RAW = timedelta(days=3)
TEAM = -1001000000001


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is of everything."""

    calls: int
    contacts: int

    @property
    def clients(self) -> int:
        return max(self.calls // 5, 1)


SMALL, LARGE = Size(5_000, 1_000), Size(5_000_000, 1_000_000)

_NUMBERS = {
    "sqlite": "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count} - 1) "
    "SELECT i FROM n)",
    "postgresql": "(SELECT i::bigint FROM generate_series(0, {count} - 1) AS g(i))",
}
#: One call in twenty is of each kind here, by `i % 20`: how it went, and whose it was.
_CALLS = """
INSERT INTO calls (pbx_id, call_id, direction, outcome, client, started_at, answered_at, ended_at, wait_s, talk_s,
    our_number, our_number_name, employee, department, destination, recording_url, rating, status, via, case_id)
SELECT 'main', 'MToxMDA2NzYxNToyMjA6' || (7000000000 + i * 7),
    CASE WHEN i % 20 < 12 THEN 'in' WHEN i % 20 < 19 THEN 'out' ELSE 'internal' END,
    CASE WHEN i % 20 IN (0, 1) THEN 'missed' WHEN i % 20 = 12 THEN 'busy' WHEN i % 20 = 13 THEN 'missed'
        ELSE 'answered' END,
    '+79' || (100000000 + (i * 7919) % {clients}),
    began, CASE WHEN i % 20 IN (0, 1, 12, 13) THEN NULL ELSE began + waited * 1000 END,
    began + waited * 1000 + CASE WHEN i % 20 IN (0, 1, 12, 13) THEN 0 ELSE talked * 1000 END,
    waited, CASE WHEN i % 20 IN (0, 1, 12, 13) THEN NULL ELSE talked END,
    '+749500000' || (10 + (i * 13) % 12), 'Line ' || (i * 13) % 12,
    CASE WHEN i % 20 IN (0, 1) THEN NULL ELSE 'e' || (100 + (i * 31) % 100) END,
    CASE WHEN i % 3 = 0 THEN NULL ELSE 'Department ' || (i * 17) % 8 END, NULL,
    CASE WHEN i % 20 IN (0, 1, 12, 13) THEN NULL
        ELSE 'https://vats.example.com/records/2026/03/18/call-' || (7000000000 + i * 7) || '.mp3' END,
    NULL, CASE WHEN i % 20 IN (0, 1) THEN 'Missed' ELSE 'Success' END, 'event',
    CASE WHEN i % 20 IN (0, 1) THEN (i / 20) * 2 + i % 20 + 1 END
FROM (SELECT i, {first} + i * {step} AS began, 3 + (i * 37) % 57 AS waited, 5 + (i * 41) % 600 AS talked
    FROM {numbers} AS n) AS each_call
"""
#: A case for each missed call: the last day's wait, of the older ones most were returned and some have expired.
_CASES = """
INSERT INTO cases (id, pbx_id, client, state, opened_at, last_missed_at, missed_count, attempt_count, department,
    our_number, closed_at, closing_call, employee, expired_at, touched_at, recovered)
SELECT case_id, pbx_id, client, state, started_at, started_at, 1, 0, department, our_number,
    CASE state WHEN 'returned' THEN started_at + 60000 * (1 + id % 600)
        WHEN 'expired' THEN started_at + 604800000 END,
    CASE state WHEN 'returned' THEN id + 4 END, CASE state WHEN 'returned' THEN 'e' || (100 + id % 100) END,
    CASE state WHEN 'expired' THEN started_at + 604800000 END, started_at, {no}
FROM (SELECT calls.*, CASE WHEN case_id % 10 < 9 AND started_at < {last} - 7200000 THEN 'returned'
        WHEN started_at < {last} - 604800000 THEN 'expired' ELSE 'not_returned' END AS state
    FROM calls WHERE case_id IS NOT NULL) AS missed
"""
_NOTICES = """
INSERT INTO notices (id, kind, subject, pbx_id, data, version, created_at)
SELECT id, 'case', CAST(id AS VARCHAR), pbx_id, '{{}}', 2, opened_at FROM cases
"""
_DELIVERIES = """
INSERT INTO deliveries (notice_id, chat_id, thread_id, message_id, sent_at, shown_version, anew, uncertain, alone,
    attempts)
SELECT id, {team}, 0, id % 2000000000, opened_at + 500, 2, {no}, {no}, {no}, 0 FROM cases
"""
_CONTACTS = """
INSERT INTO contacts (number, name, responsible, updated_at)
SELECT '+79' || (100000000 + i), 'Client number ' || i, CASE WHEN i % 3 = 0 THEN 'e' || (100 + i % 100) END, {first}
FROM {numbers} AS n
"""
_RATINGS = """
INSERT INTO ratings (pbx_id, key, call_id, client, employee, stars, at)
SELECT pbx_id, 'r' || id, call_id, client, employee, 1 + id % 5, ended_at FROM calls
WHERE id % 50 = 7 AND outcome = 'answered'
"""
_ALIASES = """
INSERT INTO call_aliases (pbx_id, alias, call_id, at)
SELECT pbx_id, 'export-' || call_id, call_id, started_at FROM calls WHERE id % 100 = 3
"""
_EMPLOYEES = """
INSERT INTO employees (pbx_id, login, name, extension, role, numbers, aliases, gone)
SELECT 'main', 'e' || (100 + i), 'Employee ' || i, CAST(700 + i AS VARCHAR), 'employee', '[]', '[]', {no}
FROM {numbers_100} AS n
"""
_INBOX = """
INSERT INTO inbox (pbx_id, key, received_at, body, state, unknown, attempts)
SELECT pbx_id, 'key-' || id, ended_at, CAST('cmd=event&type=INCOMING&phone=' || client || '&callid=' || call_id
    || '&crm_token=a-token-of-the-usual-length&user=' || 'somebody&groupRealName=Department' AS {bytes}),
    'done', {no}, 0 FROM calls WHERE started_at > {last} - {raw}
"""
_STEPS = (_CALLS, _CASES, _NOTICES, _DELIVERIES, _CONTACTS, _RATINGS, _ALIASES, _EMPLOYEES, _INBOX)


def statements(size: Size, last: datetime, dialect: str) -> Iterator[str]:
    """What fills an empty database with the year that ends at `last`."""
    until, first = (round(moment.timestamp() * 1000) for moment in (last, last - YEAR))
    words = {
        "clients": size.clients,
        "first": first,
        "last": until,
        "step": (until - first) // size.calls,
        "raw": round(RAW.total_seconds() * 1000),
        "no": "0" if dialect == "sqlite" else "FALSE",
        "bytes": "BLOB" if dialect == "sqlite" else "BYTEA",
        "team": TEAM,
        "numbers_100": _NUMBERS[dialect].format(count=100),
    }
    for step in _STEPS:
        count = size.contacts if step is _CONTACTS else size.calls
        yield step.format(numbers=_NUMBERS[dialect].format(count=count), **words)


def sqlite(folder: Path, size: Size, last: datetime) -> Path:
    """The filled file; one that was filled before is brought to the current schema and used again."""
    file = folder / f"year-{size.calls}-until-{last:%Y%m%d}.db"
    folder.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    if not file.exists():
        part.unlink(missing_ok=True)
        migrated(f"sqlite+aiosqlite:///{part}")
        with closing(sqlite3.connect(part, isolation_level=None)) as connection, _in_bulk(connection):
            for statement in statements(size, last, "sqlite"):
                connection.execute(statement)
        part.rename(file)
    migrated(f"sqlite+aiosqlite:///{file}")
    return file


@contextmanager
def _in_bulk(connection: sqlite3.Connection) -> Iterator[None]:
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-1500000", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    yield
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def postgres(url: str, size: Size, last: datetime) -> None:
    """Fill an empty database."""
    migrated(url)
    asyncio.run(_fill(url, size, last))


async def _fill(url: str, size: Size, last: datetime) -> None:
    connection = await asyncpg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    )
    try:
        await connection.execute("SET session_replication_role = replica")  # no triggers: there are no totals yet
        for statement in statements(size, last, "postgresql"):
            await connection.execute(statement, timeout=3600)
        await connection.execute(
            "SELECT setval('cases_id_seq', max(id)), setval('notices_id_seq', max(id)) FROM cases"
        )
        await connection.execute("VACUUM ANALYZE", timeout=3600)
    finally:
        await connection.close()


def migrated(url: str) -> None:
    """Brought to the current schema."""

    async def upgrade() -> None:
        db = Database(url)
        await migrate.upgrade(db)
        await db.aclose()

    asyncio.run(upgrade())
