"""`POST /pbx/{id}`: every row of the contract, from outside."""

import base64
from typing import Any

import pytest

from tests.handlers.webhook.wire import KEY, MISSED, as_json, form, multipart, post, stored
from tests.office import CLIENT, WEBHOOK_TOKEN, Office

INVALID_PARAMETERS = {"error": "Invalid parameters"}
INVALID_TOKEN = {"error": "Invalid token"}


# How a body may be written

BODIES: dict[str, tuple[bytes, str | None]] = {
    "a form": (form(**KEY, **MISSED), "application/x-www-form-urlencoded"),
    "a form with a charset": (form(**KEY, **MISSED), "application/x-www-form-urlencoded; charset=UTF-8"),
    "a form called text": (form(**KEY, **MISSED), "text/plain"),
    "a form called JSON": (form(**KEY, **MISSED), "application/json"),
    "a form called nothing": (form(**KEY, **MISSED), None),
    "multipart": (multipart(**KEY, **MISSED), "multipart/form-data; boundary=b0undary"),
    "multipart called form": (multipart(**KEY, **MISSED), "application/x-www-form-urlencoded"),
    "multipart with another boundary named": (multipart(**KEY, **MISSED), "multipart/form-data; boundary=other"),
    "JSON": (as_json(**KEY, **MISSED), "application/json"),
    "JSON called form": (as_json(**KEY, **MISSED), "application/x-www-form-urlencoded"),
    "JSON called multipart": (as_json(**KEY, **MISSED), "multipart/form-data; boundary=x"),
    "JSON with numbers as numbers": (as_json(**KEY, **MISSED, duration=20), "application/json"),
    "JSON after a byte order mark": (b"\xef\xbb\xbf" + as_json(**KEY, **MISSED), "application/json"),
    "JSON in a payload field": (
        form(payload=as_json(**KEY, **MISSED).decode()),
        "application/x-www-form-urlencoded",
    ),
    "JSON in a payload beside the key": (
        form(**KEY, payload=as_json(**MISSED).decode()),
        "application/x-www-form-urlencoded",
    ),
}


@pytest.mark.parametrize("how", BODIES)
async def test_a_body_is_read_however_it_is_written(office: Office, how: str) -> None:
    body, content_type = BODIES[how]
    headers = {"Content-Type": content_type} if content_type else {}
    answered = await post(office, body, headers=headers)
    assert (answered.status, answered.json) == (200, {})
    await office.bind(office.team)
    await office.settle()
    [card] = office.texts(office.team)
    assert "+7 910 000-00-01" in card
    assert await stored(office) == [("main", body, "done", False)]


# Who may speak

BASIC = base64.b64encode(f"crm:{WEBHOOK_TOKEN}".encode()).decode()
KEYS: dict[str, dict[str, str]] = {
    "X-CRM-Token": {"X-CRM-Token": WEBHOOK_TOKEN},
    "Bearer": {"Authorization": f"Bearer {WEBHOOK_TOKEN}"},
    "Basic": {"Authorization": f"Basic {BASIC}"},
}


@pytest.mark.parametrize("where", KEYS)
async def test_the_key_may_come_in_a_header(office: Office, where: str) -> None:
    assert (await post(office, form(**MISSED), headers=KEYS[where])).status == 200
    assert len(await stored(office)) == 1


async def test_the_key_in_the_body_counts_with_a_second_part_in_the_path(office: Office) -> None:
    assert (await post(office, form(**KEY, **MISSED), "/pbx/main/anything")).status == 200


REFUSED: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "no key": ("/pbx/main", {}, {}),
    "an empty key": ("/pbx/main", {"crm_token": ""}, {}),
    "a wrong key": ("/pbx/main", {"crm_token": "wrong"}, {}),
    "a key that is no ASCII": ("/pbx/main", {"crm_token": "ключ"}, {}),
    "a wrong key in a header": ("/pbx/main", {}, {"X-CRM-Token": "wrong"}),
    "a header that is no ASCII": ("/pbx/main", {}, {"X-CRM-Token": "ключ"}),
    "Basic that is no base64": ("/pbx/main", {}, {"Authorization": "Basic ***"}),
    "the key in the query string": (f"/pbx/main?crm_token={WEBHOOK_TOKEN}", {}, {}),
    "the key in the path": (f"/pbx/main/{WEBHOOK_TOKEN}", {}, {}),
}


@pytest.mark.parametrize("how", REFUSED)
async def test_a_readable_request_without_the_right_key_is_refused(office: Office, how: str) -> None:
    path, more, headers = REFUSED[how]
    answered = await post(office, form(**MISSED, **more), path, headers=headers)
    assert (answered.status, answered.json) == (401, INVALID_TOKEN)
    assert await stored(office) == []


async def test_an_unknown_pbx_is_not_found(office: Office) -> None:
    assert (await post(office, form(**KEY, **MISSED), "/pbx/other")).status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_is_allowed(office: Office, method: str) -> None:
    answered = await post(office, None, method=method)
    assert (answered.status, answered.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("path", ["/", "/pbx", "/pbx/main/a/b", "/telegram/x", "/pbx/main/"])
async def test_other_paths_are_not_found(office: Office, path: str) -> None:
    assert (await post(office, form(**KEY, **MISSED), path)).status == 404


# What can't be taken

MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "no mapping": b"hello",
    "a list": b'[{"cmd": "history"}]',
    "a number": b"42",
    "broken JSON": b'{"cmd": "history"',
    "JSON nested too deep": b'{"a":' * 40_000,
    "bad UTF-8": form(**KEY, **MISSED) + b"&groupRealName=\xff\xfe",
    "bad UTF-8, percent-encoded": form(**KEY, **MISSED) + b"&groupRealName=%ff%fe",
    "half a surrogate pair": as_json(**KEY, **MISSED)[:-1] + b', "user": "\\ud800"}',
    "an unknown cmd": form(**KEY, cmd="dance"),
    "no cmd": form(**KEY, phone=CLIENT),
    "too many fields": form(**KEY, **MISSED, **{f"f{n}": "1" for n in range(300)}),
}


@pytest.mark.parametrize("how", MALFORMED)
async def test_what_cannot_be_read_is_refused(office: Office, how: str) -> None:
    answered = await post(office, MALFORMED[how])
    assert (answered.status, answered.json) == (400, INVALID_PARAMETERS)
    assert await stored(office) == []


WHOLE: dict[str, dict[str, Any]] = {
    "history": {"cmd": "history", "callid": "c1", "phone": CLIENT, "status": "Missed"},
    "event": {"cmd": "event", "callid": "c1", "phone": CLIENT, "type": "INCOMING"},
    "contact": {"cmd": "contact", "phone": CLIENT},
    "rating": {"cmd": "rating", "rating": "5", "callid": "c1"},
    "rating by number": {"cmd": "rating", "rating": "5", "phone": CLIENT},
    "webhook": {"cmd": "webhook", "type": "sipregs_error"},
}
REQUIRED = {
    "history": ["callid", "phone", "status"],
    "event": ["callid", "phone", "type"],
    "contact": ["phone"],
    "rating": ["rating", "callid"],
    "rating by number": ["rating", "phone"],
    "webhook": ["type"],
}


@pytest.mark.parametrize("name", WHOLE)
async def test_the_required_fields_are_enough(office: Office, name: str) -> None:
    assert (await post(office, form(**KEY, **WHOLE[name]))).status == 200


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, all_ in REQUIRED.items() for field in all_])
async def test_a_required_field_may_not_be_missing(office: Office, name: str, field: str) -> None:
    left = {key: value for key, value in WHOLE[name].items() if key != field}
    answered = await post(office, form(**KEY, **left))
    assert (answered.status, answered.json) == (400, INVALID_PARAMETERS)
    assert await stored(office) == []


@pytest.mark.parametrize("name", ["history", "event", "contact", "rating by number"])
async def test_an_empty_phone_is_a_hidden_number(office: Office, name: str) -> None:
    assert (await post(office, form(**KEY, **{**WHOLE[name], "phone": ""}))).status == 200


UNKNOWN: dict[str, dict[str, str]] = {
    "a status": {**WHOLE["history"], "status": "Teleported"},
    "a direction": {**WHOLE["history"], "type": "sideways"},
    "a step of a call": {**WHOLE["event"], "type": "PONDERING"},
    "a rating": {**WHOLE["rating"], "rating": "11"},
    "a subscription's event": {**WHOLE["webhook"], "type": "moon_phase"},
}


@pytest.mark.parametrize("what", UNKNOWN)
async def test_a_value_we_do_not_know_is_stored_counted_and_answered_200(office: Office, what: str) -> None:
    await office.bind(office.team)
    body = form(**KEY, **UNKNOWN[what])
    assert (await post(office, body)).status == 200
    await office.settle()
    assert await stored(office) == [("main", body, "done", True)]
    assert office.texts(office.team) == []
    async with office.http.get(f"{office.url}/metrics") as response:
        assert 'ringdesk_events_total{pbx="main",result="unknown"} 1.0' in await response.text()


async def test_fields_we_have_no_name_for_are_kept_and_change_nothing(office: Office) -> None:
    await office.bind(office.team)
    body = form(**KEY, **MISSED, z_flag="7", brand_new="да")
    assert (await post(office, body)).status == 200
    await office.settle()
    assert await stored(office) == [("main", body, "done", False)]
    assert len(office.texts(office.team)) == 1


async def test_the_same_event_again_is_answered_200_and_stored_once(office: Office) -> None:
    await office.bind(office.team)
    for _ in range(3):
        assert await office.pbx_says(MISSED) == 200
    assert len(await stored(office)) == 1
    assert len(office.texts(office.team)) == 1


async def test_the_same_event_written_otherwise_is_the_same_event(office: Office) -> None:
    await office.bind(office.team)
    for body in (form(**KEY, **MISSED), as_json(**KEY, **MISSED), multipart(**KEY, **MISSED)):
        assert (await post(office, body)).status == 200
    await office.settle()
    assert len(await stored(office)) == 1
