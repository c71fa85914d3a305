"""What is too old is forgotten; who still waits is not."""

from sqlalchemy import func, select

from desk import case_acts
from desk.retention import forget_old
from storage import forgetting, tables
from tests.desk import phones
from tests.desk.past import phone
from tests.office import IGOR, Office


async def count(office: Office, name: str) -> int:
    async with office.desk.db.read() as tx:
        return (await tx.execute(select(func.count()).select_from(tables.metadata.tables[name]))).scalar_one()


async def counts(office: Office, *names: str) -> list[int]:
    return [await count(office, name) for name in names]


async def test_calls_cases_and_cards_are_kept_as_long_as_the_office_says(team: Office) -> None:
    await phones.missed(team, phone=phone(1))
    await phones.we_called(team, phone=phone(1))
    await phones.says(team, "rating", rating="5", callid="c", phone=phone(1))
    names = ("calls", "cases", "notices", "deliveries", "ratings")
    team.clock.advance(days=364)
    await forget_old(team.desk)
    assert await counts(team, *names) == [2, 1, 2, 2, 1]
    team.clock.advance(days=3)
    await forget_old(team.desk)
    assert await counts(team, *names) == [0, 0, 0, 0, 0]


async def test_who_still_waits_keeps_the_calls_and_the_card(team: Office) -> None:
    await phones.missed(team, phone=phone(1))
    await phones.missed(team, phone=phone(2))
    await phones.we_called(team, phone=phone(2))
    team.clock.advance(days=400)
    await forget_old(team.desk)
    assert await counts(team, "calls", "cases", "notices") == [1, 1, 1]
    async with team.desk.db.write() as tx:
        row = (await tx.execute(select(tables.cases.c.id))).scalar_one()
        await case_acts.handle(team.desk, tx, row, IGOR, "met")
    await team.settle()
    assert team.texts(team.team)[0].startswith("✅ Handled")


async def test_raw_bodies_go_sooner_but_not_those_still_to_be_worked(team: Office) -> None:
    await phones.missed(team)
    await phones.told(team, "event", phone=phone(3), type="INCOMING", callid="x", direction="in")
    team.clock.advance(days=31)
    await forget_old(team.desk)
    assert await counts(team, "inbox", "calls") == [1, 1]


async def test_what_fired_and_what_telegram_said_is_forgotten_in_its_time(team: Office) -> None:
    await team.says(IGOR, IGOR, "/help")
    assert await count(team, "updates") > 0
    team.clock.advance(days=8)
    await forget_old(team.desk)
    assert await count(team, "updates") == 0


async def test_more_than_a_piece_is_forgotten_too(team: Office) -> None:
    at = team.clock.now()
    rows = [{"at": at, "user_id": IGOR, "what": "call", "about": ""} for _ in range(forgetting.PIECE + 5)]
    async with team.desk.db.write() as tx:
        await tx.execute(tables.acts.insert(), rows)
    team.clock.advance(days=366)
    await forget_old(team.desk)
    assert await count(team, "acts") == 0
