"""Reads recent history back from a PBX: a call that no event told us of is handled as if one had.

What is still owed to a client is shown: recent calls as cards, older ones in one message per chat, the digest. It is
a roll made at once: it lists the cases, stays true by edits, and its buttons open a client's card.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from desk import pbx_troubles, read_back, routing
from desk.delivery import Place
from desk.office import Desk
from pbx.errors import PbxError
from storage import calls, cases, inbox, memory, notices
from storage.database import Tx

log = structlog.get_logger()

#: An event may be on its way so long; only then is a call known from its history alone.
EVENTS_TAKE = timedelta(minutes=1)
#: After an outage, history is read from where it was read last, at most so far back.
LONGEST = timedelta(days=7)
#: Seconds that stored events get to be worked before history is compared with what we know.
INBOX_GETS = 60

#: When history was read last is kept under this name.
LAST = "history_read"


@dataclass(frozen=True, slots=True)
class Report:
    """What reading back brought: rows read, calls new or better known, cases in the digest."""

    read: int = 0
    news: int = 0
    digest: int = 0


async def reconcile(desk: Desk, pbx_id: str, since: timedelta) -> Report:
    """Compare what we know with the history of `since` until now, and further back if it was not read since then.

    Raises `PbxError`, noted for `/status`, and `DatabaseUnavailable`; either way the next time starts where this did.
    """
    pbx = desk.pbxes[pbx_id]
    if not pbx.capabilities.history:
        return Report()
    await _events_first(desk)
    now = desk.clock.now()
    start = await _start(desk, pbx_id, now, since)
    try:
        rows = [row async for row in pbx.history(start - read_back.EDGE, now)]
    except PbxError as error:
        await pbx_troubles.note(desk, pbx_id, error)
        raise
    news = await read_back.take_in(desk, pbx_id, rows, via="recovered", since=start, until=now - EVENTS_TAKE)
    async with desk.db.write() as tx:
        digest = await tell_untold(desk, tx, pbx_id)
        await memory.keep(desk.db, tx, pbx_id, LAST, now.isoformat(), now)
    desk.deliveries.ring()
    if news:
        log.info("history told what events had not", pbx=pbx_id, calls=news, digest=digest)
    return Report(len(rows), news, digest)


async def last_read(tx: Tx, pbx_id: str) -> datetime | None:
    """When this PBX's history was last read in full."""
    kept = await memory.recall(tx, pbx_id, LAST)
    return datetime.fromisoformat(kept) if kept else None


async def _start(desk: Desk, pbx_id: str, now: datetime, since: timedelta) -> datetime:
    async with desk.db.read() as tx:
        last = await last_read(tx, pbx_id)
    return max(min(now - since, (last or now) - read_back.EDGE), now - LONGEST)


async def _events_first(desk: Desk) -> None:
    """What events told already must not look as if they had not."""
    for _ in range(INBOX_GETS):
        async with desk.db.read() as tx:
            if not (await inbox.standing(tx)).waiting:
                return
        desk.events.ring()
        await desk.clock.sleep(1.0)


async def tell_untold(desk: Desk, tx: Tx, pbx_id: str) -> int:
    """Put every open case that no chat was told of into one message for each chat; how many there were."""
    await desk.db.one_at_a_time(tx, f"digest {pbx_id}")
    now = desk.clock.now()
    untold = await cases.untold(tx, pbx_id)
    listed: dict[Place, list[int]] = defaultdict(list)
    for case in untold:
        notice_id = await notices.add(desk.db, tx, "case", str(case.id), now, pbx_id=pbx_id)
        missed = [one.call for one in await calls.of_case(tx, case.id) if one.call.is_missed]
        for chat_id, thread_id in await routing.places(desk, tx, "digest", pbx_id, missed):
            if notice_id is not None:
                listed[Place(chat_id, thread_id)].append(notice_id)
    for place, notice_ids in listed.items():
        subject = f"{pbx_id} {place.chat_id} {place.thread_id} {now.timestamp():.0f}"
        digest_id = await notices.add(desk.db, tx, "digest", subject, now, pbx_id=pbx_id)
        if digest_id is not None:
            where = (place.chat_id, place.thread_id)
            await notices.deliver_to(desk.db, tx, digest_id, [where], now)
            await notices.list_in(desk.db, tx, digest_id, notice_ids, *where)
    return len(untold)
