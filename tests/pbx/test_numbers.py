"""Phone numbers as people and PBXs write them."""

import pytest

from pbx import numbers


@pytest.mark.parametrize(
    "written",
    [
        "+79101234567",
        "79101234567",
        "89101234567",
        "8 (910) 123-45-67",
        "+7 910 123 45 67",
        "910 123-45-67",
        " 79101234567",  # a form's "+", read as a space
        "\u00a0+7\u00a0910\u2011123\u201145\u201167",
    ],
)
def test_one_number_however_it_is_written(written: str) -> None:
    assert numbers.parse(written, "RU") == "+79101234567"


@pytest.mark.parametrize(
    ("written", "country", "e164"),
    [
        ("0442249895", "UA", "+380442249895"),
        ("380442249895", "UA", "+380442249895"),
        ("380442249895", "RU", "+380442249895"),
        ("79101234567", "UA", "+79101234567"),
        ("810380442249895", "ru", "+380442249895"),
    ],
)
def test_a_bare_number_is_read_by_the_country_and_else_as_international(
    written: str, country: str, e164: str
) -> None:
    assert numbers.parse(written, country) == e164


@pytest.mark.parametrize(
    "written",
    [
        "",
        "701",
        "123456",
        "7495190",  # without its area code
        "749512345*",
        "sip:701@example.com",
        "доб. 89101234567",
        "1234567890123456789",
        "+",
    ],
)
def test_what_is_no_whole_number_is_none(written: str) -> None:
    assert numbers.parse(written, "RU") is None


@pytest.mark.parametrize(
    "written", ["", None, "anonymous", "Anonymous", " unknown ", "PRIVATE", "null", "Restricted"]
)
def test_a_hidden_client_is_none(written: str | None) -> None:
    assert numbers.from_pbx(written, "RU") is None


def test_a_client_that_cannot_be_read_stays_as_the_pbx_wrote_it() -> None:
    assert numbers.from_pbx(" 701 ", "RU") == "701"
    assert numbers.from_pbx("sip:anna@example.com", "RU") == "sip:anna@example.com"
    assert numbers.from_pbx("79101234567", "RU") == "+79101234567"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+380441234567", "+380 44 123 4567"),
        ("+375291234567", "+375 29 123-45-67"),
        ("+77012345678", "+7 701 234 5678"),
        ("+998901234567", "+998 90 123 45 67"),
        ("+12025550123", "+1 202-555-0123"),
        ("112", "112"),
        ("749512345*", "749512345*"),
        ("*100#", "*100#"),
        ("+7abc", "+7abc"),
        ("", ""),
    ],
)
def test_a_number_is_shown_as_its_country_writes_it(number: str, shown: str) -> None:
    assert numbers.display(number) == shown


def test_people_see_a_number_as_they_read_it() -> None:
    assert numbers.display("+79101234567") == "+7 910 123-45-67"
    assert numbers.display("+380442249895") == "+380 44 224 9895"
    assert numbers.display("anonymous") == "anonymous"
    assert numbers.display("+abc") == "+abc"


def test_a_pbx_wants_digits_alone() -> None:
    assert numbers.digits("+7 (910) 123-45-67") == "79101234567"


def test_a_log_shows_four_digits_at_most() -> None:
    assert numbers.masked("+79101234567") == "…4567"
    assert numbers.masked("4567") == numbers.masked("701") == "…"


def test_every_number_of_a_text_is_found_once_and_in_order() -> None:
    text = "Звонил +7 910 123-45-67, потом 8(495)190-41-98 и снова 79101234567; счёт 12345678901234567890"
    assert numbers.find(text, "RU") == ["+79101234567", "+74951904198"]
    assert numbers.find("12.10.2024 10:00, тел. 910-123-45-67", "RU") == ["+79101234567"]
    assert numbers.find("79261904198", "RU") == ["+79261904198"]
    assert numbers.find("перезвоните мне", "RU") == []
