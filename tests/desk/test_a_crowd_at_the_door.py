"""Events that come in a crowd are stored first; those that wait in the inbox are worked all the same."""

import pytest

from desk import inbox_worker
from desk.inbox_worker import InboxWorker
from storage import arrivals, inbox
from storage.arrivals import Arrival, InboxWriter
from storage.database import Tx
from tests.office import Office


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows the worker asked for each time."""
    asked: list[int] = []
    waiting = inbox.waiting

    async def noted(tx: Tx, limit: int) -> list[inbox.Row]:
        asked.append(limit)
        return await waiting(tx, limit)

    monkeypatch.setattr(inbox, "waiting", noted)
    for sizes in ("ON_SQLITE", "ON_POSTGRES"):
        monkeypatch.setattr(inbox_worker, sizes, inbox_worker.Sizes(full=100, small=3))
    return asked


async def settled(office: Office, *, crowded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five events are stored and worked."""
    writer = InboxWriter(office.desk.db)
    monkeypatch.setattr(InboxWriter, "is_crowded", crowded)
    for n in range(5):
        await writer.put(Arrival("main", f"key {n}", office.clock.now(), b"cmd=event&type=x&phone=1&callid=%d" % n))
    await InboxWorker(office.desk, writer).settle()
    async with office.desk.db.read() as tx:
        assert (await inbox.standing(tx)).waiting == 0


async def test_in_a_crowd_the_worker_takes_little_at_a_time(
    office: Office, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_worker, "LONGEST_REST", 0.0)
    await settled(office, crowded=True, monkeypatch=monkeypatch)
    assert batches == [3, 3]


async def test_else_it_takes_what_there_is(
    office: Office, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await settled(office, crowded=False, monkeypatch=monkeypatch)
    assert batches == [100]


def test_a_crowd_is_three_hundred_a_second_and_is_gone_when_nobody_comes() -> None:
    crowd = arrivals._Crowd()
    crowd.grows(1, 100.0)
    crowd.grows(13, 100.05)
    assert not crowd.is_there(100.06)
    crowd.grows(16, 100.1)
    assert crowd.is_there(100.11)
    assert not crowd.is_there(100.1 + arrivals.GONE)
    crowd.grows(50, 110.0)
    assert not crowd.is_there(110.01)


def test_the_worker_rests_long_while_a_crowd_is_new_and_as_long_as_it_works_when_it_stays() -> None:
    courtesy = inbox_worker.Courtesy()
    assert courtesy.rest(0.003, 100.0, crowded=False) == 0.0
    assert courtesy.rest(0.003, 101.0, crowded=True) == pytest.approx(0.3)
    assert courtesy.rest(0.05, 105.9, crowded=True) == 1.0
    assert courtesy.rest(0.003, 106.0, crowded=True) == 0.003
    assert courtesy.rest(0.003, 107.0, crowded=False) == 0.0
    assert courtesy.rest(0.003, 108.0, crowded=True) == pytest.approx(0.3)
