"""The menu that Telegram shows: per language, per place, and told only when it has changed."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from handlers.chat import menu
from handlers.chat.texts import Texts
from tests.office import ANNA, IGOR, Office


def shown(office: Office, chat_id: int, user_id: int, language: str) -> dict[str, str]:
    commands = office.world.profile.commands_for(office.world.chat(chat_id), user_id, language)
    return {one["command"]: one["description"] for one in commands}


async def published(office: Office) -> None:
    chat = office.app.chat
    assert chat is not None
    await menu.publish(chat.bot, office.desk)


async def test_everybody_sees_what_they_may_use_in_their_language(office: Office) -> None:
    await published(office)
    in_private = shown(office, IGOR, IGOR, "ru")
    assert in_private["call"] == "позвонить клиенту: /call НОМЕР"
    assert "connect" not in in_private
    assert "status" in in_private
    assert shown(office, IGOR, IGOR, "uk")["missed"] == "кому ще не передзвонили"
    assert shown(office, IGOR, IGOR, "de")["missed"] == "who still waits for a call back"
    in_group = shown(office, office.team, IGOR, "en")
    assert "missed" in in_group
    assert "status" not in in_group
    assert "connect" not in in_group


async def test_administrators_get_more_once_they_have_come(office: Office) -> None:
    await published(office)
    assert "connect" not in shown(office, ANNA, ANNA, "ru")
    await office.says(ANNA, ANNA, "/start")
    assert shown(office, ANNA, ANNA, "ru")["connect"] == "подключить этот чат к АТС"
    assert "connect" in shown(office, office.team, ANNA, "ru")


async def test_what_no_pbx_of_the_office_can_do_is_not_offered(desk_office: Office) -> None:
    office = desk_office
    pbx = office.desk.pbxes["main"]
    pbx.capabilities = replace(pbx.capabilities, departments=False, our_numbers=False, blacklist=False)
    await published(office)
    assert shown(office, IGOR, IGOR, "en").keys().isdisjoint({"departments", "numbers", "blacklist"})
    [told] = await office.says(IGOR, IGOR, "/help")
    assert "/blacklist" not in told.text
    assert "/departments" not in told.text
    [told] = await office.says(IGOR, IGOR, "/departments")
    assert told.text == "PBX main can't list its departments."


async def test_it_is_told_once(office: Office) -> None:
    await published(office)
    office.tg.journal.clear()
    await published(office)
    assert office.tg.journal.requests() == []


async def test_a_refusal_is_tried_again_at_the_next_start(office: Office) -> None:
    office.world.profile.commands.clear()
    office.tg.weather.flood(5, methods=["setMyCommands"])
    await published(office)
    office.tg.weather.clear()
    await published(office)
    assert "missed" in shown(office, IGOR, IGOR, "en")


def test_what_the_bot_says_of_itself_fits() -> None:
    for language in ("en", "ru", "uk"):
        say = Texts(language, ZoneInfo("Europe/Moscow"))
        long, short = menu.about(say)
        assert len(long) <= 512
        assert len(short) <= 120
        assert all(1 <= len(words) <= 256 for words in menu.described(say).values())
    assert {one.name for one in menu.COMMANDS} == set(menu.described(say))
