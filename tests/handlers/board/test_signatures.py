"""Who may open the board: only whom Telegram has signed for, for this bot, within a day."""

import json
from urllib.parse import parse_qsl, urlencode

import pytest
from aiogram.utils.web_app import check_webapp_signature

from tests.handlers.board.opening import ask, fields, init_data, signed
from tests.office import ANNA, IGOR, Office

DAY = 24 * 60 * 60
NOT_SIGNED = {"error": "Open the board from a chat with me in Telegram: only so I know who you are."}
TOO_OLD = {"error": "This board was opened more than a day ago. Close it and open it again."}


def at(office: Office, seconds: int) -> str:
    return str(int(office.clock.now().timestamp()) + seconds)


async def test_what_telegram_signed_opens_the_board(desk_office: Office) -> None:
    data = init_data(desk_office, IGOR)
    assert check_webapp_signature(desk_office.tg.token, data)
    assert (await ask(desk_office, None, "now", data=data)).status == 200


async def test_fields_that_are_new_to_us_are_signed_too(staffed: Office) -> None:
    data = init_data(staffed, IGOR, signature="abc-_", chat_instance="-12", photo="https://t.me/і.svg")
    assert (await ask(staffed, None, "now", data=data)).status == 200


@pytest.mark.parametrize("path", ["page", "now", "today", "picture", "search?q=79100000001"])
async def test_nothing_is_answered_without_a_signature(staffed: Office, path: str) -> None:
    answered = await ask(staffed, None, path)
    assert (answered.status, answered.said) == (401, NOT_SIGNED)


async def test_no_act_is_done_without_a_signature(staffed: Office) -> None:
    answered = await ask(staffed, None, "cases/1/claim", body={})
    assert (answered.status, answered.said) == (401, NOT_SIGNED)


async def test_another_bots_signature_is_none(staffed: Office) -> None:
    other = signed(fields(staffed, IGOR), "7000000000:" + "B" * 35)
    assert (await ask(staffed, None, "now", data=other)).status == 401


@pytest.mark.parametrize(
    "change",
    [
        {"user": json.dumps({"id": ANNA, "first_name": "Anna"})},
        {"start_param": "-1001"},
        {"hash": "0" * 64},
        {"hash": ""},
        {"hash": "ж" * 64},
        {"auth_date": "9999999999"},
        {"query_id": "AAH\nuser=x"},
    ],
)
async def test_what_was_changed_on_the_way_is_refused(staffed: Office, change: dict[str, str]) -> None:
    said = dict(parse_qsl(init_data(staffed, IGOR))) | change
    answered = await ask(staffed, None, "now", data=urlencode(said))
    assert (answered.status, answered.said) == (401, NOT_SIGNED)


@pytest.mark.parametrize(
    ("age", "status"), [(0, 200), (DAY - 5, 200), (DAY + 5, 401), (-30, 200), (-90, 401), (-10 * DAY, 401)]
)
async def test_it_lasts_for_a_day_and_does_not_begin_tomorrow(staffed: Office, age: int, status: int) -> None:
    answered = await ask(staffed, IGOR, "now", auth_date=at(staffed, -age))
    assert answered.status == status
    if status == 401:
        assert answered.said == (TOO_OLD if age > 0 else NOT_SIGNED)


@pytest.mark.parametrize(
    "user",
    ["", "null", "[]", "{}", '{"id": "1002"}', '{"id": true}', '{"id": -5}', '{"id": 1002, "is_bot": true}',
     '{"id": 1' + "0" * 30 + "}", "[" * 1200],
)  # fmt: skip
async def test_signed_nonsense_is_nobody(staffed: Office, user: str) -> None:
    assert (await ask(staffed, IGOR, "now", user=user)).status == 401


@pytest.mark.parametrize("date", ["", "soon", "-1", "1e9", "٣", "9" * 30])
async def test_a_signed_date_that_is_none_is_refused(staffed: Office, date: str) -> None:
    assert (await ask(staffed, IGOR, "now", auth_date=date)).status == 401


@pytest.mark.parametrize("data", ["", "=", "hash", "&&", "%ff%fe=1&hash=a", "a=1&a=2&hash=b", "x" * 5000, "жук=1"])
async def test_what_is_no_form_at_all_is_refused(staffed: Office, data: str) -> None:
    answered = await ask(staffed, None, "now", data=data)
    assert (answered.status, answered.said) == (401, NOT_SIGNED)


async def test_a_field_twice_is_refused_though_its_hash_be_right(staffed: Office) -> None:
    data = init_data(staffed, IGOR) + "&" + urlencode({"user": json.dumps({"id": ANNA})})
    assert (await ask(staffed, None, "now", data=data)).status == 401
