"""Contacts out of files: CSV with ``phone,name,responsible``, and vCards, as the tools of this world write them."""

import asyncio
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from desk import vcards
from desk.contacts import refresh_cards
from desk.office import Desk
from pbx import numbers
from pbx.vocabulary import Employee
from storage import contacts, people
from storage.contacts import Contact
from storage.database import Tx

#: Rows in one transaction.
BATCH = 500
#: Characters of a name.
LONGEST_NAME = 200
#: Columns by the names that address books give them, compared casefolded.
COLUMNS = {
    **dict.fromkeys(("phone", "number", "tel", "телефон", "номер"), "phone"),
    **dict.fromkeys(("name", "contact", "client", "имя", "клиент", "контакт", "ім'я", "клієнт"), "name"),
    **dict.fromkeys(("responsible", "login", "manager", "ответственный", "відповідальний"), "responsible"),
}
IN_ORDER = ("phone", "name", "responsible")
#: A longer one holds no contact, and Python's reader refuses cells far beyond it.
LONGEST_LINE = 10_000

#: Told after each batch: rows done, rows in all.
Progress = Callable[[int, int], None]
#: The employees of each PBX whose employees were ever read.
Staff = Mapping[str, Sequence[Employee]]


class Why(StrEnum):
    """Why a row was not taken."""

    NO_NUMBER = "no_number"
    NO_NAME = "no_name"
    LONG_NAME = "long_name"
    NO_PBX = "no_pbx"
    NO_EMPLOYEE = "no_employee"
    OPEN_QUOTE = "open_quote"
    NO_PHONE = "no_phone"
    """A card without any number."""
    OPEN_CARD = "open_card"
    """A card that does not end."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row, or a card's number, that was not taken: `said` is wrong. `line` counts from 1, as editors do."""

    line: int
    why: Why
    said: str = ""


@dataclass(slots=True)
class Report:
    """What became of the rows."""

    added: int = 0
    updated: int = 0
    already_there: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    phone: str
    name: str
    responsible: str
    broken: Why | None = None


def _quietly(done: int, total: int) -> None:
    """No progress bar."""


async def import_csv(desk: Desk, path: Path, progress: Progress = _quietly) -> Report:
    """Read the file and write its contacts down; doing it again changes nothing. Raises `OSError`.

    Comma, semicolon or tab; UTF-8, UTF-16 or Windows-1251; with or without a header. A number that comes twice is
    written down as its last row says. A row without a responsible employee leaves the one that is known.
    """
    return await import_file(desk, await asyncio.to_thread(path.read_bytes), progress)


async def import_file(desk: Desk, content: bytes, progress: Progress = _quietly, *, by: int | None = None) -> Report:
    """The same for what somebody (`by`) has sent. vCards are told from CSV by their first line."""
    rows = await asyncio.to_thread(_read, content)
    async with desk.db.read() as tx:
        read = {pbx_id: await people.employees_of(tx, pbx_id) for pbx_id in desk.pbxes}
    staff = {pbx_id: employees for pbx_id, employees in read.items() if employees}
    report = Report()
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        async with desk.db.write() as tx:
            await _take(desk, tx, batch, staff, report, by)
        progress(start + len(batch), len(rows))
    desk.deliveries.ring()
    return report


def _read(content: bytes) -> list[_Row]:
    text = _decoded(content)
    return list(_cards(text) if vcards.holds_cards(text) else _rows(text))


def _cards(text: str) -> Iterator[_Row]:
    """A row for each number of each card."""
    for card in vcards.read(text):
        if not card.is_whole:
            yield _Row(card.line, "", card.name, "", Why.OPEN_CARD)
        elif not card.phones:
            yield _Row(card.line, "", card.name, "", Why.NO_PHONE)
        else:
            yield from (_Row(line, phone, card.name, "") for line, phone in card.phones)


def _decoded(raw: bytes) -> str:
    """Spreadsheets save as UTF-8 with a mark, as UTF-16, or in the old Windows encoding."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1251", errors="replace")


def _rows(text: str) -> Iterator[_Row]:
    """Line by line: so a quote that nobody closed can't swallow the rest of the file."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    delimiter = max(",;\t", key=next((line for line in lines if line.strip()), "").count)
    order: Sequence[str | None] | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip(f" {delimiter}"):
            continue
        if len(line) > LONGEST_LINE:
            yield _Row(number, "", "", "", Why.LONG_NAME)
            continue
        if line.count('"') % 2:
            yield _Row(number, "", "", "", Why.OPEN_QUOTE)
            continue
        [cells] = csv.reader([line], delimiter=delimiter)
        if order is None:
            order = _header(cells)
            if order:
                continue
            order = IN_ORDER
        named = dict(zip(order, (_bare(cell) for cell in cells), strict=False))
        phone, name, responsible = (named.get(column, "") for column in IN_ORDER)
        yield _Row(number, phone, name, responsible)


def _bare(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from reading a text as a formula."""
    bare = cell.strip()
    return bare[1:] if bare[:1] == "'" and bare[1:2] in ("=", "+", "-", "@") else bare


def _header(cells: Sequence[str]) -> list[str | None] | None:
    """Which columns the first row names; None if it is a contact already."""
    found = [COLUMNS.get(cell.strip().casefold()) for cell in cells]
    return found if "phone" in found else None


async def _take(desk: Desk, tx: Tx, rows: Sequence[_Row], staff: Staff, report: Report, by: int | None) -> None:
    read = [(row, numbers.parse(row.phone, desk.office.country)) for row in rows]
    known = await contacts.get_many(tx, [number for _, number in read if number])
    changed: dict[str, Contact] = {}
    for row, number in read:
        rejected = _rejected(row, number, desk, staff)
        if rejected or number is None:
            report.rejected.append(rejected or RejectedRow(row.line, Why.NO_NUMBER, row.phone))
            continue
        before = known.get(number)
        responsible = row.responsible or (before.responsible if before else None)
        if before and (before.name, before.responsible) == (row.name, responsible):
            report.already_there += 1
            continue
        known[number] = changed[number] = Contact(number, row.name, responsible, desk.clock.now(), by)
        if before:
            report.updated += 1
        else:
            report.added += 1
    await contacts.save(desk.db, tx, *changed.values())
    await refresh_cards(desk, tx, list(changed))


def _rejected(row: _Row, number: str | None, desk: Desk, staff: Staff) -> RejectedRow | None:
    """Why the row can't be taken; None if it can."""
    where, _, login = row.responsible.rpartition(":")
    asked = [where] if where else list(desk.pbxes)
    # Where a PBX's employees were never read, nobody can be said not to be there.
    is_nobody = bool(login) and all(
        one in staff and not any(e.answers_to(login) for e in staff[one]) for one in asked if one in desk.pbxes
    )
    wrong: list[tuple[bool, Why, str]] = [
        (number is None, Why.NO_NUMBER, row.phone),
        (not row.name, Why.NO_NAME, ""),
        (len(row.name) > LONGEST_NAME, Why.LONG_NAME, str(LONGEST_NAME)),
        (bool(where) and where not in desk.pbxes, Why.NO_PBX, where),
        (is_nobody, Why.NO_EMPLOYEE, login),
    ]
    if row.broken:
        return RejectedRow(row.line, row.broken)
    return next((RejectedRow(row.line, why, said) for is_so, why, said in wrong if is_so), None)
