"""`/dnd`: calls off until a time, and on again by themselves."""

from datetime import timedelta

from sandbox.telegram import Answer
from sandbox.vats_rest import Outage
from storage import memory
from tests.handlers.chat.on_the_phone import labels
from tests.office import IGOR, MARIA, STRANGER, Office


def receives(office: Office, login: str = "igor") -> bool:
    return office.pbx.office.employee(login).receives


async def said(office: Office, text: str, user_id: int = IGOR) -> str:
    """Somebody writes in private; the last thing the bot says to it."""
    news = await office.says(user_id, user_id, text)
    return news[-1].text


async def timers(office: Office) -> list[memory.Timer]:
    async with office.desk.db.read() as tx:
        return await memory.timers_of(tx, "dnd")


async def test_dnd_shows_how_it_stands(staffed: Office) -> None:
    office = staffed
    [message] = await office.says(IGOR, IGOR, "/dnd")
    assert message.text == "🔔 Calls reach you."
    assert labels(message) == ["30 min", "1 h", "Until midnight", "🔕 Off until I say"]
    assert receives(office)


async def test_on_means_that_calls_do_not_reach_me(staffed: Office) -> None:
    office = staffed
    assert await said(office, "/dnd on") == "🔕 Calls to you are off. They stay off until you send /dnd off."
    assert not receives(office)
    assert await said(office, "/dnd") == "🔕 Calls to you are off. They stay off until you send /dnd off."
    assert await said(office, "/dnd off") == "🔔 Calls reach you."
    assert receives(office)


async def test_forty_five_minutes_end_by_themselves(staffed: Office) -> None:
    office = staffed
    assert await said(office, "/dnd 45m") == "🔕 Calls to you are off until 12:45."
    assert await said(office, "/dnd") == "🔕 Calls to you are off until 12:45."
    await office.later(minutes=44)
    assert not receives(office)
    await office.later(minutes=1)
    assert receives(office)
    assert office.texts(IGOR)[-1] == "🔔 Игорь Волков, calls reach you again."
    assert await timers(office) == []


async def test_until_a_time_that_is_past_means_tomorrow_and_says_so(staffed: Office) -> None:
    office = staffed
    assert await said(office, "/dnd until 18:00") == "🔕 Calls to you are off until 18:00."
    assert await said(office, "/dnd до 9:30") == "🔕 Calls to you are off until tomorrow 09:30."
    assert await said(office, "/dnd 3 дня") == "🔕 Calls to you are off until 21 March 12:00."
    assert await said(office, "/dnd until 00:00") == "🔕 Calls to you are off until midnight."


async def test_what_is_unclear_changes_nothing(staffed: Office) -> None:
    office = staffed
    usage = (
        "Until when shall calls not reach you? /dnd 45m, /dnd 2h, /dnd until 18:00, "
        "/dnd on (no end) or /dnd off (calls reach you)"
    )
    assert await said(office, "/dnd 45") == usage
    assert await said(office, "/dnd please") == usage
    assert (
        await said(office, "/dnd 1000h")
        == "I count up to 31 days. For longer: /dnd on, and /dnd off when you are back."
    )
    assert receives(office)


async def test_switching_by_hand_stops_the_timer(staffed: Office) -> None:
    office = staffed
    await said(office, "/dnd 45m")
    await said(office, "/dnd off")
    await said(office, "/dnd on")
    await office.later(hours=1)
    assert not receives(office)
    assert office.texts(IGOR)[-1].startswith("🔕")


async def test_a_later_time_takes_the_place_of_an_earlier_one(staffed: Office) -> None:
    office = staffed
    await said(office, "/dnd 45m")
    await said(office, "/dnd 2h")
    await office.later(hours=1)
    assert not receives(office)
    await office.later(hours=1)
    assert receives(office)


async def test_the_buttons_are_for_the_one_who_asked(staffed: Office) -> None:
    office = staffed
    [panel] = await office.says(IGOR, office.team, "/dnd")
    refused = await office.presses(MARIA, panel, "1 h")
    assert refused == Answer("These buttons are for the one who asked. Send /dnd for yours.", show_alert=True)
    assert receives(office)
    assert receives(office, "maria")
    await office.presses(IGOR, panel, "1 h")
    assert panel.text == "🔕 Calls to you are off until 13:00."
    assert labels(panel) == ["🔔 Let calls through", "30 min", "1 h", "Until midnight", "🔕 Off until I say"]
    await office.presses(IGOR, panel, "Let calls through")
    assert panel.text == "🔔 Calls reach you."
    assert receives(office)


async def test_a_pbx_that_is_out_at_the_end_is_asked_again(staffed: Office) -> None:
    office = staffed
    await said(office, "/dnd 45m")
    shown = len(office.texts(IGOR))
    office.pbx.weather.outage = Outage.ERROR_500
    await office.later(minutes=45)
    assert not receives(office)
    [timer] = await timers(office)
    assert timer.due_at == office.clock.now() + timedelta(seconds=5)
    for _ in range(10):
        await office.later(minutes=6)
    [timer] = await timers(office)
    assert timer.due_at == office.clock.now() + timedelta(minutes=5)
    assert len(office.texts(IGOR)) == shown
    office.pbx.weather.clear()
    await office.later(minutes=5)
    assert receives(office)
    assert office.texts(IGOR)[-1] == "🔔 Игорь Волков, calls reach you again."


async def test_an_employee_who_is_gone_at_the_end_is_told_and_not_asked_for_again(staffed: Office) -> None:
    office = staffed
    await said(office, "/dnd 45m")
    del office.pbx.office.employees["igor"]
    await office.later(minutes=45)
    assert office.texts(IGOR)[-1] == (
        "⚠️ Игорь Волков, your time is over, but PBX main refuses to let your calls through. "
        "Send /dnd off; if that fails too, tell an administrator."
    )
    assert await timers(office) == []


async def test_who_asked_in_the_team_without_a_private_chat_is_told_there(staffed: Office) -> None:
    office = staffed
    office.world.join(STRANGER, office.team)
    await office.link(STRANGER, "oleg")
    await office.says(STRANGER, office.team, "/dnd 30m")
    await office.later(minutes=30)
    assert office.texts(office.team)[-1] == "🔔 Олег Лебедев, calls reach you again."


async def test_the_net_is_up_before_the_pbx_is_asked(staffed: Office) -> None:
    """Whatever happens after the PBX has switched calls off, they come back: the answer may be lost, or we may be."""
    office = staffed
    office.pbx.weather.outage = Outage.ERROR_500
    assert await said(office, "/dnd 45m") == (
        "PBX main does not answer. Try again in a minute.\n"
        "Should your calls be off all the same, I let them through again until 12:45."
    )
    office.pbx.weather.clear()
    office.pbx.office.employee("igor").receives = False
    assert not receives(office)
    await office.later(minutes=45)
    assert receives(office)


async def test_what_the_pbx_refuses_leaves_everything_as_it_was(staffed: Office) -> None:
    office = staffed
    await said(office, "/dnd 2h")
    office.pbx.weather.outage = Outage.FORBIDDEN_403
    told = await said(office, "/dnd 45m")
    assert told.startswith("PBX main refuses our key")
    office.pbx.weather.clear()
    assert await said(office, "/dnd") == "🔕 Calls to you are off until 14:00."


async def test_only_who_is_linked_has_calls_to_switch(staffed: Office) -> None:
    office = staffed
    assert await said(office, "/dnd on", STRANGER) == (
        "Only employees can do this. Send me /link in private, and an administrator will let you in."
    )
    await said(office, "/unlink", MARIA)
    assert receives(office, "maria")


async def test_a_message_that_waited_too_long_changes_nothing(staffed: Office) -> None:
    office = staffed
    office.world.say(IGOR, IGOR, "/dnd 45m")
    office.clock.advance(hours=1)
    await office.settle()
    assert office.texts(IGOR)[-1] == (
        "That time had passed before I read your message. Nothing is changed. Send /dnd again."
    )
    assert receives(office)
