"""Phone numbers: read as people and PBXs write them, kept in E.164, shown as people read them."""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, ValidationResult

#: What PBXs send for a caller who hides the number, compared casefolded.
HIDDEN = frozenset({"", "anonymous", "unknown", "private", "restricted", "unavailable", "none", "null", "hidden"})


#: An international number without its "+", as it is copied out of a PBX's cabinet.
_DIGITS = re.compile(r"(?<![\d+])\d{10,15}(?!\d)")

#: So many words at most make one number as people write it: ``8 (910) 1 23 45 67``.
MOST_PARTS = 8
_RANGE = re.compile(r"(?P<start>\+?[\d\s().\-–]+)\*")
#: Digits of a range; a shorter one would hold whole countries.
SHORTEST_RANGE = 4
#: What is longer is no number, whoever sends it, and is not kept in memory as if it were one.
LONGEST = 250


def parse(text: str, country: str) -> str | None:
    """`text` in E.164 (``+79101234567``), or None if it is no possible number.

    `country` (ISO 3166, ``RU``) is how a number without a country code is read. PBXs leave the ``+`` out:
    ``79101234567`` is read as international when it is no number of that country.
    """
    bare = text.strip()
    if _whole(country).fullmatch(bare):
        return "+" + bare.removeprefix("+")
    return _parse(bare, country.upper()) if len(bare) <= LONGEST else None


def from_pbx(text: str | None, country: str) -> str | None:
    """The client of a call as a PBX names it: E.164, the text itself if unreadable, None if hidden."""
    bare = (text or "").strip()
    if bare.casefold() in HIDDEN:
        return None
    return parse(bare, country) or bare


def display(number: str) -> str:
    """``+7 910 123-45-67``; anything that is not E.164 as it is."""
    if not number.startswith("+"):
        return number
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL)
    except NumberParseException:
        return number


def digits(number: str) -> str:
    """`number` without its ``+`` and marks: the way most PBXs want it."""
    return re.sub(r"\D", "", number)


def national(number: str) -> str:
    """The digits of a number in E.164 without its country's code."""
    try:
        return str(phonenumbers.parse(number).national_number)
    except NumberParseException:
        return digits(number)


def find(text: str, country: str) -> list[str]:
    """Every phone number in a text people wrote, in E.164, each once, in order."""
    alone = parse(text, country)
    if alone:
        return [alone]
    matches = phonenumbers.PhoneNumberMatcher(text, country.upper())
    found = [phonenumbers.format_number(match.number, PhoneNumberFormat.E164) for match in matches]
    found += [number for run in _DIGITS.findall(text) if (number := parse(run, country))]
    return list(dict.fromkeys(found))


def leading(text: str, country: str) -> tuple[str | None, str]:
    """The number a text begins with, in E.164, and what follows it: ``8 (910) 123-45-67 sells carpets``."""
    words = text.split()
    for count in range(min(len(words), MOST_PARTS), 0, -1):
        if digits(words[count - 1]) and (number := parse(" ".join(words[:count]), country)):
            return number, " ".join(words[count:]).lstrip(" ,:;-–—")
    return None, text.strip()


def leading_range(text: str, country: str) -> tuple[str | None, str]:
    """The range of numbers a text begins with, as digits and ``*`` (``749512345*``), and what follows it."""
    match = _RANGE.match(text.strip())
    if not match:
        return None, text.strip()
    bare, rest = digits(match["start"]), text.strip()[match.end() :].strip()
    region = phonenumbers.PhoneMetadata.metadata_for_region(country.upper())
    trunk = region.national_prefix if region else None
    code = str(phonenumbers.country_code_for_region(country.upper()))
    if trunk and not match["start"].startswith("+") and bare.startswith(trunk) and not bare.startswith(code):
        bare = code + bare.removeprefix(trunk)
    return (f"{bare}*", rest) if len(bare) >= SHORTEST_RANGE else (None, text.strip())


def masked(number: str) -> str:
    """All but the last four digits hidden, for logs."""
    return f"…{digits(number)[-4:]}" if len(digits(number)) > 4 else "…"


@lru_cache(maxsize=32)
def _whole(country: str) -> re.Pattern[str]:
    """What is one of `country`'s own numbers in full, whichever way it is read: most of what a PBX says.

    Made of the library's own rules, so that nothing but its verdict on such a number is known beforehand.
    """
    code = phonenumbers.country_code_for_region(country.upper())
    rules = PhoneMetadata.metadata_for_region(country.upper())
    main = phonenumbers.region_code_for_country_code(code)
    if rules is None or main != country.upper() or not rules.fixed_line or not rules.mobile or not rules.general_desc:
        return _NOTHING
    own = rules.general_desc.national_number_pattern
    kinds = f"{rules.fixed_line.national_number_pattern}|{rules.mobile.national_number_pattern}"
    # Not where it could be a number without its code, or begin with what is dialled before one.
    before = "|".join(f"(?:{one})" for one in ("0", rules.national_prefix_for_parsing) if one)
    abroad = rules.international_prefix or "0"
    pattern = rf"\+?(?!{abroad})(?!(?:{own})$){code}(?!{before})(?=(?:{own})$)(?:{kinds})"
    return re.compile(pattern, re.ASCII)


_NOTHING = re.compile(r"(?!)")


@lru_cache(maxsize=8192)
def _parse(text: str, country: str) -> str | None:
    bare = re.sub(r"[^\d+]", "", text)
    if not bare or len(bare) < 6 or re.search(r"[^\W\d_]", text):
        return None
    attempts = [(bare, None)] if bare.startswith("+") else [(bare, country), ("+" + bare, None)]
    candidates = []
    for attempt, region in attempts:
        try:
            candidates.append(phonenumbers.parse(attempt, region))
        except NumberParseException:
            continue
    for number in candidates:
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # What is possible only within one town ("7495190") has lost its area code: no number to call or to compare.
    reason = phonenumbers.is_possible_number_with_reason
    possible = (number for number in candidates if reason(number) == ValidationResult.IS_POSSIBLE)
    return next((phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in possible), None)
