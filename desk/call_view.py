"""A call as its message tells it: gathered as it is now, while it goes on and once it is over."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from desk import hearing
from desk.client_names import known_as
from desk.hearing import Playable
from desk.office import Desk
from pbx.vocabulary import Direction, Stage
from storage import calls, people
from storage.calls import LiveCall, StoredCall
from storage.database import Tx
from storage.notices import Notice


class Phase(StrEnum):
    """What a call's message tells."""

    RINGING = "ringing"
    DIALLING = "dialling"
    TALKING = "talking"
    GOING_ON = "going_on"
    """The PBX does not say whether anybody has answered."""
    OVER = "over"
    """How it ended, the PBX has yet to say."""
    ENDED = "ended"
    LOST = "lost"
    """Nothing was heard of it for hours."""


#: By the step of a call that goes on.
PHASES = {
    Stage.RINGING: Phase.RINGING,
    Stage.DIALLING: Phase.DIALLING,
    Stage.ANSWERED: Phase.TALKING,
    Stage.UNKNOWN: Phase.GOING_ON,
    Stage.ENDED: Phase.OVER,
}


@dataclass(frozen=True, slots=True)
class CallView:
    """Everything a call's message says. Names are employees'; `recorded` is the call once it has ended."""

    phase: Phase
    direction: Direction
    client: str | None
    client_name: str | None
    began_at: datetime
    who: str | None
    """Who talks, dials, or did."""
    ringing: tuple[str, ...]
    """Whose phones ring."""
    department: str | None
    our_number: str | None
    answered_at: datetime | None
    recorded: StoredCall | None
    pbx_name: str | None
    stars: int | None = None
    """What the client thought of it."""
    playable: Playable | None = None


async def of(desk: Desk, tx: Tx, notice: Notice, pbx_name: str | None) -> CallView | None:
    """The call as it is now; None if its message is to go: a card tells it, or another call's message."""
    assert notice.pbx_id is not None
    call_id = await calls.main_id(tx, notice.pbx_id, notice.data["call_id"])
    live = await calls.live_call(tx, notice.pbx_id, call_id)
    stored = await calls.by_call_id(tx, notice.pbx_id, call_id)
    if "joined" in notice.data or (live is None and stored and stored.call.is_missed):
        return None
    names = await people.employee_names(tx, notice.pbx_id)
    if live is not None:
        found = _of_live(live, names, pbx_name)
    elif stored is not None:
        found = _of_record(stored, names, pbx_name)
    elif "lost" in notice.data:
        found = _of_lost(notice.data["lost"], names, pbx_name)
    else:
        return None
    client_name, _ = await known_as(desk, tx, found.client, [notice.pbx_id])
    ended = found.recorded
    stars, playable = await hearing.stars(tx, ended), hearing.playable(desk, ended)
    return replace(found, client_name=client_name, stars=stars, playable=playable)


def _of_live(live: LiveCall, names: dict[str, str], pbx_name: str | None) -> CallView:
    return CallView(
        phase=PHASES[Stage(live.stage)],
        direction=Direction(live.direction or Direction.IN),
        client=live.client,
        client_name=None,
        began_at=live.began_at,
        who=names.get(live.employee, live.employee) if live.employee else None,
        ringing=tuple(names.get(one, one) for one in live.ringing),
        department=live.department,
        our_number=live.our_number,
        answered_at=live.answered_at,
        recorded=None,
        pbx_name=pbx_name,
    )


def _of_record(stored: StoredCall, names: dict[str, str], pbx_name: str | None) -> CallView:
    call = stored.call
    return CallView(
        phase=Phase.ENDED,
        direction=call.direction,
        client=call.client,
        client_name=None,
        began_at=call.started_at,
        who=names.get(call.employee, call.employee) if call.employee else None,
        ringing=(),
        department=call.department,
        our_number=call.our_number,
        answered_at=call.answered_at,
        recorded=stored,
        pbx_name=pbx_name,
    )


def _of_lost(kept: dict[str, str], names: dict[str, str], pbx_name: str | None) -> CallView:
    return CallView(
        phase=Phase.LOST,
        direction=Direction(kept["direction"]),
        client=kept["client"],
        client_name=None,
        began_at=datetime.fromisoformat(kept["began"]),
        who=names.get(kept["employee"], kept["employee"]) if kept["employee"] else None,
        ringing=(),
        department=kept["department"],
        our_number=kept["our_number"],
        answered_at=None,
        recorded=None,
        pbx_name=pbx_name,
    )
