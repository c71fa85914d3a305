"""Whatever is posted becomes events that can be stored, or is refused as malformed: no other error, and no delay."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pbx import vats_dialect, webhook_body
from pbx.errors import Malformed, WebhookRefused
from pbx.phone_system import WebhookRequest
from pbx.phonet import events as phonet
from pbx.t2 import events as t2
from pbx.t2.wire import MissedRow, RecordRow
from pbx.vats_export import Row, Window, call, csv_rows
from pbx.vocabulary import Received
from tests.clocks import NOON
from tests.fuzz.bodies import SCALARS, WORDS, bodies, mappings, written

VATS = (
    *("cmd", "type", "callid", "status", "phone", "user", "diversion", "start", "duration", "wait", "link"),
    *("rating", "missedStatus", "direction", "second_callid", "groupRealName", "data", "payload", "crm_token"),
)
PHONET = (
    *("event", "uuid", "request", "otherLegNum", "lgDirection", "parentUuid", "leg", "otherLegs", "trunkNum"),
    *("dialAt", "bridgeAt", "serverTime", "trunkName", "utmSource", "callParentUuid", "callStart", "referrer"),
)
RECORDS = (
    *("callTimestamp", "date", "callType", "destinationNumber", "callerNumber", "calleeNumber", "callDuration"),
    *("conversationDuration", "callStatus", "recordFileName", "uuid", "startDate", "waitDuration", "id"),
)
#: Seconds for 256 KiB of the worst, on a slow and busy machine. What the standard library's reader of
#: multipart bodies did with quotes took four minutes.
AT_ONCE = 5.0
LONGEST = 256 * 1024


@dataclass(frozen=True)
class Reader:
    """A vendor's way from bytes to events, and a field by which a body of its kind is known."""

    read: Callable[[bytes], list[Received]]
    start: str


READERS: Mapping[str, Reader] = {
    "vats": Reader(
        lambda body: vats_dialect.read(body, received_at=NOON, country="RU"), '"cmd": "event", "callid": "1"'
    ),
    "phonet": Reader(
        lambda body: phonet.events(body, received_at=NOON, country="UA"), '"event": "call.dial", "uuid": "1"'
    ),
}


def texts(value: Any) -> Iterator[str]:
    """Every text anywhere inside."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from texts(name)
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


def storable(received: list[Received]) -> None:
    """UTF-8 and without NUL, and times that a database holds and another zone can write."""
    for one in received:
        said = asdict(one)
        for text in texts(said):
            assert "\0" not in text
            text.encode()
        for at in _moments(said):
            at.astimezone(UTC).isoformat()


def _moments(value: Any) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _moments(inner)


@given(bodies(*VATS))
@example(b'{"cmd":"webhook","type":"sipregs_error","data":"{\\"telnum\\": \\"\\\\ud800\\"}"}')
@example(b'{"cmd":"webhook","type":"sipregs_error","data":"{\\"name\\": \\"a\\\\u0000b\\"}"}')
@example(
    b'{"cmd":"history","callid":"1","phone":"","status":"x","start":"2026-03-18T09:00:00+23:59","duration":"1e5"}'
)
def test_anything_posted_to_a_vats_address(body: bytes) -> None:
    _read_or_refused("vats", body)


@given(bodies(*PHONET))
@example(b'{"event":"call.dial","uuid":"1","dialAt":1e308}')
@example(b'{"event":"call.dial","uuid":"1","x":"\\u0000"}')
def test_anything_posted_to_a_phonet_address(body: bytes) -> None:
    _read_or_refused("phonet", body)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(mappings(*RECORDS), max_size=4), st.lists(mappings(*RECORDS), max_size=4))
@example([{"callTimestamp": "0001-01-01T00:00:00+14:00"}], [])
@example([{"callTimestamp": "9999-12-31T23:59:59Z", "callDuration": 90}], [])
@example([], [{"startDate": "9999-12-31T23:59:59-14:00", "waitDuration": 90}])
@example([{"callDuration": 10**400}], [])
@example([{"callTimestamp": "2026-03-18T09:00:00Z", "callerNumber": "\ud800"}], [])
@example([{"callTimestamp": "2026-03-18T09:00:00Z", "callStatus": "a\0b"}], [])
def test_any_rows_of_t2(records: list[dict[str, Any]], missing: list[dict[str, Any]]) -> None:
    rows = [RecordRow.model_validate(one) for one in _over_the_wire(records)]
    others = [MissedRow.model_validate(one) for one in _over_the_wire(missing)]
    storable(t2.news(rows, others, t2.Office("RU", {"+79000000001": "anna"})))


def _over_the_wire(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(written(rows))
    return read


@given(st.builds(Row, **dict.fromkeys(Row.__dataclass_fields__, WORDS)))
def test_any_row_of_a_vats_export(row: Row) -> None:
    made = call(row, Window(NOON, NOON + timedelta(days=1), UTC), "RU")  # type: ignore[arg-type]  # any zone will do
    made.started_at.astimezone(UTC)


@given(st.text() | st.text(alphabet='",;\n\r\0 \ufeffa'))
def test_any_text_as_a_table(text: str) -> None:
    assert all(any(cells) for cells in csv_rows(text))


@given(SCALARS)
def test_any_moment_and_any_number_of_a_vats(value: Any) -> None:
    text = value if isinstance(value, str) else str(value)[:400]
    vats_dialect.moment(text)
    vats_dialect.seconds(text)
    vats_dialect.stars(text)


@given(bodies("crm_token"), st.text(max_size=30), st.text(max_size=30))
def test_any_key_but_the_right_one_is_refused(body: bytes, header: str, authorization: str) -> None:
    request = WebhookRequest({"X-CRM-Token": header, "Authorization": authorization}, body)
    with pytest.raises(WebhookRefused):
        vats_dialect.verify(request, "the right key, which no strategy draws")


# Never slowly

_PART = "--b\r\nContent-Disposition: form-data; {}\r\n\r\nx\r\n--b--\r\n"
SLOW: Mapping[str, str] = {
    "multipart, quotes": _PART.format('"' * 250_000),
    "multipart, comments": _PART.format("(" * 250_000),
    "multipart, semicolons": _PART.format(";" * 250_000),
    "multipart, names": _PART.format('; name="' * 30_000),
    "multipart, backslashes": _PART.format('name="' + "\\" * 240_000),
    "multipart, folds": _PART.format("\r\n a" * 60_000),
    "multipart, boundaries": "--b\r\n" * 50_000,
    "multipart, empty lines": "--b\r\n" + "\r\n" * 120_000,
    "multipart, headers": "--b\r\n" + "content-disposition: name\r\n" * 9_000,
    "form, ampersands": "&" * 250_000 + "a=1",
    "form, percents": "a=" + "%" * 250_000,
    "form, one long number": "cmd=event&callid=1&type=x&phone=" + "1" * 250_000,
    "form, a number of many parts": "cmd=event&callid=1&type=x&phone=" + "8+(910)+" * 30_000,
    "form, a date": "cmd=event&callid=1&type=INCOMING&phone=1&start=" + "2" * 250_000,
    "JSON, digits": '{"cmd": ' + "9" * 250_000 + "}",
    "JSON, one level": '{"cmd": "event", "a": [' + "1," * 120_000 + "1]}",
    "JSON, levels": "[" * 250_000,
    "JSON, escapes": '{"cmd": "' + "\\u0041" * 40_000 + '"}',
    "JSON, labels": "[" + ",".join(['{"utmSource":"a"}'] * 12_000) + "]",
}


@pytest.mark.parametrize("vendor", READERS)
@pytest.mark.parametrize("kind", SLOW)
def test_the_worst_of_the_longest_body_is_read_at_once(vendor: str, kind: str) -> None:
    body = SLOW[kind].encode()
    assert len(body) <= LONGEST
    began = time.perf_counter()
    _read_or_refused(vendor, body)
    assert time.perf_counter() - began < AT_ONCE


@pytest.mark.parametrize("vendor", READERS)
def test_nesting_at_the_edge_of_the_stack(vendor: str) -> None:
    """What can just be read may be too deep to be written again."""
    for levels in (*range(1, 40), *range(850, 1010), 60_000):
        deep = "[" * levels + "]" * levels
        _read_or_refused(vendor, f'{{{READERS[vendor].start}, "phone": "1", "type": "x", "extra": {deep}}}'.encode())


def test_more_levels_than_a_pbx_sends_are_refused() -> None:
    most = webhook_body.MOST_LEVELS
    allowed, beyond = ("[" * levels + "]" * levels for levels in (most - 1, most))
    assert webhook_body.json_value(allowed) is not None
    with pytest.raises(Malformed, match="nested too deeply"):
        webhook_body.json_value(f'{{"a": {beyond}}}')


def _read_or_refused(vendor: str, body: bytes) -> None:
    try:
        received = READERS[vendor].read(body)
    except Malformed:
        return
    storable(received)
