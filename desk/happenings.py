"""What each kind of event changes: news of calls many at once, all else by one function a kind, found in one table.

How a call went on is no news once it is told how it ended: of a call told as a whole only that is written.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class News:
    """An event, and when it was told."""

    received: Received
    at: datetime

    @property
    def is_understood(self) -> bool:
        """Whether we have a meaning for it. A call that ended in a way we have no name for is kept all the same."""
        event = self.received.event
        return type(event) in _HANDLERS and not (
            isinstance(event, CallEnded) and event.call.outcome is Outcome.UNKNOWN
        )


async def happened(desk: Desk, tx: Tx, pbx_id: str, news: Sequence[News]) -> None:
    """Turn a PBX's events into state and due notices."""
    together, apart = await _sorted(tx, pbx_id, news) if len(news) > 1 else ([], news)
    await _calls(desk, tx, pbx_id, together)
    for one in apart:
        handler = _HANDLERS.get(type(one.received.event))
        if handler is not None:
            await handler(desk, tx, pbx_id, one.received, one.at)


async def _sorted(tx: Tx, pbx_id: str, news: Sequence[News]) -> tuple[list[News], list[News]]:
    """What is of calls that have a single id, and all else, in the order in which it came."""
    events = [one.received.event for one in news]
    single = await _single_ids(tx, pbx_id, events)
    together = [one for one, event in zip(news, events, strict=True) if _call_id(event) in single]
    apart = [one for one, event in zip(news, events, strict=True) if _call_id(event) not in single]
    return together, apart


async def _single_ids(tx: Tx, pbx_id: str, events: Sequence[Event]) -> set[str]:
    """Of the calls that these events are about: those that have no second id, by what we know or are told now."""
    joining = [event for event in events if isinstance(event, CallProgress) and event.second_call_id]
    joined = {call_id for event in joining for call_id in (event.call_id, event.second_call_id)}
    main = await calls.main_ids(tx, pbx_id, [call_id for event in events if (call_id := _call_id(event))])
    return {call_id for call_id, main_id in main.items() if main_id == call_id} - joined


def _call_id(event: Event) -> str | None:
    match event:
        case CallEnded():
            return event.call.id
        case CallProgress():
            return event.call_id
    return None


async def _calls(desk: Desk, tx: Tx, pbx_id: str, news: Sequence[News]) -> None:
    """How calls go on, and how they ended."""
    if not news:
        return
    events = [(one.received.event, one.at) for one in news]
    turns = [turn_of(event) for event, _ in events if isinstance(event, CallEnded | CallProgress)]
    await desk.db.one_at_a_time(tx, *turns)
    lives = await live_calls.told(
        tx, pbx_id, [(event, event.at or at) for event, at in events if isinstance(event, CallProgress)]
    )
    ended = [event.call for event, _ in events if isinstance(event, CallEnded)]
    over = {call.id for call in ended}
    going_on = [live for live in lives if live.call_id not in over]
    await calls.save_live(desk.db, tx, *going_on)
    await live_card.show(desk, tx, pbx_id, going_on)
    await ledger.record_calls(desk, tx, pbx_id, ended, lives=lives)


async def _call(desk: Desk, tx: Tx, pbx_id: str, received: Received, at: datetime) -> None:
    """One by itself, because it has two ids or says so."""
    event = received.event
    if isinstance(event, CallProgress) and event.second_call_id:
        moment, call_id = event.at or at, await calls.main_id(tx, pbx_id, event.call_id)
        await transfers.one_conversation(desk, tx, pbx_id, call_id, event.second_call_id, moment)
        await live_calls.one_conversation(desk, tx, pbx_id, call_id, event.second_call_id)
        await live_card.one_message(desk, tx, pbx_id, call_id, event.second_call_id)
    await _calls(desk, tx, pbx_id, [News(received, at)])


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
    CallEnded: _call,
    CallProgress: _call,
    CallOver: _call_over,
    Rated: _rated,
    LineLost: _line_lost,
    PauseChanged: _pause_changed,
    SourceKnown: _source_known,
}
