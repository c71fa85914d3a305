"""A client's call: the parent and its legs as events, and what the lists hold of them afterwards."""

import pytest

from sandbox.phonet import (
    Answered,
    CannotHappen,
    HangsUp,
    HangsUpInMenu,
    NobodyAnswers,
    PhonetOffice,
    Quirks,
    Transfer,
    demo_office,
)
from sandbox.phonet.demo import KNOWN_CLIENT, MAIN
from tests.sandbox.phonet.program import CLIENT, DOMAIN, KEY, OTHER_CLIENT, Api, Clock, Program


async def test_a_department_nobody_of_which_answers(
    pbx: PhonetOffice, program: Program, api: Api, clock: Clock
) -> None:
    row = await pbx.calls.client_calls(CLIENT, "801", NobodyAnswers(ring=20))
    await pbx.calls.settled()
    assert program.story() == [
        *("dial 801", ">dial 001", ">dial 002", ">dial 003"),
        *(">hangup 001", ">hangup 002", ">hangup 003", "hangup 801"),
    ]
    assert {one["parentUuid"] for one in program.got} == {None, row.uuid}
    assert len({one["uuid"] for one in program.got}) == 4
    assert program.event("dial", "002") == {
        "event": "call.dial",
        "accountDomain": DOMAIN,
        "uuid": program.event("hangup", "002")["uuid"],
        "parentUuid": row.uuid,
        "dialAt": clock.ms(),
        "bridgeAt": None,
        "serverTime": clock.ms(),
        "lgDirection": 4,
        "leg": {"id": 19, "ext": "002", "displayName": "Тарас Бондаренко"},
        "leg2": None,
        "otherLegs": [
            {"id": None, "name": None, "num": CLIENT, "companyName": None, "url": None, "priority": 1},
        ],
        "trunkNum": MAIN,
        "trunkName": "Реклама",
    }
    assert await api.calls() == [
        {
            "parentUuid": None,
            "uuid": row.uuid,
            "endAt": clock.ms(20),
            "lgDirection": 4,
            "otherLegNum": CLIENT,
            "otherLegName": CLIENT,
            "leg": {"id": 51, "ext": "801", "displayName": "Продажі", "type": 2},
            "leg2": None,
            "billSecs": 0,
            "duration": 20,
            "disposition": 1,
            "transferHistory": None,
            "audioRecUrl": None,
            "trunk": MAIN,
        }
    ]
    assert [one["uuid"] for one in await api.calls("missed")] == [row.uuid]


async def test_one_of_the_department_answers_and_the_others_legs_end_unbridged(
    pbx: PhonetOffice, program: Program, api: Api, clock: Clock
) -> None:
    row = await pbx.calls.client_calls(CLIENT, MAIN, Answered("taras@kvitka.example", after=5, talk=60))
    await pbx.calls.settled()
    assert program.story() == [
        *("dial 801", ">dial 001", ">dial 002", ">dial 003"),
        *(">bridge 002", "bridge 801", ">hangup 001", ">hangup 003", ">hangup 002", "hangup 801"),
    ]
    assert program.event("hangup", "001")["bridgeAt"] is None
    assert program.event("hangup", "002")["bridgeAt"] == program.event("hangup", "801")["bridgeAt"] == clock.ms(5)
    [told] = await api.calls()
    assert (told["uuid"], told["endAt"]) == (row.uuid, clock.ms(65))
    assert (told["disposition"], told["billSecs"], told["duration"]) == (0, 60, 65)
    assert told["transferHistory"] == "002"
    legs = {one["leg"]["ext"]: one for one in await api.calls("users")}
    assert {ext: (one["disposition"], one["duration"]) for ext, one in legs.items()} == {
        "001": (1, 5),
        "002": (0, 65),
        "003": (1, 5),
    }
    assert {one["parentUuid"] for one in legs.values()} == {row.uuid}
    assert await api.calls("missed") == []


async def test_an_employee_called_directly_has_one_leg_and_no_parent(
    pbx: PhonetOffice, program: Program, api: Api
) -> None:
    row = await pbx.calls.client_calls(CLIENT, "004", Answered("004", talk=30))
    await pbx.calls.settled()
    assert program.story() == ["dial 004", "bridge 004", "hangup 004"]
    assert {(one["uuid"], one["parentUuid"]) for one in program.got} == {(row.uuid, None)}
    [told] = await api.calls()
    assert (told["leg"]["type"], told["billSecs"]) == (1, 30)
    assert await api.calls("users") == [told]


async def test_a_client_who_hangs_up_is_missed_sooner(pbx: PhonetOffice, program: Program, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, "001", HangsUp(after=6))
    await pbx.calls.settled()
    assert program.story() == ["dial 001", "hangup 001"]
    [told] = await api.calls("missed")
    assert (told["duration"], told["disposition"]) == (6, 1)


async def test_in_turn_each_ring_is_a_leg_of_its_own(pbx: PhonetOffice, program: Program) -> None:
    await pbx.calls.client_calls(CLIENT, "802", NobodyAnswers(ring=25))
    await pbx.calls.settled()
    assert program.story()[1:-1] == [
        *(">dial 004", ">hangup 004", ">dial 003", ">hangup 003", ">dial 004", ">hangup 004"),
    ]
    assert len({one["uuid"] for one in program.got}) == 4


async def test_in_the_menu_no_phone_rings(pbx: PhonetOffice, program: Program, api: Api) -> None:
    await pbx.calls.client_calls(CLIENT, MAIN, HangsUpInMenu(after=8))
    await pbx.calls.settled()
    assert program.story() == ["dial None", "hangup None"]
    [told] = await api.calls()
    assert told["leg"] == {"id": 1, "ext": None, "displayName": "Голосове меню", "type": 4}
    assert await api.calls("users") == []


async def test_a_transfer_is_another_leg_and_a_history_of_both(pbx: PhonetOffice, program: Program, api: Api) -> None:
    story = Answered("001", after=5, transfer=Transfer("004", after=10, ring=4, talk=30))
    await pbx.calls.client_calls(CLIENT, "801", story)
    await pbx.calls.settled()
    assert program.story()[-6:] == [
        *(">hangup 003", ">dial 004", ">bridge 004", ">hangup 001", ">hangup 004", "hangup 801"),
    ]
    [told] = await api.calls()
    assert (told["transferHistory"], told["billSecs"], told["duration"]) == ("001 > 004", 44, 49)


async def test_a_direct_call_handed_on_is_one_call_to_the_lists(
    pbx: PhonetOffice, program: Program, api: Api
) -> None:
    story = Answered("001", after=5, transfer=Transfer("004", after=10, ring=4, talk=30))
    row = await pbx.calls.client_calls(CLIENT, "001", story)
    await pbx.calls.settled()
    assert program.story() == [
        *("dial 001", "bridge 001", ">dial 004", ">bridge 004", ">hangup 004", "hangup 001"),
    ]
    assert [(one["uuid"], one["transferHistory"]) for one in await api.calls()] == [(row.uuid, "001 > 004")]
    pbx.calls.pause("004")
    with pytest.raises(CannotHappen):
        await pbx.calls.client_calls(CLIENT, "001", story)


async def test_a_leg_that_is_over_is_not_missed_while_the_call_goes_on(
    pbx: PhonetOffice, api: Api, clock: Clock
) -> None:
    clock.stops_at = 10
    pbx.calls.start(pbx.calls.client_calls(CLIENT, "802", NobodyAnswers(ring=25)))
    await clock.somebody_sleeps.wait()
    assert [row["leg"]["ext"] for row in await api.calls("users")] == ["004"]
    assert await api.calls("missed") == await api.calls() == []
    active = await api("GET", "/calls/active/v3")
    assert [one["leg"]["ext"] for one in active] == ["802", "003"]


async def test_a_hidden_number_is_asked_about_by_nobody(pbx: PhonetOffice, program: Program, api: Api) -> None:
    await pbx.calls.client_calls("", "801", NobodyAnswers())
    await pbx.calls.settled()
    assert program.asked == []
    assert program.got[0]["otherLegs"][0]["num"] is None
    [told] = await api.calls()
    assert (told["otherLegNum"], told["otherLegName"]) == (None, None)
    assert await api.calls("missed") == []


async def test_a_paused_employee_is_left_out_and_heard_as_busy(pbx: PhonetOffice, program: Program, api: Api) -> None:
    pbx.calls.pause("001")
    await pbx.calls.client_calls(CLIENT, "801", NobodyAnswers())
    await pbx.calls.client_calls(CLIENT, "001", NobodyAnswers())
    with pytest.raises(CannotHappen):
        await pbx.calls.client_calls(CLIENT, "801", Answered("001"))
    with pytest.raises(CannotHappen):
        await pbx.calls.client_calls(CLIENT, "001", Answered("001"))
    await pbx.calls.settled()
    assert ">dial 001" not in program.story()
    direct, _ = await api.calls()
    assert (direct["disposition"], direct["duration"]) == (4, 0)
    pbx.calls.unpause("001")
    await pbx.calls.client_calls(CLIENT, "801", Answered("001"))


async def test_pauses_are_told_and_listed_only_when_asked_for(pbx: PhonetOffice, program: Program, api: Api) -> None:
    pbx.calls.pause("003")
    pbx.calls.unpause("003")
    await pbx.calls.settled()
    assert [(one["event"], one["lgDirection"]) for one in program.got if one["lgDirection"] == 32] == [
        ("call.dial", 32),
        ("call.hangup", 32),
    ]
    assert program.got[0]["otherLegs"] is None
    assert await api.calls() == await api.calls("users") == []
    assert [one["lgDirection"] for one in await api.calls("users", "&directions=96")] == [64, 32]


async def test_a_later_talk_in_either_direction_settles_what_was_missed(pbx: PhonetOffice, api: Api) -> None:
    for phone in (CLIENT, OTHER_CLIENT, CLIENT):
        await pbx.calls.client_calls(phone, "801", NobodyAnswers())
    assert [one["otherLegNum"] for one in await api.calls("missed")] == [CLIENT, OTHER_CLIENT]
    await pbx.calls.employee_dials("002", CLIENT)
    assert [one["otherLegNum"] for one in await api.calls("missed")] == [OTHER_CLIENT]
    await pbx.calls.client_calls(OTHER_CLIENT, "801", Answered("001"))
    assert await api.calls("missed") == []


async def test_an_inner_call_has_two_legs_and_no_client(pbx: PhonetOffice, program: Program, api: Api) -> None:
    await pbx.calls.inner_call("001", "002", talk=30)
    await pbx.calls.settled()
    told = program.event("bridge", "001")
    assert told["leg2"] == {"id": 19, "ext": "002", "displayName": "Тарас Бондаренко"}
    assert (told["lgDirection"], told["otherLegs"], told["trunkNum"]) == (1, None, None)
    [row] = await api.calls("company", "&directions=1")
    assert (row["leg2"]["ext"], row["otherLegNum"], row["trunk"], row["billSecs"]) == ("002", None, None, 30)
    assert await api.calls("company", "&directions=6") == []


async def test_a_client_of_teler_is_named(pbx: PhonetOffice, program: Program, api: Api) -> None:
    await pbx.calls.client_calls(KNOWN_CLIENT, "801", NobodyAnswers())
    await pbx.calls.settled()
    [card] = program.got[0]["otherLegs"]
    assert (card["id"], card["name"], card["companyName"]) == (7001, "Марта Зоря", "Зоря і син")
    assert card["url"].endswith("edit.jsp#/?id=7001")
    assert (await api.calls())[0]["otherLegName"] == "Марта Зоря"


class TestQuirks:
    async def test_times_in_seconds(self, pbx: PhonetOffice, program: Program, api: Api, clock: Clock) -> None:
        pbx.quirks = Quirks(event_times="seconds")
        await pbx.calls.client_calls(CLIENT, "001", Answered("001", after=5))
        await pbx.calls.settled()
        last = program.got[-1]
        assert (last["dialAt"], last["bridgeAt"]) == (clock.ms() // 1000, clock.ms(5) // 1000)
        assert (await api.calls())[0]["endAt"] == clock.ms(65)
        pbx.quirks = Quirks(history_times="seconds")
        assert (await api.calls())[0]["endAt"] == clock.ms(65) // 1000

    async def test_events_repeat(self, pbx: PhonetOffice, program: Program) -> None:
        pbx.quirks = Quirks(repeats=2)
        await pbx.calls.client_calls(CLIENT, "001", NobodyAnswers())
        await pbx.calls.settled()
        assert program.story() == ["dial 001"] * 3 + ["hangup 001"] * 3
        assert program.got[0] == program.got[1]

    async def test_a_parent_that_is_never_told(self, pbx: PhonetOffice, program: Program, api: Api) -> None:
        pbx.quirks = Quirks(parent_events=False)
        row = await pbx.calls.client_calls(CLIENT, "801", Answered("002"))
        await pbx.calls.settled()
        assert {one["parentUuid"] for one in program.got} == {row.uuid}
        assert (await api.calls())[0]["uuid"] == row.uuid

    async def test_a_parent_that_is_never_bridged(self, pbx: PhonetOffice, program: Program, api: Api) -> None:
        pbx.quirks = Quirks(parent_bridges=False)
        await pbx.calls.client_calls(CLIENT, "801", Answered("002"))
        await pbx.calls.settled()
        assert "bridge 801" not in program.story()
        assert program.event("hangup", "801")["bridgeAt"] is None
        assert program.event("hangup", "002")["bridgeAt"] is not None
        assert (await api.calls())[0]["disposition"] == 0

    @pytest.mark.parametrize(("shown", "answered"), [("parent", [2]), ("answerer", [1]), ("both", [2, 1])])
    async def test_a_departments_row(self, pbx: PhonetOffice, api: Api, shown: str, answered: list[int]) -> None:
        pbx.quirks = Quirks(department_row=shown)  # type: ignore[arg-type]
        row = await pbx.calls.client_calls(CLIENT, "801", NobodyAnswers())
        assert [one["uuid"] for one in await api.calls()] == [row.uuid]
        await pbx.calls.client_calls(CLIENT, "801", Answered("002"))
        assert [one["leg"]["type"] for one in (await api.calls())[:-1]] == answered

    async def test_fields_left_out_and_added(self, pbx: PhonetOffice, program: Program) -> None:
        pbx.quirks = Quirks(server_time=False, extra_fields=True)
        await pbx.calls.client_calls(CLIENT, "001", NobodyAnswers())
        await pbx.calls.settled()
        assert "serverTime" not in program.got[0]
        assert "reserved" in program.got[0]

    async def test_a_row_may_appear_late(self, pbx: PhonetOffice, api: Api, clock: Clock) -> None:
        pbx.quirks = Quirks(history_delay=30)
        await pbx.calls.client_calls(CLIENT, "801", NobodyAnswers())
        await clock.sleep(29)
        assert await api.calls() == await api.calls("missed") == await api.calls("users") == []
        await clock.sleep(1)
        assert len(await api.calls()) == 1


async def test_speed_shortens_the_play_and_not_what_is_told(webhook_url: str, program: Program) -> None:
    async with PhonetOffice(demo_office(), webhook_url=webhook_url, api_key=KEY, domain=DOMAIN, speed=10_000) as pbx:
        row = await pbx.calls.client_calls(CLIENT, "001", Answered("001", after=60, talk=600))
        await pbx.calls.settled()
    assert (row.duration, row.bill_secs) == (660, 600)
    last = program.got[-1]
    assert last["bridgeAt"] - last["dialAt"] == 60_000
    assert row.end_at.timestamp() * 1000 == pytest.approx(last["bridgeAt"] + 600_000, abs=2)
