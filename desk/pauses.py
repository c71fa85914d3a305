"""Who is on a pause at the PBX, as its events tell: shown, never set."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from desk.office import Desk
from pbx.vocabulary import PauseChanged
from storage import memory
from storage.database import Tx

#: Nobody's pause is that long: the news of its end was lost.
LONGEST = timedelta(hours=16)


def _name(login: str) -> str:
    return f"pause {login}"[:80]


async def changed(desk: Desk, tx: Tx, pbx_id: str, event: PauseChanged, at: datetime) -> None:
    """Remember it, unless something later is known already: events are repeated, and overtake each other."""
    name = _name(event.employee)
    known = await memory.recall(tx, pbx_id, name)
    if known is None or datetime.fromisoformat(json.loads(known)["at"]) <= event.at:
        value = json.dumps({"paused": event.paused, "at": event.at.isoformat()})
        await memory.keep(desk.db, tx, pbx_id, name, value, at)


async def since(tx: Tx, pbx_id: str, logins: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Those of these employees who are on a pause now, and since when."""
    kept = await memory.recall_many(tx, pbx_id, [_name(login) for login in logins])
    told = {login: json.loads(kept[_name(login)]) for login in logins if _name(login) in kept}
    begun = {login: datetime.fromisoformat(one["at"]) for login, one in told.items() if one["paused"]}
    return {login: moment for login, moment in begun.items() if now - moment < LONGEST}
