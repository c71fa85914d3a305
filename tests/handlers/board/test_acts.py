"""What is done on the board: the same acts with the same rights as on the card, which says so."""

from sandbox.vats_rest import ClientIsBusy, Outage
from storage import people
from tests.handlers.board.opening import act, ask, cases
from tests.handlers.chat.on_the_phone import asked_of, missed_call
from tests.office import ANNA, CLIENT, IGOR, MARIA, STRANGER, Office, Simulated, an_office

GONE = {"error": "This case is gone."}
CLOSED = "This case is closed already: the card shows how."


async def waiting(office: Office) -> int:
    """A client waits; the case."""
    await missed_call(office)
    [one] = await cases(office, IGOR)
    found: int = one["id"]
    return found


def card(office: Office) -> str:
    return office.cards()[-1].text


async def log(office: Office) -> list[tuple[int, str]]:
    async with office.desk.db.read() as tx:
        return [(one.user_id, one.what) for one in await people.last_acts(tx, 3)]


async def test_a_claim_is_on_the_card_at_once_and_given_back(desk_office: Office) -> None:
    office = desk_office
    case = await waiting(office)
    assert (await act(office, IGOR, case, "claim")).said == {
        "told": "It is yours. Your name is on the card now.",
        "fine": True,
    }
    assert "🙋 Igor takes care of it since 12:00, until 12:15" in card(office)
    assert (await act(office, IGOR, case, "claim")).said == {"told": "It is yours already.", "fine": True}
    late = {
        "told": "Igor has taken it at 12:00. Talk to them; they or a manager can give it back.",
        "fine": False,
    }
    assert (await act(office, MARIA, case, "claim")).said == late
    assert (await log(office))[0] == (IGOR, "claim")
    given = await act(office, IGOR, case, "release")
    assert given.said == {"told": "It is nobody's now: anybody may take it.", "fine": True}
    assert "🙅 12:00: Igor gave it back" in card(office)
    assert (await log(office))[0] == (IGOR, "release")


async def test_only_a_manager_ends_somebody_elses_claim(staffed: Office) -> None:
    case = await waiting(staffed)
    await act(staffed, IGOR, case, "claim")
    assert (await act(staffed, MARIA, case, "release")).said["fine"] is False
    assert "🙋 Igor takes care of it" in card(staffed)
    assert (await act(staffed, ANNA, case, "release")).said["fine"] is True
    assert "🙅 12:00: Anna ended Igor's claim" in card(staffed)


async def test_a_call_back_rings_the_callers_phone_once(desk_office: Office) -> None:
    office = desk_office
    case = await waiting(office)
    first = await act(office, IGOR, case, "call", once="a")
    assert first.said == {
        "told": "📞 Your phone is ringing: pick it up and I connect +7 910 000-00-01.",
        "fine": True,
    }
    assert card(office).startswith("🟢 Called back · +7 910 000-00-01")
    assert await cases(office, IGOR) == []
    assert (await act(office, IGOR, case, "call", once="a")).said == {"told": CLOSED, "fine": False}
    assert asked_of(office, "makecall") == 1
    assert (IGOR, "call") in await log(office)


async def test_one_wish_that_arrives_twice_rings_once_and_two_wishes_are_two(desk_office: Office) -> None:
    office = desk_office
    case = await waiting(office)
    office.pbx.calls.receptions[CLIENT] = ClientIsBusy()
    for once in ("a-1", "a-1", "\0ж-a1"):
        assert (await act(office, IGOR, case, "call", once=once)).status == 200
    assert asked_of(office, "makecall") == 1
    office.clock.advance(minutes=1)
    for body in ({}, {"once": None}):
        office.clock.advance(minutes=1)
        assert (await act(office, IGOR, case, "call", **body)).said["fine"] is True
    assert asked_of(office, "makecall") == 3


async def test_who_has_no_phone_there_is_told_so(staffed: Office) -> None:
    case = await waiting(staffed)
    await staffed.says(ANNA, ANNA, "/unlink")
    assert "call" not in (await cases(staffed, ANNA))[0]["acts"]
    refused = await act(staffed, ANNA, case, "call", once="a")
    assert (refused.status, refused.said["error"].split(".")[0]) == (403, "I don't know which phone is yours")
    assert asked_of(staffed, "makecall") == 0


async def test_a_case_is_closed_by_hand_with_a_reason(desk_office: Office) -> None:
    office = desk_office
    case = await waiting(office)
    assert (await act(office, MARIA, case, "handled", reason="wrote")).said == {
        "told": "Closed: wrote back.",
        "fine": True,
    }
    assert "✅ Maria, today 12:00: wrote back" in card(office)
    assert (await log(office))[0] == (MARIA, "handled")
    for what in ("call", "claim", "release", "handled"):
        assert (await act(office, IGOR, case, what)).said == {"told": CLOSED, "fine": False}, what


async def test_a_reason_that_is_none_is_another(staffed: Office) -> None:
    for n, reason in enumerate(("x" * 5000, None, ["met"], {"a": 1}, 7)):
        await missed_call(staffed, f"7910000010{n}", f"c{n}")
        [one] = await cases(staffed, IGOR)
        said = (await act(staffed, IGOR, one["id"], "handled", reason=reason)).said
        assert said["told"] == "Closed: settled otherwise.", reason


async def test_blocking_is_done_and_undone(desk_office: Office) -> None:
    office = desk_office
    case = await waiting(office)
    blocked = await act(office, IGOR, case, "block")
    assert blocked.said == {
        "told": "🚫 +7 910 000-00-01 is blocked: its calls no longer reach us.",
        "fine": True,
        "undo": case,
    }
    assert office.pbx.office.blacklist[CLIENT].comment.endswith(str(IGOR))
    assert (await log(office))[0] == (IGOR, "block")
    undone = await act(office, IGOR, case, "unblock")
    assert undone.said["told"] == "✅ +7 910 000-00-01 is unblocked: its calls reach us again."
    assert CLIENT not in office.pbx.office.blacklist


async def test_a_pbx_that_is_out_blocks_nothing_and_says_so(staffed: Office) -> None:
    case = await waiting(staffed)
    staffed.pbx.weather.outage = Outage.ERROR_500
    refused = await act(staffed, IGOR, case, "block")
    assert (refused.status, refused.said) == (502, {"error": "PBX main does not answer. Try again in a minute."})


async def test_strangers_act_on_nothing(staffed: Office) -> None:
    case = await waiting(staffed)
    for what in ("call", "claim", "release", "handled", "block", "unblock"):
        refused = await ask(staffed, STRANGER, f"cases/{case}/{what}", body={}, start_param=str(staffed.team))
        assert refused.status == 403, what
    assert card(staffed).startswith("🔴 Missed call")
    assert CLIENT not in staffed.pbx.office.blacklist


async def test_what_no_page_asks_for_harms_nobody(staffed: Office) -> None:
    case = await waiting(staffed)
    for path in (f"cases/{case}/nonsense", "cases/0/claim", "cases/999/claim", "cases/x/claim", "cases/-1/claim"):
        assert (await ask(staffed, IGOR, path, body={})).said == GONE, path
    assert (await ask(staffed, IGOR, "cases/" + "9" * 300 + "/claim", body={})).said == GONE
    bodies: list[object] = [[], "x", 5]
    for body in bodies:
        assert (await ask(staffed, IGOR, f"cases/{case}/release", body=body)).said["fine"] is False


async def test_nobody_sees_or_acts_at_a_pbx_that_is_none_of_theirs(sqlite_url: str) -> None:
    """Maria is linked at another PBX only; the case is of the first, whose chat her link names."""
    async with an_office(sqlite_url, pbxes=[Simulated(), Simulated(id="spb")]) as office:
        await office.connected(logins={IGOR: "igor"})
        await office.link(MARIA, "maria", "spb")
        case = await waiting(office)
        shown = await ask(office, MARIA, "now", start_param=str(office.team))
        assert (shown.status, shown.said["cases"]) == (200, [])
        for what in ("call", "claim", "release", "handled", "block", "unblock"):
            refused = await ask(office, MARIA, f"cases/{case}/{what}", body={}, start_param=str(office.team))
            assert (refused.status, refused.said) == (404, GONE), what
        assert card(office).startswith("🔴 Missed call")
