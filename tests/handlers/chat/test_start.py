"""`/start` and `/help`: everybody learns where they stand and what the next step is."""

from tests.office import ANNA, IGOR, MARIA, STRANGER, Office, an_office


async def test_somebody_unknown_is_offered_to_share_their_number(office: Office) -> None:
    [answer] = await office.says(IGOR, IGOR, "/start")
    assert answer.text == (
        "👋 Igor, I don't know yet who you are at the PBX.\n"
        "Press the button below to share your phone number: if it is in the PBX, you are linked at once.\n"
        "Or send /link to choose; an administrator confirms it."
    )
    assert answer.keyboard is not None
    assert answer.keyboard["keyboard"] == [[{"text": "📱 Share my phone number", "request_contact": True}]]


async def test_with_no_administrator_the_first_is_told_how_to_become_one(sqlite_url: str) -> None:
    async with an_office(sqlite_url, telegram={"admins": []}) as office:
        [answer] = await office.says(ANNA, ANNA, "/start")
    assert answer.text == (
        "👋 Anna, I don't know yet who you are at the PBX.\n"
        f"I have no administrator yet. If that is you, write your Telegram id {ANNA} into telegram.admins of my "
        "configuration and start me again."
    )


async def test_a_linked_person_is_told_who_they_are(desk_office: Office) -> None:
    await desk_office.says(IGOR, IGOR, "/team")
    [answer] = await desk_office.says(IGOR, IGOR, "/start link-from-somewhere")
    assert answer.text == (
        "👋 Igor, at the PBX you are Игорь Волков (igor).\n"
        "Send me a phone number, and I call it. /missed shows who waits for a call, /help all I can do."
    )


async def test_a_group_is_told_what_it_lacks_and_then_what_it_has(office: Office) -> None:
    [before] = await office.says(IGOR, office.team, "/start")
    assert before.text == "👋 I show missed calls. Next step: an administrator sends /connect here."
    await office.says(ANNA, office.team, "/connect")
    [after] = await office.says(IGOR, office.team, "/start")
    assert after.text == "👋 I show missed calls from PBX main here. /missed shows who waits, /help the rest."


async def test_what_is_not_understood_is_answered_in_private_alone(staffed: Office) -> None:
    for said in ("good morning", "/hello"):
        [answer] = await staffed.says(IGOR, IGOR, said)
        assert answer.text == "I don't understand that. Send me a phone number to call, or /help."
        assert await staffed.says(IGOR, staffed.team, said) == []
    [answer] = await staffed.says(STRANGER, STRANGER, "hello")
    assert answer.text == "I don't understand that. /start says where to begin."


async def test_help_lists_what_a_stranger_may_do(office: Office) -> None:
    [answer] = await office.says(STRANGER, STRANGER, "/help")
    assert answer.text == (
        "What you can do here\n"
        "/settings — language, time zone, what comes here\n"
        "/link — say who you are at the PBX\n"
        "/start — where to begin\n"
        "/help — what I can do\n"
        "Administrators also: /connect\n"
        "You are here as: guest\n"
        "More opens once you are linked: /link."
    )


async def test_help_lists_all_to_an_administrator_and_speaks_russian(desk_office: Office) -> None:
    await desk_office.says(ANNA, ANNA, "/settings language ru")
    [answer] = await desk_office.says(ANNA, ANNA, "/help")
    first, *lines, role, hint = answer.text.splitlines()
    assert first == "Что здесь можно"
    assert [line.split(" — ")[0] for line in lines] == [
        "/missed", "/call", "/active", "/who", "/history", "/summary", "/dnd", "/contact", "/blacklist",
        "/departments", "/numbers", "/team", "/settings", "/link", "/unlink", "/status", "/connect", "/start",
        "/help",
    ]  # fmt: skip
    assert role == "Ваша роль здесь: администратор"
    assert lines[1] == "/call — позвонить клиенту: /call НОМЕР"
    assert hint == "Номер, отправленный мне в личный чат, получит кнопки: позвонить, история, заблокировать."


async def test_anyone_in_a_connected_chat_may_read(desk_office: Office) -> None:
    desk_office.world.join(STRANGER, desk_office.team)
    [answer] = await desk_office.says(STRANGER, desk_office.team, "/help")
    names = [line.split(" — ")[0] for line in answer.text.splitlines()[1:-3]]
    assert names == ["/missed", "/active", "/history", "/summary", "/team", "/link", "/start", "/help"]


async def test_help_says_what_those_above_may_in_addition(staffed: Office) -> None:
    """Igor is a manager at the PBX, Maria an employee; in private everybody has settings of their own."""
    told = {
        (user_id, chat): [
            line for line in (await staffed.says(user_id, chat, "/help"))[0].text.splitlines() if " also: " in line
        ]
        for user_id in (ANNA, IGOR, MARIA)
        for chat in (staffed.team, user_id)
    }
    assert told == {
        (MARIA, staffed.team): ["Managers also: /settings · Administrators also: /connect"],
        (MARIA, MARIA): ["Administrators also: /connect"],
        (IGOR, staffed.team): ["Administrators also: /connect"],
        (IGOR, IGOR): ["Administrators also: /connect"],
        (ANNA, staffed.team): [],
        (ANNA, ANNA): [],
    }
