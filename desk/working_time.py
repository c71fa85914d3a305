"""How much of a time is working time: pure arithmetic over `WorkingHours` in a zone, clock changes included.

A minute counts if the local clock shows working hours (`WorkingHours.contains`). So an hour that the clock skips in
spring is not worked, and one that comes twice in autumn is worked twice.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desk.office import WorkingHours

_A_DAY = timedelta(days=1)
#: A stretch of working time, UTC, without its end.
_Stretch = tuple[datetime, datetime]


def worked(hours: WorkingHours, zone: ZoneInfo, start: datetime, end: datetime) -> timedelta:
    """How much working time there is from `start` to `end`; none if `end` is not later."""
    total = timedelta()
    for begins, ends in _stretches(hours, zone, start):
        if begins >= end:
            break
        total += min(ends, end) - begins
    return total


def after(hours: WorkingHours, zone: ZoneInfo, start: datetime, span: timedelta) -> datetime | None:
    """The first moment, UTC, by which `span` of working time has passed since `start`. None if it never has."""
    if span <= timedelta():
        return start
    for begins, ends in _stretches(hours, zone, start):
        if ends - begins >= span:
            return begins + span
        span -= ends - begins
    return None


def _stretches(hours: WorkingHours, zone: ZoneInfo, start: datetime) -> Iterator[_Stretch]:
    """All working time from `start` on, without end; nothing at all where nobody ever works."""
    day = start.astimezone(zone).date()
    while any(hours.spans):
        for begins, ends in _of_day(hours, zone, day):
            if ends > start:
                yield max(begins, start), ends
        day += _A_DAY


def _of_day(hours: WorkingHours, zone: ZoneInfo, day: date) -> Iterator[_Stretch]:
    """The working time of a local day. Between two changes of the clock, local time runs as UTC does."""
    for begins, ends in _even_parts(zone, day):
        midnight = datetime.combine(day, time(), UTC) - _offset(begins, zone)
        for first, last in _merged(hours.spans[day.weekday()]):
            one = max(midnight + timedelta(minutes=first), begins), min(midnight + timedelta(minutes=last), ends)
            if one[0] < one[1]:
                yield one


def _even_parts(zone: ZoneInfo, day: date) -> Iterator[_Stretch]:
    """The local day, in two where the clock changes within it."""
    begins, ends = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + _A_DAY))
    last = ends - timedelta(seconds=1)
    if _offset(begins, zone) == _offset(last, zone):
        yield begins, ends
        return
    before, changed = begins, last
    while changed - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(changed - before) // timedelta(seconds=2))
        before, changed = (middle, changed) if _offset(middle, zone) == _offset(begins, zone) else (before, middle)
    yield begins, changed
    yield changed, ends


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _merged(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Spans that overlap are worked once."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return merged
