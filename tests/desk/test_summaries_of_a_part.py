"""A chat for some departments or numbers: up to a week's summary is of what comes to it, a longer one is of all."""

import pytest

from desk import binding, regular_summaries, views
from handlers.chat import summary_picture
from storage import chats
from tests.desk import phones
from tests.desk.past import phone
from tests.handlers.chat.on_the_phone import labels
from tests.office import ANNA, MARIA, Office

SUPPORT = {"groupRealName": "Поддержка", "diversion": "74950000002", "telnum_name": ""}
PART = (
    "Only what comes to this chat by its departments and numbers; "
    "outgoing calls that name none of them are not counted."
)
EVERYTHING = "All departments and numbers, not only those chosen for this chat."


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine draws slowly, and that is no failure."""
    monkeypatch.setattr(summary_picture, "PATIENCE", 120.0)


async def choose(office: Office, chat_id: int, key: str, *values: str) -> None:
    async with office.desk.db.write() as tx:
        [bound] = await chats.bindings_of_chat(tx, chat_id)
        await binding.choose_filter(tx, bound, key, values)


@pytest.fixture
async def support(team: Office) -> int:
    """A chat for the support's first number; the team's is for sales, which its PBX writes in another case."""
    other = team.world.add_group("Поддержка", [ANNA, MARIA]).id
    await team.bind(other)
    await choose(team, team.team, "departments", "ПРОДАЖИ")
    await choose(team, other, "departments", "Поддержка")
    await choose(team, other, "numbers", "+74950000002")
    return other


async def a_day(office: Office) -> None:
    """Sales answer one of three and return one, support answer one and make one; one call is for neither chat."""
    await phones.got_through(office, callid="s1")
    await phones.missed(office, phone=phone(2))
    await phones.missed(office, phone=phone(3))
    office.clock.advance(minutes=6)
    await phones.we_called(office, phone=phone(3))
    await phones.got_through(office, phone=phone(5), callid="a5", **SUPPORT)
    await phones.we_called(office, phone=phone(6), **SUPPORT)
    await phones.missed(office, phone=phone(7), **SUPPORT | {"diversion": "74950000003"})
    await phones.says(office, "rating", rating="4", callid="s1", user="maria", phone=phone(1))
    await phones.says(office, "rating", rating="1", callid="a5", user="maria", phone=phone(5))


async def test_a_day_is_of_what_comes_to_the_chat(team: Office, support: int) -> None:
    """A call that fits no chat comes to every one, and counts there."""
    await a_day(team)
    [sales] = await team.says(ANNA, team.team, "/summary")
    assert sales.text == (
        "📊 Today, 18 March: 2 clients still wait for a call\n"
        f"{PART}\n"
        "📥 4 incoming calls: 1 answered (25%), 3 missed\n"
        "🙋 3 clients could not reach us\n"
        "called back: 1 · still waiting: 2\n"
        "⏱ Called back within 7 min\n"
        "⭐ 4.0 of 5 (1 rating)\n"
        "1. 🔴 +7 910 000-00-02 · today 12:00\n"
        "2. 🔴 +7 910 000-00-07 · today 12:12"
    )
    [other] = await team.says(ANNA, support, "/summary")
    assert other.text == (
        "📊 Today, 18 March: 1 client still waits for a call\n"
        f"{PART}\n"
        "📥 2 incoming calls: 1 answered (50%), 1 missed\n"
        "📤 1 outgoing call: 1 answered, 0 not\n"
        "🙋 1 client could not reach us\n"
        "still waiting: 1\n"
        "⭐ 1.0 of 5 (1 rating)\n"
        "1. 🔴 +7 910 000-00-07 · today 12:12"
    )
    await team.presses(ANNA, other, "More")
    assert other.text == (
        "📊 Today, 18 March\n"
        f"{PART}\n"
        "\nWaiting times\n"
        "Until an answer: usually 10 s, at most 10 s\n"
        "Missed after: usually 20 s, at most 20 s\n"
        "\nEmployees\n"
        "Игорь Волков: 1 made · talked 2 min\n"
        "Мария Орлова: 1 answered · talked 60 s · ★ 1.0\n"
        "\nDepartments\n"
        "Поддержка: 2 calls, 1 missed\n"
        "\nOur numbers\n"
        "+7 495 000-00-02: 1 call\n"
        "+7 495 000-00-03: 1 call, 1 missed"
    )
    assert labels(other) == ["Less", "📄 CSV"]
    await team.presses(ANNA, other, "CSV")
    assert team.texts(support)[-1] == f"Today, 18 March: 7 calls\n{EVERYTHING}"


async def test_a_week_is_of_a_part_and_a_month_of_everything(
    team: Office, support: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await phones.got_through(team, phone=phone(5), **SUPPORT)
    team.clock.advance(days=7)
    await phones.missed(team)
    await phones.got_through(team, phone=phone(5), **SUPPORT)
    [week] = await team.says(ANNA, support, "/summary this_week")
    assert week.text.splitlines()[:3] == [
        "📊 This week, 23 March – 29 March: no call was missed",
        PART,
        "📥 1 incoming call: 1 answered (100%), 0 missed",
    ]
    [month] = await team.says(ANNA, support, "/summary this_month")
    assert month.text.splitlines()[1:3] == [EVERYTHING, "📥 3 incoming calls: 2 answered (67%), 1 missed"]
    [person] = await team.says(ANNA, support, "/summary maria")
    assert person.text.splitlines()[1:3] == [EVERYTHING, "📥 1 answered"]
    [private] = await team.says(ANNA, ANNA, "/summary this_week")
    assert private.text.splitlines()[1] == "📥 2 incoming calls ▲1: 1 answered (50% ▼50%), 1 ▲1 missed"
    [nothing] = await team.says(ANNA, team.team, "/summary yesterday")
    assert nothing.text == f"📊 Yesterday, 24 March: no calls\n{PART}"
    monkeypatch.setattr(views, "MOST_LINES", 0)
    [too_much] = await team.says(ANNA, support, "/summary this_week")
    assert too_much.text.splitlines()[1] == EVERYTHING


async def test_the_regular_summary_is_of_what_comes_to_the_chat(team: Office, support: int) -> None:
    await regular_summaries.due(team.desk)
    await phones.missed(team)
    await phones.got_through(team, phone=phone(5), **SUPPORT)
    team.clock.advance(hours=7)
    await regular_summaries.due(team.desk)
    await team.settle()
    assert [team.texts(chat_id)[-1].splitlines()[1:3] for chat_id in (team.team, support)] == [
        [PART, "📥 1 incoming call: 0 answered (0%), 1 missed"],
        [PART, "📥 1 incoming call: 1 answered (100%), 0 missed"],
    ]


async def test_where_one_chat_takes_everything_no_call_comes_to_the_others_besides(
    team: Office, support: int
) -> None:
    await team.bind(team.world.add_group("Все", [ANNA]).id)
    await phones.missed(team, **SUPPORT | {"diversion": "74950000003"})
    [told] = await team.says(ANNA, support, "/summary")
    assert told.text == f"📊 Today, 18 March: no calls\n{PART}"
