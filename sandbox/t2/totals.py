"""`statistics/common`: how its numbers come of the calls. Pure.

The manual doesn't say; its example adds up this way: all 22 = 8 answered + 5 lost + 9 internal, 13 of them
external in three days are 4.33 a day and a 24th of that an hour, 178 s of 8 calls are 22 each on average.
"""

from collections.abc import Iterable

from sandbox.t2.office import OUTGOING, CallRow, Json


def common_totals(rows: Iterable[CallRow], days: int) -> Json:
    """`days` are the calendar days that the asked period touches."""
    calls = list(rows)
    internal = [row for row in calls if row.type == "INTERNAL"]
    external = [row for row in calls if row.type != "INTERNAL"]
    answered = [row for row in external if row.answered]
    multichannel = [row for row in answered if row.type == "MULTI_CHANNEL"]
    clients = {row.client for row in answered}
    per_day = len(external) / days
    return {
        "allCallCount": len(calls),
        "successCallCount": len(answered),
        "outgoingCallCount": sum(row.type in OUTGOING for row in external),
        "lostCallCount": len(external) - len(answered),
        "commonCallDuration": _talk(answered),
        "averageCallDuration": _average(external),
        "maxCallDuration": max((row.talk or 0 for row in answered), default=0),
        "callCountPerDay": per_day,
        "callCountPerHour": per_day / 24,
        "mnAvgCallDuration": _average(multichannel),
        "mnMaxCallDuration": max((row.talk or 0 for row in multichannel), default=0),
        "averageCallCountPerHour": int(per_day / 24),
        "transferCallCount": 0,
        "transferCallDuration": 0,
        "averageTransferCallDuration": 0,
        "hangupACallCount": sum(row.status == "CANCELLED_BY_CALLER" for row in external),
        "hangupBCallCount": sum(row.status == "DESTINATION_BUSY" for row in external),
        "uniqueCallCount": len(clients),
        "redialCount": len(answered) - len(clients),
        "internalCallCount": len(internal),
        "internalCallDuration": _talk(internal),
        "averageInternalCallDuration": _average(internal),
    }


def _talk(rows: list[CallRow]) -> int:
    return sum(row.talk or 0 for row in rows)


def _average(rows: list[CallRow]) -> int:
    return _talk(rows) // len(rows) if rows else 0
