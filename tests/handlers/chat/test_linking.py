"""Who is whom: by one's own number, by an administrator's tap or word, and never by anything else."""

import pytest

from desk import directory
from sandbox.vats_rest import Employee, Outage
from storage import people
from tests.office import ANNA, IGOR, MARIA, STRANGER, Office

IGORS_PHONE, MARIAS_PHONE = "79000000002", "79000000003"


async def links(office: Office) -> dict[int, str]:

    async with office.desk.db.read() as tx:
        return {
            one.user_id: f"{one.pbx_id}:{one.login}" for one in await people.links_at(tx, sorted(office.desk.pbxes))
        }


def administrators(office: Office, *user_ids: int) -> None:
    object.__setattr__(office.desk.office, "admins", frozenset(user_ids))


# One's own number


async def test_their_own_number_links_at_once(office: Office) -> None:
    [answer] = await office.shares_contact(IGOR, phone=IGORS_PHONE, contact_user_id=IGOR)
    assert answer.text == "✅ Igor is Игорь Волков (igor) now.\n/help shows what you can do."
    assert await links(office) == {IGOR: "main:igor"}


async def test_sharing_it_again_says_so(office: Office) -> None:
    await office.shares_contact(IGOR, phone=IGORS_PHONE, contact_user_id=IGOR)
    [answer] = await office.shares_contact(IGOR, phone=IGORS_PHONE, contact_user_id=IGOR)
    assert answer.text.startswith("Igor is linked to Игорь Волков (igor) already.")


async def test_a_number_that_the_pbx_does_not_know_links_nobody(office: Office) -> None:
    [answer] = await office.shares_contact(STRANGER)
    assert answer.text == (
        "No employee at the PBX has the number +7 900 000-09-99. Send /link to choose who you are: an administrator "
        "confirms it. Or ask them to enter this number for you at the PBX."
    )
    assert await links(office) == {}


async def test_a_number_entered_at_the_pbx_a_minute_ago_is_found(office: Office) -> None:
    await office.shares_contact(STRANGER)
    office.pbx.office.employees["new"] = Employee("new", "Новый", "799", mobile="79000000999")
    [answer] = await office.shares_contact(STRANGER)
    assert answer.text.startswith("✅ Stranger is Новый (new) now.")


async def test_somebody_elses_card_links_nobody(office: Office) -> None:
    await office.shares_contact(STRANGER, phone=IGORS_PHONE, contact_user_id=IGOR)
    await office.shares_contact(STRANGER, phone=IGORS_PHONE)
    assert await links(office) == {}


async def test_a_forwarded_card_links_nobody(office: Office) -> None:
    """It may be years old, its number somebody else's by now."""
    card = office.world.share_contact(MARIA, office.team, phone=MARIAS_PHONE, contact_user_id=MARIA)
    await office.says(MARIA, MARIA, "/start")
    office.world.forward(MARIA, office.team, card.id, MARIA)
    await office.settle()
    assert await links(office) == {}


async def test_a_number_that_two_employees_have_is_not_proof(office: Office) -> None:
    office.pbx.office.employees["maria"].mobile = IGORS_PHONE
    [answer] = await office.shares_contact(IGOR, phone=IGORS_PHONE, contact_user_id=IGOR)
    assert answer.text == (
        "Several employees have this number: Игорь Волков, Мария Орлова. Send /link to choose one."
    )
    assert await links(office) == {}


async def test_the_new_holder_of_a_number_takes_the_link_over(office: Office) -> None:
    await office.link(STRANGER, "igor")
    await office.says(STRANGER, STRANGER, "/start")
    [answer] = await office.shares_contact(IGOR, phone=IGORS_PHONE, contact_user_id=IGOR)
    assert answer.text == (
        "✅ Igor is Игорь Волков (igor) now.\nStranger is not linked to them any more.\n/help shows what you can do."
    )
    assert await links(office) == {IGOR: "main:igor"}


async def test_a_pbx_out_of_reach_is_said(office: Office) -> None:
    office.pbx.weather.outage = Outage.ERROR_500
    [answer] = await office.shares_contact(IGOR, phone=IGORS_PHONE, contact_user_id=IGOR)
    assert answer.text == "PBX main does not answer. Try again in a minute."


# An administrator's word


@pytest.mark.parametrize("login", ["anna", "701", "ANNA@romashka.example", "main:anna"])
async def test_an_administrator_is_linked_at_once(office: Office, login: str) -> None:
    [answer] = await office.says(ANNA, ANNA, f"/link {login}")
    assert answer.text == "✅ Anna is Анна Смирнова (anna) now."
    assert await links(office) == {ANNA: "main:anna"}


async def test_an_administrator_links_whom_they_answer(office: Office) -> None:
    hello = office.world.say(IGOR, office.team, "Доброе утро")
    [answer] = await office.says(ANNA, office.team, "/link igor", reply_to=hello.id)
    assert answer.text == "✅ Igor is Игорь Волков (igor) now."
    assert await links(office) == {IGOR: "main:igor"}


async def test_nobody_else_links_others(desk_office: Office) -> None:
    hello = desk_office.world.say(MARIA, desk_office.team, "Доброе утро")
    [answer] = await desk_office.says(IGOR, desk_office.team, "/link vera", reply_to=hello.id)
    assert answer.text == "Only an administrator links others. To link yourself, send /link by itself."
    assert (await links(desk_office))[MARIA] == "main:maria"


async def test_answering_a_bot_links_nobody(office: Office) -> None:
    [greeting] = await office.says(ANNA, office.team, "/start")
    [answer] = await office.says(ANNA, office.team, "/link igor", reply_to=greeting.id)
    assert answer.text == "That is a bot. Reply to a message that the person wrote."


async def test_answering_without_a_login_asks_for_one(office: Office) -> None:
    hello = office.world.say(IGOR, office.team, "Доброе утро")
    [answer] = await office.says(ANNA, office.team, "/link", reply_to=hello.id)
    assert answer.text == "Who is Igor at the PBX? Reply to them with /link LOGIN."


async def test_in_a_topic_a_plain_message_answers_nobody(office: Office) -> None:
    forum = office.world.add_group("Форум", [IGOR, ANNA], forum=True)
    topic = office.world.create_topic(IGOR, forum.id, "Звонки")
    await office.says(ANNA, forum.id, "/link anna", thread_id=topic.id)
    assert await links(office) == {ANNA: "main:anna"}


# By an administrator's tap


async def test_others_wait_for_a_tap_and_the_first_answer_wins(office: Office) -> None:
    administrators(office, ANNA, MARIA)
    await office.says(ANNA, ANNA, "/start")
    await office.says(MARIA, MARIA, "/start")
    [answer] = await office.says(IGOR, IGOR, "/link igor")
    assert answer.text == (
        "Igor, I asked the administrators whether you are Игорь Волков (igor). I will tell you the answer."
    )
    assert await links(office) == {}
    [*_, to_anna], [*_, to_maria] = office.bot_messages(ANNA), office.bot_messages(MARIA)
    assert to_anna.text == to_maria.text == "🔗 Igor (@igor) asks to be linked to Игорь Волков (igor) at PBX main."
    assert [key.text for [*row] in to_anna.buttons for key in row] == ["✅ Yes, link", "❌ No"]
    toast = await office.presses(MARIA, to_maria, "Yes")
    assert toast is not None
    assert toast.text == "Linked."
    decided = "✅ Igor (@igor) is now Игорь Волков (igor) at PBX main. Allowed by Maria."
    assert office.texts(ANNA)[-1] == office.texts(MARIA)[-1] == decided
    assert not office.bot_messages(ANNA)[-1].buttons
    assert office.texts(IGOR)[-1] == (
        "✅ Igor, you are linked to Игорь Волков now: Maria allowed it. Send /help to see what you can do."
    )
    late = office.world.press(ANNA, ANNA, to_anna.id, "l:no:::1")
    await office.settle()
    assert late.answered is not None
    assert late.answered.text == "Another administrator was quicker."
    assert await links(office) == {IGOR: "main:igor"}


async def test_a_refusal_is_told(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    await office.says(STRANGER, STRANGER, "/link vera")
    await office.presses(ANNA, office.bot_messages(ANNA)[-1], "No")
    assert office.texts(ANNA)[-1] == (
        "❌ Stranger (@stranger) was not linked to Вера Соколова (vera). Refused by Anna."
    )
    assert office.texts(STRANGER)[-1] == (
        "❌ Stranger, your request to be Вера Соколова was refused by Anna. If that is wrong, talk to them."
    )
    assert await links(office) == {}


async def test_only_an_administrator_answers(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    await office.says(STRANGER, STRANGER, "/link vera")
    own = office.bot_messages(STRANGER)[-1]
    press = office.world.press(STRANGER, STRANGER, own.id, "l:yes:::1")
    await office.settle()
    assert press.answered is not None
    assert press.answered.text == "Only an administrator answers this."
    assert await links(office) == {}


async def test_asking_twice_asks_once_and_moves_down_when_old(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    await office.says(IGOR, IGOR, "/link igor")
    await office.says(IGOR, IGOR, "/link 702")
    first = office.bot_messages(ANNA)[-1]
    assert len(office.texts(ANNA)) == 2
    office.clock.advance(hours=1)
    await office.says(IGOR, IGOR, "/link igor")
    again = office.bot_messages(ANNA)[-1]
    assert again.id > first.id
    assert len(office.texts(ANNA)) == 2


async def test_who_tries_every_name_is_stopped(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    for login in ("igor", "maria", "oleg"):
        await office.says(STRANGER, STRANGER, f"/link {login}")
    [answer] = await office.says(STRANGER, STRANGER, "/link vera")
    assert answer.text == "Your earlier requests still wait for an administrator. Ask one to answer them."
    assert len(office.texts(ANNA)) == 4


async def test_an_administrator_who_never_came_cannot_be_asked(office: Office) -> None:
    [answer] = await office.says(IGOR, IGOR, "/link igor")
    assert answer.text == (
        "No administrator has opened a private chat with me yet. Ask one to do so and press Start, "
        "then send /link again."
    )


async def test_the_request_says_whom_a_yes_would_unlink(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    await office.says(MARIA, MARIA, "/start")
    await office.link(MARIA, "igor")
    await office.says(IGOR, IGOR, "/link igor")
    assert office.texts(ANNA)[-1].splitlines()[1] == "Until now that is Maria; a yes ends it."
    await office.presses(ANNA, office.bot_messages(ANNA)[-1], "Yes")
    assert await links(office) == {IGOR: "main:igor"}


async def test_a_request_settled_otherwise_closes_by_itself(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    await office.says(IGOR, IGOR, "/link maria")
    await office.shares_contact(IGOR, phone=IGORS_PHONE, contact_user_id=IGOR)
    assert office.texts(ANNA)[-1] == "❌ Igor (@igor) was not linked to Мария Орлова (maria). Refused by Igor."
    assert "refused" not in office.texts(IGOR)[-1]


async def test_an_employee_who_left_meanwhile_is_not_linked(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    await office.says(IGOR, IGOR, "/link igor")
    del office.pbx.office.employees["igor"]
    await directory.refresh(office.desk, "main")
    toast = await office.presses(ANNA, office.bot_messages(ANNA)[-1], "Yes")
    assert toast is not None
    assert toast.text == "That employee is no longer at the PBX: nothing to allow."
    assert await links(office) == {}


# Choosing


async def test_alone_it_offers_the_employees(office: Office) -> None:
    await office.says(ANNA, ANNA, "/start")
    [offer] = await office.says(IGOR, IGOR, "/link")
    assert offer.text == "Who are you at PBX main?"
    assert [row[0].text for row in offer.buttons][:2] == ["Анна Смирнова · 701", "Вера Соколова · 705"]
    await office.presses(IGOR, offer, "Игорь Волков")
    assert office.texts(IGOR)[-1].startswith("Igor, I asked the administrators whether you are Игорь Волков (igor).")
    assert office.texts(ANNA)[-1].startswith("🔗 Igor (@igor) asks")


async def test_many_employees_come_in_pages(office: Office) -> None:
    for n in range(40):
        login = f"e{n:02}-{'x' * 100}"
        office.pbx.office.employees[login] = Employee(login, f"Сотрудник {n:02}", str(800 + n))
    [offer] = await office.says(ANNA, ANNA, "/link")
    assert offer.text == "Who are you at PBX main?\nPage 1 of 3"
    assert [key.text for key in offer.buttons[-1]] == ["›"]
    await office.presses(ANNA, offer, "›")
    await office.presses(ANNA, offer, "›")
    last = office.bot_messages(ANNA)[-1]
    assert last.text == "Who are you at PBX main?\nPage 3 of 3"
    assert [key.text for key in last.buttons[-1]] == ["‹"]
    await office.presses(ANNA, last, "Сотрудник 39")
    assert office.texts(ANNA)[-1].startswith("✅ Anna is Сотрудник 39 (e39-xxx")


async def test_an_unknown_login_is_said(office: Office) -> None:
    [answer] = await office.says(ANNA, ANNA, "/link nobody")
    assert answer.text == "Nobody at the PBX is called “nobody”. Send /link by itself to choose from a list."


async def test_a_login_created_a_minute_ago_is_found(office: Office) -> None:
    await office.says(ANNA, ANNA, "/team")
    office.pbx.office.employees["new"] = Employee("new", "Новый", "799")
    [answer] = await office.says(ANNA, ANNA, "/link new")
    assert answer.text == "✅ Anna is Новый (new) now."


async def test_several_pbxes_are_asked_about_by_buttons(two_pbxes: Office) -> None:
    [which] = await two_pbxes.says(ANNA, ANNA, "/link")
    assert which.text == "Which PBX?"
    await two_pbxes.presses(ANNA, which, "spb")
    await two_pbxes.presses(ANNA, two_pbxes.bot_messages(ANNA)[-1], "Олег")
    assert await links(two_pbxes) == {ANNA: "spb:oleg"}


async def test_a_login_known_to_several_pbxes_is_asked_about(two_pbxes: Office) -> None:
    await two_pbxes.says(IGOR, IGOR, "/start")
    [which] = await two_pbxes.says(ANNA, ANNA, "/link anna")
    assert which.text == "Several PBXs know “anna”. Which one are you?"
    assert [row[0].text for row in which.buttons] == ["Анна Смирнова · 701 · main", "Анна Смирнова · 701 · spb"]
    await two_pbxes.says(ANNA, ANNA, "/link spb:anna")
    assert await links(two_pbxes) == {ANNA: "spb:anna"}


async def test_one_number_links_at_every_pbx(two_pbxes: Office) -> None:
    await two_pbxes.shares_contact(IGOR, phone=IGORS_PHONE, contact_user_id=IGOR)
    async with two_pbxes.desk.db.read() as tx:
        from storage import people

        assert [(one.pbx_id, one.login) for one in await people.links_of(tx, IGOR)] == [
            ("main", "igor"),
            ("spb", "igor"),
        ]


# The end of a link


async def test_unlink_ends_ones_own(desk_office: Office) -> None:
    [answer] = await desk_office.says(IGOR, IGOR, "/unlink")
    assert answer.text == "Igor is no longer linked to igor. To link again, send /link."
    assert IGOR not in await links(desk_office)
    [again] = await desk_office.says(IGOR, IGOR, "/unlink")
    assert again.text == "Igor is not linked to anybody. /team shows who is."


async def test_an_administrator_unlinks_by_login_or_in_reply(desk_office: Office) -> None:
    [answer] = await desk_office.says(ANNA, ANNA, "/unlink main:igor")
    assert answer.text == "Igor is no longer linked to igor. To link again, send /link."
    assert IGOR not in await links(desk_office)
    hello = desk_office.world.say(MARIA, desk_office.team, "Доброе утро")
    await desk_office.says(ANNA, desk_office.team, "/unlink", reply_to=hello.id)
    assert await links(desk_office) == {ANNA: "main:anna"}


async def test_an_administrator_takes_the_end_of_a_link_back(desk_office: Office) -> None:
    await directory.refresh(desk_office.desk, "main")
    [answer] = await desk_office.says(ANNA, desk_office.team, "/unlink main:igor")
    refused = await desk_office.presses(IGOR, answer, "↩️ Link igor again")
    assert refused is not None
    assert refused.show_alert
    assert IGOR not in await links(desk_office)
    await desk_office.presses(ANNA, answer, "↩️ Link igor again")
    assert answer.text == "✅ Igor is Игорь Волков (igor) now."
    assert (await links(desk_office))[IGOR] == "main:igor"


async def test_nobody_else_unlinks_others(desk_office: Office) -> None:
    [answer] = await desk_office.says(IGOR, IGOR, "/unlink maria")
    assert answer.text == "Only an administrator unlinks others. To unlink yourself, send /unlink by itself."
    assert len(await links(desk_office)) == 3


async def test_an_administrator_who_mistypes_a_login_unlinks_nobody(desk_office: Office) -> None:
    [answer] = await desk_office.says(ANNA, ANNA, "/unlink marja")
    assert answer.text == "marja is not linked to anybody. /team shows who is."
    assert len(await links(desk_office)) == 3
