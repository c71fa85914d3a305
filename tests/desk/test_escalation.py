"""Escalation: who is called upon about a client whom nobody calls back, when, and when not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import binding, contacts, directory, escalation, timers, views
from desk.office import Desk
from desk.views import View
from sandbox.telegram import Message
from sandbox.vats_rest import Outage
from storage import cases, chats, memory
from storage.database import Tx
from storage.memory import Timer
from storage.notices import Notice
from tests.desk.phones import got_through, missed, says, we_called
from tests.desk.test_delivery import burst, number, shown
from tests.office import ANNA, CLIENT, IGOR, LOGINS, MARIA, Office, an_office

OFFICE_HOURS = {"working_hours": "Mon-Fri 09:00-18:00"}


def at(hour: int, minute: int = 0, *, day: int = 18, month: int = 3, zone: str = "Europe/Moscow") -> datetime:
    """A moment by a zone's clocks, in 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


async def managers(office: Office, **settings: str) -> int:
    """The managers' chat."""
    chat_id = office.world.add_group("Начальство", [ANNA]).id
    await office.bind(chat_id, *binding.FOR_MANAGERS, settings=dict(settings))
    return chat_id


async def marias(office: Office, phone: str = CLIENT) -> None:
    """The client belongs to Maria."""
    await contacts.save(office.desk, f"+{phone}", "Ромашка", "maria", ANNA)


async def staffed(office: Office) -> Office:
    """The team's chat, whose people are linked; Igor heads the sales department."""
    await office.bind(office.team)
    await directory.refresh(office.desk, "main")
    for user_id, login in LOGINS.items():
        await office.says(user_id, user_id, "/start")
        await office.link(user_id, login)
    return office


@pytest.fixture
async def floor(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url) as office:
        yield await staffed(office)


@pytest.fixture
async def each_floor(office: Office) -> Office:
    """The same, on each kind of database in turn."""
    return await staffed(office)


def alarms(office: Office, chat_id: int | None = None) -> list[Message]:
    return [one for one in office.bot_messages(chat_id or office.team) if one.text.startswith("⏰")]


def first(messages: list[Message]) -> list[str]:
    return [one.text.splitlines()[0] for one in messages]


async def until(office: Office, moment: datetime) -> None:
    """The clock's job runs at that moment."""
    office.clock.set(moment)
    await timers.run_due(office.desk)
    await office.settle()


async def waiting(office: Office) -> list[Timer]:
    async with office.desk.db.read() as tx:
        return await memory.timers_of(tx, escalation.KIND)


# The ladder


async def test_step_by_step_more_people_hear_of_it(each_floor: Office) -> None:
    bosses = await managers(each_floor)
    await marias(each_floor)
    await missed(each_floor)
    await until(each_floor, at(12, 9))
    assert alarms(each_floor) == []
    await until(each_floor, at(12, 10))
    [to_maria] = alarms(each_floor)
    assert to_maria.text == (
        "⏰ Maria, Ромашка, +7 910 000-00-01 has waited 10 min for a call\n"
        "It is your client, and nobody has called back yet.\n"
        "🏢 Продажи\n"
        "🕒 today 11:59"
    )
    assert f'<a href="tg://user?id={MARIA}">Maria</a>' in to_maria.html
    assert [one.text for row in to_maria.buttons for one in row] == ["📞 Call back", "🙋 Mine", "🗒 Show the card"]
    await until(each_floor, at(12, 20))
    assert first(alarms(each_floor))[1:] == ["⏰ Igor, Ромашка, +7 910 000-00-01 has waited 20 min for a call"]
    assert "Your department missed the call, and nobody has called back yet." in alarms(each_floor)[1].text
    assert alarms(each_floor, bosses) == []
    await until(each_floor, at(12, 30))
    [to_bosses] = alarms(each_floor, bosses)
    assert to_bosses.text == (
        "⏰ Ромашка, +7 910 000-00-01 has waited 30 min for a call\n"
        "For managers: nobody has called back yet.\n"
        "🏢 Продажи\n"
        "🕒 today 11:59"
    )
    card = each_floor.bot_messages(each_floor.team)[0]
    assert card.text.splitlines()[-3:] == [
        "⏰ 12:10: Maria was called upon (responsible)",
        "⏰ 12:20: Igor was called upon (head of the department)",
        "⏰ 12:30: the managers were called upon",
    ]
    await until(each_floor, at(18))
    assert (len(alarms(each_floor)), len(alarms(each_floor, bosses)), await waiting(each_floor)) == (2, 1, [])


async def returned(office: Office) -> None:
    await we_called(office)


async def reached(office: Office) -> None:
    await got_through(office)


async def by_hand(office: Office) -> None:
    card = office.bot_messages(office.team)[0]
    await office.presses(MARIA, card, "Handled")
    await office.presses(MARIA, card, "wrote back")


@pytest.mark.parametrize(
    ("close", "says"),
    [
        (returned, "🟢 +7 910 000-00-01 was called back (Игорь Волков)"),
        (reached, "🟢 +7 910 000-00-01 got through to us (Мария Орлова)"),
        (by_hand, "✅ +7 910 000-00-01: handled (Maria)"),
    ],
)
async def test_it_stops_at_once_when_the_case_is_closed_and_says_how(
    each_floor: Office, close: Callable[[Office], Awaitable[None]], says: str
) -> None:
    bosses = await managers(each_floor)
    await missed(each_floor)
    await until(each_floor, at(12, 20))
    [to_igor] = alarms(each_floor)
    await close(each_floor)
    assert (to_igor.text, to_igor.buttons) == (says, ())
    assert await waiting(each_floor) == []
    await until(each_floor, at(13))
    assert (len(alarms(each_floor)), alarms(each_floor, bosses)) == (0, [])


async def test_a_case_that_is_closed_while_its_message_waits_is_not_told_of(floor: Office) -> None:
    await missed(floor, number(1))
    floor.clock.set(at(12, 20))
    await timers.run_due(floor.desk)
    await we_called(floor, phone=number(1))
    await floor.settle()
    assert alarms(floor) == []
    assert not [text for text in floor.texts(floor.team) if "was called back" in text]


async def test_a_timer_that_fires_again_after_a_crash_calls_upon_nobody_twice(each_floor: Office) -> None:
    await missed(each_floor)
    [timer] = await waiting(each_floor)
    await until(each_floor, at(12, 20))
    for _ in range(2):
        async with each_floor.desk.db.write() as tx:
            await memory.set_timer(each_floor.desk.db, tx, timer)
        await escalation.call_upon(each_floor.desk, timer)
    each_floor.clock.advance(minutes=2)
    await each_floor.settle()
    assert len(alarms(each_floor)) == 1


async def test_where_there_is_nobody_to_call_upon_a_step_passes_in_silence(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team)
        await missed(office)
        for minute in (10, 20, 30):
            await until(office, at(12, minute))
        assert len(office.texts(office.team)) == 1
        assert "⏰" not in office.texts(office.team)[0]
        assert await waiting(office) == []


async def test_while_the_pbx_is_out_its_last_word_on_heads_counts(floor: Office) -> None:
    await missed(floor, number(1))
    await until(floor, at(12, 20))
    assert len(alarms(floor)) == 1
    floor.clock.set(at(14))
    await missed(floor, number(2))
    floor.pbx.weather.outage = Outage.ERROR_500
    await until(floor, at(14, 10))
    await until(floor, at(14, 20))
    assert first(alarms(floor))[1:] == [f"⏰ Igor, {shown(2)} has waited 20 min for a call"]


# Claims


async def test_a_claim_holds_the_next_step_up_until_it_lapses(each_floor: Office) -> None:
    bosses = await managers(each_floor)
    await marias(each_floor)
    await missed(each_floor)
    each_floor.clock.set(at(12, 8))
    await each_floor.presses(IGOR, each_floor.bot_messages(each_floor.team)[0], "Mine")
    await until(each_floor, at(12, 22))
    assert alarms(each_floor) == []
    await until(each_floor, at(12, 23))
    await until(each_floor, at(12, 23) + timedelta(seconds=1))
    assert first(alarms(each_floor)) == ["⏰ Maria, Ромашка, +7 910 000-00-01 has waited 23 min for a call"]
    await until(each_floor, at(12, 32))
    assert len(alarms(each_floor)) == 1
    await until(each_floor, at(12, 34))
    assert len(alarms(each_floor)) == 2
    await until(each_floor, at(12, 42))
    assert alarms(each_floor, bosses) == []
    await until(each_floor, at(12, 44))
    assert len(alarms(each_floor, bosses)) == 1


async def test_a_claim_that_is_given_back_lets_the_next_step_come_at_once(floor: Office) -> None:
    async with floor.desk.db.write() as tx:
        await chats.change_settings(tx, floor.team, {"claim_minutes": 0})
    await marias(floor)
    await missed(floor)
    card = floor.bot_messages(floor.team)[0]
    await floor.presses(IGOR, card, "Mine")
    await until(floor, at(12, 50))
    assert alarms(floor) == []
    await floor.presses(IGOR, card, "Not mine")
    await until(floor, at(12, 51))
    assert len(alarms(floor)) == 1


async def test_a_claim_is_named_in_the_message_and_takes_its_button(floor: Office) -> None:
    await missed(floor)
    await until(floor, at(12, 20))
    [alarm] = alarms(floor)
    await floor.presses(MARIA, alarm, "Mine")
    assert "🙋 Maria takes care of it since 12:20, until 12:35\n" in f"{alarm.text}\n"
    assert [one.text for row in alarm.buttons for one in row] == ["📞 Call back", "🗒 Show the card"]
    await floor.presses(MARIA, alarm, "Show the card")
    assert floor.texts(floor.team)[-1].startswith("🔴 Missed call · +7 910 000-00-01")


async def test_a_case_that_is_opened_again_goes_on_where_it_was(floor: Office) -> None:
    bosses = await managers(floor)
    await missed(floor)
    await until(floor, at(12, 20))
    card = floor.bot_messages(floor.team)[0]
    await by_hand(floor)
    floor.clock.set(at(13))
    await floor.presses(MARIA, card, "Open again")
    await until(floor, at(13, 9))
    assert alarms(floor, bosses) == []
    await until(floor, at(13, 10))
    assert first(alarms(floor, bosses)) == ["⏰ +7 910 000-00-01 has waited 1 h 10 min for a call"]


# Never a flood


async def test_what_falls_due_together_is_one_message(each_floor: Office) -> None:
    bosses = await managers(each_floor)
    await burst(each_floor, 3)
    await each_floor.settle()
    await until(each_floor, at(12, 20))
    [alarm] = alarms(each_floor)
    assert alarm.text == (
        "⏰ 3 clients wait for a call\n"
        "📣 Igor\n"
        f"1. 🔴 {shown(1)} · 20 min\n"
        f"2. 🔴 {shown(2)} · 20 min\n"
        f"3. 🔴 {shown(3)} · 20 min"
    )
    await we_called(each_floor, phone=number(2))
    assert alarm.text.splitlines()[0] == "⏰ 2 clients wait for a call"
    assert alarm.text.splitlines()[3] == f"2. 🟢 {shown(2)} was called back (Игорь Волков)"
    assert [one.text for row in alarm.buttons for one in row] == ["1", "3"]
    await until(each_floor, at(12, 30))
    assert first(alarms(each_floor, bosses)) == ["⏰ 2 clients wait for a call"]


async def test_a_flood_of_missed_calls_is_still_one_message(floor: Office) -> None:
    await burst(floor, 45)
    await floor.settle()
    await until(floor, at(12, 20))
    [alarm] = alarms(floor)
    lines = alarm.text.splitlines()
    assert (lines[0], len(lines), lines[-1]) == ("⏰ 45 clients wait for a call", 43, "… and 5 more: /missed")
    await we_called(floor, phone=number(44))
    assert (alarm.text.splitlines()[0], alarm.text.splitlines()[-1]) == (
        "⏰ 44 clients wait for a call",
        "… and 4 more: /missed",
    )


async def test_what_joins_a_message_while_it_is_being_written_is_told_in_it(
    each_floor: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await missed(each_floor, number(1))
    each_floor.clock.advance(seconds=40)
    await missed(each_floor, number(2))
    each_floor.clock.set(at(12, 20))
    await timers.run_due(each_floor.desk)
    each_floor.clock.advance(minutes=1)
    rendered, meanwhile = views.view_of, 0

    async def and_then_a_step_is_taken(desk: Desk, tx: Tx, notice: Notice) -> View | None:
        """Between the moment at which the message is rendered and the one at which it is sent."""
        nonlocal meanwhile
        view = await rendered(desk, tx, notice)
        if notice.kind == escalation.KIND and not meanwhile:
            meanwhile += 1
            await asyncio.create_task(timers.run_due(desk))
        return view

    monkeypatch.setattr("desk.delivery.view_of", and_then_a_step_is_taken)
    await each_floor.settle()
    assert first(alarms(each_floor)) == ["⏰ 2 clients wait for a call"]
    assert meanwhile == 1


async def test_a_minute_lies_between_two_messages(floor: Office) -> None:
    await missed(floor, number(1))
    floor.clock.advance(seconds=20)
    await missed(floor, number(2))
    floor.clock.advance(seconds=10)
    await missed(floor, number(3))
    await until(floor, at(12, 20))
    assert len(alarms(floor)) == 1
    await until(floor, at(12, 20) + timedelta(seconds=31))
    assert len(alarms(floor)) == 1
    floor.clock.advance(seconds=25)
    await floor.settle()
    assert len(alarms(floor)) == 1
    floor.clock.advance(seconds=10)
    await floor.settle()
    assert first(alarms(floor))[1:] == ["⏰ 2 clients wait for a call"]


async def test_after_a_pause_of_ours_all_steps_that_are_due_are_one_message_each(floor: Office) -> None:
    bosses = await managers(floor)
    await marias(floor)
    await missed(floor)
    await floor.stopped()
    floor.clock.set(at(14))
    await floor.begun_again()
    await timers.run_due(floor.desk)
    await floor.settle()
    assert first(alarms(floor)) == ["⏰ Maria, Igor, Ромашка, +7 910 000-00-01 has waited 2 h for a call"]
    assert len(alarms(floor, bosses)) == 1


async def test_the_managers_hear_once_of_a_case_that_two_chats_show(floor: Office) -> None:
    bosses = await managers(floor)
    second = floor.world.add_group("Сервис", [ANNA, IGOR]).id
    await floor.bind(second)
    await missed(floor)
    for minute in (20, 30, 35):
        await until(floor, at(12, minute))
    assert (len(alarms(floor)), len(alarms(floor, second)), len(alarms(floor, bosses))) == (1, 1, 1)
    assert floor.bot_messages(floor.team)[0].text.count("was called upon") == 1


# What is not escalated


async def test_what_a_chat_hides_is_not_escalated_there(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={"hide_shorter_than": 30})
        bosses = await managers(office)
        await missed(office)
        assert await waiting(office) == []
        await until(office, at(12, 30))
        assert (office.texts(office.team), office.texts(bosses)) == ([], [])


async def test_what_was_found_late_is_not_escalated(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team)
        await missed(office, start=at(11, 29).strftime("%Y%m%dT%H%M%SZ"))
        assert (len(office.texts(office.team)), await waiting(office)) == (1, [])
        await missed(office, number(2), start=at(11, 31).strftime("%Y%m%dT%H%M%SZ"))
        assert len(await waiting(office)) == 1


async def test_who_hides_the_number_can_not_be_called_back(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team)
        await missed(office, "")
        assert (len(office.texts(office.team)), await waiting(office)) == (1, [])


async def test_a_chat_without_escalation_has_none(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={"escalation": ""})
        await missed(office)
        assert await waiting(office) == []


async def test_a_changed_setting_counts_from_the_next_step(floor: Office) -> None:
    bosses = await managers(floor)
    await marias(floor)
    await missed(floor)
    await until(floor, at(12, 10))
    async with floor.desk.db.write() as tx:
        await chats.change_settings(tx, floor.team, {"escalation": "5 responsible, 25 managers"})
    await until(floor, at(12, 20))
    assert (len(alarms(floor)), alarms(floor, bosses)) == (1, [])
    await until(floor, at(12, 25))
    assert len(alarms(floor, bosses)) == 1
    await missed(floor, number(2))
    async with floor.desk.db.write() as tx:
        await chats.unbind(tx, floor.team)
    await until(floor, at(13))
    assert (len(alarms(floor)), await waiting(floor)) == (1, [])


# Hours


@pytest.mark.parametrize(
    ("begun", "silent", "rings"),
    [
        # Over a night.
        (at(17, 55), at(9, 4, day=19), at(9, 5, day=19)),
        (at(23, 30), at(9, 9, day=19), at(9, 10, day=19)),
        # Over a weekend, and both weekends on which Berlin changes its clock.
        (at(17, 55, day=20), at(9, 4, day=23), at(9, 5, day=23)),
        (
            at(17, 55, day=27, zone="Europe/Berlin"),
            at(9, 4, day=30, zone="Europe/Berlin"),
            at(9, 5, day=30, zone="Europe/Berlin"),
        ),
        (
            at(17, 55, day=23, month=10, zone="Europe/Berlin"),
            at(9, 4, day=26, month=10, zone="Europe/Berlin"),
            at(9, 5, day=26, month=10, zone="Europe/Berlin"),
        ),
    ],
)
async def test_only_working_time_counts(sqlite_url: str, begun: datetime, silent: datetime, rings: datetime) -> None:
    zone = "Europe/Moscow" if begun.day in (18, 20) else "Europe/Berlin"
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={**OFFICE_HOURS, "timezone": zone, "escalation": "10 managers"})
        bosses = await managers(office, **OFFICE_HOURS)
        office.clock.set(begun)
        await missed(office)
        await until(office, silent)
        assert alarms(office, bosses) == []
        await until(office, rings)
        assert len(alarms(office, bosses)) == 1


async def test_quiet_hours_do_not_count(each_floor: Office) -> None:
    async with each_floor.desk.db.write() as tx:
        await chats.change_settings(tx, each_floor.team, {"quiet": "22:00-08:00", "escalation": "10 head"})
    each_floor.clock.set(at(21, 55))
    await missed(each_floor)
    await until(each_floor, at(7, 59, day=19))
    assert alarms(each_floor) == []
    await until(each_floor, at(8, 4, day=19))
    assert alarms(each_floor) == []
    await until(each_floor, at(8, 5, day=19))
    assert first(alarms(each_floor)) == ["⏰ Igor, +7 910 000-00-01 has waited 10 h 10 min for a call"]


async def test_what_is_escalated_into_another_chats_night_is_in_its_morning_list(floor: Office) -> None:
    bosses = await managers(floor, quiet="22:00-08:00")
    floor.clock.set(at(21, 50))
    await missed(floor, number(1))
    floor.clock.advance(minutes=5)
    await missed(floor, number(2))
    for moment in (at(22, 20), at(22, 30), at(23)):
        await until(floor, moment)
    assert floor.texts(bosses) == []
    await we_called(floor, phone=number(2))
    await until(floor, at(8, day=19))
    assert first(alarms(floor, bosses)) == [f"⏰ {shown(1)} has waited 10 h 10 min for a call"]


async def test_in_the_morning_list_those_who_are_called_upon_are_named(each_floor: Office) -> None:
    """The step came late, after a pause of ours, when it was quiet already."""
    async with each_floor.desk.db.write() as tx:
        await chats.change_settings(tx, each_floor.team, {"quiet": "22:00-08:00"})
    await marias(each_floor)
    each_floor.clock.set(at(21, 49))
    await missed(each_floor)
    each_floor.clock.set(at(22, 0))
    await timers.run_due(each_floor.desk)
    await missed(each_floor, number(2))
    assert alarms(each_floor) == []
    await until(each_floor, at(8, day=19))
    morning = each_floor.bot_messages(each_floor.team)[-1]
    assert morning.text == (
        "🌅 While it was quiet, 1 client could not reach us\n"
        "2 still wait for a call. Press a number to open the card.\n"
        "⏰ 1 of them had waited since before it was quiet\n"
        "1. 🔴 Ромашка, +7 910 000-00-01 · yesterday 21:48\n"
        "2. 🔴 +7 910 000-00-02 · yesterday 21:59\n"
        "📣 Maria"
    )
    assert f"tg://user?id={MARIA}" in morning.html
    await we_called(each_floor)
    assert "1. 🟢 Ромашка" in morning.text
    assert "📣" not in morning.text


async def test_a_managers_morning_list_names_forty_and_counts_the_others(floor: Office) -> None:
    bosses = await managers(floor, quiet="10:00-20:00")
    await burst(floor, 45)
    await floor.settle()
    await until(floor, at(12, 30))
    await says(floor, "rating", rating="1", callid="r1", phone=number(99))
    assert floor.texts(bosses) == []
    await until(floor, at(20))
    [morning] = floor.bot_messages(bosses)
    lines = morning.text.splitlines()
    assert (lines[:2], len(lines), lines[-1]) == (
        [
            "🌅 While it was quiet, 45 clients could not reach us",
            "45 still wait for a call. Press a number to open the card.",
        ],
        44,
        f"⚠️ ★☆☆☆☆ 1 of 5 · {shown(99)}",
    )
    assert lines[-2] == "… and 5 more: /missed"


async def test_a_step_that_is_very_late_waits_for_the_chats_hours(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={**OFFICE_HOURS, "escalation": "10 managers"})
        bosses = await managers(office)
        await missed(office)
        await until(office, at(20))
        assert alarms(office, bosses) == []
        await until(office, at(9, 1, day=19))
        assert len(alarms(office, bosses)) == 1


async def test_it_is_told_in_the_chats_language(floor: Office) -> None:
    async with floor.desk.db.write() as tx:
        await chats.change_settings(tx, floor.team, {"language": "ru"})
    await marias(floor)
    await missed(floor)
    await until(floor, at(12, 10))
    assert first(alarms(floor)) == ["⏰ Maria, Ромашка, +7 910 000-00-01 ждёт звонка уже 10 мин"]
    assert floor.texts(floor.team)[0].splitlines()[-1] == (
        "⏰ 12:10: на помощь позвали Maria (ответственный за клиента)"
    )


async def test_a_case_that_expires_stops_it(floor: Office) -> None:
    from desk import ledger

    async with floor.desk.db.write() as tx:
        await chats.change_settings(tx, floor.team, {"escalation": "20000 managers"})
    await missed(floor)
    assert len(await waiting(floor)) == 1
    floor.clock.advance(days=8)
    async with floor.desk.db.write() as tx:
        assert await ledger.expire_untouched(floor.desk, tx) == 1
        case = await cases.get(tx, 1)
    assert case is not None
    assert not case.is_open
    assert await waiting(floor) == []
