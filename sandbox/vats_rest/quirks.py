"""How this PBX differs from its own manual: each difference has a name and can be switched on alone."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Quirks:
    #: The manual's own examples leave out fields that its tables require: `diversion` in history,
    #: `direction` and `diversion` in event, `destination` and `telnum_name` in the export.
    omit_optional: bool = False
    #: A live history: only cmd, status, callid, phone, groupRealName, wait, duration.
    minimal_history: bool = False
    #: "Success" in the table, "SUCCESS" in the example, "missed" on a live line.
    status_case: Literal["table", "upper", "lower"] = "table"
    #: What `user` holds when a department missed the call; live systems send "pbx".
    department_user: str = ""
    #: ACCEPTED, COMPLETED and CANCELLED arrive after history.
    events_after_history: bool = False
    #: A row of the export can be seen only so many seconds after the call is over.
    export_delay: float = 0.0
    #: `wait` and `missedStatus` in the history webhook: no table has them, running systems send them.
    field_extras: bool = True
    #: A recording answers 404 until so many seconds after the call is over.
    recording_delay: float = 0.0
    #: Recordings want the API key as everything else does.
    recording_needs_key: bool = False
