"""Each simulated PBX as scenes use it, and what the trace says of it. No bot: somebody takes every webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from sandbox.demo_office import IGOR, PEOPLE, DemoOffice
from sandbox.demo_people import CLIENTS, CLIENTS_OF, strangers
from sandbox.page.phones import Mood, Phones, RatedPhones
from sandbox.page.t2_phones import T2Phones
from sandbox.page.trace import Trace

FOUR = ("main", "form", "phonet", "t2")
CLIENT = {"phonet": "380500000301"}
SPEED = 200.0


@pytest.fixture
async def office() -> AsyncIterator[DemoOffice]:
    async def take(_: web.Request) -> web.Response:
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with DemoOffice(webhook_base=f"http://127.0.0.1:{runner.addresses[0][1]}", speed=SPEED) as made:
        yield made
    await runner.cleanup()


@pytest.fixture(params=FOUR)
def phones(office: DemoOffice, request: pytest.FixtureRequest) -> Phones:
    return office.phones[request.param]


@pytest.fixture
def client(phones: Phones) -> str:
    return CLIENT.get(phones.id, "79000000301")


class Told:
    """The trace of one PBX while entered."""

    def __init__(self, phones: Phones) -> None:
        self.phones = phones
        self._news = asyncio.Event()
        self.trace = Trace(self._hear)

    def _hear(self, _: dict[str, Any]) -> None:
        self._news.set()

    async def __aenter__(self) -> Told:
        self._watching = asyncio.create_task(self.phones.watch(self.trace, lambda: None))
        # The watchers subscribe when they first run.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)

    def lines(self, say: str) -> list[dict[str, Any]]:
        return [one for one in self.trace.views() if one["say"] == say]

    async def clients_missed(self, number: int) -> None:
        """Until the lines tell of so many clients, of whom those of one moment share a line."""
        async with asyncio.timeout(5):
            while sum(one["times"] + one["others"] for one in self.lines("pbx.missed")) < number:
                self._news.clear()
                await self._news.wait()

    async def until(self, say: str, number: int = 1) -> list[dict[str, Any]]:
        """The lines that say so, as soon as there are so many."""
        async with asyncio.timeout(5):
            while len(found := self.lines(say)) < number:
                self._news.clear()
                await self._news.wait()
        return found


async def asks_for_calls(phones: T2Phones) -> None:
    settings = phones.settings()
    headers = {"Authorization": str(settings["access_token"])}
    window = {"start": "2020-01-01T00:00:00Z", "end": "2100-01-01T00:00:00Z"}
    url = f"{settings['url']}/crm/openapi/call-records/info"
    async with aiohttp.ClientSession() as session, session.get(url, params=window, headers=headers) as response:
        assert response.status == 200


async def test_a_missed_call_is_owed_until_somebody_gets_through(phones: Phones, client: str) -> None:
    assert not phones.owes(client)
    await phones.nobody_answers(client, ring=4)
    assert phones.owes(client)
    phones.takes_our_calls(client, Mood.BUSY)
    await phones.employee_dials(IGOR.ext, client)
    phones.takes_our_calls(client, Mood.SILENT)
    await phones.employee_dials(IGOR.ext, client)
    assert phones.owes(client)
    phones.takes_our_calls(client, Mood.ANSWERS)
    await phones.employee_dials(IGOR.ext, client)
    assert not phones.owes(client)


async def test_a_client_is_in_call_while_the_call_lasts(phones: Phones, client: str) -> None:
    async with Told(phones) as told:
        calling = asyncio.create_task(phones.nobody_answers(client, ring=40))
        if isinstance(phones, T2Phones):
            await asks_for_calls(phones)
        else:
            await told.until("pbx.rings")
        assert phones.in_call(client)
        assert not phones.in_call("79000000302")
        await calling
    assert not phones.in_call(client)


async def test_everybody_has_a_desk_phone_everywhere(phones: Phones, client: str) -> None:
    for person in PEOPLE:
        await phones.nobody_answers(client, ring=4)
        await phones.employee_dials(person.ext, client)
        assert not phones.owes(client)


async def test_the_trace_tells_a_missed_call_and_its_return(phones: Phones, client: str) -> None:
    async with Told(phones) as told:
        await phones.nobody_answers(client, ring=4)
        if isinstance(phones, T2Phones):
            await asks_for_calls(phones)
        (missed,) = await told.until("pbx.missed")
        await phones.employee_dials(IGOR.ext, client)
        if isinstance(phones, T2Phones):
            await asks_for_calls(phones)
        (reached,) = await told.until("pbx.reached")
    assert (missed["source"], missed["target"], missed["pbx"], missed["ok"]) == ("pbx", "bot", phones.id, True)
    assert missed["values"]["client"].startswith("+380 50" if phones.id == "phonet" else "+7 900")
    assert reached["values"]["who"] == IGOR.name
    assert all(one["pbx"] == phones.id for one in told.trace.views())


async def test_a_flood_is_so_many_clients(phones: Phones) -> None:
    async with Told(phones) as told:
        await phones.flood(20)
        if isinstance(phones, T2Phones):
            await asks_for_calls(phones)
        await told.clients_missed(20)


async def test_asking_t2_in_vain_is_one_line_that_counts(office: DemoOffice) -> None:
    phones = office.phones["t2"]
    assert isinstance(phones, T2Phones)
    async with Told(phones) as told:
        for _ in range(3):
            await asks_for_calls(phones)
        (asked,) = await told.until("bot.asks_for_calls")
        assert (asked["times"], len(told.trace.views())) == (3, 1)
        await phones.nobody_answers("79000000301", ring=4)
        await asks_for_calls(phones)
        await asks_for_calls(phones)
        await told.until("bot.asks_for_calls", 2)
        lines = [(one["say"], one["times"]) for one in told.trace.views()]
    assert lines == [("bot.asks_for_calls", 4), ("pbx.missed", 1), ("bot.asks_for_calls", 1)]


def test_only_one_pbx_tells_ratings(office: DemoOffice) -> None:
    assert [phones.id for phones in office.phones.values() if isinstance(phones, RatedPhones)] == ["main"]


def test_people_are_linked_by_number_where_the_pbx_tells_it(office: DemoOffice) -> None:
    assert [phones.id for phones in office.phones.values() if not phones.knows_numbers] == ["phonet"]


def test_nobody_of_the_demo_shares_a_number() -> None:
    known = [*CLIENTS, *(one for some in CLIENTS_OF.values() for one in some)]
    made_up = [one for country in ("RU", "UA") for one in islice(strangers(country), 99)]
    phones = [one.phone for one in (*known, *made_up)] + [one.phone for one in PEOPLE]
    assert len(set(phones)) == len(phones)
