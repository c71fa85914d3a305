"""`/contact`: names and responsible employees, on cards at once."""

from storage import contacts
from tests.handlers.chat.on_the_phone import labels, missed_card
from tests.office import IGOR, STRANGER, Office

NUMBER = "+79100000001"


async def said(office: Office, text: str, user_id: int = IGOR) -> str:
    news = await office.says(user_id, user_id, text)
    return news[-1].text


async def known(office: Office) -> contacts.Contact | None:
    async with office.desk.db.read() as tx:
        return await contacts.get(tx, NUMBER)


async def test_a_name_is_written_down_and_shown_on_the_open_card(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    assert card.text.startswith("🔴 Missed call · +7 910 000-00-01")
    assert await said(office, "/contact 8 910 000 00 01 Мария Петрова | anna") == (
        "📇 Written down:\n"
        "☎️ Мария Петрова · +7 910 000-00-01\n"
        "👤 Responsible: Анна Смирнова\n"
        "🔴 Waits for a call back: missed today 12:00"
    )
    assert card.text.startswith("🔴 Missed call · Мария Петрова\n+7 910 000-00-01\n")
    assert "👤 Responsible: Анна Смирнова" in card.text


async def test_a_number_alone_shows_what_is_known(staffed: Office) -> None:
    office = staffed
    [message] = await office.says(IGOR, IGOR, f"/contact {NUMBER}")
    assert message.text == "☎️ +7 910 000-00-01\nNo name is written down. To do so: /contact +79100000001 NAME"
    assert labels(message) == ["📞 Call", "🗂 History", "🚫 Block"]
    await said(office, f"/contact {NUMBER} Мария")
    assert await said(office, f"/contact {NUMBER}") == "☎️ Мария · +7 910 000-00-01"


async def test_what_is_not_said_stays(staffed: Office) -> None:
    office = staffed
    await said(office, f"/contact {NUMBER} Мария | 702")
    assert await said(office, f"/contact {NUMBER} Мария Петрова") == (
        "📇 Written down:\n"
        "☎️ Мария Петрова · +7 910 000-00-01\n"
        "👤 Responsible: Игорь Волков\n"
        "Until now the name was Мария."
    )
    await said(office, f"/contact {NUMBER} | main:anna")
    contact = await known(office)
    assert contact is not None
    assert (contact.name, contact.responsible) == ("Мария Петрова", "main:anna")
    await said(office, f"/contact {NUMBER} | -")
    contact = await known(office)
    assert contact is not None
    assert (contact.name, contact.responsible) == ("Мария Петрова", None)


async def test_the_responsible_employee_may_be_named_as_people_do(staffed: Office) -> None:
    assert "👤 Responsible: Игорь Волков" in await said(staffed, f"/contact {NUMBER} Мария | игорь волков")


async def test_nobody_is_made_responsible_who_is_not_there(staffed: Office) -> None:
    office = staffed
    for login in ("nobody", "other:anna"):
        assert await said(office, f"/contact {NUMBER} Мария | {login}") == (
            f"Nobody at the PBX is called “{login}”, so nothing is written down. /team lists everybody."
        )
    assert await known(office) is None


async def test_what_is_unclear_is_explained(staffed: Office) -> None:
    office = staffed
    usage = (
        "Which client? /contact +79101234567 shows what we know, /contact +79101234567 Maria Petrova "
        "writes a name down, and | anna at the end makes anna responsible."
    )
    assert await said(office, "/contact") == usage
    assert await said(office, "/contact Мария") == usage
    assert (
        await said(office, f"/contact {NUMBER} | anna")
        == "Say the client's name too: /contact +79100000001 NAME | LOGIN"
    )
    assert await said(office, f"/contact {NUMBER} {'я' * 101}") == "The name is too long: 100 characters at most."
    assert await known(office) is None


async def test_guests_neither_see_nor_write(staffed: Office) -> None:
    office = staffed
    refused = "Only employees can do this. Send me /link in private, and an administrator will let you in."
    assert await said(office, f"/contact {NUMBER}", STRANGER) == refused
    assert await said(office, f"/contact {NUMBER} Мария", STRANGER) == refused
    assert await known(office) is None


async def test_markup_in_a_name_is_shown_as_it_is(staffed: Office) -> None:
    office = staffed
    assert "☎️ <b>Рога & копыта</b> · +7 910 000-00-01" in await said(
        office, f"/contact {NUMBER} <b>Рога & копыта</b>"
    )
