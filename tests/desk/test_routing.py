"""Which chats a call's card goes to: filters of bindings, the private chat of the responsible employee, ratings."""

from datetime import timedelta

import pytest

from desk import binding, contacts, routing
from desk.routing import Choices
from pbx.vocabulary import Call, Direction, Outcome
from storage import chats, people
from storage.chats import Binding
from tests.desk.phones import missed, we_called
from tests.office import ANNA, CLIENT, IGOR, MARIA, Office

SALES, SERVICE = "Продажи", "Сервис"
AD, SITE = "+74950000001", "+74950000002"
TO_SERVICE = {"groupRealName": SERVICE, "diversion": "74950000002"}
OTHER = "79100000002"


async def filtered(office: Office, chat_id: int, pbx_id: str = "main", **filters: list[str]) -> None:
    async with office.desk.db.write() as tx:
        [one] = [one for one in await chats.bindings_of_chat(tx, chat_id) if one.pbx_id == pbx_id]
        for key, values in filters.items():
            await binding.choose_filter(tx, one, key, values)
            [one] = [one for one in await chats.bindings_of_chat(tx, chat_id) if one.pbx_id == pbx_id]


@pytest.fixture
async def service(team: Office) -> int:
    """The chat of the service department, beside the sales team's."""
    chat_id = team.world.add_group("Сервис", [ANNA, IGOR]).id
    await team.bind(chat_id)
    return chat_id


def shown(office: Office, chat_id: int) -> list[str]:
    """The numbers on the cards of a chat."""
    return [text.splitlines()[0].rpartition(" · ")[2] for text in office.texts(chat_id)]


FIRST, SECOND = "+7 910 000-00-01", "+7 910 000-00-02"


async def test_each_chat_sees_the_calls_of_its_departments(team: Office, service: int) -> None:
    await filtered(team, team.team, departments=[SALES])
    await filtered(team, service, departments=[SERVICE.upper(), "Склад"])
    await missed(team)
    await missed(team, OTHER, **TO_SERVICE)
    assert (shown(team, team.team), shown(team, service)) == ([FIRST], [SECOND])


async def test_each_chat_sees_the_calls_to_its_numbers(team: Office, service: int) -> None:
    await filtered(team, service, numbers=[SITE])
    await missed(team)
    await missed(team, OTHER, **TO_SERVICE)
    assert (shown(team, team.team), shown(team, service)) == ([FIRST, SECOND], [SECOND])


async def test_what_is_for_nobody_goes_to_the_chat_without_filters(team: Office, service: int) -> None:
    await filtered(team, service, departments=[SERVICE], numbers=[SITE])
    await missed(team)
    assert (shown(team, team.team), shown(team, service)) == ([FIRST], [])


async def test_what_is_for_nobody_is_not_lost_where_every_chat_has_filters(team: Office, service: int) -> None:
    managers = team.world.add_group("Начальство", [ANNA]).id
    await team.bind(managers, *binding.FOR_MANAGERS)
    await filtered(team, team.team, departments=[SALES])
    await filtered(team, service, departments=[SERVICE])
    await missed(team, groupRealName="Бухгалтерия")
    await missed(team, OTHER, groupRealName="")
    assert shown(team, team.team) == shown(team, service) == [FIRST, SECOND]
    assert shown(team, managers) == []


async def test_a_client_who_tries_another_department_is_seen_there_too(team: Office, service: int) -> None:
    await filtered(team, team.team, departments=[SALES])
    await filtered(team, service, departments=[SERVICE])
    await missed(team)
    assert shown(team, service) == []
    team.clock.advance(minutes=1)
    await missed(team, **TO_SERVICE)
    assert shown(team, team.team) == shown(team, service) == [FIRST]
    await we_called(team)
    for chat_id in (team.team, service):
        assert [text.splitlines()[0] for text in team.texts(chat_id)] == [f"🟢 Called back · {FIRST}"]


async def test_a_chat_we_come_back_to_gets_the_open_cases_that_are_for_it(team: Office, service: int) -> None:
    await filtered(team, service, departments=[SERVICE])
    team.world.kick_bot(ANNA, service)
    await team.settle()
    await missed(team)
    await missed(team, OTHER, **TO_SERVICE)
    team.world.add_bot(ANNA, service)
    await team.settle()
    assert [text for text in team.texts(service) if FIRST in text] == []
    assert [text for text in team.texts(service) if SECOND in text] != []


async def test_a_filter_that_is_taken_off_lets_everything_through_again(team: Office, service: int) -> None:
    await filtered(team, service, departments=[SERVICE], numbers=[SITE])
    await filtered(team, service, departments=[])
    await missed(team, diversion="74950000002")
    await filtered(team, service, numbers=[])
    await missed(team, OTHER)
    assert shown(team, service) == [FIRST, SECOND]


async def test_there_is_no_other_filter(team: Office) -> None:
    with pytest.raises(ValueError, match="departments or numbers"):
        await filtered(team, team.team, colours=["red"])


async def test_a_topic_is_a_place_of_its_own(team: Office) -> None:
    forum = team.world.add_group("Форум", [ANNA, IGOR], forum=True)
    topics = {name: team.world.create_topic(ANNA, forum.id, name).id for name in (SALES, SERVICE)}
    for name, thread_id in topics.items():
        await team.bind(forum.id, thread_id=thread_id)
        async with team.desk.db.write() as tx:
            [one] = [one for one in await chats.bindings_of_chat(tx, forum.id) if one.thread_id == thread_id]
            await binding.choose_filter(tx, one, "departments", [name])
    await missed(team)
    await missed(team, OTHER, **TO_SERVICE)
    assert [
        (one.thread_id, one.text.splitlines()[0].rpartition(" · ")[2]) for one in team.bot_messages(forum.id)
    ] == [
        (topics[SALES], FIRST),
        (topics[SERVICE], SECOND),
    ]


# Ratings


def rated(department: str = SALES) -> Call:
    from tests.clocks import NOON

    return Call("c1", Direction.IN, Outcome.ANSWERED, f"+{CLIENT}", NOON, NOON, our_number=AD, department=department)


async def test_low_ratings_go_to_the_managers_too(team: Office, service: int) -> None:
    managers = team.world.add_group("Начальство", [ANNA]).id
    await team.bind(managers, *binding.FOR_MANAGERS, settings={"low_rating": 2})
    await filtered(team, service, departments=[SERVICE])

    async def heard(stars: int, call: Call | None) -> list[int]:
        async with team.desk.db.read() as tx:
            return [chat for chat, _ in await routing.places_of_rating(team.desk, tx, "main", stars, call)]

    assert await heard(5, rated()) == [team.team]
    assert await heard(3, rated(SERVICE)) == [team.team, service]
    assert await heard(2, rated()) == [team.team, managers]
    assert await heard(1, None) == [team.team, service, managers]


# In private


async def willing(office: Office, user_id: int = MARIA, *, wants: bool = True) -> None:
    async with office.desk.db.write() as tx:
        await people.change(tx, user_id, settings={"private_cards": wants})


async def test_the_responsible_employee_gets_the_card_in_private_too_and_both_stay_true(desk_office: Office) -> None:
    office = desk_office
    await willing(office)
    await contacts.save(office.desk, f"+{CLIENT}", "Ромашка", "maria", ANNA)
    await missed(office)
    await missed(office, OTHER)
    card = office.bot_messages(MARIA)[-1]
    assert card.text.splitlines()[0] == "🔴 Missed call · Ромашка"
    assert SECOND not in "".join(office.texts(MARIA))
    assert all(FIRST not in text for user_id in (ANNA, IGOR) for text in office.texts(user_id))
    await office.presses(MARIA, card, "Mine")
    assert "🙋 Maria takes care of it since 12:00" in card.text
    assert "🙋 Maria takes care of it since 12:00" in office.cards()[0].text
    await we_called(office)
    assert [card.text.splitlines()[0], office.cards()[0].text.splitlines()[0]] == ["🟢 Called back · Ромашка"] * 2


@pytest.mark.parametrize("why", ["unwilling", "unlinked", "never came", "shut out"])
async def test_nobody_gets_cards_in_private_who(sqlite_url: str, why: str) -> None:
    from tests.office import an_office

    async with an_office(sqlite_url) as office:
        await office.connected(logins={ANNA: "anna"} if why == "never came" else {ANNA: "anna", MARIA: "maria"})
        if why == "never came":
            await office.says(MARIA, office.team, "/help")
            await office.link(MARIA, "maria")
        await willing(office, wants=why != "unwilling")
        if why == "unlinked":
            await office.says(MARIA, MARIA, "/unlink")
        if why == "shut out":
            async with office.desk.db.write() as tx:
                await people.change(tx, MARIA, role="guest")
        await contacts.save(office.desk, f"+{CLIENT}", "Ромашка", "maria", ANNA)
        office.tg.journal.clear()
        await missed(office)
        assert {int(one.params["chat_id"]) for one in office.tg.journal.requests("sendMessage")} == {office.team}


async def test_who_becomes_responsible_later_sees_the_card_that_is_open(desk_office: Office) -> None:
    office = desk_office
    await willing(office)
    await missed(office)
    before = len(office.texts(MARIA))
    await contacts.save(office.desk, f"+{CLIENT}", "Ромашка", "maria", ANNA)
    await office.settle()
    assert [text.splitlines()[0] for text in office.texts(MARIA)[before:]] == ["🔴 Missed call · Ромашка"]


# What can be chosen


async def test_filters_can_name_what_calls_and_the_pbx_name(team: Office) -> None:
    await missed(team, groupRealName="Старый отдел", diversion="74950000009")
    team.clock.advance(days=91)
    await missed(team, OTHER, groupRealName="Склад", diversion="74950000007")
    found = await routing.choices(team.desk, "main")
    assert set(found.departments) > {"Склад", SALES}
    assert "+74950000007" in found.numbers
    assert ("Старый отдел" in found.departments, "+74950000009" in found.numbers) == (False, False)
    assert list(found.departments) == sorted(found.departments, key=str.casefold)


async def test_while_the_pbx_is_out_what_the_calls_name_can_be_chosen(team: Office) -> None:
    from sandbox.vats_rest import Outage

    await missed(team)
    team.pbx.weather.outage = Outage.ERROR_500
    assert await routing.choices(team.desk, "main") == Choices((SALES,), (AD,))


def test_a_filter_counts_together_with_the_other() -> None:
    from tests.clocks import NOON

    one = Binding(1, -1, 0, "main", ["missed"], {"departments": [SALES], "numbers": [AD, SITE]}, NOON - timedelta(1))
    assert routing.fits(one, rated())
    assert not routing.fits(one, rated("Сервис"))
