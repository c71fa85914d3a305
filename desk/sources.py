"""Where clients came from (UTM labels), told apart from their calls. Each joins its call, whichever comes first.

What came first is kept, and found by the call's id, or by the client and the time where the PBX leaves the id out.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desk.office import Desk
from pbx.vocabulary import Call, Direction, SourceKnown
from storage import calls, memory
from storage.calls import StoredCall
from storage.database import Tx

#: How the kept values' names begin.
KEPT_AS = "source "
#: Two clocks' ideas of when a call began may be so far apart.
SAME_CALL = timedelta(minutes=2)


def _by_call(call_id: str) -> str:
    return f"{KEPT_AS}{call_id}"[:80]


def _by_client(client: str) -> str:
    return f"{KEPT_AS}of {client}"[:80]


async def keep(desk: Desk, tx: Tx, pbx_id: str, event: SourceKnown, at: datetime) -> None:
    """Keep what was told until its call is known."""
    name = _by_call(event.call_id) if event.call_id else _by_client(event.client) if event.client else None
    known = await memory.recall(tx, pbx_id, name) if name else None
    # Of several calls of one client, the latest may still be unknown to us.
    is_older = known is not None and datetime.fromisoformat(json.loads(known)["at"]) > (event.at or at)
    if name and not is_older:
        value = json.dumps({"source": event.source, "at": (event.at or at).isoformat()}, ensure_ascii=False)
        await memory.keep(desk.db, tx, pbx_id, name, value, at)


async def call_of(tx: Tx, pbx_id: str, event: SourceKnown, at: datetime) -> StoredCall | None:
    """The call it is about, if we know it."""
    if event.call_id:
        return await calls.by_call_id(tx, pbx_id, event.call_id)
    moment = event.at or at
    around = [event.client] if event.client else []
    found = await calls.of_clients(tx, pbx_id, around, moment - SAME_CALL, moment + SAME_CALL)
    came_in = [one for one in found if one.call.direction is Direction.IN]
    return min(came_in, key=lambda one: abs(one.call.started_at - moment), default=None)


async def joined(desk: Desk, tx: Tx, pbx_id: str, finished: Sequence[Call]) -> list[Call]:
    """The calls, each with the source that was told of it before."""
    pbx = desk.pbxes.get(pbx_id)
    lacking = [call for call in finished if call.source is None and call.direction is Direction.IN]
    if pbx is None or not pbx.capabilities.sources or not lacking:
        return list(finished)
    names = [_by_call(call.id) for call in lacking] + [_by_client(call.client) for call in lacking if call.client]
    kept = {name: json.loads(value) for name, value in (await memory.recall_many(tx, pbx_id, names)).items()}
    return [replace(call, source=call.source or _source(call, kept)) for call in finished]


def _source(call: Call, kept: dict[str, dict[str, str]]) -> str | None:
    if call.direction is not Direction.IN:
        return None
    told = kept.get(_by_call(call.id))
    if told is None and call.client:
        told = kept.get(_by_client(call.client))
        if told and abs(datetime.fromisoformat(told["at"]) - call.started_at) > SAME_CALL:
            return None
    return told["source"] if told else None
