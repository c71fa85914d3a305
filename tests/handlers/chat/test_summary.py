"""`/summary`: what a period amounts to, in words, in a picture and as a file."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import ledger, summary_csv
from desk.cases import State
from desk.periods import Days, Span
from desk.summaries import PersonFigures, Spread, Stars, Summary, Tally
from desk.views import SummaryView
from handlers.chat import summary_picture, summary_text
from handlers.chat.fitting import CAPTION, length
from handlers.chat.summary_csv import cell
from handlers.chat.summary_text import Asked
from handlers.chat.texts import Html, Texts
from pbx.vocabulary import Call, Direction, Outcome
from sandbox.t2 import NobodyAnswers, Outage, T2Office
from sandbox.telegram import Message
from storage import contacts, people
from storage.contacts import Contact
from tests.clocks import NOON
from tests.desk import phones
from tests.desk.past import phone
from tests.handlers.chat.on_the_phone import labels, presses_data
from tests.office import ANNA, IGOR, MARIA, STRANGER, Office, Simulated, an_office

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine draws slowly, and that is no failure."""
    monkeypatch.setattr(summary_picture, "PATIENCE", 120.0)


async def test_a_day_without_calls_is_a_short_line(staffed: Office) -> None:
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    assert (answer.text, labels(answer), answer.media) == ("📊 Today, 18 March: no calls", [], None)


async def a_day(office: Office) -> None:
    """Somebody got through, one was called back after six minutes, one still waits."""
    await phones.got_through(office)
    await phones.missed(office, phone=phone(2))
    await phones.missed(office, phone=phone(3))
    office.clock.advance(minutes=6)
    await phones.we_called(office, phone=phone(3))
    await phones.says(office, "rating", rating="4", callid="r1", user="maria", phone=phone(1))


async def test_the_day_in_numbers_with_a_picture(staffed: Office) -> None:
    await a_day(staffed)
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    assert answer.text == (
        "📊 Today, 18 March: 1 client still waits for a call\n"
        "📥 3 incoming calls: 1 answered (33%), 2 missed\n"
        "📤 1 outgoing call: 1 answered, 0 not\n"
        "🙋 2 clients could not reach us\n"
        "called back: 1 · still waiting: 1\n"
        "⏱ Called back within 7 min\n"
        "⭐ 4.0 of 5 (1 rating)\n"
        "1. 🔴 +7 910 000-00-02 · today 12:00"
    )
    assert answer.media
    assert answer.media.file.content.startswith(b"\x89PNG")
    assert (answer.media.details["width"], answer.media.details["height"]) == (1080, 720)
    assert labels(answer) == ["1", "More", "📄 CSV"]
    await staffed.presses(IGOR, answer, "1")
    assert staffed.texts(staffed.team)[-1].startswith("🔴 Missed call · +7 910 000-00-02")


async def test_the_rest_comes_in_place_and_goes_again(staffed: Office) -> None:
    await a_day(staffed)
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    briefly = answer.text
    await staffed.presses(IGOR, answer, "More")
    assert answer.text == (
        "📊 Today, 18 March\n"
        "\nWaiting times\n"
        "Until an answer: usually 10 s, at most 10 s\n"
        "Missed after: usually 20 s, at most 20 s\n"
        "\nEmployees\n"
        "Игорь Волков: 1 made · talked 2 min · 1 called back\n"
        "Мария Орлова: 1 answered · talked 60 s · ★ 4.0\n"
        "\nDepartments\n"
        "Продажи: 3 calls, 2 missed\n"
        "\nOur numbers\n"
        "+7 495 000-00-01 «Реклама»: 3 calls, 2 missed"
    )
    assert (labels(answer), bool(answer.media)) == (["Less", "📄 CSV"], True)
    await staffed.presses(IGOR, answer, "Less")
    assert answer.text == briefly


async def test_a_button_of_yesterday_is_about_the_same_day(staffed: Office) -> None:
    await phones.missed(staffed, phone=phone(2))
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    staffed.clock.advance(days=1)
    await staffed.presses(IGOR, answer, "More")
    assert answer.text.startswith("📊 Yesterday, 18 March\n\nWaiting times")


async def test_more_clients_who_wait_than_a_screen_holds(staffed: Office) -> None:
    for number in range(7):
        await phones.missed(staffed, phone=phone(number))
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    assert answer.text.splitlines()[0] == "📊 Today, 18 March: 7 clients still wait for a call"
    assert labels(answer) == ["1", "2", "3", "4", "5", "📞 Who waits for a call", "More", "📄 CSV"]
    await staffed.presses(IGOR, answer, "Who waits")
    assert staffed.texts(staffed.team)[-1].startswith("📞 7 clients wait for a call")


async def test_periods_dates_and_what_is_none(staffed: Office) -> None:
    await phones.missed(staffed)
    staffed.clock.advance(days=1)
    [yesterday] = await staffed.says(IGOR, IGOR, "/summary вчера")
    assert yesterday.text.splitlines()[:2] == [
        "📊 Yesterday, 18 March: 1 client still waits for a call",
        "📥 1 incoming call: 0 answered (0%), 1 missed",
    ]
    [month] = await staffed.says(IGOR, IGOR, "/summary last month")
    assert month.text == "📊 Last month, 1 February – 28 February: no calls"
    for typed in ("2026-03-17 2026-03-18", "17.3-18.3", "17.03.2026 – 18.03.2026"):
        [dates] = await staffed.says(IGOR, IGOR, f"/summary {typed}")
        assert dates.text.startswith("📊 17 March – 18 March: 1 client still waits"), typed
    [old] = await staffed.says(IGOR, IGOR, "/summary 31.12")
    assert old.text == "📊 31 December 2025: no calls"
    for typed in ("forever", "2026-03-18 2026-03-17", "31.2", "2024-01-01 2026-01-01"):
        [wrong] = await staffed.says(IGOR, IGOR, f"/summary {typed}")
        assert wrong.text == (
            "I know /summary today, yesterday, this_week, last_week, this_month, last_month and dates, up to a year:"
            "\n/summary 1.11-15.11\nOf one employee: /summary me last_week"
        )


async def test_a_stranger_gets_none(staffed: Office) -> None:
    [answer] = await staffed.says(STRANGER, STRANGER, "/summary")
    assert answer.text == "Calls are shown to employees. Send /link, and an administrator will let you in."
    [shown] = await staffed.says(IGOR, IGOR, "/summary")
    for data in ("y:t:260318+1:main::0", "y:m:260318+1:main::1", "y:c:260318+1:main::0", "y:m::::1"):
        shown = (await staffed.says(STRANGER, STRANGER, "/start"))[-1]
        before = len(staffed.texts(STRANGER))
        answered = await presses_data(staffed, STRANGER, shown, data)
        assert answered, data
        assert answered.show_alert, data
        assert len(staffed.texts(STRANGER)) == before


@pytest.mark.parametrize("period", ["991399+1", "260318+0", "260318+999", "nonsense"])
async def test_a_button_that_nobody_drew_does_nothing(staffed: Office, period: str) -> None:
    [answer] = await staffed.says(IGOR, IGOR, "/summary")
    pressed = await presses_data(staffed, IGOR, answer, f"y:m:{period}:main::1")
    assert pressed
    assert pressed.text == "This message is too old for its buttons. Send the command again."


async def test_an_administrator_is_asked_which_pbx(two_pbxes: Office) -> None:
    office = two_pbxes
    await phones.missed(office, phone=phone(2), pbx="spb")
    [asked] = await office.says(ANNA, ANNA, "/summary")
    assert (asked.text, labels(asked)) == ("Which PBX?", ["main", "spb"])
    await office.presses(ANNA, asked, "spb")
    assert asked.text.splitlines()[:3] == [
        "📊 Today, 18 March: 1 client still waits for a call",
        "PBX spb",
        "📥 1 incoming call: 0 answered (0%), 1 missed",
    ]
    assert asked.media


async def test_a_chat_that_takes_no_pictures_gets_the_words(staffed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary_picture, "draw", lambda chart: b"no picture at all")
    await phones.missed(staffed)
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    assert answer.media is None
    assert answer.text.startswith("📊 Today, 18 March: 1 client still waits for a call")


# One employee


async def test_what_i_did(staffed: Office) -> None:
    await a_day(staffed)
    [mine] = await staffed.says(IGOR, IGOR, "/summary me")
    assert (mine.text, labels(mine)) == (
        "📊 Игорь Волков · Today, 18 March\n📤 1 made, 1 answered\n💬 Talked 2 min\n⏱ Called back within 7 min",
        ["📄 CSV"],
    )
    [marias] = await staffed.says(MARIA, staffed.team, "/summary я сегодня")
    assert labels(marias) == [], "Igor is a manager, Maria is not"
    assert marias.text == (
        "📊 Мария Орлова · Today, 18 March\n"
        "📥 1 answered\n"
        "⏳ Clients waited: usually 10 s, at most 10 s\n"
        "💬 Talked 60 s\n"
        "⭐ 4.0 of 5 (1 rating)"
    )
    [before] = await staffed.says(IGOR, IGOR, "/summary me last_week")
    assert before.text == "📊 Игорь Волков · Last week, 9 March – 15 March\nNo calls."
    [nobody] = await staffed.says(STRANGER, STRANGER, "/summary me")
    assert nobody.text == "I don't know which phone is yours. Send me /link in private, then try again."


async def test_what_others_did_is_for_managers(staffed: Office) -> None:
    await a_day(staffed)
    [refused] = await staffed.says(MARIA, MARIA, "/summary igor")
    assert refused.text == "Only managers and administrators can do this. Ask one of them."
    [own] = await staffed.says(MARIA, MARIA, "/summary maria")
    assert own.text.startswith("📊 Мария Орлова")
    [told] = await staffed.says(ANNA, ANNA, "/summary maria today")
    assert (told.text.splitlines()[:2], labels(told)) == (
        ["📊 Мария Орлова · Today, 18 March", "📥 1 answered"],
        ["📄 CSV"],
    )
    await staffed.presses(ANNA, told, "CSV")
    file = staffed.bot_messages(ANNA)[-1]
    assert [row.split(",")[5] for row in rows_of(file)[1:]] == ["Мария Орлова"]
    [stranger] = await staffed.says(STRANGER, STRANGER, "/summary maria")
    assert stranger.text.startswith("Only employees can do this.")


async def test_the_period_before_is_told_of_one_employee_too(staffed: Office) -> None:
    await phones.got_through(staffed)
    staffed.clock.advance(days=7)
    await phones.got_through(staffed)
    await phones.got_through(staffed, phone=phone(5))
    [told] = await staffed.says(ANNA, ANNA, "/summary maria")
    assert told.text == (
        "📊 Мария Орлова · Today, 25 March\n"
        "📥 2 ▲1 answered\n"
        "⏳ Clients waited: usually 10 s, at most 10 s\n"
        "💬 Talked 2 min ▲60 s\n"
        "▲▼ against 18 March until 12:03"
    )


# A PBX's own statistics


async def test_what_the_pbx_itself_counted_is_told_apart(sqlite_url: str) -> None:
    async with an_office(sqlite_url, pbxes=[Simulated("t2")]) as office:
        await office.connected(logins={ANNA: "79000001101"})
        t2 = office.simulator(T2Office)
        await t2.calls.client_calls("79000001251", "Продажи", NobodyAnswers())
        await office.polled()
        office.clock.advance(minutes=1)
        [answer] = await office.says(ANNA, office.team, "/summary")
        assert "At the PBX" not in answer.text
        await office.presses(ANNA, answer, "More")
        assert answer.text.splitlines()[-2:] == [
            "At the PBX",
            "0 internal calls · 0 transfers · 0 different clients · 0 repeated calls",
        ]
        t2.outage = Outage.ERROR_500
        await office.presses(ANNA, answer, "Less")
        await office.presses(ANNA, answer, "More")
        assert answer.text.splitlines()[-1] == "PBX main does not tell its own numbers just now."


# The file


def rows_of(message: Message) -> list[str]:
    assert message.media
    assert message.media.file.content.startswith(b"\xef\xbb\xbf")
    return message.media.file.content.decode("utf-8-sig").splitlines()


async def test_the_calls_as_a_file(staffed: Office) -> None:
    async with staffed.desk.db.write() as tx:
        named = Contact("+79100000002", '=HYPERLINK("http://evil.example")', None, NOON, None)
        await contacts.save(staffed.desk.db, tx, named)
    await a_day(staffed)
    [answer] = await staffed.says(ANNA, staffed.team, "/summary")
    pressed = await staffed.presses(ANNA, answer, "CSV")
    assert pressed
    assert pressed.text == "The file is coming."
    file = staffed.bot_messages(staffed.team)[-1]
    assert file.media
    assert (file.media.file.name, file.text) == ("calls-2026-03-18-2026-03-18.csv", "Today, 18 March: 4 calls")
    header, *calls = rows_of(file)
    assert header == (
        'Time,Direction,Outcome,Client,Name,Employee,Department,Our number,"Wait, s","Talk, s",Rating,'
        "What became of it,PBX"
    )
    assert [call.split(",", 1)[1] for call in calls] == [
        "incoming,answered,'+7 910 000-00-01,,Мария Орлова,Продажи,'+7 495 000-00-01,10,60,,,main",
        'incoming,missed,\'+7 910 000-00-02,"\'=HYPERLINK(""http://evil.example"")",,Продажи,'
        "'+7 495 000-00-01,20,,,not returned,main",
        "incoming,missed,'+7 910 000-00-03,,,Продажи,'+7 495 000-00-01,20,,,called back,main",
        "outgoing,answered,'+7 910 000-00-03,,Игорь Волков,,,10,120,,,main",
    ]
    assert calls[0].startswith("2026-03-18 12:00:")
    async with staffed.desk.db.read() as tx:
        [act] = [one for one in await people.last_acts(tx, 20) if one.what == "export"]
    assert (act.user_id, act.pbx_id) == (ANNA, "main")


async def test_the_file_is_for_managers_and_speaks_the_chats_language(staffed: Office) -> None:
    await a_day(staffed)
    [answer] = await staffed.says(IGOR, staffed.team, "/summary")
    pressed = await staffed.presses(MARIA, answer, "CSV")
    assert pressed
    assert pressed.text == "Only managers and administrators can do this. Ask one of them."
    await staffed.says(ANNA, staffed.team, "/settings language ru")
    await staffed.presses(ANNA, answer, "CSV")
    header, first, *_ = rows_of(staffed.bot_messages(staffed.team)[-1])
    assert header.startswith("Время;Направление;Итог;Клиент")
    assert first.split(";")[1:3] == ["входящий", "ответили"]


async def test_many_calls_come_in_parts_and_too_many_not_at_all(
    staffed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part goes on where the one before ended, though several calls began in the same second."""
    monkeypatch.setattr(summary_csv, "PAGE", 2)
    monkeypatch.setattr(summary_csv, "PART", 4)
    began = [NOON + timedelta(seconds=number // 3) for number in range(9)]
    await recorded(staffed, [a_call(f"c{number}", at, phone(number)) for number, at in enumerate(began)])
    [answer] = await staffed.says(ANNA, ANNA, "/summary")
    await staffed.presses(ANNA, answer, "CSV")
    files = staffed.bot_messages(ANNA)[-3:]
    assert [one.text.rpartition(" · ")[2] for one in files] == ["1/3", "2/3", "3/3"]
    clients = [row.split(",")[3] for file in files for row in rows_of(file)[1:]]
    assert clients == [f"'+7 910 000-00-0{number}" for number in range(9)]
    monkeypatch.setattr("handlers.chat.summary.MOST", 8)
    pressed = await staffed.presses(ANNA, answer, "CSV")
    assert pressed
    assert pressed.text == "There are more than 8 calls. Ask for a shorter period."


@pytest.mark.parametrize("begins", ["=1+1", "+79100000001", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(begins: str) -> None:
    assert cell(begins) == f"'{begins}"
    assert cell("Anna = Maria") == "Anna = Maria"


def a_call(call_id: str, at: datetime, client: str) -> Call:
    return Call(
        id=call_id,
        direction=Direction.IN,
        outcome=Outcome.ANSWERED,
        client=f"+{client}",
        started_at=at,
        answered_at=at + timedelta(seconds=3),
        ended_at=at + timedelta(seconds=60),
        employee="maria",
    )


async def recorded(office: Office, calls: list[Call]) -> None:
    async with office.desk.db.write() as tx:
        await ledger.record_calls(office.desk, tx, "main", calls)


# The words


def summary_of(calls: Tally, **more: object) -> Summary:
    return Summary(calls=calls, **more)  # type: ignore[arg-type]


def view_of(summary: Summary, before: Summary | None = None) -> SummaryView:
    span = Span(NOON - timedelta(hours=12), NOON + timedelta(hours=12))
    return SummaryView(
        days=Days(date(2026, 3, 18), date(2026, 3, 19)),
        span=span,
        span_before=Span(span.start - timedelta(days=7, hours=-3), span.end - timedelta(days=7, hours=3)),
        zone=MOSCOW,
        summary=summary,
        before=before or Summary(),
        bars=(),
        waiting=(),
        pbx_ids=("main",),
        pbx_names=(),
    )


def told(summary: Summary, language: str = "en", before: Summary | None = None) -> list[str]:
    text, _ = summary_text.brief(view_of(summary, before), Html("Today"), Asked(), Texts(language, MOSCOW), NOON)
    return str(text).splitlines()


@pytest.mark.parametrize(
    ("answered", "missed", "share"),
    [(999, 1, "99%"), (1, 999, "1%"), (5, 0, "100%"), (0, 5, "0%"), (2, 1, "67%")],
)
def test_a_share_is_whole_only_where_all_were_answered(answered: int, missed: int, share: str) -> None:
    [_, incoming] = told(summary_of(Tally(incoming=answered + missed, answered=answered, missed=missed)))
    assert f"({share})" in incoming


@pytest.mark.parametrize(
    ("calls", "lost", "news"),
    [
        (Tally(incoming=3, answered=1, missed=2), {State.NOT_REACHED: 2}, "2 clients still wait for a call"),
        (Tally(incoming=1, missed=1), {State.EXPIRED: 1, State.RETURNED: 4}, "1 client was never called back"),
        (Tally(incoming=1, missed=1), {State.HANDLED: 1}, "nobody waits for a call"),
        (Tally(incoming=2, answered=2), {}, "no call was missed"),
        (Tally(outgoing=2), {}, "no incoming calls"),
    ],
)
def test_the_first_line_is_the_news(calls: Tally, lost: dict[State, int], news: str) -> None:
    assert told(summary_of(calls, lost=lost))[0] == f"📊 <b>Today: {news}</b>"


def spread(*minutes: int) -> Spread:
    made = Spread()
    for one in minutes:
        made.add(timedelta(minutes=one))
    return made


def test_the_usual_and_the_worst_time_to_return_and_what_was_closed_by_hand() -> None:
    calls = Tally(incoming=4, missed=4)
    now = summary_of(calls, lost={State.RETURNED: 3, State.HANDLED: 1}, returns=spread(3, 7, 185))
    before = summary_of(calls, lost={State.RETURNED: 1}, returns=spread(12))
    assert told(now)[-2:] == [
        "called back: 3 · by hand: 1",
        "⏱ Called back: usually within 7 min, at worst 3 h 5 min",
    ]
    assert told(now, before=before)[-2:] == [
        "⏱ Called back: usually within 7 min ▼5 min, at worst 3 h 5 min ▲2 h 53 min",
        "▲▼ against 11 March until 21:00",
    ]


def test_ratings_have_an_average_and_a_trend() -> None:
    now, before = (summary_of(Tally(incoming=2), ratings=stars) for stars in (Stars(2, 9), Stars(3, 9)))
    assert told(now, "en", before)[-2] == "⭐ 4.5 ▲1.5 of 5 (2 ratings)"
    assert told(now, "ru")[-1] == "⭐ 4,5 из 5 (2 оценки)"
    assert told(now, "uk")[-1] == "⭐ 4,5 з 5 (2 оцінки)"


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "📥 1 входящий звонок"), (3, "📥 3 входящих звонка"), (11, "📥 11 входящих звонков")],
)
def test_russian_plurals(count: int, words: str) -> None:
    assert told(summary_of(Tally(incoming=count)), "ru")[1] == words


def test_a_long_rest_is_turned_page_by_page_and_each_fits_under_a_picture() -> None:
    everybody = {
        ("main", str(number)): PersonFigures(f"Константин Константинопольский {number}", Tally(answered=number))
        for number in range(1, 61)
    }
    view = view_of(summary_of(Tally(incoming=1830, answered=1830), people=everybody))
    seen, page, last = "", 1, 1
    while page <= last:
        text, keys = summary_text.more(view, Html("Today"), Asked("260318+1"), Texts("ru", MOSCOW), page, {})
        assert length(text) <= CAPTION
        first = text.splitlines()[0]
        last = int(first.rpartition("/")[2])
        assert first == f"📊 <b>Today</b> · {page}/{last}"
        assert keys
        turning = [key.text for key in keys.inline_keyboard[0]]
        assert turning == [*(["«"] if page > 1 else []), "Короче", *(["»"] if page < last else [])]
        seen, page = seen + text + "\n", page + 1
    assert last == 3
    assert [f"{one.name}: " in seen for one in everybody.values()] == [True] * 60


def test_a_button_holds_what_it_must_with_the_longest_name_of_a_pbx() -> None:
    asked = Asked(Days(date(2025, 12, 1), date(2026, 12, 1)).written, "a" * 40)
    for act in "tmcw":
        assert len(replace_who(asked, act)) <= 64


def replace_who(asked: Asked, act: str) -> str:
    return asked.press(act, 9).model_copy(update={"who": "abcdef" if act == "c" else ""}).pack()
