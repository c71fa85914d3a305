"""What the PBX itself knows of a client, for those our contacts don't name: the name on its card, the responsible.

Asked in the background and kept; a card never waits for it.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.office import Desk
from storage import contacts, memory
from storage.database import Tx
from storage.memory import Timer

KIND = "known_client"
#: How the kept values' names begin.
KEPT_AS = "client "
#: What was read is believed so long.
BELIEVED = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class KnownClient:
    """`responsible` is a login."""

    name: str | None = None
    responsible: str | None = None
    read_at: datetime | None = None


async def ask_soon(desk: Desk, tx: Tx, pbx_id: str, clients: Collection[str]) -> None:
    """Have the PBX asked about clients of whom it may tell what we lack, and was not asked lately."""
    pbx = desk.pbxes.get(pbx_id)
    if not clients or pbx is None or not (pbx.capabilities.client_cards or pbx.capabilities.responsibles):
        return
    ours, can = await contacts.get_many(tx, list(clients)), pbx.capabilities
    nameless = {one for one in clients if can.client_cards and one not in ours}
    alone = {one for one in clients if can.responsibles and not (one in ours and ours[one].responsible)}
    lacking = sorted(nameless | alone)
    known, now = await of_each(tx, pbx_id, lacking), desk.clock.now()
    due = [one for one in lacking if (read_at := known[one].read_at) is None or now - read_at >= BELIEVED]
    await memory.set_timer(desk.db, tx, *(Timer(KIND, f"{pbx_id} {one}", now, {}) for one in due))


async def of(tx: Tx, pbx_id: str, client: str) -> KnownClient:
    """What was read last; nothing if nothing was."""
    return (await of_each(tx, pbx_id, [client]))[client]


async def of_each(tx: Tx, pbx_id: str, clients: Collection[str]) -> dict[str, KnownClient]:
    """The same of many."""
    kept = await memory.recall_many(tx, pbx_id, [_name(one) for one in clients]) if clients else {}
    return {one: _known(kept.get(_name(one))) for one in clients}


def _known(kept: str | None) -> KnownClient:
    if kept is None:
        return KnownClient()
    value = json.loads(kept)
    return KnownClient(value["name"], value["responsible"], datetime.fromisoformat(value["at"]))


async def keep(desk: Desk, tx: Tx, pbx_id: str, client: str, name: str | None, responsible: str | None) -> None:
    now = desk.clock.now()
    value = json.dumps({"name": name, "responsible": responsible, "at": now.isoformat()}, ensure_ascii=False)
    await memory.keep(desk.db, tx, pbx_id, _name(client), value, now)


def _name(client: str) -> str:
    return f"{KEPT_AS}{client}"[:80]
