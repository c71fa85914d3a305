"""`/settings`: one message that changes in place, the same choices typed, and each of them has its effect."""

import pytest

from sandbox.telegram import Message
from storage import chats, people
from tests.handlers.chat.on_the_phone import presses_data
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
        "🗓 Working hours: always\n"
        "🌙 Quiet hours: off\n"
        "📊 Summaries: daily 19:00, weekly Mon 09:00\n"
        "🙈 Missed calls hidden: of blocked numbers, of colleagues\n"
        "🙋 “Mine” holds: 15 min without an attempt\n"
        "⏰ Escalation: 10 min the responsible, 20 min the head, 30 min the managers' chat\n"
        "🎧 Calls: live card off; recordings for employees; low is up to 3 ★\n"
        "🔔 main: missed calls, ratings, summaries, lines that are down"
    )
    assert labels(answer) == [
        ["🌐 Language", "🕒 Time zone"],
        ["🗓 Working hours", "🌙 Quiet hours"],
        ["📊 Summaries", "🙈 Missed calls"],
        ["🙋 Mine", "⏰ Escalation"],
        ["🎧 Calls", "🔔 Notices"],
    ]


async def test_buttons_change_the_one_message(desk_office: Office) -> None:
    await desk_office.says(IGOR, IGOR, "/team")
    [page] = await desk_office.says(IGOR, desk_office.team, "/settings")
    await desk_office.presses(IGOR, page, "Summaries")
    assert labels(page) == [["📊 Daily: 19:00"], ["🗓 Weekly: Mon 09:00"], ["‹ Back"]]
    await desk_office.presses(IGOR, page, "Daily")
    assert page.text.startswith("📊 When should the daily summary come?")
    assert labels(page) == [["09:00", "18:00", "✓ 19:00"], ["20:00", "21:00", "off"], ["‹ Back"]]
    toast = await desk_office.presses(IGOR, page, "18:00")
    assert toast is not None
    assert toast.text == "Saved."
    assert labels(page) == [["📊 Daily: 18:00"], ["🗓 Weekly: Mon 09:00"], ["‹ Back"]]
    await desk_office.presses(IGOR, page, "Back")
    assert "📊 Summaries: daily 18:00, weekly Mon 09:00" in page.text
    await desk_office.presses(IGOR, page, "Time zone")
    await desk_office.presses(IGOR, page, "Samara")
    assert "🕒 Time zone: Samara (Europe/Samara), now 13:00" in page.text
    await desk_office.presses(IGOR, page, "Language")
    await desk_office.presses(IGOR, page, "Back")
    assert page.text.startswith("⚙️ Settings of this chat")
    assert desk_office.bot_messages(desk_office.team)[-1].id == page.id
    assert await settings_of(desk_office, desk_office.team) == {
        "summary_at": "18:00", "timezone": "Europe/Samara",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "shown", "kept"),
    [
        (["Working hours", "Mon–Sat 09:00–20:00"], "🗓 Working hours: Mon–Sat 09:00–20:00", "Mon-Sat 09:00-20:00"),
        (["Working hours", "always"], "🗓 Working hours: always", "Mon-Sun 00:00-24:00"),
        (["Quiet hours", "22:00–08:00"], "🌙 Quiet hours: 22:00–08:00", "22:00-08:00"),
        (["Quiet hours", "off"], "🌙 Quiet hours: off", None),
        (["Summaries", "Weekly", "Fri 18:00", "Back"], "📊 Summaries: daily 19:00, weekly Fri 18:00", "fri 18:00"),
        (["Summaries", "Weekly", "off", "Back"], "📊 Summaries: daily 19:00, weekly off", None),
        (
            ["🙈 Missed calls", "Short", "shorter than 5 s", "Back"],
            "🙈 Missed calls hidden: shorter than 5 s, of blocked numbers, of colleagues",
            5,
        ),
        (
            ["🙈 Missed calls", "outside working hours", "Back"],
            "🙈 Missed calls hidden: outside working hours, of blocked numbers, of colleagues",
            False,
        ),
        (["🙈 Missed calls", "blocked numbers", "Back"], "🙈 Missed calls hidden: of colleagues", True),
        (["🙈 Missed calls", "colleagues", "Back"], "🙈 Missed calls hidden: of blocked numbers", True),
        (["🙋 Mine", "30 min"], "🙋 “Mine” holds: 30 min without an attempt", 30),
        (["🙋 Mine", "until it is given back"], "🙋 “Mine” holds: until it is given back", 0),
        (
            ["Escalation", "5 min the responsible"],
            "⏰ Escalation: 5 min the responsible, 10 min the head, 15 min the managers' chat",
            "5 responsible, 10 head, 15 managers",
        ),
        (["Escalation", "off"], "⏰ Escalation: off", ""),
        (
            ["🎧 Calls", "live card", "Back"],
            "🎧 Calls: live card on; recordings for employees; low is up to 3 ★",
            True,
        ),
        (
            ["🎧 Calls", "Recordings", "managers", "Back"],
            "🎧 Calls: live card off; recordings for managers; low is up to 3 ★",
            "managers",
        ),
        (
            ["🎧 Calls", "Low rating", "up to 2", "Back"],
            "🎧 Calls: live card off; recordings for employees; low is up to 2 ★",
            2,
        ),
    ],
)
async def test_every_choice_has_its_buttons(one_office: Office, path: list[str], shown: str, kept: object) -> None:
    [page] = await one_office.says(ANNA, one_office.team, "/settings")
    for label in path:
        await one_office.presses(ANNA, page, label)
    assert shown in page.text.splitlines()
    assert list((await settings_of(one_office, one_office.team)).values()) == [kept]


async def test_kinds_of_notices_are_switched(desk_office: Office) -> None:
    [page] = await desk_office.says(ANNA, desk_office.team, "/settings")
    await desk_office.presses(ANNA, page, "Notices")
    assert labels(page) == [
        ["✅ missed calls"],
        ["✅ ratings"],
        ["✅ summaries"],
        ["✅ lines that are down"],
        ["▫️ low ratings"],
        ["▫️ escalations"],
        ["🏢 Departments: all", "☎️ Our numbers: all"],
        ["✓ 👥 The team's chat", "👔 A managers' chat"],
        ["‹ Back"],
    ]
    await desk_office.presses(ANNA, page, "✅ ratings")
    assert labels(page)[1] == ["▫️ ratings"]
    count = len(desk_office.texts(desk_office.team))
    await desk_office.pbx_says({"cmd": "rating", "callid": "c9", "phone": CLIENT, "user": "igor", "rating": "4"})
    assert len(desk_office.texts(desk_office.team)) == count
    await desk_office.presses(ANNA, page, "▫️ ratings")
    await desk_office.pbx_says({"cmd": "rating", "callid": "c8", "phone": CLIENT, "user": "igor", "rating": "4"})
    assert len(desk_office.texts(desk_office.team)) == count + 1


async def test_two_who_press_one_switch_switch_it_once(one_office: Office) -> None:
    [page] = await one_office.says(ANNA, one_office.team, "/settings")
    await one_office.presses(ANNA, page, "Notices")
    data = page.button("✅ ratings").data
    assert data is not None
    await presses_data(one_office, ANNA, page, data)
    await presses_data(one_office, IGOR, page, data)
    assert labels(page)[1] == ["▫️ ratings"]


async def test_a_managers_chat_at_one_press(one_office: Office) -> None:
    [page] = await one_office.says(ANNA, one_office.team, "/settings")
    await one_office.presses(ANNA, page, "Notices")
    await one_office.presses(ANNA, page, "managers' chat")
    assert labels(page)[7] == ["👥 The team's chat", "✓ 👔 A managers' chat"]
    await one_office.presses(ANNA, page, "Back")
    assert page.text.endswith("🔔 main: summaries, lines that are down, low ratings, escalations")
    count = len(one_office.texts(one_office.team))
    await one_office.pbx_says(missed("c1"))
    assert len(one_office.texts(one_office.team)) == count


async def test_a_chat_takes_the_calls_of_some_departments(one_office: Office) -> None:
    office = one_office
    await office.pbx_says(missed("c0") | {"group_real_name": "Склад"})
    [page] = await office.says(ANNA, office.team, "/settings")
    await office.presses(ANNA, page, "Notices")
    await office.presses(ANNA, page, "Departments")
    departments = [row[0] for row in labels(page)]
    assert departments[-2:] == ["✓ All of them", "‹ Back"]
    assert all(one.startswith("▫️ ") for one in departments[:-2])
    chosen = departments[0].removeprefix("▫️ ")
    await office.presses(ANNA, page, chosen)
    assert labels(page)[0] == [f"✅ {chosen}"]
    assert labels(page)[-2] == ["All of them"]
    async with office.desk.db.read() as tx:
        [one] = await chats.bindings_of_chat(tx, office.team)
        [act] = await people.last_acts(tx, 1)
    assert one.filters == {"departments": [chosen]}
    assert act.about == f"Продажи, departments main: {chosen}"
    await office.presses(ANNA, page, "Back")
    assert labels(page)[6] == ["🏢 Departments: 1", "☎️ Our numbers: all"]
    await office.presses(ANNA, page, "Departments")
    await office.presses(ANNA, page, "All of them")
    async with office.desk.db.read() as tx:
        [one] = await chats.bindings_of_chat(tx, office.team)
    assert one.filters == {}
    answer = await presses_data(office, ANNA, page, f"s:dep.{one.id}:nosuch.on")
    assert answer is not None
    assert answer.show_alert


async def test_a_chat_takes_the_calls_to_some_numbers(one_office: Office) -> None:
    office = one_office
    [page] = await office.says(ANNA, office.team, "/settings")
    await office.presses(ANNA, page, "Notices")
    await office.presses(ANNA, page, "Our numbers")
    first = labels(page)[0][0].removeprefix("▫️ ")
    assert first.startswith("+7 ")
    await office.presses(ANNA, page, first)
    assert labels(page)[0] == [f"✅ {first}"]
    async with office.desk.db.read() as tx:
        [one] = await chats.bindings_of_chat(tx, office.team)
    assert one.filters == {"numbers": ["+" + "".join(digit for digit in first if digit.isdigit())]}


async def test_each_pbx_has_its_own_page(two_pbxes: Office) -> None:
    office = two_pbxes
    await office.says(ANNA, office.team, "/connect main")
    await office.says(ANNA, office.team, "/connect spb")
    [page] = await office.says(ANNA, office.team, "/settings")
    await office.presses(ANNA, page, "Notices")
    assert labels(page) == [["🔔 main"], ["🔔 spb"], ["‹ Back"]]
    await office.presses(ANNA, page, "spb")
    assert page.text.startswith("🔔 What should come here from PBX spb?")
    await office.presses(ANNA, page, "missed calls")
    await office.presses(ANNA, page, "Back")
    assert page.text.splitlines()[1:] == [
        "🔔 main: missed calls, ratings, summaries, lines that are down",
        "🔔 spb: ratings, summaries, lines that are down",
    ]


async def test_a_binding_of_another_chat_is_not_switched(staffed: Office) -> None:
    await staffed.says(ANNA, ANNA, "/connect main")
    [page] = await staffed.says(ANNA, staffed.team, "/settings")
    async with staffed.desk.db.read() as tx:
        [mine] = await chats.bindings_of_chat(tx, ANNA)
    answer = await presses_data(staffed, IGOR, page, f"s:kinds.{mine.id}:missed.off")
    assert answer is not None
    assert answer.text == "That is not connected here any more. Send /settings again."
    async with staffed.desk.db.read() as tx:
        [after] = await chats.bindings_of_chat(tx, ANNA)
    assert after == mine


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("timezone Europe/Samara", "🕒 Time zone: Samara (Europe/Samara), now 13:00"),
        ("timezone samara", "🕒 Time zone: Samara (Europe/Samara), now 13:00"),
        ("summary 18:30", "📊 Summaries: daily 18:30, weekly Mon 09:00"),
        ("summary 9", "📊 Summaries: daily 09:00, weekly Mon 09:00"),
        ("summary off", "📊 Summaries: daily off, weekly Mon 09:00"),
        ("weekly пт 17.30", "📊 Summaries: daily 19:00, weekly Fri 17:30"),
        ("weekly off", "📊 Summaries: daily 19:00, weekly off"),
        ("short 7", "🙈 Missed calls hidden: shorter than 7 s, of blocked numbers, of colleagues"),
        ("night off", "🙈 Missed calls hidden: outside working hours, of blocked numbers, of colleagues"),
        ("blocked on", "🙈 Missed calls hidden: of colleagues"),
        ("internal да", "🙈 Missed calls hidden: of blocked numbers"),
        ("hours Mon-Fri 9:00-18:00, Sat 10.00-15.00", "🗓 Working hours: Mon–Fri 09:00–18:00; Sat 10:00–15:00"),
        ("hours пн-пт 10:00-19:00", "🗓 Working hours: Mon–Fri 10:00–19:00"),
        ("hours office", "🗓 Working hours: always"),
        ("quiet 22-8", "🌙 Quiet hours: 22:00–08:00"),
        ("quiet off", "🌙 Quiet hours: off"),
        ("claim 20", "🙋 “Mine” holds: 20 min without an attempt"),
        ("claim off", "🙋 “Mine” holds: until it is given back"),
        (
            "escalation 7 руководители, 3 ответственный",
            "⏰ Escalation: 3 min the responsible, 7 min the managers' chat",
        ),
        ("escalation off", "⏰ Escalation: off"),
        ("live on", "🎧 Calls: live card on; recordings for employees; low is up to 3 ★"),
        ("listen nobody", "🎧 Calls: live card off; recordings for no one; low is up to 3 ★"),
        ("listen керівники", "🎧 Calls: live card off; recordings for managers; low is up to 3 ★"),
        ("low 1", "🎧 Calls: live card off; recordings for employees; low is up to 1 ★"),
        ("language uk", "🌐 Мова: Українська"),
    ],
)
async def test_choices_are_typed(one_office: Office, typed: str, shown: str) -> None:
    [answer] = await one_office.says(ANNA, one_office.team, f"/settings {typed}")
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
        (
            "hours nine to five",
            "“nine to five” are no working hours. Send, for example, /settings hours Mon-Fri 09:00-18:00, "
            "Sat 10:00-15:00, or /settings hours office for those of the office",
        ),
        (
            "quiet 22:00",
            "“22:00” are no quiet hours. Send, for example, /settings quiet 22:00-08:00, or /settings quiet off",
        ),
        (
            "weekly 09:00",
            "“09:00” is no weekday and time. Send, for example, /settings weekly Mon 09:00, or /settings weekly off",
        ),
        (
            "claim 1000",
            "Send a number of minutes from 0 to 480, for example /settings claim 20. "
            "0: what somebody has taken stays theirs.",
        ),
        ("escalation 10 everybody", "“10 everybody” is no escalation. Send minutes and whom to call upon"),
        ("escalation 0 head", "“0 head” is no escalation."),
        ("escalation 1441 head", "“1441 head” is no escalation."),
        ("escalation ,", "“,” is no escalation."),
        ("live maybe", "Send /settings live on, or /settings live off."),
        ("listen all", "Who may listen to recordings: everybody, employees, managers or nobody."),
        ("low 5", "Send a number of stars from 1 to 4, for example /settings low 3."),
        ("mycards on", "That is your own choice: send it to me in private."),
        ("colour red", "Send /settings by itself for buttons, or one of these:\n/settings language ru"),
    ],
)
async def test_what_is_not_allowed_is_answered_with_what_is(one_office: Office, typed: str, told: str) -> None:
    [answer] = await one_office.says(ANNA, one_office.team, f"/settings {typed}")
    assert answer.text.startswith(told)
    assert await settings_of(one_office, one_office.team) == {}


async def test_a_button_holds_nothing_that_could_not_be_typed(one_office: Office) -> None:
    [page] = await one_office.says(ANNA, one_office.team, "/settings")
    for data in ("s:claim:9999", "s:escalation:soon", "s:hours:x", "s:language:fr", "s:colour:red", "s:kinds:x"):
        answer = await presses_data(one_office, ANNA, page, data)
        assert answer is not None
        assert answer.show_alert
    assert await settings_of(one_office, one_office.team) == {}


async def test_every_change_is_in_the_log_of_acts(one_office: Office) -> None:
    office = one_office
    for typed in ("quiet 22-8", "hours office", "weekly off", "live on", "short 5", "language en"):
        await office.says(ANNA, office.team, f"/settings {typed}")
    await office.says(IGOR, IGOR, "/settings mycards on")
    [page] = await office.says(ANNA, office.team, "/settings")
    await office.presses(ANNA, page, "Notices")
    await office.presses(ANNA, page, "missed calls")
    async with office.desk.db.read() as tx:
        acts = [(one.user_id, one.about) for one in await people.last_acts(tx, 8) if one.what == "settings"]
    assert acts[::-1] == [
        (ANNA, "Продажи, quiet: 22:00-08:00"),
        (ANNA, "Продажи, hours: office"),
        (ANNA, "Продажи, weekly: off"),
        (ANNA, "Продажи, live: on"),
        (ANNA, "Продажи, short: 5"),
        (ANNA, "Продажи, language: en"),
        (IGOR, "Igor, mycards: on"),
        (ANNA, "Продажи, notices main: ratings, summary, lines"),
    ]


async def test_everybody_decides_about_their_own_cards(one_office: Office) -> None:
    office = one_office
    [page] = await office.says(IGOR, IGOR, "/settings")
    assert "👤 Cards of your clients come to the team's chat only" in page.text
    await office.presses(IGOR, page, "▫️ 👤 Cards of my clients")
    assert "👤 Cards of your clients come here too, not only to the team's chat" in page.text
    async with office.desk.db.read() as tx:
        person = await people.get(tx, IGOR)
    assert person is not None
    assert person.settings == {"private_cards": True}
    [page] = await office.says(STRANGER, STRANGER, "/settings")
    assert "👤" not in page.text
    answer = await presses_data(office, STRANGER, page, "s:mycards:on")
    assert answer is not None
    assert answer.text.startswith("Only employees can do this.")
    answer = await presses_data(office, STRANGER, page, "s:live:on")
    assert answer is not None
    assert answer.text.startswith("Only managers and administrators can do this.")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("ru", "🗓 Рабочее время: пн–пт 09:00–18:00, 19:00–20:00; вс 10:00–15:00"),
        ("uk", "🗓 Робочий час: пн–пт 09:00–18:00, 19:00–20:00; нд 10:00–15:00"),
    ],
)
async def test_hours_are_shown_as_the_reader_writes_them(one_office: Office, language: str, shown: str) -> None:
    await one_office.says(ANNA, one_office.team, f"/settings language {language}")
    typed = "/settings hours пн-пт 09:00-18:00, Mon-Fri 19:00-20:00, Sun 10:00-15:00"
    [answer] = await one_office.says(ANNA, one_office.team, typed)
    assert shown in answer.text.splitlines()


async def test_in_a_group_only_managers_choose(desk_office: Office) -> None:
    await desk_office.says(IGOR, IGOR, "/team")
    refusal = "Only managers change the settings of a group. Ask an administrator, or send /settings in private."
    [answer] = await desk_office.says(MARIA, desk_office.team, "/settings summary 18:00")
    assert answer.text == refusal
    [page] = await desk_office.says(IGOR, desk_office.team, "/settings")
    refused = await desk_office.presses(MARIA, page, "Summaries")
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
