"""The last trouble we had with each PBX, kept for `/status`."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from desk import admins
from desk.office import Desk
from pbx.errors import AuthFailed, PbxError
from pbx.phone_system import RotatingTokens
from storage import memory
from storage.database import Tx

_NAME = "last_trouble"


@dataclass(frozen=True, slots=True)
class Trouble:
    """`kind` is the name of the error's class in `pbx.errors`; `said` holds no secret and no whole number."""

    at: datetime
    kind: str
    said: str


async def note(desk: Desk, pbx_id: str, error: PbxError) -> None:
    """Remember it. A refused key is told to the administrators, once a day."""
    now = desk.clock.now()
    value = json.dumps({"at": now.isoformat(), "kind": type(error).__name__, "said": str(error)[:300]})
    async with desk.db.write() as tx:
        await memory.keep(desk.db, tx, pbx_id, _NAME, value, now)
        if isinstance(error, AuthFailed) and not error.missing_right:
            has_tokens = isinstance(desk.pbxes.get(pbx_id), RotatingTokens)
            await admins.tell(desk, tx, "tokens_dead" if has_tokens else "key_refused", pbx_id, pbx=pbx_id)
    desk.deliveries.ring()


@asynccontextmanager
async def noted(desk: Desk, pbx_id: str) -> AsyncIterator[None]:
    """What goes wrong with the PBX within is remembered, and goes on to whoever asked."""
    try:
        yield
    except PbxError as error:
        await note(desk, pbx_id, error)
        raise


async def last(tx: Tx, pbx_id: str) -> Trouble | None:
    kept = await memory.recall(tx, pbx_id, _NAME)
    if kept is None:
        return None
    value = json.loads(kept)
    return Trouble(datetime.fromisoformat(value["at"]), value["kind"], value["said"])
