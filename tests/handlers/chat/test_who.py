"""`/who`: who is on a call, connected, not to be disturbed; and the switch of others, for managers."""

from datetime import timedelta

import pytest

from desk import directory, whereabouts
from sandbox.telegram import Answer
from sandbox.vats_rest import Employee, Outage
from storage import contacts, memory, people
from storage.contacts import Contact
from tests.desk.phones import SALES, says
from tests.handlers.chat.on_the_phone import labels, presses_data
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office

LEGEND = "🟢 the phone is connected, ⚪️ it is not"


async def step(office: Office, kind: str, user: str, way: str = "in") -> None:
    about = {"callid": "c1", "phone": CLIENT, "user": user, "direction": way, **SALES}
    await says(office, "event", type=kind, **about)


async def dnd_timers(office: Office) -> list[memory.Timer]:
    async with office.desk.db.read() as tx:
        return await memory.timers_of(tx, "dnd")


def lines(text: str) -> dict[str, str]:
    """Each employee's line by their name's first letter."""
    return {line.split(" ")[1][0]: line for line in text.splitlines()[1:] if " · " in line}


async def test_everybody_at_a_glance(desk_office: Office) -> None:
    office = desk_office
    await directory.refresh(office.desk, "main")
    office.pbx.office.employee("igor").online = False
    office.pbx.office.employee("oleg").receives = False
    await office.says(MARIA, MARIA, "/dnd 45m")
    [message] = await office.says(MARIA, office.team, "/who")
    assert message.text == (
        "🧭 Who is where\n"
        "🟢 Анна Смирнова · 701 · in Telegram: Anna\n"
        "🟢 Вера Соколова · 705\n"
        "⚪️ Игорь Волков · 702 · in Telegram: Igor\n"
        "🔕 Мария Орлова · 703 · do not disturb until 12:45 · in Telegram: Maria\n"
        "🔕 Олег Лебедев · 704 · do not disturb\n"
        f"{LEGEND}"
    )
    assert labels(message) == ["🔄 Refresh"]


async def test_managers_see_with_whom_colleagues_only_that(staffed: Office) -> None:
    office = staffed
    async with office.desk.db.write() as tx:
        await contacts.save(office.desk.db, tx, Contact("+" + CLIENT, "Фёдор", None, office.clock.now(), ANNA))
    await step(office, "INCOMING", "igor")
    [mine] = await office.says(MARIA, MARIA, "/who")
    [managers] = await office.says(ANNA, ANNA, "/who")
    assert lines(mine.text)["И"] == "📳 Игорь Волков · 702 · the phone rings · in Telegram: Igor"
    assert lines(managers.text)["И"] == (
        "📳 Игорь Волков · 702 · the phone rings: Фёдор, +7 910 000-00-01 · in Telegram: Igor"
    )
    office.clock.advance(minutes=1)
    await step(office, "ACCEPTED", "igor")
    await office.presses(MARIA, mine, "Refresh")
    await office.presses(ANNA, managers, "Refresh")
    assert lines(mine.text)["И"] == "🗣 Игорь Волков · 702 · on a call since 12:01 · in Telegram: Igor"
    assert lines(managers.text)["И"] == (
        "🗣 Игорь Волков · 702 · talks with Фёдор, +7 910 000-00-01 since 12:01 · in Telegram: Igor"
    )
    assert "Фёдор" not in mine.text


async def test_departments_whose_calls_do_not_reach_somebody(staffed: Office) -> None:
    office = staffed
    sales = next(one for one in office.pbx.office.departments.values() if one.name == "Продажи")
    next(one for one in sales.members if one.login == "igor").calls_enable = False
    [message] = await office.says(IGOR, office.team, "/who")
    assert lines(message.text)["И"] == "🟢 Игорь Волков · 702 · no calls of Продажи · in Telegram: Igor"


async def test_dnd_that_was_switched_at_the_pbx_is_read_back_and_its_timer_dropped(desk_office: Office) -> None:
    office = desk_office
    await directory.refresh(office.desk, "main")
    await office.says(IGOR, IGOR, "/dnd 2h")
    office.clock.advance(minutes=5)
    office.pbx.office.employee("igor").receives = True
    [message] = await office.says(MARIA, MARIA, "/who")
    assert "do not disturb" not in message.text
    assert await dnd_timers(office) == []
    office.pbx.office.employee("igor").receives = False
    [told] = await office.says(IGOR, IGOR, "/dnd")
    assert told.text == "🔕 Calls to you are off. They stay off until you send /dnd off."
    before = len(office.texts(IGOR))
    await office.later(hours=3)
    assert not office.pbx.office.employee("igor").receives
    assert len(office.texts(IGOR)) == before


async def test_a_switch_that_may_still_be_on_its_way_keeps_its_timer(staffed: Office) -> None:
    office = staffed
    office.pbx.weather.outage = Outage.ERROR_500
    await office.says(IGOR, IGOR, "/dnd 45m")
    office.pbx.weather.clear()
    await office.says(IGOR, IGOR, "/dnd")
    assert len(await dnd_timers(office)) == 1
    office.clock.advance(minutes=2)
    await office.says(IGOR, IGOR, "/dnd")
    assert await dnd_timers(office) == []


async def test_calls_let_through_at_the_pbx_before_the_time_is_over_are_no_news(staffed: Office) -> None:
    office = staffed
    await office.says(IGOR, IGOR, "/dnd 45m")
    office.pbx.office.employee("igor").receives = True
    before = len(office.texts(IGOR))
    await office.later(minutes=45)
    assert await dnd_timers(office) == []
    assert len(office.texts(IGOR)) == before


async def test_what_can_t_be_read_is_said_and_the_rest_is_shown(staffed: Office) -> None:
    office = staffed
    office.pbx.weather.outage = Outage.ERROR_500
    [message] = await office.says(IGOR, office.team, "/who")
    assert message.text == (
        "🧭 Who is where\n"
        "▫️ Анна Смирнова · 701 · in Telegram: Anna\n"
        "▫️ Вера Соколова · 705\n"
        "▫️ Игорь Волков · 702 · in Telegram: Igor\n"
        "▫️ Мария Орлова · 703 · in Telegram: Maria\n"
        "▫️ Олег Лебедев · 704\n"
        "PBX main does not answer. Try again in a minute.\n"
        "⚠️ Whether calls reach 5 of them could not be read.\n"
        "⚠️ The departments could not be read.\n"
        f"{LEGEND}"
    )


async def test_a_pbx_that_takes_its_time_is_not_waited_for(staffed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = staffed
    monkeypatch.setattr(whereabouts, "SECONDS", 0.05)
    pbx = office.desk.pbxes["main"]

    async def never(employee: str) -> bool:
        import asyncio

        await asyncio.Event().wait()
        return True

    monkeypatch.setattr(pbx, "receives_calls", never)
    [message] = await office.says(IGOR, office.team, "/who")
    assert "⚠️ Whether calls reach 5 of them could not be read." in message.text
    assert "🟢 Игорь Волков" in message.text


async def test_a_big_company_comes_in_pages_and_a_few_are_asked_at_once(staffed: Office) -> None:
    office = staffed
    for n in range(30):
        office.pbx.office.employees[f"e{n}"] = Employee(f"e{n}", f"Сотрудник {n:02}", str(800 + n))
    [first] = await office.says(IGOR, IGOR, "/who")
    assert first.text.splitlines()[-1] == "Page 1 of 2"
    assert len(lines(first.text)) > 0
    await office.presses(IGOR, first, "»")
    assert first.text.splitlines()[-1] == "Page 2 of 2"
    assert "Сотрудник 29" in first.text
    assert await presses_data(office, IGOR, first, "w:page:main::99") == Answer("")
    assert first.text.splitlines()[-1] == "Page 2 of 2"


# The switch of others


async def test_a_manager_switches_somebody_under_the_list_and_they_hear_of_it(staffed: Office) -> None:
    office = staffed
    [message] = await office.says(ANNA, ANNA, "/who")
    await office.presses(ANNA, message, "Do not disturb…")
    assert message.text == "🔕 Whose calls do you want to switch?"
    await office.presses(ANNA, message, "Игорь Волков")
    assert message.text == "🔔 Calls reach Игорь Волков."
    assert labels(message) == ["30 min", "1 h", "Until midnight", "🔕 Off, no end", "« Who is where"]
    await office.presses(ANNA, message, "1 h")
    assert message.text == (
        "🔕 Calls to Игорь Волков are off until 13:00.\nИгорь Волков hears of it from me in private."
    )
    assert not office.pbx.office.employee("igor").receives
    assert office.texts(IGOR)[-1] == (
        "🔕 Anna has switched your calls off. They come back today 13:00; sooner: /dnd off"
    )
    async with office.desk.db.read() as tx:
        act = (await people.last_acts(tx, 1))[0]
    assert (act.user_id, act.what, act.about) == (ANNA, "dnd", "igor: off")
    await office.presses(ANNA, message, "« Who is where")
    assert "do not disturb until 13:00" in lines(message.text)["И"]
    await office.later(hours=1)
    assert office.pbx.office.employee("igor").receives
    assert office.texts(IGOR)[-1] == "🔔 Игорь Волков, calls reach you again."


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("/dnd maria 45m", "🔕 Calls to Мария Орлова are off until 12:45."),
        ("/dnd 703 until 18:00", "🔕 Calls to Мария Орлова are off until 18:00."),
        ("/dnd main:maria on", "🔕 Calls to Мария Орлова are off, until somebody lets them through."),
        ("/dnd maria off", "🔔 Calls reach Мария Орлова."),
        ("/dnd maria", "🔔 Calls reach Мария Орлова."),
    ],
)
async def test_a_manager_may_type_it(staffed: Office, typed: str, answer: str) -> None:
    office = staffed
    [told] = await office.says(ANNA, ANNA, typed)
    assert told.text.splitlines()[0] == answer
    assert office.pbx.office.employee("maria").receives == answer.startswith("🔔")
    assert office.pbx.office.employee("anna").receives


async def test_others_may_not_and_are_told_so(staffed: Office) -> None:
    office = staffed
    [told] = await office.says(MARIA, MARIA, "/dnd igor 45m")
    assert told.text == "Only managers and administrators can do this. Ask one of them."
    [listed] = await office.says(MARIA, MARIA, "/who")
    mark = "w:{act}:main:{who}:0"
    from handlers.chat.buttons import mark as marked

    for act in ("pick", "one", "on", "30m", "off"):
        data = mark.format(act=act, who=marked("igor"))
        assert await presses_data(office, MARIA, listed, data) == Answer(
            "Only managers and administrators can do this. Ask one of them.", show_alert=True
        )
    assert office.pbx.office.employee("igor").receives
    [mine] = await office.says(MARIA, MARIA, "/dnd maria 45m")
    assert mine.text == "🔕 Calls to Мария Орлова are off until 12:45."


async def test_words_that_name_nobody_are_a_mistake_of_their_own(staffed: Office) -> None:
    office = staffed
    for typed in ("/dnd nobody 45m", "/dnd maria please", "/dnd 45"):
        [told] = await office.says(ANNA, ANNA, typed)
        assert told.text.startswith("Until when shall calls not reach you?"), typed


async def test_an_employee_who_can_t_be_told_leaves_the_manager_to_hear_of_the_end(staffed: Office) -> None:
    office = staffed
    [told] = await office.says(ANNA, ANNA, "/dnd oleg 30m")
    assert told.text == "🔕 Calls to Олег Лебедев are off until 12:30."
    await office.later(minutes=30)
    assert office.texts(ANNA)[-1] == "🔔 Calls reach Олег Лебедев again."


async def test_a_pbx_without_an_answer_leaves_a_net(staffed: Office) -> None:
    office = staffed
    office.pbx.weather.outage = Outage.ERROR_500
    [told] = await office.says(ANNA, ANNA, "/dnd igor 45m")
    assert told.text == (
        "PBX main does not answer. Try again in a minute.\n"
        "Should the calls of Игорь Волков be off all the same, I let them through again until 12:45."
    )
    [timer] = await dnd_timers(office)
    assert timedelta(minutes=44) < timer.due_at - office.clock.now() <= timedelta(minutes=45)


async def test_guests_are_refused(staffed: Office) -> None:
    office = staffed
    [told] = await office.says(STRANGER, STRANGER, "/who")
    refusal = "Only employees can do this. Send me /link in private, and an administrator will let you in."
    assert told.text == refusal
    for data in ("w:page:main::0", "w:pick:main::0", "w:off:main:abcdef:0", "w:page:nowhere::0"):
        assert await presses_data(office, STRANGER, told, data) == Answer(refusal, show_alert=True)
