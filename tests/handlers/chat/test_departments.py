"""`/departments`: who gets the calls of which department, seen and changed from a phone."""

from handlers.chat.buttons import DepartmentPress, mark
from sandbox.telegram import Message
from sandbox.vats_rest import Employee, Outage
from sandbox.vats_rest.office import Department, Member
from tests.handlers.chat.on_the_phone import asked_of, labels, presses_data
from tests.office import ANNA, IGOR, MARIA, STRANGER, Office

EVERY = (
    "🏢 Departments: how many of their people get the calls\n"
    "Продажи · 710: 3 of 3\n"
    "Сервис · 720: 2 of 2\n"
    "Бухгалтерия · 730: 1 of 1"
)
SALES = (
    "🏢 Продажи · 710\n"
    "🔔 Игорь Волков · 702 · head\n"
    "🔔 Мария Орлова · 703\n"
    "🔔 Анна Смирнова · 701\n"
    "🔔 gets its calls, 🔕 does not"
)


def receives(office: Office, department: str) -> dict[str, bool]:
    return {one.login: one.calls_enable for one in office.pbx.office.departments[department].members}


async def opened(office: Office, user_id: int, name: str, chat_id: int | None = None) -> Message:
    """One department's page, in private if nothing else is said."""
    [page] = await office.says(user_id, chat_id or user_id, "/departments")
    await office.presses(user_id, page, name)
    return page


async def test_departments_and_how_many_get_their_calls(staffed: Office) -> None:
    office = staffed
    office.pbx.office.departments["accounts"].members[0].calls_enable = False
    [page] = await office.says(MARIA, office.team, "/departments")
    assert page.text == EVERY.replace("Бухгалтерия · 730: 1 of 1", "⚠️ Бухгалтерия · 730: nobody")
    assert labels(page) == ["Продажи", "Сервис", "Бухгалтерия"]
    await office.presses(MARIA, page, "Продажи")
    assert page.text == SALES
    assert labels(page) == ["🔕 Don't ring me", "🔔 Ring me", "« Departments"]
    await office.presses(MARIA, page, "« Departments")
    assert page.text.startswith("🏢 Departments")


async def test_an_employee_switches_only_themselves(staffed: Office) -> None:
    office = staffed
    page = await opened(office, MARIA, "Продажи")
    assert labels(page) == ["🔕 Don't ring me", "« Departments"]
    await office.presses(MARIA, page, "Don't ring me")
    assert receives(office, "sales") == {"igor": True, "maria": False, "anna": True}
    assert receives(office, "service") == {"oleg": True, "maria": True}
    assert page.text == "✅ Мария Орлова gets no calls of Продажи now.\n" + SALES.replace("🔔 Мария", "🔕 Мария")
    assert labels(page) == ["🔔 Ring me", "« Departments"]
    await office.presses(MARIA, page, "Ring me")
    assert receives(office, "sales")["maria"]
    assert page.text == "✅ Мария Орлова gets the calls of Продажи now.\n" + SALES


async def test_what_others_changed_meanwhile_is_seen(staffed: Office) -> None:
    office = staffed
    page = await opened(office, MARIA, "Продажи")
    office.pbx.office.departments["sales"].member("igor").calls_enable = False  # type: ignore[union-attr]
    await office.presses(MARIA, page, "Don't ring me")
    assert "🔕 Игорь Волков · 702 · head" in page.text
    office.pbx.office.departments["sales"].members.clear()
    answer = await office.presses(MARIA, page, "Ring me")
    assert answer is not None
    assert answer.text == "You are not in Продажи. Ask a manager to add you."


async def test_asked_for_twice_it_is_done_once(staffed: Office) -> None:
    """An update may be handled again after a crash; somebody may have done it at the PBX already."""
    office = staffed
    page = await opened(office, MARIA, "Продажи")
    office.pbx.office.departments["sales"].member("maria").calls_enable = False  # type: ignore[union-attr]
    await office.presses(MARIA, page, "Don't ring me")
    assert page.text.startswith("✅ Мария Орлова gets no calls of Продажи now.")
    assert asked_of(office, "subscription") == 0


async def test_a_manager_switches_others(staffed: Office) -> None:
    office = staffed
    page = await opened(office, IGOR, "Продажи")
    assert labels(page) == [
        "🔕 Don't ring me",
        "🔕 Off: Мария Орлова",
        "🔕 Off: Анна Смирнова",
        "➕ Add somebody",
        "➖ Take somebody out",
        "« Departments",
    ]
    await office.presses(IGOR, page, "Off: Мария")
    assert receives(office, "sales") == {"igor": True, "maria": False, "anna": True}
    assert page.text.startswith("✅ Мария Орлова gets no calls of Продажи now.\n")
    await office.presses(IGOR, page, "On: Мария")
    assert receives(office, "sales")["maria"]


async def test_employees_do_not_switch_others(staffed: Office) -> None:
    office = staffed
    page = await opened(office, IGOR, "Продажи", office.team)
    for label in ("Off: Анна", "Add somebody", "Take somebody out"):
        answer = await office.presses(MARIA, page, label)
        assert answer is not None
        assert answer.text == "Only managers and administrators can do this. Ask one of them."
    for act in ("put", "ask", "cut", "fin"):
        data = DepartmentPress(act=act, pbx="main", dept=mark("sales"), who=mark("anna")).pack()
        answer = await presses_data(office, MARIA, page, data)
        assert answer is not None
        assert answer.text == "Only managers and administrators can do this. Ask one of them."
    assert receives(office, "sales") == {"igor": True, "maria": True, "anna": True}


async def test_in_a_group_the_switch_is_the_presser_s_own(staffed: Office) -> None:
    office = staffed
    page = await opened(office, MARIA, "Продажи", office.team)
    await office.presses(IGOR, page, "Don't ring me")
    assert receives(office, "sales") == {"igor": False, "maria": True, "anna": True}
    assert page.text.startswith("✅ Игорь Волков gets no calls of Продажи now.\n")


async def test_the_last_one_is_asked_first(staffed: Office) -> None:
    office = staffed
    page = await opened(office, IGOR, "Бухгалтерия")
    await office.presses(IGOR, page, "Off: Вера")
    assert page.text == (
        "🔕 No more calls of Бухгалтерия to Вера Соколова?\n"
        "⚠️ Nobody else gets its calls: clients who call it would ring nobody."
    )
    assert receives(office, "accounts") == {"vera": True}
    await office.presses(IGOR, page, "Back")
    assert page.text.startswith("🏢 Бухгалтерия · 730\n🔔 Вера")
    await office.presses(IGOR, page, "Off: Вера")
    await office.presses(IGOR, page, "Yes, switch off")
    assert receives(office, "accounts") == {"vera": False}
    assert page.text == (
        "✅ Вера Соколова gets no calls of Бухгалтерия now.\n"
        "🏢 Бухгалтерия · 730\n"
        "🔕 Вера Соколова · 705\n"
        "🔔 gets its calls, 🔕 does not"
    )


async def test_somebody_is_added(staffed: Office) -> None:
    office = staffed
    page = await opened(office, ANNA, "Бухгалтерия")
    await office.presses(ANNA, page, "Add somebody")
    assert page.text == "➕ Who comes into Бухгалтерия?\nThey get its calls at once."
    assert labels(page) == [
        "Анна Смирнова · 701",
        "Игорь Волков · 702",
        "Мария Орлова · 703",
        "Олег Лебедев · 704",
        "↩️ Back",
    ]
    data = page.button("Олег").data
    await office.presses(ANNA, page, "Олег")
    assert receives(office, "accounts") == {"vera": True, "oleg": True}
    assert page.text.splitlines()[:4] == [
        "✅ Олег Лебедев is in Бухгалтерия now and gets its calls.",
        "🏢 Бухгалтерия · 730",
        "🔔 Вера Соколова · 705",
        "🔔 Олег Лебедев · 704",
    ]
    assert data is not None
    await presses_data(office, ANNA, page, data)
    assert page.text.splitlines()[0] == "Олег Лебедев is in Бухгалтерия already."
    assert asked_of(office, "/groups/accounts/users") == 1


async def test_when_everybody_is_in_there_is_nobody_to_add(staffed: Office) -> None:
    office = staffed
    office.pbx.office.departments["accounts"].members = [Member(login) for login in office.pbx.office.employees]
    page = await opened(office, ANNA, "Бухгалтерия")
    await office.presses(ANNA, page, "Add somebody")
    assert page.text == "Everybody at PBX main is in Бухгалтерия already."


async def test_taking_out_asks_and_says_what_will_change(staffed: Office) -> None:
    office = staffed
    page = await opened(office, ANNA, "Сервис")
    await office.presses(ANNA, page, "Take somebody out")
    assert page.text == "➖ Whom to take out of Сервис?"
    await office.presses(ANNA, page, "Олег")
    assert page.text == (
        "➖ Take Олег Лебедев out of Сервис?\nIts calls reach them no more.\nIts calls then ring 1 other person."
    )
    assert len(receives(office, "service")) == 2
    await office.presses(ANNA, page, "Yes, take out")
    assert receives(office, "service") == {"maria": True}
    assert page.text.startswith("✅ Олег Лебедев is no longer in Сервис.\n🏢 Сервис · 720\n🔔 Мария")
    await office.presses(ANNA, page, "Take somebody out")
    await office.presses(ANNA, page, "Мария")
    assert page.text.splitlines()[-1] == "⚠️ Nobody else gets its calls: clients who call it would ring nobody."
    await office.presses(ANNA, page, "Yes, take out")
    assert page.text == "✅ Мария Орлова is no longer in Сервис.\n🏢 Сервис · 720\nNobody is in it."


async def test_a_department_that_is_gone_is_said_to_be(staffed: Office) -> None:
    office = staffed
    page = await opened(office, ANNA, "Сервис")
    del office.pbx.office.departments["service"]
    answer = await office.presses(ANNA, page, "Take somebody out")
    assert answer is not None
    assert answer.text == "This is out of date: somebody has changed it at the PBX. Send /departments again."
    office.pbx.office.departments.clear()
    await office.presses(ANNA, page, "« Departments")
    assert page.text == "PBX main has no departments yet. Add them in its cabinet."


async def test_an_outage_is_told_and_the_page_stays(staffed: Office) -> None:
    office = staffed
    page = await opened(office, MARIA, "Продажи")
    office.pbx.weather.outage = Outage.ERROR_500
    answer = await office.presses(MARIA, page, "Don't ring me")
    assert answer is not None
    assert answer.text == "PBX main does not answer. Try again in a minute."
    assert page.text == SALES
    [told] = await office.says(MARIA, MARIA, "/departments")
    assert told.text == "PBX main does not answer. Try again in a minute."


async def test_large_departments_have_pages(staffed: Office) -> None:
    office = staffed
    people = [Employee(f"u{n}", f"Сотрудник {n:02}", f"{n + 2000}") for n in range(45)]
    office.pbx.office.employees.update({one.login: one for one in people})
    crowd = Department("crowd", "Колл-центр", "790", [Member(one.login) for one in people])
    office.pbx.office.departments["crowd"] = crowd
    page = await opened(office, ANNA, "Колл-центр")
    assert page.text.endswith("Page 1 of 3")
    await office.presses(ANNA, page, "»")
    assert "Сотрудник 20 · 2020" in page.text
    assert "Сотрудник 40" not in page.text
    await office.presses(ANNA, page, "Take somebody out")
    await office.presses(ANNA, page, "»")
    await office.presses(ANNA, page, "Сотрудник 25")
    await office.presses(ANNA, page, "Yes, take out")
    assert crowd.member("u25") is None


async def test_strangers_see_nothing(staffed: Office) -> None:
    [told] = await staffed.says(STRANGER, STRANGER, "/departments")
    assert told.text.startswith("Only employees can do this.")


async def test_which_pbx_is_asked_and_its_name_said(two_pbxes: Office) -> None:
    office = two_pbxes
    await office.link(MARIA, "maria")
    await office.link(MARIA, "maria", "spb")
    [question] = await office.says(MARIA, MARIA, "/departments")
    assert question.text == "Which PBX?"
    await office.presses(MARIA, question, "spb")
    assert question.text == EVERY + "\nPBX spb"


def test_every_button_fits() -> None:
    """Telegram allows 64 bytes; a PBX's id may have forty letters."""
    press = DepartmentPress(act="off", pbx="p" * 40, dept=mark("g_"), who=mark("x"), n=99)
    assert len(press.pack()) <= 64
