"""`/team`: who is linked to whom, who is not, and who has left the PBX."""

from desk import directory
from handlers.chat.buttons import EmployeesPress
from sandbox.vats_rest import Employee, Outage
from tests.handlers.chat.on_the_phone import presses_data
from tests.office import ANNA, IGOR, MARIA, STRANGER, Office


async def test_it_lists_the_linked_first(desk_office: Office) -> None:
    [answer] = await desk_office.says(IGOR, desk_office.team, "/team")
    assert answer.text == (
        "👥 Team: 3 of 5 linked to Telegram\n"
        "✅ Анна Смирнова · 701: Anna\n"
        "✅ Игорь Волков · 702: Igor\n"
        "✅ Мария Орлова · 703: Maria\n"
        "▫️ Вера Соколова · 705: not linked\n"
        "▫️ Олег Лебедев · 704: not linked\n"
        "To join, send /link."
    )


async def test_strangers_are_not_told(desk_office: Office) -> None:
    [answer] = await desk_office.says(STRANGER, STRANGER, "/team")
    assert answer.text == "I show the team only to employees. Send /link and an administrator will let you in."


async def test_who_left_the_pbx_is_not_kept_silently(desk_office: Office) -> None:
    await desk_office.says(IGOR, desk_office.team, "/team")
    del desk_office.pbx.office.employees["igor"]
    await directory.refresh(desk_office.desk, "main")
    await directory.refresh(desk_office.desk, "main")
    await desk_office.settle()
    told = [text for text in desk_office.texts(ANNA) if text.startswith("⚠️")]
    assert told == [
        "⚠️ Игорь Волков is no longer at PBX main, but Igor is still linked to them. "
        "To end that, send /unlink main:igor"
    ]
    [answer] = await desk_office.says(ANNA, desk_office.team, "/team")
    assert answer.text.splitlines()[0] == "👥 Team: 2 of 4 linked to Telegram"
    assert answer.text.splitlines()[-2] == (
        "⚠️ Игорь Волков: no longer at the PBX, still linked to Igor. An administrator can send /unlink main:igor"
    )


async def test_a_big_company_comes_in_pages(desk_office: Office) -> None:
    for n in range(60):
        desk_office.pbx.office.employees[f"e{n}"] = Employee(f"e{n}", f"Сотрудник {n:02}", str(800 + n))
    [first] = await desk_office.says(IGOR, IGOR, "/team")
    assert first.text.splitlines()[-2] == "Page 1 of 2"
    await desk_office.presses(IGOR, first, "›")
    second = desk_office.bot_messages(IGOR)[-1]
    assert second.id == first.id
    assert second.text.splitlines()[-2:] == ["Page 2 of 2", "To join, send /link."]
    assert [key.text for key in second.buttons[0]] == ["‹"]


async def test_employees_that_cannot_be_read_are_said(desk_office: Office) -> None:
    desk_office.pbx.weather.outage = Outage.ERROR_500
    [answer] = await desk_office.says(IGOR, IGOR, "/team")
    assert "PBX main does not answer. Try again in a minute." in answer.text.splitlines()


async def test_the_employees_as_the_pbx_has_them_now(staffed: Office) -> None:
    office = staffed
    [page] = await office.says(MARIA, office.team, "/team")
    office.pbx.office.employees["maria"].online = False
    del office.pbx.office.employees["vera"]
    await office.presses(MARIA, page, "Employees at the PBX")
    assert page.text == (
        "📇 PBX main has 4 employees\n"
        "🟢 Анна Смирнова · 701 · manager\n"
        "🟢 Игорь Волков · 702 · manager\n"
        "⚪️ Мария Орлова · 703\n"
        "🟢 Олег Лебедев · 704\n"
        "🟢 the phone is connected, ⚪️ it is not"
    )
    await office.presses(MARIA, page, "« Team")
    assert page.text.startswith("👥 Team: 3 of 4 linked to Telegram")


async def test_many_employees_come_in_pages(staffed: Office) -> None:
    office = staffed
    for n in range(60):
        office.pbx.office.employees[f"e{n}"] = Employee(f"e{n}", f"Сотрудник {n:02}", str(800 + n))
    [page] = await office.says(IGOR, IGOR, "/team")
    await office.presses(IGOR, page, "Employees at the PBX")
    assert page.text.endswith("Page 1 of 2")
    await office.presses(IGOR, page, "»")
    assert page.text.endswith("Page 2 of 2")
    assert "Сотрудник 59 · 859" in page.text


async def test_employees_are_shown_where_the_team_is(staffed: Office) -> None:
    office = staffed
    [page] = await office.says(STRANGER, STRANGER, "/team")
    answer = await presses_data(office, STRANGER, page, EmployeesPress(pbx="main").pack())
    assert answer is not None
    assert answer.text.startswith("Only employees can do this.")
    [page] = await office.says(MARIA, MARIA, "/team")
    office.pbx.weather.outage = Outage.ERROR_500
    answer = await office.presses(MARIA, page, "Employees at the PBX")
    assert answer is not None
    assert answer.text == "PBX main does not answer. Try again in a minute."
