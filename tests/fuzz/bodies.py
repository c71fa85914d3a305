"""What a PBX, or somebody who pretends to be one, might post: shapes near the real ones, and everything else."""

import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

#: Words that mean something to one of the parsers, so that a random body gets past the first question.
WORDS = st.sampled_from(
    [
        *("history", "event", "contact", "rating", "webhook", "sipregs_error", "call.settings"),
        *("call.dial", "call.bridge", "call.hangup", "in", "out", "Missed", "Success", "INCOMING", "COMPLETED"),
        *("MULTI_CHANNEL", "OUTGOING", "NOT_ANSWERED_COMMON", "ANSWERED_COMMON", "VOICEMAIL", "79100000001"),
        *("20260318T090000Z", "2026-03-18T12:00:00+03:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        *("", "0", "-1", "1e400", "nan", "inf", "5", "13.5", "1_0", "٣", "null", "anonymous", "g_01234567-", "a\0b"),
        *('{"telnum": "7926", "name": null}', '{"telnum": "\\ud800"}', '{"telnum": {"a": []}}', "[[[[", "a@b@c"),
    ]
)
NUMBERS = st.sampled_from([0, 1, 2, 4, 32, 64, -1, 10**9, 10**12, 10**15, 10**40, 10**400, -(10**400), 0.5, 1e308])
ODD = st.sampled_from([float("nan"), float("inf"), "\ud800", "\udfff x"])
SCALARS = st.none() | st.booleans() | WORDS | NUMBERS | ODD | st.integers() | st.floats() | st.text(max_size=20)


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=8), inner, max_size=4)


VALUES = st.recursive(SCALARS, _around, max_leaves=8)


def mappings(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields, and some of nobody's, with any values."""
    known = st.dictionaries(st.sampled_from(names), VALUES, max_size=len(names))
    strange = st.dictionaries(st.text(max_size=8), VALUES, max_size=2)
    return st.tuples(strange, known).map(lambda two: two[0] | two[1])


def written(value: Any) -> bytes:
    """As JSON, lone surrogates spelled out and infinities as Python writes them."""
    return json.dumps(value).encode()


@st.composite
def deep(draw: st.DrawFn, *names: str) -> bytes:
    """A body with one field nested up to, around and far beyond what Python's stack holds."""
    levels = draw(st.integers(1, 40) | st.integers(900, 1000) | st.just(60_000))
    opening, closing = draw(st.sampled_from([("[", "]"), ('{"a":', "}")]))
    inner = opening * levels + "1" + closing * levels
    fields = [f'"{name}": "{draw(WORDS.filter(str.isalnum))}"' for name in names]
    return ("{" + ", ".join([*fields, f'"extra": {inner}']) + "}").encode()


def _form(fields: dict[str, Any]) -> bytes:
    return urlencode({name: str(value) for name, value in fields.items()}, errors="surrogatepass").encode()


def bodies(*names: str) -> st.SearchStrategy[bytes]:
    """Mappings as JSON and as forms, lists of them, deep ones, cut ones, and bytes that are nothing at all."""
    fields = mappings(*names)
    whole = fields.map(written) | fields.map(_form) | st.lists(fields, max_size=3).map(written) | deep(*names[:3])
    cut = st.tuples(whole, st.integers(0, 200)).map(lambda two: two[0][: two[1]])
    return whole | cut | VALUES.map(written) | st.binary(max_size=200)
