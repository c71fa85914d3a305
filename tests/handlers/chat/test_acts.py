"""The log of acts: who did what, when and about whom, in the reader's words, for administrators."""

from datetime import datetime

from handlers.chat.acts import PAGE
from sandbox.telegram import Message
from tests.desk import phones
from tests.handlers.chat.on_the_phone import labels, missed_card, presses_data
from tests.office import ANNA, CLIENT, IGOR, MARIA, Office


async def the_log(office: Office, language: str = "en") -> Message:
    await office.says(ANNA, ANNA, f"/settings language {language}")
    [page] = await office.says(ANNA, ANNA, "/status")
    await office.presses(ANNA, page, "📜")
    return page


def clock(office: Office) -> str:
    now: datetime = office.clock.now()
    return now.astimezone(office.desk.office.timezone).strftime("%H:%M")


async def test_each_act_is_told_in_words(staffed: Office) -> None:
    office = staffed
    await office.says(IGOR, IGOR, f"/contact +{CLIENT} Мария Петрова | igor")
    card = await missed_card(office)
    await office.presses(IGOR, card, "Mine")
    await office.says(IGOR, office.team, "/settings quiet 22-8")
    await office.says(IGOR, office.team, "/settings night off")
    await office.says(MARIA, MARIA, "/dnd on")
    await office.says(IGOR, IGOR, "/blacklist add +79990001122")
    page = await the_log(office)
    assert [line.split(", ", 1)[1] for line in page.text.splitlines()[1:8]] == [
        "Anna: changed a setting · Anna: language — English",
        "Igor: blocked a number · +7 999 000-11-22",
        "Maria: do not disturb · Мария Орлова: calls are held back",
        "Igor: changed a setting · Продажи: calls outside working hours — off",
        "Igor: changed a setting · Продажи: quiet hours — 22:00–08:00",
        "Igor: took a case · Мария Петрова, +7 910 000-00-01",
        "Igor: named a client · Мария Петрова, +7 910 000-00-01",
    ]
    assert page.text.splitlines()[1].startswith(f"today {clock(office)}, ")


async def test_it_speaks_the_readers_language(staffed: Office) -> None:
    office = staffed
    await office.says(IGOR, office.team, "/settings weekly fri 18:00")
    await office.says(IGOR, office.team, "/settings escalation 5 head")
    page = await the_log(office, "ru")
    assert [line.split(", ", 1)[1] for line in page.text.splitlines()[1:4]] == [
        "Anna: настройка · Anna: язык — Русский",
        "Igor: настройка · Продажи: эскалация — 5 мин начальник отдела",
        "Igor: настройка · Продажи: сводка за неделю — пт 18:00",
    ]


async def test_it_comes_in_pages(desk_office: Office) -> None:
    office = desk_office
    for _ in range(PAGE):
        await office.says(ANNA, office.team, "/settings short 5")
    await office.says(ANNA, office.team, "/settings short 7")
    page = await the_log(office)
    newest = page.text.splitlines()[1]
    assert page.text.endswith("Page 1 of 2")
    assert labels(page) == ["»", "« Status"]
    await office.presses(ANNA, page, "»")
    assert page.text.endswith("Page 2 of 2")
    assert newest not in page.text
    assert "connected a chat · Продажи" in page.text
    await office.presses(ANNA, page, "« Status")
    assert page.text.startswith("🟢 All is well")


async def test_a_title_that_looks_like_markup_or_a_setting_breaks_nothing(staffed: Office) -> None:
    office = staffed
    office.world.chats[office.team].title = "<b>A, B: on</b>"
    await office.says(ANNA, office.team, "/settings live on")
    page = await the_log(office)
    assert page.text.splitlines()[2].endswith("Anna: changed a setting · <b>A, B: on</b>: live card — on")


async def test_a_refused_link_is_in_the_log(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    await office.says(IGOR, IGOR, "/link igor")
    question = office.bot_messages(ANNA)[-1]
    await office.presses(ANNA, question, "No")
    page = await the_log(office)
    assert "Anna: refused a link · Игорь Волков, Igor" in page.text


async def test_a_file_of_calls_is_told_by_its_days(staffed: Office) -> None:
    office = staffed
    await phones.missed(office)
    office.clock.advance(minutes=1)
    [summary] = await office.says(ANNA, ANNA, "/summary today")
    await office.presses(ANNA, summary, "CSV")
    page = await the_log(office)
    assert "Anna: took calls out as a file · 18 March: 1 call" in page.text
    page = await the_log(office, "uk")
    assert "18 березня: 1 дзвінок" in page.text


async def test_only_administrators_read_it(staffed: Office) -> None:
    [page] = await staffed.says(IGOR, IGOR, "/status")
    assert labels(page) == []
    answer = await presses_data(staffed, IGOR, page, "al:0")
    assert answer is not None
    assert answer.text == "Only administrators can do this. Ask one of them."
