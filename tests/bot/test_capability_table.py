"""The table in the documents says what the code says."""

from dataclasses import fields

from bot.capability_table import MEANING, PAGE, page
from pbx.vocabulary import Capabilities


def test_the_table_is_what_the_vendors_declare() -> None:
    current = PAGE.read_text(encoding="utf-8")
    assert page(current) == current, "write it anew: python -m bot.capability_table"


def test_every_capability_is_explained_and_nothing_else() -> None:
    assert MEANING.keys() == {field.name for field in fields(Capabilities)}
