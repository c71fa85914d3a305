"""What each kind of event changes. One function a kind, found in one table."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from desk import final_word, ledger, lines, live_calls, live_card, pauses, rated, sources, transfers
from desk.office import Desk
from pbx.vocabulary import (
    CallEnded,
    CallOver,
    CallProgress,
    Event,
    LineLost,
    Outcome,
    PauseChanged,
    Rated,
    Received,
    SourceKnown,
)
from storage import calls
from storage.database import Tx


async def happened(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> bool:
    """Turn one event into state and due notices. False if we have no meaning for it."""
    event = received.event
    handler = _HANDLERS.get(type(event))
    if handler is None:
        return False
    await handler(desk, tx, pbx_id, received, at)
    # A call that ended in a way we have no name for is kept, and counted as what we did not understand.
    return not (isinstance(event, CallEnded) and event.call.outcome is Outcome.UNKNOWN)


async def _call_ended(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> None:
    event = received.event
    assert isinstance(event, CallEnded)
    await ledger.record_call(desk, tx, pbx_id, event.call)


async def _call_progress(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> None:
    event = received.event
    assert isinstance(event, CallProgress)
    moment = event.at or at
    await desk.db.one_at_a_time(tx, turn_of(event))
    if event.second_call_id:
        call_id = await calls.main_id(tx, pbx_id, event.call_id)
        await transfers.one_conversation(desk, tx, pbx_id, call_id, event.second_call_id, moment)
        await live_calls.one_conversation(desk, tx, pbx_id, call_id, event.second_call_id)
        await live_card.one_message(desk, tx, pbx_id, call_id, event.second_call_id)
    live = await live_calls.told(desk, tx, pbx_id, event, moment)
    if live is not None:
        await live_card.show(desk, tx, live)


def turn_of(event: CallEnded | CallProgress) -> str:
    """What two transactions must not work on at once: a client's calls, all of them; a hidden caller's, each."""
    client, call_id = (
        (event.call.client, event.call.id) if isinstance(event, CallEnded) else (event.client, event.call_id)
    )
    return f"client {client or call_id}"


async def _call_over(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> None:
    """How it ended must be asked; the timer does so, and again until the PBX lists the call."""
    event = received.event
    assert isinstance(event, CallOver)
    await final_word.ask_soon(desk, tx, pbx_id, event, at)


async def _rated(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> None:
    event = received.event
    assert isinstance(event, Rated)
    stored = await rated.happened(desk, tx, pbx_id, received.key, event, at)
    if stored is not None:
        await ledger.show_rating(desk, tx, stored)


async def _line_lost(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> None:
    event = received.event
    assert isinstance(event, LineLost)
    await lines.lost(desk, tx, pbx_id, event, at)


async def _pause_changed(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> None:
    event = received.event
    assert isinstance(event, PauseChanged)
    await pauses.changed(desk, tx, pbx_id, event, at)


async def _source_known(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> None:
    event = received.event
    assert isinstance(event, SourceKnown)
    await sources.keep(desk, tx, pbx_id, event, at)
    if call := await sources.call_of(tx, pbx_id, event, at):
        await ledger.record_call(desk, tx, pbx_id, replace(call.call, source=call.call.source or event.source))


_HANDLERS: dict[type[Event], Callable[[Desk, Tx, str, Received, datetime], Awaitable[Any]]] = {
    CallEnded: _call_ended,
    CallProgress: _call_progress,
    CallOver: _call_over,
    Rated: _rated,
    LineLost: _line_lost,
    PauseChanged: _pause_changed,
    SourceKnown: _source_known,
}
