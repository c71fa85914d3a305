"""Numbers as anybody may write them: reading never fails, and what was read and shown is read as the same again."""

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from pbx import numbers

COUNTRIES = st.sampled_from(["RU", "UA", "KZ", "GB", "US", "ru"])
#: Digits, what people put between them, and what they should not.
TYPED = st.text(st.sampled_from("0123456789+()- –.*,;/\t\n\u00a0٣４#x|aя\0"), max_size=40)
ANYTHING = TYPED | st.text(max_size=60)


def _valid(region: str, kind: int) -> str:
    example = phonenumbers.example_number_for_type(region, kind)
    assert example is not None
    return phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)


#: A mobile number of each country that we are likely to meet, and the digits after its prefix drawn anew.
REAL = st.builds(
    lambda known, digits: known[:-6] + digits,
    st.sampled_from([_valid(one, phonenumbers.PhoneNumberType.MOBILE) for one in ("RU", "UA", "KZ", "GB", "US")]),
    st.text("0123456789", min_size=6, max_size=6),
)


@given(ANYTHING, COUNTRIES)
@example("+" * 4096, "RU")
@example("8 (910) 123-45-67 " * 2000, "RU")
@example("+7910123456\u0667", "RU")
def test_reading_never_fails(text: str, country: str) -> None:
    for read in (
        numbers.parse(text, country),
        *numbers.find(text[:4096], country),
        numbers.leading(text, country)[0],
    ):
        assert read is None or (read.startswith("+") and read[1:].isascii() and read[1:].isdecimal())
    found, rest = numbers.leading_range(text, country)
    assert found is None or found.endswith("*")
    assert rest in text
    assert numbers.masked(text).startswith("…")


@given(ANYTHING, COUNTRIES)
def test_a_client_is_a_number_or_what_the_pbx_wrote(text: str, country: str) -> None:
    client = numbers.from_pbx(text, country)
    assert client is None or client == text.strip() or client == numbers.parse(text, country)
    if client is not None:
        assert numbers.from_pbx(client, country) == client


@given(REAL, COUNTRIES)
def test_what_is_shown_is_read_as_the_same(number: str, country: str) -> None:
    shown = numbers.display(number)
    assert numbers.parse(shown, country) == numbers.parse(number, country) == number
    assert numbers.parse(number.removeprefix("+"), "RU") is not None
    assert numbers.find(f"call {shown}, please", country) == [number]


@given(ANYTHING)
def test_anything_can_be_shown(text: str) -> None:
    shown = numbers.display(text)
    assert numbers.display(shown) == shown


def test_what_is_too_long_is_no_number_and_is_not_remembered() -> None:
    remembered = numbers._parse.cache_info().currsize
    for length in range(numbers.LONGEST + 1, numbers.LONGEST + 50):
        assert numbers.parse("+79101234567".ljust(length, "0"), "RU") is None
    assert numbers._parse.cache_info().currsize == remembered


@given(REAL, COUNTRIES, st.integers(0, 12), st.from_regex(r"[0-9]{0,4}", fullmatch=True))
def test_the_quick_look_says_what_the_library_says(number: str, country: str, kept: int, more: str) -> None:
    said = number[: kept + 1] + more
    for text in (said, said.removeprefix("+"), number, number.removeprefix("+")):
        if numbers._whole(country).fullmatch(text):
            assert numbers._parse(text, country) == "+" + text.removeprefix("+")


def test_most_numbers_need_only_the_quick_look() -> None:
    quick = [("79101234567", "RU"), ("+74951234567", "RU"), ("380442249895", "UA"), ("380671234567", "UA")]
    assert all(numbers._whole(country).fullmatch(text) for text, country in quick)
    others = ["89101234567", "380442249895", "9101234567", "7910123456", "anna", ""]
    assert not any(numbers._whole("RU").fullmatch(text) for text in others)
