"""What the PBX itself knows of a client, for those our contacts don't name: the name on its card, the responsible.

Asked in the background and kept; a card never waits for it.
"""

import json
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


async def ask_soon(desk: Desk, tx: Tx, pbx_id: str, client: str | None) -> None:
    """Have the PBX asked about a client, if it may tell what we lack and was not asked lately."""
    pbx = desk.pbxes.get(pbx_id)
    if client is None or pbx is None:
        return
    contact, can = await contacts.get(tx, client), pbx.capabilities
    name_lacks = can.client_cards and contact is None
    responsible_lacks = can.responsibles and not (contact and contact.responsible)
    if not (name_lacks or responsible_lacks):
        return
    known, now = await of(tx, pbx_id, client), desk.clock.now()
    if known.read_at is None or now - known.read_at >= BELIEVED:
        await memory.set_timer(desk.db, tx, Timer(KIND, f"{pbx_id} {client}", now, {}))


async def of(tx: Tx, pbx_id: str, client: str) -> KnownClient:
    """What was read last; nothing if nothing was."""
    kept = await memory.recall(tx, pbx_id, _name(client))
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
