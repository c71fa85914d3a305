"""Cases: what we owe clients, and the calls we asked a PBX to make for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, cast, func, insert, or_, select, update

from storage import prepared
from storage.database import Tx
from storage.prepared import Prepared, Row, among
from storage.tables import call_backs, cases, is_open, is_underway, notices

OPEN = ("not_returned", "not_reached")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as it stands. `state` is one of the words in DESIGN: not_returned, not_reached, returned …"""

    id: int
    pbx_id: str
    client: str | None
    state: str
    opened_at: datetime
    last_missed_at: datetime
    missed_count: int
    attempt_count: int
    department: str | None
    our_number: str | None
    closed_at: datetime | None
    closing_call: int | None
    employee: str | None
    claimed_by: int | None
    claimed_at: datetime | None
    claim_minutes: int | None
    claim_until: datetime | None
    handed_by: int | None
    lapsed_by: int | None
    lapsed_at: datetime | None
    released_by: int | None
    handled_by: int | None
    handled_at: datetime | None
    handled_reason: str | None
    expired_at: datetime | None
    touched_at: datetime
    recovered: bool

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


_CASE = [cases.c[field.name] for field in fields(CaseRow)]


def _case(row: Row) -> CaseRow:
    return CaseRow(*row)


_ADD = Prepared(insert(cases).returning(cases.c.id, sort_by_parameter_order=True))
_BY_IDS = Prepared(select(*_CASE).where(among(cases.c.id, "ids")))
_BEGUN_BY = Prepared(
    select(cases.c.client, cases.c.opened_at, cases.c.closed_at, cases.c.state).where(
        among(cases.c.client, "clients"),
        cases.c.opened_at <= bindparam("last"),
        or_(is_open, cases.c.closed_at >= bindparam("first"), cases.c.closed_at.is_(None)),
    )
)
_OF_CLIENTS_SINCE = Prepared(
    select(*_CASE)
    .where(among(cases.c.client, "clients"), cases.c.opened_at >= bindparam("since"))
    .order_by(cases.c.opened_at, cases.c.id)
)


async def add(tx: Tx, opened: Sequence[Mapping[str, Any]]) -> list[int]:
    """The ids of new cases, in their order."""
    if not opened:
        return []
    return [row[0] for row in await _ADD.each(tx, opened)]


async def change(tx: Tx, case_id: int, **values: Any) -> None:
    await prepared.change(tx, cases, case_id, **values)


async def get(tx: Tx, case_id: int) -> CaseRow | None:
    row = await _BY_IDS.row(tx, ids=[case_id])
    return _case(row) if row else None


async def begun_by(tx: Tx, moments: Mapping[str, datetime]) -> dict[str, datetime]:
    """When the oldest case of each client, with any PBX, was opened that had begun and not ended by its moment."""
    first, last = min(moments.values()), max(moments.values())
    rows = await _BEGUN_BY.rows(tx, clients=list(moments), first=first, last=last)
    found: dict[str, datetime] = {}
    for client, opened_at, closed_at, state in rows:
        moment = moments[client]
        if opened_at <= moment and (state in OPEN or closed_at is None or closed_at >= moment):
            found[client] = min(opened_at, found.get(client, opened_at))
    return found


async def of_client_since(tx: Tx, client: str, moment: datetime) -> list[CaseRow]:
    """Cases of `client` opened at `moment` or later, with any PBX, oldest first."""
    query = select(*_CASE).where(cases.c.client == client, cases.c.opened_at >= moment)
    return [_case(row) for row in await tx.execute(query.order_by(cases.c.opened_at, cases.c.id))]


async def of_clients_since(tx: Tx, since: Mapping[str, datetime]) -> dict[str, list[CaseRow]]:
    """The same for many clients, each with a moment of its own."""
    found: dict[str, list[CaseRow]] = {client: [] for client in since}
    rows = await _OF_CLIENTS_SINCE.rows(tx, clients=list(since), since=min(since.values()))
    for case in map(_case, rows):
        if case.client is not None and case.opened_at >= since[case.client]:
            found[case.client].append(case)
    return found


async def closed_by_call(tx: Tx, client: str, call_row_id: int) -> list[int]:
    """The cases of a client that this call has closed."""
    query = select(cases.c.id).where(cases.c.client == client, cases.c.closing_call == call_row_id)
    return list((await tx.execute(query)).scalars())


async def newer_exists(tx: Tx, case: CaseRow) -> bool:
    """Whether the client has called again since that case was closed."""
    query = select(cases.c.id).where(
        cases.c.client == case.client, cases.c.pbx_id == case.pbx_id, cases.c.opened_at > case.opened_at
    )
    return (await tx.execute(query.limit(1))).first() is not None


async def open_for(tx: Tx, client: str) -> list[CaseRow]:
    """The open cases of one client, with any PBX."""
    rows = await tx.execute(select(*_CASE).where(cases.c.client == client, is_open))
    return [_case(row) for row in rows]


async def open_for_any(tx: Tx, clients: Sequence[str]) -> list[CaseRow]:
    """The open cases of these clients, with any PBX."""
    rows = await tx.execute(select(*_CASE).where(cases.c.client.in_(clients), is_open))
    return [_case(row) for row in rows]


async def open_of(tx: Tx, pbx_ids: Sequence[str], *, limit: int, offset: int = 0) -> list[CaseRow]:
    """Open cases, the one that waits longest first."""
    query = select(*_CASE).where(cases.c.pbx_id.in_(pbx_ids), is_open)
    rows = await tx.execute(query.order_by(cases.c.opened_at, cases.c.id).limit(limit).offset(offset))
    return [_case(row) for row in rows]


async def count_open(tx: Tx, pbx_ids: Sequence[str]) -> int:
    query = select(func.count()).where(cases.c.pbx_id.in_(pbx_ids), is_open)
    return (await tx.execute(query)).scalar_one()


async def opened_between(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime) -> list[CaseRow]:
    query = select(*_CASE).where(cases.c.pbx_id.in_(pbx_ids), cases.c.opened_at >= start, cases.c.opened_at < end)
    return [_case(row) for row in await tx.execute(query.order_by(cases.c.opened_at))]


async def untouched_since(tx: Tx, moment: datetime, limit: int) -> list[CaseRow]:
    query = select(*_CASE).where(is_open, cases.c.touched_at < moment).limit(limit)
    return [_case(row) for row in await tx.execute(query)]


def _has_no_notice() -> ColumnElement[bool]:
    about = select(notices.c.id).where(notices.c.kind == "case", notices.c.subject == cast(cases.c.id, String))
    return ~about.exists()


async def untold(tx: Tx, pbx_id: str) -> list[CaseRow]:
    """Open cases that were read back from the PBX and that no chat was told of, the one that waits longest first."""
    query = select(*_CASE).where(cases.c.pbx_id == pbx_id, is_open, cases.c.recovered.is_(True), _has_no_notice())
    return [_case(row) for row in await tx.execute(query.order_by(cases.c.opened_at, cases.c.id))]


async def silent_before(tx: Tx, pbx_id: str, moment: datetime) -> list[CaseRow]:
    """Open cases without a card whose last missed call was before `moment`."""
    query = select(*_CASE).where(cases.c.pbx_id == pbx_id, is_open, cases.c.last_missed_at < moment, _has_no_notice())
    return [_case(row) for row in await tx.execute(query)]


async def by_ids(tx: Tx, ids: Sequence[int]) -> list[CaseRow]:
    return [_case(row) for row in await _BY_IDS.rows(tx, ids=ids)]


# Call-backs

UNDERWAY = ("asking", "ringing", "unknown")


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call somebody asked us to start. `state`: asking, ringing, refused, unknown (killed meanwhile), over."""

    id: int
    pbx_id: str
    client: str
    employee: str
    user_id: int
    case_id: int | None
    asked_at: datetime
    state: str
    call_id: str | None
    over_at: datetime | None


_CALL_BACK = [call_backs.c[field.name] for field in fields(CallBack)]


def _call_back(row: Row) -> CallBack:
    return CallBack(*row)


_CALL_BACKS_UNDERWAY = Prepared(
    select(*_CALL_BACK).where(among(call_backs.c.client, "clients"), is_underway).order_by(call_backs.c.id)
)


async def begin_call_back(tx: Tx, **values: Any) -> int:
    statement = insert(call_backs).values(state="asking", **values).returning(call_backs.c.id)
    new_id: int = (await tx.execute(statement)).scalar_one()
    return new_id


async def change_call_back(tx: Tx, call_back_id: int, **values: Any) -> None:
    await prepared.change(tx, call_backs, call_back_id, **values)


async def call_backs_underway(tx: Tx, *clients: str) -> list[CallBack]:
    return [_call_back(row) for row in await _CALL_BACKS_UNDERWAY.rows(tx, clients=clients)]


async def call_backs_asked_before(tx: Tx, moment: datetime) -> list[CallBack]:
    """Those still under way that were asked for before `moment`."""
    query = select(*_CALL_BACK).where(is_underway, call_backs.c.asked_at < moment)
    return [_call_back(row) for row in await tx.execute(query)]


async def call_backs_of(tx: Tx, case_id: int) -> list[CallBack]:
    rows = await tx.execute(select(*_CALL_BACK).where(call_backs.c.case_id == case_id).order_by(call_backs.c.id))
    return [_call_back(row) for row in rows]


async def forget_asking(tx: Tx) -> list[CallBack]:
    """After a restart: those whose outcome nobody recorded become "unknown"."""
    statement = (
        update(call_backs).where(call_backs.c.state == "asking").values(state="unknown").returning(*_CALL_BACK)
    )
    return [_call_back(row) for row in await tx.execute(statement)]
