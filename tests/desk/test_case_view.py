"""Many cases are seen at once, each as it is by itself, and by no more questions."""

from desk.case_view import case_view, case_views
from desk.views import open_case_views
from storage import contacts, notes
from storage.contacts import Contact
from tests.desk import phones
from tests.desk.past import phone
from tests.desk.test_attempts import PBXES
from tests.desk.test_totals import statements
from tests.office import ANNA, CLIENT, IGOR, Office, an_office


async def all_sorts(office: Office) -> None:
    """A client who waits at two PBXs, was called, is claimed and has been written about; one called back; others."""
    for pbx_id in ("main", "branch"):
        await office.bind(office.team, pbx_id=pbx_id)
        await phones.missed(office, pbx=pbx_id)
    await phones.we_called(office, "Busy", pbx="branch")
    await office.presses(ANNA, office.cards()[0], "Mine")
    await phones.missed(office, phone=phone(2))
    await phones.we_called(office, phone=phone(2), callid="returned")
    await phones.says(office, "rating", rating="4", callid="returned", phone=phone(2))
    await phones.missed(office, phone="")
    await phones.missed(office, phone=phone(3), pbx="branch")
    db, now = office.desk.db, office.clock.now()
    async with db.write() as tx:
        await contacts.save(db, tx, Contact(f"+{CLIENT}", "Fedor", "branch:igor", now, ANNA))
        for number in range(6):
            about = {"client": f"+{CLIENT if number % 2 else phone(3)}", "text": f"note {number}", "pbx_id": "main"}
            who = {"user_id": IGOR if number else ANNA, "saved_by": IGOR, "at": now, "case_id": None}
            await notes.add(db, tx, **about, **who, chat_id=office.team, message_id=number + 1)


async def test_each_is_seen_as_it_is_by_itself(database_url: str) -> None:
    async with an_office(database_url, pbx=PBXES) as office:
        await all_sorts(office)
        asked = [5, 1, 99, 3, 2, 4]
        async with office.desk.db.read() as tx:
            together = await case_views(office.desk, tx, asked)
            alone = [await case_view(office.desk, tx, one) for one in asked]
    assert [one.case.id for one in together] == [5, 1, 3, 2, 4]
    assert together == [one for one in alone if one]
    seen = {one.case.id: one for one in together}
    assert [len(seen[one].attempts) for one in (1, 2, 3)] == [1, 1, 0]
    assert [(seen[one].client_name, seen[one].responsible) for one in (1, 5)] == [("Fedor", "igor"), (None, None)]
    assert [[note.text for note in seen[one].notes] for one in (1, 5)] == [["note 3", "note 5"], ["note 2", "note 4"]]
    assert (seen[1].claimed_by, seen[2].claimed_by, seen[3].stars, seen[5].stars) == ("Anna", None, 4, None)


async def test_ten_take_no_more_questions_than_one(postgres_url: str) -> None:
    """Asked of PostgreSQL, where all of them can be heard."""
    async with an_office(postgres_url) as office:
        for number in range(1, 11):
            await phones.missed(office, phone=phone(number))
        asked = []
        for limit in (1, 10):
            with statements(office.desk.db) as these:
                async with office.desk.db.read() as tx:
                    assert len(await open_case_views(office.desk, tx, ["main"], limit)) == limit
            asked.append(len(these))
        assert asked[0] == asked[1]
