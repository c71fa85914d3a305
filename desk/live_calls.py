"""Calls that go on: what their events amount to, in whatever order they come. How a call ends, they prove not."""

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from desk.office import Desk
from pbx.vocabulary import Call, CallProgress, Direction, Outcome, Stage
from storage import calls, people
from storage.calls import LiveCall, StoredCall
from storage.database import Tx

#: A call of which nothing was heard for so long is not believed to go on.
LONGEST = timedelta(hours=4)
#: Ids that we made up for calls out of a list that has none begin so.
MADE_UP = "live-"
#: Such a call is found again in the PBX's records by a beginning within so many readings of the list, and this.
ABOUT_THEN = timedelta(minutes=2)
#: The steps at which a call goes on.
GOING_ON = frozenset({Stage.RINGING, Stage.DIALLING, Stage.ANSWERED, Stage.UNKNOWN})


async def told(tx: Tx, pbx_id: str, news: Sequence[tuple[CallProgress, datetime]]) -> list[LiveCall]:
    """What these events, each with its moment, make of their calls: those of which they are news, none of them saved.

    Whoever calls this keeps others from the clients.
    """
    if not news:
        return []
    main = await calls.main_ids(tx, pbx_id, [event.call_id for event, _ in news])
    before = await calls.live_among(tx, pbx_id, main.values())
    over = await calls.written_down(tx, pbx_id, [one for one in main.values() if one not in before])
    employees = await people.employee_names(tx, pbx_id)
    now: dict[str, LiveCall] = {}
    for said, moment in news:
        call_id, event = main[said.call_id], _of_a_person(said, employees)
        known = now.get(call_id) or before.get(call_id)
        if known is None and not _begins(event, call_id, over):
            continue
        live = after(known or _unheard_of(pbx_id, call_id, event, moment), event, moment)
        if known is None or replace(live, at=known.at) != known:
            now[call_id] = live
    return list(now.values())


def _of_a_person(event: CallProgress, employees: Container[str]) -> CallProgress:
    """Some PBXs name a department as if it were an employee: who is not one of them is left out."""
    known = event.employee is None or not employees or event.employee in employees
    return event if known else replace(event, employee=None)


def _begins(event: CallProgress, call_id: str, over: Container[str]) -> bool:
    """Whether a call may begin with this. The end of one comes too late; so does all that is told after its record,
    but for the ringing of its second half, after a transfer.
    """
    if event.stage in (Stage.ENDED, Stage.CANCELLED):
        return False
    second_half = event.call_id != call_id and event.stage is Stage.RINGING
    return second_half or call_id not in over


def _unheard_of(pbx_id: str, call_id: str, event: CallProgress, moment: datetime) -> LiveCall:
    stage = Stage.DIALLING if event.direction is Direction.OUT else Stage.RINGING
    return LiveCall(pbx_id, call_id, event.client, None, stage.value, began_at=moment, at=moment)


def after(live: LiveCall, event: CallProgress, moment: datetime) -> LiveCall:
    """The call as it stands once `event`, which happened at `moment`, is known."""
    filled = replace(
        live,
        client=live.client or event.client,
        direction=_direction(live.direction, event.direction),
        department=live.department or event.department,
        our_number=live.our_number or event.our_number,
        began_at=min(live.began_at, moment),
        at=max(live.at, moment),
    )
    step = _STEPS.get(event.stage)
    return step(filled, event.employee, moment) if step else filled


def _direction(known: str | None, said: Direction | None) -> str | None:
    """The legs of a client's call are internal calls to some PBXs: it is the client's call all the same."""
    return said.value if said and known in (None, Direction.INTERNAL.value) else known


def _rings(live: LiveCall, employee: str | None, moment: datetime) -> LiveCall:
    if live.stage == Stage.ANSWERED and employee in (None, live.employee):
        return live  # told late: it is answered by now
    stage = live.stage if live.stage == Stage.ANSWERED else Stage.RINGING.value
    more = (employee,) if employee and employee not in live.ringing else ()
    return replace(live, stage=stage, ringing=(*live.ringing, *more))


def _is_dialled(live: LiveCall, employee: str | None, moment: datetime) -> LiveCall:
    if live.stage == Stage.ANSWERED:
        return live
    return replace(live, stage=Stage.DIALLING.value, employee=employee or live.employee)


def _is_answered(live: LiveCall, employee: str | None, moment: datetime) -> LiveCall:
    """The phones that rang beside it ring no more; after a transfer, it is the latest who talks."""
    return replace(
        live,
        stage=Stage.ANSWERED.value,
        employee=employee or live.employee,
        ringing=(),
        answered_at=min(live.answered_at or moment, moment),
    )


def _rings_no_more(live: LiveCall, employee: str | None, moment: datetime) -> LiveCall:
    return replace(live, ringing=tuple(one for one in live.ringing if one != employee))


def _has_ended(live: LiveCall, employee: str | None, moment: datetime) -> LiveCall:
    """One phone is put down. The call is over with it if that one talked and nobody else rings."""
    left = _rings_no_more(live, employee, moment)
    talked = employee is None or employee == live.employee
    return replace(left, stage=Stage.ENDED.value) if talked and not left.ringing else left


_STEPS: dict[Stage, Callable[[LiveCall, str | None, datetime], LiveCall]] = {
    Stage.RINGING: _rings,
    Stage.DIALLING: _is_dialled,
    Stage.ANSWERED: _is_answered,
    Stage.CANCELLED: _rings_no_more,
    Stage.ENDED: _has_ended,
}


async def by_another_id(desk: Desk, tx: Tx, stored: StoredCall) -> str:
    """A call is over that did not go on under its id: the one it was known by, and is no more; else its own."""
    pbx_id, call = stored.pbx_id, stored.call
    if not _may_have_another_id(desk, stored):
        return call.id
    within = max(ABOUT_THEN, timedelta(seconds=2 * desk.poll_seconds.get(pbx_id, 0)))
    near = [
        live
        for live in await calls.live_of_client(tx, pbx_id, call.client, call.direction.value)
        if abs(live.began_at - call.started_at) <= within
    ]
    if not near:
        return call.id
    partner = min(near, key=lambda live: abs(live.began_at - call.started_at))
    await calls.forget_live(tx, pbx_id, partner.call_id)
    await calls.add_alias(desk.db, tx, pbx_id, partner.call_id, call.id, call.started_at)
    return partner.call_id


def _may_have_another_id(desk: Desk, stored: StoredCall) -> bool:
    """A list of current calls has no ids, and a history may have others than the events."""
    pbx = desk.pbxes.get(stored.pbx_id)
    return stored.via == "recovered" or bool(pbx and pbx.capabilities.polling)


def as_call(live: LiveCall) -> Call | None:
    """As if it had just ended without an answer: for rules that ask which calls a chat shows. None: between us."""
    if live.direction not in (Direction.IN, Direction.OUT):
        return None
    return Call(
        id=live.call_id,
        direction=Direction(live.direction),
        outcome=Outcome.MISSED,
        client=live.client,
        started_at=live.began_at,
        ended_at=live.began_at,
        our_number=live.our_number,
        department=live.department,
    )


async def one_conversation(desk: Desk, tx: Tx, pbx_id: str, call_id: str, second_id: str) -> LiveCall | None:
    """What was told of `second_id` before anybody knew that it is the call `call_id`; None if that was nothing."""
    half = await calls.live_call(tx, pbx_id, second_id)
    if half is None or second_id == call_id:
        return None
    await calls.forget_live(tx, pbx_id, second_id)
    whole = await calls.live_call(tx, pbx_id, call_id)
    live = replace(half, call_id=call_id) if whole is None else _of_two(whole, half)
    await calls.save_live(desk.db, tx, live)
    return live


def _of_two(whole: LiveCall, half: LiveCall) -> LiveCall:
    """The second half is what goes on; how it all began is the first's."""
    answers = [at for at in (whole.answered_at, half.answered_at) if at]
    return replace(
        half,
        call_id=whole.call_id,
        client=whole.client or half.client,
        direction=whole.direction or half.direction,
        department=whole.department or half.department,
        our_number=whole.our_number or half.our_number,
        began_at=min(whole.began_at, half.began_at),
        answered_at=min(answers, default=None),
    )
