"""Which missed calls a chat shows. Those it hides count all the same: in cases, in summaries, in `/missed`."""

from desk import blacklist, our_numbers
from desk.chat_settings import ChatSettings
from desk.office import Desk
from pbx.vocabulary import Call
from storage.database import Tx


async def shows(desk: Desk, tx: Tx, settings: ChatSettings, pbx_id: str, call: Call) -> bool:
    """Whether a chat with these settings is shown this missed call, by what we know of its caller now.

    The blacklist and our numbers are as last read. Who hides the number is neither blocked nor one of ours.
    """
    if not settings.shows(call):
        return False
    if not (settings.shows_outside_hours or settings.working_hours.contains(call.missed_at, settings.zone)):
        return False
    if call.client is None:
        return True
    if not settings.shows_blocked and await blacklist.holds(tx, pbx_id, call.client):
        return False
    return settings.shows_internal or not await our_numbers.is_internal(desk, tx, pbx_id, call.client)
