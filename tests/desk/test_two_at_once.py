"""Two who write about the same clients at once wait for each other in turn, never each for the other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from zlib import crc32

import pytest
from sqlalchemy import text

from storage import cases
from tests.databases import PostgresServer
from tests.desk import phones
from tests.desk.past import phone
from tests.office import Office, an_office


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.fresh() as url:
        yield url


@pytest.fixture
async def on_postgres(postgres_url: str) -> AsyncIterator[Office]:
    """SQLite has one writer; only here can two wait for each other."""
    async with an_office(postgres_url) as office:
        yield office


async def somebody_waits(office: Office) -> None:
    while True:
        async with office.desk.db.read() as tx:
            if (await tx.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))).scalar_one():
                return
        await asyncio.sleep(0)


async def test_the_inbox_and_history_read_back_take_clients_in_one_order(on_postgres: Office) -> None:
    office = on_postgres
    first, last = sorted((phone(1), phone(2)), key=lambda one: crc32(f"client +{one}".encode()))
    for client in (last, first):
        start = phones.stamp(office.clock.now())
        fields = {"type": "in", "status": "Missed", "phone": client, "callid": client, "start": start}
        await phones.told(office, "history", **fields)
    async with office.desk.db.write() as tx:
        await office.desk.db.one_at_a_time(tx, f"client +{first}")
        working = asyncio.create_task(office.app.worker.settle())
        await somebody_waits(office)
        await office.desk.db.one_at_a_time(tx, f"client +{last}")
    await working
    async with office.desk.db.read() as tx:
        assert await cases.count_open(tx, ["main"]) == 2
