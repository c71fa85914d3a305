"""Which missed calls a chat shows: length, hours, the blacklist, and colleagues."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from desk import blacklist, directory, our_numbers
from sandbox.vats_rest.office import Banned
from storage import cases
from tests.desk.phones import missed, stamp
from tests.office import ANNA, CLIENT, IGOR, Office, an_office

#: Igor's own mobile phone, and one of our numbers.
IGORS_PHONE, OURS = "79000000002", "74950000002"


@pytest.fixture
async def light(sqlite_url: str) -> AsyncIterator[Office]:
    """The team's chat on SQLite, for what does not depend on the database."""
    async with an_office(sqlite_url) as office:
        await office.bind(office.team)
        yield office


async def chooses(office: Office, **choices: object) -> None:
    await office.bind(office.team, settings=choices)


async def is_shown(office: Office, phone: str = CLIENT, **fields: str) -> bool:
    """A client calls and nobody answers: is there a card?"""
    before = len(office.cards())
    await missed(office, phone, **fields)
    return len(office.cards()) > before


async def blocked_at_the_pbx(office: Office, *entries: str) -> None:
    office.pbx.office.blacklist.update({entry: Banned(entry) for entry in entries})
    await blacklist.listed(office.desk, "main")


async def open_cases(office: Office) -> int:
    async with office.desk.db.read() as tx:
        return await cases.count_open(tx, ["main"])


async def test_blocked_numbers_are_hidden_until_the_chat_says_otherwise(team: Office) -> None:
    office = team
    assert await is_shown(office, "79100000007")
    await blocked_at_the_pbx(office, CLIENT, "7910555*")
    assert not await is_shown(office)
    assert not await is_shown(office, "79105550001")
    assert await is_shown(office, "79105560001")
    assert await open_cases(office) == 4
    await chooses(office, shows_blocked=True)
    assert await is_shown(office)


async def test_what_we_block_ourselves_is_hidden_at_once(team: Office) -> None:
    office = team
    await blacklist.block(office.desk, "main", f"+{CLIENT}", "", IGOR)
    assert not await is_shown(office)
    await blacklist.unblock(office.desk, "main", f"+{CLIENT}", IGOR)
    assert await is_shown(office)
    assert "called 2 times" in office.cards()[-1].text


async def test_a_blacklist_that_cannot_be_read_keeps_what_it_held(light: Office) -> None:
    from sandbox.vats_rest import Outage

    office = light
    await blocked_at_the_pbx(office, CLIENT)
    office.pbx.weather.outage = Outage.ERROR_500
    with pytest.raises(Exception, match="500"):
        await blacklist.listed(office.desk, "main")
    assert not await is_shown(office)


async def test_colleagues_are_hidden_until_the_chat_says_otherwise(team: Office) -> None:
    office = team
    assert not await is_shown(office, IGORS_PHONE)
    assert await open_cases(office) == 1
    await chooses(office, shows_internal=True)
    assert await is_shown(office, IGORS_PHONE)


async def test_an_extension_is_a_colleague(light: Office) -> None:
    await directory.refresh(light.desk, "main")
    assert not await is_shown(light, "702")
    assert await is_shown(light, "799")


async def test_who_has_left_is_a_client_like_others(light: Office) -> None:
    await directory.refresh(light.desk, "main")
    del light.pbx.office.employees["igor"]
    await directory.refresh(light.desk, "main")
    assert await is_shown(light, IGORS_PHONE)


async def test_our_own_numbers_are_hidden(team: Office) -> None:
    """Those that the PBX lists, and those that calls came to."""
    office = team
    assert await is_shown(office, CLIENT, diversion="74951112233")
    await our_numbers.refresh(office.desk, "main")
    assert not await is_shown(office, OURS)
    assert not await is_shown(office, "74951112233")
    assert await is_shown(office, "74951112234")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-03-18T06:00:00", True),  # Wednesday 09:00 in Moscow
        ("2026-03-18T05:59:59", False),
        ("2026-03-18T14:59:59", True),
        ("2026-03-18T15:00:00", False),
        ("2026-03-21T09:00:00", False),  # Saturday
    ],
)
async def test_calls_outside_working_hours_are_hidden_where_the_chat_wants_it(
    light: Office, moment: str, shown: bool
) -> None:
    """It counts when the client called, in the chat's zone, not when we hear of it."""
    began = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    light.clock.set(began.replace(hour=20))
    await chooses(light, shows_outside_hours=False, working_hours="Mon-Fri 09:00-18:00", timezone="Europe/Moscow")
    assert await is_shown(light, start=stamp(began)) is shown
    assert await open_cases(light) == 1


async def test_by_default_a_client_is_a_client_at_night_too(light: Office) -> None:
    await chooses(light, working_hours="Mon-Fri 09:00-18:00")
    light.clock.set(datetime(2026, 3, 22, 1, 0, tzinfo=UTC))
    assert await is_shown(light)


async def test_a_later_call_that_is_shown_brings_the_card(team: Office) -> None:
    office = team
    await chooses(office, shows_outside_hours=False, working_hours="Mon-Fri 13:00-18:00")
    assert not await is_shown(office)
    office.clock.advance(minutes=90)
    assert await is_shown(office)
    assert "called 2 times" in office.cards()[-1].text


async def test_each_chat_decides_for_itself(team: Office) -> None:
    office = team
    other = office.world.add_group("Начальство", [ANNA]).id
    await office.bind(other, settings={"shows_blocked": True})
    await blocked_at_the_pbx(office, CLIENT)
    assert not await is_shown(office)
    assert len(office.bot_messages(other)) == 1


async def test_a_hidden_number_is_neither_blocked_nor_ours(light: Office) -> None:
    await blocked_at_the_pbx(light, CLIENT)
    assert await is_shown(light, "")


async def test_a_star_alone_hides_nobody(light: Office) -> None:
    """What a PBX means by it nobody knows; to hide every client would be the worse mistake."""
    await blocked_at_the_pbx(light, "*")
    assert await is_shown(light)


async def test_a_repeat_call_that_the_chat_hides_does_not_move_the_card_down(team: Office) -> None:
    """It is counted on the card all the same."""
    await missed(team)
    [card] = team.cards()
    await blocked_at_the_pbx(team, CLIENT)
    team.clock.advance(minutes=6)
    await missed(team)
    assert [one.id for one in team.cards()] == [card.id]
    assert "called 2 times" in card.text
    await chooses(team, shows_blocked=True)
    team.clock.advance(minutes=1)
    await missed(team)
    [moved] = team.cards()
    assert moved.id != card.id
    assert "called 3 times" in moved.text
