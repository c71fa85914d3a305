"""What a client's calls amount to: pure decisions about cases, with no clock, network or database in them.

A case is what we owe one client at one PBX: missed calls that nothing has closed yet. An answered call closes what
was missed before it was answered, through whatever PBX. Any order and any repetition of the news ends in the same
stories.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pbx.vocabulary import Direction, Followup
from storage.calls import StoredCall


class State(StrEnum):
    """Where a case stands; the first four are VATS's own."""

    NOT_RETURNED = "not_returned"
    NOT_REACHED = "not_reached"
    RETURNED = "returned"
    REACHED_US = "reached_us"
    HANDLED = "handled"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        return self in (State.NOT_RETURNED, State.NOT_REACHED)


#: What the PBX's own book-keeping says, where the call that closed a case is not in ours.
_BY_FOLLOWUP = {Followup.RETURNED: State.RETURNED, Followup.REACHED_US: State.REACHED_US}


@dataclass(frozen=True, slots=True)
class Ending:
    """A case closed otherwise than by a call: by hand, or by time."""

    at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Story:
    """One case's calls and how it stands."""

    missed: tuple[StoredCall, ...]
    attempts: tuple[StoredCall, ...] = ()
    state: State = State.NOT_RETURNED
    closed_at: datetime | None = None
    """None for a closed one too, where only the PBX's book-keeping says that it is closed."""
    closing: StoredCall | None = None

    @property
    def calls(self) -> tuple[StoredCall, ...]:
        """All but the one that closed it."""
        return (*self.missed, *self.attempts)

    @property
    def is_recovered(self) -> bool:
        """Whether one of its missed calls had to be read back."""
        return any(call.via == "recovered" for call in self.missed)

    @property
    def last_missed(self) -> StoredCall:
        return self.missed[-1]


@dataclass(slots=True)
class _Teller:
    """Tells the stories one after the other; `current` is the one not closed yet."""

    told: list[Story] = field(default_factory=list)
    current: Story | None = None

    def missed(self, call: StoredCall) -> None:
        # Where the PBX says of both that they were returned, one return may have been for both.
        if self.current and _over_by_followup(self.current) and call.call.followup not in _BY_FOLLOWUP:
            self._close(_BY_FOLLOWUP[_followup(self.current)], None)
        self.current = replace(self.current, missed=(*self.current.missed, call)) if self.current else Story((call,))

    def attempted(self, call: StoredCall) -> None:
        if self.current:
            self.current = replace(self.current, attempts=(*self.current.attempts, call), state=State.NOT_REACHED)

    def answered(self, call: StoredCall) -> None:
        state = State.REACHED_US if call.call.direction is Direction.IN else State.RETURNED
        self._close(state, call.call.answered_at or call.call.started_at, call)

    def ended(self, ending: Ending) -> None:
        self._close(ending.state, ending.at)

    def finish(self) -> list[Story]:
        if self.current and _over_by_followup(self.current):
            self._close(_BY_FOLLOWUP[_followup(self.current)], None)
        if self.current and _followup(self.current) is Followup.NOT_REACHED:
            self.current = replace(self.current, state=State.NOT_REACHED)
        return [*self.told, self.current] if self.current else self.told

    def _close(self, state: State, at: datetime | None, closing: StoredCall | None = None) -> None:
        if self.current:
            self.told.append(replace(self.current, state=state, closed_at=at, closing=closing))
            self.current = None


def stories(calls: Iterable[StoredCall], pbx_id: str, endings: Sequence[Ending] = ()) -> list[Story]:
    """The cases that these calls with one client amount to at one PBX, oldest first; the last one may be open."""
    teller = _Teller()
    steps = [step for call in calls if (step := _step(call, pbx_id))]
    steps += [(ending.at, 3, str(ending.state), ending) for ending in endings]
    for _, _, _, what in sorted(steps, key=lambda step: step[:3]):
        match what:
            case Ending():
                teller.ended(what)
            case StoredCall(call=call) if call.is_missed:
                teller.missed(what)
            case StoredCall(call=call) if call.is_answered:
                teller.answered(what)
            case _:
                teller.attempted(what)
    return teller.finish()


def _step(stored: StoredCall, pbx_id: str) -> tuple[datetime, int, str, StoredCall | Ending] | None:
    """When the call counts, and before what else at the same moment; None if it says nothing about cases."""
    call = stored.call
    if call.is_missed:
        return (call.missed_at, 0, call.id, stored) if stored.pbx_id == pbx_id else None
    if call.is_answered and call.direction is not Direction.INTERNAL:
        return (call.answered_at or call.started_at, 2, call.id, stored)
    if call.direction is Direction.OUT:
        return (call.ended_at, 1, call.id, stored)
    return None


def _followup(story: Story) -> Followup:
    return story.last_missed.call.followup or Followup.NOT_RETURNED


def _over_by_followup(story: Story) -> bool:
    return _followup(story) in _BY_FOLLOWUP
