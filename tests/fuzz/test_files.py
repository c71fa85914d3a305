"""Files that people send and tables that PBXs export: every row is read or refused, and nothing takes long."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from desk import contact_import, vcards
from pbx.vats_export import csv_rows

LETTERS = st.text(alphabet="+79101234567,;\t\"'=\r\n\0 \ufeffИмяphone", max_size=200)
CARDS = st.lists(
    st.sampled_from(
        [
            *("BEGIN:VCARD", "END:VCARD", "VERSION:3.0", "FN:Ольга", "N:;;;", "N:a;b", "ORG:;", "TEL:", "TEL:tel:+7"),
            *("TEL;TYPE=cell:+79101234567", 'TEL;X="a:b":1', "FN;ENCODING=QUOTED-PRINTABLE:=D0=9", "=", " folded"),
            *(
                "NOTE;ENCODING=QUOTED-PRINTABLE:a=",
                "FN;CHARSET=nonsense;ENCODING=QUOTED-PRINTABLE:=FF",
                ":",
                ";",
                "\0",
            ),
        ]
    ),
    max_size=12,
).map("\r\n".join)
AT_ONCE = 5.0


@given(
    st.binary(max_size=300)
    | LETTERS.map(str.encode)
    | CARDS.map(str.encode)
    | CARDS.map(lambda text: ("BEGIN:VCARD\n" + text).encode())
    | LETTERS.map(lambda text: text.encode("utf-16"))
)
@example(b"\xff\xfe\x00")
@example(b"phone,name\n" + b"x" * 200_000)
def test_any_file_of_contacts(content: bytes) -> None:
    lines = len(content) + 2
    assert all(1 <= row.line <= lines for row in contact_import._read(content))


@pytest.mark.parametrize(
    "text",
    [
        "x" * 2_000_000,
        '"' * 2_000_000,
        "," * 2_000_000,
        "\n" * 500_000,
        "BEGIN:VCARD\n" + "TEL" + ";" * 1_000_000,
        "BEGIN:VCARD\n" + 'TEL;"' * 300_000,
        "BEGIN:VCARD\n" + " folded\n" * 100_000,
        "BEGIN:VCARD\n" + "N:" + "\\;" * 500_000,
        "BEGIN:VCARD\n" + "a-" * 500_000,
    ],
    ids=["a line", "quotes", "commas", "empty lines", "semicolons", "open quotes", "folds", "escapes", "a name"],
)
def test_the_worst_of_files_is_read_at_once(text: str) -> None:
    began = time.perf_counter()
    contact_import._read(text.encode())
    vcards.phones(text)
    assert time.perf_counter() - began < AT_ONCE


def test_a_line_without_end_costs_no_other_row() -> None:
    rows = contact_import._read(b"79100000001,Olga\n" + b"x" * 200_000 + b"\n79100000002,Igor\n")
    assert [(row.phone, row.name, row.broken) for row in rows] == [
        ("79100000001", "Olga", None),
        ("", "", contact_import.Why.LONG_NAME),
        ("79100000002", "Igor", None),
    ]


def test_an_export_with_a_quote_that_nobody_closed_is_no_csv() -> None:
    with pytest.raises(ValueError, match="field larger than"):
        list(csv_rows('1,"' + "x" * 200_000))
