"""Roles: the PBX's own until an administrator says otherwise, and what each of them may do."""

from desk import directory
from sandbox.telegram import Message
from storage import people
from tests.handlers.chat.on_the_phone import labels, missed_card, presses_data
from tests.office import ANNA, IGOR, MARIA, STRANGER, Office

REFUSED = "Only managers change the settings of a group. Ask an administrator, or send /settings in private."
SHUT_OUT = "An administrator has taken your access away. Ask one of them if that is a mistake."


async def the_page_of(office: Office, name: str) -> Message:
    """Anna has opened somebody's page."""
    [page] = await office.says(ANNA, ANNA, "/team")
    await office.presses(ANNA, page, "Roles")
    await office.presses(ANNA, page, name)
    return page


async def test_an_administrator_sees_who_is_what(staffed: Office) -> None:
    [page] = await staffed.says(ANNA, staffed.team, "/team")
    await staffed.presses(ANNA, page, "Roles")
    assert labels(page) == ["Anna · administrator", "Igor · manager", "Maria · employee", "« Team"]
    await staffed.presses(ANNA, page, "Maria")
    assert page.text == (
        "🎭 Maria: employee\n"
        "At the PBX: Мария Орлова\n"
        "As the PBX says.\n"
        "manager: also changes settings, gives back what others have taken, and sees everybody's figures\n"
        "employee: calls, takes and closes cards, names clients, blocks numbers\n"
        "guest: does nothing and is shown nothing"
    )
    assert labels(page) == ["manager", "employee", "guest", "✓ as the PBX says", "‹ Back"]


async def test_a_role_is_given_and_taken_back(staffed: Office) -> None:
    office = staffed
    page = await the_page_of(office, "Maria")
    await office.presses(ANNA, page, "manager")
    assert page.text.startswith("🎭 Maria: manager\nAt the PBX: Мария Орлова\nAs an administrator has said.\n")
    [settings] = await office.says(MARIA, office.team, "/settings live on")
    assert "live card on" in settings.text
    await office.presses(ANNA, page, "as the PBX says")
    [answer] = await office.says(MARIA, office.team, "/settings live off")
    assert answer.text == REFUSED
    async with office.desk.db.read() as tx:
        acts = [one.about for one in await people.last_acts(tx, 3) if one.what == "role"]
    assert acts == ["Maria: by the PBX", "Maria: manager"]


async def test_a_manager_of_the_pbx_may_be_less_here(staffed: Office) -> None:
    page = await the_page_of(staffed, "Igor")
    await staffed.presses(ANNA, page, "employee")
    [answer] = await staffed.says(IGOR, staffed.team, "/settings live on")
    assert answer.text == REFUSED


async def test_who_is_shut_out_does_and_reads_nothing(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    before = card.text
    page = await the_page_of(office, "Maria")
    await office.presses(ANNA, page, "guest")
    for button in ("Mine", "History"):
        refused = await office.presses(MARIA, card, button)
        assert refused is not None
        assert refused.show_alert
    assert card.text == before
    for chat in (office.team, MARIA):
        for command in ("/team", "/history", "/missed", "/summary", "/blacklist", "/link"):
            [answer] = await office.says(MARIA, chat, command)
            assert answer.text == SHUT_OUT, command
    await office.shares_contact(MARIA)
    [answer] = await office.says(MARIA, MARIA, "/missed")
    assert answer.text == SHUT_OUT


async def test_who_has_left_the_pbx_is_a_guest(staffed: Office) -> None:
    office = staffed
    card = await missed_card(office)
    del office.pbx.office.employees["maria"]
    await directory.refresh(office.desk, "main")
    await office.settle()
    refused = await office.presses(MARIA, card, "Mine")
    assert refused is not None
    assert (
        refused.text == "Only employees can do this. Send me /link in private, and an administrator will let you in."
    )
    page = await the_page_of(office, "Maria")
    assert page.text.startswith("🎭 Maria: guest\n")
    await office.presses(ANNA, page, "employee")
    taken = await office.presses(MARIA, card, "Mine")
    assert taken is not None
    assert taken.text.startswith("It is yours.")


async def test_only_administrators_change_roles(staffed: Office) -> None:
    office = staffed
    [page] = await office.says(IGOR, office.team, "/team")
    assert "🎭 Roles" not in labels(page)
    for data in ("ro:all:0::0", f"ro:who:{IGOR}::0", f"ro:set:{IGOR}:manager:0"):
        refused = await presses_data(office, IGOR, page, data)
        assert refused is not None
        assert refused.text == "Only administrators can do this. Ask one of them."
    page = await the_page_of(office, "Anna")
    refused = await presses_data(office, ANNA, page, f"ro:set:{ANNA}:guest:0")
    assert refused is not None
    assert refused.text == "Administrators are named in the configuration; that is where to change it."
    for data in ("ro:set:31337:guest:0", f"ro:set:{STRANGER}:king:0"):
        refused = await presses_data(office, ANNA, page, data)
        assert refused is not None
        assert refused.show_alert


async def test_who_has_another_role_now_is_told_in_private(staffed: Office) -> None:
    office = staffed
    await office.says(MARIA, MARIA, "/settings language uk")
    page = await the_page_of(office, "Maria")
    await office.presses(ANNA, page, "manager")
    assert office.texts(MARIA)[-1] == "🎭 Anna змінює вашу роль тут: керівник.\n/help покаже, що вам тепер можна."
    shown = len(office.texts(MARIA))
    await office.presses(ANNA, page, "manager")
    await office.says(MARIA, MARIA, "/settings language en")
    await office.presses(ANNA, page, "guest")
    assert office.texts(MARIA)[-1] == "🎭 Anna has changed your role here: guest.\nAsk them if that is a mistake."
    assert len(office.texts(MARIA)) == shown + 2


async def test_a_choice_that_changes_nothing_and_a_chat_never_opened_are_passed_over(staffed: Office) -> None:
    office = staffed
    page = await the_page_of(office, "Maria")
    shown = office.texts(MARIA)
    await office.presses(ANNA, page, "employee")
    assert office.texts(MARIA) == shown
    async with office.desk.db.write() as tx:
        await people.change(tx, MARIA, reachable=False)
    await office.presses(ANNA, page, "guest")
    assert office.texts(MARIA) == shown
