"""Where Phonet's manual contradicts itself or is silent: each reading has a name and can be switched on alone."""

from dataclasses import dataclass
from typing import Literal

TimeUnit = Literal["ms", "seconds"]


@dataclass(frozen=True)
class Quirks:
    #: The text promises milliseconds; the examples of the events and of the active calls hold seconds.
    event_times: TimeUnit = "ms"
    history_times: TimeUnit = "ms"
    #: How many more times each event is posted.
    repeats: int = 0
    #: `serverTime` stands in the table of the events and not in their example.
    server_time: bool = True
    #: Whether the call to a department has events of its own beside those of its child legs.
    parent_events: bool = True
    #: Whether the parent is told to be bridged when a child leg is.
    parent_bridges: bool = True
    #: What `company.api` shows of an answered call to a department: the parent, the leg that was answered (as in the
    #: manual's example), or both.
    department_row: Literal["parent", "answerer", "both"] = "parent"
    #: "Other fields may be present; do not use them."
    extra_fields: bool = False
    #: An `audioRecUrl` seen in the field ended in a space.
    audio_url_ends_in_space: bool = False
    #: A row of a call list can be seen only so many seconds after the call is over.
    history_delay: float = 0.0
    #: A recording answers 404 until so many seconds after the call is over.
    recording_delay: float = 0.0
    #: Whether there are `-rx` and `-tx` recordings, a function that a company switches on.
    separate_recordings: bool = True
    #: A session nobody used for so long is stale; None: only `expire_sessions()` ends it.
    session_seconds: float | None = None
