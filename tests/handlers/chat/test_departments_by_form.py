"""`/departments` at a VATS with the form API: people are switched in them, not added and not taken out."""

from collections.abc import AsyncIterator

import pytest

from desk import directory
from handlers.chat.buttons import DepartmentPress, mark
from sandbox.vats_form import VatsFormOffice
from tests.handlers.chat.on_the_phone import labels, presses_data
from tests.office import ANNA, IGOR, Office, Simulated, an_office


@pytest.fixture
async def by_form(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url, pbxes=[Simulated("vats_form")]) as office:
        await directory.refresh(office.desk, "main")
        await office.connected(logins={ANNA: "kirill", IGOR: "artem"})
        yield office


async def test_one_s_own_calls_are_switched_in_one_department(by_form: Office) -> None:
    office, vats = by_form, by_form.simulator(VatsFormOffice).office
    [page] = await office.says(IGOR, IGOR, "/departments")
    assert page.text.splitlines()[1:] == ["Заказы · 811: 3 of 3", "Доставка · 812: 2 of 2"]
    await office.presses(IGOR, page, "Заказы")
    await office.presses(IGOR, page, "Don't ring me")
    assert page.text == (
        "✅ Артём Никитин gets no calls of Заказы now.\n"
        "🏢 Заказы · 811\n"
        "🔔 Кирилл Морозов · 801\n"
        "🔔 Полина Егорова · 802\n"
        "🔕 Артём Никитин · 803\n"
        "🔔 gets its calls, 🔕 does not"
    )
    assert [one.calls_enable for one in vats.departments["orders"].members] == [True, True, False]
    assert vats.departments["delivery"].members[0].calls_enable
    assert vats.own_line_off == set()


async def test_who_is_in_is_not_offered_to_be_changed(by_form: Office) -> None:
    office = by_form
    [page] = await office.says(ANNA, ANNA, "/departments")
    await office.presses(ANNA, page, "Заказы")
    assert labels(page) == [
        "🔕 Don't ring me",
        "🔕 Off: Полина Егорова",
        "🔕 Off: Артём Никитин",
        "« Departments",
    ]
    for act in ("add", "put", "out", "ask", "cut"):
        data = DepartmentPress(act=act, pbx="main", dept=mark("orders"), who=mark("artem")).pack()
        answer = await presses_data(office, ANNA, page, data)
        assert answer is not None
        assert answer.text == "PBX main lets us add nobody to departments. Use the PBX's cabinet."


async def test_where_the_pbx_does_not_say_who_gets_the_calls(by_form: Office) -> None:
    """Without "self_map" it wants a CRM user's id in these commands, which we have not."""
    office, vats = by_form, by_form.simulator(VatsFormOffice).office
    vats.crm_users = {"7": "artem"}
    [page] = await office.says(IGOR, IGOR, "/departments")
    assert page.text.splitlines()[1:] == ["Заказы · 811: 3 employees", "Доставка · 812: 2 employees"]
    await office.presses(IGOR, page, "Заказы")
    assert "▫️ Артём Никитин · 803" in page.text
    assert labels(page) == ["🔕 Don't ring me", "🔔 Ring me", "« Departments"]
    answer = await office.presses(IGOR, page, "Don't ring me")
    assert answer is not None
    assert answer.text.startswith("PBX main refused")
