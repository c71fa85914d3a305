"""`/settings`: one message that changes in place, the same choices typed, and each of them has its effect."""

import pytest

from sandbox.telegram import Message
from storage import chats
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office


def missed(call_id: str, seconds: int = 20, phone: str = CLIENT) -> dict[str, str]:
    told = {"cmd": "history", "type": "in", "status": "Missed", "phone": phone, "callid": call_id}
    return {**told, "duration": str(seconds)}


def labels(message: Message) -> list[list[str]]:
    return [[key.text for key in row] for row in message.buttons]


async def settings_of(office: Office, chat_id: int) -> dict[str, object]:
    async with office.desk.db.read() as tx:
        chat = await chats.get(tx, chat_id)
    assert chat is not None
    return chat.settings


async def test_it_shows_what_is_chosen(desk_office: Office) -> None:
    [answer] = await desk_office.says(ANNA, desk_office.team, "/settings")
    assert answer.text == (
        "⚙️ Settings of this chat\n"
        "🌐 Language: English\n"
        "🕒 Time zone: Moscow (Europe/Moscow), now 12:00\n"
        "📊 Daily summary: 19:00\n"
        "🙈 Missed calls hidden: none\n"
        "🔔 main: missed calls, ratings, daily summary, lines that are down"
    )
    assert labels(answer) == [["🌐 Language", "🕒 Time zone"], ["📊 Summary", "🙈 Short calls"], ["🔔 Notices"]]


async def test_buttons_change_the_one_message(desk_office: Office) -> None:
    await desk_office.says(IGOR, IGOR, "/team")
    [page] = await desk_office.says(IGOR, desk_office.team, "/settings")
    await desk_office.presses(IGOR, page, "Summary")
    page = desk_office.bot_messages(desk_office.team)[-1]
    assert page.text.startswith("📊 When should the daily summary come?")
    assert labels(page) == [["09:00", "18:00", "✓ 19:00"], ["20:00", "21:00", "off"], ["‹ Back"]]
    toast = await desk_office.presses(IGOR, page, "18:00")
    assert toast is not None
    assert toast.text == "Saved."
    page = desk_office.bot_messages(desk_office.team)[-1]
    assert "📊 Daily summary: 18:00" in page.text
    await desk_office.presses(IGOR, page, "Time zone")
    await desk_office.presses(IGOR, desk_office.bot_messages(desk_office.team)[-1], "Samara")
    page = desk_office.bot_messages(desk_office.team)[-1]
    assert "🕒 Time zone: Samara (Europe/Samara), now 13:00" in page.text
    await desk_office.presses(IGOR, page, "Short calls")
    await desk_office.presses(IGOR, desk_office.bot_messages(desk_office.team)[-1], "shorter than 5 s")
    assert "🙈 Missed calls hidden: shorter than 5 s" in desk_office.texts(desk_office.team)[-1]
    await desk_office.presses(IGOR, desk_office.bot_messages(desk_office.team)[-1], "Language")
    await desk_office.presses(IGOR, desk_office.bot_messages(desk_office.team)[-1], "Back")
    last = desk_office.bot_messages(desk_office.team)[-1]
    assert last.id == page.id
    assert last.text.startswith("⚙️ Settings of this chat")
    assert await settings_of(desk_office, desk_office.team) == {
        "summary_at": "18:00", "timezone": "Europe/Samara", "hide_shorter_than": 5,
    }  # fmt: skip


async def test_kinds_of_notices_are_switched(desk_office: Office) -> None:
    [page] = await desk_office.says(ANNA, desk_office.team, "/settings")
    await desk_office.presses(ANNA, page, "Notices")
    page = desk_office.bot_messages(desk_office.team)[-1]
    assert labels(page) == [
        ["✅ missed calls"],
        ["✅ ratings"],
        ["✅ daily summary"],
        ["✅ lines that are down"],
        ["▫️ low ratings"],
        ["▫️ escalations"],
        ["‹ Back"],
    ]
    await desk_office.presses(ANNA, page, "ratings")
    page = desk_office.bot_messages(desk_office.team)[-1]
    assert labels(page)[1] == ["▫️ ratings"]
    count = len(desk_office.texts(desk_office.team))
    await desk_office.pbx_says({"cmd": "rating", "callid": "c9", "phone": CLIENT, "user": "igor", "rating": "2"})
    assert len(desk_office.texts(desk_office.team)) == count
    await desk_office.presses(ANNA, page, "ratings")
    await desk_office.pbx_says({"cmd": "rating", "callid": "c8", "phone": CLIENT, "user": "igor", "rating": "2"})
    assert len(desk_office.texts(desk_office.team)) == count + 1


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("timezone Europe/Samara", "🕒 Time zone: Samara (Europe/Samara), now 13:00"),
        ("timezone samara", "🕒 Time zone: Samara (Europe/Samara), now 13:00"),
        ("summary 18:30", "📊 Daily summary: 18:30"),
        ("summary 9", "📊 Daily summary: 09:00"),
        ("summary off", "📊 Daily summary: off"),
        ("short 7", "🙈 Missed calls hidden: shorter than 7 s"),
        ("language uk", "🌐 Мова: Українська"),
    ],
)
async def test_choices_are_typed(desk_office: Office, typed: str, shown: str) -> None:
    [answer] = await desk_office.says(ANNA, desk_office.team, f"/settings {typed}")
    assert shown in answer.text.splitlines()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("timezone Europe/Samarra", "There is no time zone “Europe/Samarra”. Did you mean Europe/Samara"),
        ("timezone ???", "There is no time zone “???”. Send, for example, /settings timezone Europe/Samara"),
        (
            "summary 25:00",
            "“25:00” is no time of day. Send, for example, /settings summary 18:30, or /settings summary off",
        ),
        (
            "short 61",
            "Send a number of seconds from 0 to 60, for example /settings short 5. 0 shows every missed call.",
        ),
        (
            "language fr",
            "I speak: en (English), ru (Русский), uk (Українська). Send, for example, /settings language ru",
        ),
        ("colour red", "Send /settings by itself for buttons, or one of these:\n/settings language ru"),
    ],
)
async def test_what_is_not_allowed_is_answered_with_what_is(desk_office: Office, typed: str, told: str) -> None:
    [answer] = await desk_office.says(ANNA, desk_office.team, f"/settings {typed}")
    assert answer.text.startswith(told)
    assert await settings_of(desk_office, desk_office.team) == {}


async def test_in_a_group_only_managers_choose(desk_office: Office) -> None:
    await desk_office.says(IGOR, IGOR, "/team")
    refusal = "Only managers change the settings of a group. Ask an administrator, or send /settings in private."
    [answer] = await desk_office.says(MARIA, desk_office.team, "/settings summary 18:00")
    assert answer.text == refusal
    [page] = await desk_office.says(IGOR, desk_office.team, "/settings")
    refused = await desk_office.presses(MARIA, page, "Summary")
    assert refused is not None
    assert (refused.text, refused.show_alert) == (refusal, True)


async def test_in_private_anybody_chooses_their_language(office: Office) -> None:
    [page] = await office.says(STRANGER, STRANGER, "/settings")
    assert page.text.startswith("⚙️ Your settings\n🌐 Language: English")
    await office.presses(STRANGER, page, "Language")
    await office.presses(STRANGER, office.bot_messages(STRANGER)[-1], "Русский")
    assert office.texts(STRANGER)[-1].startswith("⚙️ Ваши настройки\n🌐 Язык: Русский")
    [answer] = await office.says(STRANGER, STRANGER, "/help")
    assert answer.text.startswith("Что здесь можно")


async def test_open_cards_follow_the_language(desk_office: Office) -> None:
    await desk_office.pbx_says(missed("c1"))
    await desk_office.says(ANNA, desk_office.team, "/settings language ru")
    [card] = [text for text in desk_office.texts(desk_office.team) if text.startswith("🔴")]
    assert card.startswith("🔴 Пропущенный звонок")


# Hidden short calls


async def test_a_short_call_is_hidden_until_a_longer_one_comes(desk_office: Office) -> None:
    await desk_office.says(ANNA, desk_office.team, "/settings short 5")
    count = len(desk_office.texts(desk_office.team))
    await desk_office.pbx_says(missed("c1", seconds=3))
    await desk_office.pbx_says(missed("c2", seconds=4))
    assert len(desk_office.texts(desk_office.team)) == count
    await desk_office.pbx_says(missed("c3", seconds=5))
    card = desk_office.texts(desk_office.team)[-1]
    assert card.startswith("🔴 Missed call")
    assert "called 3 times" in card


async def test_other_chats_show_it_all_the_same(desk_office: Office) -> None:
    await desk_office.says(ANNA, desk_office.team, "/settings short 5")
    await desk_office.says(ANNA, ANNA, "/connect")
    count = len(desk_office.texts(desk_office.team))
    await desk_office.pbx_says(missed("c1", seconds=3))
    assert desk_office.texts(ANNA)[-1].startswith("🔴 Missed call")
    assert len(desk_office.texts(desk_office.team)) == count


async def test_a_call_whose_length_nobody_told_is_shown(desk_office: Office) -> None:
    await desk_office.says(ANNA, desk_office.team, "/settings short 5")
    without = missed("c1")
    del without["duration"]
    await desk_office.pbx_says(without)
    assert desk_office.texts(desk_office.team)[-1].startswith("🔴 Missed call")
