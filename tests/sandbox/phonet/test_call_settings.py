"""`call.settings` is asked before anything rings, its answer is kept and used."""

import pytest

from sandbox.phonet import NobodyAnswers, PhonetOffice, demo_office
from sandbox.phonet.demo import KNOWN_CLIENT, MAIN
from sandbox.phonet.stories import Answered
from tests.sandbox.phonet.program import CLIENT, DOMAIN, KEY, Clock, Json, Program


def known(**more: object) -> Json:
    return {"otherLeg": {"name": "Марко", "url": "https://crm.example/7", "urlText": "Марко", **more}}


async def test_the_question_names_our_number_when_a_client_calls(pbx: PhonetOffice, program: Program) -> None:
    program.settings = known()
    await pbx.calls.client_calls(CLIENT, "801", NobodyAnswers())
    await pbx.calls.settled()
    assert program.asked == [{"request": "call.settings", "otherLegNum": CLIENT, "trunkNum": MAIN}]
    assert [sent.what for sent in pbx.sender.log][:2] == ["call.settings", "call.dial"]
    [card] = program.got[0]["otherLegs"]
    assert (card["name"], card["url"], card["num"]) == ("Марко", "https://crm.example/7", CLIENT)
    [asked] = pbx.calls.settings.asked
    assert (asked.phone, asked.trunk, asked.answer) == (CLIENT, MAIN, known()["otherLeg"])
    assert pbx.office.history[-1].client_name == "Марко"


async def test_the_question_names_none_when_we_call_and_is_not_put_inside(
    pbx: PhonetOffice, program: Program
) -> None:
    await pbx.calls.employee_dials("001", CLIENT)
    await pbx.calls.inner_call("001", "002")
    assert program.asked == [{"request": "call.settings", "otherLegNum": CLIENT}]


async def test_two_crm_systems_make_two_cards(pbx: PhonetOffice, program: Program) -> None:
    program.settings = known()
    await pbx.calls.client_calls(KNOWN_CLIENT, "801", NobodyAnswers())
    await pbx.calls.settled()
    assert [(one["name"], one["priority"]) for one in program.got[0]["otherLegs"]] == [
        ("Марко", 1),
        ("Марта Зоря", 2),
    ]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (known(), 300),
        (known(newEntry=True), 60),
        (known(name=None), 60),
        ({"otherLeg": None}, 60),
        ({}, 60),
        ([], 0),
    ],
)
async def test_an_answer_is_kept_so_long(
    pbx: PhonetOffice, program: Program, clock: Clock, answer: object, seconds: int
) -> None:
    program.settings = answer
    settings = pbx.calls.settings
    await settings.client(CLIENT)
    if seconds:
        await clock.sleep(seconds - 1)
        await settings.client(CLIENT)
        assert len(program.asked) == 1
        await clock.sleep(1)
    await settings.client(CLIENT)
    assert len(program.asked) == 2
    settings.forget()
    await settings.client(CLIENT)
    assert len(program.asked) == 3


@pytest.mark.parametrize("named", ["responsibleEmployeeExt", "responsibleEmployeeEmail"])
async def test_the_responsible_rings_first_and_alone(
    webhook_url: str, program: Program, clock: Clock, named: str
) -> None:
    value = "004" if named.endswith("Ext") else "andrii@kvitka.example"
    program.settings = known(**{named: value})
    async with PhonetOffice(
        demo_office(route_to_responsible=True),
        webhook_url=webhook_url,
        api_key=KEY,
        domain=DOMAIN,
        sleep=clock.sleep,
        now=clock.now,
    ) as pbx:
        await pbx.calls.client_calls(CLIENT, MAIN, NobodyAnswers(ring=40))
        await pbx.calls.settled()
        assert program.story()[:4] == ["dial 801", ">dial 004", ">hangup 004", ">dial 001"]
        assert program.event("hangup", "004")["serverTime"] == clock.ms(15)
        program.got.clear()
        await pbx.calls.client_calls(CLIENT, MAIN, Answered("004"))
        await pbx.calls.settled()
    assert program.story()[:4] == ["dial 801", ">dial 004", ">bridge 004", "bridge 801"]
    assert ">dial 001" not in program.story()


async def test_a_program_that_is_down_knows_nobody_and_the_phone_rings_all_the_same(
    pbx: PhonetOffice, program: Program
) -> None:
    good, pbx.sender.url = pbx.sender.url, "http://127.0.0.1:1/"
    client = await pbx.calls.settings.client(CLIENT)
    assert (client.name, pbx.calls.settings.asked[-1].answer) == (CLIENT, None)
    pbx.sender.url = good
    await pbx.calls.client_calls(CLIENT, "801", NobodyAnswers())
    assert len(program.asked) == 1
