"""One office with a PBX of every vendor: each call says where it came in, and an answer anywhere counts."""

from collections.abc import AsyncIterator

import pytest

from bot.registry import VENDORS
from desk import polling, reconcile
from desk.reconcile import LONGEST
from sandbox import phonet, t2, vats_rest
from sandbox.phonet import PhonetOffice
from sandbox.t2 import T2Office
from sandbox.vats_form import VatsFormOffice
from sandbox.vats_rest import VatsOffice
from tests.office import ANNA, Office, Simulated, an_office

IDS = {"vats_rest": "main", "vats_form": "shop", "phonet": "kyiv", "t2": "mobile"}
CLIENT = "79000004401"


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    pbxes = [Simulated(vendor, id=IDS[vendor]) for vendor in VENDORS]
    async with an_office(sqlite_url, pbxes=pbxes) as built:
        for pbx_id in IDS.values():
            await built.bind(built.team, pbx_id=pbx_id)
        yield built


async def nobody_answers(office: Office) -> None:
    """The same client tries every number we have."""
    await office.simulator(VatsOffice, "main").calls.client_calls(CLIENT, "sales", vats_rest.NobodyAnswers())
    await office.simulator(VatsFormOffice, "shop").calls.client_calls(CLIENT, "orders", vats_rest.NobodyAnswers())
    ended = phonet.NobodyAnswers()
    await office.simulator(PhonetOffice, "kyiv").calls.client_calls(f"+{CLIENT}", "Продажі", ended)
    await office.simulator(T2Office, "mobile").calls.client_calls(CLIENT, "Продажи", t2.NobodyAnswers())


async def told(office: Office) -> None:
    """What webhooks say, what Phonet is asked, what t2 is asked."""
    await office.settle()
    await office.later(seconds=1)
    await polling.poll(office.desk, "mobile")
    await office.settle()


async def test_a_client_missed_on_each_has_a_card_of_each_and_one_answer_closes_all(office: Office) -> None:
    await nobody_answers(office)
    await told(office)
    where = [card.text.splitlines()[1].rpartition(" · ")[2] for card in office.cards()]
    assert sorted(where) == ["PBX kyiv", "PBX main", "PBX mobile", "PBX shop"]
    assert {card.text.splitlines()[0] for card in office.cards()} == {"🔴 Missed call · +7 900 000-44-01"}
    office.clock.advance(minutes=1)
    await office.simulator(T2Office, "mobile").calls.employee_dials("102", CLIENT, t2.ClientAnswers())
    await told(office)
    assert {card.text.splitlines()[0] for card in office.cards()} == {"🟢 Called back · +7 900 000-44-01"}


async def test_ten_minutes_down_miss_nothing_on_any_of_the_four(office: Office) -> None:
    began = office.clock.now()
    await office.stopped()
    for pbx_id in ("main", "shop", "kyiv"):
        sender = office.simulators[pbx_id]
        sender.sender.url = "http://127.0.0.1:1/"  # type: ignore[attr-defined]
    await nobody_answers(office)
    for simulator in office.simulators.values():
        await simulator.calls.settled()
    office.clock.set(began)
    office.clock.advance(minutes=10)
    await office.begun_again()
    for pbx_id in IDS.values():
        await reconcile.reconcile(office.desk, pbx_id, LONGEST)
    await told(office)
    assert sorted(card.text.splitlines()[0] for card in office.cards()) == ["🔴 Missed call · +7 900 000-44-01"] * 4
    assert len(await office.says(ANNA, ANNA, "/status")) == 1
