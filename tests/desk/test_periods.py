"""Periods as people name them, in zones whose clocks change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desk import periods
from desk.periods import Period, Span

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
