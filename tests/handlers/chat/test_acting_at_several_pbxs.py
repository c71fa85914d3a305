"""Acts where there are several PBXs: the chat's, else the sender's, else it is asked; `main:` says it outright."""

import pytest

from sandbox.telegram import Message
from storage import memory
from tests.handlers.chat.on_the_phone import asked_of, labels, presses_data
from tests.office import ANNA, IGOR, MARIA, Office


@pytest.fixture
async def igor_at_both(two_pbxes: Office) -> Office:
    office = two_pbxes
    await office.says(ANNA, office.team, "/connect main")
    for pbx_id in ("main", "spb"):
        await office.link(IGOR, "igor", pbx_id)
    await office.link(MARIA, "maria", "spb")
    return office


async def said(office: Office, text: str, user_id: int = IGOR) -> Message:
    return (await office.says(user_id, user_id, text))[-1]


async def test_call_asks_which_pbx_and_then_calls(igor_at_both: Office) -> None:
    office = igor_at_both
    question = await said(office, "/call 8 910 123-45-67")
    assert (question.text, labels(question)) == ("Which PBX?", ["main", "spb"])
    assert asked_of(office, "makecall") == 0
    await office.presses(IGOR, question, "spb")
    assert question.text == "📞 Your phone is ringing: pick it up and I connect +7 910 123-45-67."
    assert question.buttons == ()
    assert asked_of(office, "makecall") == 1


async def test_the_pbx_may_be_said_outright(igor_at_both: Office) -> None:
    office = igor_at_both
    assert (await said(office, "/call main: 8 910 123-45-67")).text.startswith("📞 Your phone is ringing")
    assert (await said(office, "/dnd spb: until 18:00")).text == "🔕 Calls to you are off until 18:00.\nPBX spb"
    async with office.desk.db.read() as tx:
        assert [timer.subject for timer in await memory.timers_of(tx, "dnd")] == ["spb igor"]


async def test_the_chats_pbx_is_meant_in_the_chat_and_the_senders_elsewhere(igor_at_both: Office) -> None:
    office = igor_at_both
    [panel] = await office.says(IGOR, office.team, "/dnd")
    assert panel.text == "🔔 Calls reach you.\nPBX main"
    assert (await said(office, "/dnd", MARIA)).text == "🔔 Calls reach you.\nPBX spb"


async def test_dnd_asks_which_pbx_and_keeps_the_time(igor_at_both: Office) -> None:
    office = igor_at_both
    question = await said(office, "/dnd 45m")
    assert (question.text, labels(question)) == ("Which PBX?", ["main", "spb"])
    await office.presses(IGOR, question, "main")
    assert question.text == "🔕 Calls to you are off until 12:45.\nPBX main"


async def test_blacklist_asks_which_pbx_and_keeps_the_comment(igor_at_both: Office) -> None:
    office = igor_at_both
    question = await said(office, "/blacklist add 8 910 123-45-67 carpets")
    await office.presses(IGOR, question, "main")
    assert question.text.startswith("🚫 +7 910 123-45-67 is blocked")
    assert office.pbx.office.blacklist["79101234567"].comment == "carpets"
    assert labels(question) == ["↩️ Unblock"]
    await office.presses(IGOR, question, "Unblock")
    assert "79101234567" not in office.pbx.office.blacklist


async def test_a_number_gets_a_call_button_for_each_pbx(igor_at_both: Office) -> None:
    office = igor_at_both
    message = await said(office, "8 910 123-45-67")
    assert labels(message) == ["📞 Call (main)", "📞 Call (spb)", "🗂 History", "🚫 Block (main)", "🚫 Block (spb)"]
    await office.presses(IGOR, message, "Block (spb)")
    await office.presses(IGOR, message, "sure?")
    assert "79101234567" in office.pbx.office.blacklist


async def test_a_pbx_that_is_none_of_ones_business_is_not_acted_on(igor_at_both: Office) -> None:
    office = igor_at_both
    before = set(office.pbx.office.blacklist)
    refused = await said(office, "/blacklist main: add 8 910 123-45-67", MARIA)
    assert refused.text == "This chat has nothing to do with PBX main. Link yourself there: /link"
    message = await said(office, "8 910 123-45-67", MARIA)
    for data in ("n:sure:+79101234567:main", "n:call:+79101234567:main", "k:main:0", f"d:on:{MARIA}:main"):
        answer = await presses_data(office, MARIA, message, data)
        assert answer is not None
        assert answer.show_alert, data
    assert set(office.pbx.office.blacklist) == before
    assert asked_of(office, "makecall") == 0


async def test_a_question_whose_command_is_gone_says_so(igor_at_both: Office) -> None:
    office = igor_at_both
    question = await said(office, "/dnd 45m")
    assert question.reply_to is not None
    office.world.delete_message(IGOR, IGOR, question.reply_to)
    answer = await office.presses(IGOR, question, "main")
    assert answer is not None
    assert answer.text == "This message is too old for its buttons. Send the command again."
