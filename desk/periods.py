"""The periods people ask about, as moments: days, weeks from Monday and months of a time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Period(StrEnum):
    """The words of `/history` and `/summary`."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"


@dataclass(frozen=True, slots=True)
class Span:
    """[start, end), UTC."""

    start: datetime
    end: datetime


#: What people type, spaces and dashes read as underscores.
_WORDS = {
    Period.TODAY: ("today", "сегодня", "сьогодні"),
    Period.YESTERDAY: ("yesterday", "вчера", "вчора", "учора"),
    Period.THIS_WEEK: ("this_week", "week", "неделя", "эта_неделя", "на_этой_неделе", "тиждень", "цей_тиждень"),
    Period.LAST_WEEK: ("last_week", "прошлая_неделя", "на_прошлой_неделе", "минулий_тиждень"),
    Period.THIS_MONTH: ("this_month", "month", "месяц", "этот_месяц", "в_этом_месяце", "місяць", "цей_місяць"),
    Period.LAST_MONTH: ("last_month", "прошлый_месяц", "в_прошлом_месяце", "минулий_місяць"),
}
_BY_WORD = {word: period for period, words in _WORDS.items() for word in words}


def parse(text: str) -> Period | None:
    """The period that `text` names, in any of our languages."""
    return _BY_WORD.get(re.sub(r"[\s_-]+", "_", text.strip().casefold()))


def days(period: Period, today: date) -> tuple[date, date]:
    """The first day of the period, and the first after it."""
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    match period:
        case Period.TODAY:
            return today, today + timedelta(days=1)
        case Period.YESTERDAY:
            return today - timedelta(days=1), today
        case Period.THIS_WEEK:
            return monday, monday + timedelta(days=7)
        case Period.LAST_WEEK:
            return monday - timedelta(days=7), monday
        case Period.THIS_MONTH:
            return month, (month + timedelta(days=31)).replace(day=1)
        case Period.LAST_MONTH:
            return (month - timedelta(days=1)).replace(day=1), month


def span(period: Period, now: datetime, zone: ZoneInfo) -> Span:
    """The period as seen at `now` in `zone`. A day of a clock change is 23 or 25 hours long."""
    first, after = days(period, now.astimezone(zone).date())
    return Span(midnight(first, zone), midnight(after, zone))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC moment at which the local day begins: where clocks skip midnight, the moment they do."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
