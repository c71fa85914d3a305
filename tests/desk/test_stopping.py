"""Told to stop while a message is on its way: it is finished and recorded, so that it does not come twice."""

import asyncio

import pytest

from desk.delivery import Deliverer, Place
from desk.limits import Limits
from desk.views import View
from tests.office import CLIENT, Office


class SlowMessenger:
    """Telegram takes its time: a send arrives when the test says so."""

    def __init__(self) -> None:
        self.asked, self.arrived = asyncio.Event(), asyncio.Event()
        self.sent: list[bool] = []

    async def send(self, place: Place, view: View, *, uncertain: bool) -> int:
        self.asked.set()
        await self.arrived.wait()
        self.sent.append(uncertain)
        return len(self.sent)

    async def edit(self, place: Place, message_id: int, view: View, *, uncertain: bool) -> None:
        raise AssertionError("nothing is to be edited here")

    async def delete(self, place: Place, message_id: int) -> None:
        raise AssertionError("nothing is to be deleted here")

    async def greet(self) -> None:
        return


async def test_a_send_on_its_way_is_finished_and_not_made_again(desk_office: Office) -> None:
    office, slow = desk_office, SlowMessenger()
    body = {"crm_token": "webhook-token-of-the-tests", "cmd": "history", "type": "in", "status": "Missed"}
    async with office.http.post(f"{office.url}/pbx/main", data=body | {"phone": CLIENT, "callid": "1"}) as response:
        assert response.status == 200
    await office.app.worker.settle()
    first = Deliverer(office.desk, slow, Limits(office.clock))
    loop = asyncio.create_task(first.run())
    await slow.asked.wait()
    loop.cancel()
    slow.arrived.set()
    with pytest.raises(asyncio.CancelledError):
        await loop
    second = Deliverer(office.desk, slow, Limits(office.clock))
    await second.pick_up()
    await second.settle()
    assert slow.sent == [False]
