"""Calls of a period as rows for a spreadsheet, page by page, so that no period is too long for the memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select, tuple_

from pbx.vocabulary import Direction, Outcome
from storage.database import Tx
from storage.tables import calls, cases, contacts, ratings

#: When a call began, and its row: where the next page goes on.
Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class ExportedCall:
    """A call, the client's name and how the case stands that it belongs to."""

    key: Key
    pbx_id: str
    direction: Direction
    outcome: Outcome
    status: str
    client: str | None
    name: str | None
    started_at: datetime
    employee: str | None
    department: str | None
    our_number: str | None
    waited: timedelta | None
    talked: timedelta | None
    rating: int | None
    case_state: str | None


def _asked(pbx_ids: Sequence[str], start: datetime, end: datetime, employee: str | None) -> ColumnElement[bool]:
    return and_(
        calls.c.pbx_id.in_(pbx_ids),
        calls.c.started_at >= start,
        calls.c.started_at < end,
        calls.c.direction != Direction.INTERNAL.value,
        *([calls.c.employee == employee] if employee else []),
    )


async def count(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, employee: str | None) -> int:
    """Calls with clients that began in [start, end), of one employee (login) if one is named."""
    query = select(func.count()).where(_asked(pbx_ids, start, end, employee))
    return (await tx.execute(query)).scalar_one()


async def page(
    tx: Tx,
    pbx_ids: Sequence[str],
    start: datetime,
    end: datetime,
    employee: str | None,
    *,
    after: Key | None,
    limit: int,
) -> list[ExportedCall]:
    """The next of them, oldest first."""
    told = select(func.max(ratings.c.stars)).where(
        ratings.c.pbx_id == calls.c.pbx_id, ratings.c.call_id == calls.c.call_id
    )
    stars = func.coalesce(calls.c.rating, told.scalar_subquery()).label("stars")
    query = (
        select(calls, contacts.c.name, cases.c.state, stars)
        .outerjoin(contacts, contacts.c.number == calls.c.client)
        .outerjoin(cases, cases.c.id == calls.c.case_id)
        .where(_asked(pbx_ids, after[0] if after else start, end, employee))
    )
    if after:
        query = query.where(tuple_(calls.c.started_at, calls.c.id) > after)
    rows = await tx.execute(query.order_by(calls.c.started_at, calls.c.id).limit(limit))
    return [
        ExportedCall(
            key=(row.started_at, row.id),
            pbx_id=row.pbx_id,
            direction=Direction(row.direction),
            outcome=Outcome(row.outcome),
            status=row.status,
            client=row.client,
            name=row.name,
            started_at=row.started_at,
            employee=row.employee,
            department=row.department,
            our_number=row.our_number,
            waited=None if row.wait_s is None else timedelta(seconds=row.wait_s),
            talked=None if row.talk_s is None else timedelta(seconds=row.talk_s),
            rating=row.stars,
            case_state=row.state,
        )
        for row in rows
    ]
