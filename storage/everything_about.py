"""Everything we keep about one client, found in one way for whoever exports it and whoever forgets it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, String, Table, Text, and_, cast, func, literal, or_, select

from pbx import numbers
from storage.database import Database, Tx
from storage.tables import (
    acts,
    call_aliases,
    call_backs,
    calls,
    cases,
    contacts,
    deliveries,
    escalations,
    firings,
    inbox,
    kept,
    live_calls,
    notes,
    notices,
    ratings,
    recordings,
    timers,
    updates,
)

#: Bodies looked through at once.
PIECE = 1000
#: What may stand within a number, also as a form or a URL writes it.
_MARKS = re.compile(rb"%[0-9A-Fa-f]{2}|[\s()+.-]")

Rows = list[dict[str, Any]]


@dataclass(slots=True)
class Everything:
    """Rows by the name of their table."""

    number: str
    rows: dict[str, Rows] = field(default_factory=dict)
    rolls: list[int] = field(default_factory=list)
    """Ids of notices that list the client's."""
    shared: list[int] = field(default_factory=list)
    """Ids of notices about several clients."""

    def __bool__(self) -> bool:
        return any(self.rows.values())

    def of(self, table: Table) -> Rows:
        return self.rows.get(table.name, [])

    def count(self, table: Table) -> int:
        return len(self.of(table))


async def find(tx: Tx, number: str, *, kept_by_call: Sequence[str] = ()) -> Everything:
    """All but stored bodies (see `bodies`). `number` in E.164.

    `kept_by_call`: how the names of values begin that are kept by a call's id.
    """
    found = Everything(number)
    for table, mine in _where(number, kept_by_call):
        found.rows[table.name] = [dict(row._mapping) for row in await tx.execute(select(table).where(mine))]
    for table, texts in _WRITTEN_IN.items():
        known = [_key(table, row) for row in found.of(table)]
        named = [row for row in await _naming(tx, table, texts, number) if _key(table, row) not in known]
        found.rows[table.name] = found.of(table) + named
    await _find_escalations(tx, found)
    await _find_deliveries(tx, found)
    return found


def _where(number: str, kept_by_call: Sequence[str]) -> list[tuple[Table, ColumnElement[bool]]]:
    """What belongs to the client by a column, or belongs to a call or a case of theirs."""
    their_cases = select(cases.c.id).where(cases.c.client == number)
    rating = or_(ratings.c.client == number, _their_call(number, ratings.c.pbx_id, ratings.c.call_id))
    about = [
        and_(notices.c.kind == "case", notices.c.subject.in_(_texts(their_cases))),
        and_(notices.c.kind == "rating", notices.c.subject.in_(_texts(select(ratings.c.id).where(rating)))),
        and_(notices.c.kind == "call", _their_call(number, notices.c.pbx_id, notices.c.data["call_id"].as_string())),
    ]
    by_call = [_kept_for_their_call(number, prefix) for prefix in kept_by_call]
    return [
        (contacts, contacts.c.number == number),
        (notes, notes.c.client == number),
        (calls, calls.c.client == number),
        (call_aliases, _their_call(number, call_aliases.c.pbx_id, call_aliases.c.call_id)),
        (live_calls, live_calls.c.client == number),
        (ratings, rating),
        (recordings, _their_call(number, recordings.c.pbx_id, recordings.c.call_id)),
        (cases, cases.c.client == number),
        (escalations, escalations.c.case_id.in_(their_cases)),
        (call_backs, call_backs.c.client == number),
        (timers, _timed_for_their_call(number)),
        (kept, or_(*by_call) if by_call else literal(False)),
        (notices, or_(*about)),
    ]


#: Where the number may stand in a text of ours. We write it in E.164 there.
_WRITTEN_IN: dict[Table, Sequence[Column[Any]]] = {
    acts: [acts.c.about],
    firings: [firings.c.what],
    kept: [kept.c.name, kept.c.value],
    timers: [timers.c.subject, timers.c.data],
    notices: [notices.c.subject, notices.c.data],
}
#: An operator line's number is ours, whoever's it looks like.
_NO_CLIENT = {notices: notices.c.kind == "line"}


def _their_call(number: str, pbx_id: ColumnElement[Any], call_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(
        *(
            select(table.c.call_id)
            .where(table.c.client == number, table.c.pbx_id == pbx_id, table.c.call_id == call_id)
            .correlate_except(table)
            .exists()
            for table in (calls, live_calls)
        )
    )


def _timed_for_their_call(number: str) -> ColumnElement[bool]:
    """A timer about a call is named after the PBX and the call."""
    return or_(
        *(
            select(table.c.call_id)
            .where(table.c.client == number, table.c.pbx_id + " " + table.c.call_id == timers.c.subject)
            .correlate_except(table)
            .exists()
            for table in (calls, live_calls)
        )
    )


def _kept_for_their_call(number: str, prefix: str) -> ColumnElement[bool]:
    name = func.substr(literal(prefix) + calls.c.call_id, 1, 80)
    theirs = select(calls.c.id).where(calls.c.client == number, calls.c.pbx_id == kept.c.pbx_id, name == kept.c.name)
    return theirs.correlate_except(calls).exists()


def _texts(ids: Any) -> Any:
    column = next(iter(ids.selected_columns))
    return ids.with_only_columns(cast(column, String))


async def _naming(tx: Tx, table: Table, texts: Sequence[Column[Any]], number: str) -> Rows:
    """Rows with the number in one of `texts`; one digit more and it is another number."""
    names = or_(*(cast(column, Text).contains(number, autoescape=True) for column in texts))
    query = select(table).where(names, ~_NO_CLIENT.get(table, literal(False)))
    whole = re.compile(re.escape(number) + r"(?!\d)")
    rows = [dict(row._mapping) for row in await tx.execute(query)]
    return [row for row in rows if any(whole.search(str(row[column.name])) for column in texts)]


async def _find_escalations(tx: Tx, found: Everything) -> None:
    """A message that calls upon people may do so about several clients."""
    mine = {row["id"] for row in found.of(escalations)}
    told = sorted({notice_id for row in found.of(escalations) for notice_id in row["notices"]})
    for row in await tx.execute(select(notices).where(notices.c.id.in_(told))):
        if mine.issuperset(row.data["items"]):
            found.rows[notices.name].append(dict(row._mapping))
        else:
            found.shared.append(row.id)


async def _find_deliveries(tx: Tx, found: Everything) -> None:
    ids = [row["id"] for row in found.of(notices)]
    rows: Rows = []
    for start in range(0, len(ids), 500):
        query = select(deliveries).where(deliveries.c.notice_id.in_(ids[start : start + 500]))
        rows += [dict(row._mapping) for row in await tx.execute(query.order_by(deliveries.c.id))]
    found.rows[deliveries.name] = rows
    found.rolls = sorted({row["roll_id"] for row in rows if row["roll_id"] is not None})


def _key(table: Table, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


# Stored bodies


def names(number: str) -> re.Pattern[bytes]:
    """Finds the number in a body without marks: with its country's code, or as it is dialled within the country."""
    digits, national = numbers.digits(number).encode(), numbers.national(number).encode()
    return re.compile(rb"%s|(?<!\d)[08]?%s(?!\d)" % (digits, national))


async def bodies(db: Database, number: str) -> tuple[list[int], int]:
    """Ids of the events whose body names the number, and up to which id they were looked through.

    In pieces, so that nobody waits for us: what arrives meanwhile is for `bodies_after`.
    """
    found: list[int] = []
    last = 0
    while True:
        async with db.read() as tx:
            ids, seen = await _piece(tx, names(number), last)
        if seen == last:
            return found, last
        found, last = found + ids, seen


async def bodies_after(tx: Tx, number: str, last: int) -> list[int]:
    """As `bodies`, of what arrived since."""
    found: list[int] = []
    while True:
        ids, seen = await _piece(tx, names(number), last)
        if seen == last:
            return found
        found, last = found + ids, seen


async def _piece(tx: Tx, wanted: re.Pattern[bytes], last: int) -> tuple[list[int], int]:
    query = select(inbox.c.id, inbox.c.body).where(inbox.c.id > last).order_by(inbox.c.id).limit(PIECE)
    rows = (await tx.execute(query)).all()
    return [row.id for row in rows if _is_in(row.body, wanted)], rows[-1].id if rows else last


def _is_in(body: bytes | None, wanted: re.Pattern[bytes]) -> bool:
    return bool(body and wanted.search(_MARKS.sub(b"", body)))


async def events(tx: Tx, ids: Sequence[int]) -> Rows:
    """Those rows of the inbox."""
    rows: Rows = []
    for start in range(0, len(ids), 500):
        query = select(inbox).where(inbox.c.id.in_(ids[start : start + 500])).order_by(inbox.c.id)
        rows += [dict(row._mapping) for row in await tx.execute(query)]
    return rows


async def failed_updates(tx: Tx, number: str) -> Rows:
    """Telegram updates that could not be handled and name the number. The bodies of others are not kept."""
    query = select(updates).where(updates.c.state == "failed", updates.c.body.isnot(None))
    wanted = names(number)
    return [dict(row._mapping) for row in await tx.execute(query) if _is_in(row.body, wanted)]
