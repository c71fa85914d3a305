"""What clients think of calls: told once, low ones to managers with the recording, on the card of the call."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from desk import directory, reconcile
from sandbox.telegram import Message
from sandbox.vats_rest import Quirks
from storage import ratings
from tests.desk import past, phones
from tests.handlers.chat.on_the_phone import labels, missed_card
from tests.office import ANNA, CLIENT, IGOR, MARIA, Office, an_office

LOW = "⚠️ ★★☆☆☆ 2 of 5 · +7 910 000-00-01\n👤 Игорь Волков\nFor managers: a low rating.\n🕒 today 12:00"
CAPTION = "🎧 +7 910 000-00-01 · Игорь Волков · 18 March 12:00"


@pytest.fixture
async def rated(database_url: str) -> AsyncIterator[Office]:
    """The office, and a managers' chat beside the team's that takes low ratings; on both databases."""
    async with an_office(database_url) as office:
        await managed(office)
        yield office


@pytest.fixture
async def office(sqlite_url: str) -> AsyncIterator[Office]:
    async with an_office(sqlite_url) as office:
        await managed(office)
        yield office


async def managed(office: Office) -> None:
    await office.connected()
    await directory.refresh(office.desk, "main")
    office.world.add_group("Руководство", [ANNA, MARIA])
    await office.bind(managers(office), "low_ratings")


def managers(office: Office) -> int:
    return next(chat.id for chat in office.world.chats.values() if chat.title == "Руководство")


def told(office: Office) -> list[str]:
    return [one.text for one in office.bot_messages(managers(office))]


def ratings_in_team(office: Office) -> list[str]:
    return [text for text in office.texts(office.team) if " of 5 · " in text]


async def igor_talked(office: Office, callid: str = "r1", *, recorded: bool = True) -> None:
    link = f"{office.pbx.url}/records/{callid}.mp3" if recorded else ""
    await phones.got_through(office, user="igor", callid=callid, **({"link": link} if recorded else {}))


async def rates(office: Office, stars: int, callid: str = "r1", **fields: str) -> None:
    await phones.says(office, "rating", rating=str(stars), callid=callid, **{"phone": CLIENT, **fields})


async def returned_through_us(office: Office) -> tuple[Message, str]:
    """A missed call that Igor has returned, recorded by the PBX; its card, and the call's id."""
    card = await missed_card(office)
    await office.presses(IGOR, card, "Call back")
    return card, office.pbx.office.history[-1].uid


async def test_a_low_rating_comes_to_the_managers_with_name_and_recording(rated: Office) -> None:
    office = rated
    _, callid = await returned_through_us(office)
    await rates(office, 2, callid)
    notice, sound = office.bot_messages(managers(office))
    assert notice.text == LOW
    assert labels(notice) == ["▶️ Recording"]
    assert (sound.text, sound.reply_to) == (CAPTION, notice.id)
    assert sound.media is not None
    assert sound.media.kind == "audio"
    assert ratings_in_team(office) == [LOW.replace("\nFor managers: a low rating.", "")]
    assert [one for one in office.cards() if one.media] == []


async def test_a_good_rating_is_for_those_who_take_all(office: Office) -> None:
    await igor_talked(office)
    await rates(office, 4)
    assert told(office) == []
    assert ratings_in_team(office) == ["⭐ ★★★★☆ 4 of 5 · +7 910 000-00-01\n👤 Игорь Волков\n🕒 today 12:01"]


async def test_what_is_low_is_each_chats_to_say(office: Office) -> None:
    await office.bind(managers(office), "low_ratings", settings={"low_rating": 1})
    await office.bind(office.team, settings={"low_rating": 4})
    await igor_talked(office, recorded=False)
    await rates(office, 4)
    assert told(office) == []
    assert [text.splitlines()[0] for text in ratings_in_team(office)] == ["⚠️ ★★★★☆ 4 of 5 · +7 910 000-00-01"]
    await igor_talked(office, "r2", recorded=False)
    await rates(office, 1, "r2")
    assert len(told(office)) == 1


async def test_a_rating_told_twice_is_one(rated: Office) -> None:
    await igor_talked(rated, recorded=False)
    await rates(rated, 2)
    await rates(rated, 2, phone="", user="igor")
    await rates(rated, 2, ext="702")
    assert len(told(rated)) == len(ratings_in_team(rated)) == 1


async def test_a_client_who_thinks_better_of_it_is_believed(office: Office) -> None:
    await igor_talked(office, recorded=False)
    await rates(office, 5)
    assert told(office) == []
    await rates(office, 1)
    (low,) = told(office)
    assert low.startswith("⚠️ ★☆☆☆☆ 1 of 5")
    assert [text.splitlines()[0] for text in ratings_in_team(office)] == ["⚠️ ★☆☆☆☆ 1 of 5 · +7 910 000-00-01"]


async def test_a_rating_that_comes_before_its_call_finds_its_employee_and_recording_later(rated: Office) -> None:
    office = rated
    await phones.says(office, "rating", rating="2", callid="c-early", phone=CLIENT)
    assert told(office) == ["⚠️ ★★☆☆☆ 2 of 5 · +7 910 000-00-01\nFor managers: a low rating.\n🕒 today 12:00"]
    (notice,) = office.bot_messages(managers(office))
    assert labels(notice) == []
    await phones.got_through(office, user="igor", callid="c-early", link=f"{office.pbx.url}/records/none.mp3")
    assert notice.text.splitlines()[1] == "👤 Игорь Волков"
    assert labels(notice) == ["▶️ Recording"]
    assert len(office.bot_messages(managers(office))) == 1, "the file is not there, and nobody asked for it"
    for _ in range(4):
        await office.later(minutes=2)
    assert told(office)[1:] == [
        "🔇 The PBX has no recording of this call so far. Press ▶️ later, or look in its cabinet."
    ]


async def test_a_recording_comes_by_itself_once_and_as_soon_as_it_is_there(office: Office) -> None:
    office.pbx.quirks = Quirks(recording_delay=90)
    _, callid = await returned_through_us(office)
    await rates(office, 1, callid)
    assert len(told(office)) == 1
    await office.later(minutes=3)
    assert told(office)[1:] == [CAPTION]
    await rates(office, 2, callid)
    await office.later(minutes=3)
    assert told(office)[1:] == [CAPTION]


async def test_where_nobody_may_listen_no_recording_comes_by_itself(office: Office) -> None:
    await office.bind(managers(office), "low_ratings", settings={"listeners": "nobody"})
    _, callid = await returned_through_us(office)
    await rates(office, 1, callid)
    await office.later(minutes=3)
    assert len(told(office)) == 1


async def test_the_card_that_a_call_has_closed_shows_its_stars(rated: Office) -> None:
    card, callid = await returned_through_us(rated)
    assert "of 5" not in card.text
    await rates(rated, 4, callid)
    assert card.text.splitlines()[-1] == "⭐ ★★★★☆ 4 of 5"


async def test_the_message_of_a_live_call_shows_stars_and_recording(office: Office) -> None:
    await office.bind(office.team, settings={"live": True})
    live = {"type": "ACCEPTED", "phone": CLIENT, "callid": "live1", "user": "igor", "direction": "in"}
    await phones.says(office, "event", **live)
    await phones.got_through(office, user="igor", callid="live1", link=f"{office.pbx.url}/records/none.mp3")
    (message,) = office.cards()
    assert labels(message) == ["▶️ Recording"]
    await rates(office, 5, "live1")
    assert "⭐ ★★★★★ 5 of 5" in message.text.splitlines()


async def read_back(office: Office) -> None:
    await reconcile.reconcile(office.desk, "main", timedelta(hours=3))
    await office.settle()


async def stars_of_the_day(office: Office) -> list[tuple[str | None, int]]:
    now = office.clock.now()
    async with office.desk.db.read() as tx:
        found = await ratings.between(tx, ["main"], now - timedelta(days=1), now + timedelta(days=1))
    return [(one.employee, one.stars) for one in found]


async def test_stars_that_only_the_history_knows_are_told_once(rated: Office) -> None:
    past.happened(rated, "Success", uid="r1", user="igor", talk=60, rating=2, ago=timedelta(minutes=10))
    for _ in range(2):
        await read_back(rated)
    await rates(rated, 2)
    assert [text.splitlines()[:2] for text in told(rated)] == [LOW.splitlines()[:2]]
    assert await stars_of_the_day(rated) == [("igor", 2)]
    [summary] = await rated.says(ANNA, ANNA, "/summary today")
    assert "2.0" in summary.text


async def test_old_stars_out_of_the_history_are_counted_in_silence(office: Office) -> None:
    past.happened(office, "Success", uid="r1", user="igor", talk=60, rating=2, ago=timedelta(minutes=45))
    await read_back(office)
    await phones.says(
        office, "history", type="in", status="Success", callid="r1", phone=CLIENT, user="igor", link="https://x/1.mp3",
        start=phones.stamp(office.clock.now() - timedelta(minutes=45)), duration="60",
    )  # fmt: skip
    assert told(office) == []
    assert ratings_in_team(office) == []
    assert await stars_of_the_day(office) == [("igor", 2)]
