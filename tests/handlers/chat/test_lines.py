"""An operator line that is down: told once, in the chats that want it, and the message says when it is back."""

import pytest

from desk import lines
from sandbox.vats_rest import Outage
from sandbox.vats_rest.office import Subscription
from tests.office import IGOR, Office, an_office

LINE = "74950000009"
DOWN = (
    "📡 A line is down: +7 495 000-00-09 «Запасная линия»\n"
    "No calls come through it. Check its account and password in the PBX's cabinet.\n"
    "🕒 today 12:00"
)
UP = "🟢 A line is up again: +7 495 000-00-09 «Запасная линия»\nUp again at 12:12, was down 12 min.\n🕒 today 12:00"


@pytest.fixture
async def told(office: Office) -> Office:
    """The team's chat is bound, and the PBX tells us of lost lines."""
    await office.bind(office.team)
    url = f"{office.url}/pbx/main"
    office.pbx.office.subscriptions["1"] = Subscription("1", "sipregs_error", url)
    return office


async def test_we_subscribe_once_by_ourselves(sqlite_url: str) -> None:
    async with an_office(sqlite_url, http={"public_url": "https://bot.example.com"}) as office:
        subscriptions = office.pbx.office.subscriptions
        subscriptions["1"] = Subscription("1", "sipregs_error", "https://another.example.com/hook")
        await lines.subscribe(office.desk, "main")
        await lines.subscribe(office.desk, "main")
        assert [(one.type, one.url) for one in subscriptions.values()] == [
            ("sipregs_error", "https://another.example.com/hook"),
            ("sipregs_error", "https://bot.example.com/pbx/main"),
        ]


async def test_a_key_without_the_right_subscribes_to_nothing(sqlite_url: str) -> None:
    async with an_office(sqlite_url) as office:
        office.pbx.outage = Outage.FORBIDDEN_403
        await lines.subscribe(office.desk, "main")
        assert office.pbx.office.subscriptions == {}


async def is_lost(office: Office) -> None:
    office.pbx.calls.sip_registration_lost(LINE)
    await office.settle()


def status(office: Office, word: str) -> None:
    office.pbx.office.sip_registrations[LINE].status = word


async def test_a_lost_line_is_told_and_kept_true_until_it_is_back(told: Office) -> None:
    office = told
    await is_lost(office)
    [message] = office.bot_messages(office.team)
    assert message.text == DOWN
    await office.later(minutes=10)
    assert message.text == DOWN
    status(office, "success")
    await office.later(minutes=2)
    assert message.text == UP
    assert office.bot_messages(office.team) == [message]
    asked = len(office.pbx.server.requests)
    await office.later(hours=1)
    assert len(office.pbx.server.requests) == asked


async def test_said_again_while_it_is_down_is_no_news(told: Office) -> None:
    office = told
    await is_lost(office)
    await office.later(hours=1, minutes=1)
    await is_lost(office)
    assert office.texts(office.team) == [DOWN]


async def test_lost_again_after_it_was_back_is_another_message(told: Office) -> None:
    office = told
    await is_lost(office)
    status(office, "success")
    await office.later(minutes=12)
    office.clock.advance(hours=1)
    await is_lost(office)
    assert office.texts(office.team) == [UP, DOWN.replace("12:00", "13:12")]


async def test_a_line_that_stays_down_is_noticed_without_an_event(told: Office) -> None:
    office = told
    status(office, "error")
    await lines.watch(office.desk, "main")
    await office.settle()
    assert office.texts(office.team) == []
    await office.later(minutes=2)
    assert office.texts(office.team) == [DOWN]
    await lines.watch(office.desk, "main")
    status(office, "success")
    await office.later(minutes=10)
    assert office.texts(office.team) == [UP]


async def test_a_blip_is_not_worth_a_message(told: Office) -> None:
    office = told
    status(office, "error")
    await lines.watch(office.desk, "main")
    status(office, "success")
    await office.later(minutes=2)
    await office.later(minutes=2)
    assert office.texts(office.team) == []


@pytest.mark.parametrize("word", ["registering", "", "error"])
async def test_only_success_is_up_again(told: Office, word: str) -> None:
    office = told
    await is_lost(office)
    status(office, word)
    await office.later(minutes=2)
    assert office.texts(office.team) == [DOWN]


async def test_a_word_that_nobody_knows_is_no_alarm(told: Office) -> None:
    office = told
    status(office, "registering")
    await lines.watch(office.desk, "main")
    await office.later(minutes=10)
    assert office.texts(office.team) == []


async def test_a_line_switched_off_or_removed_is_not_waited_for(told: Office) -> None:
    office = told
    await is_lost(office)
    office.pbx.office.sip_registrations[LINE].active = False
    await office.later(minutes=2)
    [message] = office.bot_messages(office.team)
    assert message.text == (
        "⚪️ A line was down and is switched off: +7 495 000-00-09 «Запасная линия»\n"
        "Switched off at the PBX, seen at 12:02, after 2 min.\n"
        "🕒 today 12:00"
    )
    office.clock.advance(hours=1)
    await is_lost(office)
    del office.pbx.office.sip_registrations[LINE]
    await office.later(minutes=2)
    assert office.texts(office.team)[1] == (
        "⚪️ A line was down and is removed: +7 495 000-00-09 «Запасная линия»\n"
        "The PBX does not list it any more, seen at 13:04, after 2 min.\n"
        "🕒 today 13:02"
    )


async def test_an_outage_of_the_api_says_nothing_about_the_line(told: Office) -> None:
    office = told
    await is_lost(office)
    status(office, "success")
    office.pbx.weather.outage = Outage.ERROR_500
    await office.later(minutes=2)
    assert office.texts(office.team) == [DOWN]
    office.pbx.weather.clear()
    await office.later(minutes=10)
    assert office.texts(office.team) == [UP]


async def test_a_key_without_the_right_leaves_the_alarm_as_it_is(told: Office) -> None:
    office = told
    await is_lost(office)
    office.pbx.weather.outage = Outage.FORBIDDEN_403
    await office.later(minutes=2)
    await lines.watch(office.desk, "main")
    asked = len(office.pbx.server.requests)
    await office.later(hours=1)
    assert office.texts(office.team) == [DOWN]
    assert len(office.pbx.server.requests) == asked


async def test_over_midnight_the_day_is_said(told: Office) -> None:
    office = told
    office.clock.advance(hours=11, minutes=59)
    await is_lost(office)
    status(office, "success")
    await office.later(minutes=2)
    assert office.texts(office.team)[0].splitlines()[1] == "Up again at 19 March 00:01, was down 2 min."


async def test_chats_that_do_not_want_lines_are_spared(told: Office) -> None:
    office = told
    await office.bind(IGOR, "missed")
    await is_lost(office)
    assert office.texts(office.team) == [DOWN]
    assert office.texts(IGOR) == []


async def test_a_line_lost_while_it_is_looked_at_stays_down(told: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look saw it up a moment before the PBX told that it is lost again."""
    office = told
    await is_lost(office)
    status(office, "success")
    pbx = office.desk.pbxes["main"]
    seen = await pbx.operator_lines()

    async def slow() -> object:
        await office.pbx_says(
            {
                "cmd": "webhook",
                "type": "sipregs_error",
                "id": "2",
                "data[telnum]": LINE,
                "data[name]": "Запасная линия",
            }
        )
        return seen

    monkeypatch.setattr(pbx, "operator_lines", slow)
    await office.later(minutes=2)
    assert office.texts(office.team) == [DOWN]
