"""Periods as people name them, in zones whose clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import periods
from desk.periods import Days, Period, Span

MOSCOW = ZoneInfo("Europe/Moscow")
KYIV = ZoneInfo("Europe/Kyiv")
#: A Wednesday noon in Moscow.
NOON = datetime(2026, 3, 18, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "period"),
    [
        ("today", Period.TODAY),
        (" Сегодня ", Period.TODAY),
        ("сьогодні", Period.TODAY),
        ("вчера", Period.YESTERDAY),
        ("ВЧОРА", Period.YESTERDAY),
        ("this_week", Period.THIS_WEEK),
        ("this week", Period.THIS_WEEK),
        ("last-week", Period.LAST_WEEK),
        ("прошлая  неделя", Period.LAST_WEEK),
        ("на этой неделе", Period.THIS_WEEK),
        ("минулий місяць", Period.LAST_MONTH),
        ("Last_Month", Period.LAST_MONTH),
        ("tomorrow", None),
        ("", None),
        ("+7 910 123-45-67", None),
    ],
)
def test_a_period_is_understood_in_every_language(words: str, period: Period | None) -> None:
    assert periods.parse(words) is period


@pytest.mark.parametrize(
    ("period", "first", "after"),
    [
        (Period.TODAY, date(2026, 3, 18), date(2026, 3, 19)),
        (Period.YESTERDAY, date(2026, 3, 17), date(2026, 3, 18)),
        (Period.THIS_WEEK, date(2026, 3, 16), date(2026, 3, 23)),
        (Period.LAST_WEEK, date(2026, 3, 9), date(2026, 3, 16)),
        (Period.THIS_MONTH, date(2026, 3, 1), date(2026, 4, 1)),
        (Period.LAST_MONTH, date(2026, 2, 1), date(2026, 3, 1)),
    ],
)
def test_weeks_begin_on_monday_and_months_on_the_first(period: Period, first: date, after: date) -> None:
    assert periods.days(period, date(2026, 3, 18)) == (first, after)


def test_every_month_of_a_year_ends_where_the_next_begins() -> None:
    day, starts = date(2027, 1, 31), []
    for _ in range(12):
        first, after = periods.days(Period.LAST_MONTH, day)
        starts.append(first)
        assert after == day.replace(day=1)
        day = first
    assert len(set(starts)) == 12


def test_a_day_is_the_zones_own() -> None:
    late = datetime(2026, 3, 18, 22, 30, tzinfo=UTC)
    assert periods.span(Period.TODAY, late, MOSCOW) == Span(
        datetime(2026, 3, 18, 21, tzinfo=UTC), datetime(2026, 3, 19, 21, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 1), 24)]
)
def test_a_day_of_a_clock_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=KYIV)
    span = periods.span(Period.TODAY, noon, KYIV)
    assert span.end - span.start == timedelta(hours=hours)
    assert span.start.astimezone(KYIV).date() == day


def test_where_clocks_skip_midnight_the_day_begins_when_they_do() -> None:
    # Cairo's clocks went from 00:00 to 01:00 on Friday 26 April 2024.
    cairo = ZoneInfo("Africa/Cairo")
    span = periods.span(Period.TODAY, datetime(2024, 4, 26, 12, tzinfo=cairo), cairo)
    assert span.start == datetime(2024, 4, 25, 22, tzinfo=UTC)
    assert span.start.astimezone(cairo).hour == 1


SATURDAY = date(2026, 11, 21)


def days(first: date, last: date) -> Days:
    return Days(first, last + timedelta(days=1))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2026-11-01 2026-11-15", days(date(2026, 11, 1), date(2026, 11, 15))),
        ("2026-11-01-2026-11-15", days(date(2026, 11, 1), date(2026, 11, 15))),
        ("1.11-15.11", days(date(2026, 11, 1), date(2026, 11, 15))),
        ("1.11 – 15.11.26", days(date(2026, 11, 1), date(2026, 11, 15))),
        ("1.11-30.11", Days(date(2026, 11, 1), date(2026, 12, 1), Period.THIS_MONTH)),
        ("1.12", days(date(2025, 12, 1), date(2025, 12, 1))),
        ("29.2", days(date(2024, 2, 29), date(2024, 2, 29))),
        ("25.12-5.1", days(date(2025, 12, 25), date(2026, 1, 5))),
        ("31.12.2025-2.1", days(date(2025, 12, 31), date(2026, 1, 2))),
        ("this week", Days(date(2026, 11, 16), date(2026, 11, 23), Period.THIS_WEEK)),
        ("15.11.2026-1.11.2026", None),
        ("31.2", None),
        ("30.2-1.3", None),
        ("0.0", None),
        ("1.1.9999", None),
        ("0001-01-01", None),
        ("2025-01-01 2026-11-01", None),
        ("1.11-", None),
        ("someday", None),
    ],
)
def test_days_as_people_type_them(typed: str, meant: Days | None) -> None:
    assert periods.read(typed, SATURDAY) == meant
    if meant:
        assert periods.as_written(meant.written, SATURDAY) == meant
        assert len(meant.written) <= 10


def moscow(day: int, hour: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=MOSCOW).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "now", "so_far", "before"),
    [
        ("today", moscow(18, 12), (moscow(18), moscow(18, 12)), (moscow(11), moscow(11, 12))),
        ("yesterday", moscow(18, 12), (moscow(17), moscow(18)), (moscow(10), moscow(11))),
        ("this_week", moscow(18, 12), (moscow(16), moscow(18, 12)), (moscow(9), moscow(11, 12))),
        ("last_week", moscow(18, 12), (moscow(9), moscow(16)), (moscow(2), moscow(9))),
        ("this_month", moscow(18, 12), (moscow(1), moscow(18, 12)), (moscow(1, 0, 2), moscow(18, 12, 2))),
        # February has no 31st: the whole of it.
        ("this_month", moscow(31, 12), (moscow(1), moscow(31, 12)), (moscow(1, 0, 2), moscow(1))),
        ("last_month", moscow(1, 12, 4), (moscow(1), moscow(1, 0, 4)), (moscow(1, 0, 2), moscow(1))),
        ("10.3-12.3", moscow(18), (moscow(10), moscow(13)), (moscow(7), moscow(10))),
        # Not begun yet.
        ("2026-03-20", moscow(18), (moscow(20), moscow(20)), (moscow(13), moscow(13))),
    ],
)
def test_what_a_period_is_compared_with(
    asked: str, now: datetime, so_far: tuple[datetime, datetime], before: tuple[datetime, datetime]
) -> None:
    meant = periods.read(asked, now.astimezone(MOSCOW).date())
    assert meant
    assert periods.compared(meant, now, MOSCOW) == (Span(*so_far), Span(*before))


def test_the_same_time_a_week_ago_is_by_the_local_clock() -> None:
    """Kyiv's clocks went forward on 29 March, an hour of which is no difference in the day."""
    now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    today = periods.named(Period.TODAY, date(2026, 3, 31))
    _, before = periods.compared(today, now, KYIV)
    assert before == Span(datetime(2026, 3, 23, 22, tzinfo=UTC), datetime(2026, 3, 24, 17, tzinfo=UTC))
