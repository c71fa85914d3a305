"""The periods people ask about, as moments: days, weeks from Monday, months and typed dates of a time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

#: Days that can be asked about at once: calls are kept for a year by default.
MOST_DAYS = 366
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)


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


@dataclass(frozen=True, slots=True)
class Days:
    """Local days from `first` up to and without `after`; `period` if a word named them."""

    first: date
    after: date
    period: Period | None = None

    @property
    def count(self) -> int:
        return (self.after - self.first).days

    @property
    def last(self) -> date:
        return self.after - A_DAY

    @property
    def is_month(self) -> bool:
        """A whole one of the calendar."""
        return self.first.day == 1 and self.after == _next_month(self.first)

    @property
    def written(self) -> str:
        """Ten characters at most: ``261101+15``. For a button, which means the same days tomorrow: so no words."""
        return f"{self.first:%y%m%d}+{self.count}"

    def span(self, zone: ZoneInfo) -> Span:
        return Span(midnight(self.first, zone), midnight(self.after, zone))


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


_DATE = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\.\d{1,2}(?:\.(?:\d{4}|\d{2}))?"
_DATES = re.compile(rf"({_DATE})(?:(?:\s*[-–—]\s*|\s+)({_DATE}))?")
_WRITTEN = re.compile(r"(\d{6})\+(\d{1,3})")
#: Without a year: the years tried, so that 29 February is found.
_LEAP = 8
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


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


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the local clock shows `at` on that day, UTC: the first time if twice, an hour later if it is skipped."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def named(period: Period, today: date) -> Days:
    return Days(*days(period, today), period)


def read(text: str, today: date) -> Days | None:
    """The days that people mean by a period's word, ``2026-11-01 2026-11-15``, ``1.11-15.11`` or ``1.11.2026``.

    A date without a year is the latest such day; so is the end of a range over New Year, else its end is the first
    one after its start. None for anything else, and for more than `MOST_DAYS` days.
    """
    if period := parse(text):
        return named(period, today)
    match = _DATES.fullmatch(text.strip())
    if not match:
        return None
    one, other = _parts(match[1]), _parts(match[2] or match[1])
    turns_the_year = one[0] is None and other[1:] < one[1:]
    last = _latest(other, today) if other[0] or turns_the_year else None
    first = _latest(one, last or today)
    last = last or (_earliest(other, first) if first else None)
    return _by_its_word(_ranging(first, last), today)


def as_written(text: str, today: date) -> Days | None:
    """What `Days.written` stands for, by its word if it has one today; None if it stands for nothing."""
    match = _WRITTEN.fullmatch(text)
    if not match:
        return None
    try:
        first = datetime.strptime(match[1], "%y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return _by_its_word(_ranging(first, first + timedelta(days=int(match[2]) - 1)), today)


def _by_its_word(found: Days | None, today: date) -> Days | None:
    known = (named(period, today) for period in Period)
    return next((one for one in known if found and (one.first, one.after) == (found.first, found.after)), found)


def _ranging(first: date | None, last: date | None) -> Days | None:
    if first is None or last is None or not timedelta() <= last - first < timedelta(days=MOST_DAYS):
        return None
    return Days(first, last + A_DAY)


#: Year (None if it is left out), month, day.
_Parts = tuple[int | None, int, int]


def _parts(text: str) -> _Parts:
    if "-" in text:
        year, month, day = map(int, text.split("-"))
        return year, month, day
    day, month, *rest = map(int, text.split("."))
    return (rest[0] + 2000 if rest[0] < 100 else rest[0]) if rest else None, month, day


def _latest(parts: _Parts, until: date) -> date | None:
    """The day; without a year the latest one no later than `until`."""
    year, month, day = parts
    if year is not None:
        return _calendar(year, month, day)
    tried = (_calendar(one, month, day) for one in range(until.year, until.year - _LEAP - 1, -1))
    return next((one for one in tried if one and one <= until), None)


def _earliest(parts: _Parts, since: date) -> date | None:
    """The day, which has no year: the first one from `since` on."""
    _, month, day = parts
    tried = (_calendar(one, month, day) for one in range(since.year, since.year + _LEAP + 1))
    return next((one for one in tried if one and one >= since), None)


def _calendar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if _FIRST_YEAR <= year < _LAST_YEAR else None
    except ValueError:
        return None


def compared(asked: Days, now: datetime, zone: ZoneInfo) -> tuple[Span, Span]:
    """The days as far as they have gone at `now`, and the same period before, as far.

    Before a day comes the same weekday of the week before, before a month the month before to the same day, before
    any other so many days the days before.
    """
    whole = asked.span(zone)
    first, after = _before(asked)
    end = max(min(whole.end, now), whole.start)
    if end == whole.end:
        return whole, Span(midnight(first, zone), midnight(after, zone))
    local = end.astimezone(zone)
    then = first + (local.date() - asked.first)
    end_before = moment_of(then, local.time(), zone) if then < after else midnight(after, zone)
    return Span(whole.start, end), Span(midnight(first, zone), end_before)


def _before(asked: Days) -> tuple[date, date]:
    if asked.is_month:
        return (asked.first - A_DAY).replace(day=1), asked.first
    back = A_WEEK if asked.count == 1 else timedelta(days=asked.count)
    return asked.first - back, asked.after - back


def _next_month(first: date) -> date:
    return (first.replace(day=1) + timedelta(days=31)).replace(day=1)
