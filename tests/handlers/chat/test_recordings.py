"""Recordings: asked for by a button, brought as sound, and in plain words where there is none."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import directory
from desk.hearing import Told
from handlers.chat import transcript_text
from handlers.chat.fitting import length
from handlers.chat.texts import Html, Texts
from pbx.vocabulary import Call, Direction, Outcome, Phrase
from sandbox.t2 import NobodyAnswers, T2Office
from sandbox.telegram import Answer, Message
from sandbox.vats_rest import Outage, Quirks
from storage.calls import StoredCall
from tests.clocks import NOON
from tests.desk import phones
from tests.handlers.chat.on_the_phone import labels, missed_card, presses_data
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office, Simulated, an_office

T2_CLIENT = "79000001251"
COMING = Answer("▶️ The recording is on its way.")
LATER = "⏳ The PBX does not give the recording out yet. I go on asking and bring it here."
NEVER = "🔇 The PBX has no recording of this call so far. Press ▶️ later, or look in its cabinet."
GONE = "🔇 The PBX has this recording no more: it was deleted there, or has expired."
TWICE = "⚠️ After an interruption this recording may be here twice."
GIVEN_UP = "🔇 Telegram did not confirm this recording. If it is not in the chat, press ▶️ again."
CAPTION = "🎧 +7 910 000-00-01 · Игорь Волков · 18 March 12:00"


async def returned_card(office: Office) -> Message:
    """A missed call that Igor has returned through the PBX, which has recorded it."""
    card = await missed_card(office)
    await office.presses(IGOR, card, "Call back")
    assert "▶️ Recording" in labels(card)
    return card


def sounds(office: Office, chat_id: int) -> list[Message]:
    return [one for one in office.bot_messages(chat_id) if one.media is not None]


def after(office: Office, card: Message) -> list[str]:
    """What the bot has said in the chat since the card."""
    return [one.text for one in office.bot_messages(card.chat_id) if one.id > card.id]


def downloads(office: Office) -> int:
    return sum(1 for _, path in office.pbx.server.requests if path.startswith("/records/"))


@pytest.fixture
async def recorded(database_url: str) -> AsyncIterator[Office]:
    """The connected office with its employees' names, on both databases."""
    async with an_office(database_url) as office:
        await office.connected()
        await directory.refresh(office.desk, "main")
        yield office


async def test_a_recording_comes_as_sound_in_reply_to_its_card(recorded: Office) -> None:
    office = recorded
    card = await returned_card(office)
    assert await office.presses(MARIA, card, "Recording") == COMING
    (sound,) = sounds(office, office.team)
    assert sound.media is not None
    assert (sound.media.kind, sound.media.file.mime, sound.reply_to) == ("audio", "audio/mpeg", card.id)
    assert sound.media.details == {
        "title": "+7 910 000-00-01 · Игорь Волков",
        "performer": "18 March 12:00",
        "duration": 45,
    }
    assert sound.media.file.name == "79100000001-2026-03-18-1200.mp3"
    assert sound.text == CAPTION
    assert sound.media.file.content.startswith(b"\xff\xfb")
    assert "http" not in sound.text
    assert [one["action"] for one in actions(office)] == ["upload_voice"]


async def test_what_telegram_has_is_not_fetched_again(recorded: Office) -> None:
    office = recorded
    card = await returned_card(office)
    await office.presses(MARIA, card, "Recording")
    await office.later(minutes=2)
    assert await office.presses(ANNA, card, "Recording") == COMING
    first, second = sounds(office, office.team)
    assert first.media is not None
    assert second.media is not None
    assert first.media.file is second.media.file
    assert downloads(office) == 1
    assert len(actions(office)) == 1


async def test_two_who_press_at_once_get_one_message(staffed: Office) -> None:
    office = staffed
    card = await returned_card(office)
    data = card.button("Recording").data
    presses = [office.world.press(one, card.chat_id, card.id, data) for one in (IGOR, MARIA, ANNA)]
    await office.settle()
    said = {press.answered.text for press in presses if press.answered}
    assert "▶️ The recording is on its way." in said
    assert len(said) > 1
    assert len(sounds(office, office.team)) == downloads(office) == 1
    assert await office.presses(IGOR, card, "Recording") == Answer("It has just been sent here: look below.")


async def test_two_chats_share_one_download(staffed: Office) -> None:
    office = staffed
    other = office.world.add_group("Руководство", [ANNA, IGOR]).id
    await office.bind(other, "missed")
    await returned_card(office)
    cards = [office.bot_messages(chat)[-1] for chat in (office.team, other)]
    for card in cards:
        office.world.press(ANNA, card.chat_id, card.id, card.button("Recording").data)
    await office.settle()
    assert [len(sounds(office, card.chat_id)) for card in cards] == [1, 1]
    assert downloads(office) == 1


async def test_a_recording_that_is_still_being_written_comes_later(recorded: Office) -> None:
    office = recorded
    office.pbx.quirks = Quirks(recording_delay=90)
    card = await returned_card(office)
    await office.presses(IGOR, card, "Recording")
    assert after(office, card) == [LATER]
    await office.later(seconds=20)
    assert after(office, card) == [LATER]
    await office.later(seconds=60)
    assert (after(office, card), len(sounds(office, office.team))) == ([LATER], 0)
    await office.later(seconds=60)
    assert after(office, card) == [CAPTION]
    assert downloads(office) == 4


async def test_what_is_promised_outlives_a_restart(recorded: Office) -> None:
    office = recorded
    office.pbx.quirks = Quirks(recording_delay=60)
    card = await returned_card(office)
    await office.presses(IGOR, card, "Recording")
    await office.restarted(minutes=3)
    await office.settle()
    assert after(office, card) == [CAPTION]


async def test_one_that_never_comes_is_said_so_after_the_last_try(staffed: Office) -> None:
    office = staffed
    office.pbx.quirks = Quirks(recording_delay=10_000)
    card = await returned_card(office)
    await office.presses(IGOR, card, "Recording")
    for seconds in (20, 40, 60):
        await office.later(seconds=seconds)
    assert after(office, card) == [LATER]
    await office.later(minutes=3)
    assert after(office, card) == [NEVER]
    assert downloads(office) == 5
    await office.later(minutes=10)
    assert downloads(office) == 5


async def test_a_recording_that_was_deleted_is_said_to_be_gone(staffed: Office) -> None:
    office = staffed
    card = await returned_card(office)
    office.pbx.quirks = Quirks(recording_delay=1_000_000)
    await office.later(minutes=11)
    await office.presses(IGOR, card, "Recording")
    assert after(office, card) == [GONE]


async def test_a_pbx_that_is_out_is_asked_again(staffed: Office) -> None:
    office = staffed
    card = await returned_card(office)
    office.pbx.weather.outage = Outage.ERROR_500
    await office.presses(IGOR, card, "Recording")
    assert after(office, card) == [LATER]
    office.pbx.weather.clear()
    await office.later(seconds=20)
    assert after(office, card) == [CAPTION]


def actions(office: Office) -> list[dict[str, object]]:
    return [dict(one.params) for one in office.tg.journal.requests("sendChatAction")]


# What a PBX may give instead


class Files:
    """A server of recordings, configured by its address."""

    def __init__(self) -> None:
        self.answer: Callable[[], web.StreamResponse] = lambda: sound(b"ID3 sound")
        self.slowly: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]] | None = None
        self.asked = 0
        self.server = RawTestServer(self._handle)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked += 1
        return await self.slowly(request) if self.slowly else self.answer()

    @property
    def link(self) -> str:
        return str(self.server.make_url("/1"))


def sound(body: bytes, content_type: str = "audio/mpeg", **headers: str) -> web.Response:
    return web.Response(body=body, headers={"Content-Type": content_type, **headers})


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    found = Files()
    await found.server.start_server()
    yield found
    await found.server.close()


@pytest.fixture
async def archive(sqlite_url: str, files: Files) -> AsyncIterator[Office]:
    """An office whose PBX keeps its recordings on a server of its own."""
    host = files.link.removeprefix("http://").removesuffix("/1")
    async with an_office(sqlite_url, pbxes=[Simulated(more={"recording_hosts": [host]})]) as office:
        await office.connected()
        yield office


async def closed_card(office: Office, link: str, **fields: str) -> Message:
    card = await missed_card(office)
    await phones.got_through(office, link=link, **fields)
    return card


async def test_wav_goes_as_a_document(archive: Office, files: Files) -> None:
    """Telegram plays MP3 and M4A only. What the PBX calls it does not matter."""
    files.answer = lambda: sound(b"RIFF\0\0\0\0WAVEfmt ")
    card = await closed_card(archive, files.link)
    await archive.presses(IGOR, card, "Recording")
    await archive.later(minutes=2)
    await archive.presses(IGOR, card, "Recording")
    first, second = sounds(archive, archive.team)
    for one in (first, second):
        assert one.media is not None
        assert (one.media.kind, one.media.file.name) == ("document", "79100000001-2026-03-18-1200.wav")
        assert one.text == "🎧 +7 910 000-00-01 · maria · 18 March 12:00"
    assert files.asked == 1


REFUSALS = {
    "expired": (lambda: web.Response(status=410), GONE),
    "a page": (
        lambda: sound(b"<html>", "text/html"),
        "🔇 What the PBX gave is no recording. Listen in its cabinet, and tell an administrator.",
    ),
    "into a private network": (
        lambda: web.Response(status=302, headers={"Location": "http://10.0.0.1/1.mp3"}),
        "🔇 The recording lies on a server that I may not ask. An administrator can allow it in the configuration: "
        "recording_hosts of PBX main.",
    ),
    "too big": (
        lambda: sound(b"", **{"Content-Length": "73000001"}),
        "🔇 The recording has 74 MB, and Telegram takes 50 from a bot. Listen in the PBX's cabinet.",
    ),
    "not for us": (
        lambda: web.Response(status=403),
        "🔇 PBX main does not let our key have recordings. An administrator can allow it in its cabinet.",
    ),
    "nonsense": (
        lambda: web.Response(status=206),
        "🔇 The recording does not come. PBX main gave an answer I can't read. If it goes on, tell an administrator.",
    ),
}


@pytest.mark.parametrize(("answer", "words"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_why_a_recording_can_not_be_had(
    archive: Office, files: Files, answer: Callable[[], web.StreamResponse], words: str
) -> None:
    """Said once, in words, and never with the address."""
    files.answer = answer
    card = await closed_card(archive, files.link)
    await archive.presses(IGOR, card, "Recording")
    assert after(archive, card) == [words]
    await archive.later(minutes=6)
    assert after(archive, card) == [words]
    assert "10.0.0.1" not in words


async def test_a_recording_elsewhere_is_not_fetched(archive: Office, files: Files) -> None:
    card = await closed_card(archive, "http://127.0.0.1:1/1.mp3")
    await archive.presses(IGOR, card, "Recording")
    (words,) = after(archive, card)
    assert words == REFUSALS["into a private network"][1]


async def test_a_file_that_is_still_empty_is_asked_for_again(archive: Office, files: Files) -> None:
    files.answer = lambda: sound(b"")
    card = await closed_card(archive, files.link)
    await archive.presses(IGOR, card, "Recording")
    assert after(archive, card) == [LATER]
    files.answer = lambda: sound(b"ID3 sound")
    await archive.later(seconds=20)
    assert after(archive, card) == ["🎧 +7 910 000-00-01 · maria · 18 March 12:00"]


async def test_a_slow_download_keeps_nobody_waiting(archive: Office, files: Files) -> None:
    """While it lasts, the chat's other buttons and cards go on."""
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slowly(request: web.BaseRequest) -> web.StreamResponse:
        begun.set()
        await may_end.wait()
        return sound(b"ID3 sound")

    files.slowly = slowly
    card = await closed_card(archive, files.link)
    chat = archive.app.chat
    assert chat is not None
    fetcher, chat.recordings = chat.recordings, Idle()  # type: ignore[assignment]
    running = asyncio.create_task(fetcher.run())
    try:
        await archive.presses(IGOR, card, "Recording")
        await asyncio.wait_for(begun.wait(), 10)
        other = await missed_card(archive, "79100000002", "c2")
        assert await archive.presses(MARIA, other, "Mine") == Answer("It is yours. Your name is on the card now.")
        assert not sounds(archive, archive.team)
        may_end.set()
        async with asyncio.timeout(10):
            while not sounds(archive, archive.team):  # noqa: ASYNC110  # the stand-in has no bell for it
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class Idle:
    """In the place of the loop, which runs by itself."""

    async def settle(self) -> None:
        pass


# Telegram


async def test_telegram_out_of_reach_is_tried_again(staffed: Office) -> None:
    office = staffed
    card = await returned_card(office)
    office.tg.weather.status(502, methods=["sendAudio"])
    await office.presses(IGOR, card, "Recording")
    assert after(office, card) == []
    office.tg.weather.clear()
    await office.later(seconds=10)
    assert after(office, card) == [f"{CAPTION}\n{TWICE}"]


async def test_an_answer_that_was_lost_is_said_with_the_second_sending(recorded: Office) -> None:
    office = recorded
    card = await returned_card(office)
    office.tg.weather.lose_reply(methods=["sendAudio"])
    await office.presses(IGOR, card, "Recording")
    assert after(office, card) == [CAPTION]
    await office.later(seconds=10)
    assert after(office, card) == [CAPTION, f"{CAPTION}\n{TWICE}"]


async def test_a_recording_waits_as_long_as_telegram_is_out(staffed: Office) -> None:
    """For a day, in which no try is counted and nothing is sent blindly."""
    office = staffed
    card = await returned_card(office)
    office.world.press(IGOR, card.chat_id, card.id, card.button("Recording").data)
    office.tg.weather.status(502, methods=["sendAudio", "getMe", "sendMessage"])
    await office.settle()
    for _ in range(24):
        await office.later(hours=1)
    assert len(office.tg.journal.requests("sendAudio")) == 1
    office.tg.weather.clear()
    await office.later(minutes=5)
    assert after(office, card) == [f"{CAPTION}\n{TWICE}"]


async def test_what_telegram_does_not_take_is_given_up_and_said(staffed: Office) -> None:
    office = staffed
    card = await returned_card(office)
    office.tg.weather.status(502, methods=["sendAudio"])
    await office.presses(IGOR, card, "Recording")
    for _ in range(8):
        assert after(office, card) == []
        await office.later(hours=1)
    assert after(office, card) == [GIVEN_UP]
    tries = len(office.tg.journal.requests("sendAudio"))
    await office.later(hours=2)
    assert len(office.tg.journal.requests("sendAudio")) == tries == 9


async def test_a_file_id_that_telegram_knows_no_more_is_replaced(staffed: Office) -> None:
    """After a change of the bot's token, say."""
    office = staffed
    card = await returned_card(office)
    await office.presses(IGOR, card, "Recording")
    office.world.files.clear()
    await office.later(minutes=2)
    await office.presses(IGOR, card, "Recording")
    assert len(sounds(office, office.team)) == downloads(office) == 2


async def test_a_flood_wait_is_obeyed_and_the_file_sent_whole(staffed: Office) -> None:
    office = staffed
    card = await returned_card(office)
    office.tg.weather.flood(7, methods=["sendAudio"], times=1)
    await office.presses(IGOR, card, "Recording")
    (one,) = sounds(office, office.team)
    assert one.media is not None
    assert len(one.media.file.content) > 10_000


# Who may listen


@pytest.mark.parametrize(
    ("listeners", "may", "may_not", "words"),
    [
        ("everybody", [STRANGER, IGOR, ANNA], [], ""),
        (
            "employees",
            [IGOR, ANNA],
            [STRANGER],
            "Only employees can do this. Send me /link in private, and an administrator will let you in.",
        ),
        (
            "managers",
            [ANNA, IGOR],
            [MARIA, STRANGER],
            "Only managers may listen here. A manager can change that in /settings.",
        ),
        (
            "nobody",
            [],
            [ANNA, IGOR, STRANGER],
            "Recordings are closed in this chat. A manager can open them in /settings.",
        ),
    ],
)
async def test_who_may_listen_is_the_chats_to_say(
    staffed: Office, listeners: str, may: list[int], may_not: list[int], words: str
) -> None:
    office = staffed
    office.world.join(STRANGER, office.team)
    await office.bind(office.team, settings={"listeners": listeners})
    card = await returned_card(office)
    for user_id in may_not:
        assert await office.presses(user_id, card, "Recording") == Answer(words, show_alert=True)
    assert sounds(office, office.team) == []
    for user_id in may:
        assert await office.presses(user_id, card, "Recording") == COMING
        await office.later(minutes=2)
    assert len(sounds(office, office.team)) == len(may)


async def test_in_private_the_rule_of_the_pbxs_chats_counts(staffed: Office) -> None:
    office = staffed
    await office.bind(office.team, settings={"listeners": "managers"})
    await returned_card(office)
    (listed,) = await office.says(MARIA, MARIA, f"/history +{CLIENT}")
    refusal = "Only managers may listen here. A manager can change that in /settings."
    assert await office.presses(MARIA, listed, "▶️ 1") == Answer(refusal, show_alert=True)
    await office.bind(office.team, settings={"listeners": "employees"})
    assert await office.presses(MARIA, listed, "▶️ 1") == COMING
    assert len(sounds(office, MARIA)) == 1
    assert not sounds(office, office.team)


@pytest.mark.parametrize("data", ["pl:play:999", "pl:text:999", "pl:steal:1", "pl:play:-1"])
async def test_a_call_that_nobody_knows_is_gone(staffed: Office, data: str) -> None:
    card = await returned_card(staffed)
    answer = await presses_data(staffed, IGOR, card, data)
    assert answer == Answer("This call is gone from our books.", show_alert=True)


async def test_a_call_of_another_pbx_is_no_business_of_this_chat(staffed: Office) -> None:
    office = staffed
    card = await returned_card(office)
    foreign = office.world.add_group("Другие", [STRANGER]).id
    office.world.say(STRANGER, foreign, "/help")
    await office.settle()
    message = office.bot_messages(foreign)[-1]
    answer = await presses_data(office, STRANGER, message, card.button("Recording").data or "")
    assert answer == Answer("This call is gone from our books.", show_alert=True)


async def test_a_missed_call_has_no_recording(staffed: Office) -> None:
    card = await missed_card(staffed)
    assert "▶️ Recording" not in labels(card)
    answer = await presses_data(staffed, IGOR, card, "pl:play:1")
    assert answer == Answer("There is no recording of this call.", show_alert=True)


async def test_listening_is_written_to_the_log_of_acts(staffed: Office) -> None:
    office = staffed
    card = await returned_card(office)
    await office.presses(MARIA, card, "Recording")
    (status,) = await office.says(ANNA, ANNA, "/status")
    assert "Maria: asked for a recording" in status.text


# History


async def test_a_clients_history_has_a_numbered_button_for_each_recording(staffed: Office) -> None:
    office = staffed
    await missed_card(office)
    for _ in range(2):
        await phones.got_through(office, link=f"{office.pbx.url}/records/none.mp3")
    await phones.got_through(office)
    (listed,) = await office.says(IGOR, office.team, f"/history +{CLIENT}")
    assert labels(listed) == ["▶️ 1", "▶️ 2"]
    assert [line.rpartition(" · ")[2] for line in listed.text.splitlines()[1:]] == [
        "talked 60 s",
        "▶️ 1",
        "▶️ 2",
        "missed",
    ]


# What was said


@pytest.fixture
async def t2(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url, pbxes=[Simulated("t2")]) as office:
        await directory.refresh(office.desk, "main")
        await office.connected(logins={IGOR: "79000001102"})
        await office.polled()
        yield office


async def returned_at_t2(office: Office) -> Message:
    """A missed call that Igor has returned, at the PBX that writes down what is said."""
    simulator = office.simulator(T2Office)
    await simulator.calls.client_calls(T2_CLIENT, "Продажи", NobodyAnswers())
    await office.polled()
    card = office.cards()[-1]
    await office.presses(IGOR, card, "Call back")
    await office.polled()
    return office.cards()[-1]


async def test_the_text_of_a_call_is_told_by_speaker_and_time(t2: Office) -> None:
    card = await returned_at_t2(t2)
    assert labels(card) == ["▶️ Recording", "📝 Text", "🗂 History"]
    assert await t2.presses(IGOR, card, "Text") == Answer()
    text = t2.cards()[-1]
    assert text.reply_to == card.id
    assert text.text.splitlines()[1:] == [
        "0:00 +7 900 000-12-51: информируем что разговор записывается",
        "0:04 Дарья Зайцева: добрый день",
    ]
    assert text.text.startswith("📝 +7 900 000-12-51 · Дарья Зайцева · 18 March 12:0")
    assert await t2.presses(IGOR, card, "Recording") == COMING
    (sound,) = sounds(t2, t2.team)
    assert sound.media is not None
    assert sound.media.file.content.startswith(b"\xff\xfb")


async def test_a_call_without_a_text_is_said_to_have_none(t2: Office) -> None:
    card = await returned_at_t2(t2)
    t2.simulator(T2Office).office.rows.clear()
    await t2.presses(IGOR, card, "Text")
    words = "📝 There is no text of this call: the PBX has not written it yet, or never will."
    assert t2.cards()[-1].text == words


async def test_a_pbx_without_texts_says_so(staffed: Office) -> None:
    card = await returned_card(staffed)
    assert "📝 Text" not in labels(card)
    data = (card.button("Recording").data or "").replace("play", "text")
    assert await presses_data(staffed, IGOR, card, data) == Answer("PBX main writes no transcripts.", show_alert=True)


def phrases(count: int, text: str) -> list[Phrase]:
    return [Phrase(by_caller=n % 2 == 0, text=text, start=timedelta(seconds=n * 61)) for n in range(count)]


async def test_a_long_text_is_several_messages_and_a_very_long_one_a_file(
    t2: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = await returned_at_t2(t2)
    said = phrases(60, "слово <b> & " * 10)

    async def transcript(recording: str) -> list[Phrase]:
        return said

    monkeypatch.setattr(t2.desk.pbxes["main"], "transcript", transcript)
    await t2.presses(IGOR, card, "Text")
    texts = [one.text for one in t2.cards() if one.id > card.id]
    assert 1 < len(texts) <= 3
    assert all(len(text) <= 4096 for text in texts)
    lines = [line for text in texts for line in text.splitlines()][1:]
    assert [line.partition(" ")[0] for line in lines][-1] == "59:59"
    assert len(lines) == 60

    said = phrases(80, "слово <b> & " * 40)
    await t2.presses(IGOR, card, "Text")
    file = t2.cards()[-1]
    assert file.media is not None
    assert file.media.file.name.startswith("2026-03-18-12")
    assert file.media.file.name.endswith(".txt")
    written = file.media.file.content.decode("utf-8-sig").splitlines()
    assert len(written) == 82
    assert written[2].startswith("0:00 Дарья Зайцева: слово <b> & слово")
    assert written[-1].startswith("1:20:19 +7 900 000-12-51: слово")


@given(st.lists(st.text(st.sampled_from("ab 😀<&"), max_size=9000), max_size=12))
@settings(max_examples=30)
def test_no_part_is_too_long_and_no_word_is_lost(texts: list[str]) -> None:
    call = Call("1", Direction.IN, Outcome.ANSWERED, "+79100000001", NOON, NOON)
    told = Told(StoredCall(1, "main", call, "event", None), "Ann", "Igor")
    say = Texts("en", ZoneInfo("Europe/Moscow"))
    said = [Phrase(True, text, timedelta(0)) for text in texts]
    parts = transcript_text.messages(Html("title"), told, said, say)
    shown = [unescape(re.sub("<[^>]*>", "", part)) for part in parts]
    assert all(length(one) <= 4096 for one in shown)
    letters = "".join(shown).removeprefix("title").replace("0:00 Ann: ", "")
    assert "".join(letters.split()) == "".join("".join(texts).split())
