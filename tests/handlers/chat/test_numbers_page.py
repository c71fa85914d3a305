"""`/numbers`: our numbers, SIM cards, lines and whose calls are recorded, seen and switched from a phone."""

from dataclasses import replace

import pytest

from handlers.chat.buttons import LinesPress, NumbersPress, RecordingPress, mark
from sandbox.telegram import Message
from sandbox.vats_rest import Outage
from sandbox.vats_rest.office import OurNumber
from tests.handlers.chat.on_the_phone import asked_of, labels, presses_data
from tests.office import ANNA, IGOR, MARIA, STRANGER, Office

MAIN = "74950000001"
LINES = (
    "🟢 +7 495 000-00-01 «Реклама» → Продажи\n"
    "🟢 +7 495 000-00-02 «Сайт» → Сервис\n"
    "🟢 +7 495 000-00-03 «Бухгалтерия» → Бухгалтерия / Анна Смирнова"
)
NUMBERS = f"☎️ Our numbers and where their calls go\n{LINES}"
SIMS = (
    "📶 SIM cards\n"
    "🟢 +7 900 000-00-01 · Анна Смирнова\n"
    "🟢 +7 900 000-00-02 · Игорь Волков\n"
    "🟢 +7 900 000-00-90 · the whole office\n"
    "🟢 takes calls, ⚪️ is off"
)
MANAGERS = "Only managers and administrators can do this. Ask one of them."


async def shown(office: Office, user_id: int, *path: str) -> Message:
    """`/numbers` in private, and the buttons pressed after it."""
    [page] = await office.says(user_id, user_id, "/numbers")
    for label in path:
        await office.presses(user_id, page, label)
    return page


async def test_our_numbers_and_where_their_calls_go(staffed: Office) -> None:
    office = staffed
    office.pbx.office.numbers["74950000002"].enabled = False
    page = await shown(office, MARIA)
    assert page.text == NUMBERS.replace(
        "🟢 +7 495 000-00-02 «Сайт» → Сервис", "⚪️ +7 495 000-00-02 «Сайт» → Сервис · switched off"
    )
    assert labels(page) == ["📶 SIM cards", "📡 Lines"]


async def test_a_manager_switches_a_number_after_being_told_what_changes(staffed: Office) -> None:
    office = staffed
    page = await shown(office, IGOR)
    assert labels(page)[:2] == ["⚪️ Off: +7 495 000-00-01 «Реклама»", "⚪️ Off: +7 495 000-00-02 «Сайт»"]
    await office.presses(IGOR, page, "Реклама")
    assert page.text == (
        "⚪️ Switch +7 495 000-00-01 «Реклама» off?\n"
        "Its calls go to: Продажи\n"
        "Clients who call it get through to nobody until somebody switches it on again."
    )
    await office.presses(IGOR, page, "Back")
    assert page.text == NUMBERS
    assert office.pbx.office.numbers[MAIN].enabled
    await office.presses(IGOR, page, "Реклама")
    await office.presses(IGOR, page, "Yes, switch off")
    assert not office.pbx.office.numbers[MAIN].enabled
    assert page.text.splitlines()[::2][:2] == [
        "✅ +7 495 000-00-01 «Реклама» is off: its calls are not taken.",
        "⚪️ +7 495 000-00-01 «Реклама» → Продажи · switched off",
    ]
    await office.presses(IGOR, page, "On: +7 495 000-00-01")
    assert page.text == ("🟢 Switch +7 495 000-00-01 «Реклама» on?\nIts calls are taken again and go to: Продажи")
    await office.presses(IGOR, page, "Yes, switch on")
    assert office.pbx.office.numbers[MAIN].enabled
    assert page.text == f"✅ +7 495 000-00-01 «Реклама» is on: its calls are taken.\n{NUMBERS}"


async def test_the_only_number_that_takes_calls_is_said_to_be(staffed: Office) -> None:
    office = staffed
    for one in list(office.pbx.office.numbers.values())[1:]:
        one.enabled = False
    page = await shown(office, IGOR, "Реклама")
    assert page.text.splitlines()[-1] == "⚠️ No other number takes calls."


async def test_switched_elsewhere_meanwhile_is_not_switched_again(staffed: Office) -> None:
    office = staffed
    page = await shown(office, IGOR, "Реклама")
    office.pbx.office.numbers[MAIN].enabled = False
    await office.presses(IGOR, page, "Yes, switch off")
    assert asked_of(office, "/enabled") == 0
    assert "⚪️ +7 495 000-00-01" in page.text
    del office.pbx.office.numbers[MAIN]
    answer = await presses_data(office, IGOR, page, NumbersPress(act="on", pbx="main", what=mark(f"+{MAIN}")).pack())
    assert answer is not None
    assert answer.text == "This is out of date: somebody has changed it at the PBX. Send /numbers again."


@pytest.mark.parametrize("act", ["ask", "on", "off"])
async def test_employees_switch_nothing(staffed: Office, act: str) -> None:
    office = staffed
    page = await shown(office, MARIA)
    answer = await presses_data(office, MARIA, page, NumbersPress(act=act, pbx="main", what=mark(f"+{MAIN}")).pack())
    assert answer is not None
    assert answer.text == MANAGERS
    if act != "on":
        data = LinesPress(act=act, pbx="main", what=mark("+79000000001")).pack()
        answer = await presses_data(office, MARIA, page, data)
        assert answer is not None
        assert answer.text == MANAGERS
    answer = await presses_data(office, IGOR, page, RecordingPress(act="no", pbx="main", who=mark("igor")).pack())
    assert answer is not None
    assert answer.text == "Only administrators can do this. Ask one of them."
    assert office.pbx.office.numbers[MAIN].enabled
    assert not office.pbx.office.sims["79000000001"].disabled
    assert office.pbx.office.record_exceptions == []


async def test_strangers_see_nothing(staffed: Office) -> None:
    [told] = await staffed.says(STRANGER, STRANGER, "/numbers")
    assert told.text.startswith("Only employees can do this.")


async def test_many_numbers_have_pages(staffed: Office) -> None:
    office = staffed
    for n in range(40):
        office.pbx.office.numbers[f"7495000{n + 1000}"] = OurNumber(f"7495000{n + 1000}", group="sales")
    page = await shown(office, MARIA)
    assert page.text.endswith("Page 1 of 3")
    await office.presses(MARIA, page, "»")
    await office.presses(MARIA, page, "»")
    assert page.text.splitlines()[1:] == [
        "🟢 +7 495 000-10-37 → Продажи",
        "🟢 +7 495 000-10-38 → Продажи",
        "🟢 +7 495 000-10-39 → Продажи",
        "Page 3 of 3",
    ]


async def test_sim_cards_are_switched_off_after_a_warning(staffed: Office) -> None:
    office = staffed
    page = await shown(office, IGOR, "SIM cards")
    assert page.text == SIMS
    await office.presses(IGOR, page, "Off: +7 900 000-00-90")
    assert page.text == (
        "⚪️ Switch the SIM card +7 900 000-00-90 off?\n"
        "It belongs to: the whole office\n"
        "It takes no calls until somebody gives it to an employee or to the office in the PBX's cabinet."
    )
    assert not office.pbx.office.sims["79000000090"].disabled
    await office.presses(IGOR, page, "Yes, switch off")
    assert office.pbx.office.sims["79000000090"].disabled
    off = SIMS.replace("🟢 +7 900 000-00-90", "⚪️ +7 900 000-00-90")
    assert page.text == f"✅ The SIM card +7 900 000-00-90 is off: it takes no calls.\n{off}"
    assert labels(page) == ["⚪️ Off: +7 900 000-00-01", "⚪️ Off: +7 900 000-00-02", "« Our numbers"]
    await office.presses(IGOR, page, "« Our numbers")
    assert page.text == NUMBERS


async def test_a_sim_card_is_switched_off_once(staffed: Office) -> None:
    office = staffed
    page = await shown(office, IGOR, "SIM cards")
    data = LinesPress(act="off", pbx="main", what=mark("+79000000090")).pack()
    for _ in range(2):
        await presses_data(office, IGOR, page, data)
    assert asked_of(office, "/disable") == 1
    del office.pbx.office.sims["79000000090"]
    answer = await presses_data(office, IGOR, page, data)
    assert answer is not None
    assert answer.text == "This is out of date: somebody has changed it at the PBX. Send /numbers again."


async def test_lines_and_since_when_they_are_down(staffed: Office) -> None:
    office = staffed
    page = await shown(office, MARIA, "Lines")
    assert page.text == (
        "📡 Lines of other operators\n"
        "🟢 +7 495 000-00-09 «Запасная линия» · sip.example\n"
        "🟢 up, 🔴 down, ⚪️ switched off, ▫️ unknown"
    )
    office.pbx.office.sip_registrations["74950000009"].status = "error"
    await office.presses(MARIA, page, "Refresh")
    assert page.text.splitlines()[1] == "🔴 +7 495 000-00-09 «Запасная линия» · sip.example"
    await office.pbx_says({"cmd": "webhook", "type": "sipregs_error", "id": "1", "data[telnum]": "74950000009"})
    clock = office.clock.now().astimezone(office.desk.office.timezone).strftime("%H:%M")
    office.clock.advance(minutes=5)
    await office.presses(MARIA, page, "Refresh")
    assert page.text.splitlines()[1] == (
        f"🔴 +7 495 000-00-09 «Запасная линия» · sip.example · down since today {clock}"
    )
    office.pbx.office.sip_registrations["74950000009"].active = False
    await office.presses(MARIA, page, "Refresh")
    assert page.text.splitlines()[1] == "⚪️ +7 495 000-00-09 «Запасная линия» · sip.example"
    office.pbx.office.sip_registrations.clear()
    await office.presses(MARIA, page, "Refresh")
    assert page.text == "PBX main has no lines of other operators."


async def test_whose_calls_are_recorded_is_the_administrators_affair(staffed: Office) -> None:
    office = staffed
    assert "⏺ Recording" not in labels(await shown(office, IGOR))
    page = await shown(office, ANNA, "Recording")
    assert page.text == ("⏺ Recording at PBX main\nCalls with clients are recorded.\nThere are no exceptions.")
    await office.presses(ANNA, page, "Don't record somebody")
    assert page.text == "⏺ Whose calls should not be recorded?"
    await office.presses(ANNA, page, "Вера Соколова · 705")
    assert page.text == (
        "⏺ Stop recording the calls of Вера Соколова?\n"
        "From now on there is nothing to listen to. The recordings there are stay."
    )
    assert office.pbx.office.record_exceptions == []
    await office.presses(ANNA, page, "Yes, stop recording")
    assert office.pbx.office.record_exceptions == ["vera"]
    assert page.text == (
        "✅ Calls of Вера Соколова are not recorded from now on.\n"
        "⏺ Recording at PBX main\n"
        "Calls with clients are recorded.\n"
        "Never recorded:\n"
        "• Вера Соколова · 705"
    )
    await office.presses(ANNA, page, "Record Вера")
    assert page.text == (
        "⏺ Record the calls of Вера Соколова again?\n"
        "From now on their calls are recorded like everybody's. Tell them."
    )
    await office.presses(ANNA, page, "Yes, record")
    assert office.pbx.office.record_exceptions == []
    assert page.text.startswith("✅ Calls of Вера Соколова are recorded from now on.\n")


async def test_recording_done_elsewhere_is_not_asked_again(staffed: Office) -> None:
    office = staffed
    office.pbx.office.record_external = False
    office.pbx.office.record_exceptions.append("vera")
    page = await shown(office, ANNA, "Recording")
    assert page.text.splitlines()[1] == (
        "Calls with clients are not recorded. That is switched in the PBX's cabinet."
    )
    await presses_data(office, ANNA, page, RecordingPress(act="no", pbx="main", who=mark("vera")).pack())
    assert asked_of(office, "users-exception") == 0
    answer = await presses_data(office, ANNA, page, RecordingPress(act="ask", pbx="main", who="abc").pack())
    assert answer is not None
    assert answer.text == "This is out of date: somebody has changed it at the PBX. Send /numbers again."


@pytest.mark.parametrize("path", [(), ("SIM cards",), ("Lines",), ("Recording",)])
async def test_an_outage_is_told_and_the_page_stays(staffed: Office, path: tuple[str, ...]) -> None:
    office = staffed
    page = await shown(office, ANNA)
    office.pbx.weather.outage = Outage.ERROR_500
    for label in path:
        answer = await office.presses(ANNA, page, label)
        assert answer is not None
        assert answer.text == "PBX main does not answer. Try again in a minute."
        assert page.text == NUMBERS
    [told] = await office.says(ANNA, ANNA, "/numbers")
    assert told.text == "PBX main does not answer. Try again in a minute."


async def test_a_missing_right_is_named(staffed: Office) -> None:
    office = staffed
    page = await shown(office, ANNA)
    office.pbx.weather.outage = Outage.FORBIDDEN_403
    answer = await office.presses(ANNA, page, "Lines")
    assert answer is not None
    assert "“Номера других операторов → Просмотр”" in answer.text


async def test_what_a_vendor_lacks_is_said_in_one_sentence(staffed: Office) -> None:
    office = staffed
    page = await shown(office, ANNA)
    pbx = office.desk.pbxes["main"]
    pbx.capabilities = replace(
        pbx.capabilities, sim_cards=False, operator_lines=False, recording_exceptions=False, switch_numbers=False
    )
    told = []
    for label in ("SIM cards", "Lines", "Recording", "Реклама"):
        answer = await office.presses(ANNA, page, label)
        assert answer is not None
        told.append(answer.text)
    assert told == [
        "PBX main can't list its SIM cards.",
        "PBX main can't list its operator lines.",
        "PBX main doesn't let us choose whose calls are recorded. Use the PBX's cabinet.",
        "PBX main can't switch a number on or off. Use the PBX's cabinet.",
    ]
    assert labels(await shown(office, ANNA)) == []


async def test_acts_are_named_in_the_status(staffed: Office) -> None:
    office = staffed
    await shown(office, ANNA, "Реклама", "Yes, switch off")
    [status] = await office.says(ANNA, ANNA, "/status")
    assert "Anna: one of our numbers · +7 495 000-00-01: off" in status.text


def test_every_button_fits() -> None:
    """Telegram allows 64 bytes; a PBX's id may have forty letters."""
    for kind in (NumbersPress, LinesPress):
        assert len(kind(act="lines", pbx="p" * 40, what=mark("x"), n=99).pack()) <= 64
    assert len(RecordingPress(act="yes", pbx="p" * 40, who=mark("x"), n=99).pack()) <= 64
