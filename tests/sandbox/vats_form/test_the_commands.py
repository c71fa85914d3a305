"""Eight commands at one address, and how it refuses."""

import asyncio

import aiohttp
import pytest

from sandbox.vats_form import Quirks, VatsFormOffice
from sandbox.vats_rest import Answered, ClientIsBusy, NobodyAnswers, Outage
from tests.sandbox.vats_form.form import KEY, Form
from tests.sandbox.vats_rest.program import Clock, Program

CLIENT = "79000012345"
WRONG, UNKNOWN = (400, "Invalid parameters"), (400, "Invalid parameters: [cmd]")


async def test_accounts_say_login_name_extension_and_the_direct_number_if_there_is_one(form: Form) -> None:
    found = await form("accounts")
    assert found[0] == {"name": "kirill", "realName": "Кирилл Морозов", "ext": "801", "telnum": "79000002101"}
    assert found[-1] == {"name": "sveta", "realName": "Светлана Громова", "ext": "804"}
    assert len(found) == 4


async def test_groups_are_all_or_somebodys_and_their_extension_is_a_number(form: Form) -> None:
    orders = {"id": "orders", "realName": "Заказы", "ext": 811}
    delivery = {"id": "delivery", "realName": "Доставка", "ext": 812}
    assert await form("groups") == [orders, delivery]
    assert await form("groups", user="sveta") == [delivery]


@pytest.mark.parametrize("token", [None, "", "wrong", "ключ"])
async def test_without_the_key_nothing_is_told_not_even_that_a_command_is_unknown(
    form: Form, token: str | None
) -> None:
    for cmd in ("accounts", "nonsense"):
        assert await form.refused(cmd, token=token) == (401, "Invalid token")


@pytest.mark.parametrize("cmd", ["", "nonsense", "makecall", "subscribtionstatus", "subscribtionStatus", "rating"])
async def test_an_unknown_command_is_named_as_the_parameter_that_is_wrong(form: Form, cmd: str) -> None:
    assert await form.refused(cmd, user="kirill", group_id="orders") == UNKNOWN


@pytest.mark.parametrize(
    ("cmd", "said"),
    [
        ("accounts", {}),
        ("groups", {}),
        ("history", {}),
        ("subscriptionStatus", {"user": "kirill", "group_id": "orders"}),
        ("get_dnd", {"user": "kirill"}),
    ],
)
async def test_what_only_reads_may_come_as_get(form: Form, cmd: str, said: dict[str, str]) -> None:
    assert await form(cmd, method="GET", **said) == await form(cmd, **said)


@pytest.mark.parametrize(
    ("cmd", "said"),
    [
        ("makeCall", {"user": "kirill", "phone": CLIENT}),
        ("subscribeOnCalls", {"user": "kirill", "status": "off"}),
        ("set_dnd", {"user": "kirill", "state": "true"}),
    ],
)
async def test_what_changes_something_may_not(
    pbx: VatsFormOffice, form: Form, cmd: str, said: dict[str, str]
) -> None:
    assert await form.refused(cmd, method="GET", **said) == UNKNOWN
    assert pbx.office.calls == {}
    assert await form("get_dnd", user="kirill") == {"state": False}
    assert await form("subscriptionStatus", user="kirill", group_id="orders") == {"status": "on"}


async def test_a_post_is_read_in_its_form_alone(form: Form) -> None:
    said = {"cmd": "accounts", "token": KEY}
    async with form.session.post(form.url, params=said) as response:
        assert response.status == 401
    async with form.session.post(form.url, json=said) as response:
        assert response.status == 401
    with aiohttp.MultipartWriter("form-data") as parts:
        for name, value in said.items():
            parts.append(value).set_content_disposition("form-data", name=name)
    async with form.session.post(form.url, data=parts) as response:
        assert response.status == 401
    async with form.session.put(form.url, data=said) as response:
        assert response.status == 405


@pytest.mark.parametrize(
    ("cmd", "said"),
    [
        ("accounts", {"user": "kirill"}),
        ("groups", {"user": "nobody"}),
        ("makeCall", {"phone": CLIENT}),
        ("makeCall", {"user": "kirill"}),
        ("makeCall", {"user": "nobody", "phone": CLIENT}),
        ("makeCall", {"user": "", "phone": CLIENT}),
        ("makeCall", {"user": "kirill", "phone": "+79000012345"}),
        ("makeCall", {"user": "kirill", "phone": "7 900 001-23-45"}),
        ("history", {"period": "week"}),
        ("history", {"type": "lost"}),
        ("history", {"limit": "0"}),
        ("history", {"start": "2026-03-12T12:00:00Z"}),
        ("subscribeOnCalls", {"user": "kirill"}),
        ("subscribeOnCalls", {"user": "kirill", "status": "true"}),
        ("subscribeOnCalls", {"user": "kirill", "status": "on", "group_id": "delivery"}),
        ("subscribeOnCalls", {"user": "kirill", "status": "on", "group_id": ""}),
        ("subscriptionStatus", {"user": "kirill"}),
        ("subscriptionStatus", {"user": "sveta", "group_id": "orders"}),
        ("set_dnd", {"user": "kirill", "state": "on"}),
        ("set_dnd", {"user": "nobody", "state": "true"}),
        ("get_dnd", {}),
    ],
)
async def test_what_is_missing_or_wrong_is_refused_without_a_reason(
    pbx: VatsFormOffice, form: Form, cmd: str, said: dict[str, str]
) -> None:
    assert await form.refused(cmd, **said) == WRONG
    assert pbx.office.calls == {}


async def test_dnd_means_that_no_call_gets_through(pbx: VatsFormOffice, program: Program, form: Form) -> None:
    assert await form("get_dnd", user="polina") == {"state": False}
    assert await form("set_dnd", user="802", state="true") == ""
    assert await form("get_dnd", user="polina") == {"state": True}
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await pbx.calls.settled()
    assert "INCOMING polina" not in program.story()
    assert "INCOMING artem" in program.story()
    await form("set_dnd", user="polina", state="false")
    assert await form("get_dnd", user="polina") == {"state": False}


async def test_dnd_may_be_meant_the_other_way_round(pbx: VatsFormOffice, form: Form) -> None:
    pbx.office.dnd_state = "receiving"
    assert await form("get_dnd", user="polina") == {"state": True}
    await form("set_dnd", user="polina", state="false")
    assert not pbx.office.employees["polina"].receives


@pytest.mark.parametrize("cmd", ["subscribeOnCalls", "subscribeoncalls"])
async def test_one_department_is_switched_alone(pbx: VatsFormOffice, program: Program, form: Form, cmd: str) -> None:
    assert await form(cmd, user="artem", status="off", group_id="orders") == ""
    assert await form("subscriptionStatus", user="artem", group_id="orders") == {"status": "off"}
    assert await form("subscriptionStatus", user="artem", group_id="delivery") == {"status": "on"}
    await pbx.calls.client_calls(CLIENT, "artem", NobodyAnswers())
    await pbx.calls.settled()
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await pbx.calls.settled()
    assert [line for line in program.story() if line.startswith("INCOMING")] == [
        "INCOMING artem",
        "INCOMING kirill",
        "INCOMING polina",
    ]


async def test_without_a_department_all_are_switched_and_the_own_line_too(
    pbx: VatsFormOffice, program: Program, form: Form
) -> None:
    await form("subscribeOnCalls", user="artem", status="off")
    for group_id in ("orders", "delivery"):
        assert await form("subscriptionStatus", user="artem", group_id=group_id) == {"status": "off"}
    await pbx.calls.client_calls(CLIENT, "artem", NobodyAnswers())
    await pbx.calls.settled()
    assert program.story() == ["contact", "history Missed"]
    await form("subscribeOnCalls", user="artem", status="on")
    assert await form("subscriptionStatus", user="artem", group_id="delivery") == {"status": "on"}
    await pbx.calls.client_calls(CLIENT, "artem", NobodyAnswers())
    await pbx.calls.settled()
    assert "INCOMING artem" in program.story()


async def test_the_user_of_a_subscription_is_a_crm_id_unless_accounts_map_to_themselves(
    pbx: VatsFormOffice, form: Form
) -> None:
    pbx.office.crm_users = {"17": "artem"}
    assert await form.refused("subscribeOnCalls", user="artem", status="off", group_id="orders") == WRONG
    await form("subscribeOnCalls", user="17", status="off", group_id="orders")
    assert await form("subscriptionStatus", user="17", group_id="orders") == {"status": "off"}
    assert await form("get_dnd", user="artem") == {"state": False}


@pytest.mark.parametrize("user", ["polina", "802", "79000002102"])
async def test_make_call_knows_an_employee_by_login_extension_and_direct_number(
    pbx: VatsFormOffice, program: Program, form: Form, user: str
) -> None:
    callid = await form("makeCall", user=user, phone=CLIENT)
    await pbx.calls.settled()
    assert program.story() == ["OUTGOING polina", "ACCEPTED polina", "COMPLETED polina", "history Success"]
    assert {one["callid"] for one in program.got} == {callid}


async def test_make_call_answers_in_three_shapes(pbx: VatsFormOffice, program: Program, form: Form) -> None:
    pbx.quirks = Quirks(made_call="uuid")
    answer = await form("makeCall", user="kirill", phone=CLIENT)
    await pbx.calls.settled()
    assert answer == {"uuid": program.last("history")["callid"]}
    pbx.quirks = Quirks(made_call="without id")
    assert await form("makeCall", user="kirill", phone=CLIENT) == {}
    await pbx.calls.settled()
    assert program.story().count("history Success") == 2


@pytest.mark.parametrize("made_call", ["bare", "uuid"])
async def test_the_id_answered_may_be_another_than_the_calls(
    pbx: VatsFormOffice, program: Program, form: Form, made_call: str
) -> None:
    pbx.quirks = Quirks(made_call=made_call, another_callid=True)  # type: ignore[arg-type]
    answer = await form("makeCall", user="kirill", phone=CLIENT)
    told = answer["uuid"] if made_call == "uuid" else answer
    await pbx.calls.settled()
    assert told
    assert told != program.last("history")["callid"]
    assert told not in await form("history")


async def test_a_trace_of_requests_holds_no_key(pbx: VatsFormOffice, form: Form) -> None:
    await form("accounts", method="GET")
    await form("get_dnd", user="kirill")
    assert pbx.server.requests == [("GET", "accounts"), ("POST", "get_dnd?user=kirill")]


async def test_outages_reach_this_door_too(pbx: VatsFormOffice, form: Form) -> None:
    pbx.outage = Outage.ERROR_500
    assert (await form.raw("accounts"))[0] == 500
    pbx.outage = Outage.CRM_DISABLED
    assert await form.refused("accounts") == (401, "CRM disabled")
    pbx.outage = Outage.REFUSE
    with pytest.raises(aiohttp.ClientError):
        await form.raw("accounts")
    pbx.outage = Outage.HANG
    pbx.server.arrived.clear()
    hanging = asyncio.create_task(form("accounts"))
    await pbx.server.arrived.wait()
    assert not hanging.done()
    pbx.outage = Outage.NONE
    assert len(await hanging) == 4


async def test_a_recording_appears_after_a_while_and_may_want_the_key(
    pbx: VatsFormOffice, program: Program, form: Form, clock: Clock
) -> None:
    pbx.quirks = Quirks(recording_delay=60, recording_needs_key=True)
    await pbx.calls.client_calls(CLIENT, "orders", Answered("polina", talk=10))
    await pbx.calls.employee_dials("polina", CLIENT, ClientIsBusy())
    await pbx.calls.settled()
    [link] = [one["link"] for one in program.got if "link" in one]
    async with form.session.get(link) as response:
        assert response.status == 401
    async with form.session.get(link, params={"token": KEY}) as response:
        assert response.status == 404
    await clock.sleep(60)
    async with form.session.get(link, params={"token": KEY}) as response:
        assert (response.status, response.content_type) == (200, "audio/mpeg")
    pbx.quirks = Quirks()
    async with form.session.get(link) as response:
        assert (await response.read()).startswith(b"\xff\xfb")
