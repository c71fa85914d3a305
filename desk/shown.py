"""Which missed calls a chat shows. Those it hides count all the same: in cases, in summaries, in `/missed`."""

from collections.abc import Collection
from dataclasses import dataclass

from desk import blacklist, our_numbers
from desk.blacklist import Blacklist
from desk.chat_settings import ChatSettings
from desk.office import Desk
from pbx.vocabulary import Call
from storage.database import Tx


@dataclass(frozen=True, slots=True)
class Callers:
    """Who calls one PBX, as last read: whom it refuses, and who is one of us."""

    blacklist: Blacklist
    internal: Collection[str]


async def callers(desk: Desk, tx: Tx, pbx_id: str) -> Callers:
    return Callers(await blacklist.last_read(tx, pbx_id), await our_numbers.internal(desk, tx, pbx_id))


def shows(settings: ChatSettings, callers: Callers, call: Call) -> bool:
    """Whether a chat with these settings is shown this missed call, by what we know of its caller now.

    Who hides the number is neither blocked nor one of ours.
    """
    if not settings.shows(call):
        return False
    if not (settings.shows_outside_hours or settings.working_hours.contains(call.missed_at, settings.zone)):
        return False
    if call.client is None:
        return True
    if not settings.shows_blocked and callers.blacklist.holds(call.client):
        return False
    return settings.shows_internal or call.client not in callers.internal
