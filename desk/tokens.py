"""Tokens that end: replaced well ahead of time, in the one process that may, and said aloud when they die.

A t2 pair lives seven days and each refresh replaces both halves; a pair that dies can only be renewed by hand.
"""

from datetime import timedelta

import structlog

from desk import admins
from desk.office import Desk
from pbx.errors import AuthFailed
from pbx.phone_system import PhoneSystem, RotatingTokens

log = structlog.get_logger()

#: Administrators are told so long before access would end for good.
WARN_BEFORE = timedelta(days=3)


async def keep_alive(desk: Desk, pbx: PhoneSystem) -> None:
    """Refresh the tokens if it is time; tell the administrators of a dead pair, or of one that soon will be.

    Raises `PbxError` if the PBX could not be asked; the next round tries again.
    """
    if not isinstance(pbx, RotatingTokens):
        return
    now, due = desk.clock.now(), pbx.refresh_due
    try:
        if due is not None and now >= due:
            await pbx.refresh_tokens()
            log.info("tokens refreshed", pbx=pbx.id)
    except AuthFailed:
        await _tell(desk, "tokens_dead", pbx.id)
        raise
    finally:
        await _warn(desk, pbx.id, pbx)


async def _warn(desk: Desk, pbx_id: str, tokens: RotatingTokens) -> None:
    expiry = tokens.token_expiry
    if expiry is not None and expiry - desk.clock.now() <= WARN_BEFORE:
        days = max((expiry - desk.clock.now()).days, 0)
        await _tell(desk, "tokens_end", pbx_id, days=days)


async def _tell(desk: Desk, what: str, pbx_id: str, **data: object) -> None:
    async with desk.db.write() as tx:
        await admins.tell(desk, tx, what, pbx_id, pbx=pbx_id, **data)
    desk.deliveries.ring()
