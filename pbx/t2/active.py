"""The calls going on, from a list that flickers: a row may be absent from one reading while its call goes on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pbx.t2.events import DIRECTIONS, Office
from pbx.t2.wire import CurrentCall, Queue
from pbx.vocabulary import ActiveCall, Direction, Stage

#: A call is over after so many absences …
ABSENCES = 2
#: … or when nobody has looked for so long.
FORGOTTEN = timedelta(minutes=1)

#: Rows have no id: the kind, the caller, and which one of theirs it is. The called side may come later.
Key = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Glimpse:
    row: CurrentCall
    seen_at: datetime
    absences: int = 0


class Flicker:
    """What was read last, and what is only absent for the moment."""

    def __init__(self) -> None:
        self._glimpses: dict[Key, Glimpse] = {}

    def steadied(self, rows: Iterable[CurrentCall], now: datetime) -> list[CurrentCall]:
        """The rows of this reading, and those of the last that are absent for the first time."""
        counted: Counter[tuple[str, str]] = Counter()
        fresh: dict[Key, Glimpse] = {}
        for row in rows:
            who = (row.call_type or "", row.caller_number_full or row.caller_number_short or "")
            fresh[(*who, counted[who])] = Glimpse(row, now)
            counted[who] += 1
        for key, old in self._glimpses.items():
            if key not in fresh and old.absences + 1 < ABSENCES and now - old.seen_at < FORGOTTEN:
                fresh[key] = Glimpse(old.row, old.seen_at, old.absences + 1)
        self._glimpses = fresh
        return [glimpse.row for glimpse in fresh.values()]


def active_call(row: CurrentCall, office: Office) -> ActiveCall:
    """A row as our word for it. t2 says neither whether anybody answered nor since when."""
    caller, called = office.number(row.caller_number_full), office.number(row.called_number_full)
    caller_login = office.login(caller) or office.login(office.number(row.caller_number_short))
    called_login = office.login(called) or office.login(office.number(row.called_number_short))
    inside = DIRECTIONS.get(row.call_type or "") is Direction.INTERNAL
    if inside or (caller_login and called_login):
        return ActiveCall(None, client=None, direction=Direction.INTERNAL, employee=caller_login or called_login)
    if caller_login:
        return ActiveCall(None, client=called, direction=Direction.OUT, employee=caller_login, our_number=caller)
    return ActiveCall(None, client=caller, direction=Direction.IN, employee=called_login, our_number=called)


def in_queues(listed: Sequence[ActiveCall], queues: Iterable[Queue], office: Office) -> list[ActiveCall]:
    """The calls, with the queue's name those that wait in one; who waits and has no row is added."""
    waiting = [(office.number(number), queue.queue_name) for queue in queues for number in queue.calls]
    told = []
    for call in listed:
        place = next((one for one in waiting if call.direction is Direction.IN and one[0] == call.client), None)
        if place is not None:
            waiting.remove(place)
            call = replace(call, stage=Stage.RINGING, department=place[1])
        told.append(call)
    return told + [
        ActiveCall(None, client, Direction.IN, Stage.RINGING, department=queue) for client, queue in waiting
    ]
