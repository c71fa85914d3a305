"""Until when: spans and times of day as people type them: ``45m``, ``1h30m``, ``until 18:00``, ``2ч``, ``до 18``."""

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: For longer there is "on", without an end.
LONGEST = timedelta(days=31)

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), _MINUTE),
    **dict.fromkeys(("м", "мин", "минута", "минуту", "минуты", "минут"), _MINUTE),
    **dict.fromkeys(("хв", "хвилина", "хвилину", "хвилини", "хвилин"), _MINUTE),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), _HOUR),
    **dict.fromkeys(("ч", "час", "часа", "часов"), _HOUR),
    **dict.fromkeys(("г", "год", "година", "годину", "години", "годин"), _HOUR),  # Ukrainian for "hour"
    **dict.fromkeys(("d", "day", "days"), _DAY),
    **dict.fromkeys(("д", "дн", "день", "дня", "дней", "дні", "днів"), _DAY),
}
_PART = re.compile(r"(\d{1,5})\s*([^\W\d_]+)\.?\s*")
_SPAN = re.compile(rf"(?:for\s+|на\s+)?((?:{_PART.pattern})+)", re.IGNORECASE)
_TIME = re.compile(r"(?:(?P<until>until|till|до)\s*)?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?", re.IGNORECASE)


class Unclear(ValueError):
    """Neither a span nor a time of day."""


class TooLong(ValueError):
    """A span over `LONGEST`."""


def until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The UTC moment `text` means. A time of day that is past means tomorrow's. Raises `Unclear`, `TooLong`."""
    text = text.strip()
    span = _SPAN.fullmatch(text)
    if span:
        return now + _length(span[1])
    at = _TIME.fullmatch(text)
    if at and (at["until"] or at["minute"]):
        return _next(int(at["hour"]), int(at["minute"] or 0), now, zone)
    raise Unclear(text)


def end_of_day(now: datetime, zone: ZoneInfo) -> datetime:
    """The next local midnight, in UTC."""
    return _next(24, 0, now, zone)


def _length(parts: str) -> timedelta:
    length = timedelta()
    for number, unit in _PART.findall(parts):
        known = _UNITS.get(unit.casefold())
        if known is None:
            raise Unclear(parts)
        length += int(number) * known
    if not length:
        raise Unclear(parts)
    if length > LONGEST:
        raise TooLong(parts)
    return length


def _next(hour: int, minute: int, now: datetime, zone: ZoneInfo) -> datetime:
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise Unclear(f"{hour}:{minute:02}")
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=day) for day in (0, 1)]
    moments = [datetime.combine(day, time(hour % 24, minute), tzinfo=zone).astimezone(UTC) for day in days]
    return next(moment for moment in moments if moment > now)
