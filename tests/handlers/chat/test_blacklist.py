"""`/blacklist`: who is refused, and undoing it."""

import pytest

from sandbox.vats_rest import Outage
from sandbox.vats_rest.office import Banned
from tests.handlers.chat.on_the_phone import labels
from tests.office import IGOR, STRANGER, Office

USAGE = (
    "/blacklist shows who is blocked. /blacklist add +79101234567 why, /blacklist remove +79101234567, "
    "/blacklist anonymous on or off. A range: 749512345*"
)


async def said(office: Office, text: str, user_id: int = IGOR) -> str:
    news = await office.says(user_id, user_id, text)
    return news[-1].text


async def test_the_list_shows_numbers_as_people_write_them_with_comments(staffed: Office) -> None:
    office = staffed
    office.pbx.office.blacklist["749512345*"] = Banned("749512345*")
    assert await said(office, "/blacklist") == (
        "🚫 PBX main refuses 2 numbers\n"
        "1. +7 900 000-99-99 — Спам: окна\n"
        "2. 749512345*\n"
        "🕶 Calls with a hidden number reach us."
    )


async def test_an_empty_list_says_how_to_fill_it(staffed: Office) -> None:
    office = staffed
    office.pbx.office.blacklist.clear()
    assert await said(office, "/blacklist") == (
        "PBX main refuses nobody. To refuse a number: /blacklist add +79101234567\n"
        "🕶 Calls with a hidden number reach us."
    )


async def test_long_lists_have_pages(staffed: Office) -> None:
    office = staffed
    for n in range(44):
        office.pbx.office.blacklist[f"7900001{n:04}"] = Banned(f"7900001{n:04}", "x" * 200)
    [page] = await office.says(IGOR, IGOR, "/blacklist")
    assert page.text.startswith("🚫 PBX main refuses 45 numbers\n1. ")
    assert page.text.endswith("Page 1 of 3")
    assert len(page.text) < 4096
    assert labels(page) == ["»"]
    await office.presses(IGOR, page, "»")
    await office.presses(IGOR, page, "»")
    assert page.text.splitlines()[1].startswith("41. ")
    assert labels(page) == ["«"]


@pytest.mark.parametrize("typed", ["8 (910) 123-45-67 sells carpets", "+79101234567 sells carpets"])
async def test_a_number_is_blocked_as_people_write_it(staffed: Office, typed: str) -> None:
    office = staffed
    [message] = await office.says(IGOR, IGOR, f"/blacklist add {typed}")
    assert message.text == (
        "🚫 +7 910 123-45-67 is blocked: its calls no longer reach us.\n"
        "To undo: the button, or /blacklist remove +79101234567"
    )
    assert office.pbx.office.blacklist["79101234567"].comment == "sells carpets"
    await office.presses(IGOR, message, "Unblock")
    assert message.text == "✅ +7 910 123-45-67 is unblocked: its calls reach us again."
    assert "79101234567" not in office.pbx.office.blacklist


async def test_a_range_is_kept(staffed: Office) -> None:
    office = staffed
    await said(office, "/blacklist add +7 (495) 123-45* ads")
    assert office.pbx.office.blacklist["749512345*"].comment == "ads"
    assert await said(office, "/blacklist remove +74951234567") == (
        "+7 495 123-45-67 is not in the blacklist itself, but in the range 749512345*. "
        "To take the whole range off: /blacklist remove 749512345*"
    )
    assert (
        await said(office, "/blacklist remove 749512345*") == "✅ 749512345* is unblocked: its calls reach us again."
    )
    assert "749512345*" not in office.pbx.office.blacklist


@pytest.mark.parametrize("kept", ["79000009999", "9000009999"])
async def test_a_number_is_known_however_the_pbx_has_it_written(staffed: Office, kept: str) -> None:
    office = staffed
    office.pbx.office.blacklist.clear()
    office.pbx.office.blacklist[kept] = Banned(kept)
    assert (
        await said(office, "/blacklist remove 8 900 000 99 99")
        == "✅ +7 900 000-99-99 is unblocked: its calls reach us again."
    )
    assert office.pbx.office.blacklist == {}
    assert (
        await said(office, "/blacklist remove 8 900 000 99 99")
        == "+7 900 000-99-99 is not blocked. /blacklist shows who is."
    )


async def test_hidden_numbers_are_refused_and_taken_again(staffed: Office) -> None:
    office = staffed
    assert await said(office, "/blacklist anonymous on") == "🕶 Calls with a hidden number are refused."
    assert office.pbx.office.block_anonymous
    assert await said(office, "/blacklist anonymous") == "🕶 Calls with a hidden number are refused."
    assert await said(office, "/blacklist anonymous off") == "🕶 Calls with a hidden number reach us."
    assert not office.pbx.office.block_anonymous


@pytest.mark.parametrize("typed", ["add", "add carpets", "remove", "anonymous maybe", "nonsense", "add 7*"])
async def test_what_is_unclear_is_explained(staffed: Office, typed: str) -> None:
    office = staffed
    before = dict(office.pbx.office.blacklist)
    assert await said(office, f"/blacklist {typed}") == USAGE
    assert office.pbx.office.blacklist == before


async def test_a_pbx_that_is_out_is_said_to_be(staffed: Office) -> None:
    office = staffed
    office.pbx.weather.outage = Outage.ERROR_500
    assert await said(office, "/blacklist") == "PBX main does not answer. Try again in a minute."


async def test_a_right_that_the_key_lacks_is_named(staffed: Office) -> None:
    office = staffed
    office.pbx.weather.outage = Outage.FORBIDDEN_403
    assert await said(office, "/blacklist add +79101234567") == (
        "The key of PBX main lacks a right. An administrator must allow it in the PBX's cabinet: "
        "“Черный список → Создание”."
    )


async def test_guests_change_and_see_nothing(staffed: Office) -> None:
    office = staffed
    refused = "Only employees can do this. Send me /link in private, and an administrator will let you in."
    assert await said(office, "/blacklist", STRANGER) == refused
    assert await said(office, "/blacklist remove 79000009999", STRANGER) == refused
    assert "79000009999" in office.pbx.office.blacklist
