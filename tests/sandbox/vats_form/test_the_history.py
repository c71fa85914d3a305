"""CSV without a header row, and which rows a request covers."""

import csv

import pytest

from sandbox.vats_form import Quirks, VatsFormOffice
from sandbox.vats_rest import (
    Answered,
    ClientIsBusy,
    HangsUp,
    HangsUpInMenu,
    NobodyAnswers,
    OutsideHours,
    Voicemail,
)
from sandbox.vats_rest.stories import Ending
from tests.sandbox.vats_form.form import Form
from tests.sandbox.vats_rest.program import Clock, Program

CLIENT = "79000012345"


async def rows(form: Form, **said: str) -> list[list[str]]:
    return list(csv.reader((await form("history", **said)).splitlines()))


async def test_a_row_is_nine_columns_and_no_row_is_a_header(
    pbx: VatsFormOffice, program: Program, form: Form
) -> None:
    await pbx.calls.client_calls(CLIENT, "orders", Answered("polina", after=5, talk=60))
    await pbx.calls.settled()
    _, content_type, _ = await form.raw("history")
    [row] = await rows(form)
    told = program.last("history")
    assert content_type == "text/csv"
    assert row == [
        told["callid"], "in", CLIENT, "polina", "74950000201", "2026-03-12T12:00:00Z", "5", "60", told["link"],
    ]  # fmt: skip
    assert told["duration"] == "65"


@pytest.mark.parametrize(
    ("ending", "to", "kind", "account"),
    [
        (NobodyAnswers(), "orders", "missed", "Заказы"),
        (HangsUp(), "orders", "missed", "Заказы"),
        (Voicemail(), "orders", "missed", "Заказы"),
        (NobodyAnswers(), "sveta", "missed", "sveta"),
        (OutsideHours(), "orders", "missed", "ivr"),
        (HangsUpInMenu(), "orders", "missed", "ivr"),
        (HangsUpInMenu(where="hello"), "orders", "missed", "ivr"),
        (Answered("artem", destination="fax"), "orders", "in", "fax"),
    ],
)
async def test_account_is_a_login_a_department_or_a_word(
    pbx: VatsFormOffice, form: Form, ending: Ending, to: str, kind: str, account: str
) -> None:
    await pbx.calls.client_calls(CLIENT, to, ending)
    [row] = await rows(form)
    assert (row[1], row[3]) == (kind, account)


async def test_an_outgoing_row_shows_its_caller_id_and_that_nobody_talked(pbx: VatsFormOffice, form: Form) -> None:
    pbx.office.caller_ids.main = "74950000202"
    await pbx.calls.employee_dials("polina", CLIENT, ClientIsBusy(after=2))
    [row] = await rows(form)
    assert row[1:5] == ["out", CLIENT, "polina", "74950000202"]
    assert row[6:] == ["2", "0", ""]


@pytest.mark.parametrize(
    ("quirks", "talked", "missed"),
    [
        (Quirks(group_account="id"), "polina", "orders"),
        (Quirks(account_with_domain=True), "polina@landysh.example", "Заказы@landysh.example"),
    ],
)
async def test_account_may_be_worded_otherwise(
    pbx: VatsFormOffice, form: Form, quirks: Quirks, talked: str, missed: str
) -> None:
    pbx.quirks = quirks
    await pbx.calls.client_calls(CLIENT, "orders", Answered("polina"))
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    await pbx.calls.client_calls(CLIENT, "orders", HangsUpInMenu())
    assert [row[3] for row in await rows(form)] == ["ivr", missed, talked]


@pytest.mark.parametrize(
    ("type", "kinds"),
    [("all", ["missed", "out", "in"]), ("in", ["missed", "in"]), ("out", ["out"]), ("missed", ["missed"])],
)
async def test_a_type_chooses_rows_newest_first(pbx: VatsFormOffice, form: Form, type: str, kinds: list[str]) -> None:
    await pbx.calls.client_calls(CLIENT, "orders", Answered("polina"))
    await pbx.calls.employee_dials("polina", CLIENT)
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    assert [row[1] for row in await rows(form, type=type)] == kinds
    assert [row[1] for row in await rows(form, type=type, limit="1")] == kinds[:1]


async def test_period_beats_start_and_end(pbx: VatsFormOffice, form: Form, clock: Clock) -> None:
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    earlier = {"start": "20260312T100000Z", "end": "20260312T110000Z"}
    around = {"start": "20260312T115900Z", "end": "20260312T120000Z"}
    assert await rows(form, **earlier) == []
    assert len(await rows(form, **around)) == 1
    assert len(await rows(form, **earlier, period="this_week")) == 1
    assert await rows(form, **around, period="last_week") == []
    await clock.sleep(86_400)
    assert await rows(form) == []
    assert len(await rows(form, period="yesterday")) == 1


async def test_a_row_may_appear_late_and_no_rows_may_be_null(pbx: VatsFormOffice, form: Form, clock: Clock) -> None:
    assert await form("history") == ""
    pbx.quirks = Quirks(export_delay=30, null_history=True)
    await pbx.calls.client_calls(CLIENT, "orders", NobodyAnswers())
    assert await form("history") == "null"
    await clock.sleep(30)
    assert len(await rows(form)) == 1


async def test_a_rating_changes_no_row(pbx: VatsFormOffice, program: Program, form: Form) -> None:
    row = await pbx.calls.client_calls(CLIENT, "orders", Answered("polina"))
    await pbx.calls.settled()
    assert row is not None
    before, told = await rows(form), len(program.got)
    pbx.calls.rate(row.uid, 5)
    await pbx.calls.settled()
    assert (await rows(form), len(program.got)) == (before, told)
    assert row.rating == 5
