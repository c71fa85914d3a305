"""Many events worked as one: what they say of each other counts, and what can't be worked stops no other."""

import pytest
from sqlalchemy import text

from desk import directory
from storage import calls, inbox
from tests.desk.phones import SALES, missed, stamp, told
from tests.office import CLIENT, Office

OTHER = "79100000002"


@pytest.fixture
async def live(office: Office) -> Office:
    """The team's chat wants a message for each call."""
    await office.bind(office.team, settings={"live": True})
    await directory.refresh(office.desk, "main")
    return office


async def a_step(office: Office, kind: str, user: str, callid: str, phone: str = CLIENT, **more: str) -> None:
    about = {"type": kind, "callid": callid, "phone": phone, "user": user, "direction": "in", **SALES}
    await told(office, "event", **about | more)


async def an_end(office: Office, status: str, callid: str, phone: str = CLIENT, **more: str) -> None:
    start = stamp(office.clock.now())
    about = {"type": "in", "status": status, "callid": callid, "phone": phone, "start": start, "duration": "20"}
    await told(office, "history", **about | SALES | more)


def fronts(office: Office) -> list[tuple[str, int]]:
    return [(one.text.splitlines()[0], one.edits) for one in office.cards()]


async def test_of_a_call_told_as_a_whole_only_the_card_is_ever_shown(live: Office) -> None:
    await a_step(live, "INCOMING", "anna", "c1")
    await a_step(live, "INCOMING", "igor", "c2", OTHER)
    await an_end(live, "Missed", "c1")
    await a_step(live, "CANCELLED", "anna", "c1")
    await live.settle()
    [(ringing, _), (card, edits)] = sorted(fronts(live))
    assert ringing.startswith("📳")
    assert (card.startswith("🔴"), edits) == (True, 0)
    async with live.desk.db.read() as tx:
        assert [one.call_id for one in await calls.live(tx, ["main"])] == ["c2"]


async def test_the_moment_of_the_answer_is_known_from_an_event_told_together_with_the_end(live: Office) -> None:
    """This history says neither how long it rang nor how long they talked."""
    began = live.clock.now()
    live.clock.advance(seconds=7)
    await a_step(live, "ACCEPTED", "anna", "c1", start=stamp(live.clock.now()))
    live.clock.advance(seconds=60)
    await an_end(live, "Success", "c1", start=stamp(began), duration="67", user="anna")
    await live.settle()
    async with live.desk.db.read() as tx:
        stored = await calls.by_call_id(tx, "main", "c1")
    assert stored
    assert stored.call.wait
    assert stored.call.wait.total_seconds() == 7


async def test_a_call_told_twice_at_once_is_one_call(live: Office) -> None:
    await an_end(live, "Missed", "c1")
    await an_end(live, "Missed", "c1", duration="21")
    await live.settle()
    [(card, edits)] = fronts(live)
    assert (card.startswith("🔴"), edits) == (True, 0)
    assert "called 2 times" not in live.cards()[0].text


async def test_both_halves_of_a_call_passed_on_may_be_told_at_once(live: Office) -> None:
    await a_step(live, "INCOMING", "anna", "c1")
    await a_step(live, "ACCEPTED", "anna", "c1")
    await a_step(live, "INCOMING", "igor", "c2")
    await a_step(live, "TRANSFERRED", "igor", "c1", second_callid="c2")
    await an_end(live, "Success", "c1", user="anna", wait="5")
    await live.settle()
    async with live.desk.db.read() as tx:
        assert await calls.main_id(tx, "main", "c2") == "c1"
        assert await calls.live(tx, ["main"]) == []
    assert len(live.cards()) <= 1


async def test_a_client_who_calls_again_before_anything_was_worked_has_one_card(live: Office) -> None:
    await an_end(live, "Missed", "c1")
    live.clock.advance(minutes=1)
    await an_end(live, "Missed", "c2")
    await an_end(live, "Missed", "c3", OTHER)
    await live.settle()
    both = "\n".join(one.text for one in live.cards())
    assert (len(live.cards()), both.count("called 2 times")) == (2, 1)


async def test_what_cannot_be_worked_stops_no_other(sqlite_office: Office) -> None:
    office = sqlite_office
    await office.bind(office.team)
    refuse = (
        "CREATE TRIGGER refuse BEFORE INSERT ON calls WHEN NEW.call_id = 'c2' BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    async with office.desk.db.write() as tx:
        await tx.execute(text(refuse))
    for number in range(5):
        await an_end(office, "Missed", f"c{number}", f"7910000001{number}")
    await office.settle()
    assert len(office.cards()) == 4
    async with office.desk.db.read() as tx:
        [failed] = await inbox.failed_rows(tx, 9)
    assert b"callid=c2" in failed.body
    assert failed.error
    await missed(office)
    assert len(office.cards()) == 5
