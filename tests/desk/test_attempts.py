"""What a card lists of our attempts: who, when, and in words how each went."""

import pytest

from pbx.vocabulary import Employee
from sandbox.telegram import Message
from storage import people
from tests.desk.phones import missed, we_called
from tests.office import Office, an_office

PBXES = [
    {"id": one, "vendor": "vats_rest", "url": "http://127.0.0.1:1", "key": "k", "webhook_token": token}
    for one, token in (("main", "webhook-token-of-the-tests"), ("branch", "webhook-token-of-the-tests"))
]


def attempts(card: Message) -> list[str]:
    return [line for line in card.text.splitlines() if line.startswith("📵")]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Busy", "busy"),
        ("NotAvailable", "not available"),
        ("NotAllowed", "calls there are not allowed"),
        ("NotFound", "no such number"),
        ("Cancel", "cancelled"),
        ("Missed", "no answer"),
        ("Kaputt", "outcome unknown (Kaputt)"),
    ],
)
async def test_an_attempt_says_how_it_went(sqlite_url: str, status: str, words: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team)
        await missed(office)
        await we_called(office, status)
        assert attempts(office.cards()[0]) == [f"📵 igor, today 12:00: {words}"]
        assert office.cards()[0].text.startswith("🟠 Not reached yet")


async def test_an_attempt_through_another_pbx_is_on_every_card_by_its_own_name(database_url: str) -> None:
    """The same login is somebody else there; and the client waits at both."""
    async with an_office(database_url, pbx=PBXES) as office:
        await staffed_with(office, main="Igor of the main office", branch="Igor of the branch")
        for pbx_id in ("main", "branch"):
            await office.bind(office.team, pbx_id=pbx_id)
            await missed(office, pbx=pbx_id)
        await we_called(office, "Busy", pbx="branch")
        office.clock.advance(minutes=5)
        await we_called(office, "Missed")
        at_main, at_branch = office.cards()
        assert attempts(at_main) == [
            "📵 Igor of the branch, today 12:00: busy",
            "📵 Igor of the main office, today 12:05: no answer",
        ]
        assert attempts(at_branch) == attempts(at_main)
        await we_called(office, pbx="branch")
        assert [card.text.split(" · ")[0] for card in (at_main, at_branch)] == ["🟢 Called back"] * 2
        assert len(attempts(at_main)) == len(attempts(at_branch)) == 2


async def test_attempts_of_an_earlier_case_stay_with_it(sqlite_url: str) -> None:
    async with an_office(sqlite_url, pbx=PBXES) as office:
        await office.bind(office.team)
        await missed(office)
        await we_called(office, "Busy")
        await we_called(office)
        office.clock.advance(minutes=10)
        await missed(office)
        first, second = office.cards()
        assert len(attempts(first)) == 1
        assert attempts(second) == []


async def staffed_with(office: Office, **names: str) -> None:
    async with office.desk.db.write() as tx:
        for pbx_id, name in names.items():
            await people.save_employees(office.desk.db, tx, pbx_id, [Employee("igor", name)])
