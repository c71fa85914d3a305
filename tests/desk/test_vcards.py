"""vCards as phones write them: versions, folds, encodings, and what is broken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import vcards
from desk.vcards import Card


def told(text: str) -> list[tuple[str, list[str]]]:
    return [(card.name, [phone for _, phone in card.phones]) for card in vcards.read(text)]


@pytest.mark.parametrize(
    ("lines", "name", "phones"),
    [
        (
            ["VERSION:3.0", "FN:Мария Петрова", "TEL;TYPE=CELL:+7 910 123-45-67"],
            "Мария Петрова",
            ["+7 910 123-45-67"],
        ),
        (["VERSION:4.0", "FN:Anna", 'TEL;VALUE=uri;TYPE="voice,home":tel:+1-555-0100'], "Anna", ["+1-555-0100"]),
        (["N:Петрова;Мария;Ивановна;;", "TEL:1"], "Мария Ивановна Петрова", ["1"]),
        (["ORG:Рога и копыта;Склад", "TEL:1", "TEL;TYPE=FAX:2"], "Рога и копыта Склад", ["1", "2"]),
        (["FN:Иванов\\, Пётр\\; младший", "item1.TEL:1", "item1.X-ABLabel:дача"], "Иванов, Пётр; младший", ["1"]),
        (["FN:Очень длинное", "  имя клиента", "TEL:1"], "Очень длинное имя клиента", ["1"]),
        (
            [
                "VERSION:2.1",
                "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9C=D0=B0=D1=80=",
                "=D0=B8=D1=8F",
                "TEL;CELL:1",
            ],
            "Мария",
            ["1"],
        ),
        (["FN;CHARSET=windows-1251;ENCODING=QUOTED-PRINTABLE:=CC=E0=F0=E8=FF", "TEL:1"], "Мария", ["1"]),
        (["FN:A", "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRg=", " =AAAA", "TEL:1"], "A", ["1"]),
        (["FN:A", "NOTE:call TEL:5", "TEL:"], "A", []),
    ],
)
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_a_card(lines: list[str], name: str, phones: list[str], newline: str) -> None:
    text = newline.join(["BEGIN:VCARD", *lines, "END:VCARD", ""])
    assert vcards.holds_cards(text)
    assert told(text) == [(name, phones)]


def test_lines_are_counted_as_editors_do() -> None:
    text = "\r\nBEGIN:VCARD\r\nFN:A\r\nTEL:1\r\nEND:VCARD\r\nbegin:vcard\r\nfn:B\r\n folded\r\ntel:2\r\nend:vcard\r\n"
    first, second = vcards.read(text)
    assert (first.line, first.phones, second.line, second.phones) == (2, [(4, "1")], 6, [(9, "2")])
    assert second.name == "Bfolded"


def test_a_card_that_does_not_end_hides_no_other() -> None:
    cards = list(vcards.read("BEGIN:VCARD\nFN:A\nTEL:1\nBEGIN:VCARD\nFN:B\nTEL:2\nEND:VCARD\nBEGIN:VCARD\n"))
    assert [(card.line, card.name, card.is_whole) for card in cards] == [
        (1, "A", False),
        (4, "B", True),
        (8, "", False),
    ]


@pytest.mark.parametrize("text", ["", "phone,name\n", "FN:A\nTEL:1\n"])
def test_what_is_no_card(text: str) -> None:
    assert not vcards.holds_cards(text)
    assert list(vcards.read(text)) == []


@given(st.text(alphabet='BEGINVCARDEND:;="\\\r\n TEL1.,FN', max_size=200))
def test_nothing_breaks_the_reader(junk: str) -> None:
    assert all(isinstance(card, Card) for card in vcards.read("BEGIN:VCARD\n" + junk))


@given(st.lists(st.tuples(st.text("абвя-", min_size=1), st.integers(10**9, 10**10 - 1)), max_size=8))
def test_as_many_come_out_as_went_in(written: list[tuple[str, int]]) -> None:
    text = "".join(f"BEGIN:VCARD\r\nFN:{name}\r\nTEL:{phone}\r\nEND:VCARD\r\n" for name, phone in written)
    assert told(text) == [(name, [str(phone)]) for name, phone in written]
