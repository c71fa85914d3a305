"""Two books of the same calls: which row of a PBX's history is which call that we know under another id. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from desk.ledger import same_call
from pbx.vocabulary import Call
from storage.calls import StoredCall


def partners(rows: Iterable[Call], known: Iterable[StoredCall]) -> dict[str, StoredCall]:
    """For rows whose id we don't know, the calls without a row that they are, one to one, the nearest in time first.

    Two redials within two minutes stay two calls: what is left over has no partner.
    """
    theirs: dict[str | None, list[StoredCall]] = {}
    for one in known:
        theirs.setdefault(one.call.client, []).append(one)
    pairs = [(row, one) for row in rows for one in theirs.get(row.client, []) if same_call(one.call, row)]
    found: dict[str, StoredCall] = {}
    taken: set[int] = set()
    for row, one in sorted(pairs, key=_nearness):
        if row.id not in found and one.id not in taken:
            found[row.id] = one
            taken.add(one.id)
    return found


def _nearness(pair: tuple[Call, StoredCall]) -> tuple[timedelta, datetime, str, int]:
    row, one = pair
    return abs(row.started_at - one.call.started_at), row.started_at, row.id, one.id
