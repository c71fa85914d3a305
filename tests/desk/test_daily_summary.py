"""A chat's daily summary: at its own time, once per local day."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import chat_settings, daily_summary
from desk.daily_summary import a_week_before, moment_of
from storage import chats, notices
from tests.desk import phones
from tests.desk.past import phone
from tests.office import ANNA, IGOR, Office

KYIV = ZoneInfo("Europe/Kyiv")


def at(hour: int, minute: int = 0, *, day: int = 18, month: int = 3) -> datetime:
    """A moment by Moscow's clocks, in 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


async def ticks(office: Office, moment: datetime) -> None:
    """The clock's job runs at that moment."""
    office.clock.set(moment)
    await daily_summary.due(office.desk)
    await office.settle()


@pytest.fixture
async def quiet(team: Office) -> Office:
    """An office that has looked at noon for what is due."""
    await ticks(team, at(12))
    return team


def titles(office: Office, chat_id: int | None = None) -> list[str]:
    return [text.splitlines()[0] for text in office.texts(chat_id or office.team)]


async def test_it_comes_at_the_chats_time_and_once(quiet: Office) -> None:
    await ticks(quiet, at(18, 59))
    assert titles(quiet) == []
    await ticks(quiet, at(19))
    assert titles(quiet) == ["📊 The day, 18 March: no calls"]
    for moment in (at(19, 0), at(19, 30), at(23, 59), at(0, 0, day=19), at(12, 0, day=19)):
        await ticks(quiet, moment)
    assert len(titles(quiet)) == 1
    await ticks(quiet, at(19, 0, day=19))
    assert titles(quiet)[1:] == ["📊 The day, 19 March: no calls"]


async def test_it_says_what_the_day_came_to_beside_a_week_ago(team: Office) -> None:
    await ticks(team, at(11, day=11))
    for number in range(4):
        await phones.got_through(team, phone=phone(number))
    await phones.missed(team, phone=phone(9))
    await ticks(team, at(20, day=11))
    await ticks(team, at(12))
    await phones.got_through(team, user="maria")
    await phones.missed(team, phone=phone(1))
    team.clock.advance(minutes=12)
    await phones.we_called(team, phone=phone(1))
    await phones.we_called(team, "Busy", phone=phone(5))
    await phones.missed(team, phone=phone(2))
    await ticks(team, at(19))
    message = team.bot_messages(team.team)[-1]
    assert message.text == (
        "📊 The day, 18 March\n"
        "📥 3 incoming calls: 1 answered (33%), 2 missed\n"
        "📤 2 outgoing calls: 1 answered, 1 not\n"
        "🙋 2 clients could not reach us\n"
        "called back: 1 · still waiting: 1\n"
        "⏱ Called back within 12 min\n"
        "🗓 A week ago: 5 incoming calls, 80% answered\n"
        "\nEmployees\n"
        "Игорь Волков: 2 made · talked 2 min\n"
        "Мария Орлова: 1 answered · talked 60 s\n"
        "\nDepartments\n"
        "Продажи: 3 calls, 2 missed\n"
        "\nOur numbers\n"
        "+7 495 000-00-01 «Реклама»: 3 calls, 2 missed"
    )
    await team.link(IGOR, "igor")
    await team.presses(IGOR, message, "Who waits")
    assert team.texts(team.team)[-1].startswith("📞 2 clients wait for a call\n1. 🔴 +7 910 000-00-09 · waits 7 d")


async def test_it_is_caught_up_the_same_day(quiet: Office) -> None:
    await ticks(quiet, at(23, 30))
    assert titles(quiet) == ["📊 The day, 18 March: no calls"]


async def test_yesterdays_is_caught_up_until_noon_and_covers_all_of_yesterday(quiet: Office) -> None:
    quiet.clock.set(at(22))
    await phones.missed(quiet, phone=phone(1))
    await ticks(quiet, at(11, 59, day=19))
    summary = quiet.texts(quiet.team)[-1]
    assert summary.startswith("📊 The day, 18 March\n📥 1 incoming call: 0 answered (0%), 1 missed")
    await ticks(quiet, at(19, day=19))
    assert quiet.texts(quiet.team)[-1].startswith("📊 The day, 19 March")


async def test_in_the_afternoon_yesterdays_is_stale(quiet: Office) -> None:
    await ticks(quiet, at(12, 1, day=19))
    assert titles(quiet) == []
    await ticks(quiet, at(19, day=19))
    assert titles(quiet) == ["📊 The day, 19 March: no calls"]


async def test_two_programs_at_once_send_it_once(quiet: Office) -> None:
    quiet.clock.set(at(19))
    await asyncio.gather(*(daily_summary.due(quiet.desk) for _ in range(5)))
    await quiet.settle()
    assert len(titles(quiet)) == 1


async def test_a_clock_set_back_sends_it_once(quiet: Office) -> None:
    await ticks(quiet, at(19, 10))
    await ticks(quiet, at(18, 50))
    await ticks(quiet, at(19, 5))
    assert len(titles(quiet)) == 1


async def test_each_chat_has_its_own_time_and_zone(quiet: Office) -> None:
    east = quiet.world.add_group("Владивосток", [ANNA]).id
    await quiet.bind(east, settings={"timezone": "Asia/Vladivostok", "summary_at": "21:30"})
    silent = quiet.world.add_group("Без сводки", [ANNA]).id
    await quiet.bind(silent, settings={"summary_at": None})
    unwanted = quiet.world.add_group("Только пропущенные", [ANNA]).id
    await quiet.bind(unwanted, "missed")
    await ticks(quiet, at(14, 29))
    assert titles(quiet, east) == []
    await ticks(quiet, at(14, 30))
    assert titles(quiet, east) == ["📊 The day, 18 March: no calls"]
    await ticks(quiet, at(19))
    assert (titles(quiet, silent), titles(quiet, unwanted), len(titles(quiet))) == ([], [], 1)


async def test_a_time_chosen_after_it_has_passed_counts_from_the_next_day(quiet: Office) -> None:
    async with quiet.desk.db.write() as tx:
        await chat_settings.choose(tx, quiet.team, summary_at="09:00")
    await ticks(quiet, at(12, 30))
    await ticks(quiet, at(19))
    assert titles(quiet) == []
    await ticks(quiet, at(9, day=19))
    assert titles(quiet) == ["📊 The day, 19 March: no calls"]


async def test_a_chat_connected_after_the_time_waits_for_the_next_day(quiet: Office) -> None:
    quiet.clock.set(at(19, 20))
    late = quiet.world.add_group("Новый", [ANNA]).id
    await quiet.bind(late)
    await ticks(quiet, at(19, 21))
    assert titles(quiet, late) == []
    await ticks(quiet, at(19, day=19))
    assert len(titles(quiet, late)) == 1


async def test_it_comes_in_the_topic_that_is_bound(quiet: Office) -> None:
    forum = quiet.world.add_group("Форум", [ANNA, IGOR], forum=True)
    topic = quiet.world.create_topic(ANNA, forum.id, "Звонки")
    await quiet.bind(forum.id, thread_id=topic.id)
    await ticks(quiet, at(19))
    [message] = quiet.bot_messages(forum.id)
    assert message.thread_id == topic.id


async def test_a_group_that_became_a_supergroup_gets_no_second_one(quiet: Office) -> None:
    await ticks(quiet, at(19))
    async with quiet.desk.db.write() as tx:
        await chats.move(quiet.desk.db, tx, quiet.team, -1009999)
    await daily_summary.due(quiet.desk)
    async with quiet.desk.db.read() as tx:
        assert await notices.chats_due(tx, quiet.clock.now()) == []


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        # Clocks go from 03:00 to 04:00: the skipped time comes an hour later.
        (date(2026, 3, 29), time(3, 30), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        # They go from 04:00 to 03:00: the first time counts.
        (date(2026, 10, 25), time(3, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        (date(2026, 5, 1), time(19), datetime(2026, 5, 1, 16, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_one_moment_a_day(day: date, clock: time, moment: datetime) -> None:
    assert moment_of(day, clock, KYIV) == moment


def test_a_week_before_is_the_same_local_time() -> None:
    after_the_change = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    assert a_week_before(after_the_change, KYIV) == after_the_change - timedelta(days=7) + timedelta(hours=1)
