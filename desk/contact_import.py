"""Contacts out of a CSV file: ``phone,name,responsible``, as the tools of this world write such files."""

import asyncio
import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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

#: Told after each batch: rows done, rows in all.
Progress = Callable[[int, int], None]
#: The employees of each PBX whose employees were ever read.
Staff = Mapping[str, Sequence[Employee]]


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was not taken. `line` counts from 1, as editors do."""

    line: int
    reason: str


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
    broken: str | None = None


def _quietly(done: int, total: int) -> None:
    """No progress bar."""


async def import_csv(desk: Desk, path: Path, progress: Progress = _quietly) -> Report:
    """Read the file and write its contacts down; doing it again changes nothing. Raises `OSError`.

    Comma, semicolon or tab; UTF-8, UTF-16 or Windows-1251; with or without a header. A number that comes twice is
    written down as its last row says. A row without a responsible employee leaves the one that is known.
    """
    rows = list(_rows(_decoded(await asyncio.to_thread(path.read_bytes))))
    async with desk.db.read() as tx:
        read = {pbx_id: await people.employees_of(tx, pbx_id) for pbx_id in desk.pbxes}
    staff = {pbx_id: employees for pbx_id, employees in read.items() if employees}
    report = Report()
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        async with desk.db.write() as tx:
            await _take(desk, tx, batch, staff, report)
        progress(start + len(batch), len(rows))
    desk.deliveries.ring()
    return report


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
        if line.count('"') % 2:
            yield _Row(number, "", "", "", "a quotation mark is not closed on this line")
            continue
        [cells] = csv.reader([line], delimiter=delimiter)
        if order is None:
            order = _header(cells)
            if order:
                continue
            order = IN_ORDER
        named = dict(zip(order, (cell.strip() for cell in cells), strict=False))
        yield _Row(number, *(named.get(column, "") for column in IN_ORDER))


def _header(cells: Sequence[str]) -> list[str | None] | None:
    """Which columns the first row names; None if it is a contact already."""
    found = [COLUMNS.get(cell.strip().casefold()) for cell in cells]
    return found if "phone" in found else None


async def _take(desk: Desk, tx: Tx, rows: Sequence[_Row], staff: Staff, report: Report) -> None:
    read = [(row, numbers.parse(row.phone, desk.office.country)) for row in rows]
    known = await contacts.get_many(tx, [number for _, number in read if number])
    changed: dict[str, Contact] = {}
    for row, number in read:
        if number is None or (reason := _wrong(row, desk, staff)):
            reason = row.broken or (f"“{row.phone}” is no phone number" if number is None else reason)
            report.rejected.append(RejectedRow(row.line, reason))
            continue
        before = known.get(number)
        responsible = row.responsible or (before.responsible if before else None)
        if before and (before.name, before.responsible) == (row.name, responsible):
            report.already_there += 1
            continue
        known[number] = changed[number] = Contact(number, row.name, responsible, desk.clock.now(), None)
        if before:
            report.updated += 1
        else:
            report.added += 1
    await contacts.save(desk.db, tx, *changed.values())
    await refresh_cards(desk, tx, list(changed))


def _wrong(row: _Row, desk: Desk, staff: Staff) -> str:
    """Why the row can't be taken; empty if it can."""
    if not row.name:
        return "there is no name"
    if len(row.name) > LONGEST_NAME:
        return f"the name is longer than {LONGEST_NAME} characters"
    where, _, login = row.responsible.rpartition(":")
    if where and where not in desk.pbxes:
        return f"there is no PBX called “{where}”"
    asked = [where] if where else list(desk.pbxes)
    # Where a PBX's employees were never read, nobody can be said not to be there.
    if login and all(one in staff and not any(e.answers_to(login) for e in staff[one]) for one in asked):
        return f"nobody at the PBX is called “{login}”"
    return ""
