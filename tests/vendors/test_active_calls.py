"""`/active`, `/who`, calls' messages where a PBX lists its current calls: Phonet by legs, t2 without ids or times."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from desk import current_calls, directory
from pbx.errors import Unavailable
from sandbox.phonet import Answered, NobodyAnswers, Outage, PhonetOffice
from sandbox.t2 import NobodyAnswers as T2NobodyAnswers
from sandbox.t2 import Outage as T2Outage
from sandbox.t2 import Quirks, T2Office
from sandbox.t2.office import Line, LiveCall
from sandbox.telegram import Answer, Message
from storage import calls, people
from tests.handlers.chat.on_the_phone import labels, presses_data
from tests.office import ANNA, IGOR, MARIA, Office, Simulated, an_office

CLIENT = "+380500000001"
PHONET = {ANNA: "001", IGOR: "002", MARIA: "003"}
T2_CLIENT, T2 = "79000001251", {ANNA: "79000001101", IGOR: "79000001102", MARIA: "79000001103"}
BY_SIGHT = "The PBX lists calls without times: they count from when I first saw them."


@pytest.fixture
async def phonet(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url, pbxes=[Simulated("phonet")]) as office:
        await directory.refresh(office.desk, "main")
        await office.connected(logins=PHONET)
        yield office


@pytest.fixture
async def t2(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url, pbxes=[Simulated("t2")]) as office:
        await directory.refresh(office.desk, "main")
        await office.connected(logins=T2)
        await office.bind(office.team, settings={"live": True})
        assert await office.polled() == 0
        yield office


@asynccontextmanager
async def going_on(
    office: Office, story: Callable[[PhonetOffice], Coroutine[Any, Any, Any]], beyond: float = 100
) -> AsyncIterator["asyncio.Task[Any]"]:
    """A call's story, played until it would wait for longer than so many seconds."""
    pbx, there = office.simulator(PhonetOffice), asyncio.Event()

    async def sleep(seconds: float) -> None:
        if seconds > beyond:
            there.set()
            await asyncio.Event().wait()
        await office.clock.sleep(seconds)

    pbx.calls.telling.sleep = sleep
    task = asyncio.create_task(story(pbx))
    await there.wait()
    await office.settle()
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def talking(pbx: PhonetOffice) -> Coroutine[Any, Any, Any]:
    return pbx.calls.client_calls(CLIENT, "Продажі", Answered("002", after=15, talk=600))


async def ended_by(office: Office) -> list[tuple[int, str, str]]:
    async with office.desk.db.read() as tx:
        done = await people.last_acts(tx, 20)
    return [(act.user_id, act.what, act.about) for act in done if act.what == "hang_up"]


# Phonet


async def test_the_legs_of_a_department_s_call_are_one_line(phonet: Office) -> None:
    async with going_on(phonet, talking):
        [message] = await phonet.says(MARIA, phonet.team, "/active")
        assert message.text == (
            "📞 1 call is going on\n1. 🗣 +380 50 000 0001 · talks with Тарас Бондаренко · Продажі · since 12:00"
        )
        assert labels(message) == ["🔄 Refresh"]
        [who] = await phonet.says(ANNA, ANNA, "/who")
        assert "🗣 Тарас Бондаренко · 002 · talks with +380 50 000 0001 since 12:00 · in Telegram: Igor" in who.text


async def test_phones_that_ring_are_named(phonet: Office) -> None:
    async with going_on(
        phonet, lambda pbx: pbx.calls.client_calls(CLIENT, "Продажі", NobodyAnswers(ring=60)), beyond=30
    ):
        [message] = await phonet.says(MARIA, phonet.team, "/active")
        [line] = message.text.splitlines()[1:]
        assert line.startswith("1. 📳 +380 50 000 0001 · rings: ")
        assert {"Олена Коваленко", "Тарас Бондаренко", "Ірина Шевчук"} <= set(
            line.partition("rings: ")[2].partition(" · ")[0].split(", ")
        )


async def test_an_employee_ends_their_own_call_once_asked_whether_they_are_sure(phonet: Office) -> None:
    async with going_on(phonet, talking) as call:
        [message] = await phonet.says(IGOR, IGOR, "/active")
        assert labels(message) == ["✖️ 1", "🔄 Refresh"]
        await phonet.presses(IGOR, message, "✖️ 1")
        assert message.text.splitlines()[-1] == "End this call? It breaks off for the client too."
        assert labels(message) == ["✖️ End the call", "↩️ Back"]
        assert not call.done()
        await phonet.presses(IGOR, message, "End the call")
        assert message.text == (
            "✖️ I told the PBX to end the call of +380 50 000 0001.\n📞 No call with a client is going on."
        )
        await call
        assert await ended_by(phonet) == [(IGOR, "hang_up", CLIENT)]


async def test_a_change_of_mind_ends_nothing(phonet: Office) -> None:
    async with going_on(phonet, talking) as call:
        [message] = await phonet.says(ANNA, ANNA, "/active")
        await phonet.presses(ANNA, message, "✖️ 1")
        await phonet.presses(ANNA, message, "Back")
        assert message.text.startswith("📞 1 call is going on")
        assert not call.done()
    assert await ended_by(phonet) == []


async def test_a_colleague_s_call_is_not_theirs_to_end(phonet: Office) -> None:
    async with going_on(phonet, talking) as call:
        [mine] = await phonet.says(IGOR, IGOR, "/active")
        data = mine.button("✖️ 1").data or ""
        [message] = await phonet.says(MARIA, MARIA, "/active")
        for one in (data, data.replace(":ask:", ":end:")):
            assert await presses_data(phonet, MARIA, message, one) == Answer(
                "You may end your own calls. Ask a manager to end this one.", show_alert=True
            )
        assert not call.done()
        manager = await presses_data(phonet, ANNA, mine, data.replace(":ask:", ":end:"))
        assert manager == Answer("")
        await call


async def test_a_call_that_ended_meanwhile_is_said_to_be_over(phonet: Office) -> None:
    async with going_on(phonet, talking) as call:
        [message] = await phonet.says(IGOR, IGOR, "/active")
        await phonet.presses(IGOR, message, "✖️ 1")
        call.cancel()
        phonet.simulator(PhonetOffice).office.active.clear()
        assert await phonet.presses(IGOR, message, "End the call") == Answer(
            "This call is over already. Press Refresh.", show_alert=True
        )


async def test_an_outage_leaves_it_open_whether_the_call_ended(
    phonet: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def lost(call_id: str) -> None:
        asked.append(call_id)
        raise Unavailable("no answer")

    monkeypatch.setattr(phonet.desk.pbxes["main"], "hang_up", lost)
    async with going_on(phonet, talking) as call:
        [message] = await phonet.says(IGOR, IGOR, "/active")
        await phonet.presses(IGOR, message, "✖️ 1")
        assert await phonet.presses(IGOR, message, "End the call") == Answer(
            "PBX main does not answer. Try again in a minute.\n"
            "Whether the call is over, I don't know. Refresh before you try again.",
            show_alert=True,
        )
        assert not call.done()
    assert len(asked) == 1
    assert await ended_by(phonet) == [(IGOR, "hang_up", CLIENT)]


async def test_a_press_that_is_handled_again_after_a_crash_ends_nothing_twice(phonet: Office) -> None:
    async with going_on(phonet, talking) as call:
        [one] = (await current_calls.listed(phonet.desk, "main")).calls
        assert await current_calls.hang_up(phonet.desk, "main", one, IGOR, "7")
        assert not await current_calls.hang_up(phonet.desk, "main", one, IGOR, "7")
        await call
    assert len(await ended_by(phonet)) == 1


async def test_a_pbx_that_is_out_can_t_say_what_goes_on(phonet: Office) -> None:
    async with going_on(phonet, talking):
        phonet.simulator(PhonetOffice).weather.outage = Outage.ERROR_500
        [message] = await phonet.says(IGOR, IGOR, "/active")
        assert message.text == "PBX main does not answer. Try again in a minute."
        [who] = await phonet.says(IGOR, IGOR, "/who")
        assert "⚠️ Who is on a call could not be read." in who.text


# t2


def on_the_line(office: Office, *, queue: str = "", called: str = "", client: str = T2_CLIENT) -> LiveCall:
    """A call under way, as t2 lists it."""
    live = LiveCall("MULTI_CHANNEL", Line(client), client, Line(called) if called else None, queue)
    office.simulator(T2Office).office.live.append(live)
    return live


async def looked(office: Office) -> None:
    """One polling interval passes; the list is read."""
    office.clock.advance(seconds=20)
    await current_calls.watch(office.desk, "main")
    await office.settle()


def shown(office: Office) -> list[Message]:
    return office.cards()


async def test_t2_s_calls_and_queue_are_listed_since_they_were_first_seen(t2: Office) -> None:
    on_the_line(t2, queue="Продажи")
    on_the_line(t2, called="79000001102", client="79000001252")
    [message] = await t2.says(ANNA, ANNA, "/active")
    assert (message.text.splitlines()[0], message.text.splitlines()[-1]) == ("📞 2 calls are going on", BY_SIGHT)
    assert {line.partition(" ")[2] for line in message.text.splitlines()[1:3]} == {
        "📳 +7 900 000-12-51 · rings · Продажи · since 12:00",
        "📞 +7 900 000-12-52 · with Дарья Зайцева · since 12:00",
    }
    [who] = await t2.says(ANNA, ANNA, "/who")
    assert "🗣 Дарья Зайцева · 102 · on a call with +7 900 000-12-52 since 12:00 · in Telegram: Igor" in who.text


async def test_a_call_at_t2_is_one_message_until_its_record_tells_how_it_ended(t2: Office) -> None:
    pbx = t2.simulator(T2Office)
    live = on_the_line(t2, queue="Продажи")
    await looked(t2)
    [message] = shown(t2)
    assert message.text == "📳 Ringing · +7 900 000-12-51\n🏢 Продажи\n🕒 since 12:00"
    live.queue, live.called = "", Line("79000001102")
    await looked(t2)
    assert message.text.splitlines()[0] == "📞 A call goes on, Дарья Зайцева · +7 900 000-12-51"
    pbx.office.live.clear()
    await looked(t2)
    assert message.text.splitlines()[0] == "📞 A call goes on, Дарья Зайцева · +7 900 000-12-51"
    await looked(t2)
    assert message.text.splitlines()[0] == "☎️ The call is over · +7 900 000-12-51"
    assert shown(t2) == [message]


async def test_when_nobody_answers_at_t2_the_message_becomes_the_card(t2: Office) -> None:
    pbx = t2.simulator(T2Office)
    began = t2.clock.now()
    live = on_the_line(t2, queue="Продажи")
    await looked(t2)
    [message] = shown(t2)
    pbx.office.live.remove(live)
    t2.clock.set(began)
    await pbx.calls.client_calls(T2_CLIENT, "Продажи", T2NobodyAnswers(ring=40))
    await t2.polled()
    assert shown(t2) == [message]
    assert message.text.startswith("🔴 Missed call · +7 900 000-12-51\n")
    await looked(t2)
    await looked(t2)
    assert shown(t2) == [message]
    async with t2.desk.db.read() as tx:
        assert await calls.live(tx, ["main"]) == []


async def test_a_list_that_flickers_ends_no_call_and_begins_none(t2: Office) -> None:
    t2.simulator(T2Office).quirks = Quirks(flickering_calls=True)
    on_the_line(t2, queue="")
    for _ in range(6):
        await looked(t2)
    [message] = shown(t2)
    assert message.text.startswith("📞 A call goes on · ")
    async with t2.desk.db.read() as tx:
        assert len(await calls.live(tx, ["main"])) == 1


async def test_two_calls_of_one_client_are_two_and_one_after_another_is_new(t2: Office) -> None:
    pbx = t2.simulator(T2Office)
    on_the_line(t2)
    on_the_line(t2)
    await looked(t2)
    assert len(shown(t2)) == 2
    pbx.office.live.clear()
    await looked(t2)
    await looked(t2)
    on_the_line(t2)
    await looked(t2)
    assert len(shown(t2)) == 3
    assert [one.text.split(" ")[0] for one in shown(t2)] == ["☎️", "☎️", "📞"]


async def test_a_pbx_that_is_out_says_so_and_ends_no_call(t2: Office) -> None:
    on_the_line(t2)
    await looked(t2)
    t2.simulator(T2Office).weather.outage = T2Outage.ERROR_500
    [message] = await t2.says(ANNA, ANNA, "/active")
    assert "PBX main does not answer. Try again in a minute." in message.text
    assert shown(t2)[0].text.startswith("📞 A call goes on")


async def test_a_department_s_call_at_phonet_names_people_in_its_message(phonet: Office) -> None:
    await phonet.bind(phonet.team, settings={"live": True})
    async with going_on(phonet, talking):
        [message] = shown(phonet)
        assert message.text == (
            "🗣 Тарас Бондаренко talks · +380 50 000 0001\n🏢 to +380 44 000 0001\n🕒 since 12:00 · waited 15 s"
        )


async def test_when_nobody_answers_at_phonet_the_message_becomes_the_card(phonet: Office) -> None:
    await phonet.bind(phonet.team, settings={"live": True})
    pbx = phonet.simulator(PhonetOffice)
    async with going_on(phonet, lambda one: one.calls.client_calls(CLIENT, "Продажі", NobodyAnswers(ring=60)), 30):
        [message] = shown(phonet)
        assert message.text.startswith("📳 Ringing · +380 50 000 0001\n")
    pbx.calls.telling.sleep = phonet.clock.sleep
    for call in [leg.call for leg in pbx.office.active.values() if leg.parent is None]:
        call.clock.elapsed = 60
        pbx.calls.telling.over(call)
    await phonet.settle()
    await phonet.later(seconds=1)
    assert shown(phonet) == [message]
    assert message.text.startswith("🔴 Missed call · +380 50 000 0001\n")
