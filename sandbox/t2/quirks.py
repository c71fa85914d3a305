"""Where t2's manual and its running systems differ: each difference has a name and can be switched on alone."""

from dataclasses import dataclass
from typing import Literal

#: How often the slash of a `filename` has to be percent-encoded.
Slash = Literal["once", "twice", "either"]


@dataclass(frozen=True)
class Quirks:
    #: A call under way is left out of every other answer of `monitoring/calls`.
    flickering_calls: bool = False
    #: `call-records/info` answers {"content": […]} instead of a bare array.
    wrapped_records: bool = False
    #: Its `callTimestamp`: ISO 8601 with `Z`, or seconds since 1970.
    record_time: Literal["utc", "epoch"] = "utc"
    #: Its rows carry a `uuid`; the documented ones have no id of any kind.
    record_uuid: bool = False
    #: Its rows carry `date` with the local offset, the field that the default order names and no example shows.
    record_date: bool = False
    #: The manual: "an empty value" for calls nobody recorded, without saying which.
    no_recording: Literal["empty", "null", "absent"] = "empty"
    #: … and then its example shows an unanswered call with a `recordFileName`.
    unanswered_recorded: bool = False
    #: Seconds after a call's end before its row is in `call-records/info`, in `statistics/missing`, its file there.
    records_late: float = 0.0
    missing_late: float = 0.0
    recordings_late: float = 0.0
    #: `statistics/missing` of a call that rang nobody. The example: the multichannel number again, the name " ",
    #: `calleeCompanyId`. The table: an empty number and name, `callerCompanyId`.
    missing_rows: Literal["example", "table"] = "example"
    #: The example's rows stand newest first although it asks for `sort=startDate` without a direction.
    missing_newest_first: bool = False
    #: The example of `file` encodes the slash once, that of `file/stt` twice.
    file_slash: Slash = "once"
    stt_slash: Slash = "twice"
    #: SUCCESS and the like as JSON strings.
    quoted_words: bool = False
    #: Errors as {"timestamp", "status", "error", "path"} instead of {"details", "message"}.
    framework_errors: bool = False
    #: The gateway answers 406 when the User-Agent contains one of these.
    refused_agents: tuple[str, ...] = ()
