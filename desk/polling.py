"""Asks a PBX that has no webhook for its news. What it told and how far it was asked are written down together."""

from desk import ledger, pbx_troubles, reconcile
from desk.happenings import News, happened
from desk.meters import Event
from desk.office import Desk
from pbx.errors import PbxError
from pbx.vocabulary import Call, CallEnded
from storage import memory

#: How far it was asked is kept under this name.
CURSOR = "poll_cursor"


async def poll(desk: Desk, pbx_id: str) -> int:
    """Ask once; how many calls were news. Raises `PbxError`, noted for `/status`, and `DatabaseUnavailable`.

    After an outage, or the first time, what was missed long ago goes into the digest, as with any history read back.
    """
    async with desk.db.read() as tx:
        cursor = await memory.recall(tx, pbx_id, CURSOR)
    try:
        received, next_cursor = await desk.pbxes[pbx_id].poll(cursor)
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    now = desk.clock.now()
    ended = [one.event.call for one in received if isinstance(one.event, CallEnded)]
    old = [call for call in ended if now - call.ended_at > ledger.RECENT]
    fresh = [call for call in ended if now - call.ended_at <= ledger.RECENT]
    async with desk.db.write() as tx:
        await ledger.one_client_at_a_time(desk, tx, ended)
        news = await ledger.record_calls(desk, tx, pbx_id, _by_time(old), "recovered")
        news += await ledger.record_calls(desk, tx, pbx_id, _by_time(fresh))
        others = [News(one, now) for one in received if not isinstance(one.event, CallEnded)]
        await happened(desk, tx, pbx_id, others)
        if old:
            await reconcile.tell_untold(desk, tx, pbx_id)
        await memory.keep(desk.db, tx, pbx_id, CURSOR, next_cursor, now)
    desk.meters.event(pbx_id, Event.POLLED, len(news))
    if news:
        desk.deliveries.ring()
    return len(news)


def _by_time(calls: list[Call]) -> list[Call]:
    return sorted(calls, key=lambda call: (call.ended_at, call.id))
