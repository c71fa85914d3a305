"""What is too old to be kept, dropped in pieces: a transaction each, so that writers get their turn between them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, Table, and_, cast, delete, func, or_, select, tuple_

from storage.database import Tx
from storage.tables import (
    acts,
    call_aliases,
    call_backs,
    calls,
    cases,
    contacts,
    deliveries,
    inbox,
    is_open,
    link_requests,
    notes,
    notices,
    ratings,
    recordings,
    updates,
)

#: Rows dropped at once.
PIECE = 2000

_OPEN_CASES = select(cases.c.id).where(is_open)
#: Notices that may still change.
_WAITING = and_(
    notices.c.kind == "case",
    notices.c.subject.in_(select(cast(cases.c.id, String)).where(is_open)),
)


async def of_calls(tx: Tx, moment: datetime) -> int:
    """A piece of what is about calls before `moment`; how many rows. Open cases keep their calls and their card."""
    dropped = 0
    for table, too_old in _about_calls(moment, await _pbxes(tx)):
        dropped = max(dropped, await _drop(tx, table, too_old))
    for other in (call_aliases, recordings):
        dropped = max(dropped, await _drop(tx, other, other.c.at < moment))
    return dropped


async def bodies(tx: Tx, moment: datetime) -> int:
    """A piece of the raw bodies received before `moment`, but for those still to be worked; how many rows."""
    done = await _drop(tx, inbox, and_(inbox.c.received_at < moment, inbox.c.state != "new"))
    return max(done, await _drop(tx, updates, and_(updates.c.received_at < moment, updates.c.state != "new")))


async def _pbxes(tx: Tx) -> list[str]:
    """Those that calls and cases are of, whether or not they are configured still: by them the old ones are found."""
    found: set[str] = set()
    for column in (calls.c.pbx_id, cases.c.pbx_id, ratings.c.pbx_id):
        last: str | None = ""
        while last is not None:
            last = (await tx.execute(select(func.min(column)).where(column > last))).scalar_one()
            found |= {last} if last is not None else set()
    return sorted(found)


def _about_calls(moment: datetime, pbx_ids: Sequence[str]) -> list[tuple[Table, ColumnElement[bool]]]:
    unowned = or_(calls.c.case_id.is_(None), calls.c.case_id.not_in(_OPEN_CASES))
    notice = and_(notices.c.created_at < moment, ~_WAITING)
    # Who is a contact keeps the notes as well; of anybody else they go with the last call.
    # One by one, as there are few notes: never all contacts beside them.
    contact = select(func.count()).where(contacts.c.number == notes.c.client).scalar_subquery()
    call = select(func.count()).where(calls.c.client == notes.c.client).scalar_subquery()
    shown = select(deliveries.c.id).where(deliveries.c.notice_id == notices.c.id)
    return [
        (calls, and_(calls.c.pbx_id.in_(pbx_ids), calls.c.started_at < moment, unowned)),
        (cases, and_(cases.c.pbx_id.in_(pbx_ids), cases.c.opened_at < moment, ~is_open)),
        (deliveries, and_(deliveries.c.notice_id == notices.c.id, notice)),
        (notices, and_(notice, ~shown.exists())),
        (ratings, and_(ratings.c.pbx_id.in_(pbx_ids), ratings.c.at < moment)),
        (notes, and_(notes.c.at < moment, contact == 0, call == 0)),
        (call_backs, call_backs.c.asked_at < moment),
        (link_requests, link_requests.c.asked_at < moment),
        (acts, acts.c.at < moment),
    ]


async def _drop(tx: Tx, table: Table, too_old: ColumnElement[bool]) -> int:
    key = list(table.primary_key.columns)
    piece = select(*key).where(too_old).limit(PIECE).correlate(None)
    return (await tx.execute(delete(table).where(tuple_(*key).in_(piece)))).rowcount
