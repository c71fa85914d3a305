"""Numbers at the beginning of what people type after a command."""

import pytest

from pbx import numbers


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("+79101234567", "+79101234567", ""),
        ("8 (910) 123-45-67 sells carpets", "+79101234567", "sells carpets"),
        ("910 123 45 67, called 20 times", "+79101234567", "called 20 times"),
        ("8 910 123-45-67 2 раза за ночь", "+79101234567", "2 раза за ночь"),
        ("79101234567 — спам", "+79101234567", "спам"),
        ("79101234567, спам", "+79101234567", "спам"),
        ("8 910 123-45-67 | anna", "+79101234567", "| anna"),
        ("+380 44 224 98 95 Оксана | anna", "+380442249895", "Оксана | anna"),
        ("sells carpets", None, "sells carpets"),
        ("12", None, "12"),
        ("", None, ""),
    ],
)
def test_a_number_is_told_from_what_follows_it(text: str, number: str | None, rest: str) -> None:
    assert numbers.leading(text, "RU") == (number, rest)


@pytest.mark.parametrize(
    ("text", "country", "found", "rest"),
    [
        ("749512345* advertisements", "RU", "749512345*", "advertisements"),
        ("+7 (495) 123-45*", "RU", "749512345*", ""),
        ("8 (495) 123-45* ads", "RU", "749512345*", "ads"),
        ("044 123*", "UA", "38044123*", ""),
        ("7*", "RU", None, "7*"),
        ("+79101234567", "RU", None, "+79101234567"),
    ],
)
def test_a_range_is_kept_with_its_asterisk(text: str, country: str, found: str | None, rest: str) -> None:
    assert numbers.leading_range(text, country) == (found, rest)
