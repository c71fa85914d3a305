"""An office at a VATS with the REST API."""

from collections.abc import AsyncIterator

import pytest

from desk import directory
from sandbox.telegram import Answer
from sandbox.vats_rest import Answered, ClientAnswers, ClientIsBusy, HangsUp, NobodyAnswers
from tests.office import CLIENT, IGOR, MARIA, Office, an_office


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url) as built:
        await directory.refresh(built.desk, "main")
        await built.connected()
        yield built


async def test_a_missed_call_is_a_card_that_closes_when_called_back(office: Office) -> None:
    await office.pbx.calls.client_calls(CLIENT, "sales", NobodyAnswers())
    await office.settle()
    [card] = office.cards()
    assert card.text.splitlines()[0] == "🔴 Missed call · +7 910 000-00-01"
    assert card.text.splitlines()[1].startswith("🏢 Продажи · to +7 495 000-00-01")

    office.pbx.calls.receptions[CLIENT] = ClientIsBusy()
    assert await office.presses(IGOR, card, "Call back") == Answer(
        "📞 Your phone is ringing: pick it up and I connect +7 910 000-00-01."
    )
    assert office.cards()[0].text.splitlines()[0] == "🟠 Not reached yet · +7 910 000-00-01"
    assert office.cards()[0].text.splitlines()[-1] == "📵 Игорь Волков, today 12:00: busy"

    office.clock.advance(minutes=1)
    office.pbx.calls.receptions[CLIENT] = ClientAnswers()
    await office.presses(MARIA, card, "Call back")
    [card] = office.cards()
    assert card.text.splitlines()[0] == "🟢 Called back · +7 910 000-00-01"
    assert card.text.splitlines()[-1].startswith("📗 Мария Орлова · after ")


async def test_the_client_who_gets_through_closes_the_card(office: Office) -> None:
    await office.pbx.calls.client_calls(CLIENT, "sales", HangsUp())
    await office.settle()
    assert office.cards()[0].text.startswith("🔴 Hung up before an answer · +7 910 000-00-01\n")
    await office.pbx.calls.client_calls(CLIENT, "sales", Answered("maria"))
    await office.settle()
    [card] = office.cards()
    assert card.text.splitlines()[0] == "🟢 Got through to us · +7 910 000-00-01"
    assert "Мария Орлова" in card.text.splitlines()[-1]


async def test_an_event_that_is_repeated_counts_once(office: Office) -> None:
    missed = {"cmd": "history", "type": "in", "status": "Missed", "phone": CLIENT, "callid": "c1", "duration": "20"}
    for _ in range(3):
        assert await office.pbx_says(missed) == 200
    [card] = office.cards()
    assert "called" not in card.text
