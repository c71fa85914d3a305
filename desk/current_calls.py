"""The calls going on now: asked of the PBX where it lists them, else as far as its events told."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from desk import live_card
from desk.live_calls import GOING_ON, LONGEST, MADE_UP
from desk.office import Desk
from desk.pbx_troubles import noted
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import ActiveCall, Direction, Stage
from storage import calls, memory, people
from storage.calls import LiveCall
from storage.database import Tx

#: A list of current calls is known for showing a call a little after its end: so many readings are not believed.
LATE_READINGS = 2
#: How often a call that is still listed is written down as still going on.
STILL_THERE = timedelta(minutes=30)
#: The further a leg of a call is, the more it says of the call.
_FURTHER = [Stage.UNKNOWN, Stage.DIALLING, Stage.RINGING, Stage.ANSWERED]


class Told(StrEnum):
    """Where the list is from."""

    BY_PBX = "by_pbx"
    BY_EVENTS = "by_events"
    """Who is missing there, no event told of."""
    BY_SIGHT = "by_sight"
    """The PBX lists calls without times: they count from when a call was first seen."""


@dataclass(frozen=True, slots=True)
class Current:
    """A call going on. `hang_up` is what the PBX wants to end it; None if it can't."""

    live: LiveCall
    hang_up: str | None = None

    @property
    def is_internal(self) -> bool:
        return self.live.direction == Direction.INTERNAL

    @property
    def logins(self) -> tuple[str, ...]:
        """Whose call it is: who talks or dials, and whose phones ring."""
        return tuple(dict.fromkeys(filter(None, (self.live.employee, *self.live.ringing))))


@dataclass(frozen=True, slots=True)
class Listed:
    told: Told
    calls: tuple[Current, ...]


def can_be_listed(pbx: PhoneSystem) -> bool:
    """Events or a list of the PBX's own: one of them is needed."""
    return pbx.capabilities.active_calls or pbx.capabilities.webhook


async def listed(desk: Desk, pbx_id: str) -> Listed:
    """The calls at that PBX, the one that began first comes first. Raises `PbxError`."""
    can = desk.pbxes[pbx_id].capabilities
    if can.active_calls and not can.polling:
        return Listed(Told.BY_PBX, await _legs_together(desk, pbx_id))
    if can.active_calls:
        await watch(desk, pbx_id)
    async with desk.db.read() as tx:
        known = await calls.live(tx, [pbx_id])
    since = desk.clock.now() - LONGEST
    now = tuple(Current(live) for live in known if live.stage in GOING_ON and live.at > since)
    return Listed(Told.BY_SIGHT if can.active_calls else Told.BY_EVENTS, now)


async def _legs_together(desk: Desk, pbx_id: str) -> tuple[Current, ...]:
    pbx = desk.pbxes[pbx_id]
    async with noted(desk, pbx_id):
        legs = await pbx.active_calls()
    by_call: dict[str, list[ActiveCall]] = defaultdict(list)
    for number, leg in enumerate(legs):
        by_call[leg.call_id or leg.id or f"{number}"].append(leg)
    found = [_of_legs(desk, pbx_id, call_id, legs) for call_id, legs in by_call.items()]
    return tuple(sorted(found, key=lambda one: (one.live.began_at, one.live.call_id)))


def _of_legs(desk: Desk, pbx_id: str, call_id: str, legs: Sequence[ActiveCall]) -> Current:
    """One call. The direction is the client's leg's: the others may be internal."""
    now, pbx = desk.clock.now(), desk.pbxes[pbx_id]
    with_client = next((leg for leg in legs if leg.direction is not Direction.INTERNAL), legs[0])
    stage = max((leg.stage or Stage.UNKNOWN for leg in legs), key=_rank)
    at_it = [leg.employee for leg in legs if leg.employee and (leg.stage or Stage.UNKNOWN) is stage]
    rings = stage is Stage.RINGING
    began = min((leg.started_at for leg in legs if leg.started_at), default=now)
    live = LiveCall(
        pbx_id=pbx_id,
        call_id=call_id,
        client=next((leg.client for leg in legs if leg.client), None),
        direction=with_client.direction.value if with_client.direction else None,
        stage=stage.value,
        began_at=began,
        at=now,
        employee=None if rings else next(iter(at_it), None),
        ringing=tuple(dict.fromkeys(at_it)) if rings else (),
        department=next((leg.department for leg in legs if leg.department), None),
        our_number=next((leg.our_number for leg in legs if leg.our_number), None),
        answered_at=min((leg.answered_at for leg in legs if leg.answered_at), default=None),
    )
    ends = next((leg.id for leg in legs if leg.id), None) if pbx.capabilities.hang_up else None
    return Current(live, ends)


def _rank(stage: Stage) -> int:
    return _FURTHER.index(stage) if stage in _FURTHER else -1


# A PBX whose list has neither ids nor times


async def watch(desk: Desk, pbx_id: str) -> None:
    """Read the list, and follow each call in it from first to last sight. Raises `PbxError`, `DatabaseUnavailable`.

    How a call ended the list does not say: its record will.
    """
    async with noted(desk, pbx_id):
        seen = await desk.pbxes[pbx_id].active_calls()
    async with desk.db.read() as tx:
        known = await _followed(tx, pbx_id)
    if not seen and not known:
        return
    clients = {one.client for one in seen} | {one.client for one in known}
    async with desk.db.write() as tx:
        turns = [f"client {client}" for client in clients if client]
        await desk.db.one_at_a_time(tx, f"current calls {pbx_id}", *turns)
        left = _by_kind(await _followed(tx, pbx_id))
        for number, one in enumerate(seen):
            before = next(iter(left[_kind(one)]), None)
            if before is not None:
                left[_kind(one)].remove(before)
                await _still_there(desk, tx, before, one)
            elif not await _is_just_over(desk, tx, pbx_id, one):
                await _first_seen(desk, tx, pbx_id, one, number)
        for gone in (live for lives in left.values() for live in lives):
            await _follow(desk, tx, replace(gone, stage=Stage.ENDED.value, at=desk.clock.now()))
    desk.deliveries.ring()


async def _followed(tx: Tx, pbx_id: str) -> list[LiveCall]:
    known = await calls.live(tx, [pbx_id])
    return [live for live in known if live.call_id.startswith(MADE_UP) and live.stage in GOING_ON]


def _kind(one: ActiveCall | LiveCall) -> tuple[str | None, ...]:
    """What tells calls apart in the list. Whom a client talks with may change; who calls a client does not."""
    way = str(one.direction) if one.direction else None
    return (way, one.client, one.employee if way != Direction.IN else None)


def _by_kind(known: Iterable[LiveCall]) -> dict[tuple[str | None, ...], list[LiveCall]]:
    found: dict[tuple[str | None, ...], list[LiveCall]] = defaultdict(list)
    for live in known:
        found[_kind(live)].append(live)
    return found


async def _is_just_over(desk: Desk, tx: Tx, pbx_id: str, one: ActiveCall) -> bool:
    last = await calls.last_of_client(tx, pbx_id, one.client, one.direction) if one.direction else None
    late = timedelta(seconds=LATE_READINGS * desk.poll_seconds.get(pbx_id, 20))
    return last is not None and last.call.ended_at > desk.clock.now() - late


async def _first_seen(desk: Desk, tx: Tx, pbx_id: str, one: ActiveCall, number: int) -> None:
    now = desk.clock.now()
    id = sha256(f"{pbx_id} {_kind(one)} {now.isoformat()} {number}".encode()).hexdigest()[:20]
    way = one.direction.value if one.direction else None
    nothing = LiveCall(pbx_id, f"{MADE_UP}{id}", one.client, way, Stage.UNKNOWN.value, began_at=now, at=now)
    await _follow(desk, tx, _as_seen(nothing, one, now))


async def _still_there(desk: Desk, tx: Tx, before: LiveCall, one: ActiveCall) -> None:
    now = desk.clock.now()
    live = _as_seen(before, one, now)
    if replace(live, at=before.at) != before:
        await _follow(desk, tx, live)
    elif now - before.at > STILL_THERE:
        await calls.save_live(desk.db, tx, live)


def _as_seen(live: LiveCall, one: ActiveCall, now: datetime) -> LiveCall:
    return replace(
        live,
        stage=(one.stage or Stage.UNKNOWN).value,
        employee=one.employee or live.employee,
        department=one.department or live.department,
        our_number=one.our_number or live.our_number,
        at=now,
    )


async def _follow(desk: Desk, tx: Tx, live: LiveCall) -> None:
    await calls.save_live(desk.db, tx, live)
    await live_card.show(desk, tx, live.pbx_id, [live])


# Ending a call


async def hang_up(desk: Desk, pbx_id: str, current: Current, by: int, once: str) -> bool:
    """End it. Raises `PbxError`; after `Unavailable` nobody knows whether it is over. Never asked twice for `once`.

    False: it was asked for already. The act is written down before the PBX is asked.
    """
    assert current.hang_up is not None
    now, about = desk.clock.now(), current.live.client or "hidden number"
    async with desk.db.write() as tx:
        if not await memory.fire(desk.db, tx, f"hang up {once}"[:160], now):
            return False
        await people.write_act(tx, by, "hang_up", now, pbx_id=pbx_id, about=about)
    async with noted(desk, pbx_id):
        await desk.pbxes[pbx_id].hang_up(current.hang_up)
    return True
