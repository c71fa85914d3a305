"""Contacts as files in the chat: vCards and tables taken in, everything given out, and who may."""

import pytest

from sandbox.telegram import Message
from storage import contacts, people
from tests.office import ANNA, IGOR, MARIA, Office

CARDS = """BEGIN:VCARD
VERSION:3.0
FN:Мария Петрова
TEL;TYPE=CELL:8 (910) 123-45-67
TEL;TYPE=WORK:+380 44 123-45-67
END:VCARD
BEGIN:VCARD
FN:Без номера
END:VCARD
BEGIN:VCARD
FN:Короткий
TEL:112
END:VCARD
BEGIN:VCARD
TEL:+79101234568
END:VCARD
"""


async def sends(office: Office, user_id: int, name: str, content: bytes) -> Message:
    """Somebody sends a file in private; the bot's answer."""
    office.world.send_document(user_id, user_id, name, content)
    await office.settle()
    return office.bot_messages(user_id)[-1]


async def names(office: Office) -> dict[str, str]:
    async with office.desk.db.read() as tx:
        return {one.number: one.name for one in await contacts.everybody(tx)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
async def test_every_card_is_taken_and_what_was_not_is_told(staffed: Office, encoding: str) -> None:
    office = staffed
    answer = await sends(office, IGOR, "Контакты.VCF", CARDS.encode(encoding))
    assert answer.text == (
        "📇 Контакты.VCF: 2 added, 0 updated, 0 already there\n"
        "⚠️ 3 rejected:\n"
        "line 7: the card has no phone number\n"
        "line 12: “112” is no phone number\n"
        "line 15: there is no name"
    )
    assert await names(office) == {"+380441234567": "Мария Петрова", "+79101234567": "Мария Петрова"}
    again = await sends(office, IGOR, "Контакты.VCF", CARDS.encode(encoding))
    assert again.text.startswith("📇 Контакты.VCF: 0 added, 0 updated, 2 already there\n")
    async with office.desk.db.read() as tx:
        acts = [(one.user_id, one.what, one.about) for one in await people.last_acts(tx, 2)]
    assert acts == [(IGOR, "contacts", "Контакты.VCF: 0"), (IGOR, "contacts", "Контакты.VCF: 2")]


async def test_a_table_is_read_as_on_the_command_line(desk_office: Office) -> None:
    content = "Телефон;Имя;Ответственный\n8 910 123-45-67;Мария;anna\n12;Пётр;\n".encode("cp1251")
    answer = await sends(desk_office, ANNA, "clients.csv", content)
    assert answer.text == (
        "📇 clients.csv: 1 added, 0 updated, 0 already there\n⚠️ 1 rejected:\nline 3: “12” is no phone number"
    )
    async with desk_office.desk.db.read() as tx:
        known = await contacts.get(tx, "+79101234567")
    assert known is not None
    assert (known.name, known.responsible, known.updated_by) == ("Мария", "anna", ANNA)


async def test_many_rejected_lines_are_counted(staffed: Office) -> None:
    answer = await sends(staffed, ANNA, "c.csv", b"phone,name\n" + b"12,x\n" * 25)
    assert answer.text.splitlines()[1] == "⚠️ 25 rejected:"
    assert answer.text.splitlines()[-2:] == ["line 11: “12” is no phone number", "… and 15 more lines"]


async def test_a_long_import_is_told_in_one_message(staffed: Office) -> None:
    table = "phone,name,responsible\n" + "".join(f"7910{n:07},Client {n},\n" for n in range(1100))
    answer = await sends(staffed, IGOR, "clients.csv", table.encode())
    assert answer.text == "📇 clients.csv: 1100 added, 0 updated, 0 already there"
    sent = [one.params["text"] for one in staffed.tg.journal.requests("sendMessage")]
    assert [text for text in sent if "clients.csv" in text] == ["⏳ <b>clients.csv</b>: 500 of 1100"]
    assert answer.edits >= 1


async def test_an_empty_file_is_explained(staffed: Office) -> None:
    answer = await sends(staffed, ANNA, "c.vcf", b"\n")
    assert answer.text.splitlines()[1] == (
        "There are no contacts in it. I read vCards, and tables with the columns phone, name, responsible."
    )


async def test_a_file_that_is_too_large_is_not_read(staffed: Office) -> None:
    answer = await sends(staffed, ANNA, "c.csv", b"+79101234567,A\n" * 400_000)
    assert answer.text == "The file is too large: 5 MB at most."
    assert await names(staffed) == {}


async def test_only_managers_bring_files_and_take_them(staffed: Office) -> None:
    refusal = "Only managers and administrators can do this. Ask one of them."
    answer = await sends(staffed, MARIA, "c.vcf", CARDS.encode())
    assert answer.text == refusal
    [answer] = await staffed.says(MARIA, MARIA, "/contact export")
    assert answer.text == refusal
    [answer] = await staffed.says(ANNA, staffed.team, "/contact export")
    assert answer.text == "Send /contact export to me in private: the whole list is not for everybody here."
    assert await names(staffed) == {}


async def test_what_is_taken_out_can_be_taken_in_again(staffed: Office) -> None:
    office = staffed
    await office.says(ANNA, ANNA, "/contact +79101234567 =HYPERLINK(1) | anna")
    await office.says(ANNA, ANNA, '/contact +380441234567 Рога, "копыта"')
    [answer] = await office.says(ANNA, ANNA, "/contact export")
    assert answer.text == "📇 2 contacts"
    assert answer.media is not None
    raw = answer.media.file.content
    assert raw.decode("utf-8-sig").splitlines() == [
        "phone,name,responsible",
        '\'+380441234567,"Рога, ""копыта""",',
        "'+79101234567,'=HYPERLINK(1),anna",
    ]
    told = await sends(office, ANNA, "contacts.csv", raw)
    assert told.text == "📇 contacts.csv: 0 added, 0 updated, 2 already there"


async def test_there_may_be_nothing_to_take_out(staffed: Office) -> None:
    [answer] = await staffed.says(ANNA, ANNA, "/contact export")
    assert answer.text == "No client has a name yet: /contact NUMBER NAME."


async def test_a_contact_card_with_several_numbers_gets_buttons_for_each(staffed: Office) -> None:
    vcard = "BEGIN:VCARD\nFN:Мария\nTEL;CELL:+79101234567\nitem1.TEL:tel:+79101234568\nEND:VCARD\n"
    answers = await staffed.shares_contact(IGOR, phone="79101234567", vcard=vcard)
    assert [one.text for one in answers] == ["☎️ +7 910 123-45-67", "☎️ +7 910 123-45-68"]


async def test_each_pbx_is_named_where_there_are_several(two_pbxes: Office) -> None:
    [answer] = await two_pbxes.shares_contact(IGOR)
    assert answer.text == (
        "✅ Igor is Игорь Волков (igor) at PBX main now.\n"
        "✅ Igor is Игорь Волков (igor) at PBX spb now.\n"
        "/help shows what you can do."
    )
