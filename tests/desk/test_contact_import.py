"""Contacts out of CSV files as the world writes them."""

from pathlib import Path

import pytest

from bot.imports import reason
from bot.operator_words import WORDS
from bot.words import Words
from desk.contact_import import BATCH, RejectedRow, Report, Why, import_csv
from storage import contacts
from storage.contacts import Contact
from tests.office import CLIENT, Office


async def imported(office: Office, folder: Path, content: str | bytes) -> Report:
    path = folder / "contacts.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return await import_csv(office.desk, path)


async def known(office: Office, number: str) -> Contact | None:
    async with office.desk.db.read() as tx:
        return await contacts.get(tx, number)


async def names(office: Office, *numbers: str) -> list[str | None]:
    found = [await known(office, number) for number in numbers]
    return [contact.name if contact else None for contact in found]


@pytest.mark.parametrize(
    "content",
    [
        "phone,name,responsible\n8 (910) 123-45-67,Мария Петрова,anna\n",
        "8 (910) 123-45-67;Мария Петрова;anna",
        "\ufeffТелефон;Имя;Ответственный\r\n+79101234567;Мария Петрова;701\r\n",
        "name\tphone\tsomething\tlogin\nМария Петрова\t79101234567\tx\tmain:anna\n",
        'Номер,Клиент\n"8 910 123-45-67","Мария Петрова"\n',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
async def test_a_file_is_read_however_it_was_saved(team: Office, tmp_path: Path, content: str, encoding: str) -> None:
    raw = (content.removeprefix("\ufeff") if encoding != "utf-8" else content).encode(encoding)
    report = await imported(team, tmp_path, raw)
    assert (report.added, report.rejected) == (1, [])
    assert await names(team, "+79101234567") == ["Мария Петрова"]


async def test_rejected_rows_are_named_with_their_lines(team: Office, tmp_path: Path) -> None:
    report = await imported(
        team,
        tmp_path,
        "phone,name,responsible\n"
        "12,Too short,\n"
        "\n"
        "+79101234567,,\n"
        "+79101234567,Мария,nobody\n"
        "+79101234567,Мария,other:anna\n"
        '+79101234567,"Рога\n'
        f"+79101234567,{'я' * 201},\n"
        "+79101234568,Пётр,\n",
    )
    assert report.rejected == [
        RejectedRow(2, Why.NO_NUMBER, "12"),
        RejectedRow(4, Why.NO_NAME),
        RejectedRow(5, Why.NO_EMPLOYEE, "nobody"),
        RejectedRow(6, Why.NO_PBX, "other"),
        RejectedRow(7, Why.OPEN_QUOTE),
        RejectedRow(8, Why.LONG_NAME, "200"),
    ]
    assert [reason(row, Words("en", WORDS)) for row in report.rejected] == [
        "“12” is no phone number",
        "there is no name",
        "nobody at the PBX is called “nobody”",
        "there is no PBX called “other”",
        "a quotation mark is not closed on this line",
        "the name is longer than 200 characters",
    ]
    assert report.added == 1
    assert await names(team, "+79101234567", "+79101234568") == [None, "Пётр"]


async def test_nothing_is_imported_twice(team: Office, tmp_path: Path) -> None:
    content = "+79101234567,Мария,anna\n+79101234568,Пётр,\n8 910 123 45 67,Мария,anna\n"
    first = await imported(team, tmp_path, content)
    assert (first.added, first.updated, first.already_there) == (2, 0, 1)
    again = await imported(team, tmp_path, content)
    assert (again.added, again.updated, again.already_there) == (0, 0, 3)
    changed = await imported(team, tmp_path, "+79101234567,Мария Петрова,\n")
    assert (changed.added, changed.updated, changed.already_there) == (0, 1, 0)
    contact = await known(team, "+79101234567")
    assert contact is not None
    assert (contact.name, contact.responsible) == ("Мария Петрова", "anna")


async def test_long_files_go_in_by_batches_that_are_told(team: Office, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_text("".join(f"+7910{n:07},Client {n}\n" for n in range(BATCH * 2 + 1)))
    told: list[tuple[int, int]] = []
    report = await import_csv(team.desk, path, lambda done, total: told.append((done, total)))
    assert report.added == BATCH * 2 + 1
    assert told == [(BATCH, BATCH * 2 + 1), (BATCH * 2, BATCH * 2 + 1), (BATCH * 2 + 1, BATCH * 2 + 1)]


async def test_open_cards_show_the_new_names(team: Office, tmp_path: Path) -> None:
    body = {"cmd": "history", "type": "in", "status": "Missed", "phone": CLIENT, "callid": "c1"}
    await team.pbx_says(body)
    await imported(team, tmp_path, f"+{CLIENT},Мария Петрова,\n")
    await team.settle()
    assert team.texts(team.team)[-1].startswith("🔴 Missed call · Мария Петрова")


async def test_an_empty_file_holds_no_contacts(team: Office, tmp_path: Path) -> None:
    assert await imported(team, tmp_path, "") == Report()


async def test_a_login_is_taken_on_trust_while_the_employees_are_unread(office: Office, tmp_path: Path) -> None:
    report = await imported(office, tmp_path, "+79101234567,Мария,somebody\n")
    assert report.rejected == []
