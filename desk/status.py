"""How the desk is doing: what waits, what failed, when each PBX was last heard of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version

from desk import act_log, pbx_troubles
from desk.act_log import Entry
from desk.office import Desk
from desk.pbx_troubles import Trouble
from storage import chats, inbox, notices, people
from storage.chats import Binding
from storage.database import Tx

#: How far back `/status` looks for the last event of a PBX.
LOOK_BACK = timedelta(days=30)
#: An event that waits for so long, or a delivery, means that something is stuck.
SLOW = timedelta(minutes=5)
#: The acts an administrator is shown.
ACTS = 5


@dataclass(frozen=True, slots=True)
class PbxStatus:
    pbx_id: str
    vendor: str
    last_event: datetime | None
    employees: int
    linked: int
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Status:
    version: str
    database: str
    inbox: inbox.Standing
    deliveries: notices.Standing
    pbxes: tuple[PbxStatus, ...]
    bindings: tuple[Binding, ...]
    acts: tuple[Entry, ...]
    is_slow: bool

    @property
    def is_well(self) -> bool:
        """Nothing failed, nothing is stuck."""
        return not (self.is_slow or self.inbox.failed or self.deliveries.stuck)


async def status(desk: Desk, tx: Tx, chat_id: int) -> Status:
    """As it is now; the bindings are those of one chat."""
    now = desk.clock.now()
    waiting, owed = await inbox.standing(tx), await notices.standing(tx, now)
    return Status(
        version=our_version(),
        database="SQLite" if desk.db.is_sqlite else "PostgreSQL",
        inbox=waiting,
        deliveries=owed,
        pbxes=tuple([await _pbx(desk, tx, pbx_id) for pbx_id in sorted(desk.pbxes)]),
        bindings=tuple(await chats.bindings_of_chat(tx, chat_id)),
        acts=tuple(await act_log.last(desk, tx, ACTS)),
        is_slow=any(oldest is not None and now - oldest > SLOW for oldest in (waiting.oldest, owed.oldest)),
    )


def our_version() -> str:
    try:
        return version("ringdesk")
    except PackageNotFoundError:  # run from a checkout that nobody installed
        return "?"


async def _pbx(desk: Desk, tx: Tx, pbx_id: str) -> PbxStatus:
    return PbxStatus(
        pbx_id=pbx_id,
        vendor=desk.pbxes[pbx_id].vendor,
        last_event=await inbox.last_received(tx, pbx_id, desk.clock.now() - LOOK_BACK),
        employees=len(await people.employees_of(tx, pbx_id)),
        linked=len(await people.links_at(tx, [pbx_id])),
        trouble=await pbx_troubles.last(tx, pbx_id),
    )


async def try_again(desk: Desk, tx: Tx, user_id: int, ids: Sequence[int] | None = None) -> int:
    """Put the failed events back to be worked, or those of `ids`; how many there were."""
    count = await inbox.retry(tx, ids)
    if count:
        await people.write_act(tx, user_id, "retry", desk.clock.now(), about=str(count))
    return count
