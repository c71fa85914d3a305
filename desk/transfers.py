"""Two ids, one conversation: after a transfer the PBX tells of both halves, in any order."""

from dataclasses import replace
from datetime import datetime

from desk import ledger
from desk.office import Desk
from storage import calls
from storage.database import Tx


async def one_conversation(desk: Desk, tx: Tx, pbx_id: str, call_id: str, second_id: str, at: datetime) -> None:
    """From now on `second_id` means the call `call_id`; what was written down under it before joins that call."""
    if second_id == call_id:
        return
    await calls.add_alias(desk.db, tx, pbx_id, second_id, call_id, at)
    half = await calls.by_call_id(tx, pbx_id, second_id)
    if half is None:
        return
    await ledger.one_client_at_a_time(desk, tx, [half.call])
    whole = await calls.by_call_id(tx, pbx_id, call_id)
    if whole is None:
        await calls.rename(tx, half.id, call_id)
        return
    await calls.forget(tx, half.id)
    if whole.case_id is None and half.case_id is not None:
        await calls.assign(tx, [whole.id], half.case_id)
    await calls.save(desk.db, tx, pbx_id, [replace(half.call, id=call_id)], half.via)
    if half.call.client is not None:
        began = min(half.call.started_at, whole.call.started_at)
        await ledger.reconsider(desk, tx, {half.call.client: began})
