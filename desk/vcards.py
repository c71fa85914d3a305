"""vCards (2.1, 3.0, 4.0) as phones and address books write them: whose they are, and every number with its line.

Small on purpose: of a card only the name and the numbers are read, and nothing in it is an error for its neighbours.
"""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

#: ``item1.TEL;TYPE="cell,voice":+7…``: a group, the name, parameters, the value.
_LINE = re.compile(
    r"(?:[\w-]+\.)?(?P<name>[A-Za-z-]+)(?P<params>(?:;[^:;\"]*(?:\"[^\"]*\")?)*):(?P<value>.*)", re.DOTALL
)
_ESCAPED = re.compile(r"\\([\\,;:nN])")


@dataclass(slots=True)
class Card:
    """One card; `line` is where it begins, counted from 1."""

    line: int
    names: dict[str, str] = field(default_factory=dict)
    phones: list[tuple[int, str]] = field(default_factory=list)
    """Each number as it is written, with its line."""
    is_whole: bool = False

    @property
    def name(self) -> str:
        """The formatted name, else the one put together from its parts, else the company."""
        return self.names.get("FN") or self.names.get("N") or self.names.get("ORG") or ""


def holds_cards(text: str) -> bool:
    """Whether that is a file of vCards."""
    return text.lstrip("\ufeff \t\r\n")[:11].casefold() == "begin:vcard"


def phones(text: str) -> list[str]:
    """Every number of every card, as written."""
    return [phone for card in read(text) for _, phone in card.phones]


def read(text: str) -> Iterator[Card]:
    """The cards in order; one that does not end before the next begins, or at all, is not whole."""
    card: Card | None = None
    for number, line in _unfolded(text):
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, value = match["name"].upper(), match["value"].strip()
        if name == "BEGIN" and value.casefold() == "vcard":
            if card:
                yield card
            card = Card(number)
        elif name == "END" and value.casefold() == "vcard" and card:
            card.is_whole = True
            yield card
            card = None
        elif card:
            _take(card, number, name, _decoded(value, match["params"]))
    if card:
        yield card


def _take(card: Card, number: int, name: str, value: str) -> None:
    if name == "TEL" and value:
        card.phones.append((number, value.partition(":")[2] if value[:4].casefold() == "tel:" else value))
    elif name == "N":
        family, given, *more = (_plain(part) for part in [*re.split(r"(?<!\\);", value), ""])
        card.names.setdefault("N", " ".join(part for part in (given, *more[:1], family) if part))
    elif name == "ORG":
        card.names.setdefault("ORG", " ".join(_plain(part) for part in re.split(r"(?<!\\);", value)).strip())
    elif name == "FN":
        card.names.setdefault("FN", _plain(value))


def _plain(value: str) -> str:
    return " ".join(_ESCAPED.sub(lambda one: " " if one[1] in "nN" else one[1], value).split())


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their continuations: what begins with a blank, or follows a soft break of quoted-printable."""
    whole, first = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if whole.endswith("=") and "QUOTED-PRINTABLE" in whole.upper():
            whole = whole[:-1] + line
        elif line[:1] in (" ", "\t") and whole:
            whole += line[1:]
        else:
            if whole:
                yield first, whole
            whole, first = line, number
    if whole:
        yield first, whole


def _decoded(value: str, params: str) -> str:
    if "QUOTED-PRINTABLE" not in params.upper():
        return value
    raw = quopri.decodestring(value.encode("utf-8"))
    charset = re.search(r"CHARSET=\"?([\w-]+)", params, re.IGNORECASE)
    try:
        return raw.decode(charset[1] if charset else "utf-8")
    except (LookupError, UnicodeDecodeError):
        return raw.decode("cp1251", errors="replace")
