"""What a PBX's own history adds to what its events told: calls we missed, and what we lack of those we know."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from desk import ledger
from desk.ledger import SAME_CALL
from desk.office import Desk
from desk.partners import partners
from pbx.vocabulary import Call
from storage import calls
from storage.calls import StoredCall, as_stored, merged
from storage.database import Tx

T = TypeVar("T")

#: Rows written in one transaction; the calls of one client are never torn apart.
BATCH = 200
#: Ids asked for in one query.
IDS = 500
#: How much more history is read than is used, so that a call at the edge meets its partner.
EDGE = 2 * SAME_CALL


@dataclass(frozen=True, slots=True)
class Difference:
    """What is to be written down."""

    rows: list[Call] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    """By the id in the history, the id that we know the call by."""


async def take_in(
    desk: Desk, pbx_id: str, rows: Sequence[Call], *, via: str, since: datetime, until: datetime
) -> int:
    """Write down what `rows` add; how many calls were new or are better known now.

    Calls we don't know count if they began at `since` or later and ended by `until`; `rows` should begin `EDGE`
    earlier. Raises `DatabaseUnavailable`: what was written by then stays, and a repetition goes on from there.
    """
    async with desk.db.read() as tx:
        difference = await _difference(tx, pbx_id, rows, since, until)
    written = 0
    for batch in batches(difference.rows):
        async with desk.db.write() as tx:
            for row in batch:
                if row.id in difference.aliases:
                    known_as = difference.aliases[row.id]
                    await calls.add_alias(desk.db, tx, pbx_id, row.id, known_as, row.started_at)
            written += len(await ledger.record_calls(desk, tx, pbx_id, batch, via))
        desk.deliveries.ring()
    return written


async def _difference(tx: Tx, pbx_id: str, rows: Sequence[Call], since: datetime, until: datetime) -> Difference:
    ordered = sorted(rows, key=lambda row: (row.started_at, row.id))
    known = await _known(tx, pbx_id, ordered)
    better = [row for row in ordered if row.id in known and _adds(row, known[row.id].call)]
    unknown = [row for row in ordered if row.id not in known and since <= row.started_at and row.ended_at <= until]
    if not unknown:
        return Difference(better)
    with_rows = {one.id for one in known.values()}
    candidates = [one for one in await _around(tx, pbx_id, unknown) if one.id not in with_rows]
    found = partners(unknown, candidates)
    # Its own row may not be listed yet: whose this row is will be clear next time.
    unclear = {row_id for row_id, one in found.items() if one.call.ended_at > until}
    news = [row for row in unknown if row.id not in unclear]
    aliases = {row_id: one.call.id for row_id, one in found.items() if row_id not in unclear}
    return Difference(sorted([*better, *news], key=lambda row: row.started_at), aliases)


async def _known(tx: Tx, pbx_id: str, rows: Sequence[Call]) -> dict[str, StoredCall]:
    known: dict[str, StoredCall] = {}
    for piece in _pieces([row.id for row in rows], IDS):
        known |= await calls.known(tx, pbx_id, piece)
    return known


async def _around(tx: Tx, pbx_id: str, rows: Sequence[Call]) -> list[StoredCall]:
    """What we know of the same clients at about the same time."""
    start, end = rows[0].started_at - SAME_CALL, rows[-1].started_at + SAME_CALL
    found: list[StoredCall] = []
    for clients in _pieces(list(dict.fromkeys(row.client for row in rows)), IDS):
        found += await calls.of_clients(tx, pbx_id, clients, start, end)
    return found


def _adds(row: Call, known: Call) -> bool:
    return merged(known, as_stored(replace(row, id=known.id))) != known


def batches(rows: Iterable[Call]) -> Iterator[list[Call]]:
    """What is written in one transaction each: in order of time, each client's together at the place of the first."""
    by_client: dict[str, list[Call]] = {}
    for row in rows:
        by_client.setdefault(row.client or f"hidden {row.id}", []).append(row)
    batch: list[Call] = []
    for theirs in by_client.values():
        if batch and len(batch) + len(theirs) > BATCH:
            yield batch
            batch = []
        batch = [*batch, *theirs]
    if batch:
        yield batch


def _pieces(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
