"""A message for each call from its first ring: one message, kept true, which becomes the card when nobody answers."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import directory, live_calls
from desk.delivery import Place
from desk.views import View
from pbx.vocabulary import CallProgress, Direction, Stage
from sandbox.telegram import Message
from storage import calls
from storage.calls import LiveCall
from tests.clocks import NOON
from tests.desk.phones import SALES, missed, says, stamp, told
from tests.office import CLIENT, Office, an_office

OTHER = "79100000002"
WHERE = "🏢 Продажи · to +7 495 000-00-01"


@pytest.fixture
async def live(office: Office) -> Office:
    """The team's chat wants a message for each call."""
    await office.bind(office.team, settings={"live": True})
    await directory.refresh(office.desk, "main")
    return office


@pytest.fixture
async def live_here(sqlite_url: str) -> AsyncIterator[Office]:
    """The same on SQLite alone."""
    async with an_office(sqlite_url) as office:
        await office.bind(office.team, settings={"live": True})
        await directory.refresh(office.desk, "main")
        yield office


async def step(
    office: Office, kind: str, user: str = "", callid: str = "c1", phone: str = CLIENT, **more: str
) -> None:
    """The PBX tells a step of an incoming call."""
    about = {"type": kind, "callid": callid, "phone": phone, "user": user, "direction": "in", **SALES}
    await says(office, "event", **about | more)


async def tells(office: Office, kind: str, user: str, callid: str = "c1", phone: str = CLIENT) -> None:
    """The same, and nothing is shown yet."""
    about = {"type": kind, "callid": callid, "phone": phone, "user": user, "direction": "in", **SALES}
    await told(office, "event", **about)


async def ends(office: Office, user: str = "igor", callid: str = "c1", *, wait: int, talk: int, **more: str) -> None:
    """The final word on an answered incoming call that ends now."""
    start = stamp(office.clock.now() - timedelta(seconds=wait + talk))
    body = {"type": "in", "status": "Success", "phone": CLIENT, "callid": callid, "user": user, **SALES}
    await says(office, "history", **body | {"start": start, "duration": str(wait + talk), "wait": str(wait)} | more)


def shown(office: Office) -> list[Message]:
    return office.bot_messages(office.team)


async def test_one_message_tells_a_call_from_the_first_ring_to_its_end(live: Office) -> None:
    await step(live, "INCOMING", "igor")
    [message] = shown(live)
    assert message.text == f"📳 Ringing · +7 910 000-00-01\n{WHERE}\n🔔 Rings: Игорь Волков\n🕒 since 12:00"
    live.clock.advance(seconds=80)
    await step(live, "ACCEPTED", "igor")
    assert message.text == (f"🗣 Игорь Волков talks · +7 910 000-00-01\n{WHERE}\n🕒 since 12:01 · waited 80 s")
    live.clock.advance(minutes=4)
    await ends(live, wait=80, talk=240)
    assert message.text == (f"☎️ Игорь Волков talked 4 min · +7 910 000-00-01\n{WHERE}\n🕒 today 12:00 · waited 80 s")
    assert message.buttons == ()
    assert shown(live) == [message]


async def test_unless_a_chat_asks_for_it_calls_are_not_shown(office: Office) -> None:
    await office.bind(office.team)
    await step(office, "INCOMING", "igor")
    await step(office, "ACCEPTED", "igor")
    await ends(office, wait=5, talk=60)
    assert shown(office) == []


async def test_when_nobody_answers_the_message_becomes_the_card(live: Office) -> None:
    await step(live, "INCOMING", "igor")
    await step(live, "INCOMING", "maria")
    [message] = shown(live)
    assert "🔔 Rings: Игорь Волков, Мария Орлова\n" in message.text
    live.clock.advance(seconds=20)
    await step(live, "CANCELLED", "igor")
    await step(live, "CANCELLED", "maria")
    await missed(live, callid="c1")
    assert shown(live) == [message]
    assert message.text == (
        "🔴 Missed call · +7 910 000-00-01\n🏢 Продажи · to +7 495 000-00-01 «Реклама»\n🕒 today 12:00 · waited 20 s"
    )
    assert [button.text for button in message.buttons[0]] == ["📞 Call back", "🙋 Mine"]
    live.clock.advance(seconds=30)
    start = stamp(live.clock.now())
    live.clock.advance(seconds=70)
    body = {"type": "in", "status": "Success", "phone": CLIENT, "callid": "c2", "user": "maria", "start": start}
    await says(live, "history", **body, duration="70", wait="10")
    assert message.text.splitlines()[0] == "🟢 Got through to us · +7 910 000-00-01"
    assert shown(live) == [message]


async def test_after_a_very_long_ring_the_card_comes_anew_so_that_phones_ring(live: Office) -> None:
    await step(live, "INCOMING", "igor")
    [message] = shown(live)
    live.world.say(1002, live.team, "an aside")
    live.clock.advance(minutes=6)
    await missed(live, callid="c1")
    [card] = shown(live)
    assert card.text.startswith("🔴 Missed call")
    assert card.id > message.id


async def test_a_client_who_calls_again_moves_an_old_card_into_the_new_message(live_here: Office) -> None:
    live = live_here
    await missed(live, callid="c1")
    [first] = shown(live)
    live.clock.advance(minutes=10)
    await step(live, "INCOMING", "igor", callid="c2")
    assert shown(live) == [first, shown(live)[-1]]
    ringing = shown(live)[-1]
    assert ringing.text.startswith("📳 Ringing")
    live.clock.advance(seconds=20)
    await missed(live, callid="c2")
    assert shown(live) == [ringing]
    assert ringing.text.startswith("🔴 Missed call")
    assert "called 2 times" in ringing.text


async def test_a_client_who_calls_again_at_once_is_counted_on_the_card_there_is(live_here: Office) -> None:
    live = live_here
    await missed(live, callid="c1")
    [first] = shown(live)
    live.clock.advance(minutes=1)
    await step(live, "INCOMING", "igor", callid="c2")
    assert len(shown(live)) == 2
    live.clock.advance(seconds=20)
    await missed(live, callid="c2")
    assert shown(live) == [first]
    assert "called 2 times" in first.text


async def test_a_short_call_that_the_chat_hides_leaves_nothing(live_here: Office) -> None:
    live = live_here
    await live.bind(live.team, settings={"live": True, "hide_shorter_than": 5})
    await step(live, "INCOMING", "igor")
    assert len(shown(live)) == 1
    live.clock.advance(seconds=2)
    await missed(live, callid="c1", start=stamp(live.clock.now() - timedelta(seconds=2)), duration="2")
    assert shown(live) == []


async def test_the_phones_that_stop_ringing_when_one_is_picked_up_change_nothing(live: Office) -> None:
    for user in ("igor", "maria", "anna"):
        await tells(live, "INCOMING", user)
    await live.settle()
    [message] = shown(live)
    edits = message.edits
    for kind, user in (("ACCEPTED", "maria"), ("CANCELLED", "igor"), ("CANCELLED", "anna")):
        await tells(live, kind, user)
    await live.settle()
    assert message.text.startswith("🗣 Мария Орлова talks · ")
    assert message.edits == edits + 1


async def test_steps_told_too_late_do_not_bring_a_call_back(live: Office) -> None:
    await step(live, "INCOMING", "igor")
    live.clock.advance(seconds=30)
    await ends(live, wait=5, talk=25)
    [message] = shown(live)
    before = message.text
    await step(live, "ACCEPTED", "igor")
    await step(live, "COMPLETED", "igor")
    await step(live, "INCOMING", "igor", telnum_name="told again")
    assert message.text == before
    assert shown(live) == [message]
    async with live.desk.db.read() as tx:
        assert await calls.live(tx, ["main"]) == []


async def test_between_the_end_and_the_record_it_says_that_it_is_over(live_here: Office) -> None:
    live = live_here
    await step(live, "INCOMING", "igor")
    await step(live, "ACCEPTED", "igor")
    await step(live, "COMPLETED", "igor")
    [message] = shown(live)
    assert message.text.splitlines()[0] == "☎️ The call is over · +7 910 000-00-01"
    assert message.text.splitlines()[-1] == "How it ended, the PBX has yet to say."


async def test_a_transfer_within_the_call_names_whom_it_rings_and_then_who_talks(live_here: Office) -> None:
    live = live_here
    await step(live, "INCOMING", "igor")
    await step(live, "ACCEPTED", "igor")
    await step(live, "TRANSFERRED", "igor")
    await step(live, "INCOMING", "maria")
    [message] = shown(live)
    assert message.text.splitlines()[0] == "🗣 Игорь Волков talks · +7 910 000-00-01"
    assert message.text.splitlines()[2] == "↪️ Now rings: Мария Орлова"
    await step(live, "ACCEPTED", "maria")
    assert message.text.splitlines()[0] == "🗣 Мария Орлова talks · +7 910 000-00-01"
    live.clock.advance(seconds=90)
    await ends(live, "maria", wait=10, talk=80)
    assert message.text.splitlines()[0] == "☎️ Мария Орлова talked 80 s · +7 910 000-00-01"


@pytest.mark.parametrize("answered", [True, False])
async def test_a_blind_transfer_goes_on_in_the_same_message(live: Office, answered: bool) -> None:
    await step(live, "INCOMING", "igor")
    await step(live, "ACCEPTED", "igor")
    await step(live, "TRANSFERRED", "igor", second_callid="c2")
    live.clock.advance(seconds=30)
    await ends(live, wait=5, talk=25)
    [message] = shown(live)
    await step(live, "INCOMING", "maria", callid="c2")
    assert message.text.startswith("📳 Ringing · ")
    live.clock.advance(seconds=10)
    if answered:
        await step(live, "ACCEPTED", "maria", callid="c2")
        assert message.text.startswith("🗣 Мария Орлова talks · ")
        live.clock.advance(seconds=60)
        await ends(live, "maria", "c2", wait=10, talk=60)
    else:
        await missed(live, callid="c2", start=stamp(live.clock.now() - timedelta(seconds=10)), duration="10")
    assert shown(live) == [message]
    assert message.text.splitlines()[0].startswith("☎️ ")


async def test_a_second_half_that_was_told_first_gives_its_message_up(live_here: Office) -> None:
    live = live_here
    await step(live, "INCOMING", "igor")
    await step(live, "ACCEPTED", "igor")
    [message] = shown(live)
    await step(live, "INCOMING", "maria", callid="c2")
    assert len(shown(live)) == 2
    await step(live, "TRANSFERRED", "igor", second_callid="c2")
    assert shown(live) == [message]
    await step(live, "ACCEPTED", "maria", callid="c2")
    assert message.text.startswith("🗣 Мария Орлова talks · ")


@pytest.mark.parametrize(
    ("status", "headline"),
    [("Success", "☎️ Игорь Волков talked 60 s"), ("Busy", "📵 Игорь Волков called: busy")],
)
async def test_our_own_call_is_told_too(live_here: Office, status: str, headline: str) -> None:
    live = live_here
    about = {"callid": "c1", "phone": CLIENT, "user": "igor", "direction": "out", "diversion": SALES["diversion"]}
    await says(live, "event", type="OUTGOING", **about)
    [message] = shown(live)
    assert message.text == ("📲 Игорь Волков is calling · +7 910 000-00-01\n🏢 from +7 495 000-00-01\n🕒 since 12:00")
    if status == "Success":
        await says(live, "event", type="ACCEPTED", **about)
        assert message.text.splitlines()[0] == "🗣 Игорь Волков talks · +7 910 000-00-01"
    start = stamp(live.clock.now())
    live.clock.advance(seconds=70)
    body = {"type": "out", "status": status, "phone": CLIENT, "callid": "c1", "user": "igor", "start": start}
    await says(live, "history", **body, duration="70", wait="10")
    assert message.text.splitlines()[0] == f"{headline} · +7 910 000-00-01"
    assert shown(live) == [message]


async def test_a_call_nobody_hears_of_any_more_says_so_after_hours_and_is_mended_by_its_record(live: Office) -> None:
    await step(live, "INCOMING", "igor")
    await step(live, "ACCEPTED", "igor")
    await live.later(hours=3, minutes=59)
    [message] = shown(live)
    assert message.text.startswith("🗣 ")
    await live.later(minutes=2)
    assert message.text == (
        f"❔ I lost sight of this call · +7 910 000-00-01\n{WHERE}\n🕒 today 12:00\n"
        "The PBX has told nothing of it for hours."
    )
    async with live.desk.db.read() as tx:
        assert await calls.live(tx, ["main"]) == []
    await ends(live, wait=5, talk=14_400)
    assert message.text.startswith("☎️ Игорь Волков talked 4 h · ")
    assert shown(live) == [message]


async def test_news_within_the_hours_put_the_end_off(live_here: Office) -> None:
    live = live_here
    await step(live, "INCOMING", "igor")
    await live.later(hours=3)
    await step(live, "ACCEPTED", "igor")
    await live.later(hours=2)
    [message] = shown(live)
    assert message.text.startswith("🗣 ")
    await live.later(hours=2, minutes=1)
    assert message.text.startswith("❔ ")


async def test_what_was_not_sent_before_its_call_was_answered_and_over_is_never_sent(live_here: Office) -> None:
    live = live_here
    await tells(live, "INCOMING", "igor")
    await tells(live, "ACCEPTED", "igor")
    start = stamp(live.clock.now())
    body = {"type": "in", "status": "Success", "phone": CLIENT, "callid": "c1", "user": "igor", "start": start}
    await told(live, "history", **body, duration="5", wait="1")
    await told(live, "history", **body, duration="5", wait="1", link="https://example.megapbx.ru/c1.mp3")
    await live.settle()
    assert shown(live) == []


async def test_cards_go_before_calls_that_go_on(live_here: Office) -> None:
    live = live_here
    await tells(live, "INCOMING", "igor", "c1", OTHER)
    body = {"type": "in", "status": "Missed", "phone": CLIENT, "callid": "c2", "start": stamp(live.clock.now())}
    await told(live, "history", **body, duration="20")
    await live.settle()
    assert [one.text.split(" ")[0] for one in shown(live)] == ["🔴", "📳"]


async def test_a_message_on_its_way_when_the_call_is_missed_goes_away_once_it_is_there(live_here: Office) -> None:
    live = live_here
    assert live.app.chat is not None
    messenger = live.app.chat.deliverer._messenger
    send, sent = messenger.send, []

    async def meanwhile(place: Place, view: View, *, uncertain: bool) -> int:
        """Nobody has answered by the time the first message is there."""
        sent.append(await send(place, view, uncertain=uncertain))
        if len(sent) == 1:
            await told(live, "history", type="in", status="Missed", phone=CLIENT, callid="c1", duration="0")
            await live.app.worker.settle()
        return sent[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messenger, "send", meanwhile)
        await step(live, "INCOMING", "igor")
    [card] = shown(live)
    assert card.text.startswith("🔴 Missed call")
    assert sent == [card.id - 1, card.id]


async def test_a_hidden_number_is_shown_as_such_and_becomes_its_card(live_here: Office) -> None:
    live = live_here
    await step(live, "INCOMING", "igor", phone="")
    [message] = shown(live)
    assert message.text.startswith("📳 Ringing · hidden number\n")
    live.clock.advance(seconds=20)
    await missed(live, phone="", callid="c1")
    assert shown(live) == [message]
    assert message.text.startswith("🔴 Missed call · hidden number\n")


async def test_in_quiet_hours_calls_are_not_told_and_a_missed_one_waits_for_the_morning(live_here: Office) -> None:
    live = live_here
    await live.bind(live.team, settings={"live": True, "quiet": "11:00-13:00"})
    await step(live, "INCOMING", "igor", callid="c0", phone=OTHER)
    await ends(live, callid="c0", wait=5, talk=60, phone=OTHER)
    await step(live, "INCOMING", "igor")
    await missed(live, callid="c1")
    assert shown(live) == []
    await live.later(hours=1, minutes=1)
    [card] = shown(live)
    assert card.text.startswith("🔴 Missed call · +7 910 000-00-01\n")


async def test_in_the_words_of_the_chat(live_here: Office) -> None:
    live = live_here
    await live.bind(live.team, settings={"live": True, "language": "ru"})
    await step(live, "INCOMING", "igor")
    [message] = shown(live)
    assert message.text == (
        "📳 Входящий звонок · +7 910 000-00-01\n🏢 Продажи · на +7 495 000-00-01\n"
        "🔔 Звонит у: Игорь Волков\n🕒 с 12:00"
    )
    await step(live, "ACCEPTED", "igor")
    live.clock.advance(seconds=65)
    await ends(live, wait=5, talk=60)
    assert message.text.splitlines()[0] == "☎️ Игорь Волков: разговор 60 с · +7 910 000-00-01"


async def test_a_restart_goes_on_with_the_same_message(live: Office) -> None:
    await step(live, "INCOMING", "igor")
    [message] = shown(live)
    await live.restarted(seconds=30)
    await step(live, "ACCEPTED", "igor")
    assert shown(live) == [message]
    assert message.text.startswith("🗣 Игорь Волков talks")


# The pure rule

PEOPLE = ("anna", "igor", None)
STEPS = st.builds(
    lambda stage, who, at: (CallProgress("c1", stage, "+79100000001", Direction.IN, who), at),
    st.sampled_from(list(Stage)),
    st.sampled_from(PEOPLE),
    st.integers(0, 600),
)


@given(st.lists(STEPS, max_size=12))
def test_whatever_steps_come_a_call_stays_readable(steps: list[tuple[CallProgress, int]]) -> None:
    live = LiveCall("main", "c1", None, None, Stage.RINGING.value, NOON, NOON)
    for event, seconds in steps:
        before = live
        live = live_calls.after(live, event, NOON + timedelta(seconds=seconds))
        assert live.began_at <= live.at
        assert len(set(live.ringing)) == len(live.ringing)
        assert live.stage != Stage.ANSWERED or live.answered_at
        assert before.answered_at is None or (live.answered_at and live.answered_at <= before.answered_at)
        again = live_calls.after(live, event, NOON + timedelta(seconds=seconds))
        assert again == live or event.stage in (Stage.ENDED, Stage.RINGING, Stage.DIALLING, Stage.ANSWERED)
