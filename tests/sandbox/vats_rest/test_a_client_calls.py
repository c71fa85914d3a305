"""Each story sends exactly its webhooks, and the export tells the same."""

import pytest

from sandbox.vats_rest import (
    Answered,
    HangsUp,
    HangsUpInMenu,
    NobodyAnswers,
    OutsideHours,
    Quirks,
    Transfer,
    VatsOffice,
    Voicemail,
)
from sandbox.vats_rest.stories import CannotHappen, Ending
from tests.sandbox.vats_rest.program import NOON, Api, Clock, Program

CLIENT = "79000012345"
SALES_RING = ["INCOMING igor", "INCOMING maria", "INCOMING anna"]
SALES_STOP = ["CANCELLED igor", "CANCELLED maria", "CANCELLED anna"]


async def plays(pbx: VatsOffice, ending: Ending, to: str = "sales", phone: str = CLIENT) -> None:
    await pbx.calls.client_calls(phone, to, ending)
    await pbx.calls.settled()


@pytest.mark.parametrize(
    ("ending", "told", "exported"),
    [
        (NobodyAnswers(20), [*SALES_RING, *SALES_STOP, "history Missed"], ("missed", "group", 20, 0)),
        (HangsUp(6), [*SALES_RING, *SALES_STOP, "history Cancel"], ("cancel", "group", 6, 0)),
        (Voicemail(20, 12), [*SALES_RING, *SALES_STOP, "history Missed"], ("missed", "vm", 32, 0)),
        (OutsideHours(6), ["history Missed"], ("missed", "offtime", 6, 0)),
        (HangsUpInMenu(8, "hello"), ["history Cancel"], ("cancel", "hello", 8, 0)),
        (
            Answered("maria", after=5, talk=60),
            [
                *SALES_RING,
                "ACCEPTED maria",
                "CANCELLED igor",
                "CANCELLED anna",
                "COMPLETED maria",
                "history Success",
            ],
            ("success", "user", 5, 60),
        ),
    ],
)
async def test_every_ending_tells_its_story_and_leaves_its_row(
    pbx: VatsOffice,
    program: Program,
    api: Api,
    ending: Ending,
    told: list[str],
    exported: tuple[str, str, int, int],
) -> None:
    await plays(pbx, ending)
    assert program.story() == ["contact", *told]
    assert {one["crm_token"] for one in program.got} == {"crm-secret"}
    [row] = await api("GET", "/history/json")
    assert (row["status"], row["destination"], row["wait"], row["duration"]) == exported
    sent = program.last("history")
    assert {one["callid"] for one in program.got} == {row["uid"]}
    assert int(sent["duration"]) == row["wait"] + row["duration"]
    assert (sent["user"], sent["diversion"], sent["start"]) == (
        row["user"],
        "74950000001",
        "20260312T120000Z",
    )
    assert row["start"] == "2026-03-12T12:00:00Z"
    assert pbx.office.calls == {}


async def test_a_missed_department_call_names_the_department_and_nobody(pbx: VatsOffice, program: Program) -> None:
    await plays(pbx, NobodyAnswers())
    sent = program.last("history")
    assert (sent["groupRealName"], sent["user"], sent["type"]) == ("Продажи", "", "in")
    assert "link" not in sent


async def test_events_come_at_their_seconds(pbx: VatsOffice, clock: Clock) -> None:
    async def when_all_is_sent(seconds: float) -> None:
        await pbx.sender.drained()
        await clock.sleep(seconds)

    pbx.calls.telling.sleep = when_all_is_sent
    await plays(pbx, Answered("maria", after=5, talk=60))
    told = [(e.body.get("type"), e.body.get("user"), (e.when - NOON).total_seconds()) for e in pbx.sender.log]
    assert told[3:] == [
        ("INCOMING", "anna", 0),
        ("ACCEPTED", "maria", 5),
        ("CANCELLED", "igor", 6),
        ("CANCELLED", "anna", 7),
        ("COMPLETED", "maria", 65),
        ("in", "maria", 65),
    ]


async def test_a_department_by_order_rings_one_after_another(pbx: VatsOffice, program: Program) -> None:
    await plays(pbx, NobodyAnswers(15), to="service")
    assert program.story()[1:-1] == ["INCOMING oleg", "CANCELLED oleg", "INCOMING maria", "CANCELLED maria"]


async def test_a_number_leads_where_its_route_says(pbx: VatsOffice, program: Program) -> None:
    await plays(pbx, NobodyAnswers(), to="74950000003")
    assert program.story()[1] == "INCOMING vera"
    assert program.last("history")["diversion"] == "74950000003"


async def test_a_blind_transfer_names_the_second_call(pbx: VatsOffice, program: Program, api: Api) -> None:
    await plays(pbx, Answered("igor", transfer=Transfer("oleg")))
    assert program.story()[-8:] == [
        "CANCELLED anna",
        "TRANSFERRED igor",
        "COMPLETED igor",
        "history Success",
        "INCOMING oleg",
        "ACCEPTED oleg",
        "COMPLETED oleg",
        "history Success",
    ]
    transferred = next(one for one in program.got if one.get("type") == "TRANSFERRED")
    assert transferred["second_callid"] == program.last("history")["callid"] != transferred["callid"]
    rows = await api("GET", "/history/json")
    assert {row["uid"] for row in rows} == {transferred["callid"], transferred["second_callid"]}


async def test_an_attended_transfer_keeps_the_id_and_ends_with_the_colleague(
    pbx: VatsOffice, program: Program, api: Api
) -> None:
    await plays(pbx, Answered("igor", transfer=Transfer("oleg", blind=False)))
    assert len({one["callid"] for one in program.got}) == 1
    assert [row["user"] for row in await api("GET", "/history/json")] == ["oleg"]
    assert [row["user"] for row in await api("GET", "/history/json?first_answered=true")] == ["igor"]


async def test_the_responsible_is_rung_first_when_routing_is_on(pbx: VatsOffice, program: Program) -> None:
    program.contact = {"contact_name": "ООО Ромашка", "responsible": "704"}
    pbx.office.numbers["74950000001"].crm = "on"
    await plays(pbx, Answered("oleg"))
    assert program.story()[1:] == ["INCOMING oleg", "ACCEPTED oleg", "COMPLETED oleg", "history Success"]
    assert list(pbx.calls.contacts.values()) == [program.contact]


async def test_the_department_rings_when_the_responsible_does_not_answer(pbx: VatsOffice, program: Program) -> None:
    program.contact = {"contact_name": "ООО Ромашка", "responsible": "oleg"}
    pbx.office.numbers["74950000001"].crm = "on"
    await plays(pbx, NobodyAnswers(40))
    assert program.story()[1:4] == ["INCOMING oleg", "CANCELLED oleg", "INCOMING igor"]


async def test_routing_that_is_off_only_learns_the_name(pbx: VatsOffice, program: Program) -> None:
    program.contact = {"contact_name": "ООО Ромашка", "responsible": "oleg"}
    await plays(pbx, NobodyAnswers())
    assert program.story()[1:4] == SALES_RING


async def test_a_blacklisted_client_reaches_nobody_and_is_counted(
    pbx: VatsOffice, program: Program, api: Api
) -> None:
    await api("POST", "/blacklist/telnums", [{"telnum": "790000123*", "comment": "Спам"}], status=204)
    await plays(pbx, NobodyAnswers())
    assert program.got == []
    listed = await api("GET", "/blacklist/telnums?with=statistics")
    assert {"telnum": "790000123*", "comment": "Спам", "week": 1, "year": 1} in listed
    assert await api("GET", "/history/json") is None


async def test_a_hidden_number_calls_unless_hidden_numbers_are_blocked(
    pbx: VatsOffice, program: Program, api: Api
) -> None:
    await plays(pbx, NobodyAnswers(), phone="")
    assert program.story()[0] == "INCOMING igor"
    assert program.last("history")["phone"] == ""
    program.got.clear()
    await api("POST", "/blacklist/block-anonymous", status=204)
    await plays(pbx, NobodyAnswers(), phone="")
    assert program.got == []


async def test_who_receives_no_calls_is_not_rung(pbx: VatsOffice, program: Program, api: Api) -> None:
    await api("DELETE", "/users/701/dnd", status=204)
    await api("DELETE", "/users/maria/subscription?group_id=sales", status=204)
    await plays(pbx, NobodyAnswers())
    assert program.story()[1:-1] == ["INCOMING igor", "CANCELLED igor"]
    with pytest.raises(CannotHappen, match="anna"):
        await pbx.calls.client_calls(CLIENT, "sales", Answered("anna"))


async def test_a_switched_off_number_tells_nothing(pbx: VatsOffice, program: Program, api: Api) -> None:
    await api("DELETE", "/telnums/74950000002/enabled", status=204)
    await plays(pbx, NobodyAnswers(), to="74950000002")
    assert program.got == []


async def test_a_call_in_progress_shows_who_rings(pbx: VatsOffice, clock: Clock) -> None:
    seen: list[list[str]] = []

    async def looks(seconds: float) -> None:
        seen.extend(call.ringing for call in pbx.office.calls.values())
        await clock.sleep(seconds)

    pbx.calls.telling.sleep = looks
    await plays(pbx, NobodyAnswers())
    assert seen[0] == ["igor", "maria", "anna"]


QUIRKS = {
    "minimal": (
        Quirks(minimal_history=True),
        {"cmd", "status", "callid", "phone", "groupRealName", "wait", "duration", "crm_token"},
    ),
    "optional fields left out": (
        Quirks(omit_optional=True, field_extras=False),
        {
            "cmd",
            "type",
            "status",
            "callid",
            "phone",
            "user",
            "start",
            "duration",
            "groupRealName",
            "crm_token",
        },
    ),
}


@pytest.mark.parametrize("name", QUIRKS)
async def test_a_history_with_fewer_fields(pbx: VatsOffice, program: Program, name: str) -> None:
    pbx.quirks, fields = QUIRKS[name]
    await plays(pbx, NobodyAnswers())
    assert set(program.last("history")) == fields


async def test_a_live_missed_call_is_lower_case_and_by_the_pbx(pbx: VatsOffice, program: Program) -> None:
    pbx.quirks = Quirks(status_case="lower", department_user="pbx")
    await plays(pbx, NobodyAnswers())
    assert (program.last("history")["status"], program.last("history")["user"]) == ("missed", "pbx")


async def test_events_may_come_after_history(pbx: VatsOffice, program: Program) -> None:
    pbx.quirks = Quirks(events_after_history=True)
    await plays(pbx, Answered("maria"))
    assert program.story()[4:6] == ["history Success", "ACCEPTED maria"]
    assert program.story()[-1] == "COMPLETED maria"


async def test_rows_may_appear_late_in_the_export(pbx: VatsOffice, api: Api, clock: Clock) -> None:
    pbx.quirks = Quirks(export_delay=90)
    await plays(pbx, NobodyAnswers())
    assert await api("GET", "/history/json") is None
    await clock.sleep(90)
    assert len(await api("GET", "/history/json")) == 1
