"""`/team`: who is linked to whom, who is not, and who has left the PBX."""

from desk import directory
from sandbox.vats_rest import Employee, Outage
from tests.office import ANNA, IGOR, STRANGER, Office


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
    assert [key.text for key in second.buttons[-1]] == ["‹"]


async def test_employees_that_cannot_be_read_are_said(desk_office: Office) -> None:
    desk_office.pbx.weather.outage = Outage.ERROR_500
    [answer] = await desk_office.says(IGOR, IGOR, "/team")
    assert "PBX main does not answer. Try again in a minute." in answer.text.splitlines()
