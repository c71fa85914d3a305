"""`/summary`: what a period amounts to, in words."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from desk.cases import State
from desk.summaries import PersonFigures, Stars, Summary, Tally
from handlers.chat import summary_text
from handlers.chat.texts import Html, Texts
from tests.desk import phones
from tests.desk.past import phone
from tests.handlers.chat.on_the_phone import labels
from tests.office import ANNA, IGOR, STRANGER, Office

MOSCOW = ZoneInfo("Europe/Moscow")


async def test_a_day_without_calls_is_a_short_line(staffed: Office) -> None:
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    assert (answer.text, labels(answer)) == ("📊 Today, 18 March: no calls", [])


async def test_the_day_in_numbers(staffed: Office) -> None:
    await phones.got_through(staffed)
    await phones.missed(staffed, phone=phone(2))
    await phones.missed(staffed, phone=phone(3))
    staffed.clock.advance(minutes=6)
    await phones.we_called(staffed, phone=phone(3))
    await phones.says(staffed, "rating", rating="4", callid="r1", user="maria", phone=phone(1))
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    assert answer.text == (
        "📊 Today, 18 March\n"
        "📥 3 incoming calls: 1 answered (33%), 2 missed\n"
        "📤 1 outgoing call: 1 answered, 0 not\n"
        "🙋 2 clients could not reach us\n"
        "called back: 1 · still waiting: 1\n"
        "⏱ Called back within 7 min\n"
        "⭐ 4.0 of 5 (1 rating)\n"
        "\nEmployees\n"
        "Игорь Волков: 1 made · talked 2 min\n"
        "Мария Орлова: 1 answered · talked 60 s · ★ 4.0\n"
        "\nDepartments\n"
        "Продажи: 3 calls, 2 missed\n"
        "\nOur numbers\n"
        "+7 495 000-00-01 «Реклама»: 3 calls, 2 missed"
    )
    assert labels(answer) == ["📞 Who waits for a call"]
    await staffed.presses(IGOR, answer, "Who waits")
    assert staffed.texts(staffed.team)[-1].startswith("📞 1 client waits for a call\n1. 🔴 +7 910 000-00-02")
    assert answer.text.startswith("📊")


async def test_periods_and_what_is_none(staffed: Office) -> None:
    await phones.missed(staffed)
    staffed.clock.advance(days=1)
    [yesterday] = await staffed.says(IGOR, IGOR, "/summary вчера")
    assert yesterday.text.splitlines()[:2] == [
        "📊 Yesterday, 18 March",
        "📥 1 incoming call: 0 answered (0%), 1 missed",
    ]
    [month] = await staffed.says(IGOR, IGOR, "/summary last month")
    assert month.text == "📊 Last month, 1 February – 28 February: no calls"
    [wrong] = await staffed.says(IGOR, IGOR, "/summary forever")
    assert wrong.text == "I know /summary today, yesterday, this_week, last_week, this_month and last_month."


async def test_a_stranger_gets_none(staffed: Office) -> None:
    [answer] = await staffed.says(STRANGER, STRANGER, "/summary")
    assert answer.text == "Calls are shown to employees. Send /link, and an administrator will let you in."


async def test_an_administrator_is_asked_which_pbx(two_pbxes: Office) -> None:
    office = two_pbxes
    await phones.missed(office, phone=phone(2), pbx="spb")
    [asked] = await office.says(ANNA, ANNA, "/summary")
    assert (asked.text, labels(asked)) == ("Which PBX?", ["main", "spb"])
    await office.presses(ANNA, asked, "spb")
    assert asked.text.splitlines()[:3] == [
        "📊 Today, 18 March",
        "PBX spb",
        "📥 1 incoming call: 0 answered (0%), 1 missed",
    ]


def figures(calls: Tally, **more: object) -> Summary:
    empty: dict[str, object] = {
        "lost": {},
        "median_return": None,
        "worst_return": None,
        "ratings": Stars(),
        "people": [],
        "departments": [],
        "numbers": [],
    }
    return Summary(calls=calls, **empty | more)  # type: ignore[arg-type]


def told(summary: Summary, language: str = "en") -> list[str]:
    text, _ = summary_text.of_period(Html("Today"), summary, Texts(language, MOSCOW), "", [])
    return str(text).splitlines()


@pytest.mark.parametrize(
    ("answered", "missed", "share"),
    [(999, 1, "99%"), (1, 999, "1%"), (5, 0, "100%"), (0, 5, "0%"), (2, 1, "67%")],
)
def test_a_share_is_whole_only_where_all_were_answered(answered: int, missed: int, share: str) -> None:
    [_, incoming] = told(figures(Tally(incoming=answered + missed, answered=answered, missed=missed)))
    assert f"({share})" in incoming


def test_the_usual_and_the_worst_time_to_return() -> None:
    summary = figures(
        Tally(incoming=3, missed=3),
        lost={State.RETURNED: 3},
        median_return=timedelta(minutes=7),
        worst_return=timedelta(hours=3, minutes=5),
    )
    assert told(summary)[-1] == "⏱ Called back: usually within 7 min, at worst 3 h 5 min"


def test_a_long_list_is_cut_and_says_so() -> None:
    people = [PersonFigures(f"Employee {number}", Tally(answered=1)) for number in range(15)]
    assert told(figures(Tally(incoming=15, answered=15), people=people))[-1] == "… and 3 more"


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "📥 1 входящий звонок"), (3, "📥 3 входящих звонка"), (11, "📥 11 входящих звонков")],
)
def test_russian_plurals(count: int, words: str) -> None:
    assert told(figures(Tally(incoming=count)), "ru")[1] == words


def test_an_average_is_written_as_the_language_writes_it() -> None:
    summary = figures(Tally(incoming=2), ratings=Stars(2, 9))
    assert told(summary, "ru")[-1] == "⭐ 4,5 из 5 (2 оценки)"
    assert told(summary, "uk")[-1] == "⭐ 4,5 з 5 (2 оцінки)"
