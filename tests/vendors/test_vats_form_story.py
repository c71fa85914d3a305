"""An office at a VATS with the form API: calls started without an id, a history that is CSV, an unsure polarity."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from desk import directory, reconcile
from sandbox.telegram import Answer
from sandbox.vats_form import Quirks, VatsFormOffice
from sandbox.vats_rest import Answered, ClientAnswers, ClientIsBusy, HangsUp, NobodyAnswers
from tests.office import ANNA, IGOR, MARIA, Office, Simulated, an_office

CLIENT, OTHER = "79000002151", "79000002152"
LOGINS = {ANNA: "kirill", IGOR: "polina", MARIA: "artem"}


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url, pbxes=[Simulated("vats_form")]) as built:
        await directory.refresh(built.desk, "main")
        await built.connected(logins=LOGINS)
        yield built


@pytest.fixture
def vats(office: Office) -> VatsFormOffice:
    return office.simulator(VatsFormOffice)


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(),
        Quirks(made_call="uuid", another_callid=True),
        Quirks(made_call="without id"),
        Quirks(field_extras=True),
    ],
    ids=["a bare id", "an id of its own", "no id", "more fields"],
)
async def test_a_missed_call_is_a_card_that_closes_when_called_back(
    office: Office, vats: VatsFormOffice, quirks: Quirks
) -> None:
    vats.quirks = quirks
    await vats.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await office.settle()
    [card] = office.cards()
    lines = card.text.splitlines()
    assert lines[0] == "🔴 Missed call · +7 900 000-21-51"
    assert lines[1].startswith("🏢 Заказы · to +7 495 000-02-01")
    assert lines[2] == "🕒 today 12:00 · waited 20 s"

    vats.calls.receptions[CLIENT] = ClientIsBusy()
    assert await office.presses(IGOR, card, "Call back") == Answer(
        "📞 Your phone is ringing: pick it up and I connect +7 900 000-21-51."
    )
    assert office.cards()[0].text.splitlines()[0] == "🟠 Not reached yet · +7 900 000-21-51"
    assert office.cards()[0].text.splitlines()[3:] == ["📵 Полина Егорова, today 12:00: busy"]

    office.clock.advance(minutes=1)
    vats.calls.receptions[CLIENT] = ClientAnswers()
    await office.presses(MARIA, card, "Call back")
    [card] = office.cards()
    assert card.text.splitlines()[0] == "🟢 Called back · +7 900 000-21-51"
    assert card.text.splitlines()[-1].startswith("📗 Артём Никитин · after ")


async def test_a_started_call_is_known_by_who_and_whom(
    office: Office, vats: VatsFormOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """makeCall's id is in no event: a colleague's call is another one, the employee's own call is the one."""
    await vats.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await office.settle()
    monkeypatch.setattr(vats.calls, "make_call", lambda phone, logins: "an-id-of-its-own")
    await office.presses(IGOR, office.cards()[0], "Call back")
    assert office.cards()[0].text.splitlines()[-1] == "📲 Полина Егорова is calling (12:00)"
    office.clock.advance(seconds=40)
    tried = {"cmd": "history", "type": "out", "status": "Busy", "phone": CLIENT, "duration": "5"}
    await office.pbx_says({**tried, "callid": "o1", "user": "artem"})
    assert office.cards()[0].text.splitlines()[-2:] == [
        "📵 Артём Никитин, today 12:01: busy",
        "📲 Полина Егорова is calling (12:00)",
    ]
    office.clock.advance(minutes=4)
    await office.pbx_says({**tried, "callid": "o2", "user": "polina"})
    assert office.cards()[0].text.splitlines()[-1] == "📵 Полина Егорова, today 12:05: busy"


async def test_a_call_that_begins_too_late_is_not_the_one_we_asked_for(
    office: Office, vats: VatsFormOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    await vats.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await office.settle()
    monkeypatch.setattr(vats.calls, "make_call", lambda phone, logins: "an-id-of-its-own")
    await office.presses(IGOR, office.cards()[0], "Call back")
    office.clock.advance(minutes=6)
    tried = {"cmd": "history", "type": "out", "status": "Busy", "phone": CLIENT, "duration": "5", "user": "polina"}
    await office.pbx_says({**tried, "callid": "o1"})
    assert office.cards()[0].text.splitlines()[-2:] == [
        "📵 Полина Егорова, today 12:06: busy",
        "📲 Полина Егорова is calling (12:00)",
    ]


@pytest.mark.parametrize(("told", "line"), [(True, "after 72 s · talked 48 s"), (False, "after 60 s")])
async def test_ringing_is_not_counted_as_talk(office: Office, told: bool, line: str) -> None:
    """Its `history` may come without `wait`: then an event says when somebody picked up, or nobody does."""
    missed = {"cmd": "history", "type": "in", "status": "Missed", "phone": CLIENT, "callid": "i1", "duration": "0"}
    await office.pbx_says(missed)
    office.clock.advance(minutes=1)
    call = {"phone": CLIENT, "callid": "o1", "user": "polina"}
    await office.pbx_says({**call, "cmd": "event", "type": "OUTGOING"})
    office.clock.advance(seconds=12)
    if told:
        await office.pbx_says({**call, "cmd": "event", "type": "ACCEPTED"})
    office.clock.advance(seconds=48)
    await office.pbx_says({**call, "cmd": "history", "type": "out", "status": "Success", "duration": "60"})
    assert office.cards()[0].text.splitlines()[-1].startswith(f"📗 Полина Егорова · {line}")
    assert ("talked" in office.cards()[0].text) is told


async def test_the_client_who_gets_through_closes_the_card(office: Office, vats: VatsFormOffice) -> None:
    await vats.calls.client_calls(CLIENT, "orders", HangsUp())
    await office.settle()
    assert office.cards()[0].text.startswith("🔴 Hung up before an answer · +7 900 000-21-51\n")
    await vats.calls.client_calls(CLIENT, "orders", Answered("artem"))
    await office.settle()
    [card] = office.cards()
    assert card.text.splitlines()[0] == "🟢 Got through to us · +7 900 000-21-51"
    assert "Артём Никитин" in card.text.splitlines()[-1]


@pytest.mark.parametrize(
    "quirks",
    [Quirks(), Quirks(account_with_domain=True), Quirks(group_account="id")],
    ids=["as in the manual", "account with domain", "a department's id"],
)
async def test_ten_minutes_down_are_read_back_from_the_csv(
    office: Office, vats: VatsFormOffice, quirks: Quirks
) -> None:
    vats.quirks = quirks
    await vats.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await office.settle()
    await office.stopped()
    vats.sender.url, began = "http://127.0.0.1:1/", office.clock.now()
    await vats.calls.client_calls(OTHER, "delivery", NobodyAnswers())
    await vats.calls.employee_dials("polina", CLIENT, ClientAnswers())
    await vats.calls.settled()
    office.clock.set(began + timedelta(minutes=10))
    await office.begun_again()
    await reconcile.reconcile(office.desk, "main", timedelta(hours=24))
    await office.settle()
    first, second = office.cards()
    assert first.text.splitlines()[0] == "🟢 Called back · +7 900 000-21-51"
    assert "Полина Егорова" in first.text.splitlines()[-1]
    assert second.text.splitlines()[:2] == [
        "🔴 Missed call · +7 900 000-21-52",
        "🏢 Доставка · to +7 495 000-02-02",
    ]
    assert second.text.splitlines()[-1] == "♻️ Recovered: no event told us of it in time."
    await reconcile.reconcile(office.desk, "main", timedelta(hours=24))
    await office.settle()
    assert len(office.cards()) == 2


async def test_an_empty_history_is_no_trouble(office: Office, vats: VatsFormOffice) -> None:
    vats.quirks = Quirks(null_history=True)
    report = await reconcile.reconcile(office.desk, "main", timedelta(hours=2))
    assert (report.read, report.news) == (0, 0)


async def test_do_not_disturb_means_what_the_words_say(office: Office, vats: VatsFormOffice) -> None:
    """This manual calls it "DND state": true holds calls back."""
    [told] = await office.says(IGOR, IGOR, "/dnd 45m")
    assert "12:45" in told.text
    assert vats.office.dnd(vats.office.employee("polina")) is True
    await office.later(minutes=45)
    assert vats.office.dnd(vats.office.employee("polina")) is False
