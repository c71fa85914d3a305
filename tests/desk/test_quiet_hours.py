"""Quiet hours: nothing rings, what is shown stays true, and the morning begins with one message."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desk import chat_settings, directory, ledger, reconcile, rolls, working_time
from desk.chat_settings import Quiet, quiet_of
from desk.office import WorkingHours
from desk.quiet_hours import awake, until
from handlers.chat.texts import Texts
from pbx.vocabulary import Call, Direction, Outcome
from storage import notices
from tests.desk.phones import missed, told, we_called
from tests.desk.test_delivery import _attempts as attempts
from tests.desk.test_delivery import burst, deliveries, number, shown
from tests.office import ANNA, IGOR, Office, an_office

BERLIN, MOSCOW = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Moscow")


def at(hour: int, minute: int = 0, *, day: int = 18, month: int = 3, zone: ZoneInfo = MOSCOW) -> datetime:
    """A moment by a zone's clocks, in 2026."""
    return datetime(2026, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


async def comes(office: Office, moment: datetime) -> None:
    """It is that late, and chats show what they should."""
    office.clock.set(moment)
    await office.settle()


@pytest.fixture
async def night(office: Office) -> Office:
    """A quarter to midnight in a team's chat that is quiet from ten to eight."""
    await office.bind(office.team, settings={"quiet": "22:00-08:00"})
    await directory.refresh(office.desk, "main")
    office.clock.set(at(23, 45))
    return office


def heads(office: Office, chat_id: int | None = None) -> list[str]:
    return [text.splitlines()[0] for text in office.texts(chat_id or office.team)]


def sent(office: Office) -> int:
    return len(office.tg.journal.requests("sendMessage"))


async def test_a_night_is_one_message_in_the_morning_and_it_stays_true(night: Office) -> None:
    await missed(night, number(1))
    night.clock.set(at(3, day=19))
    await missed(night, number(2))
    await missed(night, number(3))
    await missed(night, number(2))
    await we_called(night, phone=number(3))
    await comes(night, at(7, 59, day=19))
    assert night.texts(night.team) == []
    await comes(night, at(8, 0, day=19))
    [morning] = night.bot_messages(night.team)
    assert morning.text == (
        "🌅 While it was quiet, 3 clients could not reach us\n"
        "2 still wait for a call. Press a number to open the card.\n"
        "1. 🔴 +7 910 000-00-01 · yesterday 23:44\n"
        "2. 🔴 +7 910 000-00-02 · today 02:59 ×2\n"
        "✅ 1 was settled meanwhile"
    )
    assert [one.text for row in morning.buttons for one in row] == ["1", "2"]
    await we_called(night, phone=number(1))
    assert morning.text.splitlines()[1:4] == [
        "1 still waits for a call. Press a number to open the card.",
        "1. 🟢 +7 910 000-00-01 · yesterday 23:44",
        "2. 🔴 +7 910 000-00-02 · today 02:59 ×2",
    ]
    await night.link(IGOR, "igor")
    await night.presses(IGOR, morning, "2")
    assert heads(night)[1:] == [f"🔴 Missed call · {shown(2)}"]
    assert len(night.bot_messages(night.team)) == 2


async def test_one_held_card_comes_as_itself(night: Office) -> None:
    await missed(night)
    await comes(night, at(7, 59, day=19))
    assert sent(night) == 0
    await comes(night, at(8, day=19))
    assert heads(night) == ["🔴 Missed call · +7 910 000-00-01"]


async def test_after_the_night_cards_ring_as_ever(night: Office) -> None:
    await missed(night, number(1))
    await missed(night, number(2))
    await comes(night, at(8, day=19))
    await missed(night, number(3))
    assert heads(night) == ["🌅 While it was quiet, 2 clients could not reach us", f"🔴 Missed call · {shown(3)}"]
    night.clock.set(at(8, 30, day=19))
    await missed(night, number(1))
    assert heads(night)[-1] == f"🔴 Missed call · {shown(1)}"


async def test_what_is_shown_is_kept_true_without_a_sound_and_rings_in_the_morning(night: Office) -> None:
    night.clock.set(at(21, 50))
    await missed(night, number(1))
    await missed(night, number(2))
    night.tg.journal.clear()
    night.clock.set(at(23))
    await missed(night, number(1))
    await we_called(night, phone=number(2))
    assert "called 2 times" in night.texts(night.team)[0]
    assert heads(night) == [f"🔴 Missed call · {shown(1)}", f"🟢 Called back · {shown(2)}"]
    assert sent(night) == 0
    await we_called(night, "Busy", phone=number(1))
    assert heads(night)[0] == f"🟠 Not reached yet · {shown(1)}"
    await comes(night, at(8, day=19))
    assert heads(night) == [f"🟢 Called back · {shown(2)}", f"🟠 Not reached yet · {shown(1)}"]
    assert (sent(night), len(night.tg.journal.requests("deleteMessage"))) == (1, 1)


async def test_cards_that_would_ring_again_are_in_the_list_and_stay_where_they_are(night: Office) -> None:
    night.clock.set(at(21, 50))
    await missed(night, number(1))
    night.clock.set(at(23))
    await missed(night, number(1))
    await missed(night, number(2))
    await comes(night, at(8, day=19))
    card, morning = night.bot_messages(night.team)
    assert card.text.startswith(f"🔴 Missed call · {shown(1)}")
    assert morning.text.splitlines()[2:] == [
        "1. 🔴 +7 910 000-00-01 · yesterday 22:59 ×2",
        "2. 🔴 +7 910 000-00-02 · yesterday 22:59",
    ]
    await we_called(night, phone=number(1))
    assert card.text.startswith(f"🟢 Called back · {shown(1)}")
    assert "1. 🟢" in morning.text


async def test_other_news_of_the_night_is_in_the_list(night: Office) -> None:
    await missed(night, number(1))
    await told(night, "rating", callid="r1", phone=number(5), rating="2", user="igor")
    await night.settle()
    await told(night, "rating", callid="r2", phone=number(6), rating="5", user="igor")
    await night.settle()
    await comes(night, at(8, day=19))
    [morning] = night.bot_messages(night.team)
    assert morning.text.splitlines()[2:] == [
        "1. 🔴 +7 910 000-00-01 · yesterday 23:44",
        "⚠️ ★★☆☆☆ 2 of 5 · +7 910 000-00-05",
        "⭐ ★★★★★ 5 of 5 · +7 910 000-00-06",
    ]


async def test_a_card_that_somebody_asks_for_comes_at_once(night: Office) -> None:
    await missed(night, number(1))
    await missed(night, number(2))
    await missed(night, number(3))
    async with night.desk.db.write() as tx:
        await rolls.show_card(night.desk, tx, 1, night.team, 0)
    await night.settle()
    assert heads(night) == [f"🔴 Missed call · {shown(1)}"]
    await comes(night, at(8, day=19))
    assert heads(night)[1:] == ["🌅 While it was quiet, 2 clients could not reach us"]
    night.clock.set(at(23, day=19))
    await missed(night, number(1))
    assert len(heads(night)) == 2


async def test_a_card_that_was_deleted_does_not_come_back_at_night(night: Office) -> None:
    night.clock.set(at(21, 50))
    await missed(night)
    [card] = night.bot_messages(night.team)
    night.world.add_bot(ANNA, night.team, "administrator")
    night.world.remove(card)
    night.clock.set(at(23))
    await we_called(night, "Busy")
    assert night.texts(night.team) == []
    await comes(night, at(8, day=19))
    assert heads(night) == ["🟠 Not reached yet · +7 910 000-00-01"]


async def chosen(office: Office, **choices: Any) -> None:
    async with office.desk.db.write() as tx:
        await chat_settings.change(office.desk, tx, office.team, ANNA, "quiet", "", **choices)


async def test_when_quiet_is_switched_off_what_is_held_comes(night: Office) -> None:
    await missed(night, number(1))
    await missed(night, number(2))
    await chosen(night, quiet=None)
    await night.settle()
    assert heads(night) == ["🌅 While it was quiet, 2 clients could not reach us"]


async def test_quiet_switched_off_before_its_list_could_be_sent_brings_it_at_once(night: Office) -> None:
    """Telegram is out when quiet is over; a card of the time after it comes for itself."""
    await missed(night, number(1))
    await missed(night, number(2))
    night.tg.weather.status(502)
    night.clock.set(at(8, day=19))
    assert night.app.chat is not None
    await night.app.chat.deliverer.settle()
    await chosen(night, quiet=None)
    night.tg.weather.clear()
    night.clock.advance(seconds=20)
    await night.settle()
    assert [head for head in heads(night) if "🌅" in head] == ["🌅 While it was quiet, 2 clients could not reach us"]
    await missed(night, number(3))
    assert heads(night)[-1] == f"🔴 Missed call · {shown(3)}"


async def test_when_quiet_is_changed_what_is_held_follows(night: Office) -> None:
    await missed(night, number(1))
    await missed(night, number(2))
    await chosen(night, quiet="22:00-06:00")
    await night.settle()
    assert heads(night) == []
    await comes(night, at(5, 59, day=19))
    assert heads(night) == []
    await comes(night, at(6, day=19))
    assert len(heads(night)) == 1


async def test_in_another_zone_the_night_ends_at_another_time(night: Office) -> None:
    await missed(night, number(1))
    await missed(night, number(2))
    await chosen(night, timezone="Asia/Yekaterinburg")
    await comes(night, at(5, 59, day=19))
    assert heads(night) == []
    await comes(night, at(6, day=19))
    assert len(heads(night)) == 1


async def test_a_restart_in_the_night_changes_nothing(night: Office) -> None:
    await missed(night, number(1))
    await night.restarted(hours=2)
    await night.settle()
    await missed(night, number(2))
    assert heads(night) == []
    await comes(night, at(8, day=19))
    assert heads(night) == ["🌅 While it was quiet, 2 clients could not reach us"]


async def test_each_chat_has_its_own_night(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={"quiet": "22:00-08:00"})
        loud = office.world.add_group("Дежурные", [ANNA]).id
        await office.bind(loud)
        forum = office.world.add_group("Форум", [ANNA, IGOR], forum=True)
        topics = [office.world.create_topic(ANNA, forum.id, name).id for name in ("Первая", "Вторая")]
        for thread_id in topics:
            await office.bind(forum.id, thread_id=thread_id, settings={"quiet": "22:00-07:00"})
        office.clock.set(at(23))
        await missed(office, number(1))
        await missed(office, number(2))
        assert [len(heads(office, chat)) for chat in (office.team, loud, forum.id)] == [0, 2, 0]
        await comes(office, at(7, day=19))
        assert [len(heads(office, chat)) for chat in (office.team, loud, forum.id)] == [0, 2, 2]
        assert [one.thread_id for one in office.bot_messages(forum.id)] == topics


async def test_a_loud_night_is_still_one_message(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={"quiet": "22:00-08:00", "language": "ru"})
        office.clock.set(at(23))
        await burst(office, 45)
        await office.settle()
        await comes(office, at(8, day=19))
        [morning] = office.bot_messages(office.team)
        lines = morning.text.splitlines()
        assert lines[0] == "🌅 За время тишины не дозвонились 45 клиентов"
        assert (lines[2].partition(".")[0], lines[41].partition(".")[0]) == ("1", "40")
        assert lines[42:] == ["… и ещё 5: /missed"]


async def test_a_night_that_settled_itself_says_so(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={"quiet": "22:00-08:00"})
        office.clock.set(at(23))
        for n in (1, 2):
            await missed(office, number(n))
            await we_called(office, phone=number(n))
        await comes(office, at(8, day=19))
        [morning] = office.bot_messages(office.team)
        assert morning.text == "🌅 While it was quiet, 2 clients could not reach us\nAll of them are settled."
        assert morning.buttons == ()


async def test_what_the_last_night_could_not_tell_is_in_this_mornings_list(sqlite_url: str) -> None:
    """Telegram was out all day."""
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={"quiet": "22:00-08:00"})
        office.clock.set(at(23))
        await missed(office, number(1))
        await missed(office, number(2))
        office.tg.weather.refuse()
        office.clock.set(at(8, day=19))
        await attempts(office, 3)
        office.tg.weather.clear()
        office.clock.set(at(23, day=19))
        await missed(office, number(3))
        assert heads(office) == []
        await comes(office, at(8, day=20))
        [morning] = office.bot_messages(office.team)
        assert morning.text.splitlines()[0] == "🌅 While it was quiet, 3 clients could not reach us"


async def test_admins_and_people_who_wait_for_an_answer_hear_at_once(desk_office: Office) -> None:
    office = desk_office
    await chosen(office, quiet="22:00-08:00")
    office.clock.set(at(23))
    before = len(office.texts(office.team))
    await office.says(ANNA, office.team, "/help")
    assert len(office.texts(office.team)) == before + 1
    office.world.kick_bot(IGOR, office.team)
    await office.settle()
    assert office.texts(ANNA)[-1].startswith("⚠️ I was removed from the chat")


async def test_a_change_to_a_held_notice_does_not_wake_it(night: Office) -> None:
    await missed(night)
    async with night.desk.db.write() as tx:
        await notices.touch(tx, 1, night.clock.now())
        assert await notices.chats_due(tx, night.clock.now()) == []
        assert await notices.next_due(tx) == at(8, day=19)
        await notices.ring_again(tx, 1, [(night.team, 0)], night.clock.now(), night.clock.now())
        assert await notices.chats_due(tx, night.clock.now()) == []


# The hours themselves


@pytest.mark.parametrize(
    ("hours", "now", "ends"),
    [
        ("22:00-08:00", at(21, 59), None),
        ("22:00-08:00", at(22), at(8, day=19)),
        ("22:00-08:00", at(0, day=19), at(8, day=19)),
        ("22:00-08:00", at(7, 59, day=19), at(8, day=19)),
        ("22:00-08:00", at(8, day=19), None),
        ("13:00-14:00", at(13, 30), at(14)),
        ("13:00-14:00", at(14), None),
        ("13:00-14:00", at(2), None),
    ],
)
def test_until_when_it_is_quiet(hours: str, now: datetime, ends: datetime | None) -> None:
    assert until(quiet_of(hours), MOSCOW, now) == ends


def test_without_quiet_hours_it_is_never_quiet() -> None:
    assert until(None, MOSCOW, at(3)) is None


@pytest.mark.parametrize(
    ("hours", "now", "ends"),
    [
        # The night of 29 March has an hour less, that of 25 October an hour more.
        ("22:00-08:00", datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        ("22:00-08:00", datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)),
        # The end is skipped: an hour later by that clock. It comes twice: the first time.
        ("22:00-02:30", datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("22:00-02:30", datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("22:00-02:30", datetime(2026, 10, 25, 1, 15, tzinfo=UTC), None),
    ],
)
def test_nights_in_which_the_clock_changes(hours: str, now: datetime, ends: datetime | None) -> None:
    assert until(quiet_of(hours), BERLIN, now) == ends


@pytest.mark.parametrize("quiet", [quiet_of("22:00-08:00"), quiet_of("12:30-13:30"), Quiet(time(0), time(9, 30))])
@pytest.mark.parametrize("worked", ["Mon-Sun 00:00-24:00", "Mon-Fri 09:00-13:00, Mon-Fri 14:00-23:00"])
def test_working_hours_without_the_quiet_ones(quiet: Quiet, worked: str) -> None:
    """Minute by minute of two days, counted the plain way."""
    hours, start = WorkingHours.parse(worked), at(0)
    left = awake(hours, quiet)
    moments = [start + n * (at(0, 1) - at(0)) for n in range(2 * 1440)]
    for moment in moments:
        expected = hours.contains(moment, MOSCOW) and until(quiet, MOSCOW, moment) is None
        assert left.contains(moment, MOSCOW) == expected
    assert working_time.worked(left, MOSCOW, start, at(0, day=20)) < working_time.worked(
        hours, MOSCOW, start, at(0, day=20)
    )


def test_the_list_is_said_in_every_language() -> None:
    from desk.views import MorningView
    from handlers.chat.morning_text import morning

    said = [morning(MorningView((), 5, ()), Texts(one, MOSCOW), at(8))[0].splitlines()[0] for one in ("ru", "uk")]
    assert said == [
        "🌅 <b>За время тишины не дозвонились 5 клиентов</b>",
        "🌅 <b>За час тиші не додзвонилися 5 клієнтів</b>",
    ]


@pytest.mark.parametrize(
    ("evening", "silent", "morning"),
    [
        (at(23, day=28, zone=BERLIN), datetime(2026, 3, 29, 5, 59, tzinfo=UTC), datetime(2026, 3, 29, 6, tzinfo=UTC)),
        (
            at(23, day=24, month=10, zone=BERLIN),
            datetime(2026, 10, 25, 6, 59, tzinfo=UTC),
            datetime(2026, 10, 25, 7, tzinfo=UTC),
        ),
    ],
)
async def test_nights_in_which_the_clock_changes_end_by_that_clock(
    sqlite_url: str, evening: datetime, silent: datetime, morning: datetime
) -> None:
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={"quiet": "22:00-08:00", "timezone": "Europe/Berlin"})
        office.clock.set(evening)
        await missed(office)
        await comes(office, silent)
        assert heads(office) == []
        await comes(office, morning)
        assert len(heads(office)) == 1


async def test_a_digest_of_the_night_and_its_cards_are_one_list(night: Office) -> None:
    """What the PBX told only when its history was read back stands among the others."""
    began = night.clock.now() - timedelta(hours=3)
    old = [Call(f"h{n}", Direction.IN, Outcome.MISSED, f"+{number(n)}", began, began) for n in (1, 2)]
    async with night.desk.db.write() as tx:
        await ledger.record_calls(night.desk, tx, "main", old, via="recovered")
        assert await reconcile.tell_untold(night.desk, tx, "main") == 2
    await night.settle()
    await missed(night, number(3))
    await comes(night, at(8, day=19))
    [morning] = night.bot_messages(night.team)
    assert morning.text.splitlines()[2:] == [
        "1. 🔴 +7 910 000-00-01 · yesterday 20:45",
        "2. 🔴 +7 910 000-00-02 · yesterday 20:45",
        "3. 🔴 +7 910 000-00-03 · yesterday 23:44",
    ]
    await we_called(night, phone=number(2))
    assert f"2. 🟢 {shown(2)}" in morning.text


async def test_a_card_that_moves_down_in_the_morning_is_sent_once(night: Office) -> None:
    night.clock.set(at(21, 50))
    await missed(night)
    night.clock.set(at(23))
    await missed(night)
    await comes(night, at(8, day=19))
    night.tg.journal.clear()
    for minute in range(1, 5):
        await comes(night, at(8, minute, day=19))
    assert night.tg.journal.requests("sendMessage", "editMessageText") == []
    [card] = await deliveries(night)
    assert (card.due_at, card.held_until, card.anew) == (None, None, False)
