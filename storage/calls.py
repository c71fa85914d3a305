"""Calls as the PBXs reported them, each once, whatever the number and order of the reports."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, or_, select, update

from pbx.vocabulary import Call, Destination, Direction, Followup, Outcome
from storage import prepared
from storage.database import Database, Tx
from storage.forgotten import those_forgotten
from storage.prepared import Prepared, Row, among
from storage.tables import Id, call_aliases, calls, live_calls

#: When two reports of one call disagree, the one further up is believed.
_WEIGHT = [
    Outcome.ANSWERED,
    Outcome.MISSED,
    Outcome.HUNG_UP,
    Outcome.BUSY,
    Outcome.UNAVAILABLE,
    Outcome.NO_SUCH_NUMBER,
    Outcome.NOT_ALLOWED,
    Outcome.UNKNOWN,
]


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call with its place in our books."""

    id: int
    pbx_id: str
    call: Call
    via: str
    case_id: int | None


def _seconds(value: timedelta | None) -> int | None:
    return None if value is None else round(value.total_seconds())


def _timedelta(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


def _to_row(call: Call) -> dict[str, Any]:
    row = {field.name: getattr(call, field.name) for field in fields(call)}
    row["call_id"] = row.pop("id")
    row["wait_s"], row["talk_s"] = _seconds(row.pop("wait")), _seconds(row.pop("talk"))
    return row


#: Where a call's fields are kept under another name, and what reads those that are more than they say.
_KEPT_AS = {"id": "call_id", "wait": "wait_s", "talk": "talk_s"}
_READ_BY: dict[str, Callable[[Any], Any]] = {
    "direction": Direction,
    "outcome": Outcome,
    "wait": _timedelta,
    "talk": _timedelta,
    "destination": Destination,
    "followup": Followup,
}
_TOLD = [field.name for field in fields(Call)]
_READERS = [_READ_BY.get(name) for name in _TOLD]
_CALL = [calls.c.id, calls.c.pbx_id, calls.c.via, calls.c.case_id]
_CALL += [calls.c[_KEPT_AS.get(name, name)] for name in _TOLD]


def _from_row(row: Row) -> StoredCall:
    row_id, pbx_id, via, case_id, *told = row
    values = [read(one) if read and one is not None else one for read, one in zip(_READERS, told, strict=True)]
    return StoredCall(row_id, pbx_id, Call(*values), via, case_id)


_ADD = Prepared(lambda insert: insert(calls).returning(calls.c.call_id, calls.c.id))
_BY_IDS = Prepared(select(*_CALL).where(among(calls.c.id, "ids")))
_BY_CALL_IDS = Prepared(
    select(*_CALL).where(calls.c.pbx_id == bindparam("pbx_id"), among(calls.c.call_id, "call_ids"))
)
_WRITTEN_DOWN = Prepared(
    select(calls.c.call_id).where(calls.c.pbx_id == bindparam("pbx_id"), among(calls.c.call_id, "call_ids"))
)
_ALIASES = Prepared(
    select(call_aliases.c.alias, call_aliases.c.call_id).where(
        call_aliases.c.pbx_id == bindparam("pbx_id"), among(call_aliases.c.alias, "aliases")
    )
)
_OF_CLIENTS_SINCE = Prepared(
    select(*_CALL)
    .where(among(calls.c.client, "clients"), calls.c.ended_at >= bindparam("since"))
    .order_by(calls.c.ended_at, calls.c.id)
)
_OF_CASES = Prepared(select(*_CALL).where(among(calls.c.case_id, "ids")).order_by(calls.c.ended_at, calls.c.id))
_ASSIGN = Prepared(
    update(calls).where(calls.c.id == bindparam("of_call")).values(case_id=bindparam("of_case", type_=Id))
)


async def named_since(tx: Tx, pbx_id: str, since: datetime) -> tuple[list[str], list[str]]:
    """The departments and our numbers that the calls of a PBX name that began since then."""
    lately = calls.c.pbx_id == pbx_id, calls.c.started_at >= since
    found = []
    for column in (calls.c.department, calls.c.our_number):
        query = select(column).where(*lately, column.isnot(None), column != "").distinct()
        found.append(list((await tx.execute(query)).scalars()))
    return found[0], found[1]


async def save(db: Database, tx: Tx, pbx_id: str, reported: Sequence[Call], via: str = "event") -> list[StoredCall]:
    """Write calls down, or add what is new in them to what is known. Returns those that are news, each once.

    What was taken out as forgotten stays so.
    """
    main = await main_ids(tx, pbx_id, [call.id for call in reported])
    before = await by_call_ids(tx, pbx_id, main.values())
    now: dict[str, Call] = {}
    for call in (as_stored(replace(one, id=main[one.id])) for one in reported):
        known = now.get(call.id) or (before[call.id].call if call.id in before else None)
        now[call.id] = merged(known, call) if known else call
    better = [replace(before[one.id], call=one) for one in now.values() if one.id in before]
    changed = [one for one in better if one.call != before[one.call.id].call]
    for one in changed:
        await prepared.change(tx, calls, one.id, **_to_row(one.call))
    fresh = await _add(db, tx, pbx_id, [one for one in now.values() if one.id not in before], via)
    news = {one.call.id: one for one in [*changed, *fresh]}
    return [news[call_id] for call_id in now if call_id in news]


async def _add(db: Database, tx: Tx, pbx_id: str, unknown: Sequence[Call], via: str) -> list[StoredCall]:
    forgotten = await those_forgotten(tx, pbx_id, [call.id for call in unknown])
    fresh = [call for call in unknown if call.id not in forgotten]
    if not fresh:
        return []
    rows = [{"pbx_id": pbx_id, "via": via, **_to_row(call)} for call in fresh]
    ids = {row[0]: row[1] for row in await _ADD.each(tx, rows)}
    return [StoredCall(ids[call.id], pbx_id, call, via, None) for call in fresh]


def merged(known: Call, news: Call) -> Call:
    """One call out of two reports of it. Any order and any repetition of reports ends in the same call.

    The weightier outcome brings along what belongs to it; all else is what either report says.
    """
    ours, theirs = _WEIGHT.index(known.outcome), _WEIGHT.index(news.outcome)
    values = {}
    for name in (field.name for field in fields(Call)):
        old, new = getattr(known, name), getattr(news, name)
        if ours == theirs or name not in _OF_THE_OUTCOME:
            values[name] = _agreed(name, old, new)
        else:
            values[name] = old if ours < theirs else new
    return Call(**values)


def _agreed(name: str, one: Any, other: Any) -> Any:
    """What a field is, two reports having equal weight: never a matter of which came first."""
    if one in (None, "") or other in (None, "") or one == other:
        return other if one in (None, "") else one
    return _CHOICE.get(name, _any_one)(one, other)


def _any_one(one: Any, other: Any) -> Any:
    """A readable number rather than a text; else it does not matter, as long as it is always the same."""
    return min(one, other, key=lambda value: (not str(value).startswith("+"), str(value)))


def _further(one: Followup, other: Followup) -> Followup:
    return max(one, other, key=_FURTHER.index)


#: What two reports alike in weight amount to where they differ. A start is the earlier one; an answer the later one,
#: since it stands at the start where the PBX leaves the wait out.
_CHOICE: dict[str, Callable[[Any, Any], Any]] = {
    "started_at": min,
    "ended_at": max,
    "answered_at": max,
    "wait": max,
    "talk": max,
    "rating": max,
    "followup": _further,
}
_OF_THE_OUTCOME = frozenset(
    {"outcome", "status", "answered_at", "ended_at", "wait", "talk", "employee", "department", "destination"}
)
#: The PBX's book-keeping only ever goes this way.
_FURTHER = [Followup.NOT_RETURNED, Followup.NOT_REACHED, Followup.RETURNED, Followup.REACHED_US]


def as_stored(call: Call) -> Call:
    """Times to the millisecond and lengths to the second, as the table keeps them: else every report were news."""
    return replace(
        call,
        started_at=_milliseconds(call.started_at),
        ended_at=_milliseconds(call.ended_at),
        answered_at=None if call.answered_at is None else _milliseconds(call.answered_at),
        wait=_timedelta(_seconds(call.wait)),
        talk=_timedelta(_seconds(call.talk)),
    )


def _milliseconds(at: datetime) -> datetime:
    return datetime.fromtimestamp(round(at.timestamp() * 1000) / 1000, UTC)


async def by_call_id(tx: Tx, pbx_id: str, call_id: str) -> StoredCall | None:
    return (await by_call_ids(tx, pbx_id, [call_id])).get(call_id)


async def by_id(tx: Tx, call_id: int) -> StoredCall | None:
    return (await by_ids(tx, [call_id])).get(call_id)


async def by_ids(tx: Tx, ids: Sequence[int]) -> dict[int, StoredCall]:
    """By these ids."""
    found = map(_from_row, await _BY_IDS.rows(tx, ids=ids) if ids else ())
    return {one.id: one for one in found}


async def main_id(tx: Tx, pbx_id: str, call_id: str) -> str:
    """The id under which a conversation is kept that has two."""
    return (await main_ids(tx, pbx_id, [call_id]))[call_id]


async def main_ids(tx: Tx, pbx_id: str, call_ids: Iterable[str]) -> dict[str, str]:
    """The same for many: each by the id that was asked for."""
    asked = list(dict.fromkeys(call_ids))
    if not asked:
        return {}
    aliases = {row[0]: row[1] for row in await _ALIASES.rows(tx, pbx_id=pbx_id, aliases=asked)}
    return {one: aliases.get(one, one) for one in asked}


async def by_call_ids(tx: Tx, pbx_id: str, call_ids: Iterable[str]) -> dict[str, StoredCall]:
    """Those among them that are written down under just this id."""
    found = map(_from_row, await _BY_CALL_IDS.rows(tx, pbx_id=pbx_id, call_ids=list(call_ids)))
    return {one.call.id: one for one in found}


async def written_down(tx: Tx, pbx_id: str, call_ids: Iterable[str]) -> set[str]:
    """Which of these are."""
    return set(await _WRITTEN_DOWN.column(tx, pbx_id=pbx_id, call_ids=list(call_ids)))


async def rename(tx: Tx, row_id: int, call_id: str) -> None:
    await tx.execute(update(calls).where(calls.c.id == row_id).values(call_id=call_id))


async def forget(tx: Tx, row_id: int) -> None:
    await tx.execute(delete(calls).where(calls.c.id == row_id))


async def known(tx: Tx, pbx_id: str, ids: Sequence[str]) -> dict[str, StoredCall]:
    """Those calls among `ids` that we have, each by the id that was asked for, be it a second one."""
    main = await main_ids(tx, pbx_id, ids)
    found = await by_call_ids(tx, pbx_id, set(main.values()))
    return {one: found[main[one]] for one in ids if main[one] in found}


async def of_clients(
    tx: Tx, pbx_id: str, clients: Sequence[str | None], start: datetime, end: datetime
) -> list[StoredCall]:
    """Calls of these clients (None: hidden numbers) with one PBX that began in [start, end], oldest first."""
    named = calls.c.client.in_([client for client in clients if client is not None])
    them = or_(named, calls.c.client.is_(None)) if None in clients else named
    query = select(*_CALL).where(calls.c.pbx_id == pbx_id, calls.c.started_at.between(start, end), them)
    return [_from_row(row) for row in await tx.execute(query.order_by(calls.c.started_at, calls.c.id))]


async def add_alias(db: Database, tx: Tx, pbx_id: str, alias: str, call_id: str, at: datetime) -> None:
    row = {"pbx_id": pbx_id, "alias": alias, "call_id": call_id, "at": at}
    await tx.execute(db.insert(call_aliases).values(row).on_conflict_do_nothing())


async def of_client_since(tx: Tx, client: str, moment: datetime) -> list[StoredCall]:
    """Calls with `client` through any PBX that ended at `moment` or later, oldest first."""
    query = select(*_CALL).where(calls.c.client == client, calls.c.ended_at >= moment)
    return [_from_row(row) for row in await tx.execute(query.order_by(calls.c.ended_at, calls.c.id))]


async def of_clients_since(tx: Tx, since: Mapping[str, datetime]) -> dict[str, list[StoredCall]]:
    """The same for many clients, each with a moment of its own."""
    found: dict[str, list[StoredCall]] = {client: [] for client in since}
    rows = await _OF_CLIENTS_SINCE.rows(tx, clients=list(since), since=min(since.values()))
    for one in map(_from_row, rows):
        if one.call.client is not None and one.call.ended_at >= since[one.call.client]:
            found[one.call.client].append(one)
    return found


async def of_case(tx: Tx, case_id: int) -> list[StoredCall]:
    """The missed calls and attempts of a case, oldest first."""
    return (await of_cases(tx, [case_id]))[case_id]


async def of_cases(tx: Tx, case_ids: Sequence[int]) -> dict[int, list[StoredCall]]:
    """The same of many cases."""
    found: dict[int, list[StoredCall]] = {case_id: [] for case_id in case_ids}
    for one in map(_from_row, await _OF_CASES.rows(tx, ids=case_ids)):
        if one.case_id is not None:
            found[one.case_id].append(one)
    return found


async def assign(tx: Tx, ids: Sequence[int], case_id: int | None) -> None:
    """These calls belong to that case, or to none."""
    await assign_each(tx, dict.fromkeys(ids, case_id))


async def assign_each(tx: Tx, case_of: Mapping[int, int | None]) -> None:
    """Each of these calls belongs to its case, or to none."""
    if case_of:
        await _ASSIGN.each(tx, [{"of_call": call, "of_case": case} for call, case in case_of.items()])


def _at(pbx_ids: Sequence[str]) -> ColumnElement[bool]:
    """For calls found by their client: no index is to be taken that only knows the PBX, which half the calls have."""
    return calls.c.pbx_id.concat("").in_(pbx_ids)


def _with_client(client: str, pbx_ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(calls.c.client == client, _at(pbx_ids))


def _between(pbx_ids: Sequence[str], start: datetime, end: datetime) -> ColumnElement[bool]:
    began_then = and_(calls.c.started_at >= start, calls.c.started_at < end)
    return and_(calls.c.pbx_id.in_(pbx_ids), began_then, calls.c.direction != Direction.INTERNAL.value)


async def with_client(
    tx: Tx, client: str, pbx_ids: Sequence[str], *, limit: int, offset: int = 0
) -> list[StoredCall]:
    """The calls with one client through these PBXs, newest first."""
    query = select(*_CALL).where(_with_client(client, pbx_ids)).order_by(calls.c.ended_at.desc(), calls.c.id.desc())
    return [_from_row(row) for row in await tx.execute(query.limit(limit).offset(offset))]


async def with_clients(tx: Tx, clients: Sequence[str], pbx_ids: Sequence[str], *, limit: int) -> list[StoredCall]:
    """The calls with any of these clients through these PBXs, newest first."""
    query = select(*_CALL).where(calls.c.client.in_(clients), _at(pbx_ids))
    newest_first = query.order_by(calls.c.ended_at.desc(), calls.c.id.desc())
    return [_from_row(row) for row in await tx.execute(newest_first.limit(limit))]


async def count_with_client(tx: Tx, client: str, pbx_ids: Sequence[str], *, most: int) -> int:
    """How many there are; beyond `most` nobody counts."""
    return await _count(tx, _with_client(client, pbx_ids), most)


async def between(
    tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, *, limit: int, offset: int = 0
) -> list[StoredCall]:
    """Calls with clients that began in [start, end) at these PBXs, newest first."""
    query = select(*_CALL).where(_between(pbx_ids, start, end))
    newest_first = query.order_by(calls.c.started_at.desc(), calls.c.id.desc())
    return [_from_row(row) for row in await tx.execute(newest_first.limit(limit).offset(offset))]


async def count_between(tx: Tx, pbx_ids: Sequence[str], start: datetime, end: datetime, *, most: int) -> int:
    """How many there are; beyond `most` nobody counts: a month of a large office would take long."""
    return await _count(tx, _between(pbx_ids, start, end), most)


async def _count(tx: Tx, those: ColumnElement[bool], most: int) -> int:
    some = select(calls.c.id).where(those).limit(most).subquery()
    return (await tx.execute(select(func.count()).select_from(some))).scalar_one()


# Calls still going on


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call that goes on, as far as events or the PBX's list of current calls told. `at`: the latest news."""

    pbx_id: str
    call_id: str
    client: str | None
    direction: str | None
    stage: str
    began_at: datetime
    at: datetime
    employee: str | None = None
    """Who talks or dials."""
    ringing: tuple[str, ...] = ()
    """Whose phones ring."""
    department: str | None = None
    our_number: str | None = None
    answered_at: datetime | None = None


_LIVE_FIELDS = tuple(field.name for field in fields(LiveCall))


_LIVE = [live_calls.c[name] for name in _LIVE_FIELDS]


def _live(row: Row) -> LiveCall:
    live = LiveCall(*row)
    return replace(live, ringing=tuple(live.ringing))


def _save_live(insert: Any) -> Any:
    statement = insert(live_calls)
    fresh = {name: statement.excluded[name] for name in _LIVE_FIELDS if name not in ("pbx_id", "call_id")}
    return statement.on_conflict_do_update(index_elements=["pbx_id", "call_id"], set_=fresh)


_SAVE_LIVE = Prepared(_save_live)
_LIVE_AMONG = Prepared(
    select(*_LIVE).where(live_calls.c.pbx_id == bindparam("pbx_id"), among(live_calls.c.call_id, "call_ids"))
)
_FORGET_LIVE = Prepared(
    delete(live_calls)
    .where(live_calls.c.pbx_id == bindparam("of_pbx"), among(live_calls.c.call_id, "call_ids"))
    .returning(live_calls.c.call_id)
)


async def live_call(tx: Tx, pbx_id: str, call_id: str) -> LiveCall | None:
    return (await live_among(tx, pbx_id, [call_id])).get(call_id)


async def live_among(tx: Tx, pbx_id: str, call_ids: Iterable[str]) -> dict[str, LiveCall]:
    """Those among them that go on."""
    found = map(_live, await _LIVE_AMONG.rows(tx, pbx_id=pbx_id, call_ids=list(call_ids)))
    return {one.call_id: one for one in found}


async def save_live(db: Database, tx: Tx, *lives: LiveCall) -> None:
    """Remember calls that go on as they are now."""
    rows = [
        {field.name: getattr(live, field.name) for field in fields(live)} | {"ringing": list(live.ringing)}
        for live in lives
    ]
    if rows:
        await _SAVE_LIVE.each(tx, rows)


async def forget_live(tx: Tx, pbx_id: str, *call_ids: str) -> set[str]:
    """Which of these were remembered."""
    return set(await _FORGET_LIVE.column(tx, of_pbx=pbx_id, call_ids=call_ids))


async def forget_live_before(tx: Tx, moment: datetime) -> None:
    """Drop those whose end we never heard of."""
    await tx.execute(delete(live_calls).where(live_calls.c.at < moment))


async def live(tx: Tx, pbx_ids: Sequence[str]) -> list[LiveCall]:
    """The one that began first comes first."""
    mine = select(*_LIVE).where(live_calls.c.pbx_id.in_(pbx_ids))
    return [_live(row) for row in await tx.execute(mine.order_by(live_calls.c.began_at, live_calls.c.call_id))]


async def live_of_client(tx: Tx, pbx_id: str, client: str | None, direction: str) -> list[LiveCall]:
    """A client's calls that go on (None: of hidden numbers), the one that began first at the top."""
    them = live_calls.c.client == client if client is not None else live_calls.c.client.is_(None)
    mine = select(*_LIVE).where(live_calls.c.pbx_id == pbx_id, live_calls.c.direction == direction, them)
    return [_live(row) for row in await tx.execute(mine.order_by(live_calls.c.began_at, live_calls.c.call_id))]


async def last_of_client(tx: Tx, pbx_id: str, client: str | None, direction: str) -> StoredCall | None:
    """The latest call with a client that is over."""
    them = calls.c.client == client if client is not None else calls.c.client.is_(None)
    mine = select(*_CALL).where(_at([pbx_id]), calls.c.direction == direction, them)
    row = (await tx.execute(mine.order_by(calls.c.ended_at.desc(), calls.c.id.desc()).limit(1))).one_or_none()
    return _from_row(row) if row else None
