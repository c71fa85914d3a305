"""What the board shows, and to whom."""

import gzip

import pytest

from desk import access
from handlers.board import door
from tests.handlers.board.opening import ask, cases, init_data
from tests.handlers.chat.on_the_phone import missed_call
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office

OTHER = "79100000002"
#: What the issue allows for everything the page is made of, compressed.
BUDGET = 60 * 1024


async def test_an_open_call_is_there_with_its_age_and_its_owner(desk_office: Office) -> None:
    office = desk_office
    assert (await ask(office, IGOR, "now")).said["headline"] == "🟢 Nobody waits for a call."
    await missed_call(office)
    office.clock.advance(minutes=25)
    [one] = await cases(office, IGOR)
    assert one == {
        "id": one["id"],
        "icon": "🔴",
        "client": "+7 910 000-00-01",
        "number": "+7 910 000-00-01",
        "about": "waits 25 min",
        "owner": [],
        "acts": ["call", "claim", "handled", "block"],
    }
    await ask(office, IGOR, f"cases/{one['id']}/claim", body={})
    [claimed] = await cases(office, MARIA)
    assert claimed["owner"] == ["🙋 Igor takes care of it since 12:25, until 12:40"]
    assert claimed["acts"] == ["call", "handled", "block"]
    assert (await cases(office, ANNA))[0]["acts"] == ["call", "release", "handled", "block"]


async def test_the_longest_waiting_come_first_and_say_how_often_they_called(staffed: Office) -> None:
    await missed_call(staffed)
    staffed.clock.advance(minutes=5)
    await missed_call(staffed, OTHER, "c2")
    await missed_call(staffed, callid="c3")
    staffed.clock.advance(minutes=10)
    answered = await ask(staffed, IGOR, "now")
    assert answered.said["headline"] == "2 clients wait for a call"
    assert [one["about"] for one in answered.said["cases"]] == ["waits 15 min · called 2 times", "waits 10 min"]


async def test_nothing_is_sent_again_until_something_changes(desk_office: Office) -> None:
    office = desk_office
    first = await ask(office, IGOR, "now")
    assert first.headers["Cache-Control"] == "no-store"
    known = {"If-None-Match": first.headers["ETag"]}
    assert (await ask(office, IGOR, "now", headers=known)).status == 304
    assert (await ask(office, MARIA, "now", headers=known)).status == 200
    await missed_call(office)
    second = await ask(office, IGOR, "now", headers=known)
    assert (second.status, second.said["total"]) == (200, 1)
    office.clock.advance(seconds=1)
    assert (await ask(office, IGOR, "now", headers={"If-None-Match": second.headers["ETag"]})).status == 304
    await ask(office, MARIA, f"cases/{second.said['cases'][0]['id']}/claim", body={})
    third = await ask(office, IGOR, "now", headers={"If-None-Match": second.headers["ETag"]})
    assert third.status == 200
    office.clock.advance(seconds=door.TICK)
    assert (await ask(office, IGOR, "now", headers={"If-None-Match": third.headers["ETag"]})).status == 200


async def test_the_days_numbers_and_the_summarys_picture(staffed: Office) -> None:
    assert (await ask(staffed, IGOR, "picture")).status == 204
    await missed_call(staffed)
    staffed.clock.advance(minutes=1)
    told = await ask(staffed, IGOR, "today")
    assert told.said == {
        "tiles": [
            ["incoming calls", "1"],
            ["answered", "0%"],
            ["missed calls", "1"],
            ["still waiting", "1"],
            ["outgoing calls", "0"],
        ],
        "picture": "Today, 18 March",
    }
    picture = await ask(staffed, IGOR, "picture")
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.said.startswith(b"\x89PNG")
    assert picture.headers["Cache-Control"] == "no-store"


async def test_history_is_found_by_number_and_by_name(desk_office: Office) -> None:
    office = desk_office
    await missed_call(office)
    await missed_call(office, OTHER, "c2")
    await office.says(ANNA, ANNA, f"/contact +{CLIENT} Фёдор <b>Жук</b>")
    for text in ("8 910 000-00-01", "0000001", "фёдор", "ЖУК"):
        found = (await ask(office, IGOR, "search?q=" + text)).said
        assert [one["client"] for one in found["calls"]] == ["Фёдор <b>Жук</b>, +7 910 000-00-01"], text
        assert found["calls"][0]["when"] == "today 12:00"
    assert len((await ask(office, IGOR, "search?q=91000000")).said["calls"]) == 2
    for text in ("91", "ё", "nobody", "%25%25%25", "___"):
        found = (await ask(office, IGOR, "search?q=" + text)).said
        assert found == {
            "calls": [],
            "none": "Nothing found. Type a name, or at least 3 digits of a number.",
        }, text


async def test_before_anything_is_searched_for_the_latest_calls_are_there(desk_office: Office) -> None:
    office = desk_office
    assert (await ask(office, IGOR, "search?q=")).said == {"calls": [], "none": "No calls yet."}
    await missed_call(office)
    office.clock.advance(days=1)
    await missed_call(office, OTHER, "c2")
    await office.says(ANNA, ANNA, f"/contact +{CLIENT} Фёдор Жук")
    for path in ("search?q=", "search?q=%20", "search"):
        found = (await ask(office, IGOR, path)).said
        told = [(one["icon"], one["client"]) for one in found["calls"]]
        assert told == [("🔴", "+7 910 000-00-02"), ("🔴", "Фёдор Жук, +7 910 000-00-01")], path
        assert found["none"] == ""
    assert (await ask(office, STRANGER, "search?q=")).status == 403


async def test_ratings_and_people(desk_office: Office) -> None:
    office = desk_office
    from desk import directory

    await directory.refresh(office.desk, "main")
    body = {"cmd": "rating", "callid": "c9", "phone": CLIENT, "rating": "2", "user": "igor"}
    assert await office.pbx_says(body) == 200
    told = (await ask(office, IGOR, "now")).said
    assert [one["stars"] for one in told["ratings"]] == ["★★☆☆☆ 2 of 5"]
    names = [one["telegram"] for one in told["people"]]
    assert names[:3] == ["Anna", "Igor", "Maria"]
    await office.says(IGOR, IGOR, "/dnd 30m")
    states = [(one["icon"], one["state"]) for one in (await ask(office, IGOR, "now")).said["people"]]
    assert ("🔕", "no calls until 12:30") in states


async def test_guests_and_those_shut_out_see_a_plain_refusal(staffed: Office) -> None:
    guest = await ask(staffed, STRANGER, "now")
    assert (guest.status, guest.said) == (
        403,
        {"error": "Only employees can do this. Send me /link in private, and an administrator will let you in."},
    )
    await staffed.says(ANNA, ANNA, f"/role {MARIA} guest")
    async with staffed.desk.db.write() as tx:
        from storage import people

        await people.change(tx, MARIA, role="guest")
    shut_out = await ask(staffed, MARIA, "now")
    assert (shut_out.status, shut_out.said["error"].split(".")[0]) == (
        403,
        "An administrator has taken your access away",
    )


async def test_a_link_naming_a_chat_opens_nothing_to_a_guest(staffed: Office) -> None:
    for start in (str(staffed.team), "nonsense", "-" + "9" * 400, "٣"):
        assert (await ask(staffed, STRANGER, "now", start_param=start)).status == 403
        assert (await ask(staffed, IGOR, "now", start_param=start)).status == 200


async def test_a_manager_without_a_link_is_told_how_to_get_one(staffed: Office) -> None:
    await staffed.says(MARIA, MARIA, "/unlink")
    async with staffed.desk.db.write() as tx:
        from storage import people

        await people.change(tx, MARIA, role="manager")
        assert (await access.who(staffed.desk, tx, MARIA, "")).rank is access.Rank.MANAGER
    told = await ask(staffed, MARIA, "now")
    assert told.said == {"error": "I don't know which phone is yours. Send me /link in private, then try again."}


async def test_everybody_is_answered_in_their_own_language(staffed: Office) -> None:
    await missed_call(staffed)
    async with staffed.desk.db.write() as tx:
        from storage import people

        await people.change(tx, IGOR, language="uk")
    assert (await ask(staffed, IGOR, "now")).said["headline"] == "1 клієнт чекає на дзвінок"
    assert (await ask(staffed, IGOR, "page")).said["open"] == "Чекають"
    assert (await ask(staffed, ANNA, "page")).said["open"] == "Waiting"


async def test_the_page_is_small_and_trusts_nobody(staffed: Office) -> None:
    assert sum(len(gzip.compress(one)) for one in door.files().values()) < BUDGET
    async with staffed.http.get(staffed.url + "/board") as response:
        text = await response.text()
        policy = response.headers["Content-Security-Policy"]
        assert (response.status, response.content_type) == (200, "text/html")
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self' https://web.telegram.org"
    )
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    everything = text + "".join(one.decode() for one in door.files().values())
    assert "innerHTML" not in everything
    assert "insertAdjacentHTML" not in everything
    assert " style=" not in text
    assert " on" + "click=" not in text
    for name in ("board.js", "board.css"):
        async with staffed.http.get(f"{staffed.url}/board/{name}") as response:
            assert response.status == 200
    for name in ("nothing.js", "..%2Fdoor.py", "__init__.py"):
        async with staffed.http.get(f"{staffed.url}/board/{name}") as response:
            assert response.status == 404


async def test_a_database_that_is_out_is_said_so(staffed: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.database import DatabaseUnavailable

    def gone() -> None:
        raise DatabaseUnavailable("no route to host")

    monkeypatch.setattr(staffed.desk.db, "read", gone)
    data = init_data(staffed, IGOR)
    async with staffed.http.get(f"{staffed.url}/board/api/now", headers={"Authorization": f"tma {data}"}) as response:
        assert response.status == 503
