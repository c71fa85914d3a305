"""The menu that Telegram shows: per language, place and person, and told only when it has changed."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from aiogram.exceptions import TelegramRetryAfter

from desk import directory
from handlers.chat import menu, menu_shown
from handlers.chat.menu_shown import Menus
from handlers.chat.texts import Texts
from storage import people
from tests.office import ANNA, IGOR, MARIA, STRANGER, Office

GUESTS = ["settings", "link", "start", "help"]


def shown(office: Office, chat_id: int, user_id: int, language: str = "en") -> dict[str, str]:
    commands = office.world.profile.commands_for(office.world.chat(chat_id), user_id, language)
    return {one["command"]: one["description"] for one in commands}


def menus(office: Office) -> Menus:
    assert office.app.chat is not None
    return office.app.chat.menus


async def told(office: Office) -> Sequence[str]:
    """What Telegram is told now: methods and whose chat."""
    office.tg.journal.clear()
    await menus(office).look()
    return [f"{one.method} {_whose(one.params)}" for one in office.tg.journal.requests()]


def _whose(params: Mapping[str, object]) -> object:
    scope = params.get("scope")
    return scope.get("chat_id", "") if isinstance(scope, dict) else ""


async def test_everybody_sees_a_guests_menu_and_groups_an_employees(office: Office) -> None:
    await told(office)
    assert list(shown(office, STRANGER, STRANGER)) == GUESTS
    assert shown(office, STRANGER, STRANGER, "ru")["link"] == "сказать, кто вы на АТС"
    assert shown(office, STRANGER, STRANGER, "uk")["help"] == "що я вмію"
    assert shown(office, STRANGER, STRANGER, "de")["help"] == "what I can do"
    in_group = shown(office, office.team, IGOR, "ru")
    assert in_group["call"] == "позвонить клиенту: /call НОМЕР"
    assert in_group.keys().isdisjoint({"status", "connect"})
    assert "connect" in shown(office, office.team, ANNA)


async def test_who_is_linked_sees_more_until_the_link_ends(office: Office) -> None:
    await told(office)
    await office.shares_contact(IGOR)
    assert await told(office) == [f"setMyCommands {IGOR}"]
    assert {"missed", "call", "status", "unlink"} <= shown(office, IGOR, IGOR).keys()
    assert "connect" not in shown(office, IGOR, IGOR)
    [gone] = await office.says(ANNA, ANNA, "/unlink igor")
    assert await told(office) == [f"setMyCommands {ANNA}", f"deleteMyCommands {IGOR}"]
    assert list(shown(office, IGOR, IGOR)) == GUESTS
    await office.presses(ANNA, gone, "↩️ Link igor again")
    assert await told(office) == [f"setMyCommands {IGOR}"]


async def test_it_follows_the_role_and_the_language(staffed: Office) -> None:
    office = staffed
    await told(office)
    await office.says(MARIA, MARIA, "/settings language uk")
    assert await told(office) == [f"setMyCommands {MARIA}"]
    assert shown(office, MARIA, MARIA, "en")["missed"] == "кому ще не передзвонили"
    [page] = await office.says(ANNA, ANNA, "/team")
    for label in ("Roles", "Maria", "guest"):
        await office.presses(ANNA, page, label)
    assert await told(office) == [f"deleteMyCommands {MARIA}"]
    assert list(shown(office, MARIA, MARIA)) == GUESTS
    await office.presses(ANNA, page, "employee")
    assert await told(office) == [f"setMyCommands {MARIA}"]


async def test_who_leaves_the_pbx_is_a_guest_again(staffed: Office) -> None:
    await told(staffed)
    del staffed.pbx.office.employees["maria"]
    await directory.refresh(staffed.desk, "main")
    assert await told(staffed) == [f"deleteMyCommands {MARIA}"]


async def test_administrators_get_more_once_they_have_come(office: Office) -> None:
    await told(office)
    assert list(shown(office, ANNA, ANNA)) == GUESTS
    await office.says(ANNA, ANNA, "/start")
    await told(office)
    assert "connect" in shown(office, ANNA, ANNA)


async def test_a_private_chat_that_is_closed_has_no_menu(staffed: Office) -> None:
    await told(staffed)
    staffed.world.block_bot(IGOR)
    await staffed.settle()
    assert await told(staffed) == [f"deleteMyCommands {IGOR}"]
    staffed.world.unblock_bot(IGOR)
    await staffed.settle()
    assert await told(staffed) == [f"setMyCommands {IGOR}"]


async def test_what_no_pbx_of_the_office_can_do_is_not_offered(desk_office: Office) -> None:
    office = desk_office
    pbx = office.desk.pbxes["main"]
    pbx.capabilities = replace(pbx.capabilities, departments=False, our_numbers=False, blacklist=False)
    await told(office)
    assert shown(office, IGOR, IGOR).keys().isdisjoint({"departments", "numbers", "blacklist"})
    [answer] = await office.says(IGOR, IGOR, "/help")
    assert "/blacklist" not in answer.text
    assert "/departments" not in answer.text
    [answer] = await office.says(IGOR, IGOR, "/departments")
    assert answer.text == "PBX main can't list its departments."


async def test_it_is_told_once_whatever_restarts(desk_office: Office) -> None:
    assert len(await told(desk_office)) == 24
    assert await told(desk_office) == []
    await desk_office.restarted()
    assert await told(desk_office) == []


async def test_a_flood_costs_only_time(office: Office) -> None:
    office.tg.weather.flood(5, methods=["setMyDescription"], times=1)
    with pytest.raises(TelegramRetryAfter):
        await told(office)
    again = await told(office)
    assert len(again) == 18
    assert await told(office) == []


async def test_so_many_are_told_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await told(office)
    monkeypatch.setattr(menu_shown, "AT_ONCE", 2)
    async with office.desk.db.write() as tx:
        for user_id in (IGOR, MARIA, STRANGER):
            office.world.private(user_id).started = True
            await people.meet(office.desk.db, tx, user_id, str(user_id), None, reachable=True)
            await people.change(tx, user_id, role="employee")
    assert await menus(office).look() == menu_shown.PAUSE
    assert "missed" not in shown(office, STRANGER, STRANGER)
    assert await menus(office).look() == menu_shown.IDLE
    assert "missed" in shown(office, STRANGER, STRANGER)


async def test_what_is_refused_is_not_asked_for_again(staffed: Office) -> None:
    await told(staffed)
    async with staffed.desk.db.write() as tx:
        await people.meet(staffed.desk.db, tx, 4444, "Nobody", None, reachable=True)
        await people.change(tx, 4444, role="employee")
    assert await told(staffed) == ["setMyCommands 4444"]
    assert await told(staffed) == []


async def test_it_is_told_as_soon_as_something_changes(office: Office) -> None:
    """The loop itself: out of reach at first, then rung."""
    office.tg.weather.refuse(methods=["setMyCommands"], times=2)
    running = asyncio.create_task(menus(office).run())
    assert await office.world.until(lambda: list(shown(office, IGOR, IGOR)) == GUESTS, 20)
    await office.shares_contact(IGOR)
    assert await office.world.until(lambda: "missed" in shown(office, IGOR, IGOR), 20)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def test_what_the_bot_says_of_itself_fits() -> None:
    for language in ("en", "ru", "uk"):
        say = Texts(language, ZoneInfo("Europe/Moscow"))
        long, short = menu.about(say)
        assert len(long) <= 512
        assert len(short) <= 120
        assert all(1 <= len(words) <= 256 for words in menu.described(say).values())
    assert {one.name for one in menu.COMMANDS} == set(menu.described(say))
