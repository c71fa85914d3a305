"""Webhook bodies: the same fields, whatever form they come in."""

import json
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pbx import webhook_body
from pbx.errors import Malformed

FIELDS = {
    "cmd": "history",
    "status": "Missed",
    "phone": "79101234567",
    "groupRealName": "Отдел продаж",
    "duration": "13",
}
MULTIPART = (
    "--XyZ\r\n"
    'Content-Disposition: form-data; name="cmd"\r\n\r\nhistory\r\n'
    "--XyZ\r\n"
    'Content-Disposition: form-data; name="groupRealName"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    "Отдел продаж\r\n"
    "--XyZ--\r\n"
).encode()


@pytest.mark.parametrize(
    "body",
    [
        "cmd=history&status=Missed&phone=79101234567&groupRealName=%D0%9E%D1%82%D0%B4%D0%B5%D0%BB+"
        "%D0%BF%D1%80%D0%BE%D0%B4%D0%B0%D0%B6&duration=13",
        "cmd=history&status=Missed&phone=79101234567&groupRealName=Отдел+продаж&duration=13",
        json.dumps({**FIELDS, "duration": 13}),
        json.dumps({**FIELDS, "duration": 13}, ensure_ascii=False),
        "\ufeff" + json.dumps(FIELDS),
        "\r\n" + json.dumps(FIELDS) + "\n",
        json.dumps({"payload": json.dumps(FIELDS)}),
    ],
    ids=["form", "form, not encoded", "JSON", "JSON in letters", "with a BOM", "with line ends", "JSON in JSON"],
)
def test_form_and_json_say_the_same(body: str) -> None:
    assert webhook_body.fields(body.encode()) == FIELDS


def test_json_in_a_form_field_named_payload() -> None:
    read = webhook_body.fields(b"crm_token=t&payload=%7B%22cmd%22%3A%22event%22%2C%22duration%22%3A5%7D")
    assert read == {"crm_token": "t", "cmd": "event", "duration": "5"}


def test_a_payload_that_is_no_json_stays_a_field() -> None:
    assert webhook_body.fields(b"cmd=event&payload=hello") == {"cmd": "event", "payload": "hello"}


def test_multipart_is_read_by_its_own_boundary() -> None:
    assert webhook_body.fields(MULTIPART) == {"cmd": "history", "groupRealName": "Отдел продаж"}


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ('Content-Disposition: form-data; name="cmd"\r\n\r\nhistory', "cmd"),
        ('Content-Disposition: form-data; name="cmd"\n\nhistory', "cmd"),
        ("content-disposition: form-data; name=cmd\r\n\r\nhistory", "cmd"),
        ('Content-Type: text/plain\r\nContent-Disposition: form-data;\r\n\tname="cmd"\r\n\r\nhistory', "cmd"),
        ('Content-Disposition: form-data; filename="a.txt"; name="a b"\r\n\r\nhistory', "a b"),
    ],
    ids=["as browsers write it", "line feeds alone", "no quotes", "a folded header", "name after file name"],
)
def test_a_part_is_read_however_its_header_is_written(part: str, name: str) -> None:
    nameless = "--XyZ\r\nContent-Type: text/plain\r\n\r\nnobody's\r\n"
    body = f"{nameless}--XyZ\r\n{part}\r\n--XyZ--\r\nan epilogue"
    assert webhook_body.fields(body.encode()) == {name: "history"}


def test_a_value_of_several_lines_stays_whole() -> None:
    said = 'Content-Disposition: form-data; name="a"\r\n\r\none\r\n\r\n-- two\r\n'
    assert webhook_body.fields(f"--XyZ\r\n{said}--XyZ--".encode()) == {"a": "one\r\n\r\n-- two"}


def test_json_values_become_text_as_a_form_would_have_them() -> None:
    body = b'{"n": 13, "f": 4.5, "yes": true, "none": null, "object": {"telnum": "79262005060"}, "nul": "a\\u0000b"}'
    assert webhook_body.fields(body) == {
        "n": "13",
        "f": "4.5",
        "yes": "true",
        "none": "",
        "object": '{"telnum": "79262005060"}',
        "nul": "ab",
    }


def test_an_empty_field_is_there_and_empty() -> None:
    assert webhook_body.fields(b"cmd=history&phone=&status=Missed")["phone"] == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"cmd=%ff",
        b"{",
        b"[]",
        b'[{"cmd": "event"}]',
        b'{"cmd": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"payload={",
        b'{"payload": "{[}"}',
        b"[" * 100_000,
        b"{" + b'"a":{' * 50_000,
        b"--",
        b"--x\r\nno header at all",
        b"--" + b"x" * 1000 + b"\r\n",
        b"&".join(b"a%d=1" % n for n in range(201)),
        json.dumps({f"a{n}": 1 for n in range(201)}).encode(),
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_what_is_no_mapping_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        webhook_body.fields(body)


@given(st.binary() | st.text().map(str.encode) | st.text(alphabet='{}[]"\\u0d8,:&=%-+\r\n').map(str.encode))
@example(b'{"payload": "{\\"a\\": \\"\\\\ud800\\"}"}')
@example(b'--a\r\nContent-Disposition: form-data; name="x"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--a--')
def test_any_bytes_are_either_storable_text_or_malformed(body: bytes) -> None:
    try:
        read = webhook_body.fields(body)
    except Malformed:
        return
    for text in (*read, *read.values()):
        assert "\0" not in text
        assert text.encode().decode() == text


QUOTED = st.sampled_from(
    ["a", "=", "&", "+", " ", "%", "%41", "%4", "%zz", "%25", "%2B", ";", "я", "%D0", "%9E", "%e2%82%ac"]
)


@given(st.lists(QUOTED, min_size=1, max_size=12).map("".join))
@example("a=%D0%9Eb%D0&a=2")
def test_a_form_is_read_as_the_standard_library_reads_it(text: str) -> None:
    stripped = text.strip()
    try:
        theirs = dict(parse_qsl(stripped, keep_blank_values=True, errors="strict")) if "=" in stripped else None
    except UnicodeDecodeError:
        theirs = None
    try:
        ours = webhook_body.fields(text.encode())
    except Malformed:
        ours = None
    assert ours == theirs
