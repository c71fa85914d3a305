"""What the desk asks of a VATS by its form API, and what that tells us."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from pbx.errors import AuthFailed, BadPayload, PbxError, Rejected
from pbx.phone_system import Answer
from pbx.vats_form import events
from pbx.vats_form.phone_system import VatsForm
from pbx.vocabulary import (
    Call,
    CallEnded,
    CallProgress,
    Department,
    Destination,
    Direction,
    Employee,
    Member,
    Outcome,
    Role,
    Stage,
    StartedCall,
    Tried,
    WhoIsCalling,
)
from tests.pbx.vats_form.vats_account import KEY, NOW, Account, fixture

SINCE, UNTIL = datetime(2022, 1, 20, 8, tzinfo=UTC), datetime(2022, 1, 20, 10, tzinfo=UTC)


def said(name: str) -> Any:
    return json.loads(fixture(name))


@pytest.fixture
def staffed(account: Account) -> Account:
    account.will("accounts", fixture("accounts_one_without_telnum.json"))
    account.will("groups", fixture("groups_ext_is_a_number.json"))
    return account


async def history(vats: VatsForm) -> dict[str, Call]:
    return {call.id: call async for call in vats.history(SINCE, UNTIL)}


async def test_employees_have_no_roles(staffed: Account, vats: VatsForm) -> None:
    assert await vats.employees() == [
        Employee("andy", "Андрей", "708", ("+79261234567",), aliases=("708", "79261234567")),
        Employee("mary", "Мария", "709", aliases=("709",)),
    ]
    assert (await vats.employees())[0].role is Role.EMPLOYEE


async def test_who_is_in_which_department_is_asked_one_by_one(staffed: Account, vats: VatsForm) -> None:
    staffed.will("groups mary", [])
    staffed.will("subscriptionStatus andy", {"status": "off"})
    assert await vats.departments() == [
        Department("sales", "Отдел продаж", "701", (Member("andy", receives_calls=False),))
    ]


async def test_where_the_pbx_wants_ids_of_a_crm_it_stays_unknown_who_gets_calls(
    staffed: Account, vats: VatsForm
) -> None:
    staffed.will("subscriptionStatus", httpx.Response(400, json={"error": "Invalid parameters"}))
    (sales,) = await vats.departments()
    assert [member.receives_calls for member in sales.members] == [None, None]


async def test_one_failure_among_many_questions_is_told_as_it_is(staffed: Account, vats: VatsForm) -> None:
    staffed.will("get_dnd", httpx.Response(401, json={"error": "Invalid token"}))
    with pytest.raises(AuthFailed):
        await vats.check()


async def test_a_call_is_started_without_a_plus_and_without_an_id_to_trust(account: Account, vats: VatsForm) -> None:
    account.will("makeCall", fixture("make_call_object_with_uuid.json"))
    assert await vats.make_call("andy", "+79101234567") == StartedCall(id=None, at=NOW)
    assert account.asked == [{"cmd": "makeCall", "user": "andy", "phone": "79101234567"}]


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[1]", b"two words"])
async def test_a_page_is_no_started_call(account: Account, vats: VatsForm, body: bytes) -> None:
    account.will("makeCall", body)
    with pytest.raises(BadPayload):
        await vats.make_call("andy", "+79101234567")


async def test_history_asks_for_the_window_and_reads_oldest_first(staffed: Account, vats: VatsForm) -> None:
    staffed.will("history", fixture("history_every_kind_of_row.csv"))
    calls = await history(vats)
    assert staffed.asked[0] == {
        "cmd": "history",
        "start": "20220120T080000Z",
        "end": "20220120T100000Z",
        "type": "all",
    }
    assert [call.started_at for call in calls.values()] == sorted(call.started_at for call in calls.values())
    assert len(calls) == 10


async def test_a_call_missed_by_a_department(staffed: Account, vats: VatsForm) -> None:
    staffed.will("history", fixture("history_every_kind_of_row.csv"))
    calls = await history(vats)
    assert calls["B10D-1"] == Call(
        id="B10D-1",
        direction=Direction.IN,
        outcome=Outcome.MISSED,
        client="+79101234567",
        started_at=datetime(2022, 1, 20, 8, 59, 22, tzinfo=UTC),
        ended_at=datetime(2022, 1, 20, 8, 59, 35, tzinfo=UTC),
        wait=timedelta(seconds=13),
        our_number="+79261238888",
        department="Отдел продаж",
        status="missed",
    )
    by_name = calls["B10D-7"]
    assert (by_name.department, by_name.employee, by_name.client, by_name.is_missed) == (
        "Отдел продаж",
        None,
        None,
        True,
    )
    direct = calls["B10D-8"]
    assert (direct.department, direct.employee, direct.is_missed) == (None, "mary", True)


async def test_an_answered_call_has_its_talk_beside_its_wait(staffed: Account, vats: VatsForm) -> None:
    staffed.will("history", fixture("history_every_kind_of_row.csv"))
    calls = await history(vats)
    answered = calls["B10D-2"]
    assert (answered.direction, answered.outcome, answered.employee) == (Direction.IN, Outcome.ANSWERED, "andy")
    assert answered.answered_at == datetime(2022, 1, 20, 8, 58, 47, tzinfo=UTC)
    assert (answered.talk, answered.recording_url) == (timedelta(seconds=23), "https://link/file.mp3")
    assert (calls["B10D-10"].outcome, calls["B10D-10"].rating) == (Outcome.ANSWERED, 5)


async def test_outgoing_calls_were_answered_if_somebody_talked(staffed: Account, vats: VatsForm) -> None:
    staffed.will("history", fixture("history_every_kind_of_row.csv"))
    calls = await history(vats)
    assert (calls["B10D-3"].outcome, calls["B10D-3"].is_missed) == (Outcome.MISSED, False)
    assert (calls["B10D-4"].outcome, calls["B10D-4"].employee) == (Outcome.ANSWERED, "mary")


async def test_a_menu_or_a_fax_answers_nobody_and_misses_nothing(staffed: Account, vats: VatsForm) -> None:
    """Only the PBX's own word makes a call missed, and only a person's talk an answered one."""
    staffed.will("history", fixture("history_every_kind_of_row.csv"))
    calls = await history(vats)
    menu, fax, silent = calls["B10D-5"], calls["B10D-6"], calls["B10D-9"]
    assert {menu.outcome, fax.outcome, silent.outcome} == {Outcome.UNKNOWN}
    assert (menu.destination, menu.employee) == (Destination.MENU, None)
    assert (fax.destination, fax.employee) == (Destination.FAX, None)


@pytest.mark.parametrize("nothing", [b"", b"null", b"\n"])
async def test_an_empty_history(staffed: Account, vats: VatsForm, nothing: bytes) -> None:
    staffed.will("history", nothing)
    assert await history(vats) == {}
    assert [asked["cmd"] for asked in staffed.asked] == ["history"]


async def test_a_history_that_is_no_csv_is_a_bad_payload(staffed: Account, vats: VatsForm) -> None:
    staffed.will("history", b"<html>Welcome</html>")
    with pytest.raises(BadPayload):
        await history(vats)


@pytest.mark.parametrize(
    ("meaning", "state", "receives"),
    [
        ("do_not_disturb", True, False),
        ("do_not_disturb", False, True),
        ("receiving", True, True),
        ("receiving", False, False),
    ],
)
async def test_do_not_disturb_by_either_meaning(account: Account, meaning: str, state: bool, receives: bool) -> None:
    vats = account.vats(dnd_state=meaning)
    account.will("get_dnd", {"state": state})
    assert await vats.receives_calls("andy") is receives
    await vats.set_receives_calls("andy", receives)
    assert account.asked[-1] == {"cmd": "set_dnd", "user": "andy", "state": str(state).lower()}
    await vats.close()


async def test_state_true_means_do_not_disturb_by_default(account: Account, vats: VatsForm) -> None:
    account.will("get_dnd", fixture("dnd_state_true.json"))
    assert await vats.receives_calls("andy") is False


async def test_all_departments_are_switched_one_by_one_to_spare_the_personal_line(
    account: Account, vats: VatsForm
) -> None:
    account.will("groups andy", [{"id": "sales"}, {"id": "support"}])
    await vats.set_receives_department_calls("andy", None, False)
    await vats.set_receives_department_calls("andy", "sales", True)
    assert account.asked[1:] == [
        {"cmd": "subscribeOnCalls", "user": "andy", "status": "off", "group_id": "sales"},
        {"cmd": "subscribeOnCalls", "user": "andy", "status": "off", "group_id": "support"},
        {"cmd": "subscribeOnCalls", "user": "andy", "status": "on", "group_id": "sales"},
    ]


async def test_check_shows_how_most_employees_read(staffed: Account, vats: VatsForm) -> None:
    staffed.will("get_dnd andy", {"state": False})
    staffed.will("get_dnd mary", {"state": True})
    assert await vats.check() == Tried(2, asked=2, receiving=1)


@pytest.mark.parametrize(
    ("reply", "error", "reason"),
    [
        (httpx.Response(400, json={"error": "Invalid parameters: [cmd]"}), Rejected, "Invalid parameters: [cmd]"),
        (httpx.Response(400, text=f"token={KEY}"), Rejected, "token=…"),
        (httpx.Response(401, json={"error": "Invalid token"}), AuthFailed, None),
        (httpx.Response(403), AuthFailed, None),
    ],
)
async def test_refusals(
    account: Account, vats: VatsForm, reply: httpx.Response, error: type[PbxError], reason: str | None
) -> None:
    account.will("accounts", reply)
    with pytest.raises(error) as refusal:
        await vats.employees()
    assert getattr(refusal.value, "reason", None) == reason


async def test_a_switch_is_tried_again(account: Account, vats: VatsForm) -> None:
    account.will("set_dnd", httpx.Response(502), httpx.Response(200))
    await vats.set_receives_calls("andy", False)
    assert len(account.requests) == 2


def test_the_manual_s_history(vats: VatsForm) -> None:
    (received,) = events.read(fixture("history_out_answered.form"), received_at=NOW, country="RU")
    assert isinstance(received.event, CallEnded)
    call = received.event.call
    assert (call.id, call.client, call.employee) == ("B10D0EB124F4E64AF4EA-1511", "+79101234567", "user")
    assert call.ended_at - call.started_at == timedelta(seconds=124)


def test_the_other_callbacks() -> None:
    (transferred,) = events.read(fixture("event_transferred.form"), received_at=NOW, country="RU")
    assert transferred.event == CallProgress(
        call_id="B10D-1",
        stage=Stage.TRANSFERRED,
        client="+79101234567",
        direction=Direction.IN,
        employee="andy",
        department="Отдел продаж",
    )
    (asked,) = events.read(fixture("contact.form"), received_at=NOW, country="RU")
    assert asked.event == WhoIsCalling(client="+79101234567", call_id="B10D-1")


def test_the_answer_to_who_is_calling(vats: VatsForm) -> None:
    question = WhoIsCalling(client="+79101234567")
    assert vats.answer(question, Answer("Мебель", "andy")) == {"contact_name": "Мебель", "responsible": "andy"}
    assert vats.answer(question, Answer()) == {}


@pytest.mark.parametrize("missing", ["key", "webhook_token"])
def test_a_configuration_without_its_secrets_is_refused(account: Account, missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        account.config(**{missing: " "})
