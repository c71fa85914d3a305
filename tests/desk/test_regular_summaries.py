"""A chat's daily and weekly summaries: at its own times, once per local day and week."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import chat_settings, regular_summaries
from desk.office import WorkingHours
from desk.periods import moment_of
from desk.regular_summaries import all_due
from handlers.chat import summary_picture
from storage import chats, notices
from tests.desk import phones
from tests.desk.past import phone
from tests.handlers.chat.on_the_phone import labels
from tests.office import ANNA, IGOR, Office

ALL_OF_THEM = "All departments and numbers, not only those chosen for this chat."
KYIV = ZoneInfo("Europe/Kyiv")
KYIVS = chat_settings.ChatSettings("uk", KYIV, WorkingHours.parse("Mon-Fri 09:00-18:00"), summary_at=None)


def at(hour: int, minute: int = 0, *, day: int = 18, month: int = 3) -> datetime:
    """A moment by Moscow's clocks, in 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine draws slowly, and that is no failure."""
    monkeypatch.setattr(summary_picture, "PATIENCE", 120.0)


async def ticks(office: Office, moment: datetime) -> None:
    """The clock's job runs at that moment."""
    office.clock.set(moment)
    await regular_summaries.due(office.desk)
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
        "📊 The day, 18 March: 1 client still waits for a call\n"
        "📥 3 incoming calls ▼2: 1 answered (33% ▼47%), 2 ▲1 missed\n"
        "📤 2 outgoing calls ▲2: 1 answered, 1 not\n"
        "🙋 2 clients could not reach us ▲1\n"
        "called back: 1 · still waiting: 1\n"
        "⏱ Called back within 12 min\n"
        "▲▼ against 11 March until 19:00\n"
        "1. 🔴 +7 910 000-00-02 · today 12:15"
    )
    assert (message.media and message.media.kind, labels(message)) == ("photo", ["1", "More", "📄 CSV"])
    await team.link(IGOR, "igor")
    await team.presses(IGOR, message, "More")
    assert message.text == (
        "📊 The day, 18 March\n"
        "▲▼ against 11 March until 19:00\n"
        "\nWaiting times\n"
        "Until an answer: usually 10 s, at most 10 s\n"
        "Missed after: usually 20 s, at most 20 s\n"
        "\nEmployees\n"
        "Игорь Волков: 2 ▲2 made · talked 2 min · 1 ▲1 called back\n"
        "Мария Орлова: 1 ▼3 answered · talked 60 s\n"
        "\nDepartments\n"
        "Продажи: 3 calls ▼2, 2 ▲1 missed\n"
        "\nOur numbers\n"
        "+7 495 000-00-01 «Реклама»: 3 calls ▼2, 2 ▲1 missed"
    )
    await team.presses(IGOR, message, "Less")
    assert message.text.startswith("📊 The day, 18 March: 1 client still waits")
    await team.presses(IGOR, message, "1")
    assert team.texts(team.team)[-1].startswith("🔴 Missed call · +7 910 000-00-02")


async def test_it_is_caught_up_the_same_day(quiet: Office) -> None:
    await ticks(quiet, at(23, 30))
    assert titles(quiet) == ["📊 The day, 18 March: no calls"]


async def test_yesterdays_is_caught_up_until_noon_and_covers_all_of_yesterday(quiet: Office) -> None:
    quiet.clock.set(at(22))
    await phones.missed(quiet, phone=phone(1))
    await ticks(quiet, at(11, 59, day=19))
    summary = quiet.texts(quiet.team)[-1]
    assert summary.startswith(
        "📊 The day, 18 March: 1 client still waits for a call\n📥 1 incoming call: 0 answered (0%), 1 missed"
    )
    await ticks(quiet, at(19, day=19))
    assert quiet.texts(quiet.team)[-1].startswith("📊 The day, 19 March")


async def test_in_the_afternoon_yesterdays_is_stale(quiet: Office) -> None:
    await ticks(quiet, at(12, 1, day=19))
    assert titles(quiet) == []
    await ticks(quiet, at(19, day=19))
    assert titles(quiet) == ["📊 The day, 19 March: no calls"]


async def test_two_programs_at_once_send_it_once(quiet: Office) -> None:
    quiet.clock.set(at(19))
    await asyncio.gather(*(regular_summaries.due(quiet.desk) for _ in range(5)))
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
    await regular_summaries.due(quiet.desk)
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


# The week's


async def test_on_monday_comes_the_week_before_and_once(quiet: Office) -> None:
    await phones.missed(quiet, phone=phone(1))
    await ticks(quiet, at(9, day=23) - timedelta(minutes=1))
    before = len(titles(quiet))
    await ticks(quiet, at(9, day=23))
    assert titles(quiet)[before:] == ["📊 The week, 16 March – 22 March: 1 client still waits for a call"]
    for moment in (at(9, day=23), at(18, day=23), at(18, 59, day=24), at(9, day=25)):
        await ticks(quiet, moment)
    assert sum("The week" in title for title in titles(quiet)) == 1
    await ticks(quiet, at(9, day=30))
    assert titles(quiet)[-1] == "📊 The week, 23 March – 29 March: no calls"


async def test_the_weeks_summary_stands_beside_the_week_before(team: Office) -> None:
    await ticks(team, at(12, day=11))
    await phones.missed(team, phone=phone(1))
    team.clock.advance(minutes=30)
    await phones.we_called(team, phone=phone(1))
    await ticks(team, at(12, day=17))
    await phones.got_through(team, phone=phone(2))
    await phones.got_through(team, phone=phone(3))
    await ticks(team, at(9, day=23))
    assert team.bot_messages(team.team)[-1].text == (
        "📊 The week, 16 March – 22 March: no call was missed\n"
        "📥 2 incoming calls ▲1: 2 answered (100% ▲100%), 0 ▼1 missed\n"
        "▲▼ against 9 March – 15 March"
    )


@pytest.mark.parametrize(
    ("start", "comes"), [(at(23, day=23), True), (at(8, 59, day=26), True), (at(9, 1, day=26), False)]
)
async def test_a_week_is_caught_up_for_three_days(quiet: Office, start: datetime, comes: bool) -> None:
    async with quiet.desk.db.write() as tx:
        await chat_settings.choose(tx, quiet.team, summary_at=None)
    await ticks(quiet, start)
    assert titles(quiet) == (["📊 The week, 16 March – 22 March: no calls"] if comes else [])


async def test_at_the_end_of_a_week_it_is_about_that_week_so_far(quiet: Office) -> None:
    async with quiet.desk.db.write() as tx:
        await chat_settings.choose(tx, quiet.team, summary_at=None, weekly_at="fri 18:00")
    await ticks(quiet, at(18, day=20))
    assert titles(quiet) == ["📊 The week, 16 March – 20 March: no calls"]
    async with quiet.desk.db.write() as tx:
        await chat_settings.choose(tx, quiet.team, weekly_at="mon 09:00")
    await ticks(quiet, at(9, day=23))
    assert len(titles(quiet)) == 1, "that week has been told already"


async def test_a_chat_may_want_no_weekly_summary(quiet: Office) -> None:
    async with quiet.desk.db.write() as tx:
        await chat_settings.choose(tx, quiet.team, summary_at=None, weekly_at=None)
    await ticks(quiet, at(9, day=23))
    assert titles(quiet) == []


@pytest.mark.parametrize(
    ("weekly_at", "monday", "moment"),
    [
        # Clocks went forward on Sunday, 29 March.
        ("mon 09:00", date(2026, 3, 30), datetime(2026, 3, 30, 6, tzinfo=UTC)),
        # They go back on Sunday, 25 October, at four: half past three comes twice, the first time counts.
        ("sun 03:30", date(2026, 10, 19), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        # They go forward at three: half past three is half past four.
        ("sun 03:30", date(2026, 3, 23), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_week_comes_at_one_moment_where_clocks_change(weekly_at: str, monday: date, moment: datetime) -> None:
    settings = replace(KYIVS, weekly_at=weekly_at)
    looked = moment - timedelta(minutes=1)
    assert all_due(settings, looked, moment - timedelta(seconds=1)) == []
    [one] = all_due(settings, looked, moment)
    first = monday if weekly_at.startswith("sun") else monday - timedelta(days=7)
    assert (one.at, one.days.first) == (moment, first)
    assert all_due(settings, moment, moment + timedelta(hours=2)) == []


# The picture


async def test_where_no_picture_can_be_drawn_the_words_come_alone(
    quiet: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(chart: object) -> bytes:
        raise RuntimeError("no fonts")

    monkeypatch.setattr(summary_picture, "draw", broken)
    await phones.missed(quiet, phone=phone(1))
    await ticks(quiet, at(19))
    message = quiet.bot_messages(quiet.team)[-1]
    assert (message.media, message.text.splitlines()[0]) == (
        None,
        "📊 The day, 18 March: 1 client still waits for a call",
    )
    await quiet.link(IGOR, "igor")
    await quiet.presses(IGOR, message, "More")
    assert "Waiting times" in message.text


async def test_a_summary_shown_again_keeps_its_picture(team: Office) -> None:
    await ticks(team, at(12))
    await phones.got_through(team)
    await ticks(team, at(19))
    message = team.bot_messages(team.team)[-1]
    team.clock.advance(minutes=1)
    async with team.desk.db.write() as tx:
        notice = await notices.find(tx, "summary", f"{team.team} 0 2026-03-18")
        assert notice
        await chat_settings.choose(tx, team.team, language="ru")
        await notices.touch(tx, notice.id, team.clock.now())
    await team.settle()
    assert message.media
    assert message.text.startswith(
        "📊 Итоги дня, 18 марта: ничего не пропущено\n📥 1 входящий звонок: отвечено 1 (100%)"
    )


async def test_one_that_an_earlier_version_made_due_is_still_of_all_departments(quiet: Office) -> None:
    """It does not know the chat it is told in."""
    await phones.missed(quiet)
    start, until = at(0).isoformat(), at(13).isoformat()
    told = {"pbxes": ["main"], "for_some": True, "zone": "Europe/Moscow", "days": 1, "start": start, "until": until}
    async with quiet.desk.db.write() as tx:
        notice_id = await notices.add(quiet.desk.db, tx, "summary", "old", quiet.clock.now(), data=told)
        assert notice_id
        await notices.deliver_to(quiet.desk.db, tx, notice_id, [(quiet.team, 0)], quiet.clock.now())
    await quiet.settle()
    assert quiet.texts(quiet.team)[-1].splitlines()[1] == ALL_OF_THEM
