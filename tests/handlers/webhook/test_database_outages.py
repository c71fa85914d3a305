"""The database is out: events are refused with 503, what was answered with 200 is there, all goes on by itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from desk import intake
from storage import arrivals
from tests.handlers.webhook.wire import KEY, MISSED, form, post, stored
from tests.office import Office, an_office
from tests.storage.outages import closed, without_patience


@pytest.fixture
async def office(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    without_patience(monkeypatch)
    async with an_office(database_url) as built:
        yield built


def event(n: int) -> bytes:
    return form(**KEY, **{**MISSED, "callid": f"c{n}", "phone": f"7910000{n:04}"})


async def test_nothing_is_acknowledged_that_is_not_stored_and_nothing_stored_is_lost(
    office: Office, database_url: str
) -> None:
    await office.bind(office.team)
    assert (await post(office, event(1))).status == 200
    async with closed(database_url):
        refused = await asyncio.gather(*(post(office, event(n)) for n in range(2, 8)))
        assert [one.status for one in refused] == [503] * 6
        assert {one.headers["retry-after"] for one in refused} == {"5"}
        assert refused[0].json == {"error": "Try again later"}
        ready = await post(office, None, "/readyz", method="GET")
        assert (ready.status, (await post(office, None, "/healthz", method="GET")).status) == (503, 200)
    again = await asyncio.gather(*(post(office, event(n)) for n in range(1, 8)))
    assert [one.status for one in again] == [200] * 7
    assert len(await stored(office)) == 7
    await office.settle()
    shown = "\n".join(office.texts(office.team))
    assert all(f"00-{n:02}" in shown for n in range(1, 8))


async def test_a_database_that_hangs_is_refused_in_time_and_what_it_stored_late_is_known(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "STORE_WITHIN", 0.05)
    direct, free = office.desk.db.direct, asyncio.Event()

    class Stuck:
        """A write that begins only when the database is free again."""

        async def __aenter__(self) -> object:
            await free.wait()
            self._held = direct()
            return await self._held.__aenter__()

        async def __aexit__(self, *ended: object) -> object:
            return await self._held.__aexit__(*ended)  # type: ignore[arg-type]

    monkeypatch.setattr(office.desk.db, "direct", Stuck)
    answered = await post(office, event(1))
    assert (answered.status, answered.headers["retry-after"]) == (503, "5")
    free.set()
    monkeypatch.setattr(arrivals, "STORE_WITHIN", 8.0)
    assert (await post(office, event(1))).status == 200
    assert len(await stored(office)) == 1


async def test_an_error_nobody_thought_of_is_refused_so_that_the_pbx_tries_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(intake, "key_of", broken)
    assert (await post(office, event(1))).status == 503
